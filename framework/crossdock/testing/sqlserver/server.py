"""The stand-in as one object: start, stop, look inside, break on demand."""

import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from crossdock.testing.sqlserver import errors, logins, system_views
from crossdock.testing.sqlserver.batch import Batch
from crossdock.testing.sqlserver.catalogue import Catalogue, Column, Table
from crossdock.testing.sqlserver.certificate import HOST
from crossdock.testing.sqlserver.conversation import Conversation
from crossdock.testing.sqlserver.defining import create_stored
from crossdock.testing.sqlserver.faults import Fault, FaultKind, Faults
from crossdock.testing.sqlserver.greeting import LoginRequest
from crossdock.testing.sqlserver.loading import Loader
from crossdock.testing.sqlserver.locks import Locks
from crossdock.testing.sqlserver.procedures import Procedures
from crossdock.testing.sqlserver.session import Session
from crossdock.testing.sqlserver.translate import Answer

_FAREWELL_S = 5.0
_PATIENCE_MS = 20_000
"""How long `execute` and `load` wait for a table that a client holds."""
_ANSWERS = 2048
_GO = re.compile(r"^\s*GO\s*;?\s*$", re.IGNORECASE | re.MULTILINE)


class SqlServer:
    """A server that speaks SQL Server's wire, with one database on SQLite.

    Use `start`. What it can be told while it runs: `execute` and `load` write as the ERP does; `fault` and its
    fellows make it fail.
    """

    def __init__(
        self,
        folder: Path,
        database: str,
        tls: ssl.SSLContext | None,
        *,
        allow_snapshot: bool,
        read_committed_snapshot: bool,
    ) -> None:
        """Makes an empty database; nothing listens before `listen`."""
        self.file = str(folder / f"{database}.sqlite")
        self.tls, self.allow_snapshot, self.read_committed_snapshot = tls, allow_snapshot, read_committed_snapshot
        self.catalogue, self.locks, self.faults = Catalogue(database), Locks(), Faults()
        self.logins, self.stopping, self.answers = logins.defaults(), Event(), _Answers()
        self.port = 0
        self._listener: socket.socket | None = None
        self._accepting: Thread | None = None
        self._lock = Lock()
        self._served: dict[Thread, socket.socket] = {}
        self._sessions: list[Session] = []
        self._numbers, self._transactions, self._versions = count(51), count(1), count(2001)
        self._last_version, self._identities = 2000, dict[str, int]()
        self._own = Session(self, self.logins[logins.OWNER], 50, lambda: False)
        self._own.identity_insert = True
        self._own.lock_timeout_ms = _PATIENCE_MS
        self._make_system_tables()

    # Addresses

    def odbc(self, driver: str, user: str = logins.READER, *, database: str = "", **more: str) -> str:
        """Gives an ODBC connection string.

        Args:
            driver: a registered name, the path of a driver's library, or either as `DRIVER={...}`.
            user: one of the logins; its password goes in.
            database: another than the server's own.
            more: further options, such as `Encrypt="yes"`; they go before ours.
        """
        driver = driver.removeprefix("DRIVER=").strip("{}")
        free = "freetds" in driver.lower() or "tdsodbc" in driver.lower()
        options = {"DRIVER": f"{{{driver}}}", "SERVER": HOST if free else f"{HOST},{self.port}"}
        options |= {"PORT": str(self.port), "TDS_Version": "7.4"} if free else {"Encrypt": "no"}
        options |= {"DATABASE": database or self.catalogue.database, "UID": user, "PWD": self.logins[user].password}
        options |= more
        return ";".join(f"{name}={value}" for name, value in options.items())

    def url(self, driver: str, user: str = logins.READER, **more: str) -> str:
        """Gives SQLAlchemy's URL for the dialect `mssql+pyodbc`; arguments as of `odbc`."""
        from urllib.parse import quote_plus  # noqa: PLC0415  # only this needs it

        return f"mssql+pyodbc:///?odbc_connect={quote_plus(self.odbc(driver, user, **more))}"

    # As the ERP does

    def execute(self, batches: str) -> list[tuple[Any, ...]]:
        """Runs T-SQL as `sa`, committed at its end, and gives all rows of all results, as they are kept.

        Args:
            batches: one batch, or several with lines GO between. Identity columns may be given values.

        Raises:
            SqlError: as a client would see it.
        """
        batch = Batch(self._own, Procedures(self._own).call)
        rows: list[tuple[Any, ...]] = []
        self._own.begin_transaction()
        try:
            for text in _GO.split(batches):
                for result in batch.run(text) if text.strip() else ():
                    rows += map(tuple, result.rows or ())
        except errors.SqlError:
            self._own.end_transaction(commit=False)
            raise
        self._own.end_transaction(commit=True)
        return rows

    def load(self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]] | Sequence[Sequence[Any]]) -> int:
        """Puts many rows into a table, without the wire and without T-SQL, and gives how many.

        Args:
            table: its name.
            columns: which of its columns the values are for.
            rows: values as text that T-SQL would convert, or numbers, bytes and None.

        Raises:
            SqlError: a value does not fit; nothing is loaded then.
        """
        found = self.catalogue.table("dbo", table)
        if found is None:
            raise errors.no_object(table)
        self._own.begin_writing(found)
        loader = Loader(self._own, found, columns)
        try:
            done = loader.load(rows)
        except BaseException:
            self._own.end_transaction(commit=False)
            raise
        self._own.end_transaction(commit=True)
        return done

    @contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Holds a table while the context lasts, as a program does that has written and not committed."""
        session = self._extra_session()
        found = self.catalogue.table("dbo", table)
        if found is None:
            raise errors.no_object(table)
        session.begin_transaction()
        session.begin_writing(found)
        try:
            yield
        finally:
            session.close()

    def _extra_session(self) -> Session:
        return Session(self, self.logins[logins.OWNER], next(self._numbers), lambda: False)

    # Failing

    def fault(self, kind: FaultKind, **more: Any) -> None:
        """Sets a fault; the arguments are the fields of `Fault`."""
        self.faults.add(Fault(kind, **more))

    def clear_faults(self) -> None:
        """Takes all faults back."""
        self.faults.clear()

    def change_password(self, user: str, password: str) -> None:
        """Changes a login's password; who is in stays in."""
        self.logins[user].password = password

    def disconnect(self) -> None:
        """Cuts every connection, as a restart of the server would."""
        with self._lock:
            for wire in self._served.values():
                _hang_up(wire)

    # Listening

    def listen(self) -> None:
        """Listens on loopback, on the same port as before if there was one."""
        if self._listener is not None:
            return
        self.stopping.clear()
        self._listener = _bound(self.port)
        self.port = self._listener.getsockname()[1]
        self._accepting = Thread(target=self._accept, args=(self._listener,), name="SQL Server stand-in", daemon=True)
        self._accepting.start()

    def stop(self) -> None:
        """Refuses and ends all connections; what is committed stays."""
        listener, self._listener = self._listener, None
        if listener is None:
            return
        self.stopping.set()
        _hang_up(listener)
        listener.close()
        if self._accepting is not None:
            self._accepting.join(_FAREWELL_S)
        self.disconnect()
        with self._lock:
            threads = list(self._served)
        for thread in threads:
            thread.join(_FAREWELL_S)

    def close(self) -> None:
        """Stops for good."""
        self.stop()
        self._own.close()

    def _accept(self, listener: socket.socket) -> None:
        while not self.stopping.is_set():
            try:
                wire, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            wire.setblocking(True)  # noqa: FBT003  # the standard library's own argument
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number = next(self._numbers)
            thread = Thread(target=self._serve, args=(wire, number), name=f"SQL Server session {number}", daemon=True)
            with self._lock:
                self._served[thread] = wire
            thread.start()

    def _serve(self, wire: socket.socket, number: int) -> None:
        from threading import current_thread  # noqa: PLC0415

        try:
            Conversation(self, wire, number).serve()
        finally:
            with self._lock:
                self._served.pop(current_thread(), None)
            _hang_up(wire)
            wire.close()

    # What sessions ask

    def admitted(self, asked: LoginRequest) -> logins.Login:
        """Gives the login that may enter.

        Raises:
            SqlError: 18456 or 4060.
        """
        known = next((one for name, one in self.logins.items() if name.lower() == asked.user.lower()), None)
        if known is None or known.password != asked.password:
            raise errors.login_failed(asked.user)
        if asked.database and asked.database.lower() != self.catalogue.database.lower():
            raise errors.no_database_at_login(asked.database)
        return known

    def remember(self, session: Session) -> None:
        """Notes a session that has logged in."""
        with self._lock:
            self._sessions.append(session)

    def forget(self, session: Session) -> None:
        """Strikes a session off."""
        with self._lock:
            self._sessions.remove(session)

    def sessions(self) -> list[Session]:
        """Gives the sessions that are open now."""
        with self._lock:
            return list(self._sessions)

    def next_transaction(self) -> int:
        """Gives a number for a transaction."""
        return next(self._transactions)

    def next_version(self) -> bytes:
        """Gives the next row version; a roll-back takes none back."""
        self._last_version = next(self._versions)
        return self._last_version.to_bytes(8, "big")

    def last_version(self) -> bytes:
        """Gives the last row version that was given out."""
        return self._last_version.to_bytes(8, "big")

    def first_open_version(self) -> bytes:
        """Gives MIN_ACTIVE_ROWVERSION; the first that an open writer may have taken is not known apart."""
        return (self._last_version + 1).to_bytes(8, "big")

    def next_identity(self, session: Session, table: Table, column: Column) -> int:
        """Gives the next value of an identity column."""
        key = table.stored_as.lower()
        if key not in self._identities:
            ((top,),) = session.run_sqlite(f'SELECT MAX("{column.name}") FROM "{table.stored_as}"')  # noqa: S608
            self._identities[key] = top or 0
        self._identities[key] += 1
        return self._identities[key]

    def _make_system_tables(self) -> None:
        own = self._own
        own.sqlite.execute("PRAGMA journal_mode = WAL")
        own.sqlite.execute("BEGIN IMMEDIATE")
        own.sqlite.execute("CREATE TABLE standin (version INTEGER)")
        own.sqlite.execute("INSERT INTO standin VALUES (1)")
        for table in system_views.TABLES:
            create_stored(own, self.catalogue.put(table))
        for table in system_views.DYNAMIC:
            self.catalogue.put(table)
        own.refresh_views()
        own.sqlite.execute("COMMIT")


