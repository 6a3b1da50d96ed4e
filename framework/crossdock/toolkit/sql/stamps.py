"""Arithmetic with the values of a `changed` column: what lies a little earlier, what lies in the future."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

DATE_LENGTH = len("2026-01-31")
SECOND_LENGTH = len("2026-01-31 23:59:59")


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

    One row stamped in the year 2099 would otherwise hide all changes until then. A time without a zone may
    be local or UTC: the later of the two counts as now.
    """
    if isinstance(stamp, datetime):
        return min(stamp, _now(stamp))
    if isinstance(stamp, date):
        return min(stamp, _now(datetime.min).date())  # noqa: DTZ901  # any time without a zone will do
    moment = _moment(stamp)
    if moment is None or moment <= _now(moment):
        return stamp
    return _written_like(stamp, _now(moment))


def _now(like: datetime) -> datetime:
    now = datetime.now(UTC)
    if like.tzinfo is not None:
        return now.astimezone(like.tzinfo)
    return max(now.replace(tzinfo=None), now.astimezone().replace(tzinfo=None))


def _moment(stamp: object) -> datetime | None:
    """Reads ISO text such as SQLite keeps; None for anything else, compact forms such as 20260131 included."""
    if not isinstance(stamp, str) or stamp[4:5] != "-":
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def _written_like(stamp: str, moment: datetime) -> str:
    """Writes a moment so that it sorts as text among stamps of the same form, cut to whole seconds."""
    if len(stamp) <= DATE_LENGTH:
        return moment.date().isoformat()
    return moment.isoformat(stamp[DATE_LENGTH], "seconds")[: min(len(stamp), SECOND_LENGTH)]
