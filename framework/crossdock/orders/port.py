"""What `orders` needs of a plugin: ports with methods of the hooks' names. `host.child_port` implements them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from crossdock.contract import Manifest, OrderPage, Outcome, Receipt, Result, ShipmentPage
from crossdock.records import Customer, OrderDocument, Shipment


class TargetPort(Protocol):
    """An open session of a target: an ERP, a warehouse service.

    None of its methods is tried again below this port: a second call may make a second document.
    """

    @property
    def manifest(self) -> Manifest:
        """Gives what the plugin says of itself."""
        ...

    @property
    def hooks(self) -> tuple[str, ...]:
        """Gives the hooks that the plugin implements."""
        ...

    def write_order(self, document: OrderDocument, deadline_s: float) -> Receipt:
        """Writes a document.

        Raises:
            RefusedError: a definite no; nothing was written.
            NotSentError: proved that nothing left this machine.
            Exception: anything else says nothing about what became of the document.
        """
        ...

    def find_order(self, reference: str) -> Sequence[Receipt]:
        """Looks up documents by our reference; an empty answer means: looked, and not there."""
        ...

    def create_customer(self, customer: Customer, reference: str, deadline_s: float) -> str:
        """Creates an account and gives its code; raises as `write_order`."""
        ...

    def find_customer(self, customer: Customer, reference: str) -> Sequence[str]:
        """Looks up accounts by our reference, as `find_order` does documents."""
        ...

    def read_shipments(self, since: str | None, page_size: int) -> Iterator[ShipmentPage]:
        """Gives shipments since a cursor."""
        ...


class OrderChannelPort(Protocol):
    """An open session of a channel that gives orders."""

    @property
    def manifest(self) -> Manifest:
        """Gives what the plugin says of itself."""
        ...

    @property
    def hooks(self) -> tuple[str, ...]:
        """Gives the hooks that the plugin implements."""
        ...

    def read_orders(self, since: str | None, page_size: int) -> Iterator[OrderPage]:
        """Gives orders since a cursor; one may come again."""
        ...

    def confirm_order(self, channel_order_code: str, outcomes: Sequence[Outcome]) -> None:
        """Tells the channel what became of every document of an order; may be called again."""
        ...

    def write_shipments(self, shipments: Sequence[Shipment]) -> Sequence[Result]:
        """Tells the channel of shipments; results carry the shipment's code."""
        ...
