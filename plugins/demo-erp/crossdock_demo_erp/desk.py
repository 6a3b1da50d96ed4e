"""The demo ERP's order desk: what a real ERP's own programming interface would offer."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from crossdock import (
    Address,
    Customer,
    NotSentError,
    OrderDocument,
    Read,
    Receipt,
    RefusedError,
    Shipment,
    ShipmentLine,
    ShipmentPage,
)
from crossdock_demo_erp.erp import NOW, writing

RESERVING = ("sales_order", "invoice")
"""Kinds of document that set stock aside."""


def write_order(path: Path | str, document: OrderDocument, deadline_s: float) -> Receipt:
    """Enters a document and reserves its stock, in one transaction.

    The reference is unique in the database. A document that is there already is left as it is and its receipt
    given: whoever asked can compare total and customer.

    Raises:
        RefusedError: unknown or held account, unknown item; nothing was written.
        NotSentError: the database is busy or gone; nothing was written.
    """
    with _entering(path, deadline_s) as database:
        found = _receipts(database, document.reference)
        return found[0] if found else _enter(database, document)


@contextmanager
def _entering(path: Path | str, deadline_s: float) -> Iterator[sqlite3.Connection]:
    """A transaction; one that could not begin is proved to have written nothing."""
    try:
        with writing(path, deadline_s) as database:
            yield database
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname in ("SQLITE_BUSY", "SQLITE_CANTOPEN"):
            raise NotSentError(str(error)) from error
        raise


def find_orders(path: Path | str, reference: str) -> list[Receipt]:
    """Gives the receipt of the document with this reference, an empty list where there is none."""
    with closing(sqlite3.connect(path)) as database:
        return _receipts(database, reference)


def _receipts(database: sqlite3.Connection, reference: str) -> list[Receipt]:
    rows = database.execute("SELECT code, total, customer FROM sales_order WHERE reference = ?", (reference,))
    return [Receipt(code, reference, Decimal(total), customer) for code, total, customer in rows]


def _enter(database: sqlite3.Connection, document: OrderDocument) -> Receipt:
    _check_customer(database, document.customer_code)
    items = [_item(database, line.native_code) for line in document.lines]
    total = _total(document)
    (number,) = database.execute("SELECT coalesce(max(id), 0) + 1 FROM sales_order").fetchone()
    code = f"SO{number:06d}"
    database.execute(
        f"INSERT INTO sales_order VALUES (?, ?, ?, ?, ?, ?, ?, ?, {NOW}, 'open')",  # noqa: S608  # ours
        (
            number,
            code,
            document.reference,
            document.kind,
            document.customer_code,
            str(total),
            document.currency,
            document.notes,
        ),
    )
    database.executemany(
        "INSERT INTO sales_order_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _lines(number, document, items),
    )
    if document.kind in RESERVING:
        reserve = f"UPDATE item SET reserved = reserved + ?, changed_at = {NOW} WHERE id = ?"  # noqa: S608  # ours
        quantities = [float(line.qty) for line in document.lines]
        database.executemany(reserve, zip(quantities, items, strict=True))
    return Receipt(code, document.reference, total, document.customer_code)


def _lines(order: int, document: OrderDocument, items: list[int]) -> Iterator[tuple[Any, ...]]:
    for number, (line, item) in enumerate(zip(document.lines, items, strict=True), 1):
        amounts = (str(one) for one in (line.qty, line.price, line.total_discount, line.tax))
        yield (order, number, item, line.native_code, line.title, *amounts, line.warehouse)


def _total(document: OrderDocument) -> Decimal:
    """What the ERP itself works out, tax included."""
    total = Decimal(0)
    for line in document.lines:
        total += line.qty * line.price - line.total_discount
        total += Decimal(0) if document.prices_include_tax else line.tax
    return total


def _check_customer(database: sqlite3.Connection, code: str) -> None:
    found = database.execute("SELECT on_hold FROM customer WHERE code = ?", (code,)).fetchone()
    if found is None or found[0]:
        message = f"account {code!r} is on hold" if found else f"there is no account {code!r}"
        raise RefusedError(message)


def _item(database: sqlite3.Connection, code: str) -> int:
    found = database.execute("SELECT id FROM item WHERE code = ? ORDER BY id", (code,)).fetchone()
    if found is None:
        message = f"there is no item {code!r}"
        raise RefusedError(message)
    return int(found[0])


def create_customer(path: Path | str, customer: Customer, reference: str, deadline_s: float) -> str:
    """Opens an account and gives its code; the one with this reference where there is one.

    Raises:
        NotSentError: the database is busy or gone; nothing was written.
    """
    with _entering(path, deadline_s) as database:
        known = _accounts(database, reference)
        return known[0] if known else _open_account(database, customer, reference)


def _open_account(database: sqlite3.Connection, customer: Customer, reference: str) -> str:
    address = customer.addresses[0] if customer.addresses else Address()
    contact = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    (number,) = database.execute("SELECT max(id) + 1 FROM customer").fetchone()
    code = f"W{number:05d}"
    person = (customer.company, contact, customer.email, customer.phone)
    place = (address.address1, address.city, address.province, address.zip)
    columns = "id, code, company, contact, email, phone, street, town, province, postcode, reference, changed_at"
    insert = f"INSERT INTO customer ({columns}) VALUES ({'?, ' * 11}{NOW})"  # noqa: S608  # ours
    database.execute(insert, (number, code, *person, *place, reference))
    return code


def find_customers(path: Path | str, reference: str) -> list[str]:
    """Gives the account that was opened with this reference, an empty list where there is none."""
    with closing(sqlite3.connect(path)) as database:
        return _accounts(database, reference)


def _accounts(database: sqlite3.Connection, reference: str) -> list[str]:
    return [code for (code,) in database.execute("SELECT code FROM customer WHERE reference = ?", (reference,))]


SHIPMENTS = """
    SELECT s.id, s.code, o.reference, s.carrier, s.tracking, s.shipped_at, l.code, l.qty
    FROM shipment AS s JOIN sales_order AS o ON o.id = s.sales_order JOIN sales_order_line AS l ON l.sales_order = o.id
    WHERE s.id > ? ORDER BY s.id, l.number
"""


def shipments(path: Path | str, read: Read) -> Iterator[ShipmentPage]:
    """Gives shipments in the order of their numbers; the cursor is the last one's."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(SHIPMENTS, (int(read.since or 0),))
        parcels = islice(groupby(rows, key=lambda row: row[:6]), read.limit)
        while page := [(head, [line[6:] for line in lines]) for head, lines in islice(parcels, read.page_size)]:
            yield ShipmentPage(tuple(_shipment(head, lines) for head, lines in page), str(page[-1][0][0]))


def _shipment(head: tuple[Any, ...], lines: list[Any]) -> Shipment:
    _, code, reference, carrier, tracking, shipped_at = head
    return Shipment(
        shipment_code=code,
        reference=reference,
        lines=tuple(ShipmentLine(sku=sku, qty=Decimal(qty)) for sku, qty in lines),
        tracking_company=carrier,
        tracking_number=tracking,
        shipped_at=datetime.fromisoformat(shipped_at).replace(tzinfo=UTC),
    )
