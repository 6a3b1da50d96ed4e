"""XML files, and files behind an address: fetched once, when they have changed, from the one host named."""

import sys
from contextlib import contextmanager

import pytest
import stamina
from crossdock_flat_file import plugin
from crossdock_flat_file.fields import CUSTOMERS, PRODUCTS

from crossdock import (
    AuthError,
    Config,
    ConfigError,
    Delivery,
    Due,
    Field,
    FieldMap,
    Json,
    Product,
    Read,
    Table,
    TransientError,
    Variant,
)
from crossdock.testing.http_standin import Given, HttpStandIn

CSV = b"source_product_code,source_variant_code,title,sku\nSHOE,SHOE-8,Shoe,S8\nMUG,MUG,Mug,M\n"
XML = b"""<catalogue>
  <product><source_variant_code>MUG</source_variant_code><title>Mug</title><sku>M</sku><qty>3</qty></product>
  <product><source_variant_code>CUP</source_variant_code><title>Cup</title><sku>C</sku></product>
</catalogue>
"""
NESTED = b"""<feed><channel><title>A shop</title>
  <product code="SHOE"><name lang="en">Shoe</name>
    <variants><variant code="8"><price list="retail">90</price><price list="trade">70</price></variant></variants>
  </product>
  <product code="BOOT"><name lang="en">Boot</name>
    <variants><variant code="8"/><variant code="9"><price list="trade">99</price></variant></variants>
  </product>
</channel></feed>
"""
VARIANTS = FieldMap(
    "products",
    Json(each="variants.variant", key='join(\'-\', [parent."@code", "@code"])'),
    (
        Field("source_product_code", 'parent."@code"'),
        Field("source_variant_code", 'join(\'-\', [parent."@code", "@code"])'),
        Field("title", 'parent.name."#text"'),
        Field("variants.sku", 'join(\'-\', [parent."@code", "@code"])'),
        Field("variants.price_tiers.*", 'price[].{tier: "@list", price: "#text"}'),
    ),
)


class LocalMemory:
    """A connection's memory within this process."""

    def __init__(self):
        self.values = {}

    def get(self, key):
        return self.values.get(key)

    def set(self, key, value, *, secret):
        self.values[key] = value


@contextmanager
def session(memory=None, **settings):
    with plugin.open_session(Config(settings), memory or LocalMemory()) as opened:
        yield opened


def read(stream="products", memory=None, fields=PRODUCTS, codes=None, **settings):
    """All rows of a stream as mappings."""
    with session(memory, **settings) as opened:
        pages = list(getattr(plugin, f"read_{stream}")(session=opened, read=Read(fields=fields, codes=codes)))
    return [dict(zip(page.columns, row, strict=True)) if page.columns else row for page in pages for row in page.rows]


@pytest.fixture(autouse=True)
def no_waiting():
    """Retries come at once."""
    with stamina.set_testing(True, attempts=3):
        yield


class Site:
    """Files by path, each with a mark; asked with the mark of the present version it answers that nothing changed."""

    def __init__(self):
        self.files, self.dates_only = {}, False

    def __call__(self, asked):
        if asked.path not in self.files:
            return Given(404, b"no such file")
        body = self.files[asked.path]
        mark = {"ETag": f'"{len(body)}"'} if not self.dates_only else {"Last-Modified": f"day {len(body)}"}
        known = asked.headers.get("if-modified-since" if self.dates_only else "if-none-match")
        return Given(304, None, mark) if known in mark.values() else Given(200, body, mark)


@pytest.fixture
def site():
    """A site without files."""
    return Site()


@pytest.fixture
def server(site):
    """The site as a server."""
    with HttpStandIn(site) as server:
        yield server


def test_xml_is_read(tmp_path):
    """Elements with the hub's names need no setting beyond the file's name; single items are found by code."""
    path = tmp_path / "feed.xml"
    path.write_bytes(XML)
    rows = read(path=str(path))
    assert [(row["_line"], row["sku"], row.get("qty")) for row in rows] == [(2, "M", "3"), (3, "C", None)]
    assert [row["sku"] for row in read(path=str(path), codes=("CUP",))] == ["C"]


