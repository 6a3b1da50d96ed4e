"""The sweep after a whole read: items not met become tombstones, unless too many of them are missing."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crossdock.store import Transaction, catalogue, checkpoints, holds
from crossdock.store.catalogue import Item
from crossdock.sync.apply import Applying
from crossdock.sync.seen import UNSEEN, Seen

CHUNK = 5000


class Brake(NamedTuple):
    """When a mass change is held for a person."""

    share: float = 0.2
    """Part of what is there, above which a change is a mass change."""
    items: int = 25
    """Fewer items than this are never a mass change."""

    def stops(self, count: int, total: int) -> bool:
        """Says whether a change of `count` of `total` items is a mass change."""
        return count >= self.items and count > self.share * total


class Swept(NamedTuple):
    """What a sweep did."""

    vanished: int = 0
    held: int = 0


def sweep(transaction: Transaction, stream: int, name: str, seen: Seen, brake: Brake) -> Swept:
    """Makes tombstones of items not met, or holds them all where they are too many or everything is gone."""
    live = catalogue.live(transaction, stream)
    there = live - catalogue.count_after(transaction, stream, seen.last_id) if seen.last_id else 0
    missing = list(_missing(transaction, stream, seen)) if seen.met() < there else []
    rejected = holds.rejected_items(transaction, None, stream)
    lost = [one for one in missing if one not in rejected]
    holds.release(transaction, None, stream, keep=set(missing))
    if not lost:
        return Swept()
    if brake.stops(len(lost), live) or len(missing) == live:
        _hold(transaction, stream, lost, live)
        return Swept(held=len(lost))
    holds.close_open(transaction, None, stream)
    positions = checkpoints.positions(transaction, stream)
    for items in _chunks(transaction, lost):
        Applying(transaction, stream, name, positions).remove(items)
    return Swept(len(lost))


def _missing(transaction: Transaction, stream: int, seen: Seen) -> Iterator[int]:
    last = 0
    while ids := catalogue.ids_after(transaction, stream, last, CHUNK):
        yield from (one for one in ids if seen.state(one) == UNSEEN)
        last = ids[-1]


def _hold(transaction: Transaction, stream: int, lost: Sequence[int], live: int) -> None:
    versions = [(item.id, item.seq) for items in _chunks(transaction, lost) for item in items]
    reason = f"{len(lost)} of {live} items are missing at the source"
    holds.replace_open(transaction, None, stream, reason, {"missing": len(lost), "of": live}, versions)


def _chunks(transaction: Transaction, ids: Sequence[int]) -> Iterator[list[Item]]:
    for start in range(0, len(ids), CHUNK):
        yield catalogue.items_by_id(transaction, ids[start : start + CHUNK])
