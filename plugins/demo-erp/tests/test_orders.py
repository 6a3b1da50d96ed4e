"""The demo ERP takes an order once, reserves its stock, ships it, and says a definite no where it must."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from threading import Thread

import pytest
from crossdock_demo_erp import erp, fake, plugin
from crossdock_demo_erp.fields import PRODUCTS
from msgspec import convert

from crossdock import Address, Config, Customer, NotSentError, OrderDocument, Read, RefusedError

SHIRT = "TSH001-S-RED"


@pytest.fixture
def path(tmp_path):
    """A small ERP's file."""
    with fake.start(tmp_path) as given:
        yield given["path"]


@pytest.fixture
def session(path):
    """An open session with it."""
    with plugin.open_session(config=Config({"path": path}), memory=None) as opened:
        yield opened


def document(reference="web-1", code=SHIRT, **more):
    """A prepared order of three shirts."""
    line = {"sku": SHIRT, "native_code": code, "title": "T-shirt", "qty": "3", "price": "100.10", "tax": "45.05"}
    plain = {"reference": reference, "kind": "sales_order", "channel_order_code": "1001", "customer_code": "CASH"}
    return convert(plain | {"lines": [line], "total": "345.35"} | more, OrderDocument, strict=False)


def write(session, order):
    """Writes an order as the framework does."""
    return plugin.write_order(session=session, document=order, deadline_s=5.0)


def item(path, code=SHIRT):
    """Stock in Cape Town and what is reserved."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT qty_cpt, reserved FROM item WHERE code = ?", (code,)).fetchone()


def test_an_order_is_written_and_found(session, path):
    """The receipt carries number, reference, account and the ERP's own total; the stock is reserved."""
    on_hand, reserved = item(path)
    receipt = write(session, document())
    assert receipt.document_code == "SO000001"
    assert (receipt.reference, receipt.customer_code, receipt.total) == ("web-1", "CASH", Decimal("345.35"))
    assert plugin.find_order(session=session, reference="web-1") == [receipt]
    assert plugin.find_order(session=session, reference="web-2") == []
    assert item(path) == (on_hand, reserved + 3)


def test_a_reference_is_used_once(session, path):
    """The same reference again answers with the first receipt and writes nothing, whatever the document says."""
    first = write(session, document())
    assert write(session, document()) == first
    assert write(session, document(customer_code="C00001")) == first
    assert erp.counts(path)["sales_order"] == 1
    with closing(sqlite3.connect(path)) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(
            "INSERT INTO sales_order SELECT 9, 'x', reference, kind, customer, total, '', '', '', '' FROM sales_order"
        )


def test_many_at_once_make_one(session, path):
    """Ten writers of one order at the same moment leave one document."""
    receipts = []
    writers = [Thread(target=lambda: receipts.append(write(session, document()))) for _ in range(10)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert len(receipts) == 10
    assert len({one.document_code for one in receipts}) == erp.counts(path)["sales_order"] == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": "NO-SUCH"}, "no item 'NO-SUCH'"),
        ({"customer_code": "NOBODY"}, "no account 'NOBODY'"),
        ({"customer_code": "C00001"}, "on hold"),
    ],
)
def test_a_definite_no(session, path, change, reason):
    """Unknown items and accounts and accounts on hold are refused, and nothing is written."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE customer SET on_hold = 1 WHERE code = 'C00001'")
        database.commit()
    with pytest.raises(RefusedError, match=reason):
        write(session, document(**change))
    assert erp.counts(path)["sales_order"] == erp.counts(path)["sales_order_line"] == 0


def test_a_busy_erp_was_not_told(session, path):
    """A write that could not begin is proved not to have been sent."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotSentError):
            plugin.write_order(session=session, document=document(), deadline_s=0.05)


def test_a_quotation_reserves_nothing(session, path):
    """Only orders and invoices set stock aside."""
    before = item(path)
    write(session, document(kind="quotation"))
    assert item(path) == before


def test_totals_follow_the_tax_of_the_prices(session):
    """Prices that include tax are not taxed again."""
    assert write(session, document(prices_include_tax=True)).total == Decimal("300.30")


def test_customers_are_opened_once(session):
    """An account is opened under a reference, found by it, and not opened twice."""
    person = Customer(
        source_customer_code="", first_name="Ada", last_name="Jacobs", addresses=(Address(city="Durban"),)
    )
    arguments = {"session": session, "customer": person, "reference": "web-7"}
    assert plugin.find_customer(**arguments) == []
    code = plugin.create_customer(**arguments, deadline_s=5.0)
    assert plugin.create_customer(**arguments, deadline_s=5.0) == code
    assert plugin.find_customer(**arguments) == [code]
    assert write(session, document(customer_code=code)).customer_code == code


def shipments(session, since=None, **how):
    """Pages of shipments."""
    return list(plugin.read_shipments(session=session, read=Read(fields=PRODUCTS, since=since, **how)))


def test_a_shipment_appears_when_it_is_shipped(session, path):
    """Shipping ends the reservation, takes the stock, and the shipment is read once by its cursor."""
    on_hand, reserved = item(path)
    assert shipments(session) == []
    code = erp.ship(path, write(session, document()).document_code)
    (page,) = shipments(session)
    (parcel,) = page.shipments
    assert (parcel.shipment_code, parcel.reference) == (code, "web-1")
    assert [(line.sku, line.qty) for line in parcel.lines] == [(SHIRT, Decimal(3))]
    assert parcel.shipped_at.utcoffset() is not None
    assert item(path) == (on_hand - 3, reserved)
    assert shipments(session, since=page.cursor) == []
    with pytest.raises(LookupError):
        erp.ship(path, "SO000001")


def test_shipments_come_in_pages(session, path):
    """Pages hold as many shipments as asked for, and `limit` ends them."""
    for number in range(5):
        erp.ship(path, write(session, document(f"web-{number}")).document_code)
    assert [len(page.shipments) for page in shipments(session, page_size=2)] == [2, 2, 1]
    assert [len(page.shipments) for page in shipments(session, page_size=2, limit=3)] == [2, 1]
    rest = shipments(session, since=shipments(session, limit=3)[-1].cursor)
    assert [one.reference for page in rest for one in page.shipments] == ["web-3", "web-4"]


def test_an_order_shows_in_the_next_read(session):
    """Reserved stock changes the item, so the next incremental read has it."""
    cursor = list(plugin.read_products(session=session, read=Read(fields=PRODUCTS)))[-1].cursor
    write(session, document())
    pages = list(plugin.read_products(session=session, read=Read(fields=PRODUCTS, since=cursor)))
    assert SHIRT in [row[pages[0].columns.index("code")] for page in pages for row in page.rows]


def test_the_manifest_keeps_its_word():
    """The ERP says that it enforces references, which is what the other tests prove."""
    manifest = plugin.describe()
    assert (manifest.order_key, manifest.reference_length) == ("enforced", 30)
