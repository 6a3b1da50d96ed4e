"""The JSON line of one delivered item: the hub's names and shapes, only what is set.

A million items pass here in a first sync, so a line is a struct that takes the record's own values and
a whole batch is encoded in one call; a variant without open lists is written as it is, without a copy.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

import msgspec
from msgspec import Struct

from crossdock import Address, Customer, CustomerDelivery, Delivery, Variant


class Option(Struct, gc=False):
    """Name of an option."""

    name: str
    position: int


class Meta(Struct, gc=False):
    """A free attribute."""

    key: str
    value: str


class Tier(Struct, gc=False):
    """A price in one price list."""

    tier: str
    price: Decimal


class Warehouse(Struct, gc=False):
    """A quantity in one warehouse."""

    description: str
    qty: Decimal


class Image(Struct, omit_defaults=True, gc=False):
    """A picture: its address where it has one."""

    code: str
    src: str | None = None


class VariantLine(Struct, omit_defaults=True, gc=False):
    """A variant whose open lists need the hub's shape."""

    source_variant_code: str
    sku: str
    barcode: str | None = None
    qty: Decimal | None = None
    qty_availability: list[Warehouse] | None = None
    price: Decimal | None = None
    price_tiers: list[Tier] | None = None
    inventory_management: bool = True
    grams: Decimal | None = None
    option1: str | None = None
    option2: str | None = None
    option3: str | None = None
    meta: list[Meta] | None = None
    currency: str | None = None
    prices_include_tax: bool | None = None


class ProductLine(Struct, omit_defaults=True, gc=False):
    """One delivered item: its product's text and the one variant."""

    source_product_code: str
    title: str
    product_active: bool
    body_html: str | None = None
    collection: str | None = None
    product_type: str | None = None
    vendor: str | None = None
    tags: str | None = None
    categories: Sequence[Sequence[str]] | None = None
    options: list[Option] | None = None
    meta: list[Meta] | None = None
    images: list[Image] | None = None
    variants: Variant | VariantLine | None = None
    gone: bool = False
    moved_from: str | None = None


class CustomerLine(Struct, omit_defaults=True, kw_only=True, gc=False):
    """One delivered customer."""

    source_customer_code: str
    customer_active: bool
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    phone: str | None = None
    accepts_marketing: bool | None = None
    price_tier: str | None = None
    qty_availability: str | None = None
    addresses: tuple[Address, ...] | None = None
    meta: list[Meta] | None = None
    gone: bool = False


_encode_lines = msgspec.json.Encoder(decimal_format="number").encode_lines


def product_lines(deliveries: Sequence[Delivery]) -> bytes:
    """Gives one line for each item that is due; numbers stand exactly as they are."""
    lines: list[ProductLine] = []
    for delivery in deliveries:
        product = delivery.product
        tags = None if product.tags is None else ",".join(product.tags)
        options = _options(product.options) if product.options else None
        meta = _meta(product.meta) if product.meta else None
        images = None if product.images is None else [Image(one.code, one.url) for one in product.images]
        for due in delivery.due:
            variant = due.variant
            lines.append(
                ProductLine(
                    product.source_product_code,
                    product.title,
                    variant.active and not due.gone,
                    product.body_html,
                    product.collection,
                    product.product_type,
                    product.vendor,
                    tags,
                    product.categories,
                    options,
                    meta,
                    images,
                    variant if _is_plain(variant) else _variant_line(variant),
                    due.gone,
                    due.moved_from,
                )
            )
    return _encode_lines(lines)


def customer_lines(deliveries: Sequence[CustomerDelivery]) -> bytes:
    """Gives one line for each customer."""
    return _encode_lines([_customer_line(one.customer, gone=one.gone) for one in deliveries])


def _is_plain(variant: Variant) -> bool:
    return variant.active and not (variant.price_tiers or variant.qty_availability or variant.meta)


@lru_cache(1000)  # a catalogue has few sets of option names, each on thousands of lines
def _options(names: tuple[str, ...]) -> list[Option]:
    return [Option(name, place) for place, name in enumerate(names, 1)]


def _meta(values: Mapping[str, str]) -> list[Meta]:
    return [Meta(key, value) for key, value in values.items()]


def _variant_line(variant: Variant) -> VariantLine:
    return VariantLine(
        variant.source_variant_code,
        variant.sku,
        variant.barcode,
        variant.qty,
        [Warehouse(name, qty) for name, qty in variant.qty_availability.items()] if variant.qty_availability else None,
        variant.price,
        [Tier(name, price) for name, price in variant.price_tiers.items()] if variant.price_tiers else None,
        variant.inventory_management,
        variant.grams,
        variant.option1,
        variant.option2,
        variant.option3,
        _meta(variant.meta) if variant.meta else None,
        variant.currency,
        variant.prices_include_tax,
    )


def _customer_line(customer: Customer, *, gone: bool) -> CustomerLine:
    return CustomerLine(
        source_customer_code=customer.source_customer_code,
        customer_active=customer.active and not gone,
        email=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        company=customer.company,
        phone=customer.phone,
        accepts_marketing=customer.accepts_marketing,
        price_tier=customer.price_tier,
        qty_availability=customer.qty_availability,
        addresses=customer.addresses or None,
        meta=_meta(customer.meta) if customer.meta else None,
        gone=gone,
    )
