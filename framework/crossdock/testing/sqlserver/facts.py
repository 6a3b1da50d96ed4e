"""What the server says of itself, of the session and of its objects, by functions and @@-names.

Source: Transact-SQL reference, "System functions", "Metadata functions", "Security functions".
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crossdock.testing.sqlserver.collation import DEFAULT_NAME
from crossdock.testing.sqlserver.described import byte_length, type_number
from crossdock.testing.sqlserver.errors import StandInLimitError
from crossdock.testing.sqlserver.kinds import FAMILIES
from crossdock.testing.sqlserver.storing import kind_of
from crossdock.testing.sqlserver.tokens import SERVER, VERSION

if TYPE_CHECKING:
    from crossdock.testing.sqlserver.session import Session

PRODUCT_VERSION = f"{VERSION[0]}.{VERSION[1]}.{VERSION[2]}.5"
_BANNER = f"Microsoft SQL Server 2019 (RTM) - {PRODUCT_VERSION} (stand-in of crossdock's tests, no Microsoft product)"
_SERVER_PROPERTIES: dict[str, Any] = {
    "productversion": PRODUCT_VERSION,
    "productlevel": "RTM",
    "productmajorversion": str(VERSION[0]),
    "edition": "Developer Edition (64-bit)",
    "engineedition": 3,
    "servername": SERVER,
    "machinename": SERVER,
    "instancename": None,
    "collation": DEFAULT_NAME,
    "isclustered": 0,
    "ishadrenabled": 0,
    "isintegratedsecurityonly": 0,
    "issingleuser": 0,
}
_SCHEMAS = {"dbo": 1, "INFORMATION_SCHEMA": 3, "sys": 4}


def fact(session: "Session", name: str, *arguments: Any) -> Any:
    """Gives what a function without rows says.

    Raises:
        SqlError: the stand-in does not know what is asked.
    """
    return _FACTS[name](session, *arguments)


def _plain(text: Any) -> list[str]:
    return [one.strip('[]" ') for one in str(text).replace("].[", ".").split(".")]


def _object(session: "Session", name: Any) -> Any:
    parts = _plain(name)
    schema, plain = (parts[-2] or "dbo") if len(parts) > 1 else "dbo", parts[-1]
    return session.catalogue.table(schema, plain) or session.catalogue.routine(schema, plain)


def _object_id(session: "Session", name: Any, kind: str | None = None) -> int | None:
    found = _object(session, name)
    if found is None or (kind or "").strip().upper() not in {"", "U", "V", "P", "IF", "TF"}:
        return None
    is_table = hasattr(found, "columns")
    fits = not kind or kind.strip().upper() == (
        ("V" if found.view else "U") if is_table else "IF" if found.function else "P"
    )
    return int(found.number) if fits else None


def _by_number(session: "Session", number: Any) -> Any:
    things: tuple[Any, ...] = (*session.catalogue.tables.values(), *session.catalogue.routines.values())
    return next((one for one in things if one.number == number), None)


def _object_name(session: "Session", number: Any, _: Any = None) -> str | None:
    found = _by_number(session, number)
    return found.name if found else None


def _object_schema(session: "Session", number: Any, _: Any = None) -> str | None:
    found = _by_number(session, number)
    return found.schema if found else None


def _server_property(_: "Session", name: Any) -> Any:
    key = str(name).lower()
    if key not in _SERVER_PROPERTIES:
        what = f"SERVERPROPERTY('{name}')"
        raise StandInLimitError(what)
    return _SERVER_PROPERTIES[key]


def _database_property(session: "Session", database: Any, name: Any) -> Any:
    known = {
        "collation": DEFAULT_NAME,
        "updateability": "READ_WRITE",
        "status": "ONLINE",
        "useraccess": "MULTI_USER",
        "recovery": "SIMPLE",
    }
    if str(name).lower() not in known:
        what = f"DATABASEPROPERTYEX(..., '{name}')"
        raise StandInLimitError(what)
    return known[str(name).lower()] if str(database).lower() == session.database.lower() else None


def _has_permission(session: "Session", name: Any, kind: Any, right: Any, *_: Any) -> int | None:
    wanted = str(right).upper()
    if kind is None and name is None:
        return int(session.login.rights == "owner" or wanted in {"CONNECT SQL", "VIEW ANY DATABASE"})
    if str(kind).upper() == "DATABASE":
        if name is not None and str(name).strip("[]").lower() not in {session.database.lower(), "master"}:
            return None
        return int(wanted == "CONNECT" or session.login.may(wanted))
    if str(kind).upper() == "OBJECT":
        found = _object(session, name)
        return None if found is None else int(session.login.may(wanted, found.name))
    what = f"HAS_PERMS_BY_NAME of the class {kind}"
    raise StandInLimitError(what)


def _role(session: "Session", role: Any, _: Any = None) -> int | None:
    wanted, rights = str(role).lower(), session.login.rights
    roles = {
        "db_datareader": rights in {"read", "write"},
        "db_datawriter": rights == "write",
        **dict.fromkeys(("db_owner", "sysadmin"), rights == "owner"),
        "public": True,
        "db_ddladmin": False,
        "db_securityadmin": False,
        "db_denydatawriter": False,
        "db_denydatareader": False,
        **dict.fromkeys(
            ("securityadmin", "serveradmin", "dbcreator", "bulkadmin", "diskadmin", "processadmin", "setupadmin"), False
        ),
    }
    return int(roles[wanted]) if wanted in roles else None


def _session_property(session: "Session", name: Any) -> Any:
    known = {"ansi_nulls": 1, "ansi_padding": 1, "ansi_warnings": 1, "arithabort": 0, "quoted_identifier": 1}
    return known.get(str(name).lower())


def _connection_property(session: "Session", name: Any) -> Any:
    known = {"net_transport": "TCP", "protocol_type": "TSQL", "auth_scheme": "SQL", "local_net_address": "127.0.0.1"}
    return known.get(str(name).lower())


def _type_name(_: "Session", number: Any) -> str | None:
    return "sysname" if number == 256 else next((one for one in FAMILIES if type_number(kind_of(one)) == number), None)  # noqa: PLR2004


def _column(session: "Session", table: Any, name: Any) -> Any:
    found = _object(session, table) if isinstance(table, str) else _by_number(session, table)
    return found.column(str(name)) if found is not None and hasattr(found, "columns") else None


def _column_property(session: "Session", table: Any, name: Any, asked: Any) -> int | None:
    column = _column(session, table, name)
    if column is None:
        return None
    known = {
        "isidentity": column.identity,
        "allowsnull": column.nullable,
        "iscomputed": False,
        "ishidden": False,
        "generatedalwaystype": 0,
    }
    if str(asked).lower() not in known:
        what = f"COLUMNPROPERTY(..., '{asked}')"
        raise StandInLimitError(what)
    return int(known[str(asked).lower()])


def _object_property(session: "Session", number: Any, asked: Any) -> int | None:
    found = _by_number(session, number)
    if found is None:
        return None
    is_table = hasattr(found, "columns")
    known = {
        "isusertable": is_table and not found.view,
        "istable": is_table and not found.view,
        "isview": is_table and found.view,
    }
    known |= {
        "ismsshipped": False,
        "isprocedure": not is_table,
        "tablehasidentity": is_table and any(one.identity for one in found.columns),
    }
    if str(asked).lower() not in known:
        what = f"OBJECTPROPERTY(..., '{asked}')"
        raise StandInLimitError(what)
    return int(known[str(asked).lower()])


def _col_length(session: "Session", table: Any, name: Any) -> int | None:
    column = _column(session, table, name)
    return byte_length(column.kind) if column else None


def _database_name(session: "Session", number: Any = None) -> str | None:
    return session.database if number in {None, 5} else {1: "master", 2: "tempdb", 3: "model", 4: "msdb"}.get(number)


def _database_id(session: "Session", name: Any = None) -> int | None:
    known = {"master": 1, "tempdb": 2, "model": 3, "msdb": 4, session.catalogue.database.lower(): 5}
    return known.get(str(session.database if name is None else name).lower())


def _unknown(asked: str) -> Callable[..., Any]:
    def refuse(*_: Any) -> Any:
        raise StandInLimitError(asked)

    return refuse


_FACTS: dict[str, Callable[..., Any]] = {
    "@@VERSION": lambda _: _BANNER,
    **dict.fromkeys(("@@SERVERNAME",), lambda _: SERVER),
    "@@SERVICENAME": lambda _: "MSSQLSERVER",
    "@@LANGUAGE": lambda _: "us_english",
    "@@TRANCOUNT": lambda session: session.open_transactions,
    "@@ROWCOUNT": lambda session: session.row_count,
    "@@ERROR": lambda session: session.last_error,
    "@@LOCK_TIMEOUT": lambda session: session.lock_timeout_ms,
    "@@OPTIONS": lambda session: 5496 | (2 if session.implicit else 0),
    "@@NESTLEVEL": lambda _: 0,
    "@@SPID": lambda session: session.number,
    "@@DATEFIRST": lambda _: 7,
    "@@MAX_PRECISION": lambda _: 38,
    "@@MICROSOFTVERSION": lambda _: (VERSION[0] << 24) + VERSION[2],
    "@@DBTS": lambda session: session.server.last_version(),
    "MIN_ACTIVE_ROWVERSION": lambda session: session.server.first_open_version(),
    **dict.fromkeys(("@@IDENTITY", "SCOPE_IDENTITY"), lambda session: session.identity),
    "DB_NAME": _database_name,
    "DB_ID": _database_id,
    **dict.fromkeys(
        ("SUSER_SNAME", "SUSER_NAME", "ORIGINAL_LOGIN", "SYSTEM_USER"), lambda session, *_: session.login.name
    ),
    **dict.fromkeys(
        ("USER_NAME", "USER", "CURRENT_USER", "SESSION_USER"),
        lambda session, *_: "dbo" if session.login.rights == "owner" else session.login.name,
    ),
    "SCHEMA_NAME": lambda _, number=1: next((name for name, one in _SCHEMAS.items() if one == number), None),
    "SCHEMA_ID": lambda _, name="dbo": next(
        (one for known, one in _SCHEMAS.items() if known.lower() == str(name).lower()), None
    ),
    "HOST_NAME": lambda session: session.host,
    "APP_NAME": lambda session: session.application,
    "OBJECT_ID": _object_id,
    "OBJECT_NAME": _object_name,
    "OBJECT_SCHEMA_NAME": _object_schema,
    "OBJECTPROPERTY": _object_property,
    "COLUMNPROPERTY": _column_property,
    "COL_LENGTH": _col_length,
    "COL_NAME": _unknown("COL_NAME"),
    "INDEXPROPERTY": _unknown("INDEXPROPERTY"),
    "TYPE_NAME": _type_name,
    "TYPE_ID": lambda _, name: type_number(kind_of(str(name))),
    "SERVERPROPERTY": _server_property,
    "DATABASEPROPERTYEX": _database_property,
    "SESSIONPROPERTY": _session_property,
    "CONNECTIONPROPERTY": _connection_property,
    "HAS_PERMS_BY_NAME": _has_permission,
    "HAS_DBACCESS": lambda session, name: int(
        str(name).lower() in {session.catalogue.database.lower(), "master", "tempdb"}
    ),
    **dict.fromkeys(("IS_MEMBER", "IS_ROLEMEMBER", "IS_SRVROLEMEMBER"), _role),
}
