"""A small ERP in one SQLite file: a source of products and customers and a target of orders."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from msgspec.structs import replace

from crossdock import (
    Config,
    ConfigError,
    Customer,
    Manifest,
    Memory,
    OrderDocument,
    Read,
    Receipt,
    Setting,
    ShipmentPage,
    hookimpl,
)
from crossdock.toolkit.sql import SqlSource
from crossdock_demo_erp import desk, erp
from crossdock_demo_erp.fields import MAPS

SETTINGS = (
    Setting("path", "SQLite file of the ERP; made with sample data where there is none", kind="path", required=True),
    Setting("items", "Items to make, up to millions", kind="integer", default=250),
    Setting("seed", "Chooses the sample data; the same seed gives the same", kind="integer", default=7),
)
FEATURES = (
    "Takes quotations, orders, invoices and fulfilment requests; orders and invoices reserve stock.",
    "Enforces that a reference is used once: written again, a document answers with its first receipt.",
    "A few of its items are bad on purpose: no code, no name, one code twice, a price that is no number.",
    "Does not take products or customers from a channel, except accounts that an order needs.",
)


class DemoErp(SqlSource):
    """Reads as any SQL source does, and takes orders at its desk."""

    @hookimpl
    def describe(self) -> Manifest:
        """Adds what an ERP promises about orders; a write is over when its call is."""
        return replace(super().describe(), order_key="enforced", reference_length=30, max_commit_delay_s=1.0)

    @hookimpl
    def open_session(self, config: Config, memory: Memory) -> AbstractContextManager[Any]:
        """Makes the ERP first where there is none."""
        try:
            erp.create(config["path"], config.get("items", 250), config.get("seed", 7))
        except sqlite3.Error as error:
            message = f"the ERP at {config['path']} can neither be made nor opened: {error}; check `path`"
            raise ConfigError(message) from error
        return super().open_session(config, memory)

    @hookimpl
    def write_order(self, session: Any, document: OrderDocument, deadline_s: float) -> Receipt:
        """Enters the document at the desk."""
        return desk.write_order(session.settings["path"], document, deadline_s)

    @hookimpl
    def find_order(self, session: Any, reference: str) -> Sequence[Receipt]:
        """Looks the reference up."""
        return desk.find_orders(session.settings["path"], reference)

    @hookimpl
    def create_customer(self, session: Any, customer: Customer, reference: str, deadline_s: float) -> str:
        """Opens an account at the desk."""
        return desk.create_customer(session.settings["path"], customer, reference, deadline_s)

    @hookimpl
    def find_customer(self, session: Any, customer: Customer, reference: str) -> Sequence[str]:
        """Looks the reference up; the account's data may have been edited since."""
        return desk.find_customers(session.settings["path"], reference)

    @hookimpl
    def read_shipments(self, session: Any, read: Read) -> Iterable[ShipmentPage]:
        """Reads what was shipped since the cursor."""
        return desk.shipments(session.settings["path"], read)


plugin = DemoErp(
    "demo-erp", "Demo ERP", MAPS, settings=SETTINGS, features=FEATURES, url=lambda config: f"sqlite:///{config['path']}"
)
