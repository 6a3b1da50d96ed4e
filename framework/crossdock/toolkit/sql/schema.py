"""The tables, views and columns that a login may see, asked for in bulk: 5,000 tables take a few questions, not 5,000.

Three ways, by what answers fastest: SQLAlchemy's inspector, which asks PostgreSQL and SQLite all at once; the
standard's `information_schema` where the inspector would ask table by table (SQLAlchemy 2.0: MySQL, MariaDB,
SQL Server); and the ODBC catalogue functions, which every ODBC driver has.
"""

import fnmatch
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import DBAPIError, SAWarning

from crossdock.contract import ColumnShape, CrossdockError, TableShape
from crossdock.toolkit.sql.naming import joined, parted
from crossdock.toolkit.sql.session import SqlSession

INTERNAL = frozenset(
    {
        "information_schema",
        "sys",
        "pg_catalog",
        "pg_toast",
        "mysql",
        "performance_schema",
        "db_owner",
        "db_accessadmin",
        "db_securityadmin",
        "db_ddladmin",
        "db_backupoperator",
        "db_datareader",
        "db_datawriter",
        "db_denydatareader",
        "db_denydatawriter",
        "guest",
    }
)
"""Schemas that belong to the database itself; the `db_` ones are SQL Server's fixed roles."""
OWN = {"postgresql": "public", "mssql": "dbo", "sqlite": "main"}
"""Schema that a name without one is looked for in, where the database does not say (manuals: PostgreSQL 5.9.3,
SQL Server "Ownership and user-schema separation", SQLite "ATTACH DATABASE")."""
COLUMNS = """
    SELECT C.TABLE_SCHEMA, C.TABLE_NAME, C.COLUMN_NAME, C.DATA_TYPE, C.CHARACTER_MAXIMUM_LENGTH, C.NUMERIC_PRECISION,
           C.NUMERIC_SCALE, C.IS_NULLABLE, T.TABLE_TYPE
    FROM INFORMATION_SCHEMA.COLUMNS C
    JOIN INFORMATION_SCHEMA.TABLES T ON {where}T.TABLE_SCHEMA = C.TABLE_SCHEMA AND T.TABLE_NAME = C.TABLE_NAME
    ORDER BY C.TABLE_SCHEMA, C.TABLE_NAME, C.ORDINAL_POSITION"""
KEYS = """
    SELECT U.TABLE_SCHEMA, U.TABLE_NAME, U.COLUMN_NAME
    FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE U
    JOIN INFORMATION_SCHEMA.TABLE_CONSTRAINTS K
      ON K.CONSTRAINT_NAME = U.CONSTRAINT_NAME AND K.TABLE_SCHEMA = U.TABLE_SCHEMA AND K.TABLE_NAME = U.TABLE_NAME
    WHERE K.CONSTRAINT_TYPE = 'PRIMARY KEY'
    ORDER BY U.TABLE_SCHEMA, U.TABLE_NAME, U.ORDINAL_POSITION"""
"""In capitals, since a SQL Server whose collation minds the case knows these names only so."""
KEYS_OF_MYSQL = """
    SELECT S.TABLE_SCHEMA, S.TABLE_NAME, S.COLUMN_NAME FROM INFORMATION_SCHEMA.STATISTICS S
    WHERE S.TABLE_SCHEMA = DATABASE() AND S.INDEX_NAME = 'PRIMARY'
    ORDER BY S.TABLE_NAME, S.SEQ_IN_INDEX"""
