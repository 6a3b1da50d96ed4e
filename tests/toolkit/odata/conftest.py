"""A service with items and orders in the manner of SAP Business One, strict about its queries."""

from contextlib import contextmanager

import pytest
import stamina

from crossdock import Config, Field, FieldMap, Table
from crossdock.contract import LocalMemory
from crossdock.testing.http_standin import HttpStandIn
from crossdock.testing.odata_standin import ODataService

FIELDS = (
    Field("source_product_code", "ItemCode"),
    Field("source_variant_code", "ItemCode"),
    Field("title", "ItemName"),
    Field("variants.sku", "ItemCode"),
    Field("variants.price", "ItemPrices[?PriceList==`1`].Price | [0]"),
    Field("variants.qty_availability.*", "Stock[].{description: WarehouseCode, qty: InStock}"),
)
PRODUCTS = FieldMap("products", Table("Items", key="ItemCode", changed="UpdateDate"), FIELDS)


@pytest.fixture(autouse=True)
def no_waiting():
    """Retries come at once."""
    with stamina.set_testing(True, attempts=5):
        yield


def item(number, changed="2026-01-01T10:00:00Z"):
    """An item with a price list, stock by warehouse, and a property that no map reads."""
    return {
        "ItemCode": f"C'{number:03}",
        "ItemName": "Thing",
        "ItemPrices": [{"PriceList": 1, "Price": 9.5}, {"PriceList": 2, "Price": 8}],
        "Stock": [{"WarehouseCode": "01", "InStock": 5}],
        "UpdateDate": changed,
        "Secret": "never asked for",
    }


def service(count=0, *, version=4, **more):
    """A service with so many items and no orders."""
    sets = {"Items": [item(number) for number in range(1, count + 1)], "Orders": []}
    keys = {"Items": "ItemCode", "Orders": "DocEntry"}
    return ODataService(sets, keys=keys, version=version, page_size=10, **more)


@contextmanager
def opened(source, url, **settings):
    """An open session of a source at an address."""
    with source.open_session(Config({"url": url, "overlap_s": 0, **settings}), LocalMemory()) as session:
        yield session


@contextmanager
def serving(source, answers, **settings):
    """A service, and an open session with it."""
    with HttpStandIn(answers) as server, opened(source, server.url, **settings) as session:
        yield server, session


def codes_of(pages):
    """The codes in pages, in the order in which they came."""
    return [row["ItemCode"] for page in pages for row in page.rows]
