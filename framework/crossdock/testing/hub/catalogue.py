"""What the hub holds once entries are processed, and the rules by which an entry changes it.

Not thread-safe by itself: `HubState` holds the lock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from crossdock.testing.hub.contract import Entry, SearchBody
from crossdock.testing.hub.records import (
    CLIENT_ID,
    Channel,
    SystemProduct,
    SystemVariant,
    assign,
    product_fields,
    variant_fields,
)

SourceCode = tuple[int, str]


class Relations:
    """Who holds which SKU once the queue is empty, so that an entry is judged when it is posted.

    Entries are processed in the order of posting and never fail, so looking ahead is exact.
    """

    def __init__(self) -> None:
        """Nobody holds anything yet."""
        self._holder: dict[SourceCode, str] = {}
        self._held: dict[SourceCode, str] = {}

    def admit(self, entries: Iterable[Entry]) -> list[Entry]:
        """Return the entries of one request whose parent and child fit; the others are ignored."""
        parents: dict[SourceCode, str] = {}
        return [entry for entry in entries if self._admit(entry, parents)]

    def _admit(self, entry: Entry, parents: dict[SourceCode, str]) -> bool:
        source, variant = entry.source, entry.product.variants
        code, parent = variant.source_variant_code, source.source_product_code
        key = (source.source_id, code)
        if parents.get(key, parent) != parent:
            return False
        if entry.is_active and self._holder.get((source.source_id, variant.sku), code) != code:
            return False
        parents[key] = parent
        released = self._held.pop(key, None)
        if released is not None:
            del self._holder[source.source_id, released]
        if entry.is_active:
            self._held[key] = variant.sku
            self._holder[source.source_id, variant.sku] = code
        return True


@dataclass
class _Shelf:
    """A product with its variants by code, and how many of them are active."""

    product: SystemProduct
    variants: dict[str, SystemVariant] = field(default_factory=dict)
    live: int = 0


class Catalogue:
    """Products and variants, each by its source and code."""

    def __init__(self, channels: Iterable[Channel] = ()) -> None:
        """Takes the channels that every active product is in."""
        self._channels = list(channels)
        self._shelves: dict[SourceCode, _Shelf] = {}
        self._parents: dict[SourceCode, str] = {}

    def apply(self, entry: Entry) -> None:
        """Take over what one entry says; `modified` moves only when something changed."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        shelf = self._shelf(entry, now)
        variant = self._variant(entry, shelf, now)
        was_live = variant.active
        told = variant_fields(entry.product.variants) | {"active": entry.is_active}
        if assign(variant, told):
            variant.modified = now
        self._count(shelf, int(variant.active) - int(was_live), now)
        if assign(shelf.product, product_fields(entry.product)):
            shelf.product.modified = now

    def products(self) -> list[SystemProduct]:
        """Return every product with its variants, oldest first."""
        return [self._filled(shelf) for shelf in self._shelves.values()]

    def search(self, search: SearchBody) -> list[SystemProduct]:
        """Return one page of the products changed since a time, in order of `modified`, then id."""
        after = search.modified_after
        found = [each for each in self._shelves.values() if each.product.modified > after]
        found.sort(key=lambda each: (each.product.modified, each.product.id))
        if search.is_descending:
            found.reverse()
        return [self._filled(each) for each in found[search.start : search.start + search.size]]

    def variants(self, *, active: bool | None = None) -> Iterator[dict[str, Any]]:
        """Yield the variants with their source and product code; `active` None means all."""
        for (source_id, code), shelf in self._shelves.items():
            parent = {"source_id": source_id, "source_product_code": code}
            for variant in shelf.variants.values():
                if active is None or variant.active is active:
                    yield parent | structs.asdict(variant)

    def _filled(self, shelf: _Shelf) -> SystemProduct:
        channels = self._channels if shelf.product.active else []
        variants = [structs.replace(each) for each in shelf.variants.values()]
        return structs.replace(shelf.product, variants=variants, channels=channels)

    def _shelf(self, entry: Entry, now: str) -> _Shelf:
        source = entry.source
        key = (source.source_id, source.source_product_code)
        if key not in self._shelves:
            product = SystemProduct(
                id=len(self._shelves) + 1,
                created=now,
                active=False,
                source_product_code=source.source_product_code,
                modified=now,
                client_id=CLIENT_ID,
                source_id=source.source_id,
            )
            self._shelves[key] = _Shelf(product)
        return self._shelves[key]

    def _variant(self, entry: Entry, shelf: _Shelf, now: str) -> SystemVariant:
        source_id, code = entry.source.source_id, entry.product.variants.source_variant_code
        parent = self._parents.get((source_id, code))
        if parent is None:
            shelf.variants[code] = SystemVariant(
                id=len(self._parents) + 1,
                created=now,
                source_variant_code=code,
                modified=now,
                client_id=CLIENT_ID,
                product_id=shelf.product.id,
            )
        elif parent != shelf.product.source_product_code:
            self._move(code, self._shelves[source_id, parent], shelf, now)
        self._parents[source_id, code] = shelf.product.source_product_code
        return shelf.variants[code]

    def _move(self, code: str, old: _Shelf, new: _Shelf, now: str) -> None:
        variant = old.variants.pop(code)
        new.variants[code] = variant
        variant.product_id, variant.modified = new.product.id, now
        old.product.modified = new.product.modified = now
        self._count(old, -int(variant.active), now)
        self._count(new, int(variant.active), now)

    @staticmethod
    def _count(shelf: _Shelf, step: int, now: str) -> None:
        shelf.live += step
        if assign(shelf.product, {"active": shelf.live > 0}):
            shelf.product.modified = now
