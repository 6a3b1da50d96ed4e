"""Dates and times as the stand-in keeps them: text of one fixed form that sorts as time does.

A moment is `YYYY-MM-DD HH:MM:SS.fffffff`, 27 characters; a date is one at midnight, a time its last 16 characters;
one with a zone is the moment in UTC followed by the offset in minutes, such as `+0120`. `datetime` counts
three-hundredths of a second, and compared with a `datetime2` it has all seven digits of them (Transact-SQL
reference, "ALTER DATABASE compatibility level", 130): a value read as .003 is not equal to a bound .003.
"""

import re
from datetime import date
from functools import lru_cache

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.kinds import Kind

TICKS_PER_DAY = 864_000_000_000
"""Of 100 nanoseconds."""
MIDNIGHT = " 00:00:00.0000000"
_TICKS_PER_S = 10_000_000
_DAY_ONE, _DAY_1900 = 1, date(1900, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal()
_WRITTEN = re.compile(
    r"\s*(?:(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<run>\d{8}))?"
    r"(?:[T ]?\s*(?P<h>\d{1,2}):(?P<n>\d{2})(?::(?P<s>\d{2})(?:\.(?P<f>\d{1,9}))?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:\d{2})?\s*",
    re.ASCII,
)


def moment(day: int, ticks: int) -> str:
    """Gives the text of a day (1 is 0001-01-01) and the 100 nanoseconds since its midnight."""
    return f"{date.fromordinal(day).isoformat()} {clock(ticks)}"


def clock(ticks: int) -> str:
    """Gives the text of a time of day."""
    seconds, rest = divmod(ticks, _TICKS_PER_S)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:07}"


def taken_apart(text: str) -> tuple[int, int]:
    """Gives day and 100 nanoseconds of a moment's text."""
    return _day_of(text[:10]), ticks_of(text[11:27])


@lru_cache(4096)
def _day_of(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def ticks_of(text: str) -> int:
    """Gives the 100 nanoseconds of a time's text."""
    return (int(text[:2]) * 3600 + int(text[3:5]) * 60 + int(text[6:8])) * _TICKS_PER_S + int(text[9:16])


def fitted(day: int, ticks: int, kind: Kind) -> str:
    """Rounds to the type's grain and gives the text that is kept.

    Raises:
        SqlError: 242, outside of the type's range.
    """
    ticks = _rounded(ticks, kind)
    if ticks >= TICKS_PER_DAY and kind.name == "time":
        ticks = TICKS_PER_DAY - 10 ** (7 - kind.scale)
    day, ticks = day + ticks // TICKS_PER_DAY, ticks % TICKS_PER_DAY
    first = {"datetime": date(1753, 1, 1).toordinal(), "smalldatetime": _DAY_1900}.get(kind.name, _DAY_ONE)
    last = date(2079, 6, 6).toordinal() if kind.name == "smalldatetime" else _LAST_DAY
    if not first <= day <= last:
        raise errors.date_out_of_range(kind.name)
    return clock(ticks) if kind.name == "time" else moment(day, 0 if kind.name == "date" else ticks)


def _rounded(ticks: int, kind: Kind) -> int:
    if kind.name == "datetime":
        three_hundredths = (ticks * 300 + _TICKS_PER_S // 2) // _TICKS_PER_S
        return (three_hundredths * _TICKS_PER_S + 150) // 300
    grain = 60 * _TICKS_PER_S if kind.name == "smalldatetime" else 10 ** (7 - kind.scale)
    return ticks if kind.name == "date" else (ticks + grain // 2) // grain * grain


def read(text: str, kind: Kind) -> str:
    """Gives what is kept of a moment that somebody wrote as text.

    Raises:
        SqlError: 241, it is none that the stand-in reads; 242, out of range.
    """
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise errors.not_a_date()
    day, ticks, minutes = _read_day(found), _read_ticks(found), _read_zone(found["zone"])
    if kind.name == "datetimeoffset":
        return with_zone(day, ticks, minutes, kind)
    if minutes and kind.name in {"datetime", "smalldatetime"}:
        raise errors.not_a_date()
    return fitted(day, ticks, kind)


def with_zone(day: int, ticks: int, minutes: int, kind: Kind) -> str:
    """Gives what is kept of a local moment at an offset from UTC."""
    ticks = _rounded(ticks, kind) - minutes * 60 * _TICKS_PER_S
    text = moment(day + ticks // TICKS_PER_DAY, ticks % TICKS_PER_DAY)
    return f"{text}{minutes:+05}"


def _read_day(found: re.Match[str]) -> int:
    run = found["run"]
    parts = (run[:4], run[4:6], run[6:]) if run else (found["y"] or "1900", found["m"] or "1", found["d"] or "1")
    try:
        return date(*map(int, parts)).toordinal()
    except ValueError as native:
        raise errors.not_a_date() from native


def _read_ticks(found: re.Match[str]) -> int:
    hour, minute, second = (int(found[one] or 0) for one in "hns")
    if hour > 23 or minute > 59 or second > 59:  # noqa: PLR2004  # what a clock shows
        raise errors.not_a_date()
    return (hour * 3600 + minute * 60 + second) * _TICKS_PER_S + int((found["f"] or "0").ljust(7, "0")[:7])


def _read_zone(zone: str | None) -> int:
    if not zone or zone == "Z":
        return 0
    return int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:6]))
