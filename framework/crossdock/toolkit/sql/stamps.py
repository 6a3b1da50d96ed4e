"""Arithmetic with the values of a `changed` column: what lies a little earlier, what lies in the future."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

DATE_LENGTH = len("2026-01-31")
SECOND_LENGTH = len("2026-01-31 23:59:59")
INFINITY = "infinity"
"""PostgreSQL's time after all others, which Python has not (manual, 8.5.1.4)."""
ZONE = re.compile(r" ?([+-]\d\d:\d\d)$")
"""At the end of a time as text, with a blank where the database writes one."""


def earlier(stamp: Any, seconds: float) -> Any:  # whatever the column holds
    """Gives the stamp moved back, so that a row committed late under an older stamp is read again.

    A timestamp, also one written as ISO text, moves by the seconds; a date by a day. Anything else (a
    counter, a row version, text of another form) stays: reading starts at that very value.
    """
    if seconds <= 0:
        return stamp
    if isinstance(stamp, datetime):
        return stamp - timedelta(seconds=seconds)
    if isinstance(stamp, date):
        return stamp - timedelta(days=1 + seconds // 86400)
    moment = _moment(stamp)
    if moment is None:
        return stamp
    return _written_like(stamp, moment - timedelta(seconds=seconds))


def no_later_than_now(stamp: Any) -> Any:  # whatever the column holds
    """Gives the stamp, or the present time where a wrong clock has put it in the future.

    One row stamped in the year 2099, or `infinity`, would otherwise hide all changes until then. A time without a zone
    may be local or UTC: only what is later than both lies in the future, and becomes the earlier, so that the hours
    between them are not hidden either.
    """
    if isinstance(stamp, datetime):
        earliest, latest = _now(stamp)
        return stamp if stamp <= latest else earliest
    if isinstance(stamp, date):
        earliest, latest = _now(datetime.min)  # noqa: DTZ901  # any time without a zone will do
        return stamp if stamp <= latest.date() else earliest.date()
    if stamp == INFINITY:  # of a time with zone or without: that one's zone is not read
        return _now(datetime.min)[0].isoformat(" ", "seconds") + "+00:00"  # noqa: DTZ901  # as above
    moment = _moment(stamp)
    if moment is None or moment <= _now(moment)[1]:
        return stamp
    return _written_like(stamp, _now(moment)[0])


def _now(like: datetime) -> tuple[datetime, datetime]:
    """Gives the present as it is written at the earliest and at the latest, with a zone where the other has one."""
    now = datetime.now(UTC)
    if like.tzinfo is not None:
        return (now.astimezone(like.tzinfo),) * 2
    written = now.replace(tzinfo=None), now.astimezone().replace(tzinfo=None)
    return min(written), max(written)


def _moment(stamp: object) -> datetime | None:
    """Reads ISO text such as SQLite keeps; None for anything else, compact forms such as 20260131 included."""
    if not isinstance(stamp, str) or stamp[4:5] != "-":
        return None
    try:
        return datetime.fromisoformat(ZONE.sub(r"\1", stamp))
    except ValueError:
        return None


def _written_like(stamp: str, moment: datetime) -> str:
    """Writes a moment so that it sorts as text among stamps of the same form, cut to whole seconds, its zone kept."""
    if len(stamp) <= DATE_LENGTH:
        return moment.date().isoformat()
    zone = ZONE.search(stamp)
    shown = moment.isoformat(stamp[DATE_LENGTH], "seconds")[: min(len(stamp), SECOND_LENGTH)]
    return shown + (zone[0] if zone else "")
