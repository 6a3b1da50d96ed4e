"""A company in a real Tryton, connected by the configuration in its how-to page and nothing else.

Tryton is the witness: what the hub must show is asked of Tryton itself, through the calls that its own client makes.
"""

import csv
import secrets
import tempfile
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from crossdock.testing import tryton
from crossdock.testing.hub import StandInHub
from crossdock.testing.private import Unavailable
from crossdock.testing.tryton.company import make

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(600)]
PAGE = "connect-tryton.md"
PLACE = "postgresql+psycopg://tryton_reader@erp-server/tryton"


class Erp:
    """The company, what is in it by short names, and a login that can only read."""

    def __init__(self, server, grants):
        """Founds and fills the company, and makes the login that the page tells to make."""
        self.company = company = tryton.found_company(server.rpc, "Cape Outdoor", "ZAR")
        [first] = server.rpc("model.stock.location.search", [["code", "=", "WH"]], 0, None, None)
        self.warehouses = {"WH": first, "JHB": company.warehouse("Johannesburg", "JHB")}
        self.goods = self._goods()
        self.lists = self._price_lists()
        self.people = self._people()
        self._stock()
        self.password = secrets.token_hex(8)
        self._owner = make_url(server.database)
        self._execute(grants.replace("'...'", f"'{self.password}'"))
        self.url = self._owner.set(username="tryton_reader")._replace(password=None).render_as_string()

    def _goods(self):
        """Variants, one sold in dozens, and everything that must not be on sale."""
        company = self.company
        self.clothing = company.category("Clothing")
        shirts = company.category("Shirts", self.clothing)
        ean = {"identifiers": [["create", [{"type": "ean", "code": "4006381333931"}]]]}
        red, blue = company.goods(
            "T-shirt",
            "TSH",
            "149.90",
            variants=[
                {"suffix_code": "-RED", **ean},
                {"suffix_code": "-BLU", "list_price": Decimal("159.90"), "description": "Blue & <light>"},
            ],
            categories=[shirts],
        )
        found = {"TSH-RED": red, "TSH-BLU": blue}
        for name, code, price, more in (
            ("Tent", "TENT", "1299.90", {}),
            ("Tent peg", "PEG", "3.50", {"sale_uom": self._dozen()}),
            ("Gas cartridge", "GAS", "80", {"consumable": True}),
            ("Catalogue", "CATALOGUE", None, {}),
            ("Canvas", "CANVAS", "12", {"salable": False}),
            ("Repair hour", "REPAIR", "400", {"type": "service"}),
            ("Uncoded", None, "1", {}),
        ):
            [found[code]] = company.goods(name, code, price, **more)
        [found["LANTERN"]] = company.goods("Lantern", "LANTERN", "250")
        company.write("product.product", found["LANTERN"], active=False)
        return found

    def _dozen(self):
        """A unit of twelve."""
        rpc = self.company.rpc
        [unit] = rpc("model.product.uom.search_read", [["name", "=", "Unit"]], 0, None, None, ["category"])
        sizes = {"factor": 12.0, "rate": round(1 / 12, 12), "rounding": 1.0, "digits": 0}
        return make(rpc, "product.uom", name="Dozen", symbol="dz", category=unit["category"], **sizes)

    def _price_lists(self):
        """Two lists with a fixed price, a price for a category of categories, one from a quantity, and a default."""
        wholesale = [
            {"product": self.goods["TENT"], "formula": "999.5"},
            {"category": self.clothing, "formula": "unit_price * 0.8"},
            {"quantity": 12.0, "formula": "list_price * 0.5"},
            {"formula": "list_price * (1 - 0.05)"},
        ]
        staff = [{"formula": "cost_price * 1.1", "category": self.clothing}, {"formula": "unit_price"}]
        lists = {"Wholesale": self.company.price_list("Wholesale", wholesale)}
        return lists | {"Staff": self.company.price_list("Staff", staff)}

    def _people(self):
        """Two customers, one who does not trade any more, and a supplier."""
        company = self.company
        customer = {"categories": [["add", [make(company.rpc, "party.category", name="Customer")]]]}
        main = {"street_unstructured": "1 Main Road\nUnit 4", "city": "Cape Town", "postal_code": "8001"}
        dock = {"street_name": "Dock Road", "building_number": "7", "city": "Durban", "delivery": True}
        found = {
            "Acme Stores": company.party(
                "Acme Stores",
                email="buyer@acme.example",
                mobile="+27 82 555 0101",
                phone="+27 21 555 0101",
                sale_price_list=self.lists["Wholesale"],
                addresses=[{**main, "invoice": True}, dock],
                **customer,
            ),
            "Beeline Traders": company.party("Beeline Traders", **customer),
            "Closed Shop": company.party("Closed Shop", **customer),
            "Supplier": company.party("Supplier", email="sales@supplier.example"),
        }
        company.write("party.party", found["Closed Shop"], active=False)
        return found

    def _stock(self):
        """Stock on shelves within two warehouses, and some of it promised to a customer."""
        company, goods = self.company, self.goods
        for code, cost in (("TSH-RED", "70"), ("TSH-BLU", "75")):
            company.write("product.product", goods[code], cost_price=Decimal(cost))
        company.count(
            company.storage(self.warehouses["WH"]), {goods["TSH-RED"]: 10, goods["TENT"]: 3, goods["PEG"]: 100}
        )
        [row] = company.rpc("model.stock.location.read", [self.warehouses["WH"]], ["input_location"])
        company.count(row["input_location"], {goods["TENT"]: 50})  # not put away yet
        company.count(
            company.shelf("A-01", self.warehouses["JHB"]), {goods["TSH-RED"]: 5, goods["TSH-BLU"]: 7, goods["PEG"]: 7}
        )
        sale = company.sale(self.people["Acme Stores"], {goods["TSH-RED"]: 2}, warehouse=self.warehouses["WH"])
        company.assign(sale)

    def _execute(self, script):
        """Runs SQL as the database's owner."""
        engine = create_engine(self._owner, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(script))
        engine.dispose()

    def forget_login(self):
        """Takes the login away again: it belongs to the whole server."""
        self._execute("DROP OWNED BY tryton_reader; DROP ROLE tryton_reader")

    def shows(self, code):
        """What a buyer must see of an item, by Tryton's own word: price, price lists, free units, by warehouse too."""
        product, company = self.goods[code], self.company
        units = 12 if code == "PEG" else 1
        free = {name: company.free(product, number) for name, number in self.warehouses.items()}
        tiers = {name: company.price(product, number) for name, number in self.lists.items()}
        return {
            "price": company.price(product),
            "tiers": {name: price for name, price in tiers.items() if price is not None},
            "all": sum(free.values()) // units,
            "free": {name: count // units for name, count in free.items() if count // units},
        }


def shown(item):
    """What the hub shows of a variant, in the same words."""
    tiers = {one["tier"]: Decimal(str(one["price"])) for one in item["price_tiers"]}
    return {
        "price": None if item["price"] is None else Decimal(str(item["price"])),
        "tiers": tiers,
        "all": item["qty"],
        "free": {one["description"]: one["qty"] for one in item["qty_availability"] if one["qty"]},
    }


@pytest.fixture(scope="module")
def erp(postgres_url, page_blocks):
    """The company in Tryton; the tests of this file go on where the one before left it."""
    [grants] = page_blocks(PAGE, "sql")
    with tempfile.TemporaryDirectory(prefix="crossdock-tryton-") as folder, ExitStack() as stack:
        try:
            server = stack.enter_context(tryton.start(Path(folder), postgres_url))
        except Unavailable as reason:
            pytest.skip(f"no Tryton: {reason}")
        erp = Erp(server, grants)
        yield erp
        erp.forget_login()


@pytest.fixture(scope="module")
def home(erp, page_blocks, make_home, tmp_path_factory):
    """A home folder with the page's configuration, and a hub after a first sync; each test leaves both equal."""
    [configuration] = page_blocks(PAGE, "toml")
    assert PLACE in configuration
    with StandInHub(rate=1000, open_rate=1000) as hub:
        home = make_home(tmp_path_factory.mktemp("home"), configuration.replace(PLACE, erp.url), hub, erp.password)
        home.sync()
        yield home


ON_SALE = ("TSH-RED", "TSH-BLU", "TENT", "PEG", "GAS", "CATALOGUE")
OFF_SALE = ("CANVAS", "LANTERN")


def changed(before, after):
    """Codes of what is another on the hub than before."""

    def seen(item):
        return item and {name: value for name, value in item.items() if name not in ("modified", "hash")}

    return {code for code in {*before, *after} if seen(before.get(code)) != seen(after.get(code))}


def test_the_page_makes_a_login_that_reads_and_nothing_else(home):
    """`connections check` finds nothing to complain of, and looks whether the login could write."""
    code, report, said = home.run("connections", "check", "erp")
    assert code == 0, said
    assert [one for one in report["findings"] if one["level"] != "ok"] == []
    assert "login_can_write" in {one["code"] for one in report["findings"]}


def test_the_hub_shows_what_tryton_says(erp, home):
    """Prices, price lists and free stock of every item are Tryton's own answers, units of sale taken into account."""
    counts, on_hub = home.sync()["products"], home.on_hub()
    assert (counts["quarantined"], counts["sent"], counts["sweep_stopped"]) == (0, 0, None)
    assert sorted(on_hub) == sorted((*ON_SALE, *OFF_SALE))
    assert {code: shown(on_hub[code]) for code in ON_SALE} == {code: erp.shows(code) for code in ON_SALE}
    assert {code: on_hub[code]["active"] for code in on_hub} == {code: code in ON_SALE for code in on_hub}
    assert on_hub["TSH-RED"]["barcode"] == "4006381333931"
    assert on_hub["TSH-RED"]["source_product_code"] == on_hub["TSH-BLU"]["source_product_code"]
    assert on_hub["TSH-RED"]["source_product_code"] != on_hub["TENT"]["source_product_code"]
    assert [on_hub[code]["inventory_management"] for code in ("TENT", "GAS")] == [True, False]
    products = {one["source_product_code"]: one for one in home.hub.state()["products"]}
    assert products[on_hub["TSH-BLU"]["source_product_code"]]["body_html"] == "Blue &amp; &lt;light>"


def test_a_day_at_work_arrives_and_nothing_else(erp, home):
    """A price, a stock-taking, a sale and a price list changed in Tryton change just their items on the hub."""
    before, company = home.on_hub(), erp.company
    [row] = company.rpc("model.product.product.read", [erp.goods["TENT"]], ["template"])
    company.write("product.template", row["template"], list_price=Decimal("1199.90"))
    company.count(company.storage(erp.warehouses["WH"]), {erp.goods["PEG"]: 24})
    sale = company.sale(erp.people["Acme Stores"], {erp.goods["TSH-BLU"]: 3}, warehouse=erp.warehouses["JHB"])
    company.assign(sale)
    counts, after = home.sync(), home.on_hub()
    assert changed(before, after) == {"TENT", "PEG", "TSH-BLU"}
    assert counts["products"]["sent"] == counts["products"]["written"] == 3
    assert {code: shown(after[code]) for code in ON_SALE} == {code: erp.shows(code) for code in ON_SALE}
    again = home.sync()
    assert [again[stream]["sent"] for stream in ("products", "customers")] == [0, 0]


def test_a_name_in_the_language_of_the_page_is_taken(erp, home):
    """A translation into the language that the query names replaces the name; another language's changes nothing."""
    [row] = erp.company.rpc("model.product.product.read", [erp.goods["TENT"]], ["template"])
    for language, name in (("fr", "Tente"), ("en", "Tent for two")):
        erp.company.rpc("model.product.template.write", [row["template"]], {"name": name}, language=language)
        sent = home.sync()["products"]["sent"]
        assert sent == (1 if language == "en" else 0)
    assert "Tent for two" in {one["title"] for one in home.hub.state()["products"]}


def test_what_is_taken_off_in_tryton_goes_off_on_the_hub(erp, home):
    """A deactivated product is off sale; its code, given to a new product, is that one's from then on."""
    company, before = erp.company, home.on_hub()
    company.write("product.product", erp.goods["GAS"], active=False)
    assert home.sync()["products"]["sent"] == 1
    assert home.on_hub()["GAS"]["active"] is False
    [erp.goods["GAS"]] = company.goods("Gas cartridge, large", "GAS", "120")
    home.sync()
    after = home.on_hub()
    assert changed(before, after) == {"GAS"}
    assert after["GAS"]["active"] is True
    assert shown(after["GAS"]) == erp.shows("GAS")
    assert after["GAS"]["source_product_code"] != before["GAS"]["source_product_code"]


def test_a_price_that_the_query_cannot_work_out_sets_its_item_aside(erp, home):
    """A formula of another kind is said with item, price list and formula; nothing wrong is sent, all else goes on."""
    company, before = erp.company, home.on_hub()
    line = make(
        company.rpc,
        "product.price_list.line",
        price_list=erp.lists["Staff"],
        product=erp.goods["TENT"],
        formula="list_price - 100",
    )
    company.write("product.product", erp.goods["TSH-BLU"], list_price=Decimal("155"))
    counts = home.sync()["products"]
    assert (counts["quarantined"], counts["written"]) == (1, 1)
    assert changed(before, home.on_hub()) == {"TSH-BLU"}
    _, report, _ = home.run("quarantine", "list")
    [row] = report["rows"]
    assert "variants.price_tiers.Staff" in str(row)
    assert "list_price - 100" in str(row)
    company.rpc("model.product.price_list.line.delete", [line])
    assert home.sync()["products"]["quarantined"] == 0


def test_customers_are_the_parties_of_one_category(erp, home):
    """Who has the page's category is a customer, with contacts, addresses and price list; a supplier is none."""
    with (home.folder / "customers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    codes = {}
    for name, number in erp.people.items():
        [party] = erp.company.rpc("model.party.party.read", [number], ["code"])
        codes[name] = party["code"]
    found = {row["source_customer_code"]: row for row in rows}
    assert sorted(found) == sorted(codes[name] for name in ("Acme Stores", "Beeline Traders"))
    acme = found[codes["Acme Stores"]]
    assert acme["email"] == "buyer@acme.example"
    assert acme["address1.address1"] == "1 Main Road\nUnit 4"
    assert (acme["address1.company"], acme["address1.city"], acme["address1.zip"]) == (
        "Acme Stores",
        "Cape Town",
        "8001",
    )
    _, report, _ = home.run("preview", "erp", "customers", "--limit", "10")
    records = {one["record"]["source_customer_code"]: one["record"] for one in report["rows"]}
    record = records[codes["Acme Stores"]]
    assert (record["phone"], record["price_tier"]) == ("+27 21 555 0101", "Wholesale")
    assert [(one["type"], one["city"]) for one in record["addresses"]] == [
        ("billing", "Cape Town"),
        ("shipping", "Durban"),
    ]
    assert records[codes["Closed Shop"]]["active"] is False
