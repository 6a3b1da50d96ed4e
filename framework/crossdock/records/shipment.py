"""Shipments: what left the warehouse for which document (the hub's fulfilment)."""

from datetime import datetime
from decimal import Decimal

from crossdock.records.product import Record


class ShipmentLine(Record, frozen=True):
    """One item in a parcel."""

    sku: str
    """What was packed."""
    qty: Decimal
    """Selling units."""


class Shipment(Record, frozen=True):
    """One parcel or delivery."""

    shipment_code: str
    """Its permanent code at the system that ships."""
    reference: str
    """The document's reference that we wrote."""
    lines: tuple[ShipmentLine, ...]
    """What is in it."""
    status: str = "complete"
    """`pending`, `open`, `cancelled` or `complete`, the hub's fulfilment states."""
    tracking_company: str | None = None
    """Carrier. None: not known."""
    tracking_number: str | None = None
    """None: not known."""
    tracking_url: str | None = None
    """None: not known."""
    shipped_at: datetime | None = None
    """With zone. None: not known."""
    channel_order_code: str | None = None
    """The channel's number of the order; the host fills it in for `write_shipments`. None: not looked up yet."""
