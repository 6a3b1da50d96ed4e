"""A plugin's order hooks behind the port of `orders`, in this process: its target proved without a child."""

from collections.abc import Iterator, Sequence
from typing import Any

from crossdock.contract import Manifest, Read, Receipt, ShipmentPage
from crossdock.fieldmap import FieldMap, Table
from crossdock.records import Customer, OrderDocument

HOOKS = ("write_order", "find_order", "create_customer", "find_customer", "read_shipments")


class PluginTarget:
    """An open session of a plugin; implements `orders.port.TargetPort`."""

    def __init__(self, plugin: Any, session: Any) -> None:
        """Takes the plugin object and what its `open_session` yielded."""
        self.plugin, self.session = plugin, session
        self.manifest: Manifest = plugin.describe()
        self.hooks = tuple(hook for hook in HOOKS if hasattr(plugin, hook))

    def write_order(self, document: OrderDocument, deadline_s: float) -> Receipt:
        """Writes a document."""
        found: Receipt = self.plugin.write_order(session=self.session, document=document, deadline_s=deadline_s)
        return found

    def find_order(self, reference: str) -> Sequence[Receipt]:
        """Looks up documents by reference."""
        found: Sequence[Receipt] = self.plugin.find_order(session=self.session, reference=reference)
        return found

    def create_customer(self, customer: Customer, reference: str, deadline_s: float) -> str:
        """Creates an account."""
        code: str = self.plugin.create_customer(
            session=self.session, customer=customer, reference=reference, deadline_s=deadline_s
        )
        return code

    def find_customer(self, customer: Customer, reference: str) -> Sequence[str]:
        """Looks up accounts by our reference."""
        found: Sequence[str] = self.plugin.find_customer(session=self.session, customer=customer, reference=reference)
        return found

    def read_shipments(self, since: str | None, page_size: int) -> Iterator[ShipmentPage]:
        """Gives shipments since a cursor."""
        no_map = FieldMap("shipments", Table("shipments", key="id"), ())
        yield from self.plugin.read_shipments(
            session=self.session, read=Read(fields=no_map, since=since, page_size=page_size)
        )
