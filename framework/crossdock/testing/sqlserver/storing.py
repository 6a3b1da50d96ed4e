"""Values as SQLite keeps them, and what SQL Server makes of one type's value in another.

Kept: whole numbers and bits as they are; exact numbers as text with all their digits; floats as they are; text, with
`char` padded; moments as `moments.py` says; GUIDs as upper-case text; binary as bytes.
Source of conversions and their errors: Transact-SQL reference, "CAST and CONVERT".
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from uuid import UUID

from crossdock.testing.sqlserver import errors, moments, styles
from crossdock.testing.sqlserver.kinds import BOUNDS, MAX, Kind, named

EXACT = Context(prec=76, rounding=ROUND_HALF_UP)
_WHOLE = re.compile(r"\s*[+-]?\d*\s*", re.ASCII)
_EPOCH_1900 = date(1900, 1, 1).toordinal()
_SHOWN = 30


@lru_cache(1024)
def kind_of(spelt: str) -> Kind:
    """Gives the type of a declaration such as `decimal(19,6)`.

    Raises:
        KeyError: no such type.
    """
    name, _, inside = spelt.lower().replace(")", "").partition("(")
    arguments = [MAX if one.strip() == "max" else int(one) for one in inside.split(",") if one]
    return named(name.strip(), *arguments)


def converted(value: Any, source: Kind, target: Kind, style: int = 0) -> Any:
    """Gives a kept value of one type as it is kept in another.

    Args:
        value: None for NULL, which stays so.
        source: the type that it has.
        target: the type wanted; longer text is cut, as CAST does.
        style: of CONVERT, for dates and binary.

    Raises:
        SqlError: it cannot be converted.
    """
    if value is None:
        return None
    if target.family == "text":
        return _cut(styles.as_text(value, source, style), target)
    return _CONVERTERS[target.family](value, source, target)


def stored_in(value: Any, source: Kind, target: Kind, table: str, column: str) -> Any:
    """Gives a value as a column keeps it.

    Raises:
        SqlError: it cannot be converted; 2628, too long.
    """
    if value is None:
        return None
    if target.family in {"text", "binary"} and target.length != MAX:
        whole = converted(value, source, Kind(target.name.replace("char", "varchar").replace("varvar", "var"), MAX))
        blank: Any = " " if target.family == "text" else b"\0"
        size = _units(whole) if target.wide else len(whole)
        if size > target.length and len(whole.rstrip(blank)) > target.length:
            shown = whole[:_SHOWN] if isinstance(whole, str) else whole[:_SHOWN].hex()
            raise errors.cut_off(table, column, shown)
    return converted(value, source, target)


def _units(text: str) -> int:
    """Gives the 16-bit units that text takes."""
    return len(text) + sum(one > "\uffff" for one in text)


def _cut(text: str, target: Kind) -> str:
    if not target.wide:
        text = text.encode("cp1252", "replace").decode("cp1252", "replace")
    if target.length == MAX:
        return text
    if target.wide and _units(text) > target.length:
        text = text.encode("utf-16-le", "surrogatepass")[: target.length * 2].decode("utf-16-le", "surrogatepass")
    text = text[: target.length]
    return text.ljust(target.length) if target.name in {"char", "nchar"} else text


def _to_int(value: Any, source: Kind, target: Kind) -> int:
    if isinstance(value, bytes):
        number = int.from_bytes(value[-8:], "big", signed=len(value) >= 8)  # noqa: PLR2004  # bytes of a bigint
    elif source.family == "text":
        if not _WHOLE.fullmatch(value):
            raise errors.not_converted(source.name, value, target.name)
        number = int(value.strip() or 0)
    elif source.family in {"int", "bit", "float", "decimal", "variant"}:
        number = int(Decimal(str(value)))
    else:
        raise errors.not_converted(source.name, str(value), target.name)
    low, high = BOUNDS[target.name]
    if not low <= number <= high:
        raise errors.overflow(target.name)
    return number


def _to_bit(value: Any, source: Kind, target: Kind) -> int:
    if source.family == "text" and (word := value.strip().lower()) in {"true", "false"}:
        return int(word == "true")
    if source.family == "text" and not _WHOLE.fullmatch(value):
        raise errors.not_converted(source.name, value, target.name)
    return int(Decimal(str(value).strip() or 0) != 0)


def exact(value: Any, source: Kind, target: Kind) -> Decimal:
    """Gives a value as an exact number.

    Raises:
        SqlError: 8114, it is none.
    """
    try:
        number = Decimal(str(value).strip().replace("$", "") if source.family == "text" else str(value))
    except InvalidOperation as native:
        raise errors.not_a_number(source.name, target.name.replace("decimal", "numeric")) from native
    if not number.is_finite():
        raise errors.not_a_number(source.name, target.name)
    return number


def _to_decimal(value: Any, source: Kind, target: Kind) -> str:
    number = EXACT.quantize(exact(value, source, target), Decimal(1).scaleb(-target.scale))
    if number.adjusted() >= target.precision - target.scale and number:
        raise errors.overflow("numeric" if target.name == "decimal" else target.name)
    return format(number, "f")


def _to_float(value: Any, source: Kind, target: Kind) -> float:
    try:
        number = float(value)
    except ValueError as native:
        raise errors.not_a_number(source.name, target.name) from native
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124  # NaN is the only one unlike itself
        raise errors.not_a_number(source.name, target.name)
    return number


def _to_moment(value: Any, source: Kind, target: Kind) -> str:
    if source.family == "text":
        return moments.read(value, target)
    if source.family in {"int", "float", "decimal", "bit"} and target.name in {"datetime", "smalldatetime"}:
        days = Decimal(str(value))
        whole = int(days // 1)
        return moments.fitted(_EPOCH_1900 + whole, int((days - whole) * moments.TICKS_PER_DAY), target)
    if source.family not in {"moment", "date", "time", "zoned"}:
        raise errors.not_a_date()
    if source.name == "time":
        value = moments.moment(_EPOCH_1900, 0)[:11] + value
    day, ticks = moments.taken_apart(value)
    minutes = int(value[27:] or 0)
    if target.name == "datetimeoffset":
        return moments.with_zone(day, ticks + minutes * 600_000_000, minutes, target)
    ticks += minutes * 600_000_000
    return moments.fitted(day + ticks // moments.TICKS_PER_DAY, ticks % moments.TICKS_PER_DAY, target)


def _to_guid(value: Any, source: Kind, _: Kind) -> str:
    try:
        return str(UUID(bytes_le=value) if isinstance(value, bytes) else UUID(str(value)[:38])).upper()
    except ValueError as native:
        raise errors.not_a_guid() from native


def _to_binary(value: Any, source: Kind, target: Kind) -> bytes:
    if isinstance(value, bytes):
        data = value
    elif source.family == "guid":
        data = UUID(value).bytes_le
    elif source.family == "text":
        data = value.encode("utf-16-le" if source.wide else "cp1252", "replace")
    else:
        size = {"tinyint": 1, "bit": 1, "smallint": 2, "bigint": 8}.get(source.name, 4)
        data = int(Decimal(str(value))).to_bytes(size, "big", signed=source.name not in {"tinyint", "bit"})
        size = len(data) if target.length == MAX else target.length
        return data[-size:].rjust(size if target.name != "varbinary" else len(data[-size:]), b"\0")
    if target.length != MAX:
        data = data[: target.length]
    return data.ljust(target.length, b"\0") if target.name in {"binary", "timestamp"} else data


_CONVERTERS: dict[str, Callable[[Any, Kind, Kind], Any]] = {
    "int": _to_int,
    "bit": _to_bit,
    "decimal": _to_decimal,
    "float": _to_float,
    "moment": _to_moment,
    "date": _to_moment,
    "time": _to_moment,
    "zoned": _to_moment,
    "guid": _to_guid,
    "binary": _to_binary,
    "variant": lambda value, _, __: value,
}
