"""What is new in an item, by kind: text, quantity, price, images, active."""

from typing import Any

from msgspec.structs import astuple

from crossdock.contract import Change
from crossdock.records import Customer, Product, Record, Variant, decode

ALL: tuple[Change, ...] = ("text", "quantity", "price", "images", "active")
QUANTITY = frozenset(("qty", "qty_availability", "inventory_management"))
PRICE = frozenset(("price", "price_tiers", "currency", "prices_include_tax"))
Body = bytes | bytearray
"""A record as stored, or as it came in a frame."""


def changed_kinds(stream: str, old: tuple[Body | None, Body], new: tuple[Body | None, Body]) -> set[Change]:
    """Compares two states of an item, each product text and variant (None and customer); empty: the same."""
    if stream == "customers":
        return set() if decode(old[1], Customer) == decode(new[1], Customer) else {"text"}
    kinds: set[Change] = set()
    if old[0] != new[0] and old[0] is not None and new[0] is not None:
        kinds |= {"images" if name == "images" else "text" for name in _differing(Product, old[0], new[0])}
    if old[1] != new[1]:
        kinds |= {_kind(name) for name in _differing(Variant, old[1], new[1])}
    return kinds


def _kind(name: str) -> Change:
    if name in QUANTITY:
        return "quantity"
    if name in PRICE:
        return "price"
    return "active" if name == "active" else "text"


def _differing(kind: type[Record], old: Body, new: Body) -> list[str]:
    before, after = decode(old, kind), decode(new, kind)
    # Not `structs.fields`, which works out all types anew at each call, and costs more than all else here.
    values = zip(kind.__struct_fields__, astuple(before), astuple(after), strict=True)
    return [name for name, one, other in values if one != other]


def brake_reason(stream: str, old: bytes, new: bytes, *, gone: bool) -> str | None:
    """Says whether a change is of the kind that brakes guard: deactivated, zeroed or re-priced."""
    if stream == "customers":
        return _deactivated(decode(old, Customer).active, decode(new, Customer).active and not gone)
    before, after = decode(old, Variant), decode(new, Variant)
    reason = _deactivated(before.active, after.active and not gone)
    if reason is None and not gone and _zeroed(before, after):
        reason = "zeroed"
    if reason is None and not gone and (before.price, before.price_tiers) != (after.price, after.price_tiers):
        reason = "re-priced"
    return reason


def _deactivated(before: bool, after: bool) -> str | None:  # noqa: FBT001  # two states of one thing
    return "deactivated" if before and not after else None


def _zeroed(before: Variant, after: Variant) -> bool:
    def total(one: Variant) -> Any:
        return (one.qty or 0) + sum(one.qty_availability.values())

    return bool(total(before) > 0 and total(after) == 0)


__all__ = ["ALL", "brake_reason", "changed_kinds"]
