"""Orders in a shop, an ERP that takes them, and the lanes between: on SQLite and on PostgreSQL."""

import msgspec
import pytest

from crossdock.records import Order
from crossdock.testing.orders_world import OrderWorld, Setup


@pytest.fixture
def world_of(store_url, tmp_path):
    """Makes a world: `world_of("searchable", create_customers=True)`."""
    made = []

    def make(*keys, **given):
        made.append(OrderWorld(tmp_path, Setup(keys or ("searchable",), url=store_url, **given)))
        return made[-1]

    yield make
    for world in made:
        world.store.close()


@pytest.fixture
def world(world_of):
    """A world with one ERP that can be searched."""
    return world_of()


@pytest.fixture
def order():
    """Makes an order of two mugs at 10 and delivery for 50, taxed at 15 %; anything may be said otherwise."""

    def make(code="1001", **given):
        plain = {
            "channel_order_code": code,
            "customer": {"channel_customer_code": "c1", "email": "thandi@shop.example", "last_name": "Nkosi"},
            "lines": [{"sku": "MUG", "qty": "2", "price": "10", "tax_lines": [tax("3")]}],
            "shipping_lines": [{"title": "Courier", "price": "50", "tax_lines": [tax("7.5")]}],
            "total": "80.5",
        }
        return msgspec.convert({**plain, **given}, Order, strict=False)

    return make


def tax(amount):
    """One tax of 15 %."""
    return {"title": "VAT", "rate": "15", "price": amount}
