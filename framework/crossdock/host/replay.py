"""Rows that were set aside: which there are, and trying them again once their cause is mended."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct, field

from crossdock.contract import CrossdockError
from crossdock.host.config import Configuration, SyncConfig
from crossdock.host.lanes import Lanes
from crossdock.host.run_sync import LaneError
from crossdock.store import Store, catalogue, quarantine
from crossdock.store.catalogue import IGNORED
from crossdock.store.connections import find_connection, streams_of
from crossdock.store.quarantine import Quarantined
from crossdock.sync.read import Options
from crossdock.sync.summary import DeliverySummary

MAPPED, LEFT_ALONE, BAD, NOT_FOUND = "mapped", "ignored", "bad", "not found"
LISTED = 1000
"""Rows of a stream that are listed at most, and replayed at once."""


class Aside(NamedTuple):
    """One row set aside, and where it comes from."""

    source: str
    stream: str
    number: int
    """The stream's permanent number."""
    row: Quarantined


class Replayed(NamedTuple):
    """What became of a row."""

    aside: Aside
    state: str
    """`mapped`, `ignored`, `bad` or `not found`."""
    reason: str


class ReplayReport(Struct):
    """What a replay did."""

    rows: list[Replayed] = field(default_factory=list)
    deliveries: list[DeliverySummary] = field(default_factory=list)
    errors: list[LaneError] = field(default_factory=list)
    """Lanes that could not deliver what was mapped; the next sync does."""

    def is_done(self) -> bool:
        """Whether no row is bad still and all was delivered."""
        return not self.errors and all(one.state in (MAPPED, LEFT_ALONE) for one in self.rows)


class Places(NamedTuple):
    """Which streams are looked at."""

    source: str | None = None
    """Connection. None: all that a sync reads."""
    stream: str | None = None
    """`products` or `customers`. None: both."""


def list_aside(configuration: Configuration, store: Store, places: Places, most: int | None = LISTED) -> list[Aside]:
    """Gives the rows set aside, oldest first in each stream; at most so many of each, all where `most` is None.

    Raises:
        ConfigError: no connection has the source's name.
    """
    found = []
    with store.read() as transaction:
        for source, stream, number in _streams(configuration, store, places):
            limit = most if most is not None else quarantine.count(transaction, number)
            rows = quarantine.listed(transaction, number, limit)
            found += [Aside(source, stream, number, row) for row in rows]
    return found


def find_aside(
    configuration: Configuration, store: Store, places: Places, keys: Iterable[str]
) -> tuple[list[Aside], list[str]]:
    """Finds rows by key or by code; gives them, each once, and the keys that name none.

    Raises:
        ConfigError: no connection has the source's name.
    """
    found: dict[tuple[int, str], Aside] = {}
    unknown = []
    streams = _streams(configuration, store, places)
    with store.read() as transaction:
        for key in keys:
            rows = [
                Aside(source, stream, number, row)
                for source, stream, number in streams
                for row in quarantine.matching(transaction, number, key)
            ]
            found.update({(one.number, one.row.row_key): one for one in rows})
            if not rows:
                unknown.append(key)
    return list(found.values()), unknown


def _streams(configuration: Configuration, store: Store, places: Places) -> list[tuple[str, str, int]]:
    """Gives source, name and number of every stream that was read."""
    if places.source is not None:
        configuration.connection(places.source)
    read = [(sync.source, stream) for sync in configuration.syncs.values() for stream in sync.streams]
    found = []
    with store.read() as transaction:
        for source, stream in dict.fromkeys(read):
            if places.source in (None, source) and places.stream in (None, stream):
                number = find_connection(transaction, source)
                there = streams_of(transaction, number) if number is not None else {}
                found += [(source, stream, there[stream])] if stream in there else []
    return found


def replay(configuration: Configuration, store: Store, rows: Sequence[Aside]) -> ReplayReport:
    """Reads rows again, or maps the stored ones anew where the source cannot be asked, and delivers what they became.

    Raises:
        LaneBusyError: a run is at work on the stream.
        CrossdockError: the source cannot be read.
    """
    lanes, report = Lanes(configuration, store), ReplayReport()
    for number in dict.fromkeys(one.number for one in rows):
        some = [one for one in rows if one.number == number]
        syncs = _syncs(configuration, some[0])
        for start in range(0, len(some), LISTED):
            report.rows += _replay_stream(lanes, syncs[0], some[start : start + LISTED])
        if any(one.state == MAPPED and one.aside.number == number for one in report.rows):
            _deliver(lanes, syncs, some[0].stream, report)
    return report


def _syncs(configuration: Configuration, one: Aside) -> list[SyncConfig]:
    return [sync for sync in configuration.syncs.values() if sync.source == one.source and one.stream in sync.streams]


def _replay_stream(lanes: Lanes, sync: SyncConfig, rows: Sequence[Aside]) -> list[Replayed]:
    store, stream, number = lanes.store, rows[0].stream, rows[0].number
    with store.read() as transaction:
        moment = transaction.now()
    codes = tuple(dict.fromkeys(_native(one.row) for one in rows if one.row.code is not None))
    stored = [one.row for one in rows if one.row.code is None]
    if codes:
        lanes.read(sync, stream, Options(codes=codes))
    if stored:
        lanes.read(sync, stream, Options(rows=tuple(msgspec.json.decode(one.row) for one in stored)))
    with store.write() as transaction:
        quarantine.forget_unmet(transaction, number, [one.row_key for one in stored], moment)
        met = quarantine.met_since(transaction, number, moment)
        known = catalogue.lookup(transaction, number, [one.row.code for one in rows if one.row.code is not None])
        left = [code for code, item in known.items() if item.verdict == IGNORED]
        quarantine.released(transaction, number, left)
        there = {row.row_key for one in rows for row in quarantine.matching(transaction, number, one.row.row_key)}
    return [_outcome(one, met, left, there) for one in rows]


def _native(row: Quarantined) -> Any:
    """Gives the code as the source knows it."""
    return row.code if row.native_code is None else msgspec.json.decode(row.native_code)


def _outcome(one: Aside, met: Sequence[Quarantined], left: Sequence[str], there: set[str]) -> Replayed:
    """Works out what became of a row: a row without a code is known again by its text."""
    row = one.row
    again = [bad for bad in met if bad.row_key == row.row_key or (row.code is None and bad.row == row.row)]
    if again:
        field_name = f"{again[0].field}: " if again[0].field else ""
        return Replayed(one, BAD, f"{field_name}{again[0].reason}")
    if row.code in left:
        return Replayed(one, LEFT_ALONE, "the field map leaves it alone")
    if row.row_key in there:
        text = f"the source has no row of code {row.code!r} now; the next full read forgets it"
        return Replayed(one, NOT_FOUND, text)
    return Replayed(one, MAPPED, "")


def _deliver(lanes: Lanes, syncs: Sequence[SyncConfig], stream: str, report: ReplayReport) -> None:
    """Brings the channels up to date; what fails is left to the next sync."""
    for sync in syncs:
        for channel in sync.channels:
            try:
                report.deliveries.append(lanes.deliver(sync, stream, channel))
            except CrossdockError as problem:
                report.errors.append(LaneError(f"deliver({channel}, {sync.source}, {stream})", problem))
