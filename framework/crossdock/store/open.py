"""Opening the store: engine, transactions, and the little in which SQLite and PostgreSQL differ."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError, SQLAlchemyError

from crossdock.contract import ConfigError, TransientError
from crossdock.store.schema import HEAD, metadata


class Transaction:
    """One transaction of the store; hot statements run as text with driver tuples, all others as Core."""

    def __init__(self, connection: Connection, *, is_sqlite: bool) -> None:
        """Takes an open connection inside a transaction."""
        self.connection, self.is_sqlite = connection, is_sqlite
        self.execute = connection.execute

    def rows(self, sql: str, *values: Any) -> Sequence[Any]:
        """Runs one hot query with `?` for each value and gives all rows as the driver's own tuples."""
        result = self.connection.exec_driver_sql(self._text(sql), values)
        found = result.cursor.fetchall()
        result.close()
        return found

    def value(self, sql: str, *values: Any) -> Any:
        """Runs one hot query and gives the first value of its first row, None where there is none."""
        return self.connection.exec_driver_sql(self._text(sql), values).scalar()

    def change(self, sql: str, *values: Any) -> int:
        """Runs one hot statement and gives the number of rows it changed."""
        return self.connection.exec_driver_sql(self._text(sql), values).rowcount

    def change_all(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Runs one hot statement for each tuple."""
        if rows:
            self.connection.exec_driver_sql(self._text(sql), rows if isinstance(rows, list) else list(rows))

    def among(self, column: str) -> str:
        """Gives the condition that a column is among the values of one list parameter (see `keys`)."""
        return f"{column} IN (SELECT value FROM json_each(?))" if self.is_sqlite else f"{column} = ANY(?)"

    def keys(self, values: Sequence[Any]) -> Any:
        """Gives a list of values as the one parameter that `among` takes."""
        return msgspec.json.encode(values).decode() if self.is_sqlite else list(values)

    def now(self) -> float:
        """Seconds since 1970 by the database's clock, so that all machines agree."""
        if self.is_sqlite:
            return float(
                self.connection.exec_driver_sql("SELECT (julianday('now') - 2440587.5) * 86400.0").scalar_one()
            )
        return float(self.connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())

    def _text(self, sql: str) -> str:
        return sql if self.is_sqlite else sql.replace("?", "%s")


class Store:
    """The catalogue, positions, leases and runs of one installation."""

    def __init__(self, url: str) -> None:
        """Opens the store and brings its schema up to date.

        Raises:
            ConfigError: not reachable with this URL, or written by a newer version.
        """
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = open_engine(url)
        try:
            self._upgrade()
        except DatabaseError as error:
            message = f"the store at {make_url(url).render_as_string()} cannot be opened: {error.orig}"
            raise ConfigError(message) from error

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A transaction that writes, committed at its end; `durable` waits for the disk.

        Raises:
            TransientError: the store is busy or its disk is full; nothing of the transaction is kept.
        """
        with _translated(), self.engine.connect() as connection:
            if durable and self.is_sqlite:
                connection.exec_driver_sql("PRAGMA synchronous=FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            try:
                yield Transaction(connection, is_sqlite=self.is_sqlite)
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                if durable and self.is_sqlite:
                    connection.exec_driver_sql("PRAGMA synchronous=NORMAL")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads, all of it at one moment."""
        with _translated(), self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield Transaction(connection, is_sqlite=self.is_sqlite)
            finally:
                _roll_back(connection)

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()

    def _upgrade(self) -> None:
        with self.engine.connect() as connection:
            found = _version(connection)
        if found == HEAD:
            return
        if found is None:
            self._create()
            return
        from crossdock.store.migrate import upgrade  # noqa: PLC0415  # Alembic loads only where the schema is old

        upgrade(self.engine)

    def _create(self) -> None:
        with self.write() as transaction:
            connection = transaction.connection
            if not self.is_sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(727266)")
            if _version(connection) is None:
                metadata.create_all(connection)
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
                connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})


def _roll_back(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except DBAPIError:
        connection.invalidate()


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@contextmanager
def _translated() -> Iterator[None]:
    """Says what a failing store means: busy and full are worth another try, all else is a defect."""
    try:
        yield
    except OperationalError as error:
        message = (
            f"the store cannot be used now: {error.orig}. Free its disk or end what locks it; the next run goes on"
        )
        raise TransientError(message) from error


def open_engine(url: str) -> Engine:
    """Makes the engine for a store's URL; connections begin and end their transactions by themselves.

    Raises:
        ConfigError: not a URL, or its driver is not installed.
    """
    is_sqlite = url.startswith("sqlite")
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    try:
        if is_sqlite:
            engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False}, **options)
            event.listen(engine, "connect", _set_up_sqlite)
            return engine
        return create_engine(url, paramstyle="format", pool_pre_ping=True, **options)
    except (SQLAlchemyError, ImportError) as error:
        message = f"store url: {error}; use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
        raise ConfigError(message) from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "page_size=16384",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "cache_size=-8192",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
