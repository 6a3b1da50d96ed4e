"""What a driver does in its own way: how it cancels, keeps time, reports errors, gives rows and takes values.

Observed with the versions named at each class; a later version may do better, and nothing here would break.
"""

import codecs
import re
import sqlite3
import struct
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any

from crossdock.toolkit.sql.engines.troubles import Fault

NATIVE_NUMBER = re.compile(r"\((-?\d+)\)(?: \(SQL\w+\))?\s*(?:;|$)")
"""pyodbc ends each of the driver's messages with the database's number and the ODBC function that failed."""
STATE_LENGTH = 5


class Driver:
    """A DB-API driver of which nothing particular is known."""

    keeps_time = False
    """Whether the driver or the server ends a statement at its time-out. False: a timer of ours cancels it."""

    def opened(self, native: Any, timeout_s: float) -> None:
        """Prepares a connection just opened; `timeout_s` is that of its statements."""

    def fault(self, native: BaseException) -> Fault:
        """Takes an error apart."""
        number = native.args[0] if native.args and isinstance(native.args[0], int) else None
        state = getattr(native, "sqlstate", None)
        return Fault(str(native), state or "", number)

    def arm(self, native: Any, timeout_s: float) -> None:
        """Sets the time-out of the next statement, where the driver wants that for each."""

    def cancel(self, native: Any, cursor: Any) -> None:
        """Stops the statement that another thread waits for, where the driver offers that."""
        for stop in (getattr(cursor, "cancel", None), getattr(native, "cancel", None)):
            if stop is not None:
                with suppress(Exception):  # a statement that has just ended cannot be stopped
                    stop()
                return

    def abandon(self, native: Any, cursor: Any) -> None:
        """Lets go of a result before its end, so that closing it does not read the rest."""

    def names(self, cursor: Any) -> tuple[str, ...]:
        """Gives the names of a result's columns."""
        return tuple(column[0] for column in cursor.description)

    def is_time(self, column: Sequence[Any]) -> bool:
        """Whether a column holds times, by its DB-API description; only pyodbc's tells."""
        return column[1] is datetime

    def rows(self, cursor: Any) -> list[tuple[Any, ...]]:
        """Gives all rows of a result as tuples."""
        return list(cursor.fetchall())

    def relents(self, native: Any, error: BaseException) -> bool:
        """After an error: makes the driver give values that it cannot decode in another form, from now on.

        One bad value would else stop every read of its page; in a form that cannot be mapped, it sets its row aside.

        Returns:
            Whether it is worth running the statement again.
        """
        if not self.cannot_decode(error):
            return False
        self.make_lenient(native)
        return True

    def cannot_decode(self, error: BaseException) -> bool:
        """Whether an error is about a value that the driver cannot decode, and that it could give in another form."""
        return False

    def make_lenient(self, native: Any) -> None:
        """Makes the driver give such values in another form; for all others, reading is slower then."""

    def bound(self, value: Any) -> Any:
        """Gives a value as the driver binds it without loss."""
        return value


def broken_text(raw: bytes) -> str:
    """Gives text in which bytes that are not UTF-8 stand as half surrogates, which no record can hold."""
    return raw.decode("utf-8", "surrogateescape")


def broken_wide_text(raw: bytes) -> str:
    """Gives UTF-16 in which half surrogates stand as they are, and for half a unit at the end another."""
    whole = len(raw) // 2 * 2
    return raw[:whole].decode("utf-16-le", "surrogatepass") + "\udcff" * (whole < len(raw))


LENIENT = "crossdock_utf_8"
"""Name of the encoding by which pyodbc reads such text: it takes an encoding by its name, and is strict about it."""


def _lenient(name: str) -> codecs.CodecInfo | None:
    def decode(raw: Any, errors: str = "strict") -> tuple[str, int]:
        return broken_text(bytes(raw)), len(raw)

    return codecs.CodecInfo(codecs.utf_8_encode, decode, name=name) if name == LENIENT else None


codecs.register(_lenient)


