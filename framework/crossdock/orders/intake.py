"""Intake: an order is accepted once, whoever brings it and however often; accepted means committed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from crossdock.contract import OrderPage
from crossdock.orders.content import cleaned, content_hash, customer_key, printable
from crossdock.orders.lane import Lane
from crossdock.orders.options import GO, Flow
from crossdock.orders.port import OrderChannelPort
from crossdock.orders.problems import Problem
from crossdock.orders.routing import Part, promises, split
from crossdock.orders.summary import IntakeSummary
from crossdock.records import Order, decode, encode
from crossdock.store import Store, Transaction, ledger, ledger_intake, ledger_report, orders
from crossdock.store.ledger import Step
from crossdock.store.ledger_states import CANCELLED, CONFIRMED, RAISED, SENDING, UNKNOWN
from crossdock.store.orders import Placed

LONGEST_CODE = 200
"""Characters of an order's code; no channel known has more than 64."""
LONGEST_REASON = 1000
"""Characters of the reason why an order was not understood."""
MOST_BYTES = 4 * 1024 * 1024
"""Bytes of an encoded order; ten thousand lines are about one million."""

ACCEPTED, REPEATED, WAITING, SKIPPED = "accepted", "repeated", "waiting", "skipped"
CONFLICT, REJECTED, HELD, TAKEN_BACK = "conflict", "rejected", "held", "cancelled"
COUNTERS = {
    ACCEPTED: "accepted",
    REPEATED: "repeated",
    WAITING: "waiting",
    SKIPPED: "skipped",
    CONFLICT: "conflicts",
    REJECTED: "rejected",
    HELD: "held",
    TAKEN_BACK: "cancelled",
}


class Taken(NamedTuple):
    """What became of an order at its intake."""

    outcome: str
    """`accepted`, `repeated`, `waiting`, `skipped`, `conflict`, `rejected`, `held` or `cancelled`."""
    order: int | None
    """Its number. None: it is not kept."""
    reason: str | None = None


class _Decision(NamedTuple):
    """What is made of an order that owes nothing yet."""

    state: str
    outcome: str
    reason: str | None = None
    parts: Sequence[Part] = ()

    def event(self) -> str:
        """Gives the word for it in the history."""
        return ACCEPTED if self.state == orders.SPLIT else self.state


