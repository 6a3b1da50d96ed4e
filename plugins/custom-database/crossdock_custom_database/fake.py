"""A small company database in a folder, with the configuration that reads it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE StkItem (
    StockLink INTEGER PRIMARY KEY, Code TEXT, cSimpleCode TEXT, Description_1 TEXT, cColour TEXT, ulS2SStatus TEXT,
    Bar_Code TEXT, QtyOnHand REAL, QtyReserved REAL, QtyCapeTown REAL, price_retail REAL, price_wholesale REAL,
    cBin TEXT, dtModified TEXT);
CREATE TABLE Client (
    DCLink INTEGER PRIMARY KEY, Account TEXT, Name TEXT, Contact_Person TEXT, EMail TEXT, Telephone TEXT,
    Physical1 TEXT, PhysicalCity TEXT, PhysicalPC TEXT, cPriceList TEXT, On_Hold INTEGER);
"""
ROWS = """
INSERT INTO StkItem VALUES
    (1, 'TSH-RED', 'TSH', 'T-shirt', 'Red', 'Active', '6001000000011', 40, 4, 25, 149.9, 99.9, 'A-01',
     '2026-01-10 08:00:00'),
    (2, 'TSH-BLU', 'TSH', 'T-shirt', 'Blue', 'Active', '6001000000028', 12, 0, 12, 149.9, 99.9, 'A-02',
     '2026-01-10 08:00:00'),
    (3, 'MUG', NULL, 'Enamel mug', NULL, 'Active', NULL, 3, 5, 0, 89, 62.5, 'B-11', '2026-01-11 09:30:00'),
    (4, 'OLD', NULL, 'Last year''s calendar', NULL, 'Delete', NULL, 0, 0, 0, 10, 10, NULL, '2026-01-02 12:00:00'),
    (5, 'LABOUR', NULL, 'Workshop hour', NULL, 'Ignore', NULL, 0, 0, 0, 650, 650, NULL, '2026-01-02 12:00:00');
INSERT INTO Client VALUES
    (1, 'CASH', 'Cash sales', NULL, NULL, NULL, NULL, NULL, NULL, 'retail', 0),
    (2, 'ACM001', 'Acme Stores', 'Thandi Nkosi', 'thandi@acme.example', '021 555 0101', '1 Main Road', 'Cape Town',
     '8001', 'wholesale', 0),
    (3, 'BEE001', 'Beeline Traders', 'Pieter Botha', 'pieter@beeline.example', '011 555 0199', '77 Commissioner Street',
     'Johannesburg', '2001', 'wholesale', 1);
"""
PRODUCTS: Mapping[str, Any] = {
    "table": "StkItem",
    "key": "StockLink",
    "changed": "dtModified",
    "fields": {
        "source_product_code": "cSimpleCode",
        "source_variant_code": "Code",
        "title": "Description_1",
        "product_active": {"column": "ulS2SStatus", "values": {"Active": True, "Delete": False, "Ignore": "ignore"}},
        "options.1": {"constant": "Colour"},
        "variants.option1": "cColour",
        "variants.sku": "Code",
        "variants.barcode": "Bar_Code",
        "variants.qty": {"column": ["QtyOnHand", "QtyReserved"], "convert": ["subtract", "not_negative"]},
        "variants.qty_availability.CPT": "QtyCapeTown",
        "variants.price": "price_retail",
        "variants.price_tiers.*": "price_*",
        "variants.inventory_management": {"constant": True},
        "meta.bin": "cBin",
    },
}
CUSTOMERS: Mapping[str, Any] = {
    "table": "Client",
    "key": "DCLink",
    "fields": {
        "source_customer_code": "Account",
        "company": "Name",
        "first_name": {"column": "Contact_Person", "convert": "first_name"},
        "last_name": {"column": "Contact_Person", "convert": "last_name"},
        "email": "EMail",
        "phone": "Telephone",
        "price_tier": "cPriceList",
        "customer_active": {"column": "On_Hold", "values": {"0": True, "1": False}},
        "addresses.1.address1": "Physical1",
        "addresses.1.city": "PhysicalCity",
        "addresses.1.zip": "PhysicalPC",
    },
}

FAULTS = ("time_out", "bad_data")
"""Ways to fail that `fault` knows."""
IMPATIENT: Mapping[str, Any] = {"connect_timeout_s": 0.1}
"""Settings with which a locked database is given up soon."""


@contextmanager
def start(folder: Path) -> Iterator[dict[str, Any]]:
    """Makes the database in a folder and gives the connection's section of `crossdock.toml`."""
    path = folder / "company.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(TABLES + ROWS)
    yield {"url": f"sqlite:///{path.as_posix()}", "products": PRODUCTS, "customers": CUSTOMERS}


def touch(settings: Mapping[str, Any], stream: str, codes: Sequence[Any], seconds: float) -> None:
    """Changes items and stamps them some seconds from now; the table of customers keeps no times."""
    if stream == "products":
        stamp = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
        change = "UPDATE StkItem SET QtyOnHand = QtyOnHand + 1, dtModified = ? WHERE Code = ?"
        with closing(_connect(settings)) as database, database:
            database.executemany(change, [(stamp, code) for code in codes])


def fill(settings: Mapping[str, Any], stream: str, count: int) -> None:
    """Replaces all rows of a stream by so many."""
    names = [(number, f"CODE-{number}", f"Name {number}") for number in range(1, count + 1)]
    with closing(_connect(settings)) as database, database:
        if stream == "products":
            database.execute("DELETE FROM StkItem")
            row = "(?, ?, ?, 'Active', '2026-01-10 08:00:00')"
            into = "StkItem (StockLink, Code, Description_1, ulS2SStatus, dtModified)"
            database.executemany(f"INSERT INTO {into} VALUES {row}", names)  # noqa: S608  # fixed text
        else:
            database.execute("DELETE FROM Client")
            database.executemany("INSERT INTO Client (DCLink, Account, Name, On_Hold) VALUES (?, ?, ?, 0)", names)


@contextmanager
def fault(settings: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    """Lets somebody else lock the database, or puts a file in its place that is none; gives the settings to use."""
    if kind == "bad_data":
        other = _path(settings).with_name("other.db")
        other.write_bytes(b"no database " * 100)
        yield {**settings, "url": f"sqlite:///{other.as_posix()}"}
        return
    with closing(_connect(settings)) as database:
        database.execute("BEGIN EXCLUSIVE")
        yield settings
        database.rollback()


def _connect(settings: Mapping[str, Any]) -> sqlite3.Connection:
    return sqlite3.connect(_path(settings))


def _path(settings: Mapping[str, Any]) -> Path:
    return Path(str(settings["url"]).removeprefix("sqlite:///"))
