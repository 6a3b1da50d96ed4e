"""The brake at delivery: mass deactivations, zeroed stock and re-pricings wait for a person, in one channel."""

from collections import Counter
from collections.abc import Iterator

from crossdock.store import Transaction, catalogue, holds, listings
from crossdock.store.catalogue import Item
from crossdock.store.listings import HELD, Listing
from crossdock.sync.changes import brake_reason
from crossdock.sync.compose import Composer
from crossdock.sync.sweep import Brake

CHUNK = 5000


class Judge:
    """Judges what is pending for one channel."""

    def __init__(self, channel: int, stream: int, name: str, brake: Brake, composer: Composer) -> None:
        """Takes the channel, the stream, the limits, and the composer, which knows what the channel had."""
        self.channel, self.stream, self.name, self.brake, self.composer = channel, stream, name, brake, composer

    def judge(self, transaction: Transaction, position: int) -> int:
        """Holds the items of a mass change, releases those whose values came back; gives the number held."""
        if not self.composer.served():
            return 0
        held = holds.held_versions(transaction, self.channel, self.stream, None)
        pending = catalogue.stream_seq(transaction, self.stream) - position
        if pending < self.brake.items and not held and not holds.rejected_items(transaction, self.channel, self.stream):
            return 0
        offending: dict[int, tuple[int, str]] = {}
        anew: list[Listing] = []
        for item, listing in self._pending(transaction, position, held):
            if listing is not None and listing.state == HELD and item.seq > position and item.id not in held:
                anew.append(listing)
            if listing is not None and listing.state == listings.APPROVED:
                continue
            reason = self._reason(item, listing)
            if reason is not None:
                offending[item.id] = (item.seq, reason)
        if not self.brake.stops(len(offending), self._total(transaction, offending)):
            self._release(transaction, held)
            self._let_go(transaction, anew)
            return 0
        self._let_go(transaction, [one for one in anew if one.item not in offending])
        self._hold(transaction, offending, held)
        return len(offending)

    def _total(self, transaction: Transaction, offending: dict[int, tuple[int, str]]) -> int:
        """Counts what the channel has, with what would leave it."""
        if not self.composer.view.is_plain():
            return max(listings.count_sent(transaction, self.channel, self.stream), len(offending))
        leaving = sum(reason == "deactivated" for _, reason in offending.values())
        return catalogue.live(transaction, self.stream) + leaving

    def _pending(
        self, transaction: Transaction, position: int, held: dict[int, int]
    ) -> Iterator[tuple[Item, Listing | None]]:
        """Gives every item that is due or held, with its listing."""
        after = position
        last = catalogue.stream_seq(transaction, self.stream)
        while (until := catalogue.due_until(transaction, self.stream, after, CHUNK, last)) is not None:
            rows = [Item._make(row) for row in catalogue.due(transaction, self.stream, after, until)]
            yield from self._listed(transaction, rows)
            after = until
        rest = list(held)
        for start in range(0, len(rest), CHUNK):
            rows = [
                one for one in catalogue.items_by_id(transaction, rest[start : start + CHUNK]) if one.seq <= position
            ]
            yield from self._listed(transaction, rows)

    def _listed(self, transaction: Transaction, rows: list[Item]) -> Iterator[tuple[Item, Listing | None]]:
        there = listings.find(transaction, self.channel, [one.id for one in rows])
        let_pass = [one for one in there.values() if one.state == listings.APPROVED]
        approved = holds.approved(transaction, self.channel, self.stream, [one.item for one in let_pass])
        for one in rows:
            listing = there.get(one.id)
            if listing is not None and listing.state == listings.APPROVED and (one.id, one.seq) not in approved:
                listing = listing._replace(state=None)  # a person saw another version than this
            yield one, listing

    def _reason(self, item: Item, listing: Listing | None) -> str | None:
        if item.unit is None or not self.composer.has(item, listing):
            return None
        is_gone = bool(item.gone) or not self.composer.shows(item)
        had = self.composer.last_had(item, listing)
        if had is None:
            return None
        return brake_reason(self.name, self.composer.seen(had), self.composer.seen(item.unit), gone=is_gone)

    def _hold(self, transaction: Transaction, offending: dict[int, tuple[int, str]], held: dict[int, int]) -> None:
        same = {item: seq for item, (seq, _) in offending.items()} == held
        if same:
            return
        self._release(transaction, {item: seq for item, seq in held.items() if item not in offending})
        counts = Counter(reason for _, reason in offending.values())
        reason = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        versions = [(item, seq) for item, (seq, _) in offending.items()]
        holds.replace_open(transaction, self.channel, self.stream, reason, dict(counts), versions)
        for start in range(0, len(versions), CHUNK):
            self._list_held(transaction, [item for item, _ in versions[start : start + CHUNK]])

    def _list_held(self, transaction: Transaction, ids: list[int]) -> None:
        there = listings.find(transaction, self.channel, ids)
        rows = []
        for item in catalogue.items_by_id(transaction, ids):
            one = there.get(item.id, Listing(item.id))
            sent, group = (one.sent, one.sent_group) if one.sent is not None else (item.base, item.base_group)
            rows.append(one._replace(state=HELD, reason="held by a brake", retry_at=None, sent=sent, sent_group=group))
        listings.save(transaction, self.channel, self.stream, rows)

    def _let_go(self, transaction: Transaction, changed: list[Listing]) -> None:
        """Lets items go on that a person had said no to, and that changed at the source since."""
        rows = [one._replace(state=None, reason=None) for one in changed]
        listings.save(transaction, self.channel, self.stream, rows)
        holds.forget_items(transaction, self.channel, self.stream, [one.item for one in changed])

    def _release(self, transaction: Transaction, held: dict[int, int]) -> None:
        """Lets items go on: what is due of them is told, put-back values included."""
        ids = list(held)
        for start in range(0, len(ids), CHUNK):
            found = listings.find(transaction, self.channel, ids[start : start + CHUNK]).values()
            rows = [
                one._replace(state=listings.APPROVED, reason=None, retry_at=0.0) for one in found if one.state == HELD
            ]
            listings.save(transaction, self.channel, self.stream, rows)
        if held:
            holds.close_open(transaction, self.channel, self.stream)
