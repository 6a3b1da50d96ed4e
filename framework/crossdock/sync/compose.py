"""From items to deliveries: products with the variants that are due, for one channel.

Bodies pass through as the bytes they are stored in; only a view, a disagreement or a move makes it look inside.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from crossdock.records import Product, Variant, decode, encode, fingerprint
from crossdock.store.catalogue import CONTESTED, Fresh, Item
from crossdock.store.listings import EXCLUDED, HELD, REFUSED, Listing
from crossdock.sync.changes import ALL
from crossdock.sync.options import PREFIX, conflicts
from crossdock.sync.view import View

Raw = msgspec.Raw
BY_CODE = attrgetter("code")


class Told(NamedTuple):
    """One item on its way to the channel."""

    id: int
    code: str
    group: str
    seq: int
    gone: bool
    sent_hash: bytes | None = None
    """Fingerprint of what a filtered channel gets."""
    unit: bytes | None = None
    """The item's body that was composed."""


class Batch(NamedTuple):
    """Deliveries in the form of the frame, and what each item in them is."""

    deliveries: list[Any]
    told: dict[str, Told]
    """By code."""
    skipped: list[Item]
    """Items that are due but need no telling."""
    disagreeing: int
    refused: list[tuple[Item, str]]
    """Items that break a rule over their whole product, with the reason."""
    plain: Sequence[tuple[Any, ...]] = ()
    """Rows of items that are told as they are stored; `all_told` gives them with the others."""

    def size(self) -> int:
        """Gives the number of items that are told."""
        return len(self.told) + len(self.plain)

    def all_told(self) -> dict[str, Told]:
        """Gives every item that is told, by code; most batches are answered without anybody asking."""
        plain = {row[1]: Told(row[0], row[1], row[2], row[3], gone=False, unit=row[8]) for row in self.plain}
        return {**plain, **self.told} if plain else self.told


