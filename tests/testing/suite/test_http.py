"""The HTTP toolkit's source keeps the promises against a server that really times out, limits, refuses and closes."""

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from crossdock import Field, FieldMap, Json
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.testing.suite import erp_suite
from crossdock.toolkit.http import Resource, RestSource
from crossdock.toolkit.http.auth.bearer import Bearer
from crossdock.toolkit.http.paging import PageNumbers
from crossdock.toolkit.http.resource import ChangedSince

TOKEN = "tok-5f1e/9a+c0"
PRODUCTS = FieldMap(
    "products",
    Json(key="id", changed="changed"),
    (
        Field("source_product_code", "code"),
        Field("source_variant_code", "code"),
        Field("title", "name"),
        Field("variants.sku", "code"),
    ),
)
CUSTOMERS = FieldMap(
    "customers",
    Json(key="id", changed="changed"),
    (Field("source_customer_code", "code"), Field("company", "name")),
)
PAGES = PageNumbers(size="size", total="total")
RESOURCES = {
    stream: Resource(path=stream, rows="rows", paging=PAGES, code="code", since=ChangedSince(param="since"))
    for stream in ("products", "customers")
}
ANSWERS = {
    "rate_limit": Given(429, {"error": "slow down"}, {"Retry-After": "120"}),
    "not_permitted": Given(403, {"error": "no right to read"}),
    "bad_data": Given(200, b"<html>maintenance</html>"),
}
SLOW_S, SHORT_S = 0.3, 0.1


class Api:
    """Rows by stream, numbered pages, and moods."""

    def __init__(self):
        self.rows = {stream: [self.row(stream, number) for number in range(1, 7)] for stream in RESOURCES}
        self.mood = ""

    def row(self, stream, number):
        stamp = datetime(2026, 1, 1, number % 24, tzinfo=UTC).isoformat()
        return {"id": number, "code": f"{stream[0]}{number}", "name": f"Name {number}", "changed": stamp}

    def __call__(self, asked):
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Given(401, {"error": f"who is {asked.headers.get('authorization')}?"})
        if self.mood == "time_out":
            time.sleep(SLOW_S)
        if self.mood in ANSWERS:
            return ANSWERS[self.mood]
        rows = self.rows[asked.path.strip("/")]
        if "since" in asked.query:
            since = datetime.fromisoformat(asked.query["since"])
            rows = [row for row in rows if datetime.fromisoformat(row["changed"]) >= since]
        if "code" in asked.query:
            rows = [row for row in rows if row["code"] == asked.query["code"]]
        first = (int(asked.query["page"]) - 1) * int(asked.query["size"])
        page = rows[first : first + int(asked.query["size"])]
        return Given(200, {"total": len(rows), "rows": page[::-1] if self.mood == "out_of_order" else page})


class ApiFake:
    """The server as a fake."""

    FAULTS = ("time_out", "rate_limit", "refused", "not_permitted", "bad_data", "unreachable", "out_of_order")
    IMPATIENT = {"timeout_s": SHORT_S}  # noqa: RUF012  # nobody writes to it

    @contextmanager
    def start(self, folder):
        self.api = Api()
        with HttpStandIn(self.api) as server:
            yield {"url": server.url, "token": TOKEN}

    def touch(self, settings, stream, codes, seconds):
        stamp = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
        for row in self.api.rows[stream]:
            if row["code"] in codes:
                row.update(changed=stamp, name=row["name"] + "'")

    def fill(self, settings, stream, count):
        self.api.rows[stream] = [self.api.row(stream, number) for number in range(1, count + 1)]

    def state(self, settings):
        return repr(self.api.rows)

    @contextmanager
    def fault(self, settings, kind):
        self.api.mood = kind
        changed = {"refused": {"token": "another-token"}, "unreachable": {"url": "http://127.0.0.1:1"}}
        yield {**settings, **changed.get(kind, {})}
        self.api.mood = ""


TestHttp = erp_suite(
    RestSource(
        "acme-rest",
        "Acme REST",
        (PRODUCTS, CUSTOMERS),
        auth=Bearer(),
        resources=RESOURCES,
        features=("Does not take orders.",),
    ),
    ApiFake(),
)
