"""Databases of a private PostgreSQL that live no longer than a test, and PostgreSQL's own programs run on them."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, text

from crossdock.testing import postgres, private

Execute = Callable[[str], Any]
"""Runs one statement, committed at once, and gives the first value of its first row; None where there is none."""
_CALL_WITHIN_S = 120


@contextmanager
def administrator(server: URL) -> Iterator[Execute]:
    """Gives what runs statements outside of any transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")

    def execute(statement: str) -> Any:
        with engine.connect() as connection:
            result = connection.execute(text(statement))
            return result.scalar() if result.returns_rows else None

    try:
        yield execute
    finally:
        engine.dispose()


@contextmanager
def database(server: URL, prefix: str) -> Iterator[URL]:
    """Makes an empty database and drops it at the end, whoever is still in it.

    Args:
        server: URL of a login that may create databases.
        prefix: beginning of its name: small letters.
    """
    name = f"{prefix}_{secrets.token_hex(6)}"
    with administrator(server) as execute:
        execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield server.set(database=name)
        finally:
            execute(f"DROP DATABASE {name} WITH (FORCE)")


def plain(url: URL) -> str:
    """Gives a URL as PostgreSQL's own library understands it, password included."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def call(program: str, url: URL, *words: str, folder: Path | None = None) -> None:
    """Runs one of PostgreSQL's programs on a database; the password goes by its environment.

    Args:
        program: `psql`, `pg_dump` or `pg_restore`.
        url: the database.
        words: further arguments.
        folder: where it runs; relative paths begin there. None: in this process's.

    Raises:
        Unavailable: there is no such program, or it failed; the last of what it said is in the text.
    """
    environment = {**os.environ, "PGPASSWORD": str(url.password)}
    target = f"--dbname={plain(url._replace(password=None))}"
    private.run(
        [postgres.program(program), "--no-password", target, *words],
        {"env": environment, "cwd": folder},
        _CALL_WITHIN_S,
    )
