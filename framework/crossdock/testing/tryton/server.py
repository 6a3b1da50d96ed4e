"""A Tryton that answers on loopback, for as long as a test needs it."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
from sqlalchemy import URL, make_url

from crossdock.testing import private
from crossdock.testing.private import Unavailable
from crossdock.testing.tryton.install import interpreter
from crossdock.testing.tryton.prepared import (
    PASSWORD,
    USER,
    name_of,
    postgres_database,
    sqlite_database,
    write_configuration,
)
from crossdock.testing.tryton.rpc import Rpc

HOST = "127.0.0.1"
_READY_WITHIN_S, _LOOK_EVERY_S, _STOP_S = 60.0, 0.05, 5.0
_TRIES = 3
# It ends when its input closes, so that none outlives a test run that was killed.
_PROGRAM = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
from trytond.cli import main
main()
"""


class Tryton:
    """A running Tryton with a database of its own.

    Attributes:
        url: root address of the server.
        database: SQLAlchemy URL of its tables, with the login that owns them.
        port: where it listens on loopback, also after a fall. 0: it never ran.
    """

    def __init__(self, folder: Path, database: URL) -> None:
        """Takes a folder for its files and a database with its tables; nothing runs before `start`."""
        self._folder, self._database = folder, database
        self._process: subprocess.Popen[bytes] | None = None
        self._session: Rpc | None = None
        self.database = database.render_as_string(hide_password=False)
        self.port = 0

    @property
    def url(self) -> str:
        """Root address of the server."""
        return f"http://{HOST}:{self.port}"

    @property
    def rpc(self) -> Rpc:
        """The administrator's session, a new one after each start.

        Raises:
            RuntimeError: the server does not run.
        """
        if self._session is None:
            message = "this Tryton does not run; call start()"
            raise RuntimeError(message)
        return self._session

    def start(self) -> None:
        """Starts the server, on the port it had before where there was one, and opens the administrator's session.

        Raises:
            Unavailable: it does not answer; the last of its log is in the text.
        """
        for left in reversed(range(1 if self.port else _TRIES)):
            self.port = self.port or private.free_port()
            try:
                self._launch()
                break
            except Unavailable:  # somebody may have taken the port meanwhile
                self.stop()
                self.port = 0
                if left == 0:
                    raise
        self._session = self.session(USER, PASSWORD)

    def stop(self) -> None:
        """Ends the server as a fallen machine would: at once; what it committed stays."""
        if self._process is None:
            return
        if self._session is not None:
            self._session.close()
            self._session = None
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    def session(self, user: str, password: str) -> Rpc:
        """Opens a session of one of its users; the caller closes it.

        Raises:
            httpx.HTTPStatusError: wrong name or password.
        """
        rpc = Rpc(self.url, name_of(self._database))
        rpc.login(user, password)
        return rpc

    def _launch(self) -> None:
        configuration, log = self._folder / "tryton.conf", self._folder / "tryton.log"
        write_configuration(configuration, self._database, f"{HOST}:{self.port}")
        words: list[str | Path] = ["-c", configuration, "-d", name_of(self._database)]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [interpreter(), "-c", _PROGRAM, *words], stdin=subprocess.PIPE, stdout=output, stderr=output
            )
        if not self._is_ready():
            said = log.read_text("utf-8", errors="replace")[-2000:]
            reason = f"Tryton does not answer at {self.url} (exit {self._process.poll()})\n{said}".strip()
            raise Unavailable(reason)

    def _is_ready(self) -> bool:
        """Waits until the server answers; False where it ended or takes too long."""
        until = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            with suppress(httpx.TransportError):
                httpx.get(f"{self.url}/", trust_env=False)
                return True
            time.sleep(_LOOK_EVERY_S)
        return False


@contextmanager
def start(folder: Path, database_url: str | None = None) -> Iterator[Tryton]:
    """Runs a Tryton with fresh tables and no company while the context lasts.

    Args:
        folder: an empty folder for its files.
        database_url: SQLAlchemy URL of a PostgreSQL server and a login that may create databases; Tryton gets one
            of its own there, dropped at the end. None: a SQLite file in the folder. SQLite checks no foreign keys
            in Tryton 7.0 and is quicker; PostgreSQL is what companies run.

    Raises:
        Unavailable: it cannot be installed or started.
    """
    with ExitStack() as stack:
        if database_url is None:
            database = sqlite_database(folder)
        else:
            database = stack.enter_context(postgres_database(make_url(database_url), folder))
        erp = Tryton(folder, database)
        stack.callback(erp.stop)
        erp.start()
        yield erp
