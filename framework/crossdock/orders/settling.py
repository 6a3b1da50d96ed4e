"""Settling: what became of a document whose answer is missing, by a look-up, and never by a guess.

A look-up that fails says nothing, one that answers "not there" counts only once the target can no longer commit.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from crossdock.contract import ConnectionSetupError, PluginError, Receipt
from crossdock.orders.lane import Lane
from crossdock.orders.port import TargetPort
from crossdock.orders.summary import REASONS, RaiseSummary
from crossdock.records import OrderDocument, decode
from crossdock.store import ledger
from crossdock.store.ledger import Document, Step
from crossdock.store.ledger_states import CONFLICT, NEW, PARKED, RAISED, REFUSED, SENDING, UNKNOWN
from crossdock.store.open import Transaction

PATIENCE = 3
"""Calls in a row without an answer after which a run ends: the next one goes on."""
ATTEMPTS = 10
"""Sendings without a trace after which a document waits for a person."""


class Verdict(NamedTuple):
    """What a look-up says of a document."""

    state: str
    reason: str | None = None
    cure: str | None = None
    receipt: Receipt | None = None


class Lookups:
    """A target's look-ups of one run, counted so that a dead target does not hold the run."""

    def __init__(self, port: TargetPort) -> None:
        """Takes the open target."""
        self.port = port
        self.failures = 0
        """In a row."""
        self.is_possible = port.manifest.order_key != "neither" and "find_order" in port.hooks

    def is_worth_asking(self) -> bool:
        """Says whether the target answers."""
        return self.failures < PATIENCE

    def find(self, reference: str) -> list[Receipt] | str:
        """Looks up; gives what carries the very reference, or the text of what went wrong.

        Raises:
            ConnectionSetupError, PluginError: the target cannot be asked at all.
        """
        try:
            found = self.port.find_order(reference)
        except (ConnectionSetupError, PluginError):
            raise
        except Exception as problem:  # noqa: BLE001  # whatever it is, it is not "not there"
            self.failures += 1
            return f"{type(problem).__name__}: {problem}"
        self.failures = 0
        return [one for one in found if _same(one.reference, reference)]


def _same(one: str, other: str) -> bool:
    """Compares references as ERPs do: some fields are upper case, some padded with blanks."""
    return one.strip().casefold() == other.strip().casefold()


def judge(was: Document, prepared: OrderDocument, found: Sequence[Receipt], tolerance: Decimal) -> Verdict:
    """Says what a successful look-up means for a document.

    Args:
        was: the document.
        prepared: as it was sent, or would be.
        found: what carries its reference.
        tolerance: by how much totals may differ.
    """
    if len(found) > 1:
        codes = ", ".join(one.document_code for one in found)
        return Verdict(
            CONFLICT,
            f"{len(found)} documents carry the reference {prepared.reference}: {codes}",
            "cancel all but one in the ERP, then: crossdock orders resolve --raised NUMBER",
        )
    if found:
        return _compared(prepared, found[0], tolerance)
    return _missing(was, prepared)


def _missing(was: Document, prepared: OrderDocument) -> Verdict:
    """Says what it means that no document carries the reference."""
    if was.refusal is not None:
        return Verdict(REFUSED, was.refusal, "correct what the reason says, then: crossdock orders retry")
    if was.receipt is not None:
        return Verdict(
            CONFLICT,
            f"the ERP said yes with number {was.document_code}, and no document carries {prepared.reference}",
            "look for the number in the ERP. If it is there: crossdock orders resolve --raised NUMBER; "
            "if not: crossdock orders retry",
        )
    if was.attempt >= ATTEMPTS:
        return Verdict(
            PARKED,
            f"sent {was.attempt} times without an answer, and never found",
            "find out what the ERP does with it, then: crossdock orders retry",
        )
    return Verdict(NEW)


def _compared(prepared: OrderDocument, found: Receipt, tolerance: Decimal) -> Verdict:
    wrong = differences(prepared, found, tolerance)
    if wrong:
        return Verdict(
            CONFLICT,
            f"document {found.document_code} carries the reference {prepared.reference}, but {wrong}",
            "compare the two. If it is the order's: crossdock orders resolve --raised NUMBER; "
            "if not, change its reference in the ERP, then: crossdock orders retry",
            found,
        )
    return Verdict(RAISED, receipt=found)


def differences(prepared: OrderDocument, found: Receipt, tolerance: Decimal) -> str | None:
    """Says in what a document of the target differs from what was prepared, None where in nothing it tells."""
    wrong = []
    if found.total is not None and abs(found.total - prepared.total) > tolerance:
        wrong.append(f"its total is {found.total}, not {prepared.total}")
    if found.customer_code is not None and not _same(found.customer_code, prepared.customer_code):
        wrong.append(f"its account is {found.customer_code}, not {prepared.customer_code}")
    return " and ".join(wrong) or None