class Intake:
    """Accepts the orders of one flow within transactions that others open."""

    def __init__(self, flow: Flow, actor: str) -> None:
        """Takes the flow, and who brings the orders: the lane, or a person."""
        self.flow, self.actor = flow, actor

    def accept(self, transaction: Transaction, given: Order) -> Taken:
        """Accepts one order, notes that it came again, or says why not."""
        order = cleaned(given)
        wrong = _unfit(order)
        if wrong is not None:
            return self.reject(transaction, order.channel_order_code, wrong)
        there = orders.find(transaction, self.flow.channel, order.channel_order_code)
        if there is None:
            return self._first(transaction, order)
        if there.state != orders.SPLIT:
            return self._again_unsplit(transaction, there, order)
        return self._again(transaction, there, order)

    def reject(self, transaction: Transaction, code: str, reason: str) -> Taken:
        """Notes an order that was not understood, so that it does not disappear."""
        code, reason = _shown_code(code), printable(reason)[:LONGEST_REASON]
        there = orders.find(transaction, self.flow.channel, code)
        if there is None:
            number = orders.add(transaction, self.flow.channel, code, state=orders.REJECTED, reason=reason)
            if number is not None:
                ledger.note(transaction, number, None, orders.REJECTED, Step(self.actor, reason))
            return Taken(REJECTED, number, reason)
        if there.state == orders.REJECTED and there.reason != reason:
            orders.change(transaction, there.id, reason=reason)
            ledger.note(transaction, there.id, None, orders.REJECTED, Step(self.actor, reason))
        return Taken(REJECTED, there.id, reason)

    def _first(self, transaction: Transaction, order: Order) -> Taken:
        if self._is_too_old(order):
            return Taken(SKIPPED, None, "ordered before from_date")
        found = self._decide(order)
        values = {**_columns(order), "state": found.state, "reason": found.reason}
        number = orders.add(transaction, self.flow.channel, order.channel_order_code, **values)
        if number is None:
            return Taken(REPEATED, None)
        ledger.note(transaction, number, None, found.event(), Step(self.actor, found.reason))
        return self._owe(transaction, number, order, found)

    def _is_too_old(self, order: Order) -> bool:
        first = self.flow.from_date
        return first is not None and order.ordered_at is not None and order.ordered_at < first

    def _again_unsplit(self, transaction: Transaction, there: Placed, order: Order) -> Taken:
        """Takes an order that owes nothing yet as it is now."""
        found = self._decide(order)
        orders.change(transaction, there.id, **_columns(order), state=found.state, reason=found.reason)
        if (there.state, there.reason) != (found.state, found.reason):
            ledger.note(transaction, there.id, None, found.event(), Step(self.actor, found.reason))
        return self._owe(transaction, there.id, order, found)

    def _decide(self, order: Order) -> _Decision:
        """Says whether an order is split, kept for later, held, or taken back."""
        if order.status is not None and order.status in self.flow.cancel_states:
            return _Decision(orders.CANCELLED, TAKEN_BACK, f"the channel says {order.status!r}")
        waits = self._waits(order)
        if waits is not None:
            return _Decision(orders.WAITING, WAITING, waits)
        parts = split(order, self.flow.routes)
        if isinstance(parts, Problem):
            return _Decision(orders.HELD, HELD, f"{parts.reason}: {parts.cure}")
        return _Decision(orders.SPLIT, ACCEPTED, None, parts)

    def _waits(self, order: Order) -> str | None:
        """Says why an order is not to be sent on yet, None where it is."""
        if (order.instruction or "") not in GO:
            return f"the channel says {order.instruction!r}"
        if self.flow.states and order.status not in self.flow.states:
            return f"its state is {order.status!r}; orders are sent on as {', '.join(map(repr, self.flow.states))}"
        return None

    def _owe(self, transaction: Transaction, number: int, order: Order, found: _Decision) -> Taken:
        """Splits off the documents owed, if any: once, in the transaction that keeps the order."""
        promised = promises(order, found.parts)
        for part in found.parts:
            owed = (part.route.target, part.route.kind, part.lines(), int(part.has_charges))
            document = ledger.add(transaction, number, owed, Step(self.actor, f"owed to {part.route.to}"))
            ledger_report.reserve(transaction, document, promised[part.route.target, part.route.kind])
        return Taken(found.outcome, number, found.reason)

    def _again(self, transaction: Transaction, there: Placed, order: Order) -> Taken:
        """Compares an order that was split with what came now."""
        if order.status is not None and order.status in self.flow.cancel_states:
            return self._take_back(transaction, there, order.status)
        found = content_hash(order)
        if found in (there.content_hash, there.other_hash, there.declined_hash):
            return Taken(REPEATED, there.id)
        if there.body is None or content_hash(decode(there.body, Order)) == found:
            return Taken(REPEATED, there.id)  # another version of this program hashed it
        orders.change(transaction, there.id, other_hash=found, other_body=encode(order))
        reason = "it came again with other content"
        ledger.note(transaction, there.id, None, CONFLICT, Step(self.actor, reason, f"order {found.hex()}"))
        return Taken(CONFLICT, there.id, reason)

    def _take_back(self, transaction: Transaction, there: Placed, status: str) -> Taken:
        """Notes that an order is not to be sent any more; what of it is still owed the `raise` lane cancels."""
        reason = f"the channel says {status!r}"
        if there.taken_back is not None:
            return Taken(REPEATED, there.id)
        return Taken(TAKEN_BACK, there.id, take_back(transaction, there, Step(self.actor, reason)))


def take_back(transaction: Transaction, there: Placed, step: Step) -> str:
    """Takes an order back that was split. Gives what the history says of it.

    A document that seems unsent is not cancelled here: where the store was put back from a backup, only a look into the
    target can tell.
    """
    sent = (SENDING, UNKNOWN, RAISED, CONFIRMED)
    late = [
        one.document_code or one.reference or one.kind
        for one in ledger.documents_of(transaction, there.id)
        if one.state in sent
    ]
    note = f"{step.note}; too late for {', '.join(late)}: cancel it in the ERP" if late else step.note or ""
    orders.change(transaction, there.id, taken_back=step.note, reason=note)
    ledger.note(transaction, there.id, None, CANCELLED, step._replace(note=note))
    return note


