"""The `deliver` lane: what a channel has not been told yet, in batches, with the channel's answers kept."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from crossdock.contract import PluginError, Result
from crossdock.store import Store, Transaction, catalogue, checkpoints, holds, listings, owners
from crossdock.store.catalogue import Item
from crossdock.store.checkpoints import Position
from crossdock.store.leases import Lease
from crossdock.store.listings import Listing
from crossdock.sync.answers import Answers
from crossdock.sync.brake import Judge
from crossdock.sync.claims import Claims
from crossdock.sync.compose import Batch, Composer
from crossdock.sync.port import ChannelPort
from crossdock.sync.summary import DeliverySummary
from crossdock.sync.sweep import Brake
from crossdock.sync.view import PLAIN, View
from crossdock.wire.frames import MAX_FRAME, WINDOW

CHECK_CHUNK = 500
REASONS = 5
"""Items whose reason a summary names."""
FOR_EVER = 1e12
MAX_BATCH_BYTES = MAX_FRAME // 4
"""Bytes of the items due in a batch; their products' other items come on top."""


class Target(NamedTuple):
    """What is delivered where."""

    channel: int
    """The channel's permanent number."""
    stream: int
    """The source's stream by number."""
    name: str
    """`products` or `customers`."""
    view: View = PLAIN
    brake: Brake = Brake()
    rivals: bool = False
    """Whether other sources feed this channel's stream too."""
    is_patient: bool = False
    """Whether refused items wait for their own time; else each run tries them, so that a mended cause shows at once."""


class _Flight(NamedTuple):
    number: int
    until: int | None
    stream_seq: int
    batch: Batch


