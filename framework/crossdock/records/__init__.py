"""Floor 0: the canonical records, in the hub's field names, and their encoding."""

from crossdock.records.codec import decimal_text, decode, encode, fingerprint
from crossdock.records.customer import Address, Customer
from crossdock.records.order import (
    DocumentLine,
    Order,
    OrderCustomer,
    OrderDocument,
    OrderLine,
    ShippingLine,
    TaxLine,
)
from crossdock.records.product import ImageRef, Product, Record, Variant
from crossdock.records.shipment import Shipment, ShipmentLine

__all__ = [
    "Address",
    "Customer",
    "DocumentLine",
    "ImageRef",
    "Order",
    "OrderCustomer",
    "OrderDocument",
    "OrderLine",
    "Product",
    "Record",
    "Shipment",
    "ShipmentLine",
    "ShippingLine",
    "TaxLine",
    "Variant",
    "decimal_text",
    "decode",
    "encode",
    "fingerprint",
]
