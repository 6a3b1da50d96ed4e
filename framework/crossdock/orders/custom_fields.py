"""Custom ERP fields: texts in which `{NAME}` stands for a field of the order."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from crossdock.records import Address, Order, OrderCustomer, decimal_text

NAME = re.compile(r"\{([^{}]*)\}")
PLAIN = ("channel_order_code", "ordered_at", "currency", "notes", "status", "instruction", "total")
PARTS = {"customer": OrderCustomer, "billing_address": Address, "shipping_address": Address}
OPEN = ("meta", "params")


def unknown_name(text: str) -> str | None:
    """Gives the first name in a text that orders do not have, None where all are known."""
    return next((name for name in NAME.findall(text) if not _is_known(name)), None)


def _is_known(name: str) -> bool:
    head, _, rest = name.partition(".")
    if head in PARTS:
        return rest in PARTS[head].__struct_fields__
    return name in PLAIN or (head in OPEN and bool(rest))


def filled(text: str, order: Order) -> str:
    """Gives the text with the order's values in it; what the order does not say is left out."""
    return NAME.sub(lambda found: _text(_value(found[1], order)), text)


def _value(name: str, order: Order) -> Any:
    head, _, rest = name.partition(".")
    if head in OPEN:
        return getattr(order, head).get(rest)
    if rest:
        return getattr(getattr(order, head), rest, None)
    return getattr(order, name, None)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return decimal_text(value) if isinstance(value, Decimal) else str(value)
