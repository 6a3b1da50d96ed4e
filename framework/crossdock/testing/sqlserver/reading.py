"""Reads what clients send: a cursor over a message's bytes, types and values of parameters.

Source: MS-TDS, 2.2.5.4 "Data types", 2.2.6.6 "RPC request".
"""

import struct
from collections.abc import Callable
from datetime import date
from math import isfinite
from typing import Any, NamedTuple
from uuid import UUID

from crossdock.testing.sqlserver import moments
from crossdock.testing.sqlserver.errors import StandInLimitError, not_an_instance
from crossdock.testing.sqlserver.kinds import MAX, Kind

_PLP_NULL, _SHORT_NULL = 0xFFFFFFFFFFFFFFFF, 0xFFFF
_INTS = {1: "tinyint", 2: "smallint", 4: "int", 8: "bigint"}
_FIXED = {0x30: ("tinyint", 1), 0x32: ("bit", 1), 0x34: ("smallint", 2), 0x38: ("int", 4), 0x7F: ("bigint", 8)}
_FIXED |= {0x3B: ("real", 4), 0x3E: ("float", 8), 0x3D: ("datetime", 8), 0x3A: ("smalldatetime", 4)}
_FIXED |= {0x3C: ("money", 8), 0x7A: ("smallmoney", 4)}
_SIZED = {0x26: _INTS, 0x68: {1: "bit"}, 0x6D: {4: "real", 8: "float"}, 0x6E: {4: "smallmoney", 8: "money"}}
_SIZED |= {0x6F: {4: "smalldatetime", 8: "datetime"}, 0x24: {16: "uniqueidentifier"}}
_SCALED = {0x29: "time", 0x2A: "datetime2", 0x2B: "datetimeoffset"}
_LONG = {0xA5: "varbinary", 0xAD: "binary", 0xA7: "varchar", 0xAF: "char", 0xE7: "nvarchar", 0xEF: "nchar"}
_EPOCH_1900 = date(1900, 1, 1).toordinal()


class Parameter(NamedTuple):
    """One parameter of a call."""

    name: str
    """With its @; empty when given by place."""
    output: bool
    kind: Kind
    value: Any
    """As it is kept; None for NULL."""


class Reader:
    """Reads little-endian numbers, counted text and the like, from front to back."""

    def __init__(self, data: bytes) -> None:
        """Takes a message's body."""
        self.data, self.at = data, 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """Gives the next bytes.

        Raises:
            ValueError: the message is shorter than it says.
        """
        piece = self.data[self.at : self.at + count]
        if len(piece) < count:
            message = "a message is shorter than it says"
            raise ValueError(message)
        self.at += count
        return piece

    def number(self, size: int, *, signed: bool = False) -> int:
        """Gives the next whole number."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def text(self, length_size: int = 1) -> str:
        """Gives text that follows the count of its characters."""
        return self.take(self.number(length_size) * 2).decode("utf-16-le", "surrogatepass")

    def skip_headers(self) -> None:
        """Passes ALL_HEADERS, which begins with its own length."""
        self.take(self.number(4) - 4)

    def parameter(self) -> Parameter:
        """Gives the next parameter of a call.

        Raises:
            SqlError: 8023, its bytes are no value of its type.
        """
        name, status = self.text(), self.number(1)
        kind, read = self._kind()
        try:
            value = read()
        except (ValueError, OverflowError) as native:
            raise not_an_instance(name, kind.name) from native
        if isinstance(value, float) and not isfinite(value):
            raise not_an_instance(name, kind.name)
        return Parameter(name, bool(status & 1), kind, value)

    def _kind(self) -> tuple[Kind, Callable[[], Any]]:
        code = self.number(1)
        if code in _FIXED:
            name, size = _FIXED[code]
            return _named(name), lambda: decoded(name, self.take(size))
        if code in _SIZED:
            name = _SIZED[code][self.number(1)]
            return _named(name), lambda: self._short(name)
        return self._kind_with_arguments(code)

    def _kind_with_arguments(self, code: int) -> tuple[Kind, Callable[[], Any]]:
        if code == 0x28:  # noqa: PLR2004  # DATENTYPE
            return Kind("date"), lambda: self._short("date")
        if code in _SCALED:
            name, scale = _SCALED[code], self.number(1)
            return Kind(name, scale=scale), lambda: self._short(name, scale)
        if code in {0x6A, 0x6C}:
            self.number(1)
            precision, scale = self.number(1), self.number(1)
            return Kind("decimal", precision=precision, scale=scale), lambda: self._short("decimal", scale)
        if code in _LONG:
            return self._long(_LONG[code])
        if code in {0x63, 0x23, 0x22}:
            return self._old_long({0x63: "nvarchar", 0x23: "varchar", 0x22: "varbinary"}[code])
        what = f"parameters of the wire's type 0x{code:02X}"
        raise StandInLimitError(what)

    def _short(self, name: str, scale: int = 0) -> Any:
        data = self.take(self.number(1))
        return decoded(name, data, scale) if data else None

    def _long(self, name: str) -> tuple[Kind, Callable[[], Any]]:
        size = self.number(2)
        if "char" in name:
            self.take(5)
        if size == _SHORT_NULL:
            return Kind(name, MAX), lambda: _decoded_long(name, self._chunks())
        length = max(size // 2 if name.startswith("n") else size, 1)
        return Kind(name, length), lambda: _decoded_long(name, self._counted())

    def _old_long(self, name: str) -> tuple[Kind, Callable[[], Any]]:
        self.number(4)
        if "char" in name:
            self.take(5)

        def read() -> Any:
            size = self.number(4, signed=True)
            return None if size < 0 else _decoded_long(name, self.take(size))

        return Kind(name, MAX), read

    def _counted(self) -> bytes | None:
        size = self.number(2)
        return None if size == _SHORT_NULL else self.take(size)

    def _chunks(self) -> bytes | None:
        if self.number(8) == _PLP_NULL:
            return None
        pieces = []
        while size := self.number(4):
            pieces.append(self.take(size))
        return b"".join(pieces)


def _named(name: str) -> Kind:
    return Kind(name, precision={"money": 19, "smallmoney": 10}.get(name, 0), scale={"datetime": 3}.get(name, 0))


def _decoded_long(name: str, data: bytes | None) -> Any:
    if data is None or name in {"varbinary", "binary"}:
        return data
    return data.decode("utf-16-le", "surrogatepass") if name.startswith("n") else data.decode("cp1252", "replace")


def decoded(name: str, data: bytes, scale: int = 0) -> Any:
    """Gives what is kept of a value's bytes as they stand on the wire."""
    return _DECODERS[name](data, scale)


