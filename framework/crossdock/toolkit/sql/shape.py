"""What a field map asks of a table or query: which columns, in which order, and whether they are there."""

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Executable, FromClause, column, false, literal_column, select, table, text
from sqlalchemy.sql import quoted_name

from crossdock.contract import ConfigError, CrossdockError
from crossdock.fieldmap import FieldMap, Many, Table
from crossdock.fieldmap.hub import CODE_FIELD
from crossdock.toolkit.sql.naming import parted
from crossdock.toolkit.sql.session import SqlSession

HOISTED = "crossdock_query"
"""Name of a query that stands among its own WITH's tables: none of an operator's."""


class Shape(Struct, frozen=True):
    """A table or query as one map reads it."""

    name: str
    """How messages call it."""
    columns: tuple[str, ...]
    """Mapped columns in the order of the map, then those that lists refer to, then the key, then the change column,
    each once."""
    key: str
    """Column that pages are cut by."""
    changed: str | None
    """Column that grows with every change. None: there is none, or a child table has none, so every read is full."""
    code: str | None
    """Column of the item's native code. None: the map has no single one."""
    lists: tuple[Many, ...] = ()
    """Open lists from child tables, which are as the map says."""


def named(name: str) -> quoted_name:
    """Gives an identifier that is always quoted, so that it means what the operator wrote."""
    return quoted_name(name, quote=True)


def clause(session: SqlSession, source: Table) -> FromClause:
    """Gives the table, or the guarded query in brackets, to select from.

    Raises:
        ConfigError: neither is named, or the query is refused.
    """
    if source.query:
        from crossdock.toolkit.sql.guard import guard_select  # noqa: PLC0415  # loads its parser, for queries only

        query = guard_select(source.query, session.dialect.grammar)
        if session.dialect.hoists_with and (hoisted := _hoisted(session, query)) is not None:
            return hoisted
        # The line break ends a comment at the query's end; text() would take a colon for a parameter.
        return text(query.replace(":", r"\:") + "\n").columns().subquery("q")
    if not source.name:
        message = "neither `table` nor `query` says where the rows are: give one of them"
        raise ConfigError(message)
    schema, name = parted(source.name)
    return table(named(name), schema=named(schema) if schema else None)


def _hoisted(session: SqlSession, query: str) -> FromClause | None:
    """Gives what stands for a query whose WITH goes before the whole statement; None: it has none."""
    from crossdock.toolkit.sql.hoisting import part_with  # noqa: PLC0415  # loads the parser, for queries only

    tables, body = part_with(query, session.dialect.grammar)
    if not tables:
        return None
    element = table(HOISTED)
    session.withs[element] = f"{tables.rstrip()}, {HOISTED} AS (\n{body}\n) "
    return element


def exact_stamp(session: SqlSession, source: Table, name: str) -> ColumnElement[Any] | None:
    """Gives a change column in a form that comes back without loss, None where it does as it is."""
    columns_of(session, source)
    plain: ColumnElement[Any] = column(named(name))
    form = session.dialect.exact(plain) if name.lower() in session.moments[source] else plain
    return None if form is plain else form


def columns_of(session: SqlSession, source: Table) -> tuple[str, ...]:
    """Gives the real columns of a table or query, asked once a session, in their order.

    Raises:
        ConfigError: it is not there, or two columns have one name; the message suggests the nearest.
    """
    if source not in session.shapes:
        statement: Executable = select(literal_column("*")).select_from(clause(session, source)).where(false())
        try:
            names, moments = session.describe(statement)
        except ConfigError as error:
            _explain_missing_table(session, source, error)
            raise
        session.shapes[source], session.moments[source] = names, moments
    return session.shapes[source]


def shape_of(session: SqlSession, fields: FieldMap) -> Shape:
    """Finds out what a map selects.

    Raises:
        ConfigError: a table or column is not there, there is no key, or the map asks for what a SQL source has not.
    """
    source = fields.source
    if not isinstance(source, Table):
        message = f"{fields.stream}: the field map is for nested records; a SQL source needs `table` or `query`"
        raise ConfigError(message)
    real, name = columns_of(session, source), describe(source)
    code = fields.field(CODE_FIELD[fields.stream])
    native = code.columns[0] if code and len(code.columns) == 1 else None
    key = source.key or native
    if key is None:
        message = f"{fields.stream}: {name} has no `key`: name the column that is unique and can be ordered by"
        raise ConfigError(message)
    wanted = [one for field in fields.fields for asked in field.columns for one in _expanded(asked, real, name)]
    ends = [one for one in (*(many.parent_key for many in fields.lists), key, source.changed) if one]
    columns = tuple(dict.fromkeys([*wanted, *ends]))
    for one in columns:
        _check_column(one, real, name, folds_case=session.dialect.folds_case)
    for many in fields.lists:
        _check_list(session, many)
    return Shape(name, columns, key, source.changed if fields.is_incremental else None, native, tuple(fields.lists))


def _check_list(session: SqlSession, many: Many) -> None:
    """Makes sure that a child table has the columns that a list asks for."""
    real, name = columns_of(session, many.table), f"{many.hub}: {describe(many.table)}"
    for one in (many.parent, *many.columns, many.table.key, many.table.changed):
        if one is not None:
            _check_column(one, real, name, folds_case=session.dialect.folds_case)


def describe(source: Table) -> str:
    """Gives what messages call a table, query or procedure."""
    if source.procedure:
        return f"procedure {source.procedure}"
    return "the query" if source.query else f"table {source.name}"


def _expanded(asked: str, real: tuple[str, ...], name: str) -> list[str]:
    if not asked.endswith("*"):
        return [asked]
    prefix = asked[:-1]
    found = [one for one in real if one.startswith(prefix) and one != prefix]
    if not found:
        message = f"no column of {name} begins like {asked!r}; there are: {', '.join(real)}"
        raise ConfigError(message)
    return found


def _check_column(asked: str, real: tuple[str, ...], name: str, *, folds_case: bool) -> None:
    repeated = re.compile(re.escape(asked) + r":\d+")  # how SQLite names a column that a subquery gives twice
    same = [one for one in real if one == asked or (folds_case and one.lower() == asked.lower())]
    same += [one for one in real if same and repeated.fullmatch(one)]
    if not same:
        message = f"{name} has no column {asked!r}{_nearest(asked, real)}; correct the field map or the table"
        raise ConfigError(message)
    if len(same) > 1:
        message = f"{name} has {len(same)} columns {asked!r}: give each a name of its own (SELECT ... AS ...)"
        raise ConfigError(message)


def _nearest(asked: str, known: tuple[str, ...]) -> str:
    lowered = {one.lower(): one for one in known}
    near = get_close_matches(asked.lower(), lowered, n=3, cutoff=0.5)
    if near:
        return f"; did you mean {' or '.join(repr(lowered[one]) for one in near)}?"
    return f"; there are: {', '.join(known[:40])}" if known else ""


def _explain_missing_table(session: SqlSession, source: Table, error: ConfigError) -> None:
    """Raises a better error where the table is not among those that the login sees."""
    if source.query or not source.name:
        return
    from crossdock.toolkit.sql.schema import look_at  # noqa: PLC0415  # to explain an error, and nothing else

    known: list[str] = []

    def none_of(names: list[str]) -> list[str]:
        known.extend(names)
        return []

    with suppress(CrossdockError):
        look_at(session, none_of)
    if known and not {source.name, source.name.rpartition(".")[2]} & set(known):
        message = f"there is no table or view {source.name!r}{_nearest(source.name, tuple(known))}; correct `table`"
        raise ConfigError(message) from error
