"""Writes types and values as they go over the wire.

Source: MS-TDS, 2.2.5.4 "Data types", 2.2.7.4 "COLMETADATA", 2.2.7.19 "ROW".
"""

import struct
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any
from uuid import UUID

from crossdock.testing.sqlserver import moments
from crossdock.testing.sqlserver.kinds import MAX, Kind

COLLATION = bytes.fromhex("0904d00034")
"""SQL_Latin1_General_CP1_CI_AS."""
Encoder = Callable[[Any], bytes]
_EXACT = Context(prec=76, rounding=ROUND_HALF_UP)
_EPOCH_1900 = date(1900, 1, 1).toordinal()
_INT_SIZES = {"tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
_TIME_CODES = {"time": 0x29, "datetime2": 0x2A, "datetimeoffset": 0x2B}
_LONG_CODES = {"varbinary": 0xA5, "binary": 0xAD, "timestamp": 0xAD}
_LONG_CODES |= {"varchar": 0xA7, "char": 0xAF, "nvarchar": 0xE7, "nchar": 0xEF}
_UNKNOWN_LENGTH = (0xFFFFFFFFFFFFFFFE).to_bytes(8, "little")
_PLP_NULL = b"\xff" * 8


def type_info(kind: Kind) -> bytes:
    """Gives the type as it stands before a value or in a column's description; always one that takes NULL."""
    name = kind.name
    if name in _INT_SIZES:
        return bytes((0x26, _INT_SIZES[name]))
    if name in _TIME_CODES:
        return bytes((_TIME_CODES[name], kind.scale))
    if name in {"decimal", "numeric"}:
        return bytes((0x6C if name == "numeric" else 0x6A, _decimal_size(kind), kind.precision, kind.scale))
    if name in _LONG_CODES:
        size = 0xFFFF if kind.length == MAX else kind.length * (2 if kind.wide else 1)
        return bytes((_LONG_CODES[name],)) + size.to_bytes(2, "little") + (COLLATION if "char" in name else b"")
    return _PLAIN[name]


_PLAIN = {
    "bit": b"\x68\x01",
    "real": b"\x6d\x04",
    "float": b"\x6d\x08",
    "smallmoney": b"\x6e\x04",
    "money": b"\x6e\x08",
    "smalldatetime": b"\x6f\x04",
    "datetime": b"\x6f\x08",
    "date": b"\x28",
    "uniqueidentifier": b"\x24\x10",
    "sql_variant": b"\x62" + (8009).to_bytes(4, "little"),
}


def encoder(kind: Kind) -> Encoder:
    """Gives the function that writes a value, kept as `moments.py` and `storing.py` say, or None for NULL."""
    name = kind.name
    if name in _INT_SIZES:
        return _int_encoder(_INT_SIZES[name])
    if name in {"decimal", "numeric"}:
        return _decimal_encoder(kind)
    if kind.family in {"text", "binary"}:
        return _chunked(_to_bytes(kind)) if kind.length == MAX else _counted(_to_bytes(kind))
    if name in _TIME_CODES:
        return _short(_timed_encoder(kind))
    return _long(_variant) if name == "sql_variant" else _short(_ENCODERS[name])


def _short(encode: Encoder) -> Encoder:
    def write(value: Any) -> bytes:
        if value is None:
            return b"\0"
        data = encode(value)
        return bytes((len(data),)) + data

    return write


def _long(encode: Encoder) -> Encoder:
    def write(value: Any) -> bytes:
        data = b"" if value is None else encode(value)
        return len(data).to_bytes(4, "little") + data

    return write


def _counted(encode: Encoder) -> Encoder:
    def write(value: Any) -> bytes:
        if value is None:
            return b"\xff\xff"
        data = encode(value)
        return len(data).to_bytes(2, "little") + data

    return write


def _chunked(encode: Encoder) -> Encoder:
    def write(value: Any) -> bytes:
        if value is None:
            return _PLP_NULL
        data = encode(value)
        piece = len(data).to_bytes(4, "little") + data if data else b""
        return len(data).to_bytes(8, "little") + piece + b"\0\0\0\0"

    return write


def _int_encoder(size: int) -> Encoder:
    pack = {1: struct.Struct("<BB"), 2: struct.Struct("<Bh"), 4: struct.Struct("<Bi"), 8: struct.Struct("<Bq")}[
        size
    ].pack
    return lambda value: b"\0" if value is None else pack(size, int(value))


def _to_bytes(kind: Kind) -> Encoder:
    if kind.family == "binary":
        return bytes
    if kind.wide:
        return lambda value: str(value).encode("utf-16-le", "surrogatepass")
    return lambda value: str(value).encode("cp1252", "replace")


def _decimal_size(kind: Kind) -> int:
    return next(size for limit, size in ((9, 5), (19, 9), (28, 13), (38, 17)) if kind.precision <= limit)


def _decimal_encoder(kind: Kind) -> Encoder:
    size, scale = _decimal_size(kind), kind.scale

    def write(value: Any) -> bytes:
        if value is None:
            return b"\0"
        stored = isinstance(value, str) and (value[-scale - 1 : -scale] == "." if scale else "." not in value)
        unscaled = int(value.replace(".", "")) if stored else int(_scaled(value, scale))
        return bytes((size, unscaled >= 0)) + abs(unscaled).to_bytes(size - 1, "little")

    return write


def _scaled(value: Any, scale: int) -> Decimal:
    return _EXACT.quantize(Decimal(str(value)).scaleb(scale, _EXACT), Decimal(1))


def _money(value: Any) -> bytes:
    unscaled = int(_scaled(value, 4))
    return struct.pack("<iI", unscaled >> 32, unscaled & 0xFFFFFFFF)


def _datetime(value: str) -> bytes:
    day, ticks = moments.taken_apart(value)
    return struct.pack("<iI", day - _EPOCH_1900, (ticks * 300 + 5_000_000) // 10_000_000)


def _smalldatetime(value: str) -> bytes:
    day, ticks = moments.taken_apart(value)
    return struct.pack("<HH", day - _EPOCH_1900, ticks // 600_000_000)


def _date(value: str) -> bytes:
    return (moments.taken_apart(value)[0] - 1).to_bytes(3, "little")


def _timed_encoder(kind: Kind) -> Encoder:
    size, unit = (3, 3, 3, 4, 4, 5, 5, 5)[kind.scale], int(10 ** (7 - kind.scale))

    def units(ticks: int) -> bytes:
        return (ticks // unit).to_bytes(size, "little")

    def write_moment(value: str) -> bytes:
        day, ticks = moments.taken_apart(value)
        return units(ticks) + (day - 1).to_bytes(3, "little")

    if kind.name == "time":
        return lambda value: units(moments.ticks_of(value))
    if kind.name == "datetime2":
        return write_moment
    return lambda value: write_moment(value) + int(value[27:] or 0).to_bytes(2, "little", signed=True)


def _variant(value: Any) -> bytes:
    if isinstance(value, int):
        return bytes((0x38, 0)) + value.to_bytes(4, "little", signed=True)
    data = str(value).encode("utf-16-le", "surrogatepass")
    return bytes((0xE7, 7)) + COLLATION + (8000).to_bytes(2, "little") + data


_ENCODERS: dict[str, Encoder] = {
    "bit": lambda value: b"\1" if value else b"\0",
    "real": lambda value: struct.pack("<f", value),
    "float": lambda value: struct.pack("<d", value),
    "money": _money,
    "smallmoney": lambda value: int(_scaled(value, 4)).to_bytes(4, "little", signed=True),
    "datetime": _datetime,
    "smalldatetime": _smalldatetime,
    "date": _date,
    "uniqueidentifier": lambda value: UUID(value).bytes_le,
}
