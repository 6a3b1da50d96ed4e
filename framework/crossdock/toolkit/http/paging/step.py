"""One step of a paged read: the next call to make, and how it is kept as a cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError
from crossdock.fieldmap import FieldMapError
from crossdock.toolkit.http.answers import Reply

Value = str | int | float | bool


class Step(Struct, frozen=True, omit_defaults=True):
    """The next call of a read; all that is needed to make it is in here, so it is the place to go on from."""

    params: dict[str, Value] = {}
    """Added to the read's own query."""
    link: str | None = None
    """Whole address in place of the read's path and query, as the last answer gave it. None: there is none."""
    count: int = 0
    """Rows given before it, where the paging counts them."""


@dataclass(frozen=True)
class Answer:
    """One page as it came."""

    reply: Reply
    """Status, headers and body."""
    body: Any
    """The decoded body."""
    rows: Sequence[Any]
    """Its rows."""
    size: int
    """Rows that were asked for."""

    def at(self, path: str) -> Any:  # whatever the other system says
        """Gives the value at a path (JMESPath) of the body, None where there is none."""
        return value_at(self.body, path)


class Paging(Protocol):
    """How a system cuts what it has into pages; pure data."""

    def first(self, size: int) -> Step:
        """Gives the first step of a read with so many rows a page."""
        ...

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Gives the step after an answer, None where that was the last page."""
        ...


def value_at(body: Any, path: str) -> Any:  # whatever the other system says
    """Gives the value at a path (JMESPath), None where there is none.

    Raises:
        FieldMapError: it is not a path.
    """
    import jmespath  # noqa: PLC0415  # loads with a session

    if isinstance(body, Mapping) and path in body:
        return body[path]
    try:
        return jmespath.search(path, body)
    except jmespath.exceptions.JMESPathError as error:
        message = f"not a path: {path!r}: {error}"
        raise FieldMapError(message) from error


def whole_number(found: Any, path: str) -> int:
    """Gives a count that an answer tells.

    Raises:
        ConfigError: it tells none there.
    """
    try:
        return int(found)
    except (TypeError, ValueError) as error:
        message = f"the answer has no number at {path!r}: the plugin's paging does not fit this system"
        raise ConfigError(message) from error


def read_step(text: str) -> Step:
    """Reads a step out of a cursor.

    Raises:
        ConfigError: it was written by something else.
    """
    try:
        return msgspec.json.decode(text, type=Step)
    except msgspec.MsgspecError as error:
        message = f"the place to go on from cannot be read: {text[:80]!r}; read in full once (sync --full)"
        raise ConfigError(message) from error
