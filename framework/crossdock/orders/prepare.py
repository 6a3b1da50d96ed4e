"""From an order to the document that a target transcribes: every option resolved, every total checked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec import structs

from crossdock.orders.amounts import (
    ONE,
    ZERO,
    Amounts,
    Charge,
    amounts,
    charge_of,
    charge_of_shipping,
    computed_total,
    spread,
)
from crossdock.orders.custom_fields import filled
from crossdock.orders.options import OrderOptions
from crossdock.orders.problems import stop
from crossdock.records import DocumentLine, Order, OrderDocument, OrderLine, TaxLine
from crossdock.store.ledger_states import PARKED

NAMED = 5
"""Lines that a reason names."""


class Owed(NamedTuple):
    """What is to be prepared."""

    reference: str
    kind: str
    places: Sequence[int]
    """Lines of the order that the document has."""
    has_charges: bool
    """Whether it has the order's delivery charges too."""


Items = Mapping[str, Sequence[str]]
"""SKU to the native codes of the items that have it."""


def prepare(order: Order, owed: Owed, options: OrderOptions, account: str, items: Items | None) -> OrderDocument:
    """Prepares a document.

    Args:
        order: the order, its texts cleaned.
        owed: which part of it.
        options: how.
        account: the ERP's account.
        items: what the catalogue knows of the SKUs. None: there is no catalogue, the ERP knows items by SKU.

    Returns:
        The document; its total is the sum of its lines.

    Raises:
        PreparationError: what is wrong with order or options, and what to do about it.
    """
    _check(order, options)
    codes = _native_codes([order.lines[place] for place in owed.places], options, items)
    lines, total = _lines(order, owed, options, codes)
    include = order.prices_include_tax if options.prices_include_tax is None else options.prices_include_tax
    has_order_address = options.address == "order"
    return OrderDocument(
        reference=owed.reference,
        kind=owed.kind,
        channel_order_code=order.channel_order_code,
        customer_code=account,
        lines=tuple(lines),
        total=total,
        currency=order.currency or options.currency,
        prices_include_tax=include,
        ordered_at=order.ordered_at,
        due_at=_later(order.ordered_at, options.due_days),
        deliver_at=_later(order.ordered_at, options.deliver_days),
        billing_address=order.billing_address if has_order_address else None,
        shipping_address=order.shipping_address if has_order_address else None,
        notes=order.notes,
        fields={name: filled(text, order) for name, text in options.fields.items()},
        document_number=f"{options.number_prefix}{order.channel_order_code}" if options.use_channel_number else None,
        warehouse=options.warehouse,
        params=order.params,
    )


def _later(moment: datetime | None, days: int | None) -> datetime | None:
    return None if moment is None or days is None else moment + timedelta(days=days)


def _check(order: Order, options: OrderOptions) -> None:
    """Checks what makes any document of the order wrong."""
    if not order.lines:
        stop("the order has no lines", "correct it in the channel")
    wrong = [f"{one.sku!r}: quantity {one.qty}" for one in order.lines if one.qty <= 0]
    if wrong:
        stop(f"quantities must be positive: {_some(wrong)}", "correct the order in the channel")
    negative = [f"{one.sku!r} at {one.price}" for one in order.lines if one.price < 0]
    if negative and options.negative_lines == "refuse":
        stop(
            f"lines with a negative price: {_some(negative)}",
            'set negative_lines = "discount" to take them as a discount, or correct the order in the channel',
        )
    currency = order.currency or options.currency
    if options.currencies and currency not in options.currencies:
        stop(
            f"the order is in {currency or 'no currency'}; the ERP keeps {', '.join(options.currencies)}",
            "add the currency to the ERP and to `currencies`, or set `currency`",
        )
    total = computed_total(order, options.decimals)
    if order.total is not None and abs(order.total - total) > options.tolerance:
        stop(
            f"the totals do not add up: the order says {order.total}, its lines make {total}",
            "correct the order in the channel, or raise `tolerance` if the difference is right",
        )
    if total < 0:
        stop(f"the order's total is negative ({total})", "correct the order in the channel")


def _some(texts: Sequence[str]) -> str:
    more = len(texts) - NAMED
    return "; ".join(texts[:NAMED]) + (f"; and {more} more" if more > 0 else "")


def _native_codes(lines: Sequence[OrderLine], options: OrderOptions, items: Items | None) -> dict[str, str]:
    """Gives what the ERP calls each SKU."""
    skus = [one.sku for one in lines if one.price >= 0]
    if items is None:
        return {sku: sku for sku in skus}
    several = [f"{sku!r} is {', '.join(map(repr, items[sku]))}" for sku in skus if len(items.get(sku, ())) > 1]
    if several:
        stop(f"a SKU stands for several items: {_some(several)}", "give each item a SKU of its own", PARKED)
    unknown = sorted({sku for sku in skus if not items.get(sku)})
    if unknown and options.unknown_sku != "item":
        stop(
            f"the ERP's catalogue has no item with SKU {_some([repr(sku) for sku in unknown])}",
            "add the item to the ERP and read its products, or correct the SKU in the channel",
            PARKED if options.unknown_sku == "park" else "refused",
        )
    if unknown and options.unknown_item_code is None:
        stop(
            f'unknown_sku is "item" but no unknown_item_code is set, for {_some([repr(sku) for sku in unknown])}',
            "set unknown_item_code",
        )
    return {sku: items[sku][0] if items.get(sku) else str(options.unknown_item_code) for sku in skus}


