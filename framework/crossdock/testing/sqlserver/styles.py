"""Values written as text, in the styles of CONVERT.

Source: Transact-SQL reference, "CAST and CONVERT", "Date and time styles", "Binary styles".
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crossdock.testing.sqlserver import moments
from crossdock.testing.sqlserver.errors import StandInLimitError
from crossdock.testing.sqlserver.kinds import Kind

_DATED = {
    1: "%m/%d/%y",
    3: "%d/%m/%y",
    23: "%Y-%m-%d",
    101: "%m/%d/%Y",
    102: "%Y.%m.%d",
    103: "%d/%m/%Y",
    104: "%d.%m.%Y",
    105: "%d-%m-%Y",
    106: "%d %b %Y",
    108: "%H:%M:%S",
    111: "%Y/%m/%d",
    112: "%Y%m%d",
    120: "%Y-%m-%d %H:%M:%S",
}


def as_text(value: Any, source: Kind, style: int) -> str:
    """Gives a kept value as text."""
    if source.family in {"moment", "date", "time", "zoned"}:
        return _moment(value, source, style)
    if isinstance(value, bytes):
        return _binary(value, style)
    if isinstance(value, float):
        return _float(value, style)
    return str(value)


def _moment(value: str, source: Kind, style: int) -> str:
    if source.name == "time":
        return value[: 9 + source.scale].rstrip(".")
    if source.name == "datetimeoffset":
        return _zoned(value, source, style)
    if style in _DATED:
        return datetime.fromisoformat(value[:26]).strftime(_DATED[style])
    return value[:10] if source.name == "date" else _dated_and_timed(value, source, style)


def _dated_and_timed(value: str, source: Kind, style: int) -> str:
    if style == 0 and source.name in {"datetime", "smalldatetime"}:
        return _old(value)
    if style not in {0, 20, 21, 121, 25, 126, 127}:
        what = f"style {style} of CONVERT"
        raise StandInLimitError(what)
    written = value[: 20 + source.scale].rstrip(".")
    return written.replace(" ", "T") if style in {126, 127} else written


def _old(value: str) -> str:
    """Gives the style that is older than ISO's: `Jan  5 2024 10:00AM`."""
    at = datetime.fromisoformat(value[:26])
    return f"{at:%b} {at.day:>2} {at.year} {(at.hour + 11) % 12 + 1:>2}:{at.minute:02}{'PM' if at.hour > 11 else 'AM'}"  # noqa: PLR2004


def _zoned(value: str, source: Kind, style: int) -> str:
    minutes = int(value[27:] or 0)
    day, ticks = moments.taken_apart(value)
    ticks += minutes * 600_000_000
    local = moments.moment(day + ticks // moments.TICKS_PER_DAY, ticks % moments.TICKS_PER_DAY)
    hours, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else "+"
    written = local[: 20 + source.scale].rstrip(".")
    return f"{written.replace(' ', 'T') if style == 126 else written} {sign}{hours:02}:{rest:02}"  # noqa: PLR2004


def _binary(value: bytes, style: int) -> str:
    if style in {1, 2}:
        return ("0x" if style == 1 else "") + value.hex().upper()
    return value.decode("cp1252", "replace")


def _float(value: float, style: int) -> str:
    digits: Callable[[], str] = {0: lambda: f"{value:.6g}", 1: lambda: f"{value:.7e}", 2: lambda: f"{value:.15e}"}.get(
        style, lambda: repr(value)
    )
    return digits()
