"""What a statement gives back, before it is written to the wire."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crossdock.testing.sqlserver.kinds import Kind
from crossdock.testing.sqlserver.tokens import DONE, ColumnInfo


class Value(NamedTuple):
    """A parameter or variable: its type and what it holds, as kept."""

    kind: Kind
    value: Any


@dataclass
class Result:
    """One result of a batch."""

    command: int = 0
    """The wire's number of the kind of statement."""
    columns: Sequence[ColumnInfo] | None = None
    """None for a statement that gives no rows."""
    rows: Iterator[Sequence[Any]] | None = None
    count: int | None = None
    """Rows written; None where nothing is counted. Those read are counted as they pass."""
    notes: bytes = b""
    """Tokens before the DONE: changes of the environment, messages, return values."""
    code: int = DONE
    """Which DONE ends it."""


def rows_of(columns: Sequence[ColumnInfo], rows: Sequence[Sequence[Any]], code: int) -> Result:
    """Gives rows that are there already."""
    return Result(0xC1, columns, iter(rows), code=code)