def _datetime(data: bytes, _: int) -> str:
    days, ticks = struct.unpack("<iI", data)
    return moments.moment(_EPOCH_1900 + days, (ticks * 10_000_000 + 150) // 300)


def _smalldatetime(data: bytes, _: int) -> str:
    days, minutes = struct.unpack("<HH", data)
    return moments.moment(_EPOCH_1900 + days, minutes * 600_000_000)


def _time(data: bytes, scale: int) -> str:
    return moments.clock(_units(data, scale))


def _datetime2(data: bytes, scale: int) -> str:
    return moments.moment(int.from_bytes(data[-3:], "little") + 1, _units(data[:-3], scale))


def _zoned(data: bytes, scale: int) -> str:
    minutes = int.from_bytes(data[-2:], "little", signed=True)
    return f"{_datetime2(data[:-2], scale)}{minutes:+05}"


def _units(data: bytes, scale: int) -> int:
    return int.from_bytes(data, "little") * int(10 ** (7 - scale))


def _decimal(data: bytes, scale: int) -> str:
    return _pointed(int.from_bytes(data[1:], "little") * (1 if data[0] else -1), scale)


def _money(data: bytes, _: int) -> str:
    if len(data) == 4:  # noqa: PLR2004  # smallmoney
        return _pointed(int.from_bytes(data, "little", signed=True), 4)
    high, low = struct.unpack("<iI", data)
    return _pointed((high << 32) + low, 4)


def _pointed(unscaled: int, scale: int) -> str:
    digits = f"{abs(unscaled):0{scale + 1}}"
    whole = f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits
    return f"-{whole}" if unscaled < 0 else whole


def _int(data: bytes, _: int) -> int:
    return int.from_bytes(data, "little", signed=len(data) > 1)


_DECODERS: dict[str, Callable[[bytes, int], Any]] = {
    **dict.fromkeys(_INTS.values(), _int),
    "bit": lambda data, _: int(data != b"\0"),
    "real": lambda data, _: struct.unpack("<f", data)[0],
    "float": lambda data, _: struct.unpack("<d", data)[0],
    "money": _money,
    "smallmoney": _money,
    "decimal": _decimal,
    "datetime": _datetime,
    "smalldatetime": _smalldatetime,
    "date": lambda data, _: moments.moment(int.from_bytes(data, "little") + 1, 0),
    "time": _time,
    "datetime2": _datetime2,
    "datetimeoffset": _zoned,
    "uniqueidentifier": lambda data, _: str(UUID(bytes_le=data)).upper(),
}
