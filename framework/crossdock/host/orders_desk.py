"""The desk of orders over the configured flows: what there is, its history, and what a person decides."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from crossdock.contract import ConfigError, CrossdockError
from crossdock.host.config import Configuration
from crossdock.host.orders_config import flow_of, numbers_of, orders_of
from crossdock.orders import desk
from crossdock.orders.intake import Taken
from crossdock.orders.options import Flow
from crossdock.orders.submission import submit_all
from crossdock.store import Store, ledger, ledger_report, orders
from crossdock.store.ledger import Document, Event
from crossdock.store.ledger_report import Entry
from crossdock.store.orders import Placed


class Shown(Struct):
    """One order with all that is known of it."""

    order: Placed
    documents: list[Document]
    history: list[Event]


class OrderDesk:
    """The desk of one configuration on one store."""

    def __init__(self, configuration: Configuration, store: Store, actor: str) -> None:
        """Takes the configuration, the store, and who sits at the desk.

        Raises:
            ConfigError: an `[orders.NAME]` is wrong, or there is none.
        """
        self.store, self.actor = store, actor
        given = orders_of(configuration)
        numbers = numbers_of(store, configuration, given.values())
        self.flows = {name: flow_of(one, numbers) for name, one in given.items()}
        if not self.flows:
            message = "no orders are configured; write [orders.NAME] with from and to"
            raise ConfigError(message)
        self.names = {flow.channel: flow.channel_name for flow in self.flows.values()}
        self.names |= {route.target: route.to for flow in self.flows.values() for route in flow.routes}

    def flow(self, name: str | None) -> Flow:
        """Gives a flow by name; without one the only flow.

        Raises:
            ConfigError: there is none of that name, or there are several and none was named.
        """
        if name is None and len(self.flows) == 1:
            return next(iter(self.flows.values()))
        if name in self.flows:
            return self.flows[name]
        near = get_close_matches(str(name), self.flows, n=1)
        known = ", ".join(self.flows)
        message = (
            f"say which orders are meant: {known}"
            if name is None
            else f"there is no [orders.{name}]; " + (f"did you mean {near[0]!r}?" if near else f"known: {known}")
        )
        raise ConfigError(message)

    def flow_with(self, code: str, name: str | None) -> Flow:
        """Gives the flow that has an order of this code; the name is needed only where several have.

        Raises:
            CrossdockError: none has, or several have and none was named.
        """
        if name is not None:
            return self.flow(name)
        with self.store.read() as transaction:
            found = [flow for flow in self.flows.values() if orders.find(transaction, flow.channel, code) is not None]
        if len(found) == 1:
            return found[0]
        message = (
            f"there is no order {code!r}; crossdock orders list shows what there is"
            if not found
            else f"several channels have an order {code!r}; say which with --flow"
        )
        raise CrossdockError(message)

    def listed(self, name: str | None, state: str | None, *, only_missing: bool) -> list[Entry]:
        """Gives documents, and orders that owe none, the oldest first."""
        channel = self.flow(name).channel if name is not None else None
        with self.store.read() as transaction:
            if only_missing:
                return ledger_report.missing(transaction, channel)
            return ledger_report.listed(transaction, channel, state)

    def shown(self, code: str, name: str | None) -> Shown:
        """Gives one order with its documents and its history."""
        flow = self.flow_with(code, name)
        with self.store.read() as transaction:
            order = orders.find(transaction, flow.channel, code)
            if order is None:
                message = f"there is no order {code!r} in [orders.{flow.name}]"
                raise CrossdockError(message)
            documents, history = ledger.documents_of(transaction, order.id), ledger.history(transaction, order.id)
        return Shown(order, documents, history)

    def retry(self, code: str, name: str | None, document: int | None) -> list[Document]:
        """Lets an order try again, as `orders.desk.retry`."""
        return desk.retry(self.store, self.flow_with(code, name), code, self.actor, document)

    def raised(self, code: str, name: str | None, found: tuple[str, int | None]) -> list[Document]:
        """Notes that a person found a document in the target, as `orders.desk.resolve_raised`."""
        return [desk.resolve_raised(self.store, self.flow_with(code, name).channel, code, found, self.actor)]

    def cancelled(self, code: str, name: str | None, why: tuple[str, int | None]) -> list[Document]:
        """Ends what is owed, as `orders.desk.resolve_cancelled`; takes the reason, and which document (None: all)."""
        channel = self.flow_with(code, name).channel
        return desk.resolve_cancelled(self.store, channel, code, why[0], self.actor, why[1])

    def kept(self, code: str, name: str | None) -> list[Document]:
        """Lets the first content stand, as `orders.desk.resolve_keep`."""
        return desk.resolve_keep(self.store, self.flow_with(code, name).channel, code, self.actor)

    def taken(self, code: str, name: str | None) -> list[Document]:
        """Lets the later content stand, as `orders.desk.resolve_take`."""
        return desk.resolve_take(self.store, self.flow_with(code, name), code, self.actor)

    def submit(self, name: str | None, body: bytes) -> Sequence[Taken]:
        """Takes in orders from JSON, as `orders.submission.submit_all`."""
        return submit_all(self.store, self.flow(name), body, self.actor)

    def name_of(self, connection: int | None) -> str:
        """Gives a connection's name, its number where the configuration no longer has it."""
        return "" if connection is None else self.names.get(connection, f"connection {connection}")


def entry_as_data(found: Entry, of: OrderDesk) -> dict[str, Any]:
    """Gives an entry as plain data."""
    return {
        "channel": of.name_of(found.channel),
        "code": found.channel_order_code,
        "document": found.document,
        "target": of.name_of(found.target) or None,
        "kind": found.kind,
        "state": found.state,
        "reason": found.reason,
        "cure": found.cure,
        "reference": found.reference,
        "document_code": found.document_code,
        "age_s": round(found.age_s),
    }
