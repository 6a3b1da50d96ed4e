"""The `raise` lane: every document owed to one target is written there once.

The intent is committed before the call. After it only a receipt, a refusal, or the proof that nothing left this machine
is an answer; everything else leaves the document unknown, and `settling` finds out.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

import msgspec
from msgspec import structs

from crossdock.contract import ConnectionSetupError, NotSentError, PluginError, Receipt, RefusedError
from crossdock.orders.account_creation import Accounts
from crossdock.orders.accounts import Choice, choose
from crossdock.orders.content import cleaned
from crossdock.orders.lane import Lane
from crossdock.orders.options import Flow, OrderOptions
from crossdock.orders.port import TargetPort
from crossdock.orders.prepare import Owed, prepare
from crossdock.orders.problems import PreparationError, Problem
from crossdock.orders.reference import references
from crossdock.orders.restored import Guard, Marks
from crossdock.orders.settling import PATIENCE, Lookups, Settler, Verdict, differences, judge
from crossdock.orders.shipping import read_shipments
from crossdock.orders.summary import RaiseSummary
from crossdock.records import Order, OrderDocument, decode, encode, fingerprint
from crossdock.store import Transaction, ledger, orders
from crossdock.store.ledger import Document, Step
from crossdock.store.ledger_states import CANCELLED, CONFLICT, NEW, PARKED, RAISED, REFUSED, SENDING, UNKNOWN
from crossdock.store.orders import Placed
from crossdock.store.orders_items import native_items

DEADLINE_S = 30.0
"""Seconds that a call may take."""
FRESH_S = 10.0
"""Seconds between the intent and the call, above which this run was asleep and another may have taken over."""


class Target(NamedTuple):
    """Where documents are raised."""

    number: int
    """Connection by permanent number."""
    name: str
    flows: Mapping[int, Flow]
    """Flows by channel."""
    products: int | None = None
    """The catalogue's stream of the ERP's products. None: it is not read, SKUs are the ERP's codes."""
    customers: int | None = None
    """The catalogue's stream of the ERP's customers. None: it is not read."""
    deadline_s: float = DEADLINE_S
    marks: Marks | None = None
    """Where the last intent is marked outside the store. None: a store put back from a backup is not noticed."""


class _Ready(NamedTuple):
    """A document about to be sent."""

    was: Document
    prepared: OrderDocument
    options: OrderOptions


class _Half(NamedTuple):
    """A document whose account may still have to be created."""

    was: Document
    prepared: OrderDocument
    options: OrderOptions
    choice: Choice
    order: Order
    channel: int
    taken_back: str | None


def _defect(problem: Exception) -> Problem:
    """Keeps an order that cannot be worked with from stopping the others."""
    reason = f"the order cannot be prepared: {type(problem).__name__}: {problem}"
    return Problem(reason, "correct it in the channel, or report this; then: crossdock orders retry", PARKED)


