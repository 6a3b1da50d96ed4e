"""Where the rows of one stream are in an HTTP API, declared as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from crossdock.toolkit.http.paging import Paging, SinglePage

Moment = Literal["iso", "epoch", "epoch_ms", "date", "sql"]
"""How a point in time is written: `2026-01-31T23:59:59Z`, seconds or milliseconds since 1970, `2026-01-31`, or
`2026-01-31 23:59:59`; in UTC all of them."""


@dataclass(frozen=True, kw_only=True)
class ChangedSince:
    """A parameter that leaves away what did not change since a moment.

    The moment is the other system's own clock (its `Date` header) at the start of the last read, less the setting
    `overlap_s`; so neither our clock nor a row that changed while it was read matters. Incremental reads need besides
    that the field map's table names the `changed` value.
    """

    param: str
    """Parameter of the query, such as `updated_after`."""
    form: Moment = "iso"
    """How the moment is written."""
    text: str = "{}"
    """What stands around it, such as `ge:{}`."""

    def written(self, moment: datetime) -> str:
        """Gives the parameter's value."""
        return self.text.format(write_moment(moment, self.form))


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One stream's rows: path, paging and what can be asked for."""

    path: str
    """Added to the connection's address; `{name}` in it stands for a setting."""
    rows: str | None = None
    """Path of the list of rows in an answer (JMESPath). None: the answer is the list."""
    paging: Paging = field(default_factory=SinglePage)
    """How what there is is cut into pages."""
    params: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    """Query of every call, such as the order of rows; `{name}` in a text stands for a setting."""
    page_size: int = 100
    """Rows a page at most: what the system gives at once, whatever it is asked for."""
    since: ChangedSince | None = None
    """How to ask for what changed. None: every read is full."""
    code: str | None = None
    """How to ask for single items: a path with `{code}` in it, such as `items/{code}`, or else the parameter of the
    query that takes a code. None: all pages are read and the others left out."""


def write_moment(moment: datetime, form: Moment) -> str:
    """Writes a point in time in UTC, to the second."""
    utc = moment.astimezone(UTC).replace(microsecond=0)
    if form == "epoch":
        return str(int(utc.timestamp()))
    if form == "epoch_ms":
        return str(int(utc.timestamp()) * 1000)
    if form == "date":
        return utc.date().isoformat()
    separator, zone = ("T", "Z") if form == "iso" else (" ", "")
    return utc.replace(tzinfo=None).isoformat(separator) + zone
