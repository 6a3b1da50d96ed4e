"""The flat shape: one row an item, with the column names of the hub's product and customer import.

Reading, it lays a nested JSON line flat, so that one field map serves both formats. Writing, it makes CSV
whose header stands for good once the file is made; what has no column of its own goes, as JSON, to `more`.
Source of the names: the hub's import documentation, `how-it-works-product-import`, and its customer template.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from crossdock import Customer, CustomerDelivery, Delivery, Due, Product

MORE = "more"
"""Last column: a JSON object with everything that the header has no column for, empty where nothing is left."""
PRODUCT_COLUMNS = (
    "source_product_code",
    "source_variant_code",
    "title",
    "body_html",
    "collection",
    "product_type",
    "tags",
    "vendor",
    "sku",
    "barcode",
    "price",
    "qty",
    "grams",
    "inventory_management",
    "option1_name",
    "option1_value",
    "option2_name",
    "option2_value",
    "option3_name",
    "option3_value",
    "product_active",
    "gone",
    "moved_from",
)
CUSTOMER_COLUMNS = (
    "source_customer_code",
    "first_name",
    "last_name",
    "email",
    "accepts_marketing",
    "company",
    "phone",
    "price_tier",
    "qty_availability",
    "customer_active",
    "gone",
)
LINE_END = "\r\n"
"""Ends a row; line ends within a field are written as a single line feed, so a torn row is recognised."""

_DOTTED = (
    ("variants.price_tiers.", "price_", ""),
    ("variants.qty_availability.", "qty_", ""),
    ("variants.meta.", "variant_meta_", ""),
    ("variants.option", "option", "_value"),
    ("variants.", "", ""),
    ("options.", "option", "_name"),
    ("images.", "image", ""),
    ("meta.", "meta_", ""),
)
"""Start of a hub field's name, and what stands in its place and at the end in the column's name."""

_to_json = msgspec.json.Encoder(decimal_format="number").encode


def product_rows(deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Gives one flat row for each item that is due, only what is set."""
    return [_product_row(one.product, due) for one in deliveries for due in one.due]


def customer_rows(deliveries: Sequence[CustomerDelivery]) -> list[dict[str, Any]]:
    """Gives one flat row for each customer, only what is set."""
    return [_customer_row(one.customer, gone=one.gone) for one in deliveries]


def header_for(rows: Sequence[Mapping[str, Any]], plain: Sequence[str]) -> list[str]:
    """Gives the header of a new file: the plain columns, the open ones of these rows, and `more`."""
    fits = {name for row in rows for name, value in row.items() if not isinstance(value, (list, tuple))}
    return [*plain, *sorted(fits.difference(plain)), MORE]


def to_csv(rows: Iterable[Mapping[str, Any]], header: Sequence[str], delimiter: str) -> bytes:
    """Gives rows as CSV in the order of a header."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=LINE_END)
    known = frozenset(header)
    for row in rows:
        left = {name: value for name, value in row.items() if name not in known}
        more = _to_json(left).decode() if left else ""
        writer.writerow([more if name == MORE else _cell(row.get(name)) for name in header])
    return text.getvalue().encode()


def header_line(header: Sequence[str], delimiter: str) -> bytes:
    """Gives the header as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=LINE_END).writerow(header)
    return text.getvalue().encode()


def read_header(line: bytes, delimiter: str) -> list[str]:
    """Gives the names in a header line."""
    return next(csv.reader([line.decode("utf-8-sig").rstrip()], delimiter=delimiter))


def flat_product(line: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the flat columns to a JSON line that has the hub's names, nested or with dots; others stay as they are."""
    flat = dict(line)
    variant = line.get("variants")
    if isinstance(variant, Mapping):
        flat.update((_plain_name(name), one) for name, one in variant.items() if not isinstance(one, list))
        flat.update(_entries(variant.get("price_tiers"), "price_", "tier", "price"))
        flat.update(_entries(variant.get("qty_availability"), "qty_", "description", "qty"))
        flat.update(_entries(variant.get("meta"), "variant_meta_", "key", "value"))
    flat.update(_entries(line.get("meta"), "meta_", "key", "value"))
    for option in _objects(line.get("options")):
        flat[f"option{option.get('position')}_name"] = option.get("name")
    for place, image in enumerate(_objects(line.get("images")), 1):
        flat[f"image{place}"] = image.get("src") or image.get("code")
    flat.update((_dotless(name), one) for name, one in line.items() if "." in name)
    return flat


def _plain_name(name: str) -> str:
    return f"{name}_value" if name in ("option1", "option2", "option3") else name


def _dotless(name: str) -> str:
    """Gives the column of a hub field's full name, such as `price_wholesale` for `variants.price_tiers.wholesale`."""
    for start, column, end in _DOTTED:
        if name.startswith(start):
            return f"{column}{name[len(start) :]}{end}"
    return name


def flat_customer(line: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the flat columns to a JSON line of a customer."""
    flat = dict(line)
    flat.update(_entries(line.get("meta"), "meta_", "key", "value"))
    flat.update((f"address{place}", one) for place, one in enumerate(_objects(line.get("addresses")), 1))
    return flat


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _entries(value: object, prefix: str, name: str, inner: str) -> dict[str, Any]:
    return {f"{prefix}{one[name]}": one.get(inner) for one in _objects(value) if name in one}


def _product_row(product: Product, due: Due) -> dict[str, Any]:
    variant = due.variant
    row: dict[str, Any] = {
        name: getattr(part, name)
        for part in (product, variant)
        for name in part.__struct_fields__
        if name not in ("active", "tags", "options", "meta", "images", "qty_availability", "price_tiers")
        and not name.startswith("option")
    }
    row["tags"] = None if product.tags is None else ",".join(product.tags)
    row["product_active"] = variant.active and not due.gone
    row["gone"], row["moved_from"] = due.gone or None, due.moved_from
    values = (variant.option1, variant.option2, variant.option3)
    row.update((f"option{n}_name", name) for n, name in enumerate(product.options, 1))
    row.update((f"option{n}_value", value) for n, value in enumerate(values, 1))
    row.update((f"image{n}", one.url or one.code) for n, one in enumerate(product.images or (), 1))
    row.update((f"meta_{key}", value) for key, value in product.meta.items())
    row.update((f"variant_meta_{key}", value) for key, value in variant.meta.items())
    row.update((f"price_{key}", value) for key, value in variant.price_tiers.items())
    row.update((f"qty_{key}", value) for key, value in variant.qty_availability.items())
    return {name: value for name, value in row.items() if value is not None}


def _customer_row(customer: Customer, *, gone: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: getattr(customer, name)
        for name in customer.__struct_fields__
        if name not in ("active", "addresses", "meta")
    }
    row["customer_active"] = customer.active and not gone
    row["gone"] = gone or None
    for place, address in enumerate(customer.addresses, 1):
        row.update((f"address{place}.{name}", getattr(address, name)) for name in address.__struct_fields__)
    row.update((f"meta_{key}", value) for key, value in customer.meta.items())
    return {name: value for name, value in row.items() if value is not None}


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).replace("\r\n", "\n").replace("\r", "\n")
