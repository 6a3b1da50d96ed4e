"""A company's database to read, on SQLite and on PostgreSQL, and what tests do with it."""

import secrets
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from crossdock import Config, Field, FieldMap, Read, Table
from crossdock.contract import LocalMemory
from crossdock.toolkit.sql import SqlSource

ITEMS = """CREATE TABLE "Item" ("Id" INTEGER PRIMARY KEY, "Code" VARCHAR(40), "Name" VARCHAR(80),
    price_retail NUMERIC(10, 2), price_trade NUMERIC(10, 2), "Changed" TIMESTAMP)"""
CODE = Field("source_variant_code", "Code")


def as_text(value):
    """A time as SQLite keeps it, any other value as it is."""
    return value.isoformat(" ") if isinstance(value, datetime) else value


class Company:
    """A database with a writer of its own, read through the toolkit."""

    def __init__(self, url):
        self.address = make_url(url)
        self.kind = self.address.get_backend_name()
        self.engine = create_engine(self.address)
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
        with self.engine.connect() as connection:
            tables = connection.execute(text("SELECT relname, relkind FROM pg_class ORDER BY 1")).fetchall()
            return tables, connection.execute(text('SELECT * FROM "Item"')).fetchall()

    def settings(self, **more):
        """A connection's settings."""
        where = {name: getattr(self.address, name) for name in ("drivername", "username", "host", "port", "database")}
        return Config(
            {"url": str(URL.create(**where)), "password": self.address.password} | more, frozenset({"password"})
        )

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


@pytest.fixture
def company(store_url):
    """An empty item table; the test runs on SQLite and on PostgreSQL."""
    company = Company(store_url)
    company.run(ITEMS)
    yield company
    company.engine.dispose()


@pytest.fixture
def make_map():
    """A field map over the item table: `make_map("Code", key="Id")`."""

    def make(*columns, name="Item", key="Id", changed=None, query=None):
        fields = [CODE, *(Field(f"meta.{number}", column) for number, column in enumerate(columns))]
        return FieldMap("products", Table(None if query else name, key=key, changed=changed, query=query), fields)

    return make


@pytest.fixture
def reader(company):
    """Settings of a PostgreSQL login that has no right to anything yet; `reader["login"]` is its name."""
    login = f"reader_{secrets.token_hex(6)}"
    company.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    company.run(f"CREATE ROLE {login} LOGIN PASSWORD 'just-to-read'")
    address = company.address.set(username=login, password="just-to-read")
    yield Company(address).settings(login=login)
    company.run(f"DROP OWNED BY {login}")
    company.run(f"DROP ROLE {login}")
