"""Arithmetic with change stamps as OData writes them: a little earlier, and not in the future."""

from datetime import UTC, datetime, timedelta
from typing import Any

DATE_LENGTH = len("2026-01-31")


def earlier(stamp: Any, seconds: float) -> Any:  # whatever the property holds
    """Gives a stamp moved back, written as it was, so that what was written late under an older stamp is read again.

    A date, and a point in time at midnight, which may be a date in disguise (SAP Business One's `UpdateDate`), moves
    by whole days and at least one. Anything that is no point in time stays.
    """
    moment = _moment(stamp)
    if moment is None or seconds <= 0:
        return stamp
    if moment.time() == moment.time().min:
        return _written(stamp, moment - timedelta(days=1 + seconds // 86400))
    return _written(stamp, moment - timedelta(seconds=seconds))


def no_later_than_now(stamp: Any) -> Any:  # whatever the property holds
    """Gives the stamp, or the present where a wrong clock has put it into the future.

    Where a stamp has no zone it may be local or UTC: the later of the two counts as now.
    """
    moment = _moment(stamp)
    if moment is None:
        return stamp
    now = datetime.now(UTC)
    if moment.tzinfo is None:
        present = max(now.replace(tzinfo=None), now.astimezone().replace(tzinfo=None))
    else:
        present = now.astimezone(moment.tzinfo)
    return stamp if moment <= present else _written(stamp, present)


def _moment(stamp: Any) -> datetime | None:
    if not isinstance(stamp, str) or stamp[4:5] != "-":
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def _written(stamp: str, moment: datetime) -> str:
    if len(stamp) <= DATE_LENGTH:
        return moment.date().isoformat()
    text = moment.isoformat(timespec="seconds")
    return text.replace("+00:00", "Z") if stamp.endswith("Z") else text
