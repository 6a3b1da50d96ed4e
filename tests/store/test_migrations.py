"""A store made at once and a store brought up by migrations are the same store."""

from contextlib import contextmanager

from sqlalchemy import create_engine, inspect

from crossdock.store import Store
from crossdock.store.migrate import MIGRATIONS, upgrade
from crossdock.store.open import open_engine
from crossdock.store.schema import HEAD, metadata


@contextmanager
def engine_of(url, make=create_engine):
    """An engine that leaves no connection behind."""
    engine = make(url)
    try:
        yield engine
    finally:
        engine.dispose()


def shape(url):
    """Tables with their columns, indexes and keys, as the database tells them."""
    with engine_of(url) as engine:
        return shape_of(inspect(engine))


def shape_of(found):
    """The same, from an open inspector."""
    return {
        table: (
            [(one["name"], str(one["type"]), one["nullable"], one["default"]) for one in found.get_columns(table)],
            sorted((one["name"], tuple(one["column_names"]), bool(one["unique"])) for one in found.get_indexes(table)),
            found.get_pk_constraint(table)["constrained_columns"],
            sorted(tuple(one["column_names"]) for one in found.get_unique_constraints(table)),
        )
        for table in found.get_table_names()
    }


def test_migrations_lead_to_the_schema(store_url):
    """All migrations together make the very tables that a new store gets at once, on both databases."""
    Store(store_url).close()
    at_once = shape(store_url)
    with engine_of(store_url) as engine, engine.begin() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with engine_of(store_url, open_engine) as engine:
        upgrade(engine)
    assert shape(store_url) == at_once


def test_the_head_is_the_newest_file():
    """The revision that a new store is stamped with is the last of the migration files."""
    assert max(path.name for path in (MIGRATIONS / "versions").glob("0*.py")).startswith(HEAD)


def test_an_upgraded_store_is_not_made_again(store_url):
    """Opening a store twice keeps what is in it."""
    first = Store(store_url)
    with first.write() as transaction:
        transaction.change("INSERT INTO connection (name, plugin) VALUES (?, ?)", "erp", "custom-database")
    first.close()
    second = Store(store_url)
    with second.read() as transaction:
        assert transaction.value("SELECT COUNT(*) FROM connection") == 1
    second.close()
