"""Many rows at once, past wire and T-SQL, for tests that need a large table quickly."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.catalogue import Column, Table
from crossdock.testing.sqlserver.kinds import Kind
from crossdock.testing.sqlserver.session import Session
from crossdock.testing.sqlserver.storing import stored_in
from crossdock.testing.sqlserver.writing_rows import complete

_AT_ONCE = 1000


class Loader:
    """Puts rows into one table."""

    def __init__(self, session: Session, table: Table, names: Sequence[str]) -> None:
        """Takes the table and which of its columns values are given for.

        Raises:
            SqlError: 207, no such column.
        """
        self.session, self.table = session, table
        self.given = [_column(table, name) for name in names]
        self._places = [
            next((at for at, one in enumerate(self.given) if one is column), None) for column in table.columns
        ]

    def load(self, rows: Iterable[Sequence[Any]]) -> int:
        """Loads all rows and gives how many.

        Raises:
            SqlError: a value does not fit.
        """
        marks = ", ".join("?" for _ in self.table.columns)
        sql = f'INSERT INTO "{self.table.stored_as}" VALUES ({marks})'  # noqa: S608  # a name of the catalogue
        made, count = self._made(iter(rows)), 0
        while some := list(islice(made, _AT_ONCE)):
            self.session.change_many(sql, some)
            count += len(some)
        return count

    def _made(self, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        every_given = all(place is not None for place in self._places)
        for row in rows:
            fitted = [self._fitted(value, column) for value, column in zip(row, self.given, strict=True)]
            yield (
                [fitted[place] for place in self._places if place is not None]
                if every_given
                else complete(self.session, self.table, self.given, fitted)
            )

    def _fitted(self, value: Any, column: Column) -> Any:
        kind = column.kind
        if value is None:
            if not column.nullable:
                raise errors.null_refused(column.name, self.table.name, "INSERT")
            return None
        if isinstance(value, bool):
            value = int(value)
        if type(value) is int and kind.family == "int":
            return value
        if type(value) is float and kind.name == "float":
            return value
        if (
            type(value) is str
            and kind.name in {"nvarchar", "varchar"}
            and value.isascii()
            and 0 <= len(value) <= kind.length
        ):
            return value
        return stored_in(value, kind_of_value(value), kind, self.table.name, column.name)


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise errors.no_column(name)
    return column


def kind_of_value(value: Any) -> Kind:
    """Gives the type that a Python value is taken for."""
    if isinstance(value, Decimal):
        return Kind("decimal", precision=38, scale=max(-int(value.as_tuple().exponent), 0))
    if isinstance(value, bytes):
        return Kind("varbinary", max(len(value), 1))
    return _PLAIN[type(value)](value)


_PLAIN: dict[type, Callable[[Any], Kind]] = {
    int: lambda _: Kind("bigint"),
    float: lambda _: Kind("float"),
    str: lambda value: Kind("nvarchar", max(len(value), 1)),
}
