"""What a target of orders answers and what a channel is told about them."""

from decimal import Decimal
from typing import Any

from msgspec import Struct

from crossdock.records import Order


class Receipt(Struct, frozen=True, omit_defaults=True):
    """The target's yes: a document exists."""

    document_code: str
    """The target's number (the hub's `source_order_code`)."""
    reference: str
    """Our reference as it stands in the document."""
    total: Decimal | None = None
    """As the target computed it, tax included. None: it does not say."""
    customer_code: str | None = None
    """Account of the document. None: it does not say."""


class Refusal(Struct, frozen=True):
    """The target's no."""

    reason: str
    """In the target's words."""


class Outcome(Struct, frozen=True):
    """What became of one document that an order owed."""

    kind: str
    """`quotation`, `sales_order`, `invoice` or `fulfilment`."""
    target: str
    """Connection that it went to."""
    result: Receipt | Refusal | None
    """None: still open."""


class WebhookEvent(Struct, frozen=True):
    """A channel's verified call: a hint to read, never the truth."""

    topic: str
    """What it is about, in the channel's words."""
    order: Order | None = None
    """The order where the call carries one. None: it must be read."""
    payload: dict[str, Any] = {}
    """The rest of the call."""
