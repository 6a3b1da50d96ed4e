"""One session: a login at work, its transaction, its settings, and SQLite beneath."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crossdock.testing.sqlserver import collation, errors, facts, system_views, tokens
from crossdock.testing.sqlserver.catalogue import Catalogue, Table
from crossdock.testing.sqlserver.errors import SqlError
from crossdock.testing.sqlserver.faults import Fault
from crossdock.testing.sqlserver.grammar import Statement, parsed
from crossdock.testing.sqlserver.locks import WRITER, InterruptedStatementError
from crossdock.testing.sqlserver.logins import Login
from crossdock.testing.sqlserver.results import Value
from crossdock.testing.sqlserver.translate import Answer, Context, runtime, translate_query
from crossdock.testing.sqlserver.translate.context import placeholder

if TYPE_CHECKING:
    from crossdock.testing.sqlserver.server import SqlServer

READ_UNCOMMITTED, READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE, SNAPSHOT = 1, 2, 3, 4, 5
_STEPS = 20_000
_FETCH = 256
_OPENS_S = 30.0
"""Seconds to wait for another session that closes just now: the last one to leave holds SQLite's file for a moment."""


class CutError(Exception):
    """A fault wants the connection cut."""


class Session:
    """What one connection does; used by its thread."""

    def __init__(self, server: "SqlServer", login: Login, number: int, interrupted: Callable[[], bool]) -> None:
        """Opens SQLite.

        Args:
            server: whose session it is.
            login: who works.
            number: `@@SPID`.
            interrupted: whether the client asks to stop; asked while a statement runs.
        """
        self.server, self.login, self.number, self.interrupted = server, login, number, interrupted
        self.application, self.host, self.encrypted = "", "", False
        self.isolation, self.lock_timeout_ms, self.nocount, self.identity_insert = READ_COMMITTED, -1, False, False
        self.open_transactions = self.transaction_number = 0
        self.row_count = self.last_error = 0
        self.identity: int | None = None
        self.implicit = self.aborts = self.writing = self.reads_snapshot = False
        self.stale_views = False
        """Whether the server's own views do not show yet what this transaction has made."""
        self.variables: dict[str, Value] = {}
        self.database = server.catalogue.database
        self._trouble: SqlError | None = None
        self._undo_catalogue: Callable[[], None] | None = None
        self.sqlite = self._opened()

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.server.file, isolation_level=None, timeout=_OPENS_S, check_same_thread=False)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        collation.register(connection)
        runtime.register(connection, self._keep)
        connection.create_function(
            "tsql_fact", -1, runtime.guarded(lambda *asked: facts.fact(self, *asked), self._keep)
        )
        connection.create_function("tsql_next_version", 0, self.server.next_version)
        for table in system_views.DYNAMIC:
            names = ", ".join(f'"{one.name}"' for one in table.columns)
            connection.execute(f'CREATE TEMP TABLE "{table.stored_as}" ({names})')
        connection.set_progress_handler(self._must_stop, _STEPS)
        connection.execute("PRAGMA busy_timeout = 0")  # from here on the locks are our own
        return connection

    def close(self) -> None:
        """Rolls back and closes."""
        self.end_transaction(commit=False)
        self.sqlite.close()

    def reset(self) -> None:
        """Makes it as new, as `sp_reset_connection` does for a pool."""
        self.end_transaction(commit=False)
        self.isolation, self.lock_timeout_ms, self.nocount = READ_COMMITTED, -1, False
        self.implicit = self.aborts = self.identity_insert = False
        self.database = self.catalogue.database

    @property
    def catalogue(self) -> Catalogue:
        """What there is."""
        return self.server.catalogue

    def described(self) -> Sequence[Any]:
        """Gives its row of `sys.dm_exec_sessions`."""
        who = (self.number, "2024-01-01 00:00:00.0000000", self.host, self.application, self.login.name, "running")
        return (*who, self.isolation, self.lock_timeout_ms, self.open_transactions, 5, 1)

    # Queries

    def query(self, statement: Statement) -> tuple[Answer, Iterator[Sequence[Any]]]:
        """Runs a SELECT.

        Raises:
            SqlError: refused.
            InterruptedStatementError: the client gave up.
        """
        answer = self.prepared(statement, {name: one.kind for name, one in self.variables.items()})
        self._permit_reading(answer.tables)
        self._wait_for_writers(answer)
        if any(not name.startswith("dbo.") for name in answer.tables):
            self._show_system_views(answer.tables)
        values = {placeholder(name): self.variables[name].value for name in answer.parameters}
        return answer, self.run_sqlite(answer.sql, values)

    def prepared(self, statement: Statement, kinds: Mapping[str, Any]) -> Answer:
        """Gives the translation of a SELECT, from the server's memory where it was made before."""
        key = (statement.text, self.catalogue.version, tuple(sorted(kinds.items())))
        answer = self.server.answers.get(key)
        if answer is None:
            answer = translate_query(Context(self.catalogue, kinds), parsed(statement))
            self.server.answers[key] = answer
        return answer

    def run_sqlite(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> Iterator[Sequence[Any]]:
        """Runs a statement of SQLite's; it has begun when this returns."""
        self._trouble = None
        cursor = self.sqlite.cursor()
        try:
            cursor.execute(sql, values)
            first = cursor.fetchmany(_FETCH)
        except (sqlite3.Error, UnicodeError, OverflowError) as native:
            cursor.close()
            raise self._translated(native) from native
        return self._rows(cursor, first)

    def change(self, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> int:
        """Runs a statement of SQLite's that writes, and gives how many rows it wrote."""
        self._trouble = None
        try:
            return self.sqlite.execute(sql, values).rowcount
        except (sqlite3.Error, UnicodeError, OverflowError) as native:
            raise self._translated(native, values) from native

    def change_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Runs a statement of SQLite's that writes, once for each row."""
        self._trouble = None
        try:
            self.sqlite.executemany(sql, rows)
        except (sqlite3.Error, UnicodeError, OverflowError) as native:
            raise self._translated(native) from native

    def count(self, table: Table) -> int:
        """Counts a table's rows."""
        ((count,),) = self.run_sqlite(f'SELECT COUNT(*) FROM "{table.stored_as}"')  # noqa: S608  # a name of the catalogue
        return int(count)

    def _rows(self, cursor: sqlite3.Cursor, rows: list[Any]) -> Iterator[Sequence[Any]]:
        try:
            while rows:
                yield from rows
                rows = cursor.fetchmany(_FETCH)
        except sqlite3.Error as native:
            raise self._translated(native) from native
        finally:
            cursor.close()

    def _show_system_views(self, names: frozenset[str]) -> None:
        if self.stale_views:
            self.refresh_views()
        for table in system_views.DYNAMIC:
            if table.stored_as in names:
                self._refill(table)

    def refresh_views(self) -> None:
        """Makes the server's own views say what there is now."""
        server = self.server
        rows = system_views.static_rows(self.catalogue, server.allow_snapshot, server.read_committed_snapshot)
        for name, some in rows.items():
            self.change(f'DELETE FROM "{name}"')  # noqa: S608  # a name of the catalogue
            if some:
                self.change_many(f'INSERT INTO "{name}" VALUES ({", ".join("?" for _ in some[0])})', some)  # noqa: S608
        self.stale_views = False

    def _refill(self, table: Table) -> None:
        marks = ", ".join("?" for _ in table.columns)
        self.sqlite.execute(f'DELETE FROM temp."{table.stored_as}"')  # noqa: S608  # a name of the catalogue
        rows = system_views.dynamic_rows(table.stored_as, self)
        self.sqlite.executemany(f'INSERT INTO temp."{table.stored_as}" VALUES ({marks})', rows)  # noqa: S608

    def _permit_reading(self, tables: frozenset[str]) -> None:
        for name in sorted(tables):
            schema, _, plain = name.partition(".")
            if schema == "dbo" and not self.login.may("SELECT", plain):
                what = "SELECT"
                raise errors.denied(what, plain, self.database)

    def _wait_for_writers(self, answer: Answer) -> None:
        self.begin_implicitly()
        if self.isolation in {READ_UNCOMMITTED, SNAPSHOT}:
            self._begin_snapshot()
            return
        if self.server.read_committed_snapshot and self.isolation == READ_COMMITTED:
            return
        keep = self.isolation in {REPEATABLE_READ, SERIALIZABLE} and self.open_transactions > 0
        for name in sorted(answer.tables - answer.dirty):
            self._acquire(name.lower(), exclusive=False, keep=keep)

    def _begin_snapshot(self) -> None:
        if self.isolation != SNAPSHOT:
            return
        if not self.server.allow_snapshot:
            self.end_transaction(commit=False)
            raise errors.snapshot_not_allowed(self.database)
        if self.open_transactions and not self.sqlite.in_transaction:
            self.sqlite.execute("BEGIN DEFERRED")
            self.sqlite.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
            self.reads_snapshot = True

    def _acquire(self, resource: str, *, exclusive: bool, keep: bool = True) -> None:
        self.server.locks.acquire(
            self.number, resource, self.lock_timeout_ms, self.interrupted, exclusive=exclusive, keep=keep
        )

    # Transactions

    def begin_transaction(self) -> bytes:
        """Opens a transaction, or one more level of it; gives the tokens that say so."""
        self.open_transactions += 1
        if self.open_transactions > 1:
            return b""
        self.transaction_number = self.server.next_transaction()
        return tokens.transaction(8, self.transaction_number)

    def begin_implicitly(self) -> None:
        """Opens a transaction where the client has asked for implicit ones."""
        if self.implicit and not self.open_transactions:
            self.begin_transaction()

    def begin_writing(self, table: Table) -> None:
        """Takes what a writer needs, waiting for whoever has it.

        Raises:
            SqlError: 1222, 1205; 3960, another has changed the database since the snapshot.
        """
        self.begin_implicitly()
        self._acquire(table.stored_as.lower(), exclusive=True)
        if self.writing:
            return
        self._acquire(WRITER, exclusive=True)
        try:
            if self.reads_snapshot:
                self.sqlite.execute("UPDATE standin SET version = version")
            else:
                self.sqlite.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as native:
            message = "Snapshot isolation transaction aborted due to update conflict."
            raise SqlError(3960, message, 16, 2) from native
        self.writing = True
        self._undo_catalogue = self.catalogue.restore(self.catalogue.tables.values())

    def end_transaction(self, *, commit: bool) -> bytes:
        """Commits or rolls back whatever is open; gives the tokens that say so."""
        if self.sqlite.in_transaction:
            if self.stale_views and commit:
                self.refresh_views()
            self.stale_views = False
            self.sqlite.execute("COMMIT" if commit else "ROLLBACK")
            if not commit and self._undo_catalogue is not None and self.writing:
                self._undo_catalogue()
        self.writing = self.reads_snapshot = False
        self._undo_catalogue = None
        self.server.locks.release(self.number)
        said = tokens.transaction(9 if commit else 10, self.transaction_number) if self.open_transactions else b""
        self.open_transactions = 0
        return said

    def end_statement(self) -> None:
        """Commits what a statement outside of a transaction has done."""
        if not self.open_transactions:
            self.end_transaction(commit=True)

    # What goes wrong

    def strike(self, text: str, *, writes: bool) -> Fault | None:
        """Lets a fault that comes before the statement strike; gives one that strikes later.

        Raises:
            SqlError: the fault's.
            CutError: the connection is to be cut.
        """
        fault = self.server.faults.take(text, writes=writes)
        if fault is None or fault.kind in {"close_after_rows", "lose_answer"}:
            return fault
        if fault.kind == "close_before":
            raise CutError
        if fault.kind in {"hang", "slow"}:
            self.wait(None if fault.kind == "hang" else fault.seconds)
            return None
        raise {
            "deadlock": errors.deadlocked(self.number),
            "disk_full": errors.disk_full(text.split()[2] if len(text.split()) > 2 else "", self.database),  # noqa: PLR2004
            "error": SqlError(fault.number, f"the fault with the number {fault.number} that was asked for"),
        }[fault.kind]

    def wait(self, seconds: float | None) -> None:
        """Waits; None: until the faults are cleared.

        Raises:
            InterruptedStatementError: the client gave up.
            CutError: the server stops.
        """
        ends = None if seconds is None else time.monotonic() + seconds
        while not (self.server.faults.cleared.is_set() if ends is None else time.monotonic() >= ends):
            if self.interrupted():
                raise InterruptedStatementError
            if self.server.stopping.wait(0.01):
                raise CutError

    def _must_stop(self) -> int:
        try:
            return int(self.interrupted() or self.server.stopping.is_set())
        except OSError:
            return 1

    def _keep(self, trouble: SqlError) -> None:
        self._trouble = trouble

    def _translated(self, native: Exception, values: Mapping[str, Any] | Sequence[Any] = ()) -> Exception:
        said = str(native)
        if self._trouble is not None or said == "interrupted":
            return self._trouble or InterruptedStatementError()
        table, _, column = said.rpartition(": ")[2].partition(", ")[0].rpartition(".")
        if said.startswith("UNIQUE constraint failed"):
            return self._duplicate(
                table, [one.rpartition(".")[2] for one in said.rpartition(": ")[2].split(", ")], values
            )
        if said.startswith("NOT NULL constraint failed"):
            return errors.null_refused(column, f"{self.database}.{table}", "INSERT")
        what = (
            "text with half of a surrogate pair" if isinstance(native, UnicodeError) else f"what SQLite refused: {said}"
        )
        return errors.StandInLimitError(what)

    def _duplicate(self, stored_as: str, columns: Sequence[str], values: Mapping[str, Any] | Sequence[Any]) -> SqlError:
        table = self.catalogue.table(*stored_as.split(".", 1))
        if table is None:
            return errors.StandInLimitError(f"the table {stored_as}")
        index = next(
            one for one in table.indexes if {name.lower() for name in one.columns} == {name.lower() for name in columns}
        )
        places = [[one.name.lower() for one in table.columns].index(name.lower()) for name in columns]
        shown = (
            [values[place] for place in places]
            if len(values) == len(table.columns) and not isinstance(values, Mapping)
            else columns
        )
        return errors.duplicate(table.name, ", ".join(map(str, shown)), index.name, primary=index.primary)