class _Part(NamedTuple):
    """One line that the document may have."""

    charge: Charge
    sku: str
    native_code: str
    title: str
    role: str
    tax_lines: tuple[TaxLine, ...]
    location: str | None
    is_ours: bool
    """Whether this document has it; the others are there for the rounding."""


def _lines(
    order: Order, owed: Owed, options: OrderOptions, codes: Mapping[str, str]
) -> tuple[list[DocumentLine], Decimal]:
    goods = [
        _Part(
            charge_of(line),
            line.sku,
            codes.get(line.sku, line.sku),
            line.title or line.sku,
            "item",
            line.tax_lines,
            line.location,
            place in owed.places,
        )
        for place, line in enumerate(order.lines)
        if line.price >= 0
    ]
    parts = _discounted(order, owed, options, goods) + _shipping(order, owed, options)
    worked_out = amounts([one.charge for one in parts], includes_tax=order.prices_include_tax, options=options)
    ours = [(part, found) for part, found in zip(parts, worked_out, strict=True) if part.is_ours]
    if not ours:
        stop("nothing of the order is left for this document", "correct its lines in [[orders.NAME.documents]]")
    lines = [_line(part, found, options) for part, found in ours]
    return (_merged(lines) if options.merge_lines else lines), sum((found.gross for _, found in ours), ZERO)


def _discounted(order: Order, owed: Owed, options: OrderOptions, goods: list[_Part]) -> list[_Part]:
    """Carries out the discount of the whole order."""
    negative = [charge_of(one) for one in order.lines if one.price < 0]
    discount = order.total_discount - sum((one.amount() for one in negative), ZERO)
    tax = sum((one.tax for one in negative), ZERO)
    if not discount:
        return goods
    if options.discount == "refuse":
        stop(f"the order has a discount of {discount}", 'set discount = "spread" or "item"')
    if options.discount == "item":
        if options.discount_code is None:
            stop(f'the order has a discount of {discount}, and discount = "item" needs discount_code', "set it")
        code = options.discount_code
        charge = Charge(ONE, -discount, ZERO, tax)
        return [*goods, _Part(charge, code, code, "Discount", "discount", (), None, owed.has_charges)]
    weights = [one.charge.amount() for one in goods]
    if sum(weights, ZERO) < discount:
        stop(f"the discount of {discount} is more than the goods", "correct the order in the channel")
    shares, taxes = spread(discount, weights, options.decimals), spread(tax, weights, options.decimals)
    return [
        one._replace(charge=structs.replace(one.charge, shared=share, tax=one.charge.tax + part))
        for one, share, part in zip(goods, shares, taxes, strict=True)
    ]


def _shipping(order: Order, owed: Owed, options: OrderOptions) -> list[_Part]:
    """Gives the delivery charges as lines; what costs nothing is no line."""
    if options.shipping == "ignore":
        return []
    parts = []
    for one in order.shipping_lines:
        charge = charge_of_shipping(one)
        if not charge.amount() and not charge.tax:
            continue
        if options.shipping_code is None and owed.has_charges:
            stop(
                f"the order has a delivery charge of {charge.amount()} ({one.title})",
                'set shipping_code to the ERP\'s item for it, or shipping = "ignore"',
            )
        code = options.shipping_code or ""
        parts.append(_Part(charge, code, code, one.title, "shipping", one.tax_lines, None, owed.has_charges))
    return parts


def _line(part: _Part, found: Amounts, options: OrderOptions) -> DocumentLine:
    warehouse = None
    if options.warehouse_per_line and part.location is not None:
        warehouse = options.warehouses.get(part.location, part.location)
    return DocumentLine(
        sku=part.sku,
        native_code=part.native_code,
        qty=part.charge.qty,
        price=found.price,
        title=part.title,
        total_discount=found.total_discount,
        tax=found.tax,
        tax_code=_tax_code(part, options),
        warehouse=warehouse,
        role=part.role,
    )


def _tax_code(part: _Part, options: OrderOptions) -> str | None:
    for one in part.tax_lines:
        for known in (one.code, one.title):
            if known is not None and known in options.tax_codes:
                return options.tax_codes[known]
    if part.role == "shipping" and options.shipping_tax_code is not None:
        return options.shipping_tax_code
    return options.taxed_code if part.charge.tax else options.exempt_code


def _merged(lines: Sequence[DocumentLine]) -> list[DocumentLine]:
    """Makes one line of those that differ in quantity only."""
    found: dict[tuple[object, ...], DocumentLine] = {}
    for line in lines:
        key = (line.native_code, line.price, line.tax_code, line.warehouse, line.role)
        had = found.get(key)
        found[key] = line if had is None else _sum(had, line)
    return list(found.values())


def _sum(one: DocumentLine, other: DocumentLine) -> DocumentLine:
    return structs.replace(
        one,
        qty=one.qty + other.qty,
        total_discount=one.total_discount + other.total_discount,
        tax=one.tax + other.tax,
    )
