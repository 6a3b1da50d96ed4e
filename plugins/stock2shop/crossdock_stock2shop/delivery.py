"""Entries to the hub in batches, so that one that it will not have never holds up the others.

The hub says of a request how many of its entries it queued, not which it ignored, and refuses a request
whole for one bad entry. Posting is repeatable, so halving finds them. It ignores an entry whose SKU another
live item holds. Where that item has just got another SKU, posting once more does; where items swap SKUs, each
blocks the other, and only those are taken off sale for a moment (`rings`). Every other one is refused as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crossdock import Delivery, RefusedError, Result
from crossdock_stock2shop import rings
from crossdock_stock2shop.client import Hub
from crossdock_stock2shop.fields import Entry, code_of, is_on_sale, off_sale, sku_of, to_entry

MAX_ENTRIES = 500
"""The agent's batch in the vendor's documentation."""
IGNORED = (
    "the hub ignored it and keeps what it has: the SKU {sku!r} belongs to another live item, or the product code "
    "{group!r} does not fit"
)
OFF_SALE = "it is off sale for now: it was to swap SKUs with others, and the hub did not take it back"
NOT_DRAINED = "the hub took it but has processed nothing of its queue in the time set"
_NAMED = re.compile(r"system_products\[(\d+)\]")


@dataclass
class Outcome:
    """What became of entries."""

    taken: list[Entry] = field(default_factory=list)
    ignored: list[Entry] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Reason by code."""
    unsettled: dict[str, str] = field(default_factory=dict)
    """Reason by code, for those that are not as they should be and must come again."""


def deliver(hub: Hub, deliveries: Sequence[Delivery]) -> list[Result]:
    """Posts all items that are due, waits until the hub has processed them, and says what became of each.

    An item is done when the hub has queued it and `Hub.drained` confirms the queue.
    """
    entries = [to_entry(one, due, hub.source_id) for one in deliveries for due in one.due]
    before = hub.waiting()
    outcome = _post_all(hub, entries)
    _untangle(hub, outcome)
    is_drained = not outcome.taken or hub.drained(before)
    return [_result(code_of(entry), outcome, is_drained=is_drained) for entry in entries]


def _result(code: str, outcome: Outcome, *, is_drained: bool) -> Result:
    if code in outcome.unsettled:
        return Result(code, "retry", outcome.unsettled[code])
    if code in outcome.refused:
        return Result(code, "refused", outcome.refused[code])
    return Result(code) if is_drained else Result(code, "retry", NOT_DRAINED)


def _post_all(hub: Hub, entries: Sequence[Entry]) -> Outcome:
    outcome = Outcome()
    for batch in _batches(entries):
        _post(hub, batch, outcome)
    return outcome


def _post(hub: Hub, batch: Sequence[Entry], outcome: Outcome) -> None:
    """Posts a batch, in ever smaller parts where the hub does not take all of it."""
    try:
        queued = hub.queue_products(batch)
    except RefusedError as error:
        for part in _parted(batch, str(error), outcome):
            _post(hub, part, outcome)
        return
    if queued == len(batch):
        outcome.taken.extend(batch)
    elif queued == 0 or len(batch) == 1:
        outcome.ignored.extend(batch)
    else:
        for part in _halves(batch):
            _post(hub, part, outcome)


def _parted(batch: Sequence[Entry], reason: str, outcome: Outcome) -> list[Sequence[Entry]]:
    """Sets aside the entry that a refusal is about where that is known, else gives halves."""
    named = _NAMED.search(reason)
    place = int(named[1]) if named else 0
    if len(batch) > 1 and (named is None or place >= len(batch)):
        return _halves(batch)
    outcome.refused[code_of(batch[place])] = reason
    return [part for part in (batch[:place], batch[place + 1 :]) if part]


def _untangle(hub: Hub, outcome: Outcome) -> None:
    """Gets through what was ignored only because of others here; what is ignored for good is refused."""
    kept = [one for one in outcome.ignored if not is_on_sale(one)]
    blocked = _posted_again(hub, [one for one in outcome.ignored if is_on_sale(one)], outcome)
    if 1 < len(blocked) <= rings.MOST:
        held = rings.held_by(blocked, lambda entries: _post_all(hub, entries).taken)
        ring = rings.in_rings(blocked, held)
        if ring:
            _turn(hub, ring, outcome)
        turned = {code_of(one) for one in ring}
        blocked = [one for one in blocked if code_of(one) not in turned]
    for entry in [*kept, *blocked]:
        group = entry["source"]["source_product_code"]
        outcome.refused[code_of(entry)] = IGNORED.format(sku=sku_of(entry), group=group)


def _posted_again(hub: Hub, blocked: list[Entry], outcome: Outcome) -> list[Entry]:
    """Posts as long as one more gets through, back to front: the SKU of one may be free since another moved on."""
    while blocked:
        again = _post_all(hub, blocked[::-1])
        outcome.taken += again.taken
        outcome.refused.update(again.refused)
        if len(again.ignored) == len(blocked):
            break
        blocked = again.ignored
    return blocked


def _turn(hub: Hub, ring: Sequence[Entry], outcome: Outcome) -> None:
    """Takes a ring off sale and posts it again; whoever does not get through is off sale and must come again."""
    _post_all(hub, [off_sale(one) for one in ring])
    again = _post_all(hub, ring)
    outcome.taken += again.taken
    outcome.unsettled.update({code_of(one): OFF_SALE for one in ring if one not in again.taken})


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), MAX_ENTRIES):
        yield entries[start : start + MAX_ENTRIES]


def _halves(batch: Sequence[Entry]) -> list[Sequence[Entry]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]