"""MySQL and MariaDB show constraints only to a login that may do more than SELECT (MySQL manual, "The
INFORMATION_SCHEMA TABLE_CONSTRAINTS Table"; observed on MariaDB 10.11); indexes they show to all who may read."""
ESTIMATES = {
    "postgresql": """
        SELECT n.nspname, c.relname, c.reltuples FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0""",
    "mysql": """
        SELECT NULL, table_name, table_rows FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_rows IS NOT NULL""",
    "mssql": """
        SELECT s.name, t.name, SUM(p.rows) FROM sys.partitions p JOIN sys.tables t ON t.object_id = p.object_id
        JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE p.index_id IN (0, 1) GROUP BY s.name, t.name""",
}
"""How many rows a table has, as the database counts them for itself; nothing is scanned."""
KEYS_ASKED = 300
"""Tables whose primary keys are asked for one by one, where a driver knows no other way."""
SIZED = re.compile(r"char|binary|text", re.IGNORECASE)
EXACT = re.compile(r"decimal|numeric", re.IGNORECASE)
NO_KEY: Mapping[str, Any] = {"constrained_columns": ()}
Place = tuple[str | None, str]


def list_tables(session: SqlSession, pattern: str | None, limit: int) -> list[TableShape]:
    """Lists tables and views by name.

    Args:
        session: an open session.
        pattern: `*` and `?` as in file names, whatever the case; matched with and without the schema. None: all.
        limit: tables at most.

    Raises:
        TransientError, ConnectionSetupError: the database did not answer, or not to this login.
    """
    return look_at(session, lambda names: [one for one in names if is_like(one, pattern)][:limit])


def look_at(session: SqlSession, choose: Callable[[list[str]], list[str]]) -> list[TableShape]:
    """Gives the shapes of tables and views that are chosen among all names; only of those the columns are asked for.

    Raises:
        TransientError, ConnectionSetupError: the database did not answer, or not to this login.
    """
    with session.transaction("the database did not list its tables") as connection:
        reader = _reader_of(connection)
        places = {reader.name_of(place): place for place in reader.places()}
        chosen = choose(list(places))
        found = reader.shapes([places[one] for one in chosen]) if chosen else []
    estimates = _estimates(session)
    return [_with_rows(one, estimates.get(one.name)) for one in found]


def is_like(name: str, pattern: str | None) -> bool:
    """Says whether a table's name, with or without its schema, is like a pattern, whatever the case."""
    names = (name.lower(), parted(name.lower())[1])
    return pattern is None or any(fnmatch.fnmatchcase(one, pattern.lower()) for one in names)


class Inspected:
    """By SQLAlchemy's inspector, a question for each kind of thing and schema."""

    def __init__(self, connection: Connection) -> None:
        """Takes a connection within a transaction."""
        self.inspector: Inspector = inspect(connection)
        self.own = self.inspector.default_schema_name or OWN.get(connection.dialect.name)
        self.views: set[Place] = set()

    def places(self) -> list[Place]:
        """Gives schema and name of everything, sorted."""
        found: set[Place] = set()
        for schema in self._schemas():
            views = {(schema, one) for one in self.inspector.get_view_names(schema)}
            self.views |= views
            found |= views | {(schema, one) for one in self.inspector.get_table_names(schema)}
        return sorted(found, key=_order)

    def shapes(self, places: Sequence[Place]) -> list[TableShape]:
        """Gives the shapes of some places, in their order."""
        columns: dict[Place, list[ReflectedColumn]] = {}
        keys: dict[Place, Any] = {}
        for schema, group in groupby(places, key=itemgetter(0)):
            names = [name for _, name in group]
            columns |= self._of_each(self.inspector.get_multi_columns, schema, names)
            keys |= self._of_each(self.inspector.get_multi_pk_constraint, schema, names)
        return [self._shape(place, columns.get(place, []), keys.get(place, NO_KEY)) for place in places]

    def _of_each(self, ask: Callable[..., Any], schema: str | None, names: list[str]) -> dict[Place, Any]:
        """Asks about all at once; where that fails, about each: a view whose table is gone shall hide no other."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SAWarning)  # of types that it does not know: they are shown as such
                return {(schema, name): one for (_, name), one in ask(schema, names, kind=ObjectKind.ANY).items()}
        except DBAPIError:
            if len(names) == 1:
                return {}
            return {place: one for name in names for place, one in self._of_each(ask, schema, [name]).items()}

    def name_of(self, place: Place) -> str:
        """Gives the name as a field map writes it."""
        return _joined(place)

    def _schemas(self) -> list[str | None]:
        """Gives None for the login's own schema, so that names in it stay short, and the names of all others."""
        found = [one for one in self.inspector.get_schema_names() if one.lower() not in INTERNAL]
        return [None, *sorted(one for one in found if one != self.own and not one.startswith("pg_"))]

    def _shape(self, place: Place, columns: Iterable[ReflectedColumn], key: Mapping[str, Any]) -> TableShape:
        shapes = tuple(ColumnShape(one["name"], _written(one["type"]), bool(one["nullable"])) for one in columns)
        return TableShape(_joined(place), shapes, tuple(key["constrained_columns"]), place in self.views)


