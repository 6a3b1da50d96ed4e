# budget: one test for each rule of the hub, in the order of its contract
"""The stand-in hub keeps the vendor's contract, and fails only when told to."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import httpx
import pytest

from crossdock.testing.hub import StandInHub, started_process

LOGIN = {"system_user_auth": {"username": "agent@client", "password": "secret"}}
QUEUE = "/products/queue"
OLD = "a token from before"
FAST = {"rate": 100_000, "open_rate": 100_000}


def entry(code: str = "V1", parent: str = "P1", active: str = "true", **variant: Any) -> dict:
    return {
        "source": {
            "source_id": 57,
            "product_active": active,
            "source_product_code": parent,
            "sync_token": "0",
            "fetch_token": "0",
        },
        "product": {
            "title": "Shirt",
            "variants": {"source_variant_code": code, "sku": f"sku-{code}"} | variant,
        },
    }


def full_entry() -> dict:
    full = entry(
        barcode="600",
        qty=7,
        qty_availability=[{"description": "CPT", "qty": -2}, {"description": "JHB", "qty": 9}],
        price=101.01,
        price_tiers=[{"tier": "retail", "price": "10.00"}, {"tier": "trade", "price": 9}],
        inventory_management="true",
        grams=250,
        option1="S",
        option2=None,
    )
    full["product"] |= {
        "body_html": "<p>é</p>",
        "collection": "Summer",
        "product_type": "Shirts",
        "tags": "10,9,b,a",
        "vendor": "Acme",
        "options": [{"name": "Size", "position": 1}, {"name": "Colour", "position": 2}],
        "meta": [{"key": "fabric", "value": "cotton"}],
    }
    return full


class Client:
    """A client that knows the way in and nothing else."""

    def __init__(self, hub: StandInHub) -> None:
        self.http = httpx.Client(base_url=hub.url, timeout=10)
        self.token = ""

    def log_in(self) -> str:
        answer = self.http.post("/v1/users/authenticate", json=LOGIN)
        self.token = answer.json()["system_user"]["token"]
        return self.token

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/v1{path}", params={"token": self.token, **query})

    def post(self, path: str, body: Any, **query: Any) -> httpx.Response:
        params = {"token": self.token, "format": "json", **query}
        return self.http.post(f"/v1{path}", json=body, params=params)

    def queue(self, *entries: dict) -> httpx.Response:
        return self.post(QUEUE, {"system_products": list(entries)})


@pytest.fixture
def connect() -> Iterator[Callable[[StandInHub], Client]]:
    clients: list[Client] = []

    def make(hub: StandInHub) -> Client:
        clients.append(Client(hub))
        return clients[-1]

    yield make
    for client in clients:
        client.http.close()


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    with StandInHub(**FAST) as running:
        yield running


@pytest.fixture
def client(hub: StandInHub, connect: Callable[[StandInHub], Client]) -> Client:
    client = connect(hub)
    client.log_in()
    return client


class TestAccess:
    def test_login_tells_the_documented_fields(self, client):
        """A login answers with the user, its token, sources and channels."""
        user = client.http.post("/v1/users/authenticate", json=LOGIN).json()["system_user"]
        assert set(user) == {
            *("id", "created", "name", "surname", "email", "username", "modified", "client_id"),
            *("active", "admin", "token", "client_name", "fulfillment_services", "channels"),
            *("sources", "customers", "roles", "role_description"),
        }
        assert user["username"] == "agent@client"
        assert [source["id"] for source in user["sources"]] == [57]

    @pytest.mark.parametrize(("name", "password"), [("agent@client", "no"), ("who", "secret")])
    def test_wrong_login_is_refused(self, hub, client, name, password):
        """A wrong user or password gets 401 and counts as no login."""
        body = {"system_user_auth": {"username": name, "password": password}}
        assert client.post("/users/authenticate", body).status_code == 401
        assert hub.logins == 1

    @pytest.mark.parametrize("body", [{}, {"system_user_auth": {"username": 1, "password": "x"}}])
    def test_malformed_login_is_refused(self, client, body):
        """A login of another shape gets 400."""
        assert client.post("/users/authenticate", body).status_code == 400

    def test_new_login_ends_the_earlier_token(self, client):
        """After a second login of the same user the first token gets 401."""
        first = client.token
        second = client.log_in()
        assert client.get("/sources").status_code == 200
        assert client.get("/sources", token=first).status_code == 401
        assert client.get(f"/users/valid_token/{first}").status_code == 401
        assert client.get(f"/users/valid_token/{second}").status_code == 200

    def test_another_users_token_stays(self, connect):
        """A login ends only the tokens of that user."""
        with StandInHub(users={"agent@client": "secret", "b": "x"}, **FAST) as hub:
            client = connect(hub)
            client.log_in()
            other = {"system_user_auth": {"username": "b", "password": "x"}}
            client.post("/users/authenticate", other)
            assert client.get("/sources").status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/sources"),
            ("GET", "/channels"),
            ("POST", QUEUE),
            ("GET", "/queue/summary"),
            ("POST", "/products/elastic_search"),
        ],
    )
    def test_every_call_wants_a_token(self, client, method, path):
        """Without a token, and with an unknown one, each endpoint answers 401."""
        for query in ({}, {"token": "made-up"}):
            assert client.http.request(method, f"/v1{path}", params=query).status_code == 401

    def test_unknown_endpoint_method_and_format(self, client):
        """What is not in the contract is refused: path, method, format."""
        assert client.get("/nothing").status_code == 404
        assert client.get(QUEUE).status_code == 405
        assert client.get("/sources", format="xml").status_code == 400
        assert client.http.get("/elsewhere").status_code == 404


class TestRate:
    def test_limits_of_the_contract(self, connect):
        """By default three a second pass per endpoint with a token, one without; then 429."""
        with StandInHub() as hub:
            client = connect(hub)
            client.log_in()
            assert client.post("/users/authenticate", LOGIN).status_code == 429
            answers = [client.get("/sources") for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
            assert client.get("/channels").status_code == 200
            time.sleep(1.05)
            assert client.get("/sources").status_code == 200

    def test_every_answer_tells_the_limit(self, connect):
        """The header names the limit of the endpoint, on refusals too."""
        with StandInHub(rate=2, open_rate=1) as hub:
            client = connect(hub)
            first = client.post("/users/authenticate", LOGIN)
            second = client.post("/users/authenticate", LOGIN)
            refused = client.get("/sources", token=OLD)
            told = [each.headers["x-S2S-RateLimit"] for each in (first, second, refused)]
            assert told == ["1", "1", "2"]


class TestLists:
    def test_sources_and_channels(self, client):
        """Sources and channels come with the documented fields."""
        (source,) = client.get("/sources").json()["system_sources"]
        (channel,) = client.get("/channels").json()["system_channels"]
        fields = {"id", "created", "description", "modified", "client_id", "active", "type"}
        assert set(source) == fields
        assert set(channel) == fields | {"price_tier", "qty_availability"}


def _set(path: str, *, to: Any) -> Callable[[dict], None]:
    """Return what puts a value at a dotted path of an entry, list places as numbers."""

    def change(body: dict) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            body = body[int(parent)] if parent.isdigit() else body[parent]
        body[int(last) if last.isdigit() else last] = to

    return change


def _drop(path: str) -> Callable[[dict], None]:
    def change(body: dict) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            body = body[parent]
        del body[last]

    return change


V = "product.variants"
WRONG = [
    # unknown fields, at every depth
    (_set("extra", to=1), ""),
    (_set("source.extra", to=1), ".source"),
    (_set("product.extra", to=1), ".product"),
    (_set(f"{V}.extra", to=1), f".{V}"),
    (_set(f"{V}.active", to="true"), f".{V}"),
    (_set("product.options.0.extra", to=1), ".product.options[0]"),
    (_set("product.meta.0.template_name", to="t"), ".product.meta[0]"),
    (_set(f"{V}.price_tiers.0.extra", to=1), f".{V}.price_tiers[0]"),
    (_set(f"{V}.qty_availability.1.extra", to=1), f".{V}.qty_availability[1]"),
    # several variants
    (_set(V, to=[]), f".{V}"),
    (_set(V, to=[entry()["product"]["variants"]]), f".{V}"),
    # booleans and tokens
    (_set("source.product_active", to=True), ".source.product_active"),
    (_set("source.product_active", to="True"), ".source.product_active"),
    (_set("source.product_active", to="1"), ".source.product_active"),
    (_set("source.product_active", to=None), ".source.product_active"),
    (_set(f"{V}.inventory_management", to=False), f".{V}.inventory_management"),
    (_set(f"{V}.inventory_management", to="yes"), f".{V}.inventory_management"),
    (_set("source.sync_token", to=0), ".source.sync_token"),
    (_set("source.fetch_token", to=None), ".source.fetch_token"),
    # quantities
    (_set(f"{V}.qty", to=-1), f".{V}.qty"),
    (_set(f"{V}.qty", to=1.5), f".{V}.qty"),
    (_set(f"{V}.qty", to="1"), f".{V}.qty"),
    (_set(f"{V}.qty", to=True), f".{V}.qty"),
    (_set(f"{V}.qty_availability.0.qty", to=0.5), f".{V}.qty_availability[0].qty"),
    # minimum fields
    *((_drop(f"source.{name}"), ".source") for name in entry()["source"]),
    (_drop("source"), ""),
    (_drop("product"), ""),
    (_drop("product.title"), ".product"),
    (_drop(V), ".product"),
    (_drop(f"{V}.source_variant_code"), f".{V}"),
    (_drop(f"{V}.sku"), f".{V}"),
    (_set(f"{V}.sku", to=" "), f".{V}.sku"),
    (_set("product.title", to=""), ".product.title"),
    (_set("source.source_product_code", to=""), ".source.source_product_code"),
    # source
    (_set("source.source_id", to=58), ".source.source_id"),
    (_set("source.source_id", to="57"), ".source.source_id"),
    # options
    (
        _set("product.options", to=[{"name": str(n), "position": min(n, 3)} for n in (1, 2, 3, 4)]),
        ".product.options",
    ),
    (_set("product.options.0.position", to=0), ".product.options[0].position"),
    (_set("product.options.0.position", to=4), ".product.options[0].position"),
    (_set("product.options.0.position", to="1"), ".product.options[0].position"),
    (_set("product.options.0.position", to=2), ".product.options"),
    (_set("product.options.0.position", to=3), ".product.options"),
    (_set("product.options.1.name", to="Size"), ".product.options[1]"),
    (_set("product.options.0", to={"name": "Size"}), ".product.options[0]"),
    # names given twice
    (_set("product.meta", to=[{"key": "a", "value": "1"}] * 2), ".product.meta[1]"),
    (_set(f"{V}.price_tiers.1.tier", to="retail"), f".{V}.price_tiers[1]"),
    (_set(f"{V}.qty_availability.1.description", to="CPT"), f".{V}.qty_availability[1]"),
    # wrong types
    (_set("product.title", to=5), ".product.title"),
    (_set("product.tags", to=["a", "b"]), ".product.tags"),
    (_set("product.meta", to={"fabric": "cotton"}), ".product.meta"),
    (_set("product.meta", to=None), ".product.meta"),
    (_set("product.meta.0.value", to=5), ".product.meta[0].value"),
    (_set(f"{V}.sku", to=5), f".{V}.sku"),
    (_set(f"{V}.price", to="ten"), f".{V}.price"),
    (_set(f"{V}.price", to="1,50"), f".{V}.price"),
    (_set(f"{V}.price", to=False), f".{V}.price"),
    (_set(f"{V}.price_tiers.0.price", to="x"), f".{V}.price_tiers[0].price"),
    (_set(f"{V}.grams", to=1.5), f".{V}.grams"),
    (_set(f"{V}.option3", to=3), f".{V}.option3"),
    (_set("source", to=[]), ".source"),
]


class TestContract:
    def test_full_entry_passes(self, hub, client):
        """An entry with every documented field is queued."""
        answer = client.queue(full_entry())
        assert (answer.status_code, answer.json()) == (200, {"system_products_queued": 1})
        assert hub.wait_processed()
        assert len(hub.variants(active=True)) == 1

    @pytest.mark.parametrize(("change", "place"), WRONG)
    def test_wrong_entry_refuses_the_request(self, hub, client, change, place):
        """One wrong entry gets 400 with its path, and nothing of the request is stored."""
        wrong = full_entry()
        change(wrong)
        answer = client.queue(entry("V0"), wrong)
        assert answer.status_code == 400, answer.text
        assert answer.json()["path"] == f"$.system_products[1]{place}"
        assert answer.json()["error"]
        state = hub.state()
        assert (state["posted_entries"], state["unprocessed_entries"]) == (0, 0)
        assert state["products"] == []

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ([], "$"),
            ({}, "$"),
            ({"system_products": {}}, "$.system_products"),
            ({"system_products": None}, "$.system_products"),
            ({"system_products": [], "extra": 1}, "$"),
            ({"system_products": [None]}, "$.system_products[0]"),
        ],
    )
    def test_wrong_body_is_refused(self, client, body, path):
        """The body is one object holding one list."""
        answer = client.post(QUEUE, body)
        assert (answer.status_code, answer.json()["path"]) == (400, path)

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"system_products": [NaN]}'])
    def test_what_is_not_json_is_refused(self, client, body):
        """A body that is not JSON gets 400, never a broken connection."""
        answer = client.http.post(f"/v1{QUEUE}", params={"token": client.token}, content=body)
        assert answer.status_code == 400

    def test_at_most_500_entries(self, hub, client):
        """500 entries pass and 501 are refused."""
        entries = [entry(str(number)) for number in range(501)]
        assert client.queue(*entries).status_code == 400
        assert client.queue(*entries[:500]).json() == {"system_products_queued": 500}

    def test_body_cap(self, connect):
        """A body over the cap gets 413 and the connection stays usable."""
        with StandInHub(max_body=2000, **FAST) as hub:
            client = connect(hub)
            client.log_in()
            assert client.queue(*[entry()] * 50).status_code == 413
            assert client.queue(entry()).status_code == 200

    def test_body_without_a_length(self, client):
        """A body whose length is not told is refused."""
        chunks = iter([b"{", b"}"])
        url, query = f"/v1{QUEUE}", {"token": client.token}
        assert client.http.post(url, params=query, content=chunks).status_code == 411

    @pytest.mark.parametrize(
        ("query", "body"),
        [
            ({}, {}),
            ({"channel_id": "9"}, {}),
            ({"channel_id": "1"}, {"size": -1}),
            ({"channel_id": "1"}, {"size": 1001}),
            ({"channel_id": "1"}, {"sort": {"title": "asc"}}),
            ({"channel_id": "1"}, {"query": {"bool": {"must": []}}}),
            (
                {"channel_id": "1"},
                {"query": {"bool": {"filter": [{"range": {"modified": {"gt": "x"}}}]}}},
            ),
        ],
    )
    def test_wrong_search_is_refused(self, client, query, body):
        """A search wants a known channel and only the documented words."""
        assert client.post("/products/elastic_search", body, **query).status_code == 400


class TestRelations:
    def test_two_parents_in_one_request(self, hub, client):
        """A variant under a second parent in the same request is ignored, the rest is queued."""
        answer = client.queue(entry("V1", "P1"), entry("V1", "P2"), entry("V2", "P2"))
        assert answer.json() == {"system_products_queued": 2}
        assert hub.wait_processed()
        parents = {each["source_variant_code"]: each for each in hub.variants()}
        assert parents["V1"]["source_product_code"] == "P1"
        assert hub.state()["ignored_entries"] == 1

    def test_sku_of_another_live_variant(self, hub, client):
        """A SKU that another live variant holds is ignored, until that variant lets it go."""
        assert client.queue(entry("V1", sku="S")).json() == {"system_products_queued": 1}
        assert client.queue(entry("V2", sku="S")).json() == {"system_products_queued": 0}
        client.queue(entry("V1", sku="S", active="false"))
        assert client.queue(entry("V2", sku="S")).json() == {"system_products_queued": 1}
        client.queue(entry("V2", sku="T"))
        assert client.queue(entry("V1", sku="S")).json() == {"system_products_queued": 1}
        assert hub.wait_processed()
        assert {each["sku"] for each in hub.variants(active=True)} == {"S", "T"}

    def test_sku_handed_over_in_one_request(self, client):
        """Letting go and taking up a SKU may stand in one request, in that order."""
        client.queue(entry("V1", sku="S"))
        answer = client.queue(entry("V1", sku="S", active="false"), entry("V2", sku="S"))
        assert answer.json() == {"system_products_queued": 2}

    def test_same_sku_in_another_source(self, connect):
        """SKUs and codes are unique per source, not over all sources."""
        with StandInHub(source_ids=(57, 58), **FAST) as hub:
            client = connect(hub)
            client.log_in()
            other = entry()
            other["source"]["source_id"] = 58
            assert client.queue(entry(), other).json() == {"system_products_queued": 2}
            assert hub.wait_processed()
            assert len(hub.variants()) == 2

    def test_variant_moves_to_a_new_parent(self, hub, client):
        """A variant sent under another product moves there; the old one becomes inactive."""
        client.queue(entry("V1", "P1"))
        client.queue(entry("V1", "P2"))
        assert hub.wait_processed()
        old, new = hub.state()["products"]
        assert (old["active"], old["variants"]) == (False, [])
        assert (new["active"], new["variants"][0]["product_id"]) == (True, new["id"])
        assert len(hub.variants()) == 1


class TestRules:
    def test_coercions(self, hub, client):
        """Strings become booleans and prices, tags are sorted as the vendor sorts them."""
        client.queue(full_entry())
        assert hub.wait_processed()
        (product,) = hub.state()["products"]
        (variant,) = product["variants"]
        assert product["tags"] == "9,10,a,b"
        assert product["meta"] == [{"key": "fabric", "value": "cotton", "template_name": None}]
        assert (variant["inventory_management"], variant["active"]) == (True, True)
        assert [tier["price"] for tier in variant["price_tiers"]] == [10.0, 9.0]
        assert [each["qty"] for each in variant["qty_availability"]] == [-2, 9]
        assert (variant["price"], variant["qty"]) == (101.01, 7)

    def test_absent_is_kept_and_null_clears(self, hub, client):
        """A field that is absent stays as it was, null empties it, a list replaces the list."""
        client.queue(full_entry())
        later = entry(barcode=None, price_tiers=[], price=" ")
        client.queue(later)
        assert hub.wait_processed()
        (product,) = hub.state()["products"]
        (variant,) = product["variants"]
        assert (variant["barcode"], variant["price_tiers"], variant["price"]) == (None, [], None)
        assert (variant["qty"], variant["grams"], product["vendor"]) == (7, 250, "Acme")

    def test_text_belongs_to_the_product(self, hub, client):
        """The last entry's text is the product's, whichever variant brought it."""
        first, second = entry("V1"), entry("V2")
        second["product"]["title"] = "Blouse"
        client.queue(first, second)
        assert hub.wait_processed()
        (product,) = hub.state()["products"]
        assert (product["title"], len(product["variants"])) == ("Blouse", 2)

    def test_product_lives_as_long_as_a_variant(self, hub, client):
        """`product_active` false ends that variant; with the last one the product ends."""
        client.queue(entry("V1"), entry("V2"), entry("V1", active="false"))
        assert hub.wait_processed()
        assert hub.state()["products"][0]["active"] is True
        client.queue(entry("V2", active="false"))
        assert hub.wait_processed()
        (product,) = hub.state()["products"]
        assert (product["active"], product["channels"]) == (False, [])
        assert hub.variants(active=True) == []
        assert len(hub.variants(active=False)) == 2


class TestQueue:
    def test_entries_wait_in_the_queue(self, connect):
        """An accepted entry shows in the summary first and in the catalogue later."""
        with StandInHub(delay_s=0.2, **FAST) as hub:
            client = connect(hub)
            client.log_in()
            client.queue(entry("V1"), entry("V2"))
            summary = client.get("/queue/summary").json()["system_queue_summary"]
            assert summary == [{"instruction": "sync_product", "count": 2}]
            assert hub.variants() == []
            assert not hub.wait_processed(timeout_s=0.01)
            assert hub.wait_processed()
            assert client.get("/queue/summary").json() == {"system_queue_summary": []}
            assert len(hub.variants()) == 2

    def test_search_pages_in_order(self, hub, client):
        """A search pages through live products in order and honours the lower limit."""
        client.queue(*(entry(f"V{number}", f"P{number}") for number in range(5)))
        assert hub.wait_processed()
        pages = []
        for start in (0, 2, 4, 6):
            body = {"size": 2, "from": start, "sort": {"modified": {"order": "desc"}}}
            answer = client.post("/products/elastic_search", body, channel_id=1)
            pages.append([each["id"] for each in answer.json()["system_products"]])
        assert pages == [[5, 4], [3, 2], [1], []]

    def test_search_since(self, hub, client):
        """Only products modified after the time are found."""
        client.queue(entry())
        assert hub.wait_processed()
        counts = []
        for since in ("2000-01-01 00:00:00", "2999-01-01"):
            query = {"bool": {"filter": [{"range": {"modified": {"gt": since}}}]}}
            body = {"query": query, "sort": [{"modified": "asc"}]}
            answer = client.post("/products/elastic_search", body, channel_id=1)
            counts.append(len(answer.json()["system_products"]))
        assert counts == [1, 0]

    def test_search_answers_whole_products(self, hub, client):
        """A found product has the fields of the vendor's own sample."""
        client.queue(full_entry())
        assert hub.wait_processed()
        answer = client.post("/products/elastic_search", {}, channel_id=1)
        (product,) = answer.json()["system_products"]
        assert set(product) == {
            *("id", "created", "active", "source_product_code", "modified", "client_id"),
            *("source_id", "body_html", "collection", "title", "product_type", "vendor", "hash"),
            *("tags", "options", "meta", "images", "channels", "variants"),
        }
        assert set(product["variants"][0]) == {
            *("id", "created", "source_variant_code", "modified", "client_id", "product_id"),
            *("price", "barcode", "sku", "qty", "grams", "inventory_management", "active", "hash"),
            *("image_id", "option1", "option2", "option3", "price_tiers", "qty_availability"),
            "meta",
        }

    def test_same_entry_again_changes_nothing(self, hub, client):
        """Posting an entry a second time leaves the product as it was, `modified` included."""
        client.queue(full_entry())
        assert hub.wait_processed()
        before = hub.state()["products"]
        time.sleep(1.1)
        client.queue(full_entry())
        assert hub.wait_processed()
        assert hub.state()["products"] == before

    def test_many_variants_take_linear_time(self, hub, client):
        """10,000 variants of one product in 20 requests are a matter of moments."""
        started = time.monotonic()
        for request in range(20):
            client.queue(*(entry(f"V{request}-{number}") for number in range(500)))
        assert hub.wait_processed()
        assert time.monotonic() - started < 5
        assert len(hub.variants(active=True)) == 10_000

    def test_many_clients_at_once(self, hub, client):
        """Requests from several threads lose nothing and store nothing twice."""

        def post(name: int) -> None:
            with httpx.Client(base_url=hub.url) as http:
                for number in range(20):
                    body = {"system_products": [entry(f"{name}-{number}")]}
                    http.post(f"/v1{QUEUE}", json=body, params={"token": client.token})

        threads = [Thread(target=post, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert hub.wait_processed()
        assert len(hub.variants()) == hub.state()["acknowledged_entries"] == 160


class TestFaults:
    @pytest.mark.parametrize("status", [500, 502, 503, 429])
    def test_status(self, hub, client, status):
        """The next requests, and only so many, get the status, and nothing is stored."""
        hub.fault(kind="status", status=status, path=QUEUE, times=2)
        assert client.get("/sources").status_code == 200
        statuses = [client.queue(entry()).status_code for _ in range(3)]
        assert statuses == [status, status, 200]
        assert hub.state()["posted_entries"] == 1

    def test_retry_after(self, hub, client):
        """A 429 carries Retry-After only when told to."""
        hub.fault(kind="status", status=429, retry_after=7)
        hub.fault(kind="status", status=429)
        first, second = client.get("/sources"), client.get("/sources")
        assert first.headers["Retry-After"] == "7"
        assert "Retry-After" not in second.headers
        assert first.headers["x-S2S-RateLimit"]

    def test_lost_answer(self, hub, client):
        """The entries are stored, the client hears nothing, and nothing counts as acknowledged."""
        hub.fault(kind="lose_answer", path=QUEUE)
        with pytest.raises(httpx.RemoteProtocolError):
            client.queue(entry())
        assert hub.wait_processed()
        state = hub.state()
        assert (len(state["variants"]), state["acknowledged_entries"]) == (1, 0)
        assert client.queue(entry()).status_code == 200
        assert hub.state()["acknowledged_entries"] == 1
        assert hub.state()["posted_variants"] == {"57/V1": 2}

    def test_lost_answer_waits_for_a_success(self, hub, client):
        """A refused request does not use the fault up."""
        hub.fault(kind="lose_answer", path=QUEUE)
        assert client.post(QUEUE, {}).status_code == 400
        assert len(hub.state()["faults"]) == 1

    def test_bad_json(self, hub, client):
        """The entries are stored and the answer cannot be read."""
        hub.fault(kind="bad_json", path=QUEUE)
        answer = client.queue(entry())
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert hub.state()["queued_entries"] == 1

    def test_close(self, hub, client):
        """The connection ends before the body is read, and nothing is stored."""
        hub.fault(kind="close", path=QUEUE)
        with pytest.raises(httpx.TransportError):
            client.queue(entry())
        assert hub.state()["posted_entries"] == 0
        assert client.queue(entry()).status_code == 200

    def test_slow(self, hub, client):
        """A slow answer is the usual answer, later."""
        hub.fault(kind="slow", seconds=0.2, path="/sources")
        started = time.monotonic()
        assert client.get("/sources").status_code == 200
        assert time.monotonic() - started >= 0.2

    def test_dropped_token(self, hub, client):
        """The token ends in the middle of work, and a new login mends it."""
        hub.fault(kind="drop_token", path=QUEUE)
        assert client.queue(entry()).status_code == 401
        client.log_in()
        assert client.queue(entry()).status_code == 200
        assert hub.logins == 2

    def test_down(self, hub, client):
        """While down every request is dropped, until the faults are cleared."""
        hub.fault(kind="down", times=None)
        for path in ("/sources", "/channels", "/sources"):
            with pytest.raises(httpx.TransportError):
                client.get(path)
        hub.clear_faults()
        assert client.get("/sources").status_code == 200

    def test_skip(self, hub, client):
        """A fault can let some requests pass first."""
        hub.fault(kind="status", skip=2, path="/sources")
        statuses = [client.get("/sources").status_code for _ in range(4)]
        assert statuses == [200, 200, 503, 200]

    @pytest.mark.parametrize("told", [{"kind": "explode"}, {"kind": "slow", "times": 0}, {"kind": "slow", "sec": 1}])
    def test_unknown_fault_is_refused(self, hub, client, told):
        """A misspelt fault is an error, not a test that passes for nothing."""
        with pytest.raises(ValueError, match=r"Invalid enum|Expected `int`|unknown field"):
            hub.fault(**told)
        assert client.http.post("/_standin/faults", json=told).status_code == 400


class TestBackstage:
    def test_state(self, hub, client):
        """The state tells what was asked, answered, posted and acknowledged."""
        client.queue(entry("V1"), entry("V2", "P2"))
        client.get(f"/users/valid_token/{client.token}")
        client.get("/sources", token=OLD)
        assert hub.wait_processed()
        state = client.http.get("/_standin/state").json()
        assert state == hub.state()
        assert state["logins"] == 1
        assert state["requests"] == {
            "/users/authenticate": 1,
            QUEUE: 1,
            "/users/valid_token": 1,
            "/sources": 1,
        }
        assert state["answers"] == {"200": 3, "401": 1}
        assert state["posted_entries"] == state["acknowledged_entries"] == 2
        assert (len(state["products"]), len(state["variants"])) == (2, 2)

    def test_variants(self, hub, client):
        """Variants are read back with source and parent, all or by activity."""
        client.queue(entry("V1"), entry("V2", active="false"))
        assert hub.wait_processed()
        told = client.http.get("/_standin/variants", params={"active": "true"}).json()
        assert (told["count"], told["variants"]) == (1, hub.variants(active=True))
        assert told["variants"][0]["source_product_code"] == "P1"
        assert client.http.get("/_standin/variants").json()["count"] == 2
        assert client.http.get("/_standin/variants?active=1").status_code == 400

    def test_faults_over_http(self, client):
        """Faults are set and cleared from outside the process too."""
        client.http.post("/_standin/faults", json={"kind": "status", "times": 5})
        assert client.get("/sources").status_code == 503
        (left,) = client.http.get("/_standin/state").json()["faults"]
        assert left["times"] == 4
        client.http.delete("/_standin/faults")
        assert client.get("/sources").status_code == 200

    def test_reset(self, hub, client):
        """A reset forgets everything, or just the counts."""
        client.queue(entry())
        assert hub.wait_processed()
        client.http.post("/_standin/reset", json={"what": "counts"})
        state = hub.state()
        assert (state["logins"], len(state["variants"])) == (0, 1)
        client.http.post("/_standin/reset")
        assert hub.variants() == []
        assert client.get("/sources").status_code == 401
        client.log_in()
        assert client.queue(entry("V2", sku="sku-V1")).json() == {"system_products_queued": 1}


class TestServer:
    def test_loopback_only_and_keep_alive(self, hub, client):
        """The hub listens on loopback and answers many requests on one connection."""
        assert hub.url.startswith("http://127.0.0.1:")
        client.get("/sources")
        first = client.http.get("/_standin/variants").extensions["network_stream"]
        second = client.get("/sources").extensions["network_stream"]
        assert first.get_extra_info("client_addr") == second.get_extra_info("client_addr")

    def test_away_and_back(self, hub, client):
        """A stopped hub refuses connections; started again it has its port and its state."""
        url = hub.url
        client.queue(entry())
        hub.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/sources")
        with pytest.raises(httpx.ConnectError):
            client.get("/sources")
        hub.start()
        assert hub.url == url
        assert client.get("/sources").status_code == 200
        assert hub.wait_processed()
        assert len(hub.variants()) == 1

    def test_stop_does_not_wait_for_a_slow_answer(self, connect):
        """Stopping ends a slow answer at once."""
        hub = StandInHub(**FAST)
        hub.start()
        client = connect(hub)
        client.log_in()
        hub.fault(kind="slow", seconds=30.0)
        caught: list[Exception] = []

        def ask() -> None:
            try:
                client.get("/sources")
            except httpx.TransportError as error:
                caught.append(error)

        thread = Thread(target=ask)
        thread.start()
        while hub.state()["faults"]:
            time.sleep(0.005)
        started = time.monotonic()
        hub.stop()
        thread.join()
        assert time.monotonic() - started < 3
        assert caught

    def test_process_of_its_own(self):
        """The module tells its address in one line, serves, and ends with its input, silently."""
        command = [sys.executable, "-m", "crossdock.testing.hub", "--port", "0"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
            told = json.loads(process.stdout.readline())
            assert told["url"] == f"http://127.0.0.1:{told['port']}"
            answer = httpx.post(f"{told['url']}/v1/users/authenticate", json=LOGIN)
            rest, errors = process.communicate(timeout=10)
        assert answer.status_code == 200
        assert (process.returncode, rest, errors) == (0, b"", b"")


def test_a_process_started_from_python():
    """`started_process` gives the address of a hub that answers, and ends it with the block."""
    with started_process("--source-id=8") as url:
        assert httpx.get(f"{url}/_standin/state").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/_standin/state")
    with pytest.raises(RuntimeError, match="did not start"), started_process("--no-such-option"):
        pass
