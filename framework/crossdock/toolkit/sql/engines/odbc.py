"""A plain ODBC connection string, opened without a SQLAlchemy dialect for the driver.

SQLAlchemy knows pyodbc for SQL Server, MySQL and MariaDB only. Here the connection is opened first; what the driver
says of the database (SQLGetInfo) then decides in which words SQLAlchemy writes the statements.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.mssql.base import MSDialect
from sqlalchemy.dialects.mysql.mariadb import MariaDBDialect
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.compiler import IdentifierPreparer, SQLCompiler

from crossdock.contract import ConfigError
from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.known import BY_BACKEND, BY_PRODUCT, dialect_named
from crossdock.toolkit.sql.engines.sql_server import is_freetds

PART = re.compile(r"\s*([^=;]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)\s*(?:;|$)")
SECRETS = ("pwd", "password", "passwd")


class StandardCompiler(SQLCompiler):
    """Cuts pages as SQL:2008 says; what understands neither that nor LIMIT cannot be paged."""

    def limit_clause(self, select: Any, **kw: Any) -> str:
        """Writes FETCH FIRST."""
        return f"\n FETCH FIRST {self.process(select._limit_clause, **kw)} ROWS ONLY"  # noqa: SLF001  # as SQLAlchemy's own do


class _Plain(PyODBCConnector):
    """Asks the database nothing on its own: pages need no more than the words of its SQL."""

    supports_statement_cache = True
    default_paramstyle = "qmark"
    supports_native_decimal = True

    def initialize(self, connection: Connection) -> None:
        """Leaves all as declared."""


class OdbcPostgreSQL(_Plain, PGDialect):
    """PostgreSQL over psqlODBC."""

    supports_statement_cache = True
    server_version_info = (13,)


class OdbcSQLite(_Plain, SQLiteDialect):
    """SQLite over sqliteodbc."""

    supports_statement_cache = True
    server_version_info = (3, 35)

    def __init__(self, dbapi: Any = None, **options: Any) -> None:
        """Hides pyodbc from SQLAlchemy's own start, which asks Python's module for the version of its library."""
        super().__init__(**options)
        self.dbapi = dbapi


class OdbcMariaDB(_Plain, MariaDBDialect):  # type: ignore[misc]  # SQLAlchemy's own mixing of the two says so too
    """MariaDB and MySQL over Connector/ODBC."""

    supports_statement_cache = True
    server_version_info = (10, 6)
    _connection_charset = "utf8mb4"  # what SQLAlchemy's inspector decodes the tables' own texts with


class OdbcSqlServer(_Plain, MSDialect):
    """SQL Server over any of its drivers; OFFSET and FETCH since 2012."""

    supports_statement_cache = True
    server_version_info = (11,)  # type: ignore[assignment]  # declared for the time before it is known
    default_schema_name = "dbo"


class OdbcStandard(_Plain, DefaultDialect):
    """A database that is known by nothing but the standard."""

    supports_statement_cache = True
    statement_compiler = StandardCompiler


SPOKEN: dict[str, type[DefaultDialect]] = {
    "postgresql": OdbcPostgreSQL,
    "sqlite": OdbcSQLite,
    "mariadb": OdbcMariaDB,
    "mssql": OdbcSqlServer,
    "standard": OdbcStandard,
}
for _name, _kind in SPOKEN.items():
    registry.register(f"crossdockodbc.{_name}", __name__, _kind.__name__)


def parts_of(text: str) -> dict[str, str]:
    """Takes a connection string apart, keys in lower case, values without their braces.

    Raises:
        ConfigError: it is not `KEY=value;...`, or holds a password.
    """
    parts, at = {}, 0
    while at < len(text.rstrip("; ")):
        found = PART.match(text, at)
        if found is None:
            message = "`odbc` cannot be read: write it as DRIVER={...};SERVER=...;DATABASE=...;UID=..."
            raise ConfigError(message)
        value = found[2].strip()
        parts[found[1].strip().lower()] = value[1:-1].replace("}}", "}") if value.startswith("{") else value
        at = found.end()
    if any(name in parts for name in SECRETS):
        message = 'there is a password in `odbc`: take it out and give it as `password`, as in { env = "ERP_PASSWORD" }'
        raise ConfigError(message)
    return parts


def text_of(parts: Mapping[str, str]) -> str:
    """Writes a connection string, values in braces where they need it (ODBC reference, SQLDriverConnect).

    Raises:
        ConfigError: FreeTDS cannot be given one of the values.
    """
    write = _quoted_for_freetds if is_freetds(parts) else _quoted
    texts = {name: (_quoted if name == "driver" else write)(name, value) for name, value in parts.items()}
    return "".join(f"{name.upper()}={value};" for name, value in texts.items())


def _quoted(name: str, value: str) -> str:
    needs = name == "driver" or bool(re.search(r"[\[\]{}(),;?*=!@]|^\s|\s$", value))
    return "{" + value.replace("}", "}}") + "}" if needs else value


def _quoted_for_freetds(name: str, value: str) -> str:
    """FreeTDS 1.3.17 doubles no brace: a value in braces ends at the first `};`."""
    if ";" not in value and not value.startswith("{"):
        return value
    if "};" in value:
        what = "a password" if name == "pwd" else f"{name.upper()} in `odbc`"
        message = f"FreeTDS cannot be given {what} with `}};` in it: change it, or use Microsoft's driver"
        raise ConfigError(message)
    return "{" + value + "}"


def drivers() -> list[str]:
    """Gives the names of the ODBC drivers that are registered, none where there is no driver manager."""
    try:
        return sorted(_pyodbc().drivers())
    except ImportError:
        return []


def _pyodbc() -> Any:
    """Loads pyodbc, and with it the system's driver manager."""
    import pyodbc  # type: ignore[import-not-found]  # noqa: PLC0415  # it has no types, and loads a system's library

    pyodbc.pooling = False  # a session is opened and closed by us; a pooled one would keep its settings
    pyodbc.native_uuid = True
    return pyodbc


def connect(text: str, password: str | None, connect_timeout_s: float) -> tuple[Connection, Dialect]:
    """Opens a connection string; gives the connection and what is known of its database.

    Raises:
        ConfigError: the string cannot be read.
        pyodbc.Error: the driver refused.
        ImportError: pyodbc, or the driver manager below it, is missing.
    """
    pyodbc = _pyodbc()
    parts = parts_of(text)
    before = dialect_named(parts.get("driver", "") or parts.get("dsn", ""))
    more = {name: value for name, value in before.odbc_options(parts, connect_timeout_s).items() if name not in parts}
    secret = {"pwd": password} if password else {}
    native = pyodbc.connect(text_of(parts | more | secret), timeout=max(1, round(connect_timeout_s)))
    return _spoken(
        native, str(native.getinfo(pyodbc.SQL_DBMS_NAME)), str(native.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR))
    )


def _spoken(native: Any, product: str, quote: str) -> tuple[Connection, Dialect]:
    backend = BY_PRODUCT.get(product.lower(), "standard")
    engine = create_engine(
        f"crossdockodbc+{backend}://", creator=lambda: native, poolclass=NullPool, hide_parameters=True
    )
    if backend == "standard":
        engine.dialect.identifier_preparer = IdentifierPreparer(engine.dialect, initial_quote=quote.strip() or '"')
        dialect = Dialect()
        dialect.title = product or dialect.title
    else:
        dialect = BY_BACKEND[backend]
    return engine.connect(), dialect
