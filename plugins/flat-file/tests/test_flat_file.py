"""Files as a source and as a channel, through the hooks as a child calls them."""

import json
from contextlib import contextmanager
from decimal import Decimal

import crossdock_flat_file
import pytest
from crossdock_flat_file import fake, plugin
from crossdock_flat_file.fields import CUSTOMERS, PRODUCTS

from crossdock import (
    Config,
    ConfigError,
    Customer,
    CustomerDelivery,
    Delivery,
    Due,
    Field,
    FieldMap,
    ImageRef,
    Json,
    Many,
    Product,
    Read,
    Table,
    TransientError,
    Variant,
)
from crossdock.toolkit.files import AppendedFile

SHOE = Product(
    source_product_code="SHOE",
    title="Trail shoe",
    body_html="<p>Two\nlines</p>",
    tags=("new", "trail"),
    options=("Size",),
    meta={"bin": "A1"},
    images=(ImageRef(code="p1", url="https://shop.example/p1.jpg"), ImageRef(code="p2")),
)
EIGHT = Variant(
    source_variant_code="SHOE-8",
    sku="S8",
    qty=Decimal(12),
    qty_availability={"CPT": Decimal(7)},
    price=Decimal("1299.90"),
    price_tiers={"wholesale": Decimal("999.5")},
    option1="8",
    inventory_management=False,
    grams=Decimal(250),
)
MUG = Delivery(Product(source_product_code="MUG", title="Mug"), (Due(Variant(source_variant_code="MUG", sku="MUG")),))


@contextmanager
def session(**settings):
    with plugin.open_session(Config(settings), None) as opened:
        yield opened


def write(path, *deliveries, **settings):
    with session(path=str(path), **settings) as opened:
        return plugin.write_products(session=opened, deliveries=deliveries)


def read(stream, read, **settings):
    """All rows of a stream as mappings."""
    with session(**settings) as opened:
        pages = list(getattr(plugin, f"read_{stream}")(session=opened, read=read))
    return [dict(zip(page.columns, row, strict=True)) if page.columns else row for page in pages for row in page.rows]


def test_sample_source_is_read(tmp_path):
    """The sample gives one row an item and one a customer, each told apart by its line."""
    with fake.start(tmp_path) as settings:
        products = read("products", Read(fields=PRODUCTS), **settings)
        customers = read("customers", Read(fields=CUSTOMERS), **settings)
    assert [(row["_line"], row["sku"], row["qty"]) for row in products] == [
        (2, "SHOE-8", "12"),
        (3, "SHOE-9", "3"),
        (4, "MUG", "0"),
    ]
    assert [row["source_customer_code"] for row in customers] == ["ACME01", "CASH"]


def test_absent_columns_are_not_made_up(tmp_path):
    """A column that the map knows and the file lacks is not in its rows, and nor is one that an operator named."""
    with fake.start(tmp_path) as settings:
        assert "vendor" not in read("products", Read(fields=PRODUCTS), **settings)[0]
        named = FieldMap("products", Table(key="_line"), [*PRODUCTS.fields[:3], Field("vendor", "brand")])
        assert "brand" not in read("products", Read(fields=named), **settings)[0]


def test_pages_limit_and_codes(tmp_path):
    """A page holds no more than asked for, a limit ends the read, and codes pick just those items."""
    with fake.start(tmp_path) as settings:
        with session(**settings) as opened:
            pages = list(plugin.read_products(session=opened, read=Read(fields=PRODUCTS, page_size=2)))
            assert [(len(page.rows), page.cursor) for page in pages] == [(2, None), (1, None)]
        assert len(read("products", Read(fields=PRODUCTS, limit=1), **settings)) == 1
        (only,) = read("products", Read(fields=PRODUCTS, codes=("SHOE-9",)), **settings)
    assert only["sku"] == "SHOE-9"


def test_codes_pick_json_lines(tmp_path):
    """Single items are found in JSON lines too, in nested ones by their path."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"item":{"id":1}}\n{"item":{"id":2}}\n')
    nested = FieldMap("products", Json(key="_line"), [Field("source_variant_code", "item.id")])
    assert read("products", Read(fields=nested, codes=(2,)), path=str(path)) == [{"item": {"id": 2}, "_line": 2}]


def test_codes_out_of_reach_are_read_with_all_others(tmp_path):
    """Where items stand in a list within a line, all lines are read rather than too few."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"items":[{"id":1}]}\n{"items":[{"id":2}]}\n')
    inside = FieldMap("products", Json(each="items"), [Field("source_variant_code", "id")])
    assert len(read("products", Read(fields=inside, codes=(2,)), path=str(path))) == 2


