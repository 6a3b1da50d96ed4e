"""The Stock2Shop hub as a channel for products and customers."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from crossdock import (
    Config,
    CustomerDelivery,
    Delivery,
    Finding,
    Manifest,
    Memory,
    Result,
    Setting,
    hookimpl,
)
from crossdock_stock2shop import customers, delivery
from crossdock_stock2shop.client import Hub

MANIFEST = Manifest(
    name="stock2shop",
    title="Stock2Shop",
    settings=(
        Setting("url", "address of the API, such as https://app.stock2shop.com/v1", required=True),
        Setting("username", "user of the hub, for this connection alone", required=True),
        Setting("password", "its password", required=True, secret=True),
        Setting("source_id", "number of the hub's source that the products belong to", kind="integer", required=True),
        Setting("customers_path", "CSV file for the hub's customer import, kept current", kind="path"),
        Setting("rate", "requests a second at first; the hub's answers correct it", kind="number", default=3),
        Setting("timeout_s", "seconds to wait for an answer", kind="number", default=30),
        Setting("drain_timeout_s", "seconds to wait until the hub has processed a batch", kind="number", default=120),
    ),
    features=(
        "Posts products with exactly one variant an entry and waits until the hub has worked off what it queued.",
        "Posting is repeatable: what comes again changes nothing.",
        "An item that is gone or not active is taken off sale, not deleted.",
        "Quantities and grams are rounded down to whole numbers; below nothing counts as nothing.",
        "Pictures, categories and attributes of a variant are not sent: the hub's call has no place for them.",
        "Items that swap SKUs among themselves, up to 50 a batch, are taken off sale for a moment; no other item is.",
        "Customers go to a CSV file in the shape of the hub's import, one row each, always the whole file: importing "
        "it twice changes nothing. Customers that are gone leave the file; the hub keeps them.",
        "Does not take orders from the hub, and does not see what others change there.",
        "All runs of a connection share one token and log in once.",
    ),
    batch_size=delivery.MAX_ENTRIES,
    rate_per_s=3.0,
    hosts=("url",),
)


class Stock2ShopPlugin:
    """The hooks; the work is in `client`, `delivery` and `customers`."""

    @hookimpl
    def describe(self) -> Manifest:
        """Says what the plugin is."""
        return MANIFEST

    @hookimpl
    @contextmanager
    def open_session(self, config: Config, memory: Memory) -> Iterator[Hub]:
        """Logs in, or takes the token that is there, and makes sure that the source exists."""
        hub = Hub(config, memory)
        try:
            hub.check_source()
            yield hub
        finally:
            hub.close()

    @hookimpl
    def check(self, session: Hub) -> Sequence[Finding]:
        """Says what the login reaches; opening has proved login and source."""
        waiting = session.waiting()
        source = session.sources()[str(session.source_id)]
        found = [
            Finding("login", "ok", "the hub accepts the login"),
            Finding("source", "ok", f"source {session.source_id} is there: {source}"),
            Finding("queue", "ok", f"{waiting} things wait in the hub's queue"),
        ]
        if session.customers_path is None:
            found.append(Finding("customers", "warning", customers.NO_PATH))
        return found

    @hookimpl
    def write_products(self, session: Hub, deliveries: Sequence[Delivery]) -> Sequence[Result]:
        """Posts every item that is due and waits until it is processed."""
        return delivery.deliver(session, deliveries)

    @hookimpl
    def write_customers(self, session: Hub, deliveries: Sequence[CustomerDelivery]) -> Sequence[Result]:
        """Brings the import file up to date."""
        return customers.keep(session.customers_path, deliveries)


plugin = Stock2ShopPlugin()