class Standard:
    """By `information_schema`: all columns in one question, all keys in another."""

    def __init__(self, connection: Connection) -> None:
        """Takes a connection within a transaction."""
        self.connection = connection
        self.has_schemas = connection.dialect.name == "mssql"
        """Whether a database has schemas within it; in MySQL and MariaDB a schema is another database."""
        self.own = connection.dialect.default_schema_name or OWN.get(connection.dialect.name)
        self.found: dict[Place, list[Any]] = {}

    def places(self) -> list[Place]:
        """Gives schema and name of everything, sorted."""
        where = "" if self.has_schemas else "T.TABLE_SCHEMA = DATABASE() AND "
        for row in self.connection.execute(text(COLUMNS.format(where=where))):
            if row[0].lower() not in INTERNAL:
                self.found.setdefault(self._place(row), []).append(row)
        return sorted(self.found, key=_order)

    def shapes(self, places: Sequence[Place]) -> list[TableShape]:
        """Gives the shapes of some places, in their order."""
        keys: dict[Place, tuple[str, ...]] = {}
        for row in self.connection.execute(text(KEYS if self.has_schemas else KEYS_OF_MYSQL)):
            keys[self._place(row)] = (*keys.get(self._place(row), ()), row[2])
        return [self._shape(place, keys.get(place, ())) for place in places]

    def name_of(self, place: Place) -> str:
        """Gives the name as a field map writes it."""
        return _joined(place)

    def _place(self, row: Sequence[Any]) -> Place:
        return (None if row[0] == self.own or not self.has_schemas else row[0], row[1])

    def _shape(self, place: Place, key: tuple[str, ...]) -> TableShape:
        rows = self.found[place]
        columns = tuple(ColumnShape(row[2], _sized(*row[3:7]), str(row[7]).upper() != "NO") for row in rows)
        return TableShape(_joined(place), columns, key, "VIEW" in str(rows[0][8]).upper())


