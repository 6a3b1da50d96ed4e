"""What was ordered, and by whom: the identity of an order's content, apart from what may change on its way."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from crossdock.records import Order, OrderCustomer, OrderLine, encode, fingerprint

UNSTABLE: dict[str, Any] = {
    "status": None,
    "notes": None,
    "ordered_at": None,
    "instruction": None,
    "params": {},
    "meta": {},
}
"""What a channel may change without anything else being ordered."""


def content_hash(order: Order) -> bytes:
    """Gives 16 bytes that stand for lines, quantities, prices, totals, currency, customer and addresses.

    The order of the lines and the names of the items do not count; of a customer that the channel knows by a code,
    only the code does, because his name and telephone number are told as they are now, not as they were.
    """
    lines = sorted((_content(line) for line in order.lines), key=encode)
    return fingerprint(structs.replace(order, **UNSTABLE, lines=tuple(lines), customer=_buyer(order.customer)))


def _content(line: OrderLine) -> OrderLine:
    return structs.replace(line, title=None, barcode=None, grams=None, source_variant_code=None)


def _buyer(customer: OrderCustomer) -> OrderCustomer:
    if customer.channel_customer_code is not None:
        return OrderCustomer(channel_customer_code=customer.channel_customer_code)
    return structs.replace(customer, accepts_marketing=None, source_customer_code=None)


def customer_key(order: Order) -> str | None:
    """Gives what two orders of one customer share, None where nothing is known of him."""
    customer = order.customer
    if customer.channel_customer_code:
        return f"channel:{customer.channel_customer_code}"
    if customer.email:
        return f"email:{customer.email.strip().casefold()}"
    return f"source:{customer.source_customer_code}" if customer.source_customer_code else None


def cleaned(order: Order) -> Order:
    """Gives the order without control characters and outer blanks in its texts; a remark keeps its lines.

    A buyer pastes them into addresses and remarks, and ERPs refuse them or break (`stock2shop` help, "Field map
    transform error").
    """
    found: Order = _mended(order, printable)
    return structs.replace(found, notes=None if order.notes is None else _lines(order.notes))


def _mended(value: Any, mend: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, tuple):
        return tuple(_mended(one, mend) for one in value)
    if isinstance(value, dict):
        return {mend(key): _mended(one, mend) for key, one in value.items()}
    if hasattr(value, "__struct_fields__"):
        return type(value)(**{name: _mended(getattr(value, name), mend) for name in value.__struct_fields__})
    return value


def printable(text: str) -> str:
    """Gives a text without control characters, halves of characters, and outer blanks."""
    if text.isprintable() and text.isascii():
        return text.strip()
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(one if one >= " " and one not in CONTROL else " " for one in whole).strip()


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())


CONTROL = frozenset(map(chr, range(0x7F, 0xA0))) | {"\u2028", "\u2029", "\ufeff"}
"""Control characters beyond ASCII's first 32."""
