"""The OData toolkit's source keeps the promises against a service that is strict about its queries."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from crossdock import Field, FieldMap, Table
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.testing.odata_standin import ODataService
from crossdock.testing.suite import erp_suite
from crossdock.toolkit.odata import ODataSource

PRODUCTS = FieldMap(
    "products",
    Table("Items", key="ItemCode", changed="UpdateDate"),
    (
        Field("source_product_code", "ItemCode"),
        Field("source_variant_code", "ItemCode"),
        Field("title", "ItemName"),
        Field("variants.sku", "ItemCode"),
        Field("variants.price", "ItemPrices[?PriceList==`1`].Price | [0]"),
    ),
)
CUSTOMERS = FieldMap(
    "customers",
    Table("Partners", key="CardCode", changed="UpdateDate"),
    (Field("source_customer_code", "CardCode"), Field("company", "CardName")),
)
ROWS_AT_ONCE = 100


def item(number):
    return {
        "ItemCode": f"C'{number:05}",
        "ItemName": "Thing",
        "ItemPrices": [{"PriceList": 1, "Price": 9.5}],
        "UpdateDate": "2026-01-01T10:00:00Z",
        "Secret": "never asked for",
    }


def partner(number):
    return {"CardCode": f"P{number:05}", "CardName": "Firm", "UpdateDate": "2026-01-01T10:00:00Z", "Secret": "never"}


SETS = {"products": ("Items", "ItemCode", item), "customers": ("Partners", "CardCode", partner)}


class ServiceFake:
    """The service as a fake."""

    FAULTS = ("rate_limit", "not_permitted", "bad_data", "unreachable")

    @contextmanager
    def start(self, folder):
        rows = {name: [make(number) for number in range(1, 8)] for name, _, make in SETS.values()}
        keys = {name: key for name, key, _ in SETS.values()}
        self.service = ODataService(rows, keys=keys, page_size=ROWS_AT_ONCE)
        self.answer = None
        with HttpStandIn(lambda asked: self.answer or self.service(asked)) as server:
            yield {"url": server.url}

    def touch(self, settings, stream, codes, seconds):
        name, key, _ = SETS[stream]
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        for row in self.service.sets[name]:
            if row[key] in codes:
                row["UpdateDate"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def fill(self, settings, stream, count):
        name, _, make = SETS[stream]
        self.service.sets[name] = [make(number) for number in range(1, count + 1)]

    @contextmanager
    def fault(self, settings, kind):
        answers = {
            "rate_limit": Given(429, None, {"Retry-After": "120"}),
            "not_permitted": self.service.error(403, "no licence"),
            "bad_data": Given(200, b"<html>maintenance</html>"),
        }
        self.answer = answers.get(kind)
        yield {"url": "http://127.0.0.1:1"} if kind == "unreachable" else settings
        self.answer = None


TestOData = erp_suite(
    ODataSource("acme-odata", "Acme OData", (PRODUCTS, CUSTOMERS), features=("Does not take orders.",)), ServiceFake()
)
