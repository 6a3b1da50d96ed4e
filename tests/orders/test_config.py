"""`[orders.NAME]`: read whole, wrong keys and values named with their place, options where they belong."""

from decimal import Decimal

import pytest

from crossdock.contract import ConfigError
from crossdock.host.config import read_configuration
from crossdock.host.orders_config import catalogue_of, flow_of, numbers_of, orders_of
from crossdock.store import Store
from crossdock.store.connections import connection_id, stream_id

CONNECTIONS = """
[connections.hub]
plugin = "stock2shop"
[connections.erp]
plugin = "custom-database"
[connections.erp-write]
plugin = "custom-database"
[connections.warehouse]
plugin = "flat-file"
[syncs.main]
source = "erp"
channels = ["hub"]
"""
PLAIN = '[orders.hub]\nfrom = "hub"\nto = "erp-write"\n'


def read(tmp_path, text):
    """Reads a configuration with these orders."""
    file = tmp_path / "crossdock.toml"
    file.write_text(CONNECTIONS + text, encoding="utf-8")
    return read_configuration(file)


def test_the_shortest_flow(tmp_path):
    """From and to are enough: one sales order to the target, items by the only source's catalogue."""
    one = orders_of(read(tmp_path, PLAIN))["hub"]
    assert [(each.to, each.kind, each.locations) for each in one.documents] == [("erp-write", "sales_order", None)]
    assert (one.channel, one.items_from, one.targets()) == ("hub", "erp", ["erp-write"])


def test_documents_have_options_of_their_own(tmp_path):
    """A document takes the flow's options, and its own stand before them."""
    text = PLAIN + (
        'default_customer_code = "CASH"\nfrom_date = 2026-01-31\ntolerance = 0.05\nstates = ["processing"]\n'
        '[[orders.hub.documents]]\n[[orders.hub.documents]]\nto = "warehouse"\nkind = "fulfilment"\n'
        'default_customer_code = "W"\nlines = { location = ["CPT", ""] }\n'
    )
    one = orders_of(read(tmp_path, text))["hub"]
    assert [each.options.default_customer_code for each in one.documents] == ["CASH", "W"]
    assert one.documents[1].locations == ("CPT", "")
    assert one.documents[1].options.tolerance == Decimal("0.05")
    assert one.from_date.isoformat() == "2026-01-31T00:00:00+00:00"


def test_a_flow_by_permanent_numbers(tmp_path, store_url):
    """Connections get their numbers at first use, and the catalogue's streams are found once they were read."""
    configuration = read(tmp_path, PLAIN)
    one = orders_of(configuration)["hub"]
    store = Store(store_url)
    numbers = numbers_of(store, configuration, [one])
    assert numbers_of(store, configuration, [one]) == numbers
    flow = flow_of(one, numbers)
    with store.write() as transaction:
        assert catalogue_of(transaction, one) == (None, None)
        products = stream_id(transaction, connection_id(transaction, "erp", "custom-database"), "products")
        assert catalogue_of(transaction, one) == (products, None)
    assert flow.channel != flow.routes[0].target
    store.close()


WRONG = {
    "a key that is not known": (PLAIN + "default_customer = 1\n", "did you mean 'default_customer_code'?"),
    "a connection that is not there": (
        PLAIN.replace('"hub"\n', '"hb"\n'),
        "from must name a connection, not 'hb'; did",
    ),
    "no target": ('[orders.hub]\nfrom = "hub"\n', 'needs to = "..." or at least one'),
    "a kind that is not known": (PLAIN + '[[orders.hub.documents]]\nkind = "bill"\n', "kind must be one of"),
    "the same document twice": (
        PLAIN + "[[orders.hub.documents]]\n[[orders.hub.documents]]\n",
        "cannot owe 'erp-write' two documents of kind 'sales_order'",
    ),
    "a discount item that is missing": (PLAIN + 'discount = "item"\n', "needs discount_code"),
    "an item for unknown SKUs that is missing": (PLAIN + 'unknown_sku = "item"\n', "needs unknown_item_code"),
    "a choice that is not there": (PLAIN + 'shipping = "free"\n', "shipping"),
    "a field that orders do not have": (PLAIN + 'fields.x = "{customer.shoe}"\n', "orders have no {customer.shoe}"),
    "a date that is none": (PLAIN + 'from_date = "soon"\n', "from_date must be a date"),
    "lines by something else": (
        PLAIN + '[[orders.hub.documents]]\nlines = { colour = ["red"] }\n',
        "unknown key 'colour'",
    ),
    "more decimals than prices have": (PLAIN + "decimals = 5\n", "decimals must be from 0 to price_decimals"),
    "two flows of one channel": (PLAIN + PLAIN.replace("orders.hub", "orders.two"), "are taken by [orders.hub]"),
    "several sources": (
        '[syncs.two]\nsource = "warehouse"\nchannels = ["hub"]\nstreams = ["customers"]\n' + PLAIN,
        'say items_from = "..."',
    ),
    "a page of none": (PLAIN + "page_size = 0\n", "page_size must be a whole number"),
    "states that are no list": (PLAIN + 'states = "new"\n', "states must be a list"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_its_place(tmp_path, name):
    """The text says which table, which key, and what it should be."""
    text, message = WRONG[name]
    with pytest.raises(ConfigError) as refused:
        orders_of(read(tmp_path, text))
    assert message in str(refused.value)
    assert "orders." in str(refused.value)
