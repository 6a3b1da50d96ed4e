"""Mass changes that wait for a person: what each would do, and carrying out what the person says."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import select

from crossdock.host.config import Configuration
from crossdock.records import Customer, Record, Variant, decode
from crossdock.records.codec import canonical
from crossdock.store import Store, Transaction, catalogue, checkpoints, holds, listings, schema
from crossdock.store.catalogue import Item
from crossdock.store.holds import Hold
from crossdock.store.leases import take, this_process
from crossdock.store.listings import APPROVED, EXCLUDED, HELD, Listing
from crossdock.sync.apply import Applying
from crossdock.sync.view import PLAIN, View

CHUNK = 5000
EXAMPLES = 3
"""Items of a hold that are shown."""
ANEW = "changed since a person decided; the next run judges them anew"
KINDS: dict[str, type[Record]] = {"products": Variant, "customers": Customer}


class Example(Struct, frozen=True):
    """One held item: what differs between what the channel has and what it would get."""

    code: str
    has: dict[str, Any]
    gets: dict[str, Any]


class HoldView(Struct, frozen=True):
    """One hold as a person sees it."""

    id: int
    channel: str | None
    """None: items that are missing at the source."""
    source: str
    stream: str
    reason: str
    counts: dict[str, int]
    items: int
    age_s: float
    examples: list[Example]


class Decision(Struct, frozen=True):
    """What a person's word did."""

    id: int
    done: int
    """Items that it stands for."""
    changed: int = 0
    """Items that changed since the hold was shown: they are judged anew."""


class _Stream(NamedTuple):
    number: int
    name: str
    source: str


def list_holds(configuration: Configuration, store: Store) -> list[HoldView]:
    """Gives the holds that wait, oldest first, each with a few of its items."""
    with store.read() as transaction:
        return [_view(transaction, configuration, one) for one in holds.listed(transaction, open_only=True)]


def open_holds(store: Store) -> list[int]:
    """Gives the numbers of the holds that wait."""
    with store.read() as transaction:
        return [one.id for one in holds.listed(transaction, open_only=True)]


def approve(store: Store, hold: int) -> Decision | None:
    """Lets exactly the item versions of a hold through; None where it no longer waits.

    Items missing at the source become tombstones, which takes the lane of the source's read for a moment; the
    brakes of the channels let them pass. Items held in one channel are due there again.

    Raises:
        LaneBusyError: a run reads the source.
    """
    with store.read() as transaction:
        found = _open(transaction, hold)
        stream = _stream(transaction, found) if found else None
    if found is None or stream is None:
        return None
    if found.channel is not None:
        return _decided(store, hold, _approve_in_channel)
    lease = take(store, f"read({stream.source}, {stream.name})", this_process())

    def bury(transaction: Transaction, one: Hold) -> Decision:
        lease.renew(transaction)
        return _bury(transaction, one, stream)

    try:
        return _decided(store, hold, bury)
    finally:
        lease.release()


def reject(store: Store, hold: int) -> Decision | None:
    """Leaves everything as it is until an item changes again at the source; None where the hold no longer waits."""

    def leave(transaction: Transaction, one: Hold) -> Decision:
        holds.decide(transaction, one.id, "rejected")
        return Decision(one.id, one.items)

    return _decided(store, hold, leave)


def _decided(store: Store, hold: int, carry_out: Callable[[Transaction, Hold], Decision]) -> Decision | None:
    """Carries a decision out in one transaction, in which no item of the stream can change."""
    with store.write() as transaction:
        found = _open(transaction, hold)
        if found is None:
            return None
        catalogue.lock_stream(transaction, found.stream, 0)
        return carry_out(transaction, found)


def _open(transaction: Transaction, hold: int) -> Hold | None:
    found = holds.find(transaction, hold)
    return found if found is not None and found.decided is None else None


def _approve_in_channel(transaction: Transaction, one: Hold) -> Decision:
    assert one.channel is not None  # noqa: S101  # the caller asked
    same, changed = _sorted_out(transaction, one.id)
    holds.decide(transaction, one.id, "approved")
    for items in _chunks(same):
        holds.approve_in_channel(transaction, one.channel, one.stream, [item.id for item in items])
    if changed:
        again = [(item.id, item.seq) for item in changed]
        counts = {"changed since": len(again)}
        holds.replace_open(
            transaction, one.channel, one.stream, "changed since, judged anew by the next run", counts, again
        )
    return Decision(one.id, len(same), len(changed))


