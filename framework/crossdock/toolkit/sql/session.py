"""One open read-only connection to a database, given out a statement at a time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from threading import Lock, Timer
from typing import Any

from sqlalchemy import Connection, Executable, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import visitors

from crossdock.contract import TransientError
from crossdock.toolkit.sql.engines import Dialect, driver_of
from crossdock.toolkit.sql.engines.troubles import CANCELLED, TIME_OUT
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
        """Gives the names of a statement's columns, and in lower case those that the driver makes times of.

        Only pyodbc tells the Python type of a column; the rest give numbers of their own.
        """
        with self.transaction(DOING), self._bounded(), closing(self._execute(statement, None)) as result:
            names, kinds = self.db_driver.names(result.cursor), [column[1] for column in result.cursor.description]
            self._ends()
        return names, frozenset(name.lower() for name, kind in zip(names, kinds, strict=True) if kind is datetime)

    def stream(
        self, statement: Executable, values: Mapping[str, Any] | None = None, *, size: int
    ) -> Iterator[tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
        """Gives the rows of one statement, `size` at a time, in one transaction that lasts until the last is taken.

        For what cannot be cut into pages; it cannot go on where it broke off. Else as `fetch_named`.
        """
        with self.transaction(DOING) as connection:
            connection.execution_options(stream_results=True, max_row_buffer=size)
            result = self._execute(statement, values)
            connection.execution_options(stream_results=False)
            names, rows = self.db_driver.names(result.cursor), None
            try:
                while rows := list(map(tuple, result.fetchmany(size))):
                    yield names, rows
                    if self.cancelled:
                        message = "the read was cancelled"
                        raise TransientError(message)
            finally:
                if rows != []:
                    self.db_driver.abandon(self.driver, self._cursor)
                self._ends()
                with suppress(Exception):  # what was abandoned may say so
                    result.close()

    @contextmanager
    def transaction(self, doing: str) -> Iterator[Connection]:
        """Gives the connection for one short transaction, rolled back at its end, errors translated."""
        if self.cancelled:
            message = "the read was cancelled"
            raise TransientError(message)
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
    def _bounded(self) -> Iterator[None]:
        """Ends the statement at its time-out by a timer, where neither driver nor server does."""
        if self.keeps_time:
            yield
            return
        timer = Timer(self.settings["statement_timeout_s"], self._give_up)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._given_up = True
        self._stop()

    def _stop(self) -> None:
        with self._stopping:
            if not self.connection.closed:
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