def test_hub_names_with_dots_are_read(tmp_path):
    """A JSON line may also spell hub fields in full, as a field map does."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"variants.sku":"S","variants.price_tiers.vip":9.5,"variants.option1":"8","options.1":"Size"}\n')
    (row,) = read("products", Read(fields=PRODUCTS), path=str(path))
    assert (row["sku"], row["price_vip"], row["option1_value"], row["option1_name"]) == (
        "S",
        Decimal("9.5"),
        "8",
        "Size",
    )


def test_one_json_line_an_item(tmp_path):
    """Each due item is one line with its product's text, its variant in the hub's shape, and exact numbers."""
    path = tmp_path / "out.jsonl"
    results = write(path, Delivery(SHOE, (Due(EIGHT),)), MUG)
    assert [(one.code, one.state) for one in results] == [("SHOE-8", "done"), ("MUG", "done")]
    first, second = path.read_text().splitlines()
    assert '"price":1299.90' in first
    assert json.loads(first) == {
        "source_product_code": "SHOE",
        "title": "Trail shoe",
        "product_active": True,
        "body_html": "<p>Two\nlines</p>",
        "tags": "new,trail",
        "options": [{"name": "Size", "position": 1}],
        "meta": [{"key": "bin", "value": "A1"}],
        "images": [{"code": "p1", "src": "https://shop.example/p1.jpg"}, {"code": "p2"}],
        "variants": {
            "source_variant_code": "SHOE-8",
            "sku": "S8",
            "qty": 12,
            "qty_availability": [{"description": "CPT", "qty": 7}],
            "price": 1299.9,
            "price_tiers": [{"tier": "wholesale", "price": 999.5}],
            "inventory_management": False,
            "grams": 250,
            "option1": "8",
        },
    }
    assert json.loads(second) == {
        "source_product_code": "MUG",
        "title": "Mug",
        "product_active": True,
        "variants": {"source_variant_code": "MUG", "sku": "MUG"},
    }


def test_gone_inactive_and_moved_items_say_so(tmp_path):
    """An item off sale has product_active false; one that is gone or has moved says that too."""
    path = tmp_path / "out.jsonl"
    off = Variant(source_variant_code="OFF", sku="OFF", active=False)
    write(path, Delivery(SHOE, (Due(EIGHT, gone=True), Due(off), Due(EIGHT, moved_from="BOOT"))))
    gone, inactive, moved = map(json.loads, path.read_text().splitlines())
    assert (gone["product_active"], gone["gone"]) == (False, True)
    assert (inactive["product_active"], "gone" in inactive) == (False, False)
    assert "active" not in inactive["variants"]
    assert (moved["product_active"], moved["moved_from"]) == (True, "BOOT")


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl"])
def test_what_is_written_can_be_read(tmp_path, name):
    """A file written as a channel serves as a source with the same columns and values."""
    path = tmp_path / name
    write(path, Delivery(SHOE, (Due(EIGHT),)))
    (row,) = read("products", Read(fields=PRODUCTS), path=str(path))
    wanted = {
        "source_variant_code": "SHOE-8",
        "sku": "S8",
        "tags": "new,trail",
        "body_html": "<p>Two\nlines</p>",
        "option1_name": "Size",
        "option1_value": "8",
        "price_wholesale": "999.5",
        "qty_CPT": "7",
        "meta_bin": "A1",
        "image1": "https://shop.example/p1.jpg",
        "image2": "p2",
        "inventory_management": "false",
    }
    found = {name: str(row[name]).lower() if name == "inventory_management" else str(row[name]) for name in wanted}
    assert found == wanted


def test_csv_header_stands_and_nothing_is_lost(tmp_path):
    """A price list that comes up later has no column of its own; it is kept, as JSON, in the last column."""
    path = tmp_path / "out.csv"
    write(path, Delivery(SHOE, (Due(EIGHT),)))
    later = Variant(source_variant_code="SHOE-9", sku="S9", price_tiers={"vip": Decimal("1.50")})
    write(path, Delivery(SHOE, (Due(later),)))
    first, second = read("products", Read(fields=PRODUCTS), path=str(path))
    assert first["more"] == ""
    assert second["more"] == '{"price_vip":1.50}'


def test_foreign_csv_is_not_appended_to(tmp_path):
    """A CSV file that something else made is left as it is."""
    path = tmp_path / "out.csv"
    path.write_text("code,name\r\n1,x\r\n")
    with pytest.raises(ConfigError, match="not made by this plugin"):
        write(path, MUG)
    assert path.read_text() == "code,name\n1,x\n"


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl"])
def test_customers_are_written_and_read(tmp_path, name):
    """Customers go to their own file, one line each, and can be read back."""
    settings = {"path": str(tmp_path / "p.jsonl"), "customers_path": str(tmp_path / name)}
    customer = Customer(source_customer_code="ACME", email="a@b.example", accepts_marketing=False, meta={"rep": "TN"})
    with session(**settings) as opened:
        due = [CustomerDelivery(customer), CustomerDelivery(customer, gone=True)]
        results = plugin.write_customers(session=opened, deliveries=due)
    assert [one.state for one in results] == ["done", "done"]
    rows = read("customers", Read(fields=CUSTOMERS), **settings)
    assert [str(row["customer_active"]).lower() for row in rows] == ["true", "false"]
    assert (rows[0]["email"], rows[0]["meta_rep"]) == ("a@b.example", "TN")


def test_customers_without_a_file_are_refused(tmp_path):
    """Without a file for customers each is refused, and the reason names the setting."""
    with session(path=str(tmp_path / "p.jsonl")) as opened:
        due = [CustomerDelivery(Customer(source_customer_code="ACME"))]
        (result,) = plugin.write_customers(session=opened, deliveries=due)
    assert (result.state, "customers_path" in result.reason) == ("refused", True)


def test_busy_file_is_worth_another_try(tmp_path):
    """While another run writes to the file, a delivery is not confirmed."""
    path = tmp_path / "out.jsonl"
    with AppendedFile(path) as other:
        other.append(b"{}\n")
        with pytest.raises(TransientError):
            write(path, MUG)


def test_settings_that_do_not_say_enough(tmp_path):
    """A name without a known suffix needs the format, and a missing source says where it looked."""
    with pytest.raises(ConfigError, match="format"):
        write(tmp_path / "out.dat", MUG)
    assert write(tmp_path / "out.dat", MUG, format="jsonl")[0].state == "done"
    with pytest.raises(ConfigError, match="no-such"):
        read("products", Read(fields=PRODUCTS), path=str(tmp_path / "no-such.csv"))


def test_check_says_what_is_there(tmp_path):
    """A check reads, reports and leaves nothing behind."""
    with fake.start(tmp_path) as settings, session(**settings) as opened:
        assert {one.level for one in plugin.check(session=opened)} == {"ok"}
    before = sorted(tmp_path.iterdir())
    with session(path=str(tmp_path / "new.jsonl"), customers_path=str(tmp_path / "no" / "c.csv")) as opened:
        assert [one.level for one in plugin.check(session=opened)] == ["warning", "error"]
    assert sorted(tmp_path.iterdir()) == before


def test_manifest_is_complete():
    """Every setting that the code asks for is declared."""
    names = {one.name for one in crossdock_flat_file.MANIFEST.settings}
    files = {"path", "format", "encoding", "delimiter", "customers_path", "element", "customers_element"}
    addresses = {"url", "customers_url", "username", "password", "token", "certificate", "max_megabytes"}
    assert names == files | addresses


def test_child_tables_are_refused(tmp_path):
    """A map that asks for child tables is refused instead of read without them."""
    child = Many("variants.price_tiers", Table("Prices", key="id"), parent="item", name="list")
    listed = FieldMap("products", Table(), [Field("title", "title")], [child])
    with (
        fake.start(tmp_path) as settings,
        session(**settings) as opened,
        pytest.raises(ConfigError, match="child tables"),
    ):
        list(plugin.read_products(session=opened, read=Read(fields=listed)))
