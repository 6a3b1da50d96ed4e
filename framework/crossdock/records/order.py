"""Orders as a channel gives them, in the hub's field names (`stock2shop/share`, ChannelOrder).

The hub leaves open whether discounts and taxes are per unit or per line (its sample has quantity 1
throughout); here **both are per line, in total**, and plugins convert at their edge.
"""

from datetime import datetime
from decimal import Decimal

from crossdock.records.customer import Address
from crossdock.records.product import Record


class TaxLine(Record, frozen=True):
    """One tax on a line."""

    title: str
    """Name shown to the buyer."""
    rate: Decimal
    """Percent: 15 means 15 %."""
    price: Decimal
    """Amount of tax on the whole line, in the order's currency."""
    code: str | None = None
    """The channel's tax code. None: it has none."""


class OrderLine(Record, frozen=True):
    """One ordered item."""

    sku: str
    """What was ordered."""
    qty: Decimal
    """Selling units, positive."""
    price: Decimal
    """Price of one unit before discount; tax as the order's `prices_include_tax` says."""
    title: str | None = None
    """Name at the time of the order. None: not given."""
    barcode: str | None = None
    """Barcode at the time of the order. None: not given."""
    grams: Decimal | None = None
    """Weight of one unit. None: not given."""
    total_discount: Decimal = Decimal(0)
    """Discount on the whole line, same tax basis as the price."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Taxes on the whole line."""
    location: str | None = None
    """Warehouse that the channel chose. None: it did not."""
    source_variant_code: str | None = None
    """Our code of the item. None: not looked up yet."""


class ShippingLine(Record, frozen=True):
    """One delivery charge."""

    title: str
    """Name of the delivery method."""
    price: Decimal
    """Charge; tax as the order's `prices_include_tax` says."""
    total_discount: Decimal = Decimal(0)
    """Discount on the charge."""
    tax_lines: tuple[TaxLine, ...] = ()
    """Taxes on the charge."""


class OrderCustomer(Record, frozen=True):
    """The buyer as the channel knows him."""

    channel_customer_code: str | None = None
    """The channel's id. None: a guest."""
    source_customer_code: str | None = None
    """The ERP's account, where the channel knows it. None: to be resolved."""
    email: str | None = None
    """None: not given."""
    first_name: str | None = None
    """None: not given."""
    last_name: str | None = None
    """None: not given."""
    company: str | None = None
    """None: not given."""
    phone: str | None = None
    """None: not given."""
    accepts_marketing: bool | None = None
    """None: not known."""


class Order(Record, frozen=True):
    """An order as a channel placed it."""

    channel_order_code: str
    """The channel's number; with the channel, the order's identity."""
    lines: tuple[OrderLine, ...]
    """What was ordered, at least one (the hub's `line_items`)."""
    customer: OrderCustomer = OrderCustomer()
    """Who ordered."""
    ordered_at: datetime | None = None
    """When, with zone. None: not given."""
    currency: str | None = None
    """ISO 4217 code of all amounts. None: what the connection declares."""
    prices_include_tax: bool = False
    """Whether prices and discounts include tax; the hub's do not."""
    total_discount: Decimal = Decimal(0)
    """Discount on the order beyond those of its lines."""
    total: Decimal | None = None
    """What the buyer pays, tax included. None: not given, it is computed."""
    shipping_lines: tuple[ShippingLine, ...] = ()
    """Delivery charges."""
    billing_address: Address | None = None
    """None: not given."""
    shipping_address: Address | None = None
    """None: not given."""
    notes: str | None = None
    """The buyer's remark. None: none."""
    status: str | None = None
    """The channel's own state, in its words. None: not given."""
    instruction: str | None = None
    """The hub's `add_order`, `sync_order`, `unpaid_order` ... None: as `add_order`."""
    params: dict[str, str] = {}
    """Overrides handed to the ERP, by option."""
    meta: dict[str, str] = {}
    """Free attributes by key."""


class DocumentLine(Record, frozen=True):
    """One line of a document, ready to be written down."""

    sku: str
    """Our SKU."""
    native_code: str
    """What the ERP calls the item."""
    qty: Decimal
    """Selling units."""
    price: Decimal
    """Unit price before discount; tax as the document says. The line's amount is `qty * price`, less discount."""
    title: str
    """Text of the line."""
    total_discount: Decimal = Decimal(0)
    """Discount of the whole line, to the cent."""
    tax: Decimal = Decimal(0)
    """Tax of the whole line."""
    tax_code: str | None = None
    """The ERP's tax code. None: the ERP's default."""
    warehouse: str | None = None
    """The ERP's warehouse. None: the ERP's default."""
    role: str = "item"
    """`item`, `shipping` (a delivery charge) or `discount` (of the whole order; its price is negative)."""


class OrderDocument(Record, frozen=True):
    """A document that the host prepared: `write_order` transcribes it and decides nothing."""

    reference: str
    """Ours: unique, fitted to the ERP's field, to be stored where `find_order` looks."""
    kind: str
    """`quotation`, `sales_order`, `invoice` or `fulfilment`."""
    channel_order_code: str
    """The channel's number, for people."""
    customer_code: str
    """The ERP's account."""
    lines: tuple[DocumentLine, ...]
    """At least one."""
    total: Decimal
    """Of the document, tax included, in its currency."""
    currency: str | None = None
    """ISO 4217. None: the ERP's own."""
    prices_include_tax: bool = False
    """Whether prices and discounts include tax."""
    ordered_at: datetime | None = None
    """With zone. None: not known."""
    due_at: datetime | None = None
    """With zone. None: the ERP's terms."""
    deliver_at: datetime | None = None
    """With zone. None: as soon as possible."""
    billing_address: Address | None = None
    """None: the account's own."""
    shipping_address: Address | None = None
    """None: the account's own."""
    notes: str | None = None
    """None: none."""
    fields: dict[str, str] = {}
    """Custom ERP fields by name."""
    document_number: str | None = None
    """Number that the document must have. None: the ERP's own series."""
    warehouse: str | None = None
    """The ERP's warehouse of the whole document. None: the ERP's default, or the lines say."""
    params: dict[str, str] = {}
    """The order's overrides, by option, as the channel gave them."""
