"""All that differs from one database to the next, and nothing else.

A new database is one more `Dialect` here: how to connect, how to make the session read-only, what its errors
mean, how to find out whether the login could write. No other file asks which database it is talking to.
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, text

from crossdock.contract import AuthError, ConfigError, CrossdockError, TransientError

TRANSIENT, WRONG, DENIED = TransientError, ConfigError, AuthError


class Dialect:
    """A database that nothing particular is known about: every page is rolled back, time-outs are the driver's."""

    title = "this database"
    grammar = ""
    """Name of its grammar in sqlglot. Empty: no particular one."""
    folds_case = False
    """Whether quoted names match whatever their case."""
    driver = ""
    """What to install where the driver is missing."""

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Gives the address to connect to and arguments of `create_engine`.

        Raises:
            ConfigError: the address cannot be right.
        """
        return url, {}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Prepares the session just opened; nothing for a database that has no way to."""

    def before_statement(self, driver: Any, timeout_s: float) -> None:
        """Arms what must be armed for every statement; most time-outs are set once for the session."""

    def is_read_only(self, connection: Connection) -> bool | None:
        """Asks the session whether it refuses writes. None: it cannot be asked."""
        return None

    def can_write(self, connection: Connection) -> str | None:
        """Says what the login could write, empty for nothing, by looking and never by trying. None: unknown."""
        return None

    def cancel(self, driver: Any) -> None:
        """Stops the statement that another thread waits for, where the driver offers that."""

    def meaning(self, native: BaseException) -> type[CrossdockError] | None:
        """Gives the error to raise for one of the driver's. None: go by its DB-API class."""
        return None


class SQLite(Dialect):
    """A file, opened `mode=ro` and `query_only`: two locks, neither of which a statement can open."""

    title = "SQLite"
    grammar = "sqlite"
    folds_case = True
    STEPS = 100_000
    MEANINGS = (
        (("locked", "busy", "interrupted", "disk i/o"), TRANSIENT),
        (("unable to open", "permission"), WRONG),
        (("not authorized",), DENIED),
        (("no such", "not a database", "malformed", "readonly", "syntax", "ambiguous", "only execute one"), WRONG),
    )

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Opens by a file URI, the only way to say read-only; SQLAlchemy's own URL cannot."""
        if not url.database or url.database == ":memory:":
            message = "`url` names no file: write sqlite:///C:/data/erp.db, or sqlite:////srv/erp.db"
            raise ConfigError(message)
        path = Path(url.database).absolute()
        if not path.is_file():
            message = f"there is no SQLite file {path}: correct `url`"
            raise ConfigError(message)

        def connect() -> sqlite3.Connection:
            place = f"{path.as_uri()}?mode=ro"
            return sqlite3.connect(place, uri=True, timeout=connect_timeout_s, check_same_thread=False)

        return url, {"creator": connect}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Locks the second lock."""
        connection.execute(text("PRAGMA query_only = ON"))

    def before_statement(self, driver: sqlite3.Connection, timeout_s: float) -> None:
        """Makes the statement stop itself at its deadline."""
        deadline = time.monotonic() + timeout_s
        driver.set_progress_handler(lambda: time.monotonic() > deadline, self.STEPS)

    def is_read_only(self, connection: Connection) -> bool:
        """Asks the pragma."""
        return bool(connection.execute(text("PRAGMA query_only")).scalar())

    def can_write(self, connection: Connection) -> str:
        """Looks at the file's permissions: SQLite knows no others."""
        path = connection.engine.url.database or ""
        return f"the file {path} (its permissions allow it)" if os.access(path, os.W_OK) else ""

    def cancel(self, driver: sqlite3.Connection) -> None:
        """Interrupts the statement."""
        driver.interrupt()

    def meaning(self, native: BaseException) -> type[CrossdockError] | None:
        """Goes by SQLite's fixed English texts; it has no other finer codes for these."""
        said = str(native).lower()
        return next((kind for words, kind in self.MEANINGS if any(word in said for word in words)), None)


class PostgreSQL(Dialect):
    """PostgreSQL through psycopg: the session's transactions are read-only, the server keeps the time-outs."""

    title = "PostgreSQL"
    grammar = "postgres"
    driver = 'pip install "crossdock[postgres]"'
    MEANINGS = (
        ("28", DENIED),
        ("42501", DENIED),
        ("3D", WRONG),
        ("3F", WRONG),
        ("42", WRONG),
        ("22", WRONG),
        ("25006", WRONG),
        ("0A", WRONG),
    )
    """Beginnings of SQLSTATE (manual, appendix A); those not listed pass with time: 08, 40, 53, 55, 57."""
    LOGIN_TEXTS = ("authentication failed", "no password supplied", "pg_hba.conf", "FATAL:  role ")
    CONFIG_TEXTS = (
        "FATAL:  database ",
        "invalid connection option",
        "could not translate host name",
        "failed to resolve host",
    )
    WRITABLE = """
        SELECT format('%I.%I', n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND has_schema_privilege(n.oid, 'USAGE')
          AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
               OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
        ORDER BY 1 LIMIT 3"""
    POWERS = """
        SELECT CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'anything: it is a superuser'
                    WHEN has_database_privilege(current_database(), 'CREATE') THEN 'new schemas'
                    WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname !~ '^pg_' AND
                                 has_schema_privilege(oid, 'CREATE')) THEN 'new tables' END"""

    def connect_with(self, url: URL, connect_timeout_s: float) -> tuple[URL, dict[str, Any]]:
        """Uses psycopg unless the operator names another driver."""
        if "+" not in url.drivername:
            url = url.set(drivername="postgresql+psycopg")
        wait = max(2, round(connect_timeout_s))
        return url, {"connect_args": {"connect_timeout": wait, "application_name": "crossdock"}}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Makes session and every transaction read-only, the latter for poolers that mix sessions up.

        Idle in transaction is bounded too, so that a hung child holds no vacuum up.
        """
        connection.execution_options(postgresql_readonly=True)
        limit = max(1, round(statement_timeout_s * 1000))
        connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        connection.execute(text(f"SET statement_timeout = {limit}"))
        connection.execute(text(f"SET idle_in_transaction_session_timeout = {limit + 60_000}"))
        connection.commit()

    def is_read_only(self, connection: Connection) -> bool:
        """Asks the session about its transactions."""
        return connection.execute(text("SHOW transaction_read_only")).scalar() == "on"

    def can_write(self, connection: Connection) -> str:
        """Asks the catalogue what the login has been granted."""
        power = connection.execute(text(self.POWERS)).scalar()
        return power or ", ".join(connection.execute(text(self.WRITABLE)).scalars())

    def cancel(self, driver: Any) -> None:
        """Asks the server, over a connection of its own, to stop the statement."""
        driver.cancel_safe(timeout=5.0)

    def meaning(self, native: BaseException) -> type[CrossdockError] | None:
        """Goes by SQLSTATE; a failed connection has none, so there by libpq's text."""
        state = getattr(native, "sqlstate", None)
        if state:
            return next((kind for start, kind in self.MEANINGS if state.startswith(start)), TRANSIENT)
        said = str(native)
        if any(words in said for words in self.LOGIN_TEXTS):
            return DENIED
        return WRONG if any(words in said for words in self.CONFIG_TEXTS) else None


DIALECTS: dict[str, Dialect] = {"sqlite": SQLite(), "postgresql": PostgreSQL()}


def dialect_of(url: URL) -> Dialect:
    """Gives what is known about the database that an address names."""
    return DIALECTS.get(url.get_backend_name(), Dialect())