class Raiser:
    """One run of a `raise` lane."""

    def __init__(self, lane: Lane, port: TargetPort, target: Target) -> None:
        """Takes the lane, the open target, and what it is."""
        self.lane, self.port, self.target = lane, port, target
        self.summary = RaiseSummary(target.name)
        self.lookups = Lookups(port)
        self.settler = Settler(lane, target.number, self.lookups, self.summary, self._tolerance)
        self.settle_s = target.deadline_s + port.manifest.max_commit_delay_s
        self.guard = Guard(lane, target.number, target.marks, self.settle_s)
        self.accounts = Accounts(lane, target.number, port, self.summary, target.deadline_s)
        self._silent = 0
        """Calls in a row without an answer."""
        self._kept: list[Document] = []
        """Documents that wait for an earlier order of their customer."""

    def run(self) -> RaiseSummary:
        """Settles what is open, raises what is due, looks whether it is there, and reads what was shipped.

        Raises:
            TransientError: shipments cannot be read now.
            ConnectionSetupError, PluginError: the target cannot be worked with; what was committed stands.
            FenceLostError: another run took the lane over.
        """
        self.guard.notice()
        self.settler.take_over()
        self.accounts.take_over()
        self.settler.settle()
        with self.lane.store.read() as transaction:
            due = ledger.in_state(transaction, self.target.number, NEW)
        self._raise_all(due)
        self._raise_all(sorted(self._kept))  # the orders that they waited for may be in by now
        self.summary.waiting += len(self._kept)
        self.settler.verify()
        with self.lane.store.read() as transaction:
            self.summary.unsettled = len(ledger.in_state(transaction, self.target.number, UNKNOWN))
        anew = self.summary.adopted > 0
        self.summary.shipments = read_shipments(self.lane, self.port, self.target.number, anew=anew)
        return self.summary

    def _raise_all(self, due: Sequence[Document]) -> None:
        self._kept = []
        for one in due:
            if self.summary.stopped is not None:
                return
            self._raise(one)

    def _tolerance(self, one: Document) -> Decimal:
        with self.lane.store.read() as transaction:
            flow = self.target.flows.get(orders.placed(transaction, one.orders).channel)
        return OrderOptions().tolerance if flow is None else flow.options_for(one.target, one.kind).tolerance

    def _raise(self, was: Document) -> None:
        """Brings one document as far as it gets."""
        with self.lane.store.read() as transaction:
            order = orders.placed(transaction, was.orders)
            hindrance = self._hindrance(transaction, was, order)
            if hindrance is None and ledger.is_kept_waiting(transaction, was):
                self._kept.append(was)
                return
            reference = was.reference or self._reference(transaction, was, order)
            try:
                half = None if hindrance is not None else self._half_prepared(transaction, was, order, reference)
            except PreparationError as stopped:
                hindrance = stopped.problem
            except (ArithmeticError, ValueError, msgspec.MsgspecError) as defect:
                hindrance = _defect(defect)
        if isinstance(hindrance, Problem):
            self._stop(was, hindrance, reference)
        elif hindrance is not None:
            self._wait(was, hindrance)
        elif half is not None:
            self._finish(half)

    def _finish(self, half: _Half) -> None:
        """Gets the account, looks whether the document is there already, and sends it."""
        code = half.choice.code if half.taken_back is None else half.choice.code or ""
        if code is None:
            found = self.accounts.obtain(half.order, half.channel)
            if isinstance(found, Problem):
                self._stop(half.was, found, half.prepared.reference)
                return
            if found is None:
                self._wait(half.was, "waits for its customer's account, which is being created")
                if self.accounts.failures:
                    self._count_silence("the target does not answer about customers")
                return
            code = found
        ready = _Ready(half.was, structs.replace(half.prepared, customer_code=code), half.options)
        if self._is_to_be_sent(ready):
            if half.taken_back is None:
                self._send(ready)
            else:
                self._cancel(half, half.taken_back)

    def _cancel(self, half: _Half, why: str) -> None:
        """Cancels a document of an order that was taken back; a look-up, where there can be one, did not find it."""
        with self.lane.writing() as transaction:
            ledger.move(transaction, half.was, CANCELLED, Step(self.lane.actor, why), reason=why)
        self.summary.cancelled += 1

    def _hindrance(self, transaction: Transaction, was: Document, order: Placed) -> Problem | str | None:
        """Says what stops a document, or what it waits for."""
        if order.other_hash is not None and order.taken_back is None:
            reason = "the order came again with other content before this document was sent"
            return Problem(reason, "choose: crossdock orders resolve --keep, or --take the other content", CONFLICT)
        return self._suspicion(transaction, was, order) or self._delay(transaction, was, order)

    def _delay(self, transaction: Transaction, was: Document, order: Placed) -> str | None:
        if order.channel not in self.target.flows:
            return "no [orders.NAME] takes orders from its channel any more; write one, or cancel it"
        if self.guard.is_suspect(order) and not self.guard.is_settled(transaction.now()):
            return "the store was put back from a backup; the target may still commit what was sent before"
        return None

    def _suspicion(self, transaction: Transaction, was: Document, order: Placed) -> Problem | None:
        """Says why a document must not be sent that may have been sent before the store was put back."""
        if not self.guard.is_suspect(order) or self.lookups.is_possible or self.guard.was_judged(transaction, was):
            return None
        self.summary.adopted += 1
        return Problem(
            "the store was put back from a backup; the document may have been sent before, and cannot be looked up",
            "look for the order in the ERP. If it is there: crossdock orders resolve --raised NUMBER; if not: "
            "crossdock orders retry",
            PARKED,
        )

    def _stop(self, was: Document, problem: Problem, reference: str) -> None:
        with self.lane.writing() as transaction:
            verdict = Verdict(problem.state, problem.reason, problem.cure)
            self.settler.conclude(transaction, was, verdict, reference=reference)

    def _half_prepared(self, transaction: Transaction, was: Document, order: Placed, reference: str) -> _Half:
        """Prepares all of a document but the account that may have to be created for it.

        Raises:
            PreparationError: it cannot be prepared.
        """
        options = self.target.flows[order.channel].options_for(was.target, was.kind)
        placed = cleaned(decode(order.body or b"", Order))
        choice = choose(transaction, placed, options, self.target.customers)
        items = self._items(transaction, placed)
        owed = Owed(reference, was.kind, msgspec.json.decode(was.lines), bool(was.charges))
        prepared = prepare(placed, owed, options, choice.code or "", items)
        return _Half(was, prepared, options, choice, placed, order.channel, order.taken_back)

    def _items(self, transaction: Transaction, order: Order) -> dict[str, list[str]] | None:
        if self.target.products is None:
            return None
        return native_items(transaction, self.target.products, [one.sku for one in order.lines])

    def _reference(self, transaction: Transaction, was: Document, order: Placed) -> str:
        is_only = not any(
            one.target == was.target and one.id < was.id for one in ledger.documents_of(transaction, was.orders)
        )
        key = (order.channel, order.channel_order_code, was.target, was.kind)
        length = self.port.manifest.reference_length
        return ledger.free_reference(transaction, was.target, references(key, length, is_only=is_only))

    def _wait(self, was: Document, note: str) -> None:
        self.summary.waiting += 1
        with self.lane.writing() as transaction:
            ledger.remark(transaction, was, Step(self.lane.actor, note))

    def _is_to_be_sent(self, ready: _Ready) -> bool:
        """Looks before sending: the store may be older than the target, put back from a backup."""
        if not self.lookups.is_possible:
            return True
        found = self.lookups.find(ready.prepared.reference)
        if isinstance(found, str):
            self._wait(ready.was, f"the look-up before sending failed: {found}")
            self._count_silence(found)
            return False
        never_sent = ready.was._replace(attempt=0, refusal=None, receipt=None)
        verdict = judge(never_sent, ready.prepared, found, ready.options.tolerance)
        if verdict.state == NEW:
            return True
        self._adopt(ready, verdict)
        return False

    def _adopt(self, ready: _Ready, verdict: Verdict) -> None:
        """Takes what is in the target for the document, without sending it."""
        with self.lane.writing() as transaction:
            reference, body = ready.prepared.reference, encode(ready.prepared)
            self.settler.conclude(transaction, ready.was, verdict, reference=reference, body=body)
        self.summary.adopted += 1

    def _send(self, ready: _Ready) -> None:
        """Commits the intent, calls, and commits what came of it."""
        asked = self.lane.tick()
        sending = self._intend(ready)
        if not self._is_marked(sending):
            return
        if self.lane.tick() - asked > FRESH_S:
            self._take_back(sending, "this run slept between intent and call; nothing was sent")
            return
        try:
            receipt = self.port.write_order(ready.prepared, self.target.deadline_s)
        except RefusedError as refusal:
            self._refused(sending, str(refusal))
        except NotSentError as problem:
            self._take_back(sending, f"nothing was sent: {problem}")
            self.summary.stopped = str(problem)
        except Exception as problem:
            text = f"{type(problem).__name__}: {problem}"
            self._doubt(sending, text)
            if isinstance(problem, (ConnectionSetupError, PluginError)):
                raise
            self._count_silence(text)
        else:
            self._silent = 0
            self._keep(sending, ready, receipt)

    def _count_silence(self, problem: str) -> None:
        self._silent += 1
        if self._silent >= PATIENCE:
            self.summary.stopped = f"no answer {self._silent} times in a row; the last: {problem}"

    def _intend(self, ready: _Ready) -> Document:
        """Commits that a call is about to be made; after this line nobody may take the document for unsent."""
        with self.lane.writing() as transaction:
            return ledger.move(
                transaction,
                ready.was,
                SENDING,
                Step(self.lane.actor, payload=f"document {fingerprint(ready.prepared).hex()}"),
                reference=ready.prepared.reference,
                body=encode(ready.prepared),
                attempt=ready.was.attempt + 1,
                receipt=None,
                document_code=None,
                refusal=None,
                verified=0,
                **self.lane.sending(transaction, self.settle_s),
            )

    def _is_marked(self, sending: Document) -> bool:
        """Marks the intent outside the store; where that cannot be done nothing is sent."""
        try:
            self.guard.note_sending(sending)
        except OSError as problem:
            self._take_back(sending, f"nothing was sent: the mark of it cannot be written: {problem}")
            self.summary.stopped = f"the mark of the last intent cannot be written: {problem}"
            return False
        return True

    def _take_back(self, sending: Document, note: str) -> None:
        with self.lane.writing() as transaction:
            ledger.move(transaction, sending, NEW, Step(self.lane.actor, note), reason=note)

    def _doubt(self, sending: Document, note: str) -> None:
        with self.lane.writing() as transaction:
            self.settler.doubt(transaction, sending, note)

    def _refused(self, sending: Document, reason: str) -> None:
        """Keeps a no. One to a document sent before, or by a target that wants references unique, may mean "there"."""
        self._silent = 0
        is_sure = not self.lookups.is_possible or (sending.attempt == 1 and self.port.manifest.order_key != "enforced")
        with self.lane.writing() as transaction:
            if is_sure:
                verdict = Verdict(REFUSED, reason, "correct what the reason says, then: crossdock orders retry")
                self.settler.conclude(transaction, sending, verdict)
                return
            note = Step(self.lane.actor, f"refused: {reason}; looked for all the same")
            unknown = ledger.move(transaction, sending, UNKNOWN, note, reason=reason, refusal=reason, settle_s=0.0)
        with suppress(NotSentError):
            self.settler.settle_one(unknown)

    def _keep(self, sending: Document, ready: _Ready, receipt: Receipt) -> None:
        """Keeps a yes; other totals than those that were sent are said."""
        wrong = differences(ready.prepared, receipt, ready.options.tolerance)
        reason = f"the ERP's document differs: {wrong}" if wrong else None
        with self.lane.writing() as transaction:
            moved = ledger.move(
                transaction,
                sending,
                RAISED,
                Step(self.lane.actor, reason, msgspec.json.encode(receipt).decode()),
                reason=reason,
                receipt=msgspec.msgpack.encode(receipt),
                document_code=receipt.document_code,
            )
        self.settler.count(moved, reason)
