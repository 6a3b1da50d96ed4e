"""A fake channel that gives orders and is told of them, with every way to fail."""

from collections.abc import Iterator, Sequence

from crossdock.contract import Manifest, OrderPage, Outcome, RefusedError, Result, TransientError
from crossdock.records import Order, Shipment
from crossdock.testing.orders_clock import Boundaries

HOOKS = ("read_orders", "confirm_order", "write_shipments")


class OrderShop:
    """The channel itself: every placing or change of an order is one more line of its journal."""

    def __init__(self) -> None:
        """Starts empty."""
        self.journal: list[Order] = []
        self.told: dict[str, tuple[Outcome, ...]] = {}
        """What it was last told, by order."""
        self.shipped: dict[str, Shipment] = {}
        self.rejected: tuple[tuple[str, str], ...] = ()
        self.fail_reading = self.fail_telling = self.lose_telling = 0
        self.refuses: set[str] = set()
        self.repeats = False
        self.reorders = False

    def place(self, order: Order) -> Order:
        """Places an order, or changes one."""
        self.journal.append(order)
        return order

    def codes(self) -> list[str]:
        """Gives the codes of all orders."""
        return list(dict.fromkeys(one.channel_order_code for one in self.journal))


class FakeOrderChannel:
    """An open session of an `OrderShop`; implements `orders.port.OrderChannelPort`."""

    def __init__(self, shop: OrderShop, boundaries: Boundaries) -> None:
        """Takes the channel, and where this host can die."""
        self.shop, self.boundaries = shop, boundaries
        self.manifest = Manifest(name="fake-shop", title="Fake shop")
        self.hooks = HOOKS

    def read_orders(self, since: str | None, page_size: int) -> Iterator[OrderPage]:
        """Gives the journal since a cursor; it may repeat a page and turn it round."""
        for start in range(int(since or 0), len(self.shop.journal), page_size):
            self.boundaries.here("read_orders page")
            if self.shop.fail_reading > 0:
                self.shop.fail_reading -= 1
                message = "the fake shop is gone"
                raise TransientError(message)
            page = self.shop.journal[start : start + page_size]
            given = tuple(reversed(page) if self.shop.reorders else page)
            rejected, self.shop.rejected = self.shop.rejected, ()
            yield OrderPage(given, str(start + len(page)), rejected)
            if self.shop.repeats:
                yield OrderPage(given, str(start + len(page)))

    def confirm_order(self, channel_order_code: str, outcomes: Sequence[Outcome]) -> None:
        """Is told what became of an order, or fails as planned."""
        self.boundaries.here("confirm_order before")
        if channel_order_code in self.shop.refuses:
            message = f"the fake shop has no order {channel_order_code}"
            raise RefusedError(message)
        if self.shop.fail_telling > 0:
            self.shop.fail_telling -= 1
            message = "the fake shop is gone"
            raise TransientError(message)
        self.shop.told[channel_order_code] = tuple(outcomes)
        self.boundaries.here("confirm_order after")
        if self.shop.lose_telling > 0:
            self.shop.lose_telling -= 1
            message = "the fake shop's answer was lost"
            raise TransientError(message)

    def write_shipments(self, shipments: Sequence[Shipment]) -> Sequence[Result]:
        """Is told of shipments."""
        self.boundaries.here("write_shipments before")
        for one in shipments:
            self.shop.shipped[one.shipment_code] = one
        return [Result(one.shipment_code) for one in shipments]
