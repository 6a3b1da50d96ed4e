"""Rows of a stored procedure, or of a query that cannot be cut into pages: one statement, read as it comes.

What that costs: the transaction lasts as long as the reading does, a read that breaks off begins again from the
first row, and every read is a full one.
"""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import text

from crossdock.contract import ConfigError, Read, Rows
from crossdock.fieldmap import Table
from crossdock.fieldmap.hub import CODE_FIELD
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import describe

NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*){0,2}")


def read_stream(session: SqlSession, read: Read) -> Iterator[Rows]:
    """Calls the procedure, or runs the query, and gives the rows a page at a time, without cursors.

    A procedure is never parsed: the read-only session or the roll-back at its end is what keeps it from writing, and
    one that commits by itself is kept by the login's rights alone (observed on MariaDB 10.11).

    Args:
        session: an open session.
        read: what to read; with `codes`, all rows are read and the others left out.

    Raises:
        ConfigError: its name is none, it gives no rows, or the database has no such procedures.
        TransientError: worth trying again.
    """
    source = read.fields.source
    assert isinstance(source, Table)  # noqa: S101  # the caller asked
    statement, values = _call(session, source) if source.procedure else (_query(session, source), {})
    if read.fields.lists:
        message = f"{describe(source)} is read in one stream, and child tables need pages: leave `lists` out"
        raise ConfigError(message)
    left = read.limit
    for names, rows in session.stream(statement, values, size=read.page_size):
        page = rows if read.codes is None else _among(rows, names, source, read)
        page = page if left is None else page[:left]
        if page:
            yield Rows(page, None, names)
        left = None if left is None else left - len(page)
        if left == 0:
            return


def _query(session: SqlSession, source: Table) -> Any:
    from crossdock.toolkit.sql.guard import guard_select  # noqa: PLC0415  # loads its parser, for queries only

    return text(guard_select(source.query or "", session.dialect.grammar).replace(":", r"\:"))


def _call(session: SqlSession, source: Table) -> tuple[Any, dict[str, Any]]:
    procedure = source.procedure or ""
    if not NAME.fullmatch(procedure):
        message = f"`procedure` must be a name such as dbo.GetItems, without brackets; {procedure!r} is none"
        raise ConfigError(message)
    quote = session.connection.dialect.identifier_preparer.quote_identifier
    quoted = ".".join(map(quote, procedure.split(".")))
    values = {f"p{number}": value for number, value in enumerate(source.arguments)}
    return text(session.dialect.call(quoted, len(values))), values


def _among(rows: list[tuple[Any, ...]], names: tuple[str, ...], source: Table, read: Read) -> list[tuple[Any, ...]]:
    """Keeps the rows of the wanted items."""
    field = read.fields.field(CODE_FIELD[read.fields.stream])
    column = field.columns[0] if field is not None and field.columns else ""
    if column not in names:
        known = ", ".join(names)
        message = f"{describe(source)} gives no column {column!r} for the code; there are: {known}"
        raise ConfigError(message)
    place, wanted = names.index(column), {str(one) for one in read.codes or ()}
    return [row for row in rows if str(row[place]) in wanted]
