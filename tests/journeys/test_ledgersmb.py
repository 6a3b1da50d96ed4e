"""A company in LedgerSMB's own tables, connected over ODBC by the configuration in its how-to page and nothing else."""

import csv
import secrets
import tempfile
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import make_url

from crossdock.testing import ledgersmb, odbc
from crossdock.testing.hub import StandInHub
from crossdock.testing.private import Unavailable

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(600)]
PAGE = "connect-ledgersmb.md"
PLACE = "DRIVER={PostgreSQL Unicode};SERVER=erp-server;PORT=5432;DATABASE=company;UID=ledgersmb_reader"
TENT = {"bin": "A-01", "image": "https://pictures.example/tent.jpg"}
HERE = {"city": "Springfield", "country": "US"}


class Erp:
    """The company, its parts and customers by name, and a login that can only read."""

    def __init__(self, company, driver, grants):
        """Fills the company, and makes the login that the page tells to make."""
        self.company = company
        self.trade = company.insert("pricegroup", pricegroup="Trade")
        self.parts = self._parts()
        self.accounts = self._customers()
        self.password = secrets.token_hex(8)
        company.execute(grants.replace("'...'", f"'{self.password}'"))
        url = make_url(company.database)
        where = f"SERVER={url.host};PORT={url.port};DATABASE={url.database};UID=ledgersmb_reader"
        self.odbc = f"{driver};{where}"

    def _parts(self):
        """Parts with stock, prices, groups and translations, and everything that must not be on sale."""
        company = self.company
        company.set("weightunit", "kg")
        outdoor = company.insert("partsgroup", partsgroup="Outdoor")
        tents = company.insert("partsgroup", partsgroup="Tents", parent=outdoor)
        found = {
            "TENT": company.part("TENT", "Tent", sellprice="1299.90", partsgroup_id=tents, weight="2.5", **TENT),
            "MUG": company.part("MUG", "Becher für 茶", sellprice="8.1234", partsgroup_id=outdoor),
            "POSTER": company.part("POSTER", "Poster", sellprice="0"),
            "NOPRICE": company.part("NOPRICE", "Not priced yet"),
            "REPAIR": company.part("REPAIR", "Repair hour", stocked=False, sellprice="40"),
            "KIT": company.part("KIT", "Camping kit", sellprice="1400", assembly=True),
        }
        company.part("", "Without a number", sellprice="1")
        company.insert("parts", partnumber="LABOUR", description="Overhead, no income account")
        company.part("TENT", "Tent of 2019", sellprice="900", obsolete=True)
        for year in ("2018", "2019"):
            found["OLD"] = company.part("OLD", f"Calendar {year}", sellprice="5", obsolete=True)
        company.count({found["TENT"]: 5, found["MUG"]: 30, found["POSTER"]: 2})
        east, self.west = company.warehouse("East"), company.warehouse("West")
        company.move(found["TENT"], east, 4)
        company.move(found["TENT"], self.west, 2)
        company.move(found["TENT"], self.west, -1)
        company.execute(
            "INSERT INTO makemodel (parts_id, barcode, make, model) VALUES (:part, '4006381333931', 'Acme', 'T1')",
            part=found["TENT"],
        )
        self._prices(found)
        return found

    def _prices(self, parts):
        """Prices of a group: one that holds, beside others that are over, to come, for many, or in other money."""
        company = self.company
        company.group_price(parts["TENT"], self.trade, "999.5")
        company.group_price(parts["TENT"], self.trade, "1", validto="2020-01-01")
        company.group_price(parts["TENT"], self.trade, "2", validfrom="2999-01-01")
        company.group_price(parts["TENT"], self.trade, "3", qty=10)
        company.group_price(parts["TENT"], self.trade, "4", curr="EUR")
        company.group_price(parts["MUG"], self.trade, "7.25", validfrom="2020-01-01", validto="2999-01-01")

    def _customers(self):
        """A customer with all there is to say, one with nothing, one who does not trade any more, and an order."""
        company = self.company
        acme = company.customer(
            "ACM001", "Acme Stores", pricegroup=self.trade, email="buyer@acme.example", phone="+1 555 0101"
        )
        company.location(acme, "billing", line_one="1 Main Road", line_two="Unit 4", mail_code="62701", **HERE)
        company.location(acme, "shipping", line_one="7 Dock Road", **HERE)
        found = {"ACM001": acme, "BEE001": company.customer("BEE001", "Beeline Traders")}
        found["OLD001"] = company.customer("OLD001", "Closed Shop")
        entity = company.execute("SELECT entity_id FROM entity_credit_account WHERE id = :id", id=found["BEE001"])
        company.execute(
            "SELECT entity__save_contact(:entity, 12, NULL, 'office@beeline.example', NULL, NULL)", entity=entity
        )
        company.execute("UPDATE entity_credit_account SET enddate = '2020-01-01' WHERE id = :id", id=found["OLD001"])
        company.sales_order(acme, {self.parts["TENT"]: 3})
        return found

    def forget_login(self):
        """Takes the login away again: it belongs to the whole server."""
        self.company.execute("DROP OWNED BY ledgersmb_reader; DROP ROLE ledgersmb_reader")