class Sqlite3(Driver):
    """Python's own."""

    keeps_time = True
    STEPS = 100_000

    def fault(self, native: BaseException) -> Fault:
        """Its errors are told apart by SQLite's fixed English texts; the codes are coarser."""
        return Fault(str(native), number=getattr(native, "sqlite_errorcode", None))

    def arm(self, native: sqlite3.Connection, timeout_s: float) -> None:
        """Makes the statement stop itself at its deadline."""
        deadline = time.monotonic() + timeout_s
        native.set_progress_handler(lambda: time.monotonic() > deadline, self.STEPS)

    def cannot_decode(self, error: BaseException) -> bool:
        """Its text is UTF-8, unless the ERP's program wrote other bytes."""
        return "could not decode to utf-8" in str(error).lower()

    def make_lenient(self, native: sqlite3.Connection) -> None:
        """Reads text that is not UTF-8."""
        native.text_factory = broken_text

    def cancel(self, native: sqlite3.Connection, cursor: Any) -> None:
        """Interrupts the statement."""
        native.interrupt()


class Psycopg(Driver):
    """psycopg 3; the server keeps the time (`statement_timeout`)."""

    keeps_time = True

    def cannot_decode(self, error: BaseException) -> bool:
        """An error of its own about data: one of the server's has a state."""
        from psycopg import DataError  # noqa: PLC0415  # the driver is loaded where this is called

        return isinstance(error, DataError) and error.sqlstate is None

    def make_lenient(self, native: Any) -> None:
        """Gives times that Python has not, such as infinity and those before our era, as the server writes them."""
        from psycopg import DataError  # noqa: PLC0415  # the driver is loaded where this is called
        from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader  # noqa: PLC0415

        for name, known in (("date", DateLoader), ("timestamp", TimestampLoader), ("timestamptz", TimestamptzLoader)):
            native.adapters.register_loader(name, type(known.__name__, (known,), {"load": or_text(known, DataError)}))

    def cancel(self, native: Any, cursor: Any) -> None:
        """Asks the server, over a connection of its own, to stop the statement."""
        native.cancel_safe(timeout=5.0)


def or_text(known: Any, error: type[Exception]) -> Any:
    """Gives psycopg's way to read a value, and the server's own text where that cannot."""

    def load(self: Any, data: Any) -> Any:
        try:
            return known.load(self, data)
        except error:
            return bytes(data).decode()

    return load


class PyMySql(Driver):
    """PyMySQL 1.1 and later; the server keeps the time. It has no cancel: a second connection kills the query."""

    keeps_time = True
    BIT = 16
    """FIELD_TYPE.BIT of the protocol, which PyMySQL gives as bytes."""

    def opened(self, native: Any, timeout_s: float) -> None:
        """Reads BIT, in which MySQL's own programs keep true and false, as a number."""
        native.decoders = {**native.decoders, self.BIT: lambda raw: int.from_bytes(raw, "big")}

    def cancel(self, native: Any, cursor: Any) -> None:
        """Kills the statement, not the connection, over a connection of the same settings, encrypted if that is."""
        place = {name: getattr(native, name) for name in ("host", "port", "user", "password", "unix_socket")}
        if getattr(native, "_ssl_required", native.ssl):  # else PyMySQL encrypts where the server can, as before
            place["ssl"] = native.ctx
        waits = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), 5)
        with suppress(Exception), type(native)(**place, **waits) as other, other.cursor() as killer:
            killer.execute(f"KILL QUERY {int(native.thread_id())}")

    def abandon(self, native: Any, cursor: Any) -> None:
        """Kills the query: else the rest of its rows is read when the cursor closes."""
        self.cancel(native, cursor)


class Odbc(Driver):
    """pyodbc 5 over any ODBC driver.

    `Row` is no tuple (the row hash needs one). An error is `(SQLSTATE, text)`, with the database's own number
    in the text. `Connection.timeout` is SQL_ATTR_QUERY_TIMEOUT, which not every driver keeps (SQLite's does not).
    """

    OFFSET_TIME = -155
    """SQL_SS_TIMESTAMPOFFSET, which pyodbc 5 does not know (Microsoft's msodbcsql.h)."""

    def opened(self, native: Any, timeout_s: float) -> None:
        """Bounds each statement, and reads SQL Server's time with zone, which the driver gives as a structure."""
        with suppress(Exception):  # psqlODBC 13.02 has no such attribute; its server keeps the time
            native.timeout = max(1, round(timeout_s))
        native.add_output_converter(self.OFFSET_TIME, offset_time)

    def fault(self, native: BaseException) -> Fault:
        """Takes SQLSTATE from the first argument and the number from the text's end."""
        first = native.args[0] if native.args else ""
        state = first if isinstance(first, str) and len(first) == STATE_LENGTH else ""
        text = str(native.args[1]) if len(native.args) > 1 else str(native)
        found = NATIVE_NUMBER.search(text)
        return Fault(text, state, int(found[1]) if found else None)

    def bound(self, value: Any) -> Any:
        """Writes a time with zone as text: pyodbc would leave the zone out."""
        return value.isoformat() if isinstance(value, datetime) and value.tzinfo is not None else value

    def rows(self, cursor: Any) -> list[tuple[Any, ...]]:
        """Turns each `Row` into a tuple."""
        return list(map(tuple, cursor.fetchall()))


