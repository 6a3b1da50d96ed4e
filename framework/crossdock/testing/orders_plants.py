"""Faults put into the program on purpose: a suite that does not notice them proves nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple
from unittest.mock import patch

from crossdock.contract import Receipt, TransientError
from crossdock.orders.lane import Lane, Sent
from crossdock.orders.raising import Raiser, Target, _Ready
from crossdock.records import Customer, OrderDocument
from crossdock.store import Transaction, ledger
from crossdock.store.ledger import Document, Step
from crossdock.testing.orders_erp import FakeTarget


class HastyLane(Lane):
    """Does not wait until the target can no longer commit."""

    def is_settled(self, one: Sent, now: float) -> bool:
        """Says yes at once."""
        return True


class UnfencedLane(Lane):
    """Writes though another run took the lane over."""

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Opens a transaction without a look at the lease."""
        with self.store.write(durable=True) as transaction:
            yield transaction


class LateRaiser(Raiser):
    """Calls first and commits the intent afterwards."""

    def _send(self, ready: _Ready) -> None:
        answer: list[Any] = []
        port = self.port
        try:
            answer.append(port.write_order(ready.prepared, self.target.deadline_s))
        except Exception as problem:  # noqa: BLE001  # given back below
            answer.append(problem)
        self.port = _Answered(port, answer)
        try:
            super()._send(ready)
        finally:
            self.port = port


class _Answered:
    """A target that gives the answer it gave already."""

    def __init__(self, port: Any, answer: list[Any]) -> None:
        self._port, self._answer = port, answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def write_order(self, document: OrderDocument, deadline_s: float) -> Receipt:
        """Gives the answer."""
        found = self._answer.pop()
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, Receipt)  # noqa: S101  # what the port gave
        return found


class TrustingRaiser(Raiser):
    """Sends without a look whether the document is there."""

    def _is_to_be_sent(self, ready: _Ready) -> bool:
        return True


class BelievingTarget(FakeTarget):
    """Takes a look-up that fails for one that finds nothing."""

    def find_order(self, reference: str) -> Sequence[Receipt]:
        """Looks up documents, or pretends to."""
        try:
            return super().find_order(reference)
        except TransientError:
            return []

    def find_customer(self, customer: Customer, reference: str) -> Sequence[str]:
        """Looks up accounts, or pretends to."""
        try:
            return super().find_customer(customer, reference)
        except TransientError:
            return []


class RetryingTarget(FakeTarget):
    """Calls again where no answer came, as many an HTTP client does by itself."""

    def write_order(self, document: OrderDocument, deadline_s: float) -> Receipt:
        """Writes a document, once or twice."""
        try:
            return super().write_order(document, deadline_s)
        except TransientError:
            return super().write_order(document, deadline_s)


def unfenced_move(transaction: Transaction, was: Document, to: str, step: Step, **values: Any) -> Document:
    """Moves a document as if it were still what the caller knew."""
    now = ledger.document(transaction, was.id)
    changes = {"reason": None, "cure": None, **values, "state": to, "changed_at": transaction.now()}
    assignments = ", ".join(f"{column} = ?" for column in changes)
    transaction.change(f"UPDATE document SET {assignments} WHERE id = ?", *changes.values(), was.id)  # noqa: S608
    transaction.change("UPDATE orders SET version = version + 1 WHERE id = ?", now.orders)
    ledger.note(transaction, was.orders, was.id, to, step)
    return ledger.document(transaction, was.id)


class Plant(NamedTuple):
    """One fault."""

    name: str
    raising: Callable[[Lane, Any, Target], Raiser] = Raiser
    port: type[FakeTarget] = FakeTarget
    patching: Callable[[], AbstractContextManager[Any]] = nullcontext
    moves: tuple[str, ...] = ()
    """Moves that are made more often, because the fault shows after them."""


def _on(lane_type: type[Lane]) -> Callable[[Lane, Any, Target], Raiser]:
    return lambda lane, port, target: Raiser(lane_type(lane.store, lane.lease, lane.tick), port, target)


PLANTS = (
    Plant("no settle window", _on(HastyLane), moves=("fault", "round", "outage")),
    Plant(
        "a failed look-up taken for a miss",
        port=BelievingTarget,
        moves=("outage",),
    ),
    Plant("another try in the toolkit", port=RetryingTarget, moves=("fault", "round")),
    Plant("the intent committed after the call", LateRaiser, moves=("fault", "die", "round")),
    Plant(
        "the fence dropped",
        _on(UnfencedLane),
        patching=lambda: patch.object(ledger, "move", unfenced_move),
        moves=("rival", "round"),
    ),
    Plant(
        "a store put back that goes unnoticed",
        lambda lane, port, target: Raiser(lane, port, target._replace(marks=None)),
        moves=("disaster",),
    ),
    Plant("no look before sending", TrustingRaiser, moves=("disaster",)),
)