@pytest.fixture(scope="module")
def erp(postgres_url, page_blocks):
    """The company; the tests of this file go on where the one before left it."""
    [grants] = page_blocks(PAGE, "sql")
    with tempfile.TemporaryDirectory(prefix="crossdock-ledgersmb-") as folder, ExitStack() as stack:
        try:
            driver = odbc.find("postgresql")
            company = stack.enter_context(ledgersmb.start(Path(folder), postgres_url))
        except Unavailable as reason:
            pytest.skip(f"no LedgerSMB over ODBC: {reason}")
        erp = Erp(company, driver, grants)
        yield erp
        erp.forget_login()


@pytest.fixture(scope="module")
def home(erp, page_blocks, make_home, tmp_path_factory):
    """A home folder with the page's configuration, and a hub after a first sync; each test leaves both equal."""
    [configuration] = page_blocks(PAGE, "toml")
    assert PLACE in configuration
    with StandInHub(rate=1000, open_rate=1000) as hub:
        home = make_home(tmp_path_factory.mktemp("home"), configuration.replace(PLACE, erp.odbc), hub, erp.password)
        home.sync()
        yield home


ON_SALE = ("TENT", "MUG", "POSTER", "NOPRICE", "REPAIR", "KIT")


def shown(item):
    """What the hub shows of a variant: price, quantity, price lists, warehouses."""
    tiers = {one["tier"]: Decimal(str(one["price"])) for one in item["price_tiers"]}
    price = None if item["price"] is None else Decimal(str(item["price"]))
    return price, item["qty"], tiers, {one["description"]: one["qty"] for one in item["qty_availability"]}


def test_the_page_makes_a_login_that_reads_and_nothing_else(home):
    """`connections check` finds nothing to complain of, and looks whether the login could write."""
    code, report, said = home.run("connections", "check", "erp")
    assert code == 0, said
    assert [one for one in report["findings"] if one["level"] != "ok"] == []
    assert "login_can_write" in {one["code"] for one in report["findings"]}


def test_the_hub_shows_what_the_company_has(erp, home):
    """Price, free stock, price groups and warehouses arrive; no price stays none; what is not sold is not there."""
    counts, on_hub = home.sync()["products"], home.on_hub()
    assert (counts["quarantined"], counts["sent"], counts["sweep_stopped"]) == (0, 0, None)
    assert {code: one["active"] for code, one in on_hub.items()} == {**dict.fromkeys(ON_SALE, True), "OLD": False}
    trade = {"Trade": Decimal("999.5")}
    assert shown(on_hub["TENT"]) == (Decimal("1299.9"), 7, trade, {"East": 4, "West": 1})
    assert shown(on_hub["MUG"]) == (Decimal("8.1234"), 30, {"Trade": Decimal("7.25")}, {})
    assert [on_hub[code]["price"] for code in ("POSTER", "NOPRICE")] == [None, None]
    assert on_hub["TENT"]["grams"] == 2500
    assert [on_hub[code]["inventory_management"] for code in ("TENT", "REPAIR", "KIT")] == [True, False, True]
    titles = {one["source_product_code"]: one["title"] for one in home.hub.state()["products"]}
    assert (titles["MUG"], titles["OLD"]) == ("Becher für 茶", "Calendar 2019")


