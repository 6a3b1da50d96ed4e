"""The tokens of an answer.

Source: MS-TDS, 2.2.7 "Packet data token stream definition".
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from crossdock.testing.sqlserver.errors import SqlError
from crossdock.testing.sqlserver.kinds import Kind
from crossdock.testing.sqlserver.writing import COLLATION, encoder, type_info

SERVER = "STANDIN"
VERSION = (15, 0, 2000)
TDS_7_4 = bytes.fromhex("74000004")
MORE, ERROR, COUNT, ATTENTION = 0x01, 0x02, 0x10, 0x20
DONE, DONE_PROC, DONE_IN_PROC = 0xFD, 0xFE, 0xFF
SELECT, INSERT, DELETE, UPDATE = 0xC1, 0xC3, 0xC4, 0xC5
ROW = b"\xd1"


class ColumnInfo(NamedTuple):
    """One column of a result."""

    name: str
    kind: Kind
    nullable: bool = True
    identity: bool = False
    key: bool = False


def counted(text: str, size: int = 1) -> bytes:
    """Gives text after the count of its characters."""
    data = text.encode("utf-16-le", "surrogatepass")
    return (len(data) // 2).to_bytes(size, "little") + data


def _with_length(code: int, body: bytes) -> bytes:
    return bytes((code,)) + len(body).to_bytes(2, "little") + body


def error(trouble: SqlError, line: int = 1, procedure: str = "") -> bytes:
    """Gives an ERROR token."""
    return _message(0xAA, trouble, line, procedure)


def info(number: int, text: str) -> bytes:
    """Gives an INFO token."""
    return _message(0xAB, SqlError(number, text, 0 if number else 10), 1, "")


def _message(code: int, trouble: SqlError, line: int, procedure: str) -> bytes:
    head = struct.pack("<iBB", trouble.number, trouble.state, trouble.severity)
    said = counted(trouble.text, 2) + counted(SERVER) + counted(procedure)
    return _with_length(code, head + said + line.to_bytes(4, "little"))


def environment(what: int, new: str, old: str) -> bytes:
    """Gives an ENVCHANGE token whose values are text."""
    return _with_length(0xE3, bytes((what,)) + counted(new) + counted(old))


def transaction(what: int, number: int) -> bytes:
    """Gives the ENVCHANGE of a transaction: 8 begun, 9 committed, 10 rolled back."""
    mark = b"\x08" + number.to_bytes(8, "little")
    return _with_length(0xE3, bytes((what,)) + (mark + b"\0" if what == 8 else b"\0" + mark))  # noqa: PLR2004


def collation() -> bytes:
    """Gives the ENVCHANGE that says how text is compared."""
    return _with_length(0xE3, b"\x07\x05" + COLLATION + b"\0")


def login_done() -> bytes:
    """Gives LOGINACK."""
    build = bytes(VERSION[:2]) + VERSION[2].to_bytes(2, "big")
    return _with_length(0xAD, b"\x01" + TDS_7_4 + counted("Microsoft SQL Server\0\0") + build)


def done(code: int, status: int, command: int = 0, rows: int = 0) -> bytes:
    """Gives DONE, DONEPROC or DONEINPROC."""
    return struct.pack("<BHHQ", code, status, command, rows)


def return_status(value: int) -> bytes:
    """Gives a procedure's RETURNSTATUS."""
    return b"\x79" + value.to_bytes(4, "little", signed=True)


def return_value(place: int, name: str, kind: Kind, value: Any) -> bytes:
    """Gives an output parameter's RETURNVALUE."""
    head = b"\xac" + place.to_bytes(2, "little") + counted(name) + b"\x01" + bytes(6)
    return head + type_info(kind) + encoder(kind)(value)


def columns(infos: Sequence[ColumnInfo]) -> bytes:
    """Gives COLMETADATA."""
    return b"\x81" + len(infos).to_bytes(2, "little") + b"".join(map(_column, infos))


def _column(one: ColumnInfo) -> bytes:
    flags = one.nullable | 0x08 | (0x10 if one.identity else 0)
    user_type = 80 if one.kind.name == "timestamp" else 0
    return struct.pack("<IH", user_type, flags) + type_info(one.kind) + counted(one.name)


def rows(infos: Sequence[ColumnInfo], values: Iterable[Sequence[Any]]) -> Iterable[bytes]:
    """Gives a ROW for each row."""
    encoders = [encoder(one.kind) for one in infos]
    for row in values:
        yield ROW + b"".join([encode(value) for encode, value in zip(encoders, row, strict=True)])
