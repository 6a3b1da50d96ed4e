"""The hub's own records, as it answers them, and the coercion of posted entries into them.

Field names and order are those of the vendor's DTOs. `hash` stays null: the stand-in claims
nothing that it was not told. Times are UTC text without a fraction.
"""

import re
from functools import cmp_to_key
from typing import Any

from msgspec import UNSET, Struct, field, structs, to_builtins

from crossdock.testing.hub.contract import PostedProduct, PostedVariant

CLIENT_ID = 21
EPOCH = "1970-01-01 00:00:00"


class Party(Struct, gc=False):
    """A source of the client."""

    id: int
    created: str
    description: str
    modified: str
    client_id: int
    active: bool
    type: str


class Channel(Party):
    """A channel of the client, with the price list and the warehouse assigned to it."""

    price_tier: str | None = None
    qty_availability: str | None = None


class SystemVariant(Struct, gc=False):
    """A variant as stored: scalars null until told, lists empty until told."""

    id: int
    created: str
    source_variant_code: str
    modified: str
    client_id: int
    product_id: int
    price: float | None = None
    barcode: str | None = None
    sku: str | None = None
    qty: int | None = None
    grams: int | None = None
    inventory_management: bool | None = None
    active: bool = False
    hash: str | None = None
    image_id: int | None = None
    option1: str | None = None
    option2: str | None = None
    option3: str | None = None
    price_tiers: list[dict[str, Any]] = field(default_factory=list)
    qty_availability: list[dict[str, Any]] = field(default_factory=list)
    meta: list[dict[str, Any]] = field(default_factory=list)


class SystemProduct(Struct, gc=False):
    """A product as stored; its variants are filled in when it is answered."""

    id: int
    created: str
    active: bool
    source_product_code: str
    modified: str
    client_id: int
    source_id: int
    body_html: str | None = None
    collection: str | None = None
    title: str | None = None
    product_type: str | None = None
    vendor: str | None = None
    hash: str | None = None
    tags: str | None = None
    options: list[dict[str, Any]] = field(default_factory=list)
    meta: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    variants: list[SystemVariant] = field(default_factory=list)


def product_fields(posted: PostedProduct) -> dict[str, Any]:
    """Return what an entry says of the product, coerced; absent fields are absent here too."""
    told = _told(posted)
    del told["variants"]
    if told.get("tags"):
        told["tags"] = ",".join(sorted(told["tags"].split(","), key=cmp_to_key(_compare)))
    if "meta" in told:
        told["meta"] = [each | {"template_name": None} for each in told["meta"]]
    return told


def variant_fields(posted: PostedVariant) -> dict[str, Any]:
    """Return what an entry says of its variant, coerced; absent fields are absent here too."""
    told = _told(posted)
    if "price" in told:
        told["price"] = _amount(told["price"])
    for tier in told.get("price_tiers", ()):
        tier["price"] = _amount(tier["price"])
    if told.get("inventory_management") is not None:
        told["inventory_management"] = told["inventory_management"] == "true"
    return told


def assign(record: Struct, told: dict[str, Any]) -> bool:
    """Set the fields of a record and say whether any of them changed."""
    changed = {name: value for name, value in told.items() if getattr(record, name) != value}
    for name, value in changed.items():
        setattr(record, name, value)
    return bool(changed)


def _told(posted: Struct) -> dict[str, Any]:
    return {
        name: to_builtins(value) if isinstance(value, list) else value
        for name, value in structs.asdict(posted).items()
        if value is not UNSET
    }


def _amount(value: float | str | None) -> float | None:
    if isinstance(value, str):
        return float(value) if value.strip() else None
    return value


_NUMERIC = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*")


def _compare(left: str, right: str) -> int:
    """Order two texts as the vendor's PHP does: as numbers when both are numeric, else by bytes."""
    if _NUMERIC.fullmatch(left) and _NUMERIC.fullmatch(right):
        return (float(left) > float(right)) - (float(left) < float(right))
    first, second = left.encode(), right.encode()
    return (first > second) - (first < second)
