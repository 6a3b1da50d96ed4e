"""What tests of the store and the engine share: each of them runs on SQLite and on PostgreSQL."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from crossdock.testing import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL of a private PostgreSQL server, started once; skips, with the reason, where there can be none."""
    # Not tmp_path: pytest closes its folders to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="crossdock-postgres-") as folder, ExitStack() as stack:
        try:
            url = stack.enter_context(postgres.start(Path(folder)))
        except postgres.PostgresUnavailable as reason:
            pytest.skip(f"no PostgreSQL: {reason}")
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database for this test alone; every test that asks runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path / 'store.db').as_posix()}"
        return
    server = make_url(request.getfixturevalue("postgres_url"))
    name = f"store_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield server.set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:  # a child may still hold a connection
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
