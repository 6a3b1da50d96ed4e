"""The examples of docs/how-to/child-tables.md, read from tables of the names that they use."""

import re
import sqlite3
import tomllib
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from crossdock import Config, Read
from crossdock.contract import LocalMemory
from crossdock.fieldmap.compile import Mapper
from crossdock.fieldmap.override import override
from crossdock.records import Customer, Variant, decode
from crossdock.toolkit.sql import SqlSource

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "child-tables.md"
EVOLUTION = """
CREATE TABLE StkItem (StockLink INTEGER PRIMARY KEY, Code TEXT, Description_1 TEXT, ItemActive INTEGER, Bar_Code TEXT,
    Qty_On_Hand REAL, QtyOnSO REAL, ReservedQty REAL, dStkitemTimeStamp TEXT);
CREATE TABLE _etblPriceListName (IDPriceListName INTEGER PRIMARY KEY, cName TEXT);
CREATE TABLE _etblPriceListPrices (iPriceListNameID INTEGER, iStockID INTEGER, iWarehouseID INTEGER, fExclPrice REAL,
    _etblPriceListPrices_dModifiedDate TEXT);
CREATE TABLE WhseMst (WhseLink INTEGER PRIMARY KEY, Code TEXT);
CREATE TABLE WhseStk (WHStockLink INTEGER, WHWhseID INTEGER, WHQtyOnHand REAL, WHQtyOnSO REAL, WHQtyReserved REAL,
    WhseStk_dModifiedDate TEXT);
INSERT INTO StkItem VALUES (1, 'A', 'Shirt', 1, NULL, 5, 1, 0, '2026-01-01 08:00:00');
INSERT INTO _etblPriceListName VALUES (1, 'Retail'), (2, 'Trade');
INSERT INTO _etblPriceListPrices VALUES (1, 1, 0, 10.5, '2026-01-01 08:00:00'), (2, 1, 0, 9, '2026-01-01 08:00:00'),
    (2, 1, 7, 8, '2026-01-01 08:00:00');
INSERT INTO WhseMst VALUES (1, 'CPT'), (2, 'JHB');
INSERT INTO WhseStk VALUES (1, 1, 5, 1, 1, '2026-01-01 08:00:00'), (1, 2, 1, 2, 0, '2026-01-01 08:00:00');
"""
BUSINESS_ONE = """
CREATE TABLE OITM (DocEntry INTEGER PRIMARY KEY, ItemCode TEXT, ItemName TEXT, CodeBars TEXT, OnHand NUMERIC,
    IsCommited NUMERIC);
CREATE TABLE ITM1 (ItemCode TEXT, PriceList INTEGER, Price NUMERIC);
CREATE TABLE OITW (ItemCode TEXT, WhsCode TEXT, OnHand NUMERIC, IsCommited NUMERIC);
CREATE TABLE OCRD (CardCode TEXT PRIMARY KEY, CardName TEXT, E_Mail TEXT, CardType TEXT);
CREATE TABLE CRD1 (CardCode TEXT, Address TEXT, AdresType TEXT, Street TEXT, City TEXT, ZipCode TEXT, Country TEXT);
INSERT INTO OITM VALUES (1, 'A', 'Shirt', NULL, 5, 1);
INSERT INTO ITM1 VALUES ('A', 1, 10.5), ('A', 2, 0), ('A', 3, 7);
INSERT INTO OITW VALUES ('A', '01', 5, 1);
INSERT INTO OCRD VALUES ('C1', 'Acme', NULL, 'C'), ('S1', 'Supplier', NULL, 'S');
INSERT INTO CRD1 VALUES ('C1', 'Main', 'B', '1 Long St', 'Cape Town', '8001', 'ZA'),
    ('C1', 'Main', 'S', '2 Sea St', NULL, NULL, NULL), ('S1', 'Main', 'B', 'x', NULL, NULL, NULL);
"""


def read_as_the_page_says(path, script, connection, stream, kind):
    """Reads a SQLite file that has the page's tables by the field map that the page shows."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)
    blocks = [tomllib.loads(one) for one in re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)]
    section = next(one["connections"][connection] for one in blocks if connection in one["connections"])[stream]
    fields, source = override(stream, None, section), SqlSource("company", "Company")
    address = Config({"url": f"sqlite:///{path.as_posix()}"}, frozenset())
    with source.open_session(config=address, memory=LocalMemory()) as session:
        hook = source.read_products if stream == "products" else source.read_customers
        (page,) = hook(session=session, read=Read(fields=fields))
    mapper = Mapper(fields, page.columns, 7)
    return fields, [decode(mapped[6], kind) for mapped in map(mapper.map, page.rows) if mapped is not None]


def test_the_pages_examples_read_what_they_promise(tmp_path):
    """The field maps of the page give tiers, warehouses and addresses from tables of those names."""
    fields, (item,) = read_as_the_page_says(tmp_path / "evo.db", EVOLUTION, "evolution", "products", Variant)
    assert fields.is_incremental
    assert item.price_tiers == {"Retail": Decimal("10.5"), "Trade": 9}
    assert item.qty_availability == {"CPT": 3, "JHB": 0}
    fields, (item,) = read_as_the_page_says(tmp_path / "b1.db", BUSINESS_ONE, "b1", "products", Variant)
    assert not fields.is_incremental
    assert (item.price_tiers, item.qty_availability) == ({"retail": Decimal("10.5")}, {"01": 4})
    _, (customer,) = read_as_the_page_says(tmp_path / "b1c.db", BUSINESS_ONE, "b1", "customers", Customer)
    assert [(one.address_code, one.type, one.address1, one.country_code) for one in customer.addresses] == [
        ("Main", "billing", "1 Long St", "ZA"),
        ("Main", "shipping", "2 Sea St", None),
    ]