class _Answers(dict[Any, Answer]):
    """Translations made, the oldest forgotten first."""

    def __setitem__(self, key: Any, answer: Answer) -> None:
        if len(self) >= _ANSWERS:
            self.pop(next(iter(self)), None)
        super().__setitem__(key, answer)


def _bound(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        if os.name != "nt":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(64)
        listener.settimeout(0.2)
    except OSError:
        listener.close()
        raise
    return listener


def _hang_up(wire: socket.socket) -> None:
    try:
        wire.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is gone already


@contextmanager
def start(  # noqa: PLR0913  # each is one knob of a test, by keyword
    folder: Path,
    schema: str | Sequence[str] = (),
    *,
    database: str = "Company",
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    tls: ssl.SSLContext | None = None,
    allow_snapshot: bool = False,
    read_committed_snapshot: bool = False,
) -> Iterator[SqlServer]:
    """Runs a stand-in while the context lasts.

    Args:
        folder: where its database is kept.
        schema: T-SQL that makes what there is, run as `sa`.
        database: name of the one database.
        rows: rows to load, by table.
        tls: a server's context with a certificate, for encryption that is required. None: encryption is not offered.
        allow_snapshot: whether SNAPSHOT isolation may be asked for.
        read_committed_snapshot: whether readers do not wait for writers.
    """
    server = SqlServer(
        folder, database, tls, allow_snapshot=allow_snapshot, read_committed_snapshot=read_committed_snapshot
    )
    try:
        for text in [schema] if isinstance(schema, str) else schema:
            server.execute(text)
        for table, some in (rows or {}).items():
            columns = list(dict.fromkeys(name for row in some for name in row))
            server.load(table, columns, [[row.get(name) for name in columns] for row in some])
        server.listen()
        yield server
    finally:
        server.close()
