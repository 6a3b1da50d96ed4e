"""A delivered item as an entry of `POST /products/queue`, and a customer as a row of the import.

Source: the vendor's page "Pushing product data to the Stock2Shop API": exactly one variant an entry under the
plural name `variants`, flags and tokens as text, quantities whole. The minimum is always there; beyond it
only what is set, since the hub keeps what an entry does not mention. Pictures, categories and attributes of a
variant have no place in an entry.
"""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from crossdock import Customer, Delivery, Due, Product, Variant

TOKEN = "0"  # noqa: S105  # the only value that the vendor's sample shows; its meaning is not documented
CUSTOMER_COLUMNS = (
    "source_customer_code",
    "first_name",
    "last_name",
    "email",
    "accepts_marketing",
    "note",
    "send_email_invite",
    "password",
    "password_confirmation",
    "address1.address1",
    "address1.address2",
    "address1.city",
    "address1.company",
    "address1.first_name",
    "address1.last_name",
    "address1.phone",
    "address1.province",
    "address1.country",
    "address1.zip",
    "address1.country_code",
    "address1.province_code",
)
"""Header of the vendor's Customer-Template.csv."""

Entry = dict[str, Any]


def to_entry(delivery: Delivery, due: Due, source_id: int) -> Entry:
    """Gives the entry of one item; one that is gone or not active is taken off sale."""
    variant = due.variant
    is_active = variant.active and not due.gone
    product = _minimum(delivery.product, variant) if due.gone else _product(delivery.product, variant)
    return {"source": _source(source_id, delivery.product.source_product_code, is_active=is_active), "product": product}


def off_sale(entry: Entry) -> Entry:
    """Gives the same entry, taken off sale, which makes the hub let go of its SKU."""
    return {**entry, "source": {**entry["source"], "product_active": "false"}}


def with_sku(entry: Entry, sku: str) -> Entry:
    """Gives an entry that says no more of the item than that it has this SKU and is on sale."""
    product = {"title": entry["product"]["title"], "variants": {"source_variant_code": code_of(entry), "sku": sku}}
    return {"source": entry["source"], "product": product}


def code_of(entry: Entry) -> str:
    """Gives the item's code."""
    return str(entry["product"]["variants"]["source_variant_code"])


def sku_of(entry: Entry) -> str:
    """Gives the SKU that an entry asks for."""
    return str(entry["product"]["variants"]["sku"])


def is_on_sale(entry: Entry) -> bool:
    """Says whether an entry asks for its item to be sold."""
    return bool(entry["source"]["product_active"] == "true")


def whole(quantity: Decimal) -> int:
    """Gives a quantity without its fraction, rounded down, never below 0."""
    return max(0, int(quantity.to_integral_value(ROUND_FLOOR)))


def _source(source_id: int, product_code: str, *, is_active: bool) -> Entry:
    return {
        "source_id": source_id,
        "product_active": _flag(is_active),
        "source_product_code": product_code,
        "sync_token": TOKEN,
        "fetch_token": TOKEN,
    }


def _flag(value: bool) -> str:  # noqa: FBT001  # the value itself
    return "true" if value else "false"


def _minimum(product: Product, variant: Variant) -> Entry:
    codes = {"source_variant_code": variant.source_variant_code, "sku": variant.sku}
    return {"title": product.title, "variants": codes}


def _product(product: Product, variant: Variant) -> Entry:
    entry: Entry = {"title": product.title}
    for name in ("body_html", "collection", "product_type", "vendor"):
        _put(entry, name, getattr(product, name))
    _put(entry, "tags", None if product.tags is None else ",".join(product.tags))
    if product.options:
        entry["options"] = [{"name": name, "position": place} for place, name in enumerate(product.options, 1)]
    entry["variants"] = _variant(variant)
    if product.meta:
        entry["meta"] = [{"key": key, "value": value} for key, value in product.meta.items()]
    return entry


def _variant(variant: Variant) -> Entry:
    entry: Entry = {"source_variant_code": variant.source_variant_code, "sku": variant.sku}
    _put(entry, "barcode", variant.barcode)
    _put(entry, "qty", None if variant.qty is None else whole(variant.qty))
    if variant.qty_availability:
        entry["qty_availability"] = [
            {"description": name, "qty": whole(qty)} for name, qty in variant.qty_availability.items()
        ]
    _put(entry, "price", variant.price)
    if variant.price_tiers:
        entry["price_tiers"] = [{"tier": name, "price": price} for name, price in variant.price_tiers.items()]
    entry["inventory_management"] = _flag(variant.inventory_management)
    _put(entry, "grams", None if variant.grams is None else whole(variant.grams))
    for name in ("option1", "option2", "option3"):
        _put(entry, name, getattr(variant, name))
    return entry


def _put(entry: Entry, name: str, value: object) -> None:
    if value is not None:
        entry[name] = value


def to_import_row(customer: Customer) -> Mapping[str, str]:
    """Gives a customer's row of the import; the first address is the one that goes in."""
    row = dict.fromkeys(CUSTOMER_COLUMNS, "")
    row["source_customer_code"] = customer.source_customer_code
    for name in ("first_name", "last_name", "email"):
        row[name] = getattr(customer, name) or ""
    row["accepts_marketing"] = _flag(bool(customer.accepts_marketing))
    row["send_email_invite"] = "false"
    if customer.addresses:
        address = customer.addresses[0]
        for column in CUSTOMER_COLUMNS:
            part, _, name = column.partition(".")
            if part == "address1" and name:
                row[column] = getattr(address, name) or ""
    return row
