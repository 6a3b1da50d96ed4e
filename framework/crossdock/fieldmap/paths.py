"""Reaching a value in a row: a column by position, a key, or a JMESPath expression."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import groupby
from typing import Any

from crossdock.fieldmap.declare import FieldMap, FieldMapError, Table
from crossdock.fieldmap.hub import CODE_FIELD

PLAIN_KEY = re.compile(r"[\w @\-]+")


def _compiled(path: str) -> Any:
    import jmespath  # noqa: PLC0415  # only maps with nested paths need it

    try:
        return jmespath.compile(path)
    except jmespath.exceptions.JMESPathError as error:
        message = f"not a path: {path!r}: {error}"
        raise FieldMapError(message) from error


class Access:
    """Writes the expression that reads a column or path out of a row `r`."""

    def __init__(self, columns: tuple[str, ...] | None) -> None:
        """Takes the names of a row's values, None where rows are mappings."""
        self.columns = columns
        self.names: dict[str, Any] = {}
        self._positions = {name: number for number, name in enumerate(columns or ())}

    def expression(self, column: str) -> str:
        """Gives Python source for the value.

        Raises:
            FieldMapError: the rows have no such column.
        """
        if self.columns is not None:
            return f"r[{self.position(column)}]"
        if PLAIN_KEY.fullmatch(column):
            return f"r.get({column!r})"
        name = f"path{len(self.names)}"
        self.names[name] = _compiled(column).search
        return f"{name}(r)"

    def has_all(self, columns: Iterable[str]) -> bool:
        """Says whether the rows have the columns; of mappings and prefixes nothing is known beforehand."""
        if self.columns is None:
            return True
        there = {name.casefold() for name in self.columns}
        return all(column.endswith("*") or column.casefold() in there for column in columns)

    def position(self, column: str) -> int:
        """Finds a column by its name, then by its name in any case.

        Raises:
            FieldMapError: the rows have no such column; the message names the nearest.
        """
        found = self._positions.get(column)
        if found is None:
            found = {name.casefold(): number for name, number in self._positions.items()}.get(column.casefold())
        if found is not None:
            return found
        near = get_close_matches(column, self._positions, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(self._positions)}"
        message = f"the source gives no column {column!r}; {hint}"
        raise FieldMapError(message)

    def value(self, row: Any, column: str) -> Any:
        """Reads one value directly."""
        if self.columns is not None:
            return row[self.position(column)]
        return row.get(column) if PLAIN_KEY.fullmatch(column) else _compiled(column).search(row)

    def hashed(self, fieldmap: FieldMap) -> str:
        """Gives source for what of a row counts: all but its identity and when it changed, unless they are mapped."""
        source = fieldmap.source
        if self.columns is None:
            return f"without_key(r, {source.key!r})" if source.key and PLAIN_KEY.fullmatch(source.key) else "r"
        mapped = {column for one in fieldmap.fields for column in one.columns}
        spare = {source.key, source.changed if isinstance(source, Table) else None} - mapped
        counted = [name not in spare for name in self.columns]
        if all(counted):
            return "r"
        return " + ".join(f"r[{start}:{end}]" for start, end in _runs(counted)) or "()"


def _runs(counted: Iterable[bool]) -> Iterator[tuple[int, int]]:
    """Gives where each run of what counts begins and ends."""
    end = 0
    for counts, run in groupby(counted):
        start, end = end, end + len(list(run))
        if counts:
            yield start, end


def key_of(fieldmap: FieldMap, access: Access) -> str | None:
    """Gives source for a row's identity, None where its code is the identity."""
    key = fieldmap.source.key
    code = fieldmap.field(CODE_FIELD[fieldmap.stream])
    if key is None or (code is not None and code.columns == (key,)):
        return None
    if access.columns is not None and isinstance(fieldmap.source, Table) and key not in access.columns:
        return None
    return access.expression(key)


def rows_inside(rows: Iterable[Mapping[str, Any]], each: str) -> Sequence[Mapping[str, Any]]:
    """Gives the objects of a list inside each row, with the enclosing object as `parent`."""
    search = _compiled(each).search
    found: list[Mapping[str, Any]] = []
    for row in rows:
        inner = search(row)
        if not isinstance(inner, list):
            found.append({"parent": row})
            continue
        found.extend(
            {**one, "parent": row} if isinstance(one, dict) else {"value": one, "parent": row} for one in inner
        )
    return found


def without_key(row: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Gives a row without its identity, which may move while the row stays the same (a line of a file)."""
    return {name: value for name, value in row.items() if name != key}
