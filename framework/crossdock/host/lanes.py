"""Running lanes: a lease, a child, a run's record, and another try where that is worth it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, TypeVar

import msgspec
import stamina
from stamina.instrumentation import set_on_retry_hooks

from crossdock.contract import ConfigError, CrossdockError, TransientError
from crossdock.host.child_port import ChildPort
from crossdock.host.config import Configuration, SyncConfig
from crossdock.host.sessions import READ_HOOKS, opened
from crossdock.store import Store, runs
from crossdock.store.connections import connection_id, find_connection, stream_id, streams_of
from crossdock.store.leases import Holder, Lease, take, this_process
from crossdock.sync.deliver import Deliverer, Target
from crossdock.sync.read import Options, Reader
from crossdock.sync.summary import DeliverySummary, ReadSummary
from crossdock.sync.view import PLAIN
from crossdock.wire import calm_collector

S = TypeVar("S")
ATTEMPTS = 3
WRITE_HOOKS = {"products": "write_products", "customers": "write_customers"}


class Watch(NamedTuple):
    """Who is told how a lane gets on."""

    read: Callable[[ReadSummary], None] = lambda _: None
    delivered: Callable[[DeliverySummary], None] = lambda _: None


class Lanes:
    """Runs the lanes of one configuration on one store."""

    def __init__(self, configuration: Configuration, store: Store, watch: Watch | None = None) -> None:
        """Takes the configuration, the store, and who is told of progress."""
        self.configuration, self.store, self.watch = configuration, store, watch or Watch()
        self.holder: Holder = this_process()
        calm_collector()

    def read(self, sync: SyncConfig, stream: str, options: Options) -> ReadSummary:
        """Runs `read(source, stream)` once.

        Raises:
            LaneBusyError: another run is at it.
            CrossdockError: the source failed for good, or after several tries.
        """
        number = self._known_stream(sync.source, stream) if options.dry_run else self._stream(sync.source, stream)
        options = options._replace(page_size=sync.page_size, full_every_s=sync.full_every_s, brake=sync.brake)
        if options.dry_run:
            return self._read(sync.source, stream, number, None, options)
        with self._lane(f"read({sync.source}, {stream})") as (lease, note):
            summary = self._tried(lambda: self._read(sync.source, stream, number, lease, options))
            note(summary)
        return summary

    def deliver(self, sync: SyncConfig, stream: str, channel: str) -> DeliverySummary:
        """Runs `deliver(channel, source, stream)` once; raises as `read` does."""
        number = self._stream(sync.source, stream)
        one = self.configuration.connection(channel)
        with self.store.write() as transaction:
            channel_number = connection_id(transaction, channel, one.plugin, one.was)
        rivals = len(self.configuration.sources_into(channel, stream)) > 1
        view = sync.views.get(channel, PLAIN)
        target = Target(channel_number, number, stream, view, sync.brake, rivals)
        with self._lane(f"deliver({channel}, {sync.source}, {stream})") as (lease, note):
            summary = self._tried(lambda: self._deliver(channel, target, lease))
            note(summary)
        return summary

    def _read(self, source: str, stream: str, number: int, lease: Lease | None, options: Options) -> ReadSummary:
        with self._session(source, lease) as port:
            self._require(port, source, READ_HOOKS[stream], stream)
            reader = Reader(self.store, port, number, lease, options)
            reader.on_page = self.watch.read
            return reader.run(stream)

    def _deliver(self, channel: str, target: Target, lease: Lease) -> DeliverySummary:
        with self._session(channel, lease) as port:
            self._require(port, channel, WRITE_HOOKS[target.name], target.name)
            deliverer = Deliverer(self.store, port, target, lease, channel)
            deliverer.on_batch = self.watch.delivered
            return deliverer.run()

    def _require(self, port: ChildPort, connection: str, hook: str, stream: str) -> None:
        if hook not in port.hooks:
            message = f"connection {connection!r}: plugin {port.plugin!r} cannot serve {stream}: it has no {hook}"
            raise ConfigError(message)
        if hook in READ_HOOKS.values() and stream not in {one.stream for one in port.maps}:
            where = f"[connections.{connection}.{stream}.fields]"
            message = f"connection {connection!r} has no field map for {stream}; write {where}"
            raise ConfigError(message)

    @contextmanager
    def _session(self, name: str, lease: Lease | None) -> Iterator[ChildPort]:
        with opened(self.configuration, name, self.store, lease.keep if lease is not None else lambda: None) as port:
            yield port

    def _stream(self, source: str, stream: str) -> int:
        with self.store.write() as transaction:
            one = self.configuration.connection(source)
            number = connection_id(transaction, source, one.plugin, one.was)
            return stream_id(transaction, number, stream)

    def _known_stream(self, source: str, stream: str) -> int:
        """Gives a stream's number without making one: 0 for one that was never read."""
        with self.store.read() as transaction:
            was = self.configuration.connection(source).was
            number = find_connection(transaction, source) or (find_connection(transaction, was) if was else None)
            return 0 if number is None else streams_of(transaction, number).get(stream, 0)

    def _tried(self, once: Callable[[], S]) -> S:
        """Runs a lane again after a TransientError, with growing waits; each try goes on from what is kept."""
        # Its own choice, where structlog is installed, prints to the standard output, which carries `--json`.
        set_on_retry_hooks(())
        for attempt in stamina.retry_context(
            on=worth_another_try, attempts=ATTEMPTS, timeout=None, wait_initial=0.5, wait_max=20
        ):
            with attempt:
                return once()
        raise AssertionError

    @contextmanager
    def _lane(self, lane: str) -> Iterator[tuple[Lease, Callable[[Any], None]]]:
        """Holds a lane's lease and keeps the run's record."""
        lease = take(self.store, lane, self.holder)
        try:
            run = runs.begin(self.store, lane, lease.fence)
        except BaseException:
            with suppress(TransientError):
                lease.release()
            raise
        counts: dict[str, Any] = {}
        state, error = "failed", None
        try:
            yield lease, lambda summary: counts.update(msgspec.to_builtins(summary))
            state = "done"
        except CrossdockError as problem:
            error = f"{type(problem).__name__}: {problem}"
            raise
        finally:
            try:
                runs.end(self.store, run, state, json.dumps(counts), error)
                lease.release()
            except TransientError:
                if state == "done":
                    raise


def worth_another_try(error: Exception) -> bool | float:
    """Says whether a lane should be tried again, and where the other system said when, after how many seconds."""
    if not isinstance(error, TransientError):
        return False
    return min(error.retry_after, 60.0) if error.retry_after else True
