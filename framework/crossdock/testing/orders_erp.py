"""A fake ERP that takes orders: of each class, with every way to fail. Its documents are the witness of every proof."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from msgspec import Struct

from crossdock.contract import (
    Manifest,
    NotSentError,
    Receipt,
    RefusedError,
    ShipmentPage,
    TransientError,
)
from crossdock.records import Customer, OrderDocument, Shipment, ShipmentLine
from crossdock.testing.orders_clock import Boundaries, FakeClock

Fault = Literal["ok", "lost", "late", "never", "refuse", "not_sent", "slow", "liar", "twist"]
"""What a writing call does: it works; stores and loses the answer; stores after the time-out; stores nothing and does
not answer; says no; proves that nothing left; answers late; says yes and stores nothing; stores another total."""
DELAY_S, DEADLINE_S = 60.0, 30.0
HOOKS = ("write_order", "find_order", "create_customer", "find_customer", "read_shipments")


class Stored(Struct):
    """One document in the ERP."""

    document_code: str
    reference: str
    kind: str
    channel_order_code: str
    customer_code: str
    total: Decimal
    skus: tuple[str, ...] = ()
    is_cancelled: bool = False


class _Late(NamedTuple):
    """Something that the ERP commits later."""

    at: float
    commit: Callable[[], object]


class OrderErp:
    """The ERP itself: what is in it stays, whatever happens to those who call."""

    def __init__(
        self, clock: FakeClock, order_key: Literal["enforced", "searchable", "neither"] = "searchable"
    ) -> None:
        """Takes the clock, and whether it wants references unique, can search them, or neither."""
        self.clock, self.order_key = clock, order_key
        self.documents: list[Stored] = []
        self.customers: dict[str, str] = {}
        """Our reference by account."""
        self.shipments: list[Shipment] = []
        self.refused_skus: set[str] = set()
        self.faults: deque[Fault] = deque()
        """What the next writing calls do; then they work."""
        self.customer_faults: deque[Fault] = deque()
        self.failing_lookups = 0
        """How many of the next look-ups fail."""
        self.hides_for = 0
        self.calls = 0
        self.during: Callable[[], None] | None = None
        """What happens elsewhere while the next writing call is under way."""
        self.late: list[_Late] = []

    def arrive(self) -> None:
        """Commits what was on its way."""
        due = [one for one in self.late if one.at <= self.clock.ticks]
        self.late = [one for one in self.late if one.at > self.clock.ticks]
        for one in sorted(due):
            one.commit()

    def store(self, document: OrderDocument, total: Decimal | None = None) -> Stored | None:
        """Commits a document; None where references must be unique and this one is there."""
        if self.order_key == "enforced" and self.carrying(document.reference):
            return None
        stored = Stored(
            f"SO{len(self.documents) + 1:05}",
            document.reference,
            document.kind,
            document.channel_order_code,
            document.customer_code,
            document.total if total is None else total,
            tuple(line.sku for line in document.lines),
        )
        self.documents.append(stored)
        return stored

    def carrying(self, reference: str) -> list[Stored]:
        """Gives the documents with a reference."""
        return [one for one in self.documents if one.reference == reference and not one.is_cancelled]

    def add_customer(self, reference: str) -> str:
        """Commits an account."""
        code = f"D{len(self.customers) + 1:04}"
        self.customers[code] = reference
        return code

    def ship(self, stored: Stored) -> Shipment:
        """Ships a document whole."""
        shipment = Shipment(
            shipment_code=f"{stored.document_code}/{len(self.shipments) + 1}",
            reference=stored.reference,
            lines=tuple(ShipmentLine(sku=sku, qty=Decimal(1)) for sku in stored.skus),
            tracking_number=f"T{len(self.shipments) + 1}",
        )
        self.shipments.append(shipment)
        return shipment


class FakeTarget:
    """An open session of an `OrderErp`; implements `orders.port.TargetPort`."""

    def __init__(self, erp: OrderErp, boundaries: Boundaries, *, reference_length: int = 20) -> None:
        """Takes the ERP, and where this host can die."""
        self.erp, self.boundaries = erp, boundaries
        self.manifest = Manifest(
            name="fake-erp",
            title="Fake ERP",
            order_key=erp.order_key,
            reference_length=reference_length,
            max_commit_delay_s=DELAY_S,
        )
        finds = erp.order_key != "neither"
        self.hooks = tuple(hook for hook in HOOKS if finds or not hook.startswith("find_"))

    def write_order(self, document: OrderDocument, deadline_s: float) -> Receipt:
        """Writes a document, or fails as planned."""
        self.boundaries.here("write_order before")
        self.erp.calls += 1
        fault: Fault = self.erp.faults.popleft() if self.erp.faults else "ok"
        self._meanwhile()
        self.erp.arrive()
        if any(line.sku in self.erp.refused_skus for line in document.lines):
            message = "the fake ERP does not sell that"
            raise RefusedError(message)
        receipt = self._written(document, deadline_s, fault)
        self.boundaries.here("write_order after")
        return receipt

    def _written(self, document: OrderDocument, deadline_s: float, fault: Fault) -> Receipt:
        self._break_off(fault, deadline_s, lambda: self.erp.store(document))
        if fault == "liar":
            return Receipt("SO99999", document.reference, document.total)
        stored = self.erp.store(document, document.total + 1 if fault == "twist" else None)
        if stored is None:
            message = f"reference {document.reference} exists already"
            raise RefusedError(message)
        if fault == "lost":
            self.boundaries.here("write_order after")
            self.erp.clock.advance(deadline_s)
            message = "the answer was lost"
            raise TransientError(message)
        return _receipt(stored)

    def _break_off(self, fault: Fault, deadline_s: float, commit: Callable[[], object]) -> None:
        """Carries out the faults that end before anything is stored."""
        if fault == "not_sent":
            message = "connection refused"
            raise NotSentError(message)
        if fault == "refuse":
            message = "the fake ERP is closed for stock-taking"
            raise RefusedError(message)
        if fault in ("late", "never"):
            if fault == "late":
                self.erp.late.append(_Late(self.erp.clock.ticks + deadline_s + DELAY_S * 0.9, commit))
            self.boundaries.here("write_order under way")
            self.erp.clock.advance(deadline_s)
            message = "no answer in time"
            raise TransientError(message)
        if fault == "slow":
            self.erp.clock.advance(deadline_s * 0.9)

    def _meanwhile(self) -> None:
        if self.erp.during is not None:
            during, self.erp.during = self.erp.during, None
            during()

    def _look(self) -> None:
        self.erp.arrive()
        if self.erp.failing_lookups > 0:
            self.erp.failing_lookups -= 1
            message = "the look-up timed out"
            raise TransientError(message)

    def find_order(self, reference: str) -> Sequence[Receipt]:
        """Looks up documents by reference."""
        self.boundaries.here("find_order before")
        self._look()
        found = [_receipt(one) for one in self.erp.carrying(reference)]
        self.boundaries.here("find_order after")
        return found

    def create_customer(self, customer: Customer, reference: str, deadline_s: float) -> str:
        """Creates an account, or fails as planned."""
        self.boundaries.here("create_customer before")
        fault: Fault = self.erp.customer_faults.popleft() if self.erp.customer_faults else "ok"
        self.erp.arrive()
        self._break_off(fault, deadline_s, lambda: self.erp.add_customer(reference))
        code = self.erp.add_customer(reference)
        self.boundaries.here("create_customer after")
        if fault == "lost":
            message = f"the answer about {customer.email} was lost"
            raise TransientError(message)
        return code

    def find_customer(self, customer: Customer, reference: str) -> Sequence[str]:
        """Looks up accounts by our reference."""
        self.boundaries.here("find_customer before")
        self._look()
        return [code for code, one in self.erp.customers.items() if one == reference]

    def read_shipments(self, since: str | None, page_size: int) -> Iterator[ShipmentPage]:
        """Gives shipments since a cursor."""
        begin = int(since or 0)
        for start in range(begin, len(self.erp.shipments), page_size):
            page = tuple(self.erp.shipments[start : start + page_size])
            yield ShipmentPage(page, str(start + len(page)))


def _receipt(stored: Stored) -> Receipt:
    return Receipt(stored.document_code, stored.reference, stored.total, stored.customer_code)