def test_texts_groups_and_pictures_are_in_the_record(home):
    """A part's record has its group as a path, barcode, picture and bin, beside the row that they come from."""
    _, report, _ = home.run("preview", "erp", "products", "--limit", "20")
    [record] = [one["record"] for one in report["rows"] if one["row"]["partnumber"] == "TENT"]
    assert record["categories"] == [["Outdoor", "Tents"]]
    assert record["images"][0]["url"] == TENT["image"]
    assert record["meta"] == {"bin": "A-01"}
    assert (record["variants"]["barcode"], record["variants"]["currency"]) == ("4006381333931", "USD")


def test_a_day_at_work_arrives_and_nothing_else(erp, home):
    """A price, a shipment, a stock-taking and a price group changed change just their items on the hub."""
    before, company, parts = home.on_hub(), erp.company, erp.parts
    company.execute("UPDATE parts SET sellprice = 9 WHERE id = :id", id=parts["MUG"])
    company.move(parts["TENT"], erp.west, -1)
    company.count({parts["POSTER"]: 1})
    company.group_price(parts["KIT"], erp.trade, "1300")
    counts, after = home.sync(), home.on_hub()
    different = {code for code in after if shown(before[code]) != shown(after[code])}
    assert different == {"MUG", "TENT", "POSTER", "KIT"}
    assert counts["products"]["sent"] == counts["products"]["written"] == 4
    again = home.sync()
    assert [again[stream]["sent"] for stream in ("products", "customers")] == [0, 0]


def test_an_obsolete_part_goes_off_sale_and_its_number_may_be_used_again(erp, home):
    """A part marked as obsolete is off sale on the hub; a new part with its number takes its place there."""
    erp.company.execute("UPDATE parts SET obsolete = true WHERE id = :id", id=erp.parts["MUG"])
    assert home.sync()["products"]["sent"] == 1
    assert home.on_hub()["MUG"]["active"] is False
    erp.parts["MUG"] = erp.company.part("MUG", "Mug, large", sellprice="11")
    assert home.sync()["products"]["sent"] == 1
    found = home.on_hub()["MUG"]
    assert (found["active"], found["price"], found["qty"]) == (True, 11, 0)


def test_customers_are_the_customer_accounts(erp, home):
    """Each account has its contacts, addresses and price group; a changed contact sends that customer again."""
    with (home.folder / "customers.csv").open(encoding="utf-8-sig", newline="") as file:
        found = {row["source_customer_code"]: row for row in csv.DictReader(file)}
    assert sorted(found) == ["ACM001", "BEE001"]
    assert (found["ACM001"]["email"], found["ACM001"]["address1.zip"]) == ("buyer@acme.example", "62701")
    assert found["BEE001"]["email"] == "office@beeline.example"  # the company's, for want of one of the account's
    _, report, _ = home.run("preview", "erp", "customers", "--limit", "10")
    records = {one["record"]["source_customer_code"]: one["record"] for one in report["rows"]}
    assert (records["ACM001"]["phone"], records["ACM001"]["price_tier"]) == ("+1 555 0101", "Trade")
    assert [(one["type"], one["address1"]) for one in records["ACM001"]["addresses"]] == [
        ("billing", "1 Main Road"),
        ("shipping", "7 Dock Road"),
    ]
    assert records["OLD001"]["active"] is False
    erp.company.contact(erp.accounts["ACM001"], "email", "new@acme.example", old="buyer@acme.example")
    assert home.sync()["customers"]["sent"] == 1