class Composer:
    """Composes batches for one channel."""

    def __init__(self, view: View, position: int, had: int = 0) -> None:
        """Takes the channel's view, its position, which moves on, and the position at which it last had everything."""
        self.view, self.position, self._had = view, position, had
        self.offered = 0
        """Up to where earlier runs may have sent items whose answer was lost."""
        self._begun = position
        self.weight = 0
        """Bytes of the records composed since it was set to 0."""

    def served(self) -> bool:
        """Says whether the channel was ever served anything."""
        return max(self.position, self._had) > 0

    def shows(self, item: Item) -> bool:
        """Says whether the view lets the channel have the item; its own text decides, as its product's does later."""
        return not self.view.only or item.text is None or self.view.has(decode(item.text, Product))

    def has(self, item: Item, listing: Listing | None) -> bool:
        """Says whether the channel holds the item, as far as it was told."""
        if listing is not None and listing.sent_hash is not None:
            return listing.sent_hash != b""
        return self.had(item, listing)

    def last_had(self, item: Item, listing: Listing | None) -> bytes | None:
        """Gives the item's body as the channel was last told, None where that is not known."""
        if listing is not None and listing.sent is not None:
            return listing.sent
        return item.unit if item.seq <= max(self.position, self._had) else item.base

    def had(self, item: Item, listing: Listing | None) -> bool:
        """Says whether the channel was ever served the item.

        The position alone cannot tell: it also passes where an item stood before that changed on and is due later.
        """
        if listing is not None and listing.sent is not None:
            return True
        return item.born <= self._had or item.seq <= self.position

    def _may_have(self, item: Item) -> bool:
        """Says whether the item may have been sent without an answer; its tombstone is told all the same.

        What a filtered channel was answered for stands in its listings; only what came after can be in doubt.
        """
        return item.born <= self.offered and (self.view.is_plain() or item.born > self._begun)

    def fresh(self, rows: Iterable[tuple[Any, ...]], crowded: Mapping[str, int]) -> tuple[Batch, list[str]]:
        """Composes products that are new as a whole and need no thought: most of a first delivery.

        Args:
            rows: what is due, as `catalogue.due_fresh` gives it.
            crowded: number of items of the products that have several.

        Returns:
            The batch, and the products that need a closer look.
        """
        found: list[tuple[Any, ...]] = []
        several: dict[str, list[Fresh]] = {}
        batch, closer, had = Batch([], {}, [], 0, [], found), [], max(self.position, self._had)
        plain, deliver, disagreeing = found.append, batch.deliveries.append, 0
        for row in rows:
            _, _, group, _, born, verdict, gone, text, unit = row
            if text is None or unit is None or verdict or gone or born <= had:
                closer.append(group)
            elif group in crowded:
                several.setdefault(group, []).append(Fresh._make(row))
            else:
                plain(row)
                deliver((Raw(text), ((Raw(unit),),)))
        for group, members in several.items():
            members.sort(key=BY_CODE)
            if len(members) < crowded[group] or conflicts(members):
                closer.append(group)
            else:
                found.extend(members)
                deliver((Raw(members[0].text or b""), [(Raw(one.unit or b""),) for one in members]))
                disagreeing += sum(one.text != members[0].text for one in members)
        self.weight += sum(len(row[7]) + len(row[8]) for row in found)
        return batch._replace(disagreeing=disagreeing), closer

    def products(
        self,
        rows: Iterable[tuple[Any, ...]],
        due: set[int] | None,
        until: int,
        listed: Mapping[int, Listing],
        batch: Batch | None = None,
    ) -> Batch:
        """Composes products.

        Args:
            rows: whole items of whole products, as `catalogue.of_groups` gives them.
            due: numbers of the items to be told; None: those with a change number in (position, until].
            until: the change number that ends the batch.
            listed: the channel's listings of these items.
            batch: what is composed already. None: nothing.
        """
        batch = batch or Batch([], {}, [], 0, [])
        groups: dict[str, list[Item]] = {}
        for row in rows:
            groups.setdefault(row[2], []).append(Item._make(row))
        disagreeing = sum(self._group(members, due, until, listed, batch) for members in groups.values())
        return batch._replace(disagreeing=batch.disagreeing + disagreeing)

    def _group(
        self, members: list[Item], due: set[int] | None, until: int, listed: Mapping[int, Listing], batch: Batch
    ) -> int:
        members.sort(key=lambda item: item.code)
        live = [item for item in members if not item.gone and item.unit is not None and item.verdict != CONTESTED]
        leader = live[0] if live else next((item for item in members if item.text is not None), None)
        is_due = [item for item in members if self._is_due(item, due, until, listed.get(item.id))]
        if leader is None or leader.text is None:
            batch.skipped.extend(is_due)
            return 0
        self.weight += len(leader.text) + sum(len(item.unit or b"") for item in members)
        retold = self._retold(live, leader, {item.id for item in is_due})
        anew = self._leads_anew(leader, {item.id for item in is_due})
        shown = not self.view.only or self.view.has(decode(leader.text, Product))
        entries = []
        wrong = conflicts(live)
        for item in is_due + retold:
            if item.id in wrong:
                batch.refused.append((item, wrong[item.id]))
                continue
            entry = self._due(item, listed.get(item.id), leader, shown=shown, anew=anew and item is not leader)
            if entry is None:
                batch.skipped.append(item)
            else:
                entries.append(entry[0])
                batch.told[item.code] = entry[1]
        if entries:
            telling = {item.id for item in is_due + retold}
            others = [
                Raw(self.seen(self._as_had(item, listed.get(item.id)))) for item in live if item.id not in telling
            ]
            product_code = next(
                (one.channel_product_code for one in map(listed.get, telling) if one and one.channel_product_code), None
            )
            batch.deliveries.append((Raw(leader.text), entries, others, product_code))
        return sum(item.text != leader.text for item in live if item in is_due)

    def _is_due(self, item: Item, due: set[int] | None, until: int, listing: Listing | None) -> bool:
        if listing is not None and listing.state == REFUSED and (listing.reason or "").startswith(PREFIX):
            return True
        return item.id in due if due is not None else self.position < item.seq <= until

    def _retold(self, live: list[Item], leader: Item, due: set[int]) -> list[Item]:
        """Finds items served before whose product's text is another now because of the leading item."""
        if not self._leads_anew(leader, due):
            return []
        was_there = leader.born <= self._had
        # Those that are due in a later batch too, unless that batch tells their text anyway.
        served = [
            item
            for item in live
            if item.id not in due
            and (item.seq <= self.position or (item.born <= self._had and item.text_seq <= self._had))
        ]
        same = not was_there and self.view.is_plain() and all(item.text == leader.text for item in served)
        return [] if same else served

    def _leads_anew(self, leader: Item, due: set[int]) -> bool:
        """Says whether a product's leading item is new, or its text is."""
        return leader.id in due and (leader.text_seq > self._had or leader.born > self._had)

    def _due(
        self, item: Item, listing: Listing | None, leader: Item, *, shown: bool, anew: bool
    ) -> tuple[Any, Told] | None:
        """Makes one entry of a delivery, None where the channel need not be told."""
        if (
            item.unit is None
            or item.verdict == CONTESTED
            or (listing is not None and listing.state in (HELD, EXCLUDED))
        ):
            return None
        gone = bool(item.gone) or not shown
        never_had = not self.had(item, listing) and (listing is None or listing.sent_hash is None)
        body = self.seen(item.unit)
        sent_hash = None if self.view.is_plain() else self._hash(leader, body, gone=gone)
        if gone and ((never_had and not self._may_have(item)) or (listing is not None and listing.sent_hash == b"")):
            return None
        if sent_hash is not None and listing is not None and listing.sent_hash == sent_hash and listing.state is None:
            return None
        moved = self._moved_from(item, listing)
        code = listing.channel_code if listing is not None else None
        kinds = self._kinds(item, anew=anew) if listing is None and self.view.is_plain() and not never_had else ()
        told = Told(item.id, item.code, item.grp, item.seq, gone, sent_hash, item.unit)
        return (Raw(body), kinds, gone, moved, code), told

    def _kinds(self, item: Item, *, anew: bool) -> tuple[str, ...]:
        """Gives what is new in an item; `anew`: the product's text is, whatever the item's own says."""
        if item.born > self._had:
            return ()
        stamps = (item.text_seq, item.qty_seq, item.price_seq, item.image_seq, item.active_seq)
        shared = ("text", "images") if anew else ()
        return tuple(kind for kind, stamp in zip(ALL, stamps, strict=True) if stamp > self._had or kind in shared)

    def _moved_from(self, item: Item, listing: Listing | None) -> str | None:
        had = listing.sent_group if listing is not None and listing.sent_group else item.base_group
        return had if had is not None and had != item.grp and self.had(item, listing) else None

    def seen(self, unit: bytes) -> bytes:
        """Gives an item's body as the channel sees it through its view."""
        if self.view.price_tier is None and self.view.warehouses is None:
            return unit
        return encode(self.view.seen_through(decode(unit, Variant)))

    def _as_had(self, item: Item, listing: Listing | None) -> bytes:
        if listing is not None and listing.state == HELD and listing.sent is not None:
            return listing.sent
        return item.unit or b""

    def _hash(self, leader: Item, body: bytes, *, gone: bool) -> bytes:
        if gone or leader.text is None:
            return b""
        return fingerprint(decode(leader.text, Product), decode(body, Variant))

    def customers(self, rows: Iterable[tuple[Any, ...]], due: set[int] | None, listed: Mapping[int, Listing]) -> Batch:
        """Composes customers: one delivery an item."""
        batch = Batch([], {}, [], 0, [])
        for row in rows:
            item = Item._make(row)
            listing = listed.get(item.id)
            if due is not None and item.id not in due:
                continue
            unserved = item.gone and not self.had(item, listing) and not self._may_have(item)
            if (
                item.unit is None
                or item.verdict == CONTESTED
                or unserved
                or (listing and listing.state in (HELD, EXCLUDED))
            ):
                batch.skipped.append(item)
                continue
            self.weight += len(item.unit)
            batch.told[item.code] = Told(item.id, item.code, item.grp, item.seq, bool(item.gone), None, item.unit)
            batch.deliveries.append((Raw(item.unit), bool(item.gone), listing.channel_code if listing else None))
        return batch
