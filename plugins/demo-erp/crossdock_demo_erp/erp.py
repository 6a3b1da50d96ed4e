"""The demo ERP's database: made on first use, changed as its users would change it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from crossdock_demo_erp import goods

SCHEMA = """
CREATE TABLE price_list (code TEXT PRIMARY KEY);
CREATE TABLE warehouse (code TEXT PRIMARY KEY, town TEXT NOT NULL);
CREATE TABLE item (
    id INTEGER PRIMARY KEY, code TEXT, style TEXT, name TEXT, description TEXT, department TEXT, category TEXT,
    brand TEXT, keywords TEXT, barcode TEXT, status TEXT NOT NULL, option1_name TEXT, option1 TEXT, option2_name TEXT,
    option2 TEXT, price_retail NUMERIC, price_wholesale NUMERIC, price_distributor NUMERIC, qty_cpt INTEGER,
    qty_jhb INTEGER, reserved INTEGER NOT NULL DEFAULT 0, weight_g INTEGER, bin TEXT, image_url TEXT,
    changed_at TEXT NOT NULL, qty_free INTEGER GENERATED ALWAYS AS (qty_cpt + qty_jhb - reserved) VIRTUAL);
CREATE TABLE customer (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, company TEXT, contact TEXT, email TEXT, phone TEXT, street TEXT,
    town TEXT, province TEXT, postcode TEXT, delivery_street TEXT, delivery_town TEXT, delivery_postcode TEXT,
    price_list TEXT REFERENCES price_list, warehouse TEXT REFERENCES warehouse, on_hold INTEGER NOT NULL DEFAULT 0,
    changed_at TEXT NOT NULL, reference TEXT UNIQUE);
CREATE TABLE sales_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE, reference TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    customer TEXT NOT NULL REFERENCES customer (code), total TEXT NOT NULL, currency TEXT, notes TEXT,
    entered_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'open');
CREATE TABLE sales_order_line (
    sales_order INTEGER NOT NULL REFERENCES sales_order, number INTEGER NOT NULL, item INTEGER REFERENCES item,
    code TEXT NOT NULL, title TEXT NOT NULL, qty TEXT NOT NULL, price TEXT NOT NULL, discount TEXT NOT NULL,
    tax TEXT NOT NULL, warehouse TEXT, PRIMARY KEY (sales_order, number)) WITHOUT ROWID;
CREATE TABLE shipment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE,
    sales_order INTEGER NOT NULL REFERENCES sales_order, carrier TEXT NOT NULL, tracking TEXT NOT NULL,
    shipped_at TEXT NOT NULL);
"""
INDEXES = "CREATE INDEX item_code ON item (code); CREATE INDEX item_changed ON item (changed_at, id);"
NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
"""The ERP's clock: UTC, to the millisecond."""
MOST_CUSTOMERS = 5000
SOUND = "code <> '' AND code NOT LIKE 'DOUBLE%' AND name <> '' AND typeof(price_retail) <> 'text' AND status = 'active'"


def create(path: Path | str, items: int = 250, seed: int = 7) -> None:
    """Makes the database where there is none; the same seed gives the same data.

    All or nothing: a process that dies in the middle leaves an empty file, two at once make one database.

    Args:
        path: the SQLite file; its folder must exist.
        items: rows of the item table, from 1 to millions; customers grow with them, up to 5,000.
        seed: chooses prices, quantities and customers.
    """
    with closing(sqlite3.connect(path, timeout=600, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        if database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.execute("ROLLBACK")
            return
        for statement in SCHEMA.split(";\n"):
            database.execute(statement)
        _fill(database, items, seed)
        for statement in INDEXES.split(";"):
            database.execute(statement)
        database.execute("COMMIT")
        database.execute("PRAGMA journal_mode = WAL").fetchall()


def _fill(database: sqlite3.Connection, items: int, seed: int) -> None:
    database.executemany("INSERT INTO price_list VALUES (?)", [(one,) for one in goods.PRICE_LISTS])
    database.executemany("INSERT INTO warehouse VALUES (?, ?)", goods.WAREHOUSES)
    database.executemany(_insert("item", goods.COLUMNS), goods.items(items, seed))
    people = max(12, min(items // 10, MOST_CUSTOMERS))
    database.executemany(_insert("customer", goods.CUSTOMER_COLUMNS), goods.customers(people, seed))


def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # ours


def change_some(path: Path | str, seed: int) -> list[str]:
    """Changes the price or the stock of 3 to 10 sound items, as a working day does.

    Returns:
        Their codes, sorted.
    """
    random = Random(seed)  # noqa: S311  # sample data, no secret
    with writing(path) as database:
        (last,) = database.execute("SELECT max(id) FROM item").fetchone()
        drawn = random.sample(range(1, last + 1), min(last, 60))
        marks = ", ".join("?" * len(drawn))
        rows = database.execute(f"SELECT id, code FROM item WHERE id IN ({marks}) AND {SOUND}", drawn)  # noqa: S608  # ours
        chosen = sorted(rows)[: random.randint(3, 10)]
        for number, (item, _) in enumerate(chosen):
            change = "price_retail = round(price_retail * 1.07 + 1, 2)" if number % 2 else "qty_cpt = qty_cpt + 11"
            database.execute(f"UPDATE item SET {change}, changed_at = {NOW} WHERE id = ?", (item,))  # noqa: S608  # ours
    return sorted(code for _, code in chosen)


def counts(path: Path | str) -> dict[str, int]:
    """Gives the number of rows of each table, by its name."""
    tables = ("item", "customer", "sales_order", "sales_order_line", "shipment")
    with closing(sqlite3.connect(path)) as database:
        return {one: database.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in tables}  # noqa: S608  # ours


def ship(path: Path | str, document_code: str) -> str:
    """Ships an order whole: the stock leaves, the reservation ends, a shipment stands in the books.

    Returns:
        The shipment's code.

    Raises:
        LookupError: there is no such order, or it has been shipped.
    """
    with writing(path) as database:
        found = database.execute(
            "SELECT id FROM sales_order WHERE code = ? AND state = 'open'", (document_code,)
        ).fetchone()
        if found is None:
            message = f"there is no open order {document_code!r}"
            raise LookupError(message)
        (number,) = database.execute("SELECT coalesce(max(id), 0) + 1 FROM shipment").fetchone()
        code = f"SH{number:06d}"
        database.execute(
            f"INSERT INTO shipment VALUES (?, ?, ?, 'Fast Couriers', ?, {NOW})",  # noqa: S608  # ours
            (number, code, found[0], f"FC{number:09d}"),
        )
        database.execute("UPDATE sales_order SET state = 'shipped' WHERE id = ?", found)
        _move_stock(database, found[0])
    return code


def _move_stock(database: sqlite3.Connection, order: int) -> None:
    lines = "SELECT item, CAST(qty AS REAL), warehouse FROM sales_order_line WHERE sales_order = ? AND item IS NOT NULL"
    for item, qty, warehouse in database.execute(lines, (order,)).fetchall():
        shelf = "qty_jhb" if warehouse == "JHB" else "qty_cpt"
        change = f"reserved = max(0, reserved - ?), {shelf} = {shelf} - ?, changed_at = {NOW}"
        database.execute(f"UPDATE item SET {change} WHERE id = ?", (qty, qty, item))  # noqa: S608  # ours


@contextmanager
def writing(path: Path | str, timeout_s: float = 15.0) -> Iterator[sqlite3.Connection]:
    """Gives a connection inside one transaction: committed at the end, rolled back on an error."""
    place = f"{Path(path).absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(place, uri=True, timeout=timeout_s, isolation_level=None)) as database:
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