def _bury(transaction: Transaction, one: Hold, stream: _Stream) -> Decision:
    """Makes tombstones of items missing at the source, and lets them pass in every channel."""
    same, changed = _sorted_out(transaction, one.id)
    missing = [item for item in same if not item.gone]
    positions = checkpoints.positions(transaction, one.stream)
    for items in _chunks(missing):
        Applying(transaction, one.stream, stream.name, positions).remove(items)
        for position in positions:
            _let_pass(transaction, one, position.channel, [item.id for item in items])
    holds.decide(transaction, one.id, "approved")
    return Decision(one.id, len(missing), len(changed))


def _let_pass(transaction: Transaction, one: Hold, channel: int, ids: Sequence[int]) -> None:
    """Notes that a person has seen these tombstones, so that a channel's own brake does not ask again."""
    there = listings.find(transaction, channel, ids)
    items = catalogue.items_by_id(transaction, ids)
    rows = [there.get(item.id, Listing(item.id)) for item in items]
    due = [row._replace(state=APPROVED, reason=None, retry_at=0.0) for row in rows if row.state != EXCLUDED]
    listings.save(transaction, channel, one.stream, due)
    versions = [(item.id, item.seq) for item in items]
    holds.decide(transaction, holds.add(transaction, channel, one.stream, one.reason, one.counts, versions), "approved")
    holds.forget_items(transaction, channel, one.stream, ids)


def _sorted_out(transaction: Transaction, hold: int) -> tuple[list[Item], list[Item]]:
    """Parts the items of a hold into those that are as they were shown, and those that changed since."""
    versions = holds.versions(transaction, hold)
    items = [one for ids in _chunks(list(versions)) for one in catalogue.items_by_id(transaction, ids)]
    same = [one for one in items if one.seq == versions[one.id]]
    return same, [one for one in items if one.seq != versions[one.id]]


def _chunks(things: Sequence[Any]) -> Iterable[Any]:
    for start in range(0, len(things), CHUNK):
        yield things[start : start + CHUNK]


def _stream(transaction: Transaction, hold: Hold) -> _Stream:
    stream, connection = schema.stream, schema.connection
    query = select(stream.c.id, stream.c.name, connection.c.name).join(connection, stream.c.source == connection.c.id)
    return _Stream._make(transaction.execute(query.where(stream.c.id == hold.stream)).one())


def _view(transaction: Transaction, configuration: Configuration, hold: Hold) -> HoldView:
    stream, connection = _stream(transaction, hold), schema.connection
    query = select(connection.c.name).where(connection.c.id == hold.channel)
    channel = None if hold.channel is None else str(transaction.execute(query).scalar_one())
    return HoldView(
        id=hold.id,
        channel=channel,
        source=stream.source,
        stream=stream.name,
        reason=hold.reason,
        counts=hold.counts,
        items=hold.items,
        age_s=transaction.now() - hold.created_at,
        examples=_examples(transaction, hold, stream.name, _view_of(configuration, stream, channel)),
    )


def _view_of(configuration: Configuration, stream: _Stream, channel: str | None) -> View:
    syncs = (one for one in configuration.syncs.values() if one.source == stream.source and stream.name in one.streams)
    return next((one.views[channel] for one in syncs if channel in one.views), PLAIN) if channel else PLAIN


def _examples(transaction: Transaction, hold: Hold, stream: str, view: View) -> list[Example]:
    ids = sorted(holds.versions(transaction, hold.id))[:EXAMPLES]
    there = listings.find(transaction, hold.channel, ids) if hold.channel is not None else {}
    found = []
    for item in catalogue.items_by_id(transaction, ids):
        listing = there.get(item.id)
        had = listing.sent if listing is not None and listing.state == HELD and listing.sent is not None else item.base
        is_leaving = hold.channel is None or bool(item.gone)
        has = _plain(had if hold.channel is not None else item.unit, stream, view)
        gets = {**_plain(item.unit, stream, view), **({"active": False} if is_leaving else {})}
        has.setdefault("active", True)
        gets.setdefault("active", True)
        names = [name for name in {**has, **gets} if has.get(name) != gets.get(name)]
        found.append(Example(item.code, {one: has.get(one) for one in names}, {one: gets.get(one) for one in names}))
    return found


def _plain(body: bytes | None, stream: str, view: View) -> dict[str, Any]:
    """Gives a body as plain data as the channel sees it; empty where there is none."""
    if body is None:
        return {}
    record = decode(body, KINDS[stream])
    found: dict[str, Any] = canonical(view.seen_through(record) if isinstance(record, Variant) else record)
    return found
