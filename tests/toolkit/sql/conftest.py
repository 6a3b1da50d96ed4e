"""A company's database to read, on every engine and driver, and what tests do with it."""

import secrets
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, inspect, make_url, text

from crossdock import Config, Field, FieldMap, Read, Table
from crossdock.contract import LocalMemory
from crossdock.testing import sqlserver
from crossdock.toolkit.sql import SqlSource

KINDS = {
    "sqlite": {"text": "VARCHAR(40)", "moment": "TIMESTAMP"},
    "postgresql": {"text": "VARCHAR(40)", "moment": "TIMESTAMP"},
    # As it comes, MariaDB's text ignores case and trailing blanks, its times have no fractions, and its TIMESTAMP
    # sets itself (manual: Character Sets and Collations; DATETIME; TIMESTAMP).
    "mariadb": {"text": "VARCHAR(40) COLLATE utf8mb4_nopad_bin", "moment": "DATETIME(6)"},
    # SQL Server's text ignores trailing blanks whatever its collation, and its TIMESTAMP is no time (T-SQL reference,
    # COLLATE; rowversion).
    "mssql": {"text": "NVARCHAR(40) COLLATE Latin1_General_BIN2", "moment": "DATETIME2(6)"},
}
"""By database, the types of text that minds case and blanks, and of a time to the microsecond."""
ITEMS = """CREATE TABLE "Item" ("Id" INTEGER PRIMARY KEY, "Code" {text}, "Name" VARCHAR(80),
    price_retail NUMERIC(10, 2), price_trade NUMERIC(10, 2), "Changed" {moment})"""
CODE = Field("source_variant_code", "Code")
MARKS = {
    "sqlite": [],
    "postgres": [pytest.mark.postgres],
    "mariadb": [pytest.mark.mariadb],
    "sqlite-odbc": [pytest.mark.odbc],
    "postgres-odbc": [pytest.mark.postgres, pytest.mark.odbc],
    "mariadb-odbc": [pytest.mark.mariadb, pytest.mark.odbc],
    "sqlserver-freetds": [pytest.mark.odbc],
    "sqlserver-microsoft": [pytest.mark.odbc],
}
"""Every engine and driver, and what it needs."""
EMPTYING = {
    "postgresql": (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "GRANT ALL ON SCHEMA public TO PUBLIC",
    ),
    "mariadb": ("DROP DATABASE {database}", "CREATE DATABASE {database} CHARACTER SET utf8mb4"),
}
"""What makes a database as good as new, whoever is still connected to it."""
OPTIONS = {
    "mariadb": {"connect_args": {"init_command": "SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')"}},
}
"""Of the writer's connections: tests quote names as the standard does."""


def pytest_generate_tests(metafunc):
    """Runs a test of the company on every engine, or on those that its mark `engines` names."""
    if "engine" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("engines")
        names = mark.args if mark else MARKS
        metafunc.parametrize("engine", [pytest.param(name, marks=MARKS[name]) for name in names], indirect=True)


def as_text(value):
    """A time as SQLite keeps it, any other value as it is."""
    return value.isoformat(" ") if isinstance(value, datetime) else value


class Company:
    """A database with a writer of its own, read through the toolkit."""

    def __init__(self, url, driver=None):
        self.address = make_url(url)
        self.kind = self.address.get_backend_name()
        self.driver = driver
        """`DRIVER={...}` where it is read over ODBC; it is always written over its address."""
        self.kinds = KINDS[self.kind]
        self.engine = create_engine(self.address, **OPTIONS.get(self.kind, {}))
        self.source = SqlSource("company", "Company")

    def run(self, statement, *rows):
        """Writes as the ERP does; times go into SQLite as text."""
        if self.kind == "sqlite" and rows:
            rows = [{name: as_text(value) for name, value in row.items()} for row in rows]
        with self.engine.begin() as connection:
            connection.execute(text(statement), list(rows) or None)

    def add(self, *rows):
        """Adds items: id, code, and optionally when they changed."""
        columns = ("id", "code", "changed")
        values = [dict.fromkeys(columns) | dict(zip(columns, row, strict=False)) for row in rows]
        if values:
            self.run('INSERT INTO "Item" ("Id", "Code", "Changed") VALUES (:id, :code, :changed)', *values)

    def contents(self):
        """All there is, to be compared."""
        if self.kind == "sqlite":
            return Path(self.address.database).read_bytes()
        looker = inspect(self.engine)
        names = [*looker.get_table_names(), *looker.get_view_names()]
        with self.engine.connect() as connection:
            return {name: connection.execute(text(f'SELECT * FROM "{name}"')).fetchall() for name in names}  # noqa: S608  # ours

    def quoted(self, query):
        """A query with its names in the quotes of this database, as its operator would write it."""
        return query.replace('"', "`") if self.kind == "mariadb" else query

    def at(self, **change):
        """The same company as another login, or at another address."""
        where = {name: getattr(self.address, name) for name in ("drivername", "username", "password", "host", "port")}
        return Company(URL.create(**where | {"database": self.address.database} | change), self.driver)

    def settings(self, **more):
        """A connection's settings."""
        secret = {"password": self.address.password} if self.address.password else {}
        return Config(self._place() | secret | more, frozenset(secret))

    def _place(self):
        at = self.address
        if self.driver is None:
            where = {name: getattr(at, name) for name in ("drivername", "username", "host", "port", "database")}
            return {"url": str(URL.create(**where))}
        parts = {"SERVER": at.host, "PORT": at.port, "DATABASE": at.database, "UID": at.username}
        return {"odbc": ";".join([self.driver, *(f"{name}={value}" for name, value in parts.items() if value)])}

    @contextmanager
    def session(self, **settings):
        """An open session."""
        opened = self.source.open_session(config=self.settings(**settings), memory=LocalMemory())
        with opened as session:
            yield session

    def pages(self, fields, **how):
        """All pages of one read in a session of its own."""
        with self.session() as session:
            yield from self.source.read_products(session=session, read=Read(fields=fields, **how))

    def rows(self, fields, **how):
        """All rows of one read."""
        return [row for page in self.pages(fields, **how) for row in page.rows]