class Settler:
    """Settles what one target left open."""

    def __init__(
        self, lane: Lane, target: int, lookups: Lookups, summary: RaiseSummary, tolerance: Callable[[Document], Decimal]
    ) -> None:
        """Takes the lane, the target's number, its look-ups, the counts, and the tolerance of a document's totals."""
        self.lane, self.target, self.lookups = lane, target, lookups
        self.summary, self.tolerance = summary, tolerance

    def take_over(self) -> None:
        """Takes over what a run left in the middle of a call: nobody knows what became of it."""
        with self.lane.store.read() as transaction:
            left = ledger.in_state(transaction, self.target, SENDING)
            unknown = ledger.in_state(transaction, self.target, UNKNOWN)
            now = transaction.now()
        if left:
            self._note_left(left)
        if self.lane.is_foreign([*left, *unknown], now):
            self._take_over_foreign()

    def _note_left(self, left: Sequence[Document]) -> None:
        with self.lane.writing() as transaction:
            for one in left:
                self.doubt(transaction, one, "the run that sent it ended without a word")

    def _take_over_foreign(self) -> None:
        with self.lane.writing() as transaction:
            self.lane.take_over(transaction, "document", self.target)

    def doubt(self, transaction: Transaction, was: Document, note: str) -> Document:
        """Notes that nobody knows what became of a document; where nobody can find out either, a person must."""
        unknown = ledger.move(transaction, was, UNKNOWN, Step(self.lane.actor, note), reason=note)
        self.summary.unknown += 1
        if self.lookups.is_possible:
            return unknown
        self.summary.parked += 1
        cure = (
            "look for the order in the ERP, by its number, customer and total, once a minute has passed. If it is "
            "there: crossdock orders resolve --raised NUMBER; if not: crossdock orders retry"
        )
        reason = f"nobody knows whether the ERP has it, and it cannot be searched by our reference ({note})"
        return ledger.move(
            transaction, unknown, PARKED, Step(self.lane.actor, "it cannot be looked up"), reason=reason, cure=cure
        )

    def settle(self) -> None:
        """Looks up what is unknown, once the target can no longer commit it."""
        with self.lane.store.read() as transaction:
            now = transaction.now()
            left = ledger.in_state(transaction, self.target, UNKNOWN)
        for one in left:
            if not self.lane.is_settled(one, now):
                continue
            if not self.lookups.is_worth_asking():
                break
            self.settle_one(one)

    def settle_one(self, was: Document) -> Document:
        """Looks up one document whose time is over; one that cannot be looked up now stays unknown."""
        found = self.lookups.find(was.reference or "")
        if isinstance(found, str):
            self._note_failed(was, found)
            return was
        prepared = decode(was.body or b"", OrderDocument)
        verdict = judge(was, prepared, found, self.tolerance(was))
        return self._conclude(was, verdict)

    def _note_failed(self, was: Document, problem: str) -> None:
        with self.lane.writing() as transaction:
            ledger.remark(transaction, was, Step(self.lane.actor, f"the look-up failed: {problem}"))

    def _conclude(self, was: Document, verdict: Verdict) -> Document:
        """Commits what a look-up found out."""
        with self.lane.writing() as transaction:
            return self.conclude(transaction, was, verdict)

    def conclude(self, transaction: Transaction, was: Document, verdict: Verdict, **values: Any) -> Document:
        """Moves a document to what a look-up found out, and counts it."""
        note = verdict.reason or ("found in the ERP" if verdict.state == RAISED else "looked for in the ERP: not there")
        changes: dict[str, Any] = {"reason": verdict.reason, "cure": verdict.cure, "refusal": None, **values}
        if verdict.receipt is not None:
            changes |= {"receipt": msgspec.msgpack.encode(verdict.receipt)}
            changes |= {"document_code": verdict.receipt.document_code, "verified": 1}
        payload = None if verdict.receipt is None else msgspec.json.encode(verdict.receipt).decode()
        moved = ledger.move(transaction, was, verdict.state, Step(self.lane.actor, note, payload), **changes)
        self.count(moved, verdict.reason)
        return moved

    def count(self, moved: Document, reason: str | None) -> None:
        """Counts a document that came to a state."""
        counter = {RAISED: "raised", REFUSED: "refused", PARKED: "parked", CONFLICT: "conflicts", NEW: "renewed"}
        name = counter[moved.state]
        setattr(self.summary, name, getattr(self.summary, name) + 1)
        if reason is not None and len(self.summary.reasons) < REASONS:
            self.summary.reasons.append(f"document {moved.reference or moved.id}: {reason}")

    def verify(self) -> None:
        """Looks up what the target said yes to: some say yes and store nothing, or store it twice."""
        if not self.lookups.is_possible:
            return
        with self.lane.store.read() as transaction:
            now = transaction.now()
            left = ledger.unverified(transaction, self.target)
        for one in left:
            if not self.lookups.is_worth_asking():
                return
            found = self.lookups.find(one.reference or "")
            if isinstance(found, str):
                continue
            if len(found) == 1:
                self._note_seen(one)
            elif found or self.lane.is_settled(one, now):
                prepared = decode(one.body or b"", OrderDocument)
                self._conclude_verifying(one, judge(one, prepared, found, self.tolerance(one)))

    def _note_seen(self, one: Document) -> None:
        with self.lane.writing() as transaction:
            ledger.set_verified(transaction, one.id)
        self.summary.verified += 1

    def _conclude_verifying(self, one: Document, verdict: Verdict) -> None:
        with self.lane.writing() as transaction:
            self.conclude(transaction, one, verdict)
