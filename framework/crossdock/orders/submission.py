"""Orders that somebody hands over as JSON: a file, a call. What is not an order is kept, too, with the reason."""

from typing import Any

import msgspec
from msgspec import Struct

from crossdock.contract import RowError
from crossdock.orders.intake import Intake, Taken
from crossdock.orders.options import Flow
from crossdock.records import Order
from crossdock.store import Store

MOST_BYTES = 32 * 1024 * 1024
"""Bytes that are looked at; ten thousand orders of ten lines are about twenty million."""
CHUNK = 200
"""Orders that are committed together."""


class Misunderstood(Struct, frozen=True):
    """Something among the orders that is none."""

    code: str
    """The channel's code, empty where it has none."""
    reason: str


def understood(body: bytes) -> list[Order | Misunderstood]:
    """Reads orders from JSON: one, or a list of them, by the names of `records.Order`.

    Numbers are taken as they are written, so that no cent is lost on the way through binary fractions.

    Raises:
        RowError: too large, not JSON, or neither an object nor a list.
    """
    if len(body) > MOST_BYTES:
        message = f"{len(body):,} bytes are too many; hand over at most {MOST_BYTES:,} at once"
        raise RowError(message)
    begin = body.lstrip()[:1]
    try:
        parts = msgspec.json.decode(body, type=list[msgspec.Raw]) if begin == b"[" else [msgspec.Raw(body)]
        if begin != b"[":
            msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        message = f"neither an order nor a list of orders: {error}"
        raise RowError(message) from error
    return [_understood(part) for part in parts]


def _understood(part: msgspec.Raw) -> Order | Misunderstood:
    try:
        return msgspec.json.decode(part, type=Order, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Misunderstood(_code(part), f"not an order: {error}")


def _code(part: msgspec.Raw) -> str:
    try:
        found: Any = msgspec.json.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    code = found.get("channel_order_code") if isinstance(found, dict) else None
    return code if isinstance(code, str) else ""


def submit_all(store: Store, flow: Flow, body: bytes, actor: str) -> list[Taken]:
    """Accepts all orders of a body; what it gives is committed and on the disk.

    Raises:
        RowError: the body as a whole cannot be read; nothing of it is kept.
    """
    given, taken, intake = understood(body), [], Intake(flow, actor)
    for start in range(0, len(given), CHUNK):
        with store.write(durable=True) as transaction:
            for one in given[start : start + CHUNK]:
                if isinstance(one, Misunderstood):
                    taken.append(intake.reject(transaction, one.code, one.reason))
                else:
                    taken.append(intake.accept(transaction, one))
    return taken
