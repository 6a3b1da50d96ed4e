"""Which databases and drivers are known, by the names that addresses and ODBC give them."""

from sqlalchemy import URL

from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.driver import Driver, Odbc, OdbcSqlServer, OdbcText, Psycopg, PyMySql, Sqlite3
from crossdock.toolkit.sql.engines.mariadb import MariaDB
from crossdock.toolkit.sql.engines.postgresql import PostgreSQL
from crossdock.toolkit.sql.engines.sql_server import SqlServer
from crossdock.toolkit.sql.engines.sqlite import SQLite

MARIADB = MariaDB()
BY_BACKEND: dict[str, Dialect] = {
    "sqlite": SQLite(),
    "postgresql": PostgreSQL(),
    "mysql": MARIADB,
    "mariadb": MARIADB,
    "mssql": SqlServer(),
}
"""By the backend of a SQLAlchemy address."""
BY_PRODUCT = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mariadb",
    "microsoft sql server": "mssql",
}
"""By what an ODBC driver says of the database (SQLGetInfo, SQL_DBMS_NAME), in lower case."""
BY_DRIVER_NAME = (
    ("sqlite", "sqlite"),
    ("postgres", "postgresql"),
    ("psqlodbc", "postgresql"),
    ("mariadb", "mariadb"),
    ("mysql", "mariadb"),
    ("maodbc", "mariadb"),
    ("sql server", "mssql"),
    ("msodbcsql", "mssql"),
    ("freetds", "mssql"),
    ("tdsodbc", "mssql"),
)
"""By words in the name or path of an ODBC driver, before anything is open."""
INSTALLS = (
    ("sql server", "Microsoft's ODBC Driver 18 for SQL Server, from Microsoft's download centre or package feed"),
    ("freetds", "FreeTDS (apt install tdsodbc)"),
    ("postgres", "psqlODBC (apt install odbc-postgresql; on Windows its installer from the PostgreSQL project)"),
    ("mariadb", "MariaDB Connector/ODBC (apt install odbc-mariadb; on Windows its installer from MariaDB)"),
    ("mysql", "MySQL Connector/ODBC, or MariaDB Connector/ODBC in its place (apt install odbc-mariadb)"),
    ("sqlite", "the SQLite ODBC driver, registered as SQLite3 (apt install libsqliteodbc)"),
    ("hdbodbc", "SAP HANA's client, which brings HDBODBC"),
    ("pervasive", "the Zen (Pervasive) client, in the bitness of this Python"),
    ("zen", "the Zen (Pervasive) client, in the bitness of this Python"),
)
"""How to get an ODBC driver, by words in its name in lower case."""
DRIVERS: dict[str, Driver] = {"pysqlite": Sqlite3(), "psycopg": Psycopg(), "pymysql": PyMySql(), "pyodbc": Odbc()}
ODBC_TEXT, ODBC_SQL_SERVER = OdbcText(), OdbcSqlServer()


def dialect_of(url: URL) -> Dialect:
    """Gives what is known about the database that an address names."""
    return BY_BACKEND.get(url.get_backend_name(), Dialect())


def dialect_named(odbc_driver: str) -> Dialect:
    """Gives what is known about the database that an ODBC driver's name or path speaks of."""
    lowered = odbc_driver.lower()
    return next((BY_BACKEND[backend] for word, backend in BY_DRIVER_NAME if word in lowered), Dialect())


def install_of(odbc_driver: str) -> str:
    """Says how to get an ODBC driver, empty where it is not known."""
    lowered = odbc_driver.lower()
    return next((how for word, how in INSTALLS if word in lowered), "")


def driver_of(dialect: Dialect, name: str) -> Driver:
    """Gives what is known about a driver, by its name in SQLAlchemy."""
    if name == "pyodbc" and dialect.title in ("MariaDB", "SQLite"):
        return ODBC_TEXT
    if name == "pyodbc" and dialect.title == "SQL Server":
        return ODBC_SQL_SERVER
    return DRIVERS.get(name, Driver())
