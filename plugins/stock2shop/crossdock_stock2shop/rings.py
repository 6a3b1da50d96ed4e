"""Items that pass their SKUs round in a ring, where each waits for the next to let go of one.

The hub ignores an entry whose SKU another live item holds, and it cannot be asked who holds one. But an entry
that gives an item the SKU it has already is always taken, and changes nothing: so each ignored item is posted
with each SKU that the others wait for, and what is taken tells who holds what. Only items that are proved to
stand in a ring among themselves are taken off sale, all at once, and posted again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from crossdock_stock2shop.fields import Entry, code_of, sku_of, with_sku

MOST = 50
"""Items among which rings are looked for; the entries to post grow with its square."""
Post = Callable[[Sequence[Entry]], Sequence[Entry]]
"""Posts entries and gives those that the hub took."""


def held_by(entries: Sequence[Entry], post: Post) -> Mapping[str, str]:
    """Finds out which of the items hold a SKU that another of them waits for: SKU by the holder's code."""
    wanted = [*dict.fromkeys(map(sku_of, entries))]
    tried = [with_sku(one, sku) for one in entries for sku in wanted if sku != sku_of(one)]
    return {code_of(one): sku_of(one) for one in post(tried)}


def in_rings(entries: Sequence[Entry], held: Mapping[str, str]) -> list[Entry]:
    """Gives the entries whose SKU becomes free once all of them let go of theirs, in the order given."""
    holders = {sku: code for code, sku in held.items()}
    following = {code_of(one): holders.get(sku_of(one)) for one in entries}
    found = {code for code in following if code in _followed(code, following)}
    return [one for one in entries if code_of(one) in found]


def _followed(code: str, following: Mapping[str, str | None]) -> Iterator[str]:
    """Gives the holders on the way from an item: who holds its SKU, who holds that one's, and so on."""
    now: str | None = following[code]
    for _ in following:
        if now is None:
            return
        yield now
        now = following.get(now)