def test_nested_xml_is_mapped_by_path(tmp_path):
    """Variants inside products, attributes, and a list with one entry: all by path, nothing set but the element."""
    path = tmp_path / "feed.dat"
    path.write_bytes(NESTED)
    shoe, boot = read(path=str(path), format="xml", element="product", fields=VARIANTS)
    assert (shoe["@code"], shoe["name"]) == ("SHOE", {"@lang": "en", "#text": "Shoe"})
    (variant,) = shoe["variants"]["variant"]
    assert [(one["@list"], one["#text"]) for one in variant["price"]] == [("retail", "90"), ("trade", "70")]
    assert boot["variants"]["variant"][1]["price"] == [{"@list": "trade", "#text": "99"}]


def test_customers_may_be_xml(tmp_path):
    """Customers have a file and an element of their own."""
    path = tmp_path / "people.xml"
    path.write_bytes(b"<r><c><source_customer_code>A</source_customer_code></c><d/></r>")
    rows = read("customers", customers_path=str(path), customers_element="c", fields=CUSTOMERS)
    assert [row["source_customer_code"] for row in rows] == ["A"]


def test_dangerous_xml_is_refused(tmp_path):
    """A document type with entities ends the read before a row is given."""
    path = tmp_path / "feed.xml"
    path.write_bytes(b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + XML)
    with pytest.raises(ConfigError, match="DOCTYPE"):
        read(path=str(path))


def test_xml_and_addresses_are_not_written(tmp_path, server):
    """As a channel, XML and an address are refused with what to set."""
    item = Delivery(Product(source_product_code="M", title="M"), (Due(Variant(source_variant_code="M", sku="M")),))
    for settings in ({"path": str(tmp_path / "out.xml")}, {"url": f"{server.url}/feed.csv"}):
        with session(**settings) as opened, pytest.raises(ConfigError, match="only read; set path"):
            plugin.write_products(session=opened, deliveries=[item])
    assert not server.asked()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("name", "body"), [("feed.csv", CSV), ("feed.xml", XML), ("feed.jsonl", b'{"sku": "M"}\n')])
def test_files_are_fetched(server, site, name, body):
    """Each format is read from an address, with the format in the address's name, a query beside it or not."""
    site.files[f"/{name}"] = body
    assert "M" in [row["sku"] for row in read(url=f"{server.url}/{name}?v=1")]
    assert len(server.asked()) == 1