class Catalogued:
    """By the ODBC catalogue functions: SQLTables, SQLColumns and, a table at a time, SQLPrimaryKeys."""

    def __init__(self, native: Any) -> None:
        """Takes pyodbc's own connection."""
        self.native = native
        self.kinds: dict[Place, str] = {}
        self.own: str | None = None

    def places(self) -> list[Place]:
        """Gives schema and name of everything, sorted."""
        with self.native.cursor() as cursor:
            for row in cursor.tables().fetchall():
                schema, name, kind = row[1], row[2], str(row[3]).upper()
                if kind in ("TABLE", "VIEW", "BASE TABLE") and str(schema or "").lower() not in INTERNAL:
                    self.kinds[(schema or None, name)] = kind
        self.own = next((one for one in ("public", "dbo") if any(schema == one for schema, _ in self.kinds)), None)
        return sorted(self.kinds, key=_order)

    def shapes(self, places: Sequence[Place]) -> list[TableShape]:
        """Gives the shapes of some places, in their order; the columns of all come at once where more are wanted."""
        columns: dict[Place, list[ColumnShape]] = {}
        rows = self._columns(None) if len(places) > 1 else None
        if rows is None:
            rows = [row for _, name in places for row in self._columns(name) or ()]
        for row in rows:
            columns.setdefault((row[1] or None, row[2]), []).append(
                ColumnShape(row[3], _sized(row[5], row[6], row[6], row[8]), row[10] != 0)
            )
        keys = [self._key(place) for place in places[:KEYS_ASKED]] + [()] * (len(places) - KEYS_ASKED)
        return [
            TableShape(self.name_of(place), tuple(columns.get(place, ())), key, self.kinds[place] == "VIEW")
            for place, key in zip(places, keys, strict=True)
        ]

    def name_of(self, place: Place) -> str:
        """Gives the name as a field map writes it."""
        return _joined((None if place[0] == self.own else place[0], place[1]))

    def _columns(self, table: str | None) -> list[Any] | None:
        """Gives the columns of a table or of all; None where the driver fails, as at a view whose table is gone."""
        try:
            with self.native.cursor() as cursor:
                found: list[Any] = cursor.columns(table=table).fetchall()
        except Exception:  # noqa: BLE001  # each driver has errors of its own; one view must hide no table
            return None
        return found

    def _key(self, place: Place) -> tuple[str, ...]:
        if self.kinds[place] == "VIEW":
            return ()
        try:
            with self.native.cursor() as cursor:
                rows = cursor.primaryKeys(place[1], schema=place[0]).fetchall()
        except Exception:  # noqa: BLE001  # not every driver has the function (sqliteodbc does, FreeTDS by a procedure)
            return ()
        return tuple(row[3] for row in sorted(rows, key=lambda row: int(row[4])))


def _reader_of(connection: Connection) -> Inspected | Standard | Catalogued:
    """Chooses how to ask."""
    if connection.dialect.name in ("mysql", "mariadb", "mssql"):
        return Standard(connection)
    native = connection.connection.driver_connection
    if connection.dialect.driver == "pyodbc" and hasattr(native, "getinfo"):
        return Catalogued(native)
    return Inspected(connection)


def _estimates(session: SqlSession) -> Mapping[str, int]:
    """Gives estimates of rows by name; a login that may not ask gets none."""
    name = session.connection.dialect.name
    statement = ESTIMATES.get("mysql" if name == "mariadb" else name)
    if statement is None:
        return {}
    try:
        rows = session.fetch(text(statement))
    except CrossdockError:  # an estimate is a courtesy: without it the list is as good
        return {}
    own = session.connection.dialect.default_schema_name or OWN.get(name)
    return {_joined((None if schema == own else schema, table)): int(count) for schema, table, count in rows}


def _with_rows(shape: TableShape, rows: int | None) -> TableShape:
    return shape if rows is None else TableShape(shape.name, shape.columns, shape.key, shape.is_view, rows)


def _order(place: Place) -> tuple[bool, str, str]:
    """Own tables first, then by schema; whatever the case."""
    return (place[0] is not None, (place[0] or "").lower(), place[1].lower())


def _joined(place: Place) -> str:
    return joined(*place)


def _written(kind: Any) -> str:
    """Gives a type as the database writes it; an unknown one has no name."""
    try:
        return str(kind).lower().removesuffix(" collate")
    except Exception:  # noqa: BLE001  # a type that SQLAlchemy does not know cannot be written by it
        return type(kind).__name__.lower()


def _sized(name: Any, length: Any, precision: Any, scale: Any) -> str:
    """Gives a type with its size, where it has one."""
    plain = str(name).lower()
    if "(" in plain:
        return plain
    if SIZED.search(plain) and length and 0 < int(length) < 100_000:  # noqa: PLR2004  # more is "without bound"
        return f"{plain}({int(length)})"
    if EXACT.search(plain) and precision:
        return f"{plain}({int(precision)}, {int(scale or 0)})"
    return plain
