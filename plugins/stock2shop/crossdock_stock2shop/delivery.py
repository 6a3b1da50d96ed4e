"""Entries to the hub in batches, so that one that it will not have never holds up the others.

The hub says of a request how many of its entries it queued, not which it ignored, and refuses a request
whole for one bad entry. Posting is repeatable, so halving finds them. It ignores an entry whose SKU another
live item holds; when two items swap SKUs each blocks the other, so what was ignored is taken off sale first
and posted again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crossdock import Delivery, RefusedError, Result
from crossdock_stock2shop.client import Hub
from crossdock_stock2shop.fields import Entry, is_on_sale, off_sale, to_entry

MAX_ENTRIES = 500
"""The agent's batch in the vendor's documentation."""
IGNORED = (
    "the hub ignored it, also after it was taken off sale and posted again: its SKU {sku!r} belongs to another live "
    "item, or its product code {group!r} does not fit"
)
_NAMED = re.compile(r"system_products\[(\d+)\]")


@dataclass
class Outcome:
    """What became of entries."""

    taken: list[Entry] = field(default_factory=list)
    ignored: list[Entry] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Reason by code."""


def deliver(hub: Hub, deliveries: Sequence[Delivery]) -> list[Result]:
    """Posts all items that are due, waits until the hub has processed them, and says what became of each."""
    entries = [to_entry(one, due, hub.source_id) for one in deliveries for due in one.due]
    outcome = _post_all(hub, entries)
    _untangle(hub, outcome)
    is_drained = hub.drained()
    return [_result(entry, outcome.refused, is_drained=is_drained) for entry in entries]


def _result(entry: Entry, refused: dict[str, str], *, is_drained: bool) -> Result:
    code = _code(entry)
    if code in refused:
        return Result(code, "refused", refused[code])
    if not is_drained:
        return Result(code, "retry", "the hub took it but has not processed its queue in the time set")
    return Result(code)


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
    outcome.refused[_code(batch[place])] = reason
    return [part for part in (batch[:place], batch[place + 1 :]) if part]


def _untangle(hub: Hub, outcome: Outcome) -> None:
    """Takes what was ignored off sale and posts it again; what is still ignored is refused."""
    blocked = [one for one in outcome.ignored if is_on_sale(one)]
    if blocked:
        _post_all(hub, [off_sale(one) for one in blocked])
        again = _post_all(hub, blocked)
        outcome.refused.update(again.refused)
        left = again.ignored
    else:
        left = []
    for entry in [*left, *(one for one in outcome.ignored if not is_on_sale(one))]:
        sku, group = entry["product"]["variants"]["sku"], entry["source"]["source_product_code"]
        outcome.refused[_code(entry)] = IGNORED.format(sku=sku, group=group)


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), MAX_ENTRIES):
        yield entries[start : start + MAX_ENTRIES]


def _halves(batch: Sequence[Entry]) -> list[Sequence[Entry]]:
    middle = len(batch) // 2
    return [batch[:middle], batch[middle:]]


def _code(entry: Entry) -> str:
    return str(entry["product"]["variants"]["source_variant_code"])
