"""How a flow of orders is to be carried out: data, from `[orders.NAME]`, each option with its default.

`host.orders_config` reads them. An option of a document (`[[orders.NAME.documents]]`) stands before the flow's own.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct, structs

KINDS = ("quotation", "sales_order", "invoice", "fulfilment")
GO = ("", "add_order")
"""The hub's instructions that send an order on; all others keep it waiting (`stock2shop/share`, ChannelOrder)."""


class OrderOptions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How an order becomes a document of one target."""

    default_customer_code: str | None = None
    """Account of orders whose customer has none and for whom none is created. None: they are refused."""
    accounts: dict[str, str] = {}
    """Account by the channel's customer code or by e-mail address; stands before what the channel says."""
    create_customer: bool = False
    """Whether an account is created for a customer that has none."""
    shipping: Literal["item", "ignore"] = "item"
    """Whether delivery charges become a line, or are left out of document and total."""
    shipping_code: str | None = None
    """The ERP's item for delivery charges. None: an order that has any is refused."""
    taxed_code: str | None = None
    """The ERP's tax code of lines with tax. None: the ERP decides."""
    exempt_code: str | None = None
    """The ERP's tax code of lines without tax. None: the ERP decides."""
    shipping_tax_code: str | None = None
    """The ERP's tax code of delivery charges. None: as any other line."""
    tax_codes: dict[str, str] = {}
    """The ERP's tax code by the channel's tax code or title; stands before `taxed_code`."""
    discount: Literal["spread", "item", "refuse"] = "spread"
    """A discount of the whole order: spread over its lines by their amounts, a line of its own, or refused."""
    discount_code: str | None = None
    """The ERP's item for discounts. None: `discount = "item"` cannot be carried out."""
    negative_lines: Literal["refuse", "discount"] = "refuse"
    """A line with a negative price: refused, or taken as a discount of the whole order."""
    use_channel_number: bool = False
    """Whether the document gets the channel's number in place of one of the ERP's own series."""
    number_prefix: str = ""
    """What is put before the channel's number."""
    address: Literal["order", "erp"] = "order"
    """Whether the document carries the order's addresses or the account's own."""
    warehouse: str | None = None
    """The ERP's warehouse of the whole document. None: its default, or the lines say."""
    warehouse_per_line: bool = False
    """Whether each line is taken from the warehouse that the channel chose."""
    warehouses: dict[str, str] = {}
    """The ERP's warehouse by the channel's; one that is not named keeps its name."""
    currency: str | None = None
    """ISO 4217 code of orders that do not say theirs. None: the ERP's own."""
    currencies: tuple[str, ...] = ()
    """Currencies that the ERP keeps; an order in another one is refused. Empty: all."""
    due_days: int | None = None
    """Days from the order until payment is due. None: the ERP's terms."""
    deliver_days: int | None = None
    """Days from the order until delivery. None: as soon as possible."""
    fields: dict[str, str] = {}
    """Custom ERP fields: a text, or `{NAME}` with a field of the order, such as `{meta.gift}`."""
    merge_lines: bool = False
    """Whether lines with the same SKU, price, tax code and warehouse become one."""
    unknown_sku: Literal["refuse", "park", "item"] = "refuse"
    """A SKU that the catalogue does not have: refused, kept for a person, or written as `unknown_item_code`."""
    unknown_item_code: str | None = None
    """The ERP's item for unknown SKUs."""
    prices_include_tax: bool | None = None
    """Whether the ERP takes prices with tax. None: as the order has them."""
    tolerance: Decimal = Decimal("0.01")
    """By how much the totals of order, document and ERP may differ, in the order's currency."""
    decimals: int = 2
    """Decimals of amounts in the currency."""
    price_decimals: int = 4
    """Decimals that the ERP keeps of a unit price; amounts stay exact all the same."""


class Route(Struct, frozen=True, kw_only=True):
    """One document that orders of a flow owe."""

    to: str
    """Connection by name."""
    target: int
    """The same by permanent number."""
    kind: str = "sales_order"
    locations: tuple[str, ...] | None = None
    """Only lines for these warehouses of the channel; the empty text stands for none chosen. None: all lines."""
    options: OrderOptions = OrderOptions()


class Flow(Struct, frozen=True, kw_only=True):
    """One channel's orders, from `[orders.NAME]`."""

    name: str
    channel: int
    """Connection by permanent number."""
    channel_name: str
    routes: tuple[Route, ...]
    states: tuple[str, ...] = ()
    """States of the channel in which an order is sent on; in others it waits. Empty: all."""
    cancel_states: tuple[str, ...] = ()
    """States of the channel in which an order is taken back."""
    from_date: datetime | None = None
    """Orders before it are left alone. None: none are."""
    sweep_every_s: float = 86400.0
    """How often the channel is read again with an overlap."""
    sweep_span_s: float = 172800.0
    """How far back that reads."""
    page_size: int = 250
    """Orders asked for at once."""

    def route(self, target: int, kind: str) -> Route | None:
        """Gives the route of a document, None where the configuration no longer has it."""
        return next((one for one in self.routes if one.target == target and one.kind == kind), None)

    def options_for(self, target: int, kind: str) -> OrderOptions:
        """Gives the options of a document; one whose route is gone goes by the first route's."""
        found = self.route(target, kind)
        return found.options if found is not None else self.routes[0].options


OPTION_NAMES = tuple(field.name for field in structs.fields(OrderOptions))