class SqlServerCompany(Company):
    """The same on the stand-in for SQL Server, written through the driver that it is read through."""

    def __init__(self, server, driver, **change):
        """Takes the stand-in; `change` as of `at`."""
        self.server = server
        super().__init__(server.url(driver, sqlserver.OWNER), driver)
        sa = {"username": sqlserver.OWNER, "password": server.logins[sqlserver.OWNER].password}
        place = {"host": "127.0.0.1", "port": server.port, "database": "Company"}
        self.address = URL.create("mssql+pyodbc", **sa | place | change)

    def at(self, **change):
        """The same company as another login, or at another address."""
        return SqlServerCompany(self.server, self.driver, **change)

    def _place(self):
        at, free = self.address, "freetds" in self.driver.lower()
        place = f"SERVER={at.host};PORT={at.port};TDS_Version=7.4" if free else f"SERVER={at.host},{at.port};Encrypt=no"
        return {"odbc": f"{self.driver};{place};DATABASE={at.database};UID={at.username}"}


@pytest.fixture
def engine(request):
    """Name of the engine and driver that the test runs on."""
    return request.param


@pytest.fixture(scope="session")
def postgres_erp(postgres_url, own_database_of):
    """URL of a database that the tests of this folder use in turn; to make one for each would take longer than they."""
    with own_database_of(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_erp(mariadb_url, own_database_of):
    """URL of a database that the tests of this folder use in turn."""
    with own_database_of(mariadb_url) as url:
        yield url


@pytest.fixture
def empty_company(request, engine, tmp_path):
    """A company whose database is empty, on the engine and driver of this test."""
    name, _, odbc = engine.partition("-")
    kind = odbc if name == "sqlserver" else {"postgres": "postgresql"}.get(name, name)
    driver = request.getfixturevalue("odbc_driver")(kind) if odbc else None
    if name == "sqlserver":
        with sqlserver.start(tmp_path, database="Company") as server:
            company = SqlServerCompany(server, driver)
            yield company
            company.engine.dispose()
        return
    if name == "sqlite":
        company = Company(f"sqlite:///{(tmp_path / 'erp.db').as_posix()}", driver)
    else:
        company = Company(request.getfixturevalue(f"{name}_erp"), driver)
        for statement in EMPTYING[company.kind]:
            company.run(statement.format(database=company.address.database))
        company.engine.dispose()  # its connection is to what was there before
    yield company
    company.engine.dispose()


@pytest.fixture
def company(empty_company):
    """An empty item table; the test runs on every engine and driver."""
    empty_company.run(ITEMS.format(**empty_company.kinds))
    return empty_company


@pytest.fixture
def make_map():
    """A field map over the item table: `make_map("Code", key="Id")`."""

    def make(*columns, name="Item", key="Id", changed=None, query=None):
        fields = [CODE, *(Field(f"meta.{number}", column) for number, column in enumerate(columns))]
        return FieldMap("products", Table(None if query else name, key=key, changed=changed, query=query), fields)

    return make


@pytest.fixture
def reader(company):
    """Settings of a login that has no right to anything yet; `reader["login"]` is its name."""
    login = f"reader_{secrets.token_hex(6)}"
    host = "@'127.0.0.1'" if company.kind == "mariadb" else ""
    if company.kind == "postgresql":
        company.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        company.run(f"CREATE ROLE {login} LOGIN PASSWORD 'just-to-read'")
    else:
        company.run(f"CREATE USER {login}{host} IDENTIFIED BY 'just-to-read'")
    yield company.at(username=login, password="just-to-read").settings(login=login + host)
    if company.kind == "postgresql":
        company.run(f"DROP OWNED BY {login}")
    company.run(f"DROP ROLE {login}" if company.kind == "postgresql" else f"DROP USER {login}{host}")
