"""SQLite, through Python's own module and through ODBC."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, ClassVar
from urllib.parse import quote

from sqlalchemy import URL, ColumnElement, Connection, func, null, text

from crossdock.contract import ConfigError, Finding
from crossdock.toolkit.sql.engines import troubles
from crossdock.toolkit.sql.engines.dialect import Dialect
from crossdock.toolkit.sql.engines.troubles import Fault, Signs, Trouble


def uri_of(path: PurePath) -> str:
    """Gives a file's URI as SQLite reads it: a share's server is part of the path, not of the authority (uri.html)."""
    written = path.as_posix()
    return "file://" + ("" if written.startswith("/") else "/") + quote(written, safe="/:")


class SQLite(Dialect):
    """A file, opened `mode=ro` and `query_only`: two locks, neither of which a statement can open."""

    title = "SQLite"
    grammar = "sqlite"
    folds_case = True
    signs: ClassVar[Signs] = Signs(
        words=(
            ("no such table", troubles.NO_TABLE),
            ("no such column", troubles.NO_COLUMN),
            ("no such", troubles.WRONG_QUERY),
            ("syntax", troubles.WRONG_QUERY),
            ("ambiguous", troubles.WRONG_QUERY),
            ("only execute one", troubles.WRONG_QUERY),
            ("malformed json", troubles.WRONG_DATA),
            ("is locked", troubles.LOCKED),
            ("is busy", troubles.LOCKED),
            ("interrupted", troubles.CANCELLED),
            ("disk i/o", troubles.PASSING),
            ("disk is full", troubles.DISK_FULL),
            ("unable to open", troubles.WRONG_SETTING),
            ("permission", troubles.WRONG_SETTING),
            ("not authorized", troubles.NOT_PERMITTED),
            ("not a database", troubles.NOT_A_DATABASE),
            ("malformed", troubles.NOT_A_DATABASE),
            ("readonly", troubles.READ_ONLY),
        )
    )
    """SQLite's fixed English texts (sqlite3_errstr and its parser); there are no finer codes for these.

    What the parser says comes first: it quotes names of the operator's, such as a column `full` or a table `locked`.
    """

    cures: ClassVar[Mapping[str, str]] = {
        "login_can_write": "take this user's right to write from the file, where the ERP does not need it",
        "setting_wrong": "correct the path, and let this user read the file and write to its folder (for its lock)",
    }

    def meaning(self, fault: Fault) -> Trouble | None:
        """Takes whatever else is wrong with a statement (SQLITE_ERROR) for that: no waiting would mend it."""
        return super().meaning(fault) or (troubles.WRONG_QUERY if fault.number == sqlite3.SQLITE_ERROR else None)

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
            place = f"{uri_of(path)}?mode=ro"
            connection = sqlite3.connect(place, uri=True, timeout=connect_timeout_s, check_same_thread=False)
            # ATTACH and VACUUM INTO would make files of their own, however read-only this one is.
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            return connection

        return url, {"creator": connect}

    def odbc_options(self, given: Mapping[str, str], connect_timeout_s: float) -> dict[str, str]:
        """Makes the driver refuse to create a file that is not there, and wait for a lock.

        Raises:
            ConfigError: there is no such file.
        """
        path = Path(given.get("database", "")).absolute()
        if not path.is_file() and not ("dsn" in given and "database" not in given):  # a DSN names the file elsewhere
            message = f"there is no SQLite file {path}: correct DATABASE in `odbc`"
            raise ConfigError(message)
        return {"nocreat": "1", "timeout": str(round(connect_timeout_s * 1000))}

    def make_read_only(self, connection: Connection, statement_timeout_s: float) -> None:
        """Locks the second lock."""
        connection.execute(text("PRAGMA query_only = ON"))

    def is_read_only(self, connection: Connection) -> bool:
        """Asks the pragma."""
        return str(connection.execute(text("PRAGMA query_only")).scalar()) == "1"

    def can_write(self, connection: Connection) -> str:
        """Looks at the file's permissions: SQLite knows no others."""
        path = self._path(connection)
        return f"the file {path} (its permissions allow it)" if os.access(path, os.W_OK) else ""

    def facts(self, connection: Connection) -> Iterator[Finding]:
        """Says that a long read and a writer may hold each other up, unless the file keeps a write-ahead log."""
        mode = str(connection.execute(text("PRAGMA journal_mode")).scalar())
        said = "readers and writers do not wait for each other" if mode == "wal" else "a writer waits for a page's end"
        yield Finding("isolation", "ok", f"each page is one snapshot; journal_mode is {mode}: {said}")
        yield Finding("time_zone", "ok", "times are texts or numbers without a zone: they are taken as written")
        yield Finding("collation", "ok", "text compares by its bytes where a column does not say otherwise")

    def exact(self, stamp: ColumnElement[Any]) -> ColumnElement[Any]:
        """Hides the declared type: the ODBC driver would make a time of the text, or NULL where it cannot."""
        return func.coalesce(stamp, null())

    def call(self, procedure: str, arguments: int) -> str:
        """Refuses: there are none."""
        raise self._no_procedures()

    def _path(self, connection: Connection) -> str:
        listed = connection.execute(text("PRAGMA database_list")).fetchall()
        return next((str(one[2]) for one in listed if one[1] == "main"), "")
