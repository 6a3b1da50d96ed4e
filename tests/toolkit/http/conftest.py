"""A small shop with an API that pages in every way there is, strict about what it is asked."""

from contextlib import contextmanager

import pytest
import stamina

from crossdock import Config, Field, FieldMap, Table
from crossdock.contract import LocalMemory
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.toolkit.http import RestSource

PRODUCTS = FieldMap(
    "products",
    Table("items", key="id", changed="changed"),
    (
        Field("source_product_code", "code"),
        Field("source_variant_code", "code"),
        Field("title", "name"),
        Field("variants.sku", "code"),
        Field("variants.price", "price"),
    ),
)
MOST = 10
"""Rows that the shop gives at once, whatever it is asked for."""


@pytest.fixture(autouse=True)
def no_waiting():
    """Retries come at once."""
    with stamina.set_testing(True, attempts=5):
        yield


class Shop:
    """Items by number, and how each path gives them out."""

    def __init__(self, count=0):
        self.items = {}
        self.orders = []
        self.may = lambda _: None
        for number in range(1, count + 1):
            self.put(number)

    def put(self, number, changed=0):
        """Writes an item, at a moment in seconds since 1970."""
        self.items[number] = {
            "id": number,
            "code": f"C{number:03}",
            "name": "Thing",
            "price": 10.5,
            "changed": changed,
        }

    def __call__(self, asked):
        """Answers a request."""
        refusal = self.may(asked)
        if refusal is not None:
            return refusal
        kind = asked.path.strip("/").split("/")[0]
        answer = getattr(self, kind, None)
        return answer(asked) if answer else Given(404, {"error": {"message": f"nothing at {asked.path}"}})

    def rows(self, asked, known):
        """All rows that a query asks for, in the order of their numbers."""
        strange = set(asked.query) - known - {"since", "code"}
        if strange:
            return Given(400, {"error": {"message": f"unknown parameters: {sorted(strange)}"}})
        found = [one for _, one in sorted(self.items.items())]
        if "since" in asked.query:
            found = [one for one in found if one["changed"] >= int(asked.query["since"])]
        if "code" in asked.query:
            found = [one for one in found if one["code"].startswith(asked.query["code"])]
        return found

    def size(self, asked, name="size"):
        return min(int(asked.query.get(name, MOST)), MOST)

    def header(self, asked):
        return self._linked(asked, "header")

    def body(self, asked):
        return self._linked(asked, "body")

    def _linked(self, asked, path):
        rows, start = self.rows(asked, {"size", "at"}), int(asked.query.get("at", 0))
        if isinstance(rows, Given):
            return rows
        size = self.size(asked)
        more = start + size < len(rows)
        since = f"&since={asked.query['since']}" if "since" in asked.query else ""
        link = f"/{path}?size={size}&at={start + size}{since}"
        page = rows[start : start + size]
        if path == "header":
            return Given(200, page, {"Link": f'<{link}>; rel="next", </first>; rel="first"'} if more else {})
        return Given(200, {"items": page, "next": link if more else None})

    def cursor(self, asked):
        rows, start = self.rows(asked, {"size", "cursor"}), int(asked.query.get("cursor", "c0")[1:])
        if isinstance(rows, Given):
            return rows
        size = self.size(asked)
        more = start + size < len(rows)
        return Given(200, {"items": rows[start : start + size], "meta": {"next": f"c{start + size}" if more else ""}})

    def pages(self, asked):
        rows, number = self.rows(asked, {"size", "page"}), int(asked.query.get("page", 1))
        if isinstance(rows, Given):
            return rows
        size = self.size(asked)
        return Given(200, {"items": rows[(number - 1) * size : number * size], "total": len(rows)})

    def offset(self, asked):
        rows, start = self.rows(asked, {"limit", "offset"}), int(asked.query.get("offset", 0))
        if isinstance(rows, Given):
            return rows
        return Given(200, {"items": rows[start : start + self.size(asked, "limit")], "total": len(rows)})

    def key(self, asked):
        rows = self.rows(asked, {"size", "after"})
        if isinstance(rows, Given):
            return rows
        after = int(asked.query.get("after", 0))
        return Given(200, {"items": [one for one in rows if one["id"] > after][: self.size(asked)]})

    def all(self, asked):
        rows = self.rows(asked, set())
        return rows if isinstance(rows, Given) else Given(200, {"items": rows})

    def item(self, asked):
        code = asked.path.rpartition("/")[2]
        found = [one for one in self.items.values() if one["code"] == code]
        return Given(200, found[0]) if found else Given(404, {"message": "no such item"})

    def order(self, asked):
        """Takes an order; the reference is searched, not enforced."""
        if asked.method == "GET":
            return Given(200, [one for one in self.orders if one["reference"] == asked.query["reference"]])
        told = asked.json()
        if not told.get("lines"):
            return Given(422, {"error": {"code": 17, "message": {"lang": "en", "value": "an order needs lines"}}})
        self.orders.append({**told, "number": len(self.orders) + 1})
        return Given(201, self.orders[-1])


@pytest.fixture
def shop():
    """A shop without items."""
    return Shop()


@pytest.fixture
def server(shop):
    """The shop as a server."""
    with HttpStandIn(shop) as server:
        yield server


@pytest.fixture
def memory():
    """A connection's memory within this process."""
    return LocalMemory()


@contextmanager
def opened(source, url, memory=None, **settings):
    """An open session of a source at an address."""
    with source.open_session(Config({"url": url, **settings}), memory or LocalMemory()) as session:
        yield session


def source_of(resource, **declared):
    """A source of products from one resource."""
    return RestSource("shop", "Shop", (PRODUCTS,), resources={"products": resource}, **declared)


def codes_of(pages):
    """The codes in pages, in the order in which they came."""
    return [row["code"] for page in pages for row in page.rows]
