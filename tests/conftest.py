"""What tests share: servers and drivers, each had once a run, and an empty store on SQLite and on PostgreSQL."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from crossdock.testing import mariadb, odbc, postgres
from crossdock.testing.private import Unavailable


@contextmanager
def running(server, title):
    """URL of a private server; skips, with the reason, where there can be none."""
    # Not tmp_path: pytest closes its folders to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder, ExitStack() as stack:
        try:
            url = stack.enter_context(server.start(Path(folder)))
        except Unavailable as reason:
            pytest.skip(f"no {title}: {reason}")
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a private PostgreSQL server, started once; skips, with the reason, where there can be none."""
    with running(postgres, "PostgreSQL") as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """URL of a private MariaDB server, started once; skips, with the reason, where there can be none."""
    with running(mariadb, "MariaDB") as url:
        yield url


@pytest.fixture(scope="session")
def odbc_driver():
    """Gives `DRIVER={...}` of an ODBC driver by its kind (`odbc.DRIVERS`); skips, with the reason, without it."""
    found = {}

    def find(kind):
        if kind not in found:
            try:
                found[kind] = odbc.find(kind)
            except Unavailable as reason:
                found[kind] = reason
        if isinstance(found[kind], Unavailable):
            pytest.skip(f"no ODBC driver {odbc.DRIVERS[kind].title}: {found[kind]}")
        return found[kind]

    return find


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database for this test alone; every test that asks runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path / 'store.db').as_posix()}"
        return
    with own_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="session")
def own_database_of():
    """Makes a database of its own on a private server: `with own_database_of(url) as url_of_the_new_one`."""
    return own_database


@contextmanager
def own_database(url):
    """URL of a new database, gone in the end, with whoever is still connected to it."""
    server, name = make_url(url), f"test_{secrets.token_hex(6)}"
    is_postgres = server.get_backend_name() == "postgresql"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}{' TEMPLATE template0' if is_postgres else ''}"))
        yield server.set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:  # a child may still hold a connection
            connection.execute(text(f"DROP DATABASE {name}{' WITH (FORCE)' if is_postgres else ''}"))
    finally:
        engine.dispose()
