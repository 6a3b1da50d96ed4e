"""What T-SQL's functions compute while rows pass, as functions that SQLite calls."""

import hashlib
import math
import re
import sqlite3
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from crossdock.testing.sqlserver import calendar_parts, errors, moments
from crossdock.testing.sqlserver.collation import folded
from crossdock.testing.sqlserver.errors import SqlError
from crossdock.testing.sqlserver.storing import converted, kind_of, stored_in

Keep = Callable[[SqlError], None]
_MAX_INT = 2**31 - 1


def register(connection: sqlite3.Connection, keep: Keep) -> None:
    """Makes the functions known to a connection.

    Args:
        connection: SQLite's.
        keep: takes the error behind SQLite's own "user-defined function raised exception".
    """
    for name, (count, function) in _FUNCTIONS.items():
        connection.create_function(f"tsql_{name}", count, guarded(function, keep), deterministic=name not in _CHANGING)


def guarded(function: Callable[..., Any], keep: Keep) -> Callable[..., Any]:
    """Gives a function that hands its error out before SQLite swallows it."""

    def run(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except SqlError as trouble:
            keep(trouble)
            raise
        except ArithmeticError as native:
            keep(errors.overflow("expression"))
            what = "expression"
            raise errors.overflow(what) from native

    return run


def _null_in_null_out(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(*arguments: Any) -> Any:
        return None if None in arguments else function(*arguments)

    return run


def _convert(value: Any, source: str, target: str, style: int) -> Any:
    return converted(value, kind_of(source), kind_of(target), style or 0)


def _try_convert(value: Any, source: str, target: str, style: int) -> Any:
    try:
        return _convert(value, source, target, style)
    except SqlError:
        return None


def _store(value: Any, source: str, target: str, table: str, column: str) -> Any:
    return stored_in(value, kind_of(source), kind_of(target), table, column)


def _divide(left: Any, right: Any, whole: int) -> Any:
    one, other = Decimal(str(left)), Decimal(str(right))
    if other == 0:
        raise errors.divided_by_zero()
    if whole:
        return int(one / other) if abs(one) < 2**53 else int(one // other)
    return float(left) / float(right)


def _remainder(left: Any, right: Any, whole: int) -> Any:
    if float(right) == 0:
        raise errors.divided_by_zero()
    return int(math.fmod(int(left), int(right))) if whole else float(Decimal(str(left)) % Decimal(str(right)))


@lru_cache(512)
def _pattern(pattern: str, escape: str | None, ignoring_case: int) -> re.Pattern[str]:
    made, at = "", 0
    while at < len(pattern):
        one, at = pattern[at], at + 1
        if one == escape and at < len(pattern):
            made, at = made + re.escape(pattern[at]), at + 1
        elif one == "[" and (end := pattern.find("]", at)) > at:
            inside = pattern[at:end]
            no = "^" if inside.startswith("^") else ""
            letters = "".join(each if each == "-" else re.escape(each) for each in inside[len(no) :])
            made, at = f"{made}[{no}{letters}]", end + 1
        else:
            made += {"%": ".*", "_": "."}.get(one) or re.escape(one)
    return re.compile(made, re.DOTALL | (re.IGNORECASE if ignoring_case else 0))


def _like(value: Any, pattern: Any, escape: str | None, ignoring_case: int) -> int | None:
    if value is None or pattern is None:
        return None
    text = str(value)
    found = _pattern(str(pattern), escape, ignoring_case)
    return int(bool(found.fullmatch(text) or found.fullmatch(text.rstrip(" "))))


def _len(value: Any) -> int:
    if isinstance(value, bytes):
        return len(value)
    return len(str(value).rstrip(" ").encode("utf-16-le", "surrogatepass")) // 2


def _datalength(value: Any, spelt: str) -> int:
    kind = kind_of(spelt)
    if isinstance(value, bytes):
        return len(value)
    if kind.family == "text":
        return len(value.encode("utf-16-le", "surrogatepass")) if kind.wide else len(value)
    sizes = {"tinyint": 1, "bit": 1, "smallint": 2, "bigint": 8, "float": 8, "datetime": 8, "date": 3, "money": 8}
    return sizes.get(kind.name, 4)


def _substring(text: Any, start: int, length: int) -> Any:
    first = max(start, 1) - 1
    return text[first : max(start + length - 1, first)]


def _charindex(wanted: str, text: str, start: int = 1) -> int:
    return text.casefold().find(wanted.casefold(), max(start - 1, 0)) + 1


def _replace(text: str, old: str, new: str) -> str:
    return re.sub(re.escape(old), lambda _: new, text, flags=re.IGNORECASE) if old else text


def _stuff(text: str, start: int, length: int, new: str) -> str | None:
    if not 0 < start <= len(text) or length < 0:
        return None
    return text[: start - 1] + new + text[start - 1 + length :]


def _round(value: Any, digits: int, cutting: int, spelt: str) -> Any:
    kind = kind_of(spelt)
    how = ROUND_DOWN if cutting else ROUND_HALF_UP
    number = Decimal(str(value)).scaleb(digits).quantize(Decimal(1), rounding=how).scaleb(-digits)
    if kind.family in {"int", "float"}:
        return int(number) if kind.family == "int" else float(number)
    return format(number.quantize(Decimal(1).scaleb(-kind.scale)), "f")


def _floor(value: Any, is_float: int) -> Any:
    number = Decimal(str(value)).to_integral_value(rounding="ROUND_FLOOR")
    return float(number) if is_float else int(number)


def _ceiling(value: Any, is_float: int) -> Any:
    number = Decimal(str(value)).to_integral_value(rounding="ROUND_CEILING")
    return float(number) if is_float else int(number)


def _abs(value: Any) -> Any:
    return value.lstrip("-") if isinstance(value, str) else abs(value)


def _is_numeric(value: Any) -> int:
    if value is None:
        return 0
    return int(
        bool(re.fullmatch(r"\s*[+-]?[$]?(\d+[.,\d]*|\.\d+)([eEdD][+-]?\d+)?\s*|\s*[+\-.$,]\s*", str(value), re.ASCII))
    )


def _now(spelt: str, _: int) -> str:
    at = datetime.now(UTC)
    clock = ((at.hour * 60 + at.minute) * 60 + at.second) * 10_000_000 + at.microsecond * 10
    kind = kind_of(spelt)
    if kind.name == "datetimeoffset":
        return moments.with_zone(at.toordinal(), clock, 0, kind)
    return moments.fitted(at.toordinal(), clock, kind)


def _date_from_parts(year: int, month: int, day: int) -> str:
    try:
        return moments.moment(date(year, month, day).toordinal(), 0)
    except ValueError as native:
        message = "Cannot construct data type date, some of the arguments have values which are not valid."
        raise SqlError(289, message) from native


def _add_days(moment: str, days: Any, spelt: str) -> str:
    day, ticks = moments.taken_apart(moment)
    ticks += int(Decimal(str(days)) * moments.TICKS_PER_DAY)
    return moments.fitted(day + ticks // moments.TICKS_PER_DAY, ticks % moments.TICKS_PER_DAY, kind_of(spelt))


def _checksum(ignoring_case: int, *values: Any) -> int:
    parts = [repr(folded(one) if ignoring_case and isinstance(one, str) else one) for one in values]
    number = zlib.crc32("\0".join(parts).encode("utf-8", "surrogatepass"))
    return number - 2**32 if number > _MAX_INT else number


def _hash(algorithm: str, value: Any) -> bytes:
    name = {"MD5": "md5", "SHA": "sha1", "SHA1": "sha1", "SHA2_256": "sha256", "SHA2_512": "sha512"}.get(
        algorithm.upper()
    )
    data = value if isinstance(value, bytes) else str(value).encode("cp1252", "replace")
    return hashlib.new(name, data, usedforsecurity=False).digest() if name else b""


def _concat(*parts: Any) -> str:
    return "".join("" if one is None else str(one) for one in parts)


_CHANGING = {"now", "newid"}
_N = _null_in_null_out
_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "convert": (4, _convert),
    "try_convert": (4, _try_convert),
    "store": (5, _store),
    "div": (3, _N(_divide)),
    "mod": (3, _N(_remainder)),
    "xor": (2, _N(lambda left, right: left ^ right)),
    "join": (2, _N(lambda left, right: left + right)),
    "like": (4, _like),
    "len": (1, _N(_len)),
    "datalength": (2, _N(_datalength)),
    "concat": (-1, _concat),
    "upper": (1, _N(str.upper)),
    "lower": (1, _N(str.lower)),
    "ltrim": (1, _N(lambda text: text.lstrip(" "))),
    "rtrim": (1, _N(lambda text: text.rstrip(" "))),
    "trim": (1, _N(lambda text: text.strip(" "))),
    "reverse": (1, _N(lambda text: text[::-1])),
    "left": (2, _N(lambda text, count: text[: max(count, 0)])),
    "right": (2, _N(lambda text, count: text[max(len(text) - count, 0) :])),
    "replicate": (2, _N(lambda text, count: text * max(count, 0))),
    "substring": (3, _N(_substring)),
    "replace": (3, _N(_replace)),
    "stuff": (4, _N(_stuff)),
    "charindex": (-1, _N(_charindex)),
    "space": (1, _N(lambda count: " " * count)),
    "char": (1, _N(lambda code: bytes((code,)).decode("cp1252", "replace"))),
    "nchar": (1, _N(chr)),
    "ascii": (1, _N(lambda text: text.encode("cp1252", "replace")[0] if text else None)),
    "unicode": (1, _N(lambda text: ord(text[0]) if text else None)),
    "quotename": (1, _N(lambda text: f"[{text.replace(']', ']]')}]")),
    "isnumeric": (1, _is_numeric),
    "abs": (1, _N(_abs)),
    "sign": (1, _N(lambda value: (Decimal(str(value)) > 0) - (Decimal(str(value)) < 0))),
    "power": (2, _N(lambda base, exponent: type(base)(float(base) ** float(exponent)))),
    "sqrt": (1, _N(math.sqrt)),
    "round": (4, _N(_round)),
    "floor": (2, _N(_floor)),
    "ceiling": (2, _N(_ceiling)),
    "dateadd": (4, _N(calendar_parts.added)),
    "datediff": (3, _N(calendar_parts.difference)),
    "datepart": (2, _N(calendar_parts.part)),
    "datefromparts": (3, _N(_date_from_parts)),
    "add_days": (3, _N(_add_days)),
    "now": (2, _now),
    "newid": (0, lambda: str(uuid.uuid4()).upper()),
    "checksum": (-1, _checksum),
    "hashbytes": (2, _N(_hash)),
}