def test_a_copy_lives_as_long_as_the_session(server, site, tmp_path, monkeypatch):
    """Without a path nothing is left behind, whether the read went well or not; within a session it is fetched once."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    site.files["/feed.csv"] = CSV
    with session(url=f"{server.url}/feed.csv") as opened:
        for _ in range(2):
            assert len(next(iter(plugin.read_products(session=opened, read=Read(fields=PRODUCTS)))).rows) == 2
        assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(ConfigError):
        read(url=f"{server.url}/none.csv")
    assert not list(tmp_path.iterdir())
    assert len(server.asked(path="/feed.csv")) == 1


@pytest.mark.parametrize("dates_only", [False, True])
def test_a_kept_copy_is_fetched_when_it_changed(server, site, tmp_path, dates_only):
    """With a path the copy is kept, and fetched again only where the server has another or somebody touched it."""
    site.dates_only, memory, path = dates_only, LocalMemory(), tmp_path / "feed.csv"
    settings = {"url": f"{server.url}/feed.csv", "path": str(path)}
    site.files["/feed.csv"] = CSV
    for _ in range(2):
        assert len(read(memory=memory, **settings)) == 2
    site.files["/feed.csv"] = CSV + b"CUP,CUP,Cup,C\n"
    assert len(read(memory=memory, **settings)) == 3
    path.write_bytes(CSV)
    assert len(read(memory=memory, **settings)) == 3
    mark = "if-modified-since" if dates_only else "if-none-match"
    assert [mark in one.headers for one in server.asked()] == [False, True, True, False]
    assert [one.name for one in tmp_path.iterdir()] == ["feed.csv"]


@pytest.mark.parametrize("fault", ["cut", "lose_answer", "close", "status"])
def test_a_fetch_that_breaks_off_changes_nothing(server, site, tmp_path, fault):
    """When a file does not come whole, the copy of last time stays as it is, and the run ends to be tried again."""
    memory, path = LocalMemory(), tmp_path / "feed.csv"
    settings = {"url": f"{server.url}/feed.csv", "path": str(path)}
    site.files["/feed.csv"] = CSV
    read(memory=memory, **settings)
    site.files["/feed.csv"] = CSV * 2
    server.fail(fault, times=9)
    with pytest.raises(TransientError):
        read(memory=memory, **settings)
    assert path.read_bytes() == CSV
    assert [one.name for one in tmp_path.iterdir()] == ["feed.csv"]


@pytest.mark.parametrize("fault", ["cut", "lose_answer", "close", "status"])
def test_a_fetch_is_tried_again(server, site, fault):
    """A file that did not come whole is fetched again from its beginning."""
    site.files["/feed.csv"] = CSV
    server.fail(fault)
    assert len(read(url=f"{server.url}/feed.csv")) == 2


def test_a_redirect_to_another_host_is_refused(server, site):
    """A redirect is followed on the host named, and nowhere else."""
    site.files["/new.csv"] = CSV
    server.fail("redirect", path="/old.csv", location="/new.csv")
    assert len(read(url=f"{server.url}/old.csv")) == 2
    server.fail("redirect", path="/old.csv", location=server.url.replace("127.0.0.1", "localhost"))
    with pytest.raises(ConfigError, match="refused to contact localhost"):
        read(url=f"{server.url}/old.csv")


def test_a_file_beyond_the_limit_is_not_fetched(server, site):
    """A file that is larger than allowed is given up at the limit."""
    site.files["/feed.csv"] = CSV + b" " * 2_000_000
    with pytest.raises(ConfigError, match="more than 1048576 bytes"):
        read(url=f"{server.url}/feed.csv", max_megabytes=1)


@pytest.mark.parametrize(
    ("settings", "header"),
    [({"token": "t0k"}, "Bearer t0k"), ({"username": "me", "password": "s3cret"}, "Basic bWU6czNjcmV0")],
)
def test_credentials_go_to_the_address(site, settings, header):
    """User and password or a token go along; a refusal shows neither."""
    site.files["/feed.csv"] = CSV

    def guarded(asked):
        is_me = asked.headers.get("authorization") == header
        return site(asked) if is_me else Given(401, {"error": "who are you? " + asked.headers.get("authorization", "")})

    with HttpStandIn(guarded) as server:
        assert len(read(url=f"{server.url}/feed.csv", **settings)) == 2
        wrong = {**settings, list(settings)[-1]: "wr0ng"}
        with pytest.raises(AuthError) as raised:
            read(url=f"{server.url}/feed.csv", **wrong)
    assert "wr0ng" not in str(raised.value)


def test_a_password_in_the_address_is_refused():
    """A user or password in the address is a settings error that does not show it."""
    with pytest.raises(ConfigError, match="holds a user or password") as raised:
        read(url="https://me:s3cret@shop.example/feed.csv")
    assert "s3cret" not in str(raised.value)


def test_check_says_what_is_at_the_address(server, site):
    """A check names the address and what is there, or why it cannot be had."""
    site.files["/feed.xml"] = XML
    with session(url=f"{server.url}/feed.xml") as opened:
        (found,) = plugin.check(session=opened)
    assert (found.level, found.text) == (
        "ok",
        f"{server.url}/feed.xml: XML; the first row has source_variant_code, title, sku, qty",
    )
    with session(url=f"{server.url}/none.xml") as opened:
        (found,) = plugin.check(session=opened)
    assert found.level == "error"
    assert "status 404" in found.text


def test_without_http_it_says_what_to_install(monkeypatch):
    """Where the HTTP library is not installed, an address is answered with the command that installs it."""
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(ConfigError, match=r"crossdock-flat-file\[url\]"):
        read(url="http://127.0.0.1:9/feed.csv")


def test_a_map_of_columns_serves_xml(tmp_path):
    """An operator's plain column names are the names of the children."""
    path = tmp_path / "feed.xml"
    path.write_bytes(b"<r><i><Code>A</Code><Name>Thing</Name></i></r>")
    fields = (Field("source_product_code", "Code"), Field("source_variant_code", "Code"), Field("title", "Name"))
    fields = FieldMap("products", Table(key="_line"), (*fields, Field("variants.sku", "Code")))
    rows = read(path=str(path), fields=fields)
    assert [(row["Code"], row["Name"]) for row in rows] == [("A", "Thing")]
