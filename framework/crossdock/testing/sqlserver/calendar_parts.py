"""DATEADD, DATEDIFF and DATEPART over moments as they are kept.

Source: Transact-SQL reference, the page of each: a difference counts the boundaries crossed.
"""

import calendar
from datetime import date

from crossdock.testing.sqlserver import errors, moments
from crossdock.testing.sqlserver.storing import kind_of

_TICKS = {
    "day": moments.TICKS_PER_DAY,
    "dayofyear": moments.TICKS_PER_DAY,
    "weekday": moments.TICKS_PER_DAY,
    "week": 7 * moments.TICKS_PER_DAY,
    "hour": 36_000_000_000,
    "minute": 600_000_000,
    "second": 10_000_000,
    "millisecond": 10_000,
    "microsecond": 10,
}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def _apart(text: str) -> tuple[int, int]:
    return moments.taken_apart(text) if "-" in text else (date(1900, 1, 1).toordinal(), moments.ticks_of(text))


def added(part: str, count: int, text: str, spelt: str) -> str:
    """Gives a moment later by so many parts.

    Raises:
        SqlError: 517, beyond what the type holds.
    """
    kind = kind_of(spelt)
    day, ticks = _apart(text)
    try:
        if part in _MONTHS:
            return moments.fitted(_later(day, count * _MONTHS[part]), ticks, kind)
        ticks += count * _TICKS[part] if part in _TICKS else count // 100
        return moments.fitted(day + ticks // moments.TICKS_PER_DAY, ticks % moments.TICKS_PER_DAY, kind)
    except (ValueError, errors.SqlError) as native:
        message = f"Adding a value to a '{kind.name}' column caused an overflow."
        raise errors.SqlError(517, message) from native


def _later(day: int, months: int) -> int:
    at = date.fromordinal(day)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    return date(year, month + 1, min(at.day, calendar.monthrange(year, month + 1)[1])).toordinal()


def difference(part: str, first: str, last: str) -> int:
    """Gives how many boundaries of a part lie between two moments."""
    (day, ticks), (other_day, other_ticks) = _apart(first), _apart(last)
    if part in _MONTHS:
        return _months(other_day) // _MONTHS[part] - _months(day) // _MONTHS[part]
    if part == "week":
        return other_day // 7 - day // 7  # ordinal 7 is a Sunday, where its weeks begin
    size = _TICKS.get(part)
    if size is None:
        return ((other_day - day) * moments.TICKS_PER_DAY + other_ticks - ticks) * 100
    return (other_day * moments.TICKS_PER_DAY + other_ticks) // size - (day * moments.TICKS_PER_DAY + ticks) // size


def _months(day: int) -> int:
    at = date.fromordinal(day)
    return at.year * 12 + at.month - 1


def part(name: str, text: str) -> int:
    """Gives one part of a moment; weeks begin on Sunday, as for `us_english`."""
    day, ticks = _apart(text)
    at = date.fromordinal(day)
    seconds = ticks // 10_000_000
    return {
        "year": at.year,
        "quarter": (at.month + 2) // 3,
        "month": at.month,
        "dayofyear": at.timetuple().tm_yday,
        "day": at.day,
        "week": (at.timetuple().tm_yday + date(at.year, 1, 1).isoweekday() % 7 - 1) // 7 + 1,
        "weekday": at.isoweekday() % 7 + 1,
        "hour": seconds // 3600,
        "minute": seconds // 60 % 60,
        "second": seconds % 60,
        "millisecond": ticks % 10_000_000 // 10_000,
        "microsecond": ticks % 10_000_000 // 10,
        "nanosecond": ticks % 10_000_000 * 100,
    }[name]
