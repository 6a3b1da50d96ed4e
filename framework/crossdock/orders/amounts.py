"""Amounts of an order, to the cent, with tax or without: every line exact, every total the sum of its lines.

What is rounded is rounded once, and what is left over goes to the largest line, so that the document's total is the
order's own.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from msgspec import Struct

from crossdock.orders.options import OrderOptions
from crossdock.records import Order, OrderLine, ShippingLine

ZERO, ONE = Decimal(0), Decimal(1)


class Amounts(Struct, frozen=True):
    """One line of a document, in the tax basis that the target takes."""

    price: Decimal
    """Of one unit, before discount."""
    total_discount: Decimal
    """Of the whole line."""
    tax: Decimal
    """Of the whole line."""
    gross: Decimal
    """What the buyer pays for the line, tax included."""


class Charge(Struct, frozen=True):
    """One line as it was ordered: goods, or a delivery charge."""

    qty: Decimal
    price: Decimal
    discount: Decimal
    tax: Decimal
    shared: Decimal = ZERO
    """Its share of the order's discount."""

    def amount(self) -> Decimal:
        """Gives quantity times price less all discounts, in the order's own tax basis."""
        return self.qty * self.price - self.discount - self.shared

    def gross(self, *, includes_tax: bool) -> Decimal:
        """Gives what the buyer pays."""
        return self.amount() + (ZERO if includes_tax else self.tax)


def charge_of(line: OrderLine) -> Charge:
    """Gives the charge of a line of goods."""
    return Charge(line.qty, line.price, line.total_discount, sum((one.price for one in line.tax_lines), ZERO))


def charge_of_shipping(line: ShippingLine) -> Charge:
    """Gives the charge of a delivery."""
    return Charge(ONE, line.price, line.total_discount, sum((one.price for one in line.tax_lines), ZERO))


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Rounds half away from zero, as invoices do."""
    return value.quantize(ONE.scaleb(-decimals), ROUND_HALF_UP)


def computed_total(order: Order, decimals: int) -> Decimal:
    """Gives what the buyer pays by the order's lines: goods, delivery, tax, less all discounts."""
    charges = [charge_of(line) for line in order.lines] + [charge_of_shipping(one) for one in order.shipping_lines]
    total = sum((one.gross(includes_tax=order.prices_include_tax) for one in charges), ZERO)
    return rounded(total - order.total_discount, decimals)


def spread(total: Decimal, weights: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """Divides an amount by weights, to the cent; the remainder goes to the largest."""
    whole = sum(weights, ZERO)
    if not weights or whole <= 0:
        return [ZERO for _ in weights]
    parts = [rounded(total * one / whole, decimals) for one in weights]
    parts[_largest(weights)] += total - sum(parts, ZERO)
    return parts


def even_out(exact: Sequence[Decimal], decimals: int) -> list[Decimal]:
    """Rounds amounts so that their sum is the rounded sum; the remainder goes to the largest."""
    parts = [rounded(one, decimals) for one in exact]
    if parts:
        parts[_largest(exact)] += rounded(sum(exact, ZERO), decimals) - sum(parts, ZERO)
    return parts


def _largest(weights: Sequence[Decimal]) -> int:
    return max(range(len(weights)), key=lambda place: (abs(weights[place]), -place))


def amounts(charges: Sequence[Charge], *, includes_tax: bool, options: OrderOptions) -> list[Amounts]:
    """Gives each charge as the target takes it.

    Args:
        charges: all of an order's, so that the remainder of rounding has one home.
        includes_tax: whether the order's prices include tax.
        options: decimals, and the tax basis that the target takes.
    """
    decimals = options.decimals
    wants_tax = includes_tax if options.prices_include_tax is None else options.prices_include_tax
    gross = even_out([one.gross(includes_tax=includes_tax) for one in charges], decimals)
    taxes = even_out([one.tax for one in charges], decimals)
    found = []
    for charge, total, tax in zip(charges, gross, taxes, strict=True):
        amount = total if wants_tax else total - tax
        price, discount = _priced(charge, amount, options)
        found.append(Amounts(price, discount, tax, total))
    return found


def _priced(charge: Charge, amount: Decimal, options: OrderOptions) -> tuple[Decimal, Decimal]:
    """Gives unit price and discount that make the amount: quantity times price, rounded, less the discount."""
    had = charge.amount()
    before = charge.qty * charge.price
    if before and had and before != had:
        before = rounded(before * amount / had, options.decimals)
    elif had:
        before = amount
    else:
        before = rounded(before, options.decimals)
    price = _unit(before, charge.qty, charge.price, options)
    return price, rounded(price * charge.qty, options.decimals) - amount


def _unit(before: Decimal, qty: Decimal, price: Decimal, options: OrderOptions) -> Decimal:
    """Gives a unit price that makes the amount before discount: the order's own where it does.

    Else the one with the fewest decimals that makes it without rounding, so that it does not matter how an ERP rounds;
    where the ERP's decimals allow none, the price is rounded up to the cent, and the line's discount takes the rest.
    """
    if rounded(price * qty, options.decimals) == before and rounded(price, options.price_decimals) == price:
        return price
    exact = before / qty
    for decimals in range(options.decimals, options.price_decimals + 1):
        found = rounded(exact, decimals)
        if found * qty == before:
            return found
    return exact.quantize(ONE.scaleb(-options.decimals), ROUND_CEILING)