def offset_time(packed: bytes) -> datetime:
    """Reads SQL_SS_TIMESTAMPOFFSET_STRUCT: six 16-bit parts, nanoseconds in 32 bits, hours and minutes of the zone."""
    year, month, day, hour, minute, second, nanoseconds, hours, minutes = struct.unpack("<6hI2h", packed)
    zone = timezone(timedelta(hours=hours, minutes=minutes))
    return datetime(year, month, day, hour, minute, second, nanoseconds // 1000, zone)


class OdbcSqlServer(Odbc):
    """Microsoft's driver 18 and FreeTDS 1.3.17."""

    WIDE = (-8, -9, -10)
    """SQL_WCHAR, SQL_WVARCHAR, SQL_WLONGVARCHAR (sqlucode.h): NCHAR, NVARCHAR, NTEXT."""

    def cannot_decode(self, error: BaseException) -> bool:
        """The server lets half of a surrogate pair be kept, and cut pairs in two."""
        return isinstance(error, UnicodeDecodeError)

    def make_lenient(self, native: Any) -> None:
        """Reads UTF-16 as the server keeps it. Other text is left alone: its bytes are in the column's code page."""
        for kind in self.WIDE:
            native.add_output_converter(kind, broken_wide_text)

    def is_time(self, column: Sequence[Any]) -> bool:
        """A time with zone is text to pyodbc, but no text has a scale."""
        return super().is_time(column) or (column[1] is str and bool(column[5]))


class OdbcText(Odbc):
    """Drivers that cut fractions of a second off a bound time: bound as text, all of it arrives.

    MariaDB Connector/ODBC 3.1.15 binds whole seconds, sqliteodbc 0.9998 milliseconds. A place in a stream bound
    so would lie before the row it marks, and the same page be read for ever.

    Nor do they keep text in UTF-16: on Linux the one cuts texts off that mix signs of different lengths ("Ø0" came
    as "Ø"), the other those with signs beyond U+FFFFF. In UTF-8, which both databases speak, all of it comes and goes.
    Windows' driver manager would take UTF-8 for the machine's code page, so there UTF-16 stays.
    """

    CHAR, WIDE_CHAR = 1, -8
    """SQL_CHAR and SQL_WCHAR (sql.h, sqlucode.h)."""

    def opened(self, native: Any, timeout_s: float) -> None:
        """Has text come and go as UTF-8."""
        super().opened(native, timeout_s)
        if sys.platform != "win32":
            self._decode_by(native, "utf-8")
            native.setencoding(encoding="utf-8", ctype=self.CHAR)

    def cannot_decode(self, error: BaseException) -> bool:
        """Text may not be UTF-8, though both databases should see to that."""
        return isinstance(error, UnicodeDecodeError) and sys.platform != "win32"

    def make_lenient(self, native: Any) -> None:
        """Reads it all the same. An output converter would not do: it is given what the database keeps, undecoded."""
        if sys.platform != "win32":
            self._decode_by(native, LENIENT)

    def _decode_by(self, native: Any, encoding: str) -> None:
        for kind in (self.CHAR, self.WIDE_CHAR):
            native.setdecoding(kind, encoding=encoding, ctype=self.CHAR)

    def names(self, cursor: Any) -> tuple[str, ...]:
        """Takes NULs off: sqliteodbc counts a name's bytes where its signs were asked for."""
        return tuple(column[0].rstrip("\0") for column in cursor.description)

    def bound(self, value: Any) -> Any:
        """Writes a time as ISO text with a blank, as both databases compare it."""
        return value.isoformat(" ") if isinstance(value, datetime) else value
