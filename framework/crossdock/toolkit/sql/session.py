"""One open read-only connection to a database, given out a statement at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from threading import Event, Lock, Timer
from typing import Any

from sqlalchemy import Connection, Executable, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import visitors

from crossdock.contract import TransientError
from crossdock.toolkit.sql.engines import Dialect, driver_of
from crossdock.toolkit.sql.engines.troubles import CANCELLED, CONNECTION_LOST, TIME_OUT
from crossdock.toolkit.sql.errors import translated

DOING = "the database did not answer a query"


class SqlSession:
    """An open read-only connection; every statement is a short transaction of its own.

    Memory stays flat: what `fetch` gives is all that is held.
    """

    def __init__(
        self, connection: Connection, dialect: Dialect, settings: Mapping[str, Any], secrets: Sequence[str | None] = ()
    ) -> None:
        """Takes an open connection, the settings it was opened with, and what no text may show."""
        self.connection, self.dialect, self.settings, self.secrets = connection, dialect, settings, tuple(secrets)
        self.db_driver = driver_of(dialect, connection.dialect.driver)
        """What is particular about the driver."""
        self.keeps_time = dialect.keeps_time or self.db_driver.keeps_time
        """Whether server or driver end a statement at its time-out; else a timer of ours cancels it."""
        self.cancelled = False
        self.shapes: dict[Any, tuple[str, ...]] = {}
        """Columns of the tables and queries that were looked at, by their declaration."""
        self.moments: dict[Any, frozenset[str]] = {}
        """Of those, the columns of times, in lower case, where the driver says so."""
        self.proved_keys: set[Any] = set()
        """Tables or queries and their keys in which no NULL was found."""
        self.withs: dict[Any, str] = {}
        """The WITH of queries that must not hold it themselves, by the element that stands for the query."""
        self._given_up = False
        self._cursor: Any = None
        self._stopping = Lock()
        event.listen(connection, "before_cursor_execute", self._begins, retval=True)
        event.listen(connection.engine, "handle_error", self._ends)

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
        with self.transaction(DOING), self._bounded():
            try:
                return self._all(statement, values)
            except (self.driver_error, UnicodeDecodeError) as error:
                if not self.db_driver.relents(self.driver, error):
                    raise
                return self._all(statement, values)

    def describe(self, statement: Executable) -> tuple[tuple[str, ...], frozenset[str]]:
        """Gives the names of a statement's columns, and in lower case those of times, where the driver tells."""
        with self.transaction(DOING), self._bounded(), closing(self._execute(statement, None)) as result:
            names = self.db_driver.names(result.cursor)
            are_times = list(map(self.db_driver.is_time, result.cursor.description))
            self._ends()
        return names, frozenset(name.lower() for name, is_time in zip(names, are_times, strict=True) if is_time)

    def stream(
        self, statement: Executable, values: Mapping[str, Any] | None = None, *, size: int
    ) -> Iterator[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
        """Gives the rows of one statement, `size` at a time, in one transaction that lasts until the last is taken.

        For what cannot be cut into pages; it cannot go on where it broke off. Else as `fetch_named`.
        """
        with self.transaction(DOING) as connection:
            self.db_driver.make_lenient(self.driver)  # a stream cannot begin anew at a value that cannot be decoded
            self.dialect.limit_time(connection, 0)
            try:
                yield from self._streamed(statement.execution_options(stream_results=True, max_row_buffer=size), values)
            finally:
                with suppress(SQLAlchemyError):
                    self.dialect.limit_time(connection, self.settings["statement_timeout_s"])

    def _streamed(
        self, statement: Executable, values: Mapping[str, Any] | None
    ) -> Iterator[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
        with self._bounded(is_kept=False):
            result = self._execute(statement, values)
        names, rows = self.db_driver.names(result.cursor), None
        try:
            while rows := self._some(result, statement.get_execution_options()["max_row_buffer"]):
                yield names, rows
        finally:
            if rows != []:
                self.db_driver.abandon(self.driver, self._cursor)
            self._ends()
            with suppress(Exception):  # what was abandoned may say so
                result.close()

    def _some(self, result: Any, size: int) -> list[tuple[Any, ...]]:
        """Gives the next rows of a stream, each time within the time that a statement may take."""
        self._refuse_cancelled()
        with self._bounded(is_kept=False):
            return list(map(tuple, result.fetchmany(size)))

    def _refuse_cancelled(self) -> None:
        if self.cancelled:
            message = "the read was cancelled"
            raise TransientError(message)

    @contextmanager
    def transaction(self, doing: str) -> Iterator[Connection]:
        """Gives the connection for one short transaction, rolled back at its end, errors translated.

        Raises:
            TransientError: the session was cancelled, or has lost its connection: SQLAlchemy would open another, which
                would not be read-only.
        """
        self._refuse_cancelled()
        if self.connection.invalidated:
            message = f"{doing}: the connection to it was lost; it is tried again in a session of its own"
            error = TransientError(message)
            error.trouble = CONNECTION_LOST.code
            raise error
        try:
            with translated(doing, self.dialect, self.db_driver, self.secrets, self.driver_error):
                yield self.connection
        except TransientError as error:
            if self._given_up and error.trouble == CANCELLED.code:  # by our own timer
                error.trouble = TIME_OUT.code
            raise
        finally:
            self._given_up = False
            self._ends()
            with suppress(SQLAlchemyError):
                self.connection.rollback()

    def cancel(self) -> None:
        """Stops the statement under way on the server and lets none begin; may be called from another thread."""
        self.cancelled = True
        with self._stopping:
            self._stop()

    def _all(
        self, statement: Executable, values: Mapping[str, Any] | None
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        with closing(self._execute(statement, values)) as result:  # also after an error: it would hold a lock
            try:
                return self.db_driver.names(result.cursor), self.db_driver.rows(result.cursor)
            finally:
                self._ends()

    def _execute(self, statement: Executable, values: Mapping[str, Any] | None) -> Any:
        self.db_driver.arm(self.driver, self.settings["statement_timeout_s"])
        bound = {name: self._bound(value) for name, value in (values or {}).items()}
        if self.withs:
            found = (self.withs[one] for one in visitors.iterate(statement) if one in self.withs)  # type: ignore[arg-type]
            statement = statement.execution_options(with_clause=next(found, ""))
        return self.connection.execute(statement, bound)

    def _bound(self, value: Any) -> Any:
        return list(map(self.db_driver.bound, value)) if isinstance(value, list) else self.db_driver.bound(value)

    @contextmanager
    def _bounded(self, *, is_kept: bool | None = None) -> Iterator[None]:
        """Ends the statement at its time-out by a timer, where neither driver nor server does, or is told not to."""
        if self.keeps_time if is_kept is None else is_kept:
            yield
            return
        over = Event()
        timer = Timer(self.settings["statement_timeout_s"], self._give_up, (over,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._stopping:  # one that has fired is waited for, one that is about to finds that it is late
                over.set()

    def _give_up(self, over: Event) -> None:
        with self._stopping:
            if not over.is_set():
                self._given_up = True
                self._stop()

    def _stop(self) -> None:
        """Stops the statement under way; whoever calls holds the lock."""
        if not (self.connection.closed or self.connection.invalidated):
            self.db_driver.cancel(self.driver, self._cursor)

    def _ends(self, *_: Any) -> None:
        """Lets go of a cursor before it is freed, and waits for its canceller: Microsoft's driver would crash."""
        with self._stopping:
            self._cursor = None

    def _begins(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, *_: Any
    ) -> tuple[str, Any]:
        """Keeps the cursor of the statement that begins, since ODBC cancels by cursor; puts a query's WITH in front."""
        self._cursor = cursor
        return context.execution_options.get("with_clause", "") + statement, parameters
