"""The server's own views: what there is, as clients ask for it.

Names and types of columns: Transact-SQL reference, "System catalog views", "INFORMATION_SCHEMA", "System dynamic
management views"; of each view, the columns that drivers, SQLAlchemy and crossdock ask for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.testing.sqlserver.catalogue import Catalogue, Column, Table
from crossdock.testing.sqlserver.collation import DEFAULT_NAME
from crossdock.testing.sqlserver.described import byte_length, numeric_precision, type_number
from crossdock.testing.sqlserver.kinds import FAMILIES, Kind
from crossdock.testing.sqlserver.storing import kind_of

if TYPE_CHECKING:
    from crossdock.testing.sqlserver.session import Session

Row = Sequence[Any]
_MADE = "2024-01-01 00:00:00.0000000"
_SCHEMAS = ((1, "dbo"), (3, "INFORMATION_SCHEMA"), (4, "sys"))
_STATIC = {
    "sys.schemas": "name sysname, schema_id int, principal_id int",
    "sys.databases": "name sysname, database_id int, state tinyint, state_desc nvarchar(60), collation_name sysname, "
    "compatibility_level tinyint, is_read_only bit, snapshot_isolation_state tinyint, "
    "snapshot_isolation_state_desc nvarchar(60), "
    "is_read_committed_snapshot_on bit, recovery_model_desc nvarchar(60), user_access_desc nvarchar(60), "
    "create_date datetime",
    "sys.objects": "name sysname, object_id int, principal_id int, schema_id int, parent_object_id int, type char(2), "
    "type_desc nvarchar(60), create_date datetime, modify_date datetime, is_ms_shipped bit",
    "sys.tables": "name sysname, object_id int, schema_id int, parent_object_id int, type char(2), "
    "type_desc nvarchar(60), "
    "create_date datetime, modify_date datetime, is_ms_shipped bit, temporal_type tinyint, is_memory_optimized bit",
    "sys.views": "name sysname, object_id int, schema_id int, type char(2), type_desc nvarchar(60), is_ms_shipped bit",
    "sys.procedures": "name sysname, object_id int, schema_id int, type char(2), type_desc nvarchar(60), "
    "is_ms_shipped bit",
    "sys.columns": "object_id int, name sysname, column_id int, system_type_id tinyint, user_type_id int, "
    "max_length smallint, "
    "precision tinyint, scale tinyint, collation_name sysname, is_nullable bit, is_rowguidcol bit, is_identity bit, "
    "is_computed bit, is_hidden bit, default_object_id int",
    "sys.types": "name sysname, system_type_id tinyint, user_type_id int, schema_id int, max_length smallint, "
    "precision tinyint, "
    "scale tinyint, collation_name sysname, is_nullable bit, is_user_defined bit, is_table_type bit",
    "sys.indexes": "object_id int, name sysname, index_id int, type tinyint, type_desc nvarchar(60), is_unique bit, "
    "data_space_id int, is_primary_key bit, is_unique_constraint bit, is_disabled bit, is_hypothetical bit, "
    "has_filter bit, "
    "filter_definition nvarchar(max)",
    "sys.index_columns": "object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, "
    "partition_ordinal tinyint, is_descending_key bit, is_included_column bit",
    "sys.key_constraints": "name sysname, object_id int, schema_id int, parent_object_id int, type char(2), "
    "unique_index_id int",
    "sys.identity_columns": "object_id int, name sysname, column_id int, seed_value bigint, increment_value bigint, "
    "last_value bigint, is_identity bit",
    "sys.computed_columns": "object_id int, name sysname, column_id int, definition nvarchar(max), is_persisted bit",
    "sys.default_constraints": "name sysname, object_id int, schema_id int, parent_object_id int, "
    "parent_column_id int, "
    "definition nvarchar(max)",
    "sys.check_constraints": "name sysname, object_id int, parent_object_id int, definition nvarchar(max)",
    "sys.foreign_keys": "name sysname, object_id int, schema_id int, parent_object_id int, referenced_object_id int",
    "sys.foreign_key_columns": "constraint_object_id int, constraint_column_id int, parent_object_id int, "
    "parent_column_id int, referenced_object_id int, referenced_column_id int",
    "sys.extended_properties": "class tinyint, major_id int, minor_id int, name sysname, value sql_variant",
    "sys.synonyms": "name sysname, object_id int, schema_id int, base_object_name nvarchar(1035)",
    "sys.sql_modules": "object_id int, definition nvarchar(max)",
    "INFORMATION_SCHEMA.SCHEMATA": "CATALOG_NAME sysname, SCHEMA_NAME sysname, SCHEMA_OWNER sysname",
    "INFORMATION_SCHEMA.TABLES": "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, "
    "TABLE_TYPE varchar(10)",
    "INFORMATION_SCHEMA.VIEWS": "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, "
    "VIEW_DEFINITION nvarchar(4000)",
    "INFORMATION_SCHEMA.COLUMNS": "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, "
    "COLUMN_NAME sysname, "
    "ORDINAL_POSITION int, COLUMN_DEFAULT nvarchar(4000), IS_NULLABLE varchar(3), DATA_TYPE sysname, "
    "CHARACTER_MAXIMUM_LENGTH int, CHARACTER_OCTET_LENGTH int, NUMERIC_PRECISION tinyint, "
    "NUMERIC_PRECISION_RADIX smallint, "
    "NUMERIC_SCALE int, DATETIME_PRECISION smallint, CHARACTER_SET_NAME sysname, COLLATION_NAME sysname",
    "INFORMATION_SCHEMA.TABLE_CONSTRAINTS": "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, "
    "CONSTRAINT_NAME sysname, "
    "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, CONSTRAINT_TYPE varchar(11)",
    "INFORMATION_SCHEMA.KEY_COLUMN_USAGE": "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, "
    "CONSTRAINT_NAME sysname, "
    "TABLE_CATALOG sysname, TABLE_SCHEMA sysname, TABLE_NAME sysname, COLUMN_NAME sysname, ORDINAL_POSITION int",
    "INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS": "CONSTRAINT_CATALOG sysname, CONSTRAINT_SCHEMA sysname, "
    "CONSTRAINT_NAME sysname, "
    "UNIQUE_CONSTRAINT_CATALOG sysname, UNIQUE_CONSTRAINT_SCHEMA sysname, UNIQUE_CONSTRAINT_NAME sysname, "
    "MATCH_OPTION varchar(7), UPDATE_RULE varchar(11), DELETE_RULE varchar(11)",
    "INFORMATION_SCHEMA.ROUTINES": "ROUTINE_CATALOG sysname, ROUTINE_SCHEMA sysname, ROUTINE_NAME sysname, "
    "ROUTINE_TYPE varchar(20)",
}
_DYNAMIC = {
    "sys.dm_exec_sessions": "session_id smallint, login_time datetime, host_name sysname, program_name sysname, "
    "login_name sysname, status nvarchar(30), transaction_isolation_level smallint, lock_timeout int, "
    "open_transaction_count int, database_id smallint, is_user_process bit",
    "sys.dm_exec_requests": "session_id smallint, status nvarchar(30), command nvarchar(32), "
    "blocking_session_id smallint, "
    "transaction_isolation_level smallint",
    "sys.dm_exec_connections": "session_id int, net_transport nvarchar(40), encrypt_option nvarchar(40), "
    "auth_scheme nvarchar(40)",
    "sys.partitions": "partition_id bigint, object_id int, index_id int, partition_number int, rows bigint",
    "sys.dm_db_partition_stats": "object_id int, index_id int, partition_number int, row_count bigint",
    "sys.fn_my_permissions_database": "entity_name sysname, subentity_name sysname, permission_name nvarchar(60)",
    "sys.fn_my_permissions_server": "entity_name sysname, subentity_name sysname, permission_name nvarchar(60)",
}


def _table(name: str, columns: str, *, dynamic: bool) -> Table:
    schema, _, plain = name.partition(".")
    split = (one.strip().partition(" ")[::2] for one in columns.split(", "))
    return Table(
        schema, plain, tuple(Column(called, kind_of(kind)) for called, kind in split), dynamic=dynamic, number=-1
    )


TABLES = [_table(name, columns, dynamic=False) for name, columns in _STATIC.items()]
DYNAMIC = [_table(name, columns, dynamic=True) for name, columns in _DYNAMIC.items()]


def static_rows(catalogue: Catalogue, snapshot: bool, read_committed_snapshot: bool) -> dict[str, list[Row]]:  # noqa: FBT001
    """Gives the rows of every view that follows from the catalogue; a view without rows has none."""
    rows: dict[str, list[Row]] = {name: [] for name in _STATIC}
    rows["sys.schemas"] = [(name, number, 1) for number, name in _SCHEMAS]
    rows["INFORMATION_SCHEMA.SCHEMATA"] = [(catalogue.database, name, name) for _, name in _SCHEMAS]
    names = ("master", "tempdb", "model", "msdb", catalogue.database)
    rows["sys.databases"] = [
        _database(place, name, snapshot and place > 4, read_committed_snapshot and place > 4)  # noqa: PLR2004  # the first four are its own
        for place, name in enumerate(names, 1)
    ]
    rows["sys.types"] = [_type(name) for name in FAMILIES] + [
        ("sysname", 231, 256, 4, 256, 0, 0, DEFAULT_NAME, 0, 0, 0)
    ]
    for table in catalogue.users():
        for name, row in _of_table(catalogue.database, table):
            rows[name].append(row)
    for one in catalogue.routines.values():
        kind = ("IF", "SQL_INLINE_TABLE_VALUED_FUNCTION") if one.function else ("P ", "SQL_STORED_PROCEDURE")
        rows["sys.objects"].append((one.name, one.number, None, 1, 0, *kind, _MADE, _MADE, 0))
        rows["sys.sql_modules"].append((one.number, one.body))
        rows["INFORMATION_SCHEMA.ROUTINES"].append(
            (catalogue.database, one.schema, one.name, "FUNCTION" if one.function else "PROCEDURE")
        )
        if not one.function:
            rows["sys.procedures"].append((one.name, one.number, 1, *kind, 0))
    return rows


def _database(place: int, name: str, snapshot: bool, committed_snapshot: bool) -> Row:  # noqa: FBT001
    state = (1, "ON") if snapshot else (0, "OFF")
    return (
        name,
        place,
        0,
        "ONLINE",
        DEFAULT_NAME,
        150,
        0,
        *state,
        int(committed_snapshot),
        "SIMPLE",
        "MULTI_USER",
        _MADE,
    )


def _type(name: str) -> Row:
    sized = name in {"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"}
    kind = (
        Kind("timestamp", 8)
        if name == "timestamp"
        else Kind(name, 4000 if "n" in name and "char" in name else 8000)
        if sized
        else kind_of(name)
    )
    number = type_number(kind)
    collation = DEFAULT_NAME if kind.family == "text" else None
    return (name, number, number, 4, byte_length(kind), numeric_precision(kind) or 0, kind.scale, collation, 1, 0, 0)


def _of_table(database: str, table: Table) -> Iterator[tuple[str, Row]]:
    kind = ("V ", "VIEW") if table.view else ("U ", "USER_TABLE")
    yield "sys.objects", (table.name, table.number, None, 1, 0, *kind, _MADE, _MADE, 0)
    if table.view:
        yield "sys.views", (table.name, table.number, 1, *kind, 0)
        yield "INFORMATION_SCHEMA.VIEWS", (database, table.schema, table.name, None)
    else:
        yield "sys.tables", (table.name, table.number, 1, 0, *kind, _MADE, _MADE, 0, 0, 0)
    shown = "VIEW" if table.view else "BASE TABLE"
    yield "INFORMATION_SCHEMA.TABLES", (database, table.schema, table.name, shown)
    for place, column in enumerate(table.columns, 1):
        yield from _of_column(database, table, place, column)
    yield from _of_indexes(database, table)


def _of_column(database: str, table: Table, place: int, column: Column) -> Iterator[tuple[str, Row]]:
    kind = column.kind
    number, collation = type_number(kind), DEFAULT_NAME if kind.family == "text" else None
    precision, length = numeric_precision(kind), kind.length if kind.family in {"text", "binary"} else None
    facts = (
        byte_length(kind),
        precision or 0,
        kind.scale,
        collation,
        int(column.nullable),
        0,
        int(column.identity),
        0,
        0,
    )
    default = table.number + place if column.default is not None else 0
    yield "sys.columns", (table.number, column.name, place, number, number, *facts, default)
    radix = 2 if kind.family == "float" else 10
    fraction = kind.scale if kind.family in {"moment", "time", "zoned"} else 0 if kind.name == "date" else None
    numeric = (
        (precision, radix, kind.scale if kind.family in {"int", "decimal"} else None)
        if precision
        else (None, None, None)
    )
    wide = (length, length * 2 if kind.wide and length and length > 0 else length)
    charset = ("UNICODE" if kind.wide else "iso_1") if kind.family == "text" else None
    yield (
        "INFORMATION_SCHEMA.COLUMNS",
        (
            database,
            table.schema,
            table.name,
            column.name,
            place,
            column.default,
            "YES" if column.nullable else "NO",
            kind.name,
            *wide,
            *numeric,
            fraction,
            charset,
            collation,
        ),
    )
    if column.identity:
        yield "sys.identity_columns", (table.number, column.name, place, 1, 1, None, 1)
    if default:
        name = f"DF__{table.name}__{column.name}"
        yield "sys.default_constraints", (name, default, 1, table.number, place, column.default)


def _of_indexes(database: str, table: Table) -> Iterator[tuple[str, Row]]:
    if table.key is None and not table.view:
        yield "sys.indexes", (table.number, None, 0, 0, "HEAP", 0, 1, 0, 0, 0, 0, 0, None)
    ordered = sorted(table.indexes, key=lambda one: not one.primary)
    for number, index in enumerate(ordered, 1 if table.key else 2):
        kind = (1, "CLUSTERED") if index.primary else (2, "NONCLUSTERED")
        facts = (int(index.unique), 1, int(index.primary), 0, 0, 0, 0, None)
        yield "sys.indexes", (table.number, index.name, number, *kind, *facts)
        for place, name in enumerate(index.columns, 1):
            column = [one.name.lower() for one in table.columns].index(name.lower()) + 1
            yield "sys.index_columns", (table.number, number, place, column, place, 0, 0, 0)
        if index.primary:
            yield from _of_key(database, table, index.name, index.columns, number)


def _of_key(database: str, table: Table, name: str, columns: Iterable[str], number: int) -> Iterator[tuple[str, Row]]:
    yield "sys.key_constraints", (name, table.number + number, 1, table.number, "PK", number)
    where = (database, table.schema, name, database, table.schema, table.name)
    yield "INFORMATION_SCHEMA.TABLE_CONSTRAINTS", (*where, "PRIMARY KEY")
    for place, column in enumerate(columns, 1):
        yield "INFORMATION_SCHEMA.KEY_COLUMN_USAGE", (*where, column, place)


def dynamic_rows(name: str, session: "Session") -> list[Row]:
    """Gives the rows that a view which is made anew has now."""
    sessions = session.server.sessions()
    makers: dict[str, Callable[[], Iterable[Row]]] = {
        "sys.dm_exec_sessions": lambda: (one.described() for one in sessions),
        "sys.dm_exec_requests": lambda: [(session.number, "running", "SELECT", 0, session.isolation)],
        "sys.dm_exec_connections": lambda: ((one.number, "TCP", str(one.encrypted).upper(), "SQL") for one in sessions),
        "sys.fn_my_permissions_database": lambda: _permissions(session, server=False),
        "sys.fn_my_permissions_server": lambda: _permissions(session, server=True),
        "sys.partitions": lambda: ((one, one, index, 1, count) for one, index, count in _counts(session)),
        "sys.dm_db_partition_stats": lambda: ((one, index, 1, count) for one, index, count in _counts(session)),
    }
    return list(makers[name]())


def _counts(session: "Session") -> Iterator[tuple[int, int, int]]:
    for one in session.catalogue.users():
        if not one.view:
            yield one.number, 1 if one.key else 0, session.count(one)


def _permissions(session: "Session", *, server: bool) -> list[Row]:
    names = (
        ("CONNECT SQL", "VIEW ANY DATABASE")
        if server
        else ("CONNECT", "SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE")
    )
    owned = ("CONTROL SERVER",) if server else ("ALTER", "CONTROL", "CREATE TABLE")
    has = [one for one in names if server or session.login.may(one)] + (
        list(owned) if session.login.rights == "owner" else []
    )
    return [("server" if server else "database", "", one) for one in has]