class Deliverer:
    """One run of a `deliver` lane."""

    def __init__(self, store: Store, port: ChannelPort, target: Target, lease: Lease, channel_name: str) -> None:
        """Takes the store, the open channel, what to deliver, and the lease."""
        self.store, self.port, self.target, self.lease = store, port, target, lease
        self.summary = DeliverySummary(channel_name, target.name)
        self.on_batch: Callable[[DeliverySummary], None] = lambda _: None
        self._claims = Claims(target.channel, target.stream, target.name)
        self._flights: deque[_Flight] = deque()
        self._number, self._judged = 0, 0

    def run(self) -> DeliverySummary:
        """Brings the channel up to date.

        Raises:
            TransientError, ConnectionSetupError, PluginError: the channel failed; what it answered before is kept.
            FenceLostError: another run took the lane over.
        """
        with self._writing() as transaction:
            self._begin(transaction)
        self._ask_pending()
        self._try_again()
        while True:
            while self._next_batch():
                pass
            while self._flights:
                self._land()
            if not self._judge_more():
                break
        self._note_complete()
        self._count()
        return self.summary

    def _begin(self, transaction: Transaction) -> None:
        """Notes a changed view, claims what was served before there were rivals, and judges what is pending."""
        target = self.target
        position = checkpoints.position(transaction, target.channel, target.stream)
        view_hash = target.view.hash()
        if position.view_hash is not None and position.view_hash != view_hash:
            had = position.seq if position.view_hash == PLAIN.hash() else 0
            position = position._replace(seq=0, had=max(had, position.had))
        if target.rivals and not position.claimed:
            for stream, seq in checkpoints.served(transaction, target.channel, target.name):
                owners.claim_served(transaction, target.channel, target.name, stream, seq)
        elif position.claimed and not target.rivals:
            listings.readmit(transaction, target.channel, target.stream)
        self.position = position._replace(view_hash=view_hash, claimed=target.rivals)
        checkpoints.save_position(transaction, target.stream, self.position)
        self.composer = Composer(target.view, self.position.seq, self.position.had)
        self.composer.offered = position.offered
        self._judge(transaction)

    def _judge(self, transaction: Transaction) -> None:
        """Lets the brake judge all that is pending; nothing beyond that is sent before it is judged too."""
        target = self.target
        judge = Judge(target.channel, target.stream, target.name, target.brake, self.composer)
        self.summary.held = judge.judge(transaction, self.position.seq)
        self._judged = catalogue.stream_seq(transaction, target.stream)
        self.position = self.position._replace(offered=max(self.position.offered, self._judged))
        checkpoints.save_position(transaction, target.stream, self.position)

    def _judge_more(self) -> bool:
        """Judges what was read while this run delivered; False where there is nothing."""
        with self._writing() as transaction:
            if catalogue.stream_seq(transaction, self.target.stream) == self._judged:
                return False
            self._judge(transaction)
        return True

    @contextmanager
    def _writing(self) -> Iterator[Transaction]:
        """A transaction that carries the run's fence and the stream's lock."""
        with self.store.write() as transaction:
            self.lease.renew(transaction)
            catalogue.lock_stream(transaction, self.target.stream, 0)
            yield transaction

    def _note_complete(self) -> None:
        """Notes the position at which the channel has everything; a filtered one has its listings to tell."""
        if self.target.view.is_plain() and self.position.had != self.position.seq:
            with self.store.write() as transaction:
                self.lease.renew(transaction)
                self.position = self.position._replace(had=self.position.seq)
                checkpoints.save_position(transaction, self.target.stream, self.position)

    def _ask_pending(self) -> None:
        with self.store.read() as transaction:
            waiting = listings.pending(transaction, self.target.channel, self.target.stream)
        handles: dict[str, list[Listing]] = {}
        for one in waiting:
            if one.handle is not None:
                handles.setdefault(one.handle, []).append(one)
        for start in range(0, len(handles), CHECK_CHUNK):
            results = self.port.check_delivery(list(handles)[start : start + CHECK_CHUNK])
            with self.store.write() as transaction:
                self.lease.renew(transaction)
                self._answers(transaction).keep_late(results, handles)

    def _try_again(self) -> None:
        """Tells the channel again what it refused, did not confirm, or was held from, where the time has come."""
        done: set[int] = set()
        while True:
            with self.store.write() as transaction:
                self.lease.renew(transaction)
                ids = self._ripe(transaction, done)
                if not ids:
                    return
                done.update(ids)
                items = [one for one in catalogue.items_by_id(transaction, ids) if one.seq <= self.position.seq]
                batch = self._compose_again(transaction, items)
            self._send(batch, None)
            while self._flights:
                self._land()

    def _ripe(self, transaction: Transaction, done: set[int]) -> list[int]:
        size = self.port.manifest.batch_size
        found = listings.to_retry(
            transaction, self.target.channel, self.target.stream, self._ripe_at(transaction), size + len(done)
        )
        return [one for one in found if one not in done][:size]

    def _ripe_at(self, transaction: Transaction) -> float:
        """Gives the time up to which items are tried again: all of them, unless the run is asked to be patient."""
        return transaction.now() if self.target.is_patient else FOR_EVER

    def _compose_again(self, transaction: Transaction, items: Sequence[Item]) -> Batch:
        if self.target.rivals:
            self._claims.settle(transaction, items)
        due = {one.id for one in items}
        if self.target.name == "customers":
            listed = listings.find(transaction, self.target.channel, list(due))
            return self.composer.customers(items, due, listed)
        rows = list(catalogue.of_groups(transaction, self.target.stream, sorted({one.grp for one in items})))
        listed = listings.find(transaction, self.target.channel, [row[0] for row in rows])
        return self.composer.products(rows, due, 0, listed)

    def _next_batch(self) -> bool:
        if len(self._flights) >= WINDOW:
            self._land()
        with self._writing() if self.target.rivals else self.store.read() as transaction:
            found = self._fitting_batch(transaction)
            stream_seq = catalogue.stream_seq(transaction, self.target.stream)
        if found is None:
            return False
        until, batch = found
        self._send(batch, until, stream_seq)
        self.composer.position = until
        return True

    def _fitting_batch(self, transaction: Transaction) -> tuple[int, Batch] | None:
        """Composes what comes next, of as many items as the channel takes and a frame holds; None: nothing is due."""
        after, count = self.composer.position, self.port.manifest.batch_size
        while True:
            until = catalogue.due_until(transaction, self.target.stream, after, count, self._judged)
            if until is None:
                return None
            if self.target.rivals:
                rows = catalogue.due(transaction, self.target.stream, after, until)
                self._claims.settle(transaction, [Item._make(row) for row in rows])
            self.composer.weight = 0
            batch = self._compose(transaction, until)
            if self.composer.weight <= MAX_BATCH_BYTES or count == 1:
                return until, batch
            count = max(1, count // 4)

    def _compose(self, transaction: Transaction, until: int) -> Batch:
        target, after = self.target, self.composer.position
        if target.name == "customers":
            rows = list(catalogue.due(transaction, target.stream, after, until))
            return self.composer.customers(rows, None, self._listed(transaction, rows))
        batch = None
        fresh = catalogue.due_fresh(transaction, target.stream, after, until)
        groups = [row[2] for row in fresh]
        if target.view.is_plain() and self._is_bare(transaction):
            batch, groups = self.composer.fresh(fresh, catalogue.crowded(transaction, target.stream, after, until))
        rows = list(catalogue.of_groups(transaction, target.stream, list(dict.fromkeys(groups)))) if groups else []
        return self.composer.products(rows, None, until, self._listed(transaction, rows), batch)

    def _listed(self, transaction: Transaction, rows: Sequence[tuple[object, ...]]) -> dict[int, Listing]:
        if self._is_bare(transaction):
            return {}
        return listings.find(transaction, self.target.channel, [row[0] for row in rows])  # type: ignore[misc]  # the number comes first

    def _send(self, batch: Batch, until: int | None, stream_seq: int = 0) -> None:
        self._number += 1
        self.summary.disagreeing += batch.disagreeing
        self._flights.append(_Flight(self._number, until, stream_seq, batch))
        if batch.deliveries:
            self.port.deliver(self.target.name, self._number, batch.deliveries)

    def _land(self) -> None:
        """Waits for the oldest batch's answer and keeps it together with the position."""
        flight = self._flights.popleft()
        results: list[Result] | None = None
        if flight.batch.deliveries:
            number, count, results = self.port.results()
            if number != flight.number or count != flight.batch.size():
                asked = f"batch {flight.number} of {flight.batch.size()} items"
                message = f"the channel answered batch {number} of {count} items where {asked} was due"
                raise PluginError(message)
        with self._writing() as transaction:
            answers = self._answers(transaction)
            answers.keep(flight.batch, results, self.composer)
            if flight.until is not None:
                answers.keep_overtaken(flight.batch, flight.until, flight.stream_seq)
                self.position = self.position._replace(seq=flight.until)
                checkpoints.save_position(transaction, self.target.stream, self.position)
        self.on_batch(self.summary)

    def _answers(self, transaction: Transaction) -> Answers:
        dense = not self.target.view.is_plain()
        return Answers(
            transaction,
            self.target.channel,
            self.target.stream,
            self.summary,
            dense=dense,
            bare=self._is_bare(transaction),
        )

    def _is_bare(self, transaction: Transaction) -> bool:
        """Says whether the channel has no listing of this stream, which spares looking for each item's."""
        return listings.is_empty(transaction, self.target.channel, self.target.stream)

    def _count(self) -> None:
        with self.store.read() as transaction:
            states = listings.counts(transaction, self.target.channel, self.target.stream)
            self.summary.held = len(holds.held_versions(transaction, self.target.channel, self.target.stream, None))
            self.summary.reasons = listings.reasons(transaction, self.target.channel, self.target.stream, REASONS)
        self.summary.pending = states.get(listings.PENDING, 0)
        self.summary.excluded = states.get(listings.EXCLUDED, 0)
        self.summary.not_taken = states.get(listings.REFUSED, 0) + states.get(listings.RETRY, 0)


__all__ = ["Deliverer", "Position", "Target"]