def _columns(order: Order) -> dict[str, object]:
    return {
        "content_hash": content_hash(order),
        "body": encode(order),
        "customer_key": customer_key(order),
        "ordered_at": None if order.ordered_at is None else order.ordered_at.timestamp(),
    }


def _unfit(order: Order) -> str | None:
    """Says why an order cannot be kept at all, None where it can."""
    if not order.channel_order_code:
        return "the order has no code"
    if len(order.channel_order_code) > LONGEST_CODE:
        return f"the order's code has more than {LONGEST_CODE} characters"
    moment = order.ordered_at
    if isinstance(moment, datetime) and moment.tzinfo is None:
        return "the order's date has no time zone"
    try:
        size = len(encode(order))
    except ValueError as problem:
        return f"the order has a number that cannot be kept: {problem}"
    return f"the order is larger than {MOST_BYTES} bytes" if size > MOST_BYTES else None


def _shown_code(code: str) -> str:
    """Gives a code under which a bad order can be kept and found."""
    return printable(code)[:LONGEST_CODE] or "(no code)"


def submit(store: Store, flow: Flow, order: Order, actor: str) -> Taken:
    """Accepts one order that somebody handed over: a call of the channel, a person with a file.

    What it gives is committed and on the disk.
    """
    with store.write(durable=True) as transaction:
        return Intake(flow, actor).accept(transaction, order)


class Reader:
    """One run of an `intake` lane: a channel's orders since the last one, with an overlap from time to time."""

    def __init__(self, lane: Lane, port: OrderChannelPort, flow: Flow) -> None:
        """Takes the lane, the open channel, and the flow."""
        self.lane, self.port, self.flow = lane, port, flow
        self.intake = Intake(flow, lane.actor)
        self.summary = IntakeSummary(flow.channel_name)
        self.on_page: Callable[[IntakeSummary], None] = lambda _: None

    def run(self, *, sweep: bool = False) -> IntakeSummary:
        """Reads the channel; each page is committed with its cursor.

        Args:
            sweep: whether to read with an overlap now; it is done by itself every `sweep_every_s`.

        Raises:
            TransientError, ConnectionSetupError, PluginError: the channel failed; what was committed stands.
            FenceLostError: another run took the lane over.
        """
        with self.lane.store.read() as transaction:
            reading, now = ledger_intake.reading(transaction, self.flow.channel), transaction.now()
        due = reading.swept_at is None or not 0 <= now - reading.swept_at < self.flow.sweep_every_s
        self.summary.swept = sweep or due
        since = reading.before(now - self.flow.sweep_span_s) if self.summary.swept else reading.cursor
        for page in self.port.read_orders(since, self.flow.page_size):
            self._keep(page)
            self.on_page(self.summary)
        if self.summary.swept:
            self._note_swept()
        return self.summary

    def _keep(self, page: OrderPage) -> None:
        """Commits a page: its orders, and the place to go on from."""
        with self.lane.writing() as transaction:
            outcomes = [self.intake.accept(transaction, one) for one in page.orders]
            outcomes += [self.intake.reject(transaction, code, reason) for code, reason in page.rejected]
            if page.cursor is not None:
                reading = ledger_intake.reading(transaction, self.flow.channel)._replace(cursor=page.cursor)
                reading = reading.marked(transaction.now(), self.flow.sweep_span_s / 8)
                ledger_intake.save(transaction, self.flow.channel, reading)
        self.summary.read += len(outcomes)
        for one in outcomes:
            name = COUNTERS[one.outcome]
            setattr(self.summary, name, getattr(self.summary, name) + 1)

    def _note_swept(self) -> None:
        with self.lane.writing() as transaction:
            reading = ledger_intake.reading(transaction, self.flow.channel)
            ledger_intake.save(transaction, self.flow.channel, reading._replace(swept_at=transaction.now()))
