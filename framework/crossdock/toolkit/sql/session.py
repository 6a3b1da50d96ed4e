"""One open read-only connection to a database, given out a statement at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import URL, Connection, Executable, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from crossdock.contract import Config, ConfigError, Manifest, TransientError
from crossdock.toolkit.sql.dialects import Dialect, dialect_of
from crossdock.toolkit.sql.errors import ADDRESS_HINT, translated


class SqlSession:
    """An open read-only connection; every statement is a short transaction of its own.

    Memory stays flat: what `fetch` gives is all that is held.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, settings: Mapping[str, Any], secrets: Sequence[str | None] = ()
    ) -> None:
        """Takes an open connection, the settings it was opened with, and what no text may show."""
        self.connection, self.dialect, self.settings, self.secrets = connection, dialect, settings, tuple(secrets)
        self.cancelled = False
        self.shapes: dict[Any, tuple[str, ...]] = {}
        """Columns of the tables and queries that were looked at, by their declaration."""
        self.proved_keys: set[Any] = set()
        """Tables or queries and their keys in which no NULL was found."""

    @property
    def driver(self) -> Any:  # each driver has its own
        """The driver's own connection."""
        return self.connection.connection.driver_connection

    @property
    def driver_error(self) -> type[Exception]:
        """The driver's root of all errors."""
        return self.connection.dialect.loaded_dbapi.Error

    def fetch(self, statement: Executable, values: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Runs one SELECT and gives all its rows as the driver made them; the transaction is over then.

        Raises:
            TransientError: worth trying again, in a session of its own; or cancelled.
            ConnectionSetupError: a person must act.
        """
        return self.fetch_named(statement, values)[1]

    def fetch_named(
        self, statement: Executable, values: Mapping[str, Any] | None = None
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Gives the names of the columns beside the rows; else as `fetch`."""
        with self.transaction("the database did not answer a query"):
            self.dialect.before_statement(self.driver, self.settings["statement_timeout_s"])
            result: Any = self.connection.execute(statement, dict(values or {}))
            names = tuple(column[0] for column in result.cursor.description)
            rows = result.cursor.fetchall()
            result.close()
        return names, rows

    @contextmanager
    def transaction(self, doing: str) -> Iterator[Connection]:
        """Gives the connection for one short transaction, rolled back at its end, errors translated."""
        if self.cancelled:
            message = "the read was cancelled"
            raise TransientError(message)
        try:
            with translated(doing, self.dialect, self.secrets, self.driver_error):
                yield self.connection
        finally:
            with suppress(SQLAlchemyError):
                self.connection.rollback()

    def cancel(self) -> None:
        """Stops the statement under way and lets none begin; may be called from another thread."""
        self.cancelled = True
        if not self.connection.closed:
            self.dialect.cancel(self.driver)


@contextmanager
def open_session(manifest: Manifest, config: Config, url: Callable[[Config], str] | None) -> Iterator[SqlSession]:
    """Connects read-only and closes at the end.

    Raises:
        TransientError: not reachable now.
        ConnectionSetupError: a setting or a credential is wrong, or a driver is missing.
    """
    settings = {one.name: one.default for one in manifest.settings} | dict(config)
    address = _address(settings) if url is None else _parsed(url(config))
    secrets = (address.password, *(settings[one.name] for one in manifest.settings if one.secret))
    dialect = dialect_of(address)
    with translated(f"{dialect.title} could not be opened", dialect, secrets):
        connection = _connect(address, dialect, settings)
    try:
        yield SqlSession(connection, dialect, settings, secrets)
    finally:
        with suppress(SQLAlchemyError):
            connection.close()


def _connect(address: URL, dialect: Dialect, settings: Mapping[str, Any]) -> Connection:
    place, options = dialect.connect_with(address, settings["connect_timeout_s"])
    connection = create_engine(place, poolclass=NullPool, hide_parameters=True, **options).connect()
    dialect.make_read_only(connection, settings["statement_timeout_s"])
    connection.rollback()
    return connection


def _address(settings: Mapping[str, Any]) -> URL:
    address = _parsed(settings.get("url") or "")
    inside = [name for name in address.query if "password" in name.lower() or name.lower() == "pwd"]
    connect = str(address.query.get("odbc_connect", "")).lower().replace(" ", "")
    if address.password is not None or inside or "pwd=" in connect or "password=" in connect:
        message = 'there is a password in `url`: take it out and give it as `password`, as in { env = "ERP_PASSWORD" }'
        raise ConfigError(message)
    password = settings.get("password")
    return address.set(password=password) if password else address


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        message = f"the database's address cannot be read; {ADDRESS_HINT}"
        raise ConfigError(message) from None  # the error's own text may hold the address, with a password in it
