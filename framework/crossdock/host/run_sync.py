"""One sync now: its lanes in turn, the failure of one not stopping the others."""

from collections.abc import Sequence

from msgspec import Struct, field

from crossdock.contract import CrossdockError
from crossdock.host.config import Configuration, SyncConfig
from crossdock.host.lanes import Lanes, Watch
from crossdock.store import Store, catalogue, checkpoints
from crossdock.store.connections import find_connection, streams_of
from crossdock.sync.read import Options
from crossdock.sync.summary import DeliverySummary, ReadSummary


class LaneError(Struct):
    """A lane that failed."""

    lane: str
    problem: CrossdockError


class SyncReport(Struct):
    """What one sync did."""

    name: str
    dry_run: bool = False
    reads: list[ReadSummary] = field(default_factory=list)
    deliveries: list[DeliverySummary] = field(default_factory=list)
    would_send: dict[str, dict[str, int]] = field(default_factory=dict)
    """Dry run: items that would be sent at most, by stream and channel; views and brakes may let less pass."""
    errors: list[LaneError] = field(default_factory=list)

    def is_done(self) -> bool:
        """Whether all lanes ended and nothing is held."""
        held = any(one.held for one in self.reads) or any(one.held for one in self.deliveries)
        return not self.errors and not held


def run_sync(
    configuration: Configuration,
    store: Store,
    sync: SyncConfig,
    streams: Sequence[str],
    options: Options,
    watch: Watch | None = None,
) -> SyncReport:
    """Runs the lanes of a sync in turn: each stream is read, then delivered to each channel.

    A channel is brought up to date even where the read failed: what is in the catalogue is true.
    """
    lanes = Lanes(configuration, store, watch)
    report = SyncReport(sync.name, options.dry_run)
    for stream in streams:
        try:
            report.reads.append(lanes.read(sync, stream, options))
        except CrossdockError as problem:
            report.errors.append(LaneError(f"read({sync.source}, {stream})", problem))
        for channel in sync.channels:
            if options.dry_run:
                report.would_send.setdefault(stream, {})[channel] = _pending(
                    store, sync.source, stream, channel, report
                )
                continue
            try:
                report.deliveries.append(lanes.deliver(sync, stream, channel))
            except CrossdockError as problem:
                report.errors.append(LaneError(f"deliver({channel}, {sync.source}, {stream})", problem))
    return report


def _pending(store: Store, source: str, stream: str, channel: str, report: SyncReport) -> int:
    """Counts what a channel has not got yet, and what this dry run would add; brakes and views may let less pass."""
    new = sum(one.written + one.vanished for one in report.reads if one.stream == stream)
    with store.read() as transaction:
        number, target = find_connection(transaction, source), find_connection(transaction, channel)
        found = streams_of(transaction, number).get(stream) if number is not None else None
        if found is None:
            return new
        seq = checkpoints.position(transaction, target, found).seq if target is not None else 0
        return new + catalogue.count_due(transaction, found, seq)
