"""One owner a SKU and a code, where several sources feed one channel: the first wins, the other waits."""

from collections.abc import Sequence

from crossdock.store import Transaction, catalogue, listings, owners
from crossdock.store.catalogue import Item
from crossdock.store.listings import EXCLUDED, Listing


class Claims:
    """The claims of one source's stream in one channel."""

    def __init__(self, channel: int, stream: int, name: str) -> None:
        """Takes the channel, and the stream by number and name."""
        self.channel, self.stream, self.name = channel, stream, name

    def settle(self, transaction: Transaction, items: Sequence[Item]) -> int:
        """Claims what items need, gives up what they no longer need; those that lose are excluded in their listing.

        Returns:
            How many items are excluded.
        """
        wanted = {item.id: _needs(item) for item in items}
        sellers = self._give_up(transaction, items, wanted)
        # Who never sold under its code takes nothing off sale when it goes: the item there is its rival's.
        nothing = {item.id for item in items if item.gone and item.id not in sellers}
        owners.claim(
            transaction, self.channel, self.name, self.stream, [one for needs in wanted.values() for one in needs]
        )
        lost = self._lost(transaction, wanted)
        there = listings.find(transaction, self.channel, [item.id for item in items])
        rows = [
            there.get(item, Listing(item))._replace(state=EXCLUDED, reason=reason, retry_at=None)
            for item, reason in lost.items()
        ]
        back = [
            one._replace(
                state=None, reason=None, retry_at=None, sent_hash=b"" if one.item in nothing else one.sent_hash
            )
            for one in there.values()
            if one.state == EXCLUDED and one.item not in lost
        ]
        listings.save(transaction, self.channel, self.stream, rows + back)
        return len(lost)

    def _give_up(
        self, transaction: Transaction, items: Sequence[Item], wanted: dict[int, list[owners.Claim]]
    ) -> set[int]:
        """Gives up what items no longer need; gives the items that owned their code until now."""
        owned = owners.owned_by(transaction, self.channel, [item.id for item in items])
        needed = {one for needs in wanted.values() for one in needs}
        left = [one for one in owned if one not in needed]
        products = {value for kind, value, _ in left if kind == "product"}
        heirs = (
            {one.grp: one.id for one in catalogue.siblings(transaction, self.stream, sorted(products))}
            if products
            else {}
        )
        owners.release(transaction, self.channel, self.name, left)
        inherited = [("product", group, heirs[group]) for group in products if group in heirs]
        owners.claim(transaction, self.channel, self.name, self.stream, inherited)
        return {item for kind, _, item in owned if kind == "code"}

    def _lost(self, transaction: Transaction, wanted: dict[int, list[owners.Claim]]) -> dict[int, str]:
        lost: dict[int, str] = {}
        for kind in ("sku", "code", "product"):
            values = sorted({value for needs in wanted.values() for one, value, _ in needs if one == kind})
            found = owners.owners(transaction, self.channel, self.name, kind, values)
            for item, needs in wanted.items():
                for one, value, _ in needs:
                    if one == kind and found.get(value, (None, 0))[0] != self.stream:
                        lost.setdefault(item, f"{kind} {value!r} belongs to another source of this channel")
        return lost


def _needs(item: Item) -> list[owners.Claim]:
    if item.gone or item.unit is None:
        return []
    skus = [("sku", item.sku, item.id)] if item.sku else []
    return [*skus, ("code", item.code, item.id), ("product", item.grp, item.id)]
