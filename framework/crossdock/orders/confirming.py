"""The `confirm` lane: a channel is told what became of its orders, and what was shipped; telling may be repeated."""

import msgspec

from crossdock.contract import Outcome, Receipt, Refusal, RefusedError, Result
from crossdock.orders.lane import Lane
from crossdock.orders.options import Flow
from crossdock.orders.port import OrderChannelPort
from crossdock.orders.summary import REASONS, ConfirmSummary
from crossdock.records import Shipment, decode
from crossdock.store import ledger, ledger_shipments, orders
from crossdock.store.ledger import Document, Step
from crossdock.store.ledger_shipments import NEVER_AGAIN, Shipped
from crossdock.store.ledger_states import CANCELLED, CONFIRMED, RAISED, REFUSED
from crossdock.store.orders import Placed

FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 86400.0


class Confirmer:
    """One run of a `confirm` lane."""

    def __init__(self, lane: Lane, port: OrderChannelPort, flow: Flow, names: dict[int, str]) -> None:
        """Takes the lane, the open channel, the flow, and the names of targets by number."""
        self.lane, self.port, self.flow, self.names = lane, port, flow, names
        self.summary = ConfirmSummary(flow.channel_name)

    def run(self) -> ConfirmSummary:
        """Tells all outcomes that the channel does not know, then the shipments.

        Raises:
            TransientError, ConnectionSetupError, PluginError: the channel failed; it is told again in the next run.
            FenceLostError: another run took the lane over.
        """
        if "confirm_order" in self.port.hooks:
            with self.lane.store.read() as transaction:
                now = transaction.now()
                left = orders.untold(transaction, self.flow.channel)
            for one in left:
                if _is_due(one.tell_at, now):
                    self._tell(one)
        if "write_shipments" in self.port.hooks:
            self._tell_shipments()
        return self.summary

    def _tell(self, order: Placed) -> None:
        with self.lane.store.read() as transaction:
            order = orders.placed(transaction, order.id)
            documents = ledger.documents_of(transaction, order.id)
        try:
            self.port.confirm_order(order.channel_order_code, [self._outcome(one) for one in documents])
        except RefusedError as refusal:
            self._note_untold(order, str(refusal))
            return
        self._note_told(order, documents)

    def _outcome(self, one: Document) -> Outcome:
        target = self.names.get(one.target, f"connection {one.target}")
        if one.state in (RAISED, CONFIRMED):
            receipt = (
                Receipt(one.document_code or "", one.reference or "")
                if one.receipt is None
                else msgspec.msgpack.decode(one.receipt, type=Receipt)
            )
            return Outcome(one.kind, target, receipt)
        if one.state in (REFUSED, CANCELLED):
            return Outcome(one.kind, target, Refusal(one.reason or "cancelled"))
        return Outcome(one.kind, target, None)

    def _note_told(self, order: Placed, documents: list[Document]) -> None:
        """Notes what the channel was told; an outcome that came meanwhile is told in the next run."""
        with self.lane.writing() as transaction:
            step = Step(self.lane.actor, "the channel was told")
            values = {"tell_at": None, "tell_attempts": 0, "tell_reason": None}
            told_at = transaction.now()
            orders.change(transaction, order.id, told_version=order.version, told_at=told_at, **values)
            for told in documents:
                now = ledger.document(transaction, told.id)
                if now.state == RAISED and now.document_code == told.document_code:
                    ledger.move(transaction, now, CONFIRMED, step, reason=now.reason)
            if not any(one.state == RAISED for one in documents):
                ledger.note(transaction, order.id, None, "told", step)
        self.summary.told += 1

    def _note_untold(self, order: Placed, reason: str) -> None:
        wait = min(FIRST_WAIT_S * 2**order.tell_attempts, LONGEST_WAIT_S)
        with self.lane.writing() as transaction:
            again_at, attempts = transaction.now() + wait, order.tell_attempts + 1
            orders.change(transaction, order.id, tell_at=again_at, tell_attempts=attempts, tell_reason=reason)
            note = f"the channel did not take it: {reason}"
            ledger.note(transaction, order.id, None, "untold", Step(self.lane.actor, note))
        self._not_taken(order.channel_order_code, reason)

    def _not_taken(self, what: str, reason: str) -> None:
        self.summary.not_taken += 1
        if len(self.summary.reasons) < REASONS:
            self.summary.reasons.append(f"{what}: {reason}")

    def _tell_shipments(self) -> None:
        while True:
            with self.lane.store.read() as transaction:
                size = self.port.manifest.batch_size
                left = ledger_shipments.untold(transaction, self.flow.channel, transaction.now(), size)
            if not left:
                return
            results = {one.code: one for one in self.port.write_shipments([_told(one) for one in left])}
            self._note_shipments(left, results)

    def _note_shipments(self, left: list[Shipped], results: dict[str, Result]) -> None:
        with self.lane.writing() as transaction:
            now = transaction.now()
            for one in left:
                found = results.get(one.code)
                if found is not None and found.state in ("done", "pending"):
                    ledger_shipments.set_told(transaction, one, now)
                    self.summary.shipments += 1
                    continue
                reason = "the channel did not answer for it" if found is None else found.reason or found.state
                wait = min(FIRST_WAIT_S * 2**one.tell_attempts, LONGEST_WAIT_S)
                is_final = found is not None and found.state == "refused"
                ledger_shipments.set_untold(transaction, one, NEVER_AGAIN if is_final else now + wait, reason)
                self._not_taken(f"shipment {one.code}", reason)


def _told(one: Shipped) -> Shipment:
    shipment = decode(one.body, Shipment)
    return msgspec.structs.replace(shipment, channel_order_code=one.channel_order_code)


def _is_due(moment: float | None, now: float) -> bool:
    """Says whether a waiting is over; one that is longer than any can be comes of a clock that was put back."""
    return moment is None or moment <= now or moment > now + LONGEST_WAIT_S
