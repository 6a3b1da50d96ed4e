"""The catalogue procedures that ODBC drivers call for SQLTables, SQLColumns and their like.

Columns and their order: Transact-SQL reference, "Catalog stored procedures".
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.testing.sqlserver.catalogue import Column, Table
from crossdock.testing.sqlserver.described import byte_length, column_size, odbc_type
from crossdock.testing.sqlserver.kinds import FAMILIES, MAX, Kind
from crossdock.testing.sqlserver.storing import kind_of
from crossdock.testing.sqlserver.tokens import ColumnInfo

if TYPE_CHECKING:
    from crossdock.testing.sqlserver.session import Session

Given = Mapping[str, Any]
Row = Sequence[Any]
_SQL_DATETIME = 9


def _infos(spelt: str) -> tuple[ColumnInfo, ...]:
    pairs = (one.strip().split(" ", 1) for one in re.split(r",\s*(?![^(]*\))", spelt))
    return tuple(ColumnInfo(name, kind_of(kind.replace(" ", ""))) for name, kind in pairs)


_TYPES = _infos(
    "TYPE_NAME sysname, DATA_TYPE smallint, PRECISION int, LITERAL_PREFIX varchar(32), LITERAL_SUFFIX varchar(32), "
    "CREATE_PARAMS varchar(32), NULLABLE smallint, CASE_SENSITIVE smallint, SEARCHABLE smallint, "
    "UNSIGNED_ATTRIBUTE smallint, "
    "MONEY smallint, AUTO_INCREMENT smallint, LOCAL_TYPE_NAME sysname, MINIMUM_SCALE smallint, MAXIMUM_SCALE smallint, "
    "SQL_DATA_TYPE smallint, SQL_DATETIME_SUB smallint, NUM_PREC_RADIX int, INTERVAL_PRECISION smallint, "
    "USERTYPE smallint"
)
_TABLES = _infos(
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, TABLE_TYPE varchar(32), REMARKS varchar(254)"
)
_PLAIN_COLUMNS = (
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, COLUMN_NAME sysname, DATA_TYPE smallint, "
    "TYPE_NAME sysname, "
    "PRECISION int, LENGTH int, SCALE smallint, RADIX smallint, NULLABLE smallint, REMARKS varchar(254), "
    "COLUMN_DEF nvarchar(4000), "
    "SQL_DATA_TYPE smallint, SQL_DATETIME_SUB smallint, CHAR_OCTET_LENGTH int, ORDINAL_POSITION int, "
    "IS_NULLABLE varchar(254), "
)
_COLUMNS = _infos(_PLAIN_COLUMNS + "SS_DATA_TYPE tinyint")
_COLUMNS_100 = _infos(
    _PLAIN_COLUMNS
    + "SS_IS_SPARSE smallint, SS_IS_COLUMN_SET smallint, SS_IS_COMPUTED smallint, SS_IS_IDENTITY smallint, "
    "SS_UDT_CATALOG_NAME sysname, SS_UDT_SCHEMA_NAME sysname, SS_UDT_ASSEMBLY_TYPE_NAME nvarchar(4000), "
    "SS_XML_SCHEMACOLLECTION_CATALOG_NAME sysname, SS_XML_SCHEMACOLLECTION_SCHEMA_NAME sysname, "
    "SS_XML_SCHEMACOLLECTION_NAME sysname, SS_DATA_TYPE tinyint"
)
_KEYS = _infos(
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, COLUMN_NAME sysname, KEY_SEQ smallint, "
    "PK_NAME sysname"
)
_STATISTICS = _infos(
    "TABLE_QUALIFIER sysname, TABLE_OWNER sysname, TABLE_NAME sysname, NON_UNIQUE smallint, INDEX_QUALIFIER sysname, "
    "INDEX_NAME sysname, TYPE smallint, SEQ_IN_INDEX smallint, COLUMN_NAME sysname, COLLATION char(1), "
    "CARDINALITY int, PAGES int, "
    "FILTER_CONDITION varchar(128)"
)
_SPECIAL = _infos(
    "SCOPE smallint, COLUMN_NAME sysname, DATA_TYPE smallint, TYPE_NAME sysname, PRECISION int, LENGTH int, "
    "SCALE smallint, "
    "PSEUDO_COLUMN smallint"
)
_FOREIGN = _infos(
    "PKTABLE_QUALIFIER sysname, PKTABLE_OWNER sysname, PKTABLE_NAME sysname, PKCOLUMN_NAME sysname, "
    "FKTABLE_QUALIFIER sysname, "
    "FKTABLE_OWNER sysname, FKTABLE_NAME sysname, FKCOLUMN_NAME sysname, KEY_SEQ smallint, UPDATE_RULE smallint, "
    "DELETE_RULE smallint, FK_NAME sysname, PK_NAME sysname, DEFERRABILITY smallint"
)
_PROCEDURES = _infos(
    "PROCEDURE_QUALIFIER sysname, PROCEDURE_OWNER sysname, PROCEDURE_NAME nvarchar(134), NUM_INPUT_PARAMS int, "
    "NUM_OUTPUT_PARAMS int, NUM_RESULT_SETS int, REMARKS varchar(254), PROCEDURE_TYPE smallint"
)


def _fits(name: str, pattern: Any) -> bool:
    if pattern is None or pattern == "%":
        return True
    made, escaped = "", False
    for one in str(pattern):
        if escaped or one not in "%_\\[]":
            made, escaped = made + re.escape(one), False
        elif one == "\\":
            escaped = True
        else:
            made += {"%": ".*", "_": "."}.get(one, one)
    return re.fullmatch(made, name, re.IGNORECASE | re.DOTALL) is not None


def _chosen(session: "Session", given: Given) -> list[Table]:
    tables = sorted(session.catalogue.tables.values(), key=lambda one: (one.schema, one.name))
    return [
        one
        for one in tables
        if _fits(one.name, given.get("@table_name"))
        and _fits(one.schema, given.get("@table_owner") or "%")
        and session.login.may("SELECT", one.name)
    ]


def _odbc_numbers(kind: Kind) -> tuple[int, int, int | None]:
    number = odbc_type(kind)
    sub = {91: 1, 93: 3}.get(number)
    return number, _SQL_DATETIME if sub else number, sub


def _types(_: "Session", given: Given) -> Iterator[Row]:
    wanted = int(given.get("@data_type") or 0)
    for name in sorted(
        FAMILIES, key=lambda one: one != "datetime2"
    ):  # of the moments it is the first, and drivers take that
        sized = name in {"char", "varchar", "nchar", "nvarchar", "binary", "varbinary"}
        limit = 4000 if name in {"nchar", "nvarchar"} else 8000
        kind = (
            Kind(name, limit)
            if sized
            else Kind(name, precision=38)
            if name in {"decimal", "numeric"}
            else kind_of(name)
        )
        number, plain, sub = _odbc_numbers(kind)
        if wanted not in {0, number}:
            continue
        quote = "'" if kind.family in {"text", "moment", "date", "time", "zoned", "guid"} else None
        parameters = "length" if sized else "precision,scale" if name in {"decimal", "numeric"} else None
        exact = kind.family in {"int", "decimal", "bit"}
        radix = 10 if exact else 2 if kind.family == "float" else None
        yield (
            (
                name,
                number,
                column_size(kind),
                quote,
                quote,
                parameters,
                1,
                0,
                3,
                0 if radix else None,
                int("money" in name),
                0 if radix else None,
                name,
                0 if exact else None,
                kind.scale if exact else None,
                plain,
                sub,
                radix,
                None,
                0,
            )
        )


def _tables(session: "Session", given: Given) -> Iterator[Row]:
    wanted = str(given.get("@table_type") or "")
    names, owner, database = given.get("@table_name"), given.get("@table_owner"), given.get("@table_qualifier")
    if database == "%" and not names and not owner:
        yield from ((one, None, None, None, None) for one in ("master", session.catalogue.database))
        return
    for table in _chosen(session, given):
        kind = "SYSTEM VIEW" if table.is_system else "VIEW" if table.view else "TABLE"
        kind = "VIEW" if kind == "SYSTEM VIEW" else kind
        if not wanted or f"'{kind}'" in wanted or kind in wanted.split(","):
            yield session.catalogue.database, table.schema, table.name, kind, None


def _column_facts(column: Column) -> tuple[Any, ...]:
    kind = column.kind
    number, plain, sub = _odbc_numbers(kind)
    length = 2**31 - 1 if kind.length == MAX else byte_length(kind)
    length = length if kind.family != "decimal" or "money" in kind.name else kind.precision + 2
    radix = 10 if kind.family in {"int", "decimal"} else 2 if kind.family == "float" else None
    scale = kind.scale if kind.family in {"int", "decimal", "moment", "time", "zoned"} else None
    name = f"{kind.name} identity" if column.identity else kind.name
    size = 2**31 - 1 if kind.length == MAX and not kind.wide else 2**30 - 1 if kind.length == MAX else column_size(kind)
    octets = length if kind.family in {"text", "binary"} else None
    return (number, name, size, length, scale, radix, plain, sub, octets)


def _columns(session: "Session", given: Given) -> Iterator[Row]:
    for row, _ in _described(session, given):
        yield *row, 0


def _columns_100(session: "Session", given: Given) -> Iterator[Row]:
    for row, column in _described(session, given):
        yield *row, 0, 0, 0, int(column.identity), None, None, None, None, None, None, 0


def _described(session: "Session", given: Given) -> Iterator[tuple[Row, Column]]:
    for table in _chosen(session, given):
        for place, column in enumerate(table.columns, 1):
            if _fits(column.name, given.get("@column_name")):
                number, name, size, length, scale, radix, plain, sub, octets = _column_facts(column)
                where = (session.catalogue.database, table.schema, table.name, column.name)
                shape = (number, name, size, length, scale, radix, int(column.nullable), None, column.default)
                yield (*where, *shape, plain, sub, octets, place, "YES" if column.nullable else "NO"), column


def _keys(session: "Session", given: Given) -> Iterator[Row]:
    for table in _chosen(session, given):
        if table.key is not None:
            for place, name in enumerate(table.key.columns, 1):
                yield session.catalogue.database, table.schema, table.name, name, place, table.key.name


def _statistics(session: "Session", given: Given) -> Iterator[Row]:
    only_unique = given.get("@is_unique") == "Y"
    for table in _chosen(session, given):
        where = (session.catalogue.database, table.schema, table.name)
        if table.view or table.is_system:
            continue
        yield *where, None, None, None, 0, None, None, None, session.count(table), 1, None
        for index in table.indexes:
            if index.unique or not only_unique:
                for place, name in enumerate(index.columns, 1):
                    kind = 1 if index.primary else 3
                    yield (
                        *where,
                        int(not index.unique),
                        table.name,
                        index.name,
                        kind,
                        place,
                        name,
                        "A",
                        None,
                        None,
                        None,
                    )


def _special(session: "Session", given: Given) -> Iterator[Row]:
    versions = given.get("@col_type") == "V"
    for table in _chosen(session, given):
        key = {name.lower() for name in table.key.columns} if table.key else set()
        for column in table.columns:
            if column.kind.name == "timestamp" if versions else column.name.lower() in key:
                number, name, size, length, scale, *_ = _column_facts(column)
                yield None if versions else 0, column.name, number, name, size, length, scale, 1


def _procedures(session: "Session", given: Given) -> Iterator[Row]:
    for one in session.catalogue.routines.values():
        if _fits(one.name, given.get("@sp_name")):
            yield session.catalogue.database, one.schema, f"{one.name};{int(not one.function)}", -1, -1, -1, None, 2


def _nothing(*_: Any) -> Iterator[Row]:
    """Gives no rows: no table of the stand-in has a foreign key."""
    return iter(())


_NAMES = ("@table_name", "@table_owner", "@table_qualifier")
PROCEDURES: dict[str, tuple[tuple[str, ...], tuple[ColumnInfo, ...], Callable[["Session", Given], Iterator[Row]]]] = {
    "sp_datatype_info": (("@data_type", "@odbcver"), _TYPES, _types),
    "sp_datatype_info_100": (("@data_type", "@odbcver"), _TYPES, _types),
    "sp_tables": ((*_NAMES, "@table_type", "@fusepattern"), _TABLES, _tables),
    "sp_columns": ((*_NAMES, "@column_name", "@odbcver"), _COLUMNS, _columns),
    "sp_columns_90": ((*_NAMES, "@column_name", "@odbcver"), _COLUMNS, _columns),
    "sp_columns_100": (
        ("@table_name", "@table_owner", "@table_qualifier", "@column_name", "@namescope", "@odbcver"),
        _COLUMNS_100,
        _columns_100,
    ),
    "sp_pkeys": (_NAMES, _KEYS, _keys),
    "sp_statistics": ((*_NAMES, "@index_name", "@is_unique", "@accuracy"), _STATISTICS, _statistics),
    "sp_statistics_100": ((*_NAMES, "@index_name", "@is_unique", "@accuracy"), _STATISTICS, _statistics),
    "sp_special_columns": ((*_NAMES, "@col_type", "@scope", "@nullable", "@odbcver"), _SPECIAL, _special),
    "sp_special_columns_100": ((*_NAMES, "@col_type", "@scope", "@nullable", "@odbcver"), _SPECIAL, _special),
    "sp_fkeys": (("@pktable_name", "@pktable_owner", "@pktable_qualifier", "@fktable_name"), _FOREIGN, _nothing),
    "sp_stored_procedures": (("@sp_name", "@sp_owner", "@sp_qualifier", "@fusepattern"), _PROCEDURES, _procedures),
}
"""By name: its parameters in order, its columns, and what gives its rows."""
