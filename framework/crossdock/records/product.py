"""Products and variants: what every sales channel is told, in the hub's field names.

Names follow Stock2Shop's product and variant objects (`stock2shop/share`, src/DTO, read 2023-05-09).
The order of the fields is part of the canonical encoding (`records.codec`): add new ones at the end.
"""

from decimal import Decimal

from msgspec import Struct


class Record(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Any canonical record: immutable; what is not set is not encoded and not sent."""


class ImageRef(Record, frozen=True):
    """One picture of a product: a reference, never the bytes."""

    code: str
    """Identity of the picture at the source; unique within the product."""
    url: str | None = None
    """Where a channel can fetch it (https). None: ask the plugin with `read_image`."""
    source_key: str | None = None
    """What `read_image` needs to find the bytes. None: the code."""
    content_hash: str | None = None
    """Hash of the bytes in the source's own words. None: unknown, the code stands for the content."""


class Product(Record, frozen=True):
    """The text that all variants of a product share."""

    source_product_code: str
    """Groups the variants of one product; equals the variant's code for a simple product."""
    title: str
    """Name shown to a buyer, plain text."""
    body_html: str | None = None
    """Description as HTML. None: not mapped, the channel keeps its own."""
    collection: str | None = None
    """One collection's name. None: not mapped."""
    product_type: str | None = None
    """Kind of product. None: not mapped."""
    vendor: str | None = None
    """Brand or maker. None: not mapped."""
    tags: tuple[str, ...] | None = None
    """Labels, sorted, each once. None: not mapped; empty: none."""
    categories: tuple[tuple[str, ...], ...] | None = None
    """Paths from the root to the leaf, such as `("Shoes", "Running")`. None: not mapped."""
    options: tuple[str, ...] = ()
    """Names of at most three options, in the order of `option1` to `option3`."""
    meta: dict[str, str] = {}
    """Free attributes of the product by key."""
    images: tuple[ImageRef, ...] | None = None
    """Pictures in the order of display. None: not mapped."""


class Variant(Record, frozen=True):
    """What is sold: one SKU."""

    source_variant_code: str
    """The item's permanent code at the source; unique within a source."""
    sku: str
    """Stock-keeping unit: joins the item to channels and orders; unique within a source."""
    active: bool = True
    """False: to be taken off sale everywhere (the hub's `product_active`)."""
    barcode: str | None = None
    """EAN, UPC or the like, as text. None: not mapped or none."""
    qty: Decimal | None = None
    """Free stock (on hand less committed) in selling units, not negative. None: not mapped, not sent."""
    qty_availability: dict[str, Decimal] = {}
    """Free stock by warehouse name, in selling units."""
    price: Decimal | None = None
    """Default price of one selling unit. None: not mapped, not sent."""
    price_tiers: dict[str, Decimal] = {}
    """Price of one selling unit by price list."""
    inventory_management: bool = True
    """Whether channels track stock of this item."""
    grams: Decimal | None = None
    """Weight of one selling unit in grams. None: not mapped."""
    option1: str | None = None
    """Value of the product's first option. None: the product has none."""
    option2: str | None = None
    """Value of the product's second option. None: the product has fewer."""
    option3: str | None = None
    """Value of the product's third option. None: the product has fewer."""
    meta: dict[str, str] = {}
    """Free attributes of the variant by key."""
    currency: str | None = None
    """ISO 4217 code of all prices. None: what the connection declares."""
    prices_include_tax: bool | None = None
    """Whether prices include tax. None: what the connection declares."""
