"""Orders into the demo ERP, through its own desk: documents, accounts and shipments in a real database."""

import sqlite3
from contextlib import closing, contextmanager

import msgspec
import pytest
from crossdock_demo_erp import erp, fake, plugin

from crossdock.contract import Config, LocalMemory
from crossdock.orders.options import OrderOptions
from crossdock.orders.raising import Raiser
from crossdock.testing.orders_plugin import PluginTarget
from crossdock.testing.orders_world import WINDOW_S


@pytest.fixture
def erp_of(world_of, tmp_path):
    """A world whose target is a demo ERP: the world, the ERP's file, its items."""
    world = world_of()
    options = OrderOptions(create_customer=True, shipping="ignore", prices_include_tax=False)
    routes = tuple(msgspec.structs.replace(one, options=options) for one in world.flow.routes)
    world.flow = msgspec.structs.replace(world.flow, routes=routes)

    @contextmanager
    def opened():
        with fake.start(tmp_path) as settings, plugin.open_session(Config(settings), LocalMemory()) as session:
            target = PluginTarget(plugin, session)
            world.raising = lambda lane, _, given: Raiser(lane, target, given)
            with closing(sqlite3.connect(settings["path"])) as database:
                query = "SELECT DISTINCT code FROM item WHERE code <> '' AND status = 'active' LIMIT 3"
                skus = [row[0] for row in database.execute(query)]
                yield world, settings["path"], skus, database

    return opened


def test_an_order_goes_into_the_demo_erp(erp_of, order):
    """A customer is created, prices with tax arrive without, and the ERP works out the very total."""
    with erp_of() as (world, _, skus, database):
        tax = [{"title": "VAT", "rate": "15", "price": "3.909"}]
        lines = [{"sku": sku, "qty": "3", "price": "9.99", "tax_lines": tax} for sku in skus]
        given = order(lines=lines, shipping_lines=[], prices_include_tax=True, total="89.91")
        for _ in range(2):
            world.shop.place(given)
            world.intake()
            summary = world.raise_().summary
        found = database.execute("SELECT reference, total, customer FROM sales_order").fetchall()
        (account,) = database.execute("SELECT code FROM customer WHERE email = 'thandi@shop.example'").fetchone()
        assert found == [("1-1001", "89.91", account)]
        assert (summary.reasons, [one.reason for one in world.documents()]) == ([], [None])


def test_what_the_demo_erp_ships_reaches_the_shop(erp_of, order):
    """A shipment made at the ERP's desk comes back with the shop's number."""
    with erp_of() as (world, path, skus, _):
        world.shop.place(order(lines=[{"sku": skus[0], "qty": "1", "price": "5"}], shipping_lines=[], total=None))
        world.intake()
        world.raise_()
        erp.ship(path, world.documents()[0].document_code)
        world.raise_()
        world.confirm()
        (shipment,) = world.shop.shipped.values()
        assert shipment.channel_order_code == "1001"


def test_a_refusal_of_the_demo_erp_is_looked_at(erp_of, order):
    """An item that the ERP does not have refuses the order in its words, and nothing is there."""
    with erp_of() as (world, _, _, database):
        world.shop.place(order(lines=[{"sku": "NONE", "qty": "1", "price": "5"}], shipping_lines=[], total=None))
        world.intake()
        world.raise_()
        world.clock.advance(WINDOW_S)
        world.raise_()
        (one,) = world.documents()
        assert (one.state, one.reason) == ("refused", "there is no item 'NONE'")
        assert database.execute("SELECT COUNT(*) FROM sales_order").fetchone() == (0,)
