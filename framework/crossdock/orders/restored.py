"""A store that was put back from a backup is older than the target: what was sent meanwhile it does not know.

A mark outside the store says which intent was the last. Where the store has no such line of history, every document
of an order placed before the mark may have been sent already: it waits until the target can no longer commit, and is
looked for; where the target cannot be searched, a person must. A backup that took the mark along goes unnoticed.
"""

from typing import NamedTuple, Protocol

import msgspec
from msgspec import Struct

from crossdock.orders.lane import Lane
from crossdock.store import Transaction, ledger
from crossdock.store.ledger import Document
from crossdock.store.memory import UPSERT
from crossdock.store.orders import Placed

KEY = "orders.restored"
SKEW_S = 3600.0
"""By how much the channel's clock, which says when an order was placed, may be ahead of the store's."""


class Mark(NamedTuple):
    """The last intent of a target."""

    event: int
    """Number of its line of history."""
    document: int
    at: float


class Marks(Protocol):
    """Where marks are kept: not in the store."""

    def read(self, target: int) -> Mark | None:
        """Gives a target's mark, None where nothing was ever sent."""
        ...

    def write(self, target: int, mark: Mark) -> None:
        """Keeps a target's mark before the call that it stands for."""
        ...


class Restored(Struct, frozen=True):
    """What is known of a store that was put back."""

    placed_until: float
    """Orders placed until then may have been sent."""
    noticed_at: float
    sent_at: float
    settle_s: float
    sent_tick: float
    sent_place: str


class Guard:
    """Watches one target's mark."""

    def __init__(self, lane: Lane, target: int, marks: Marks | None, settle_s: float) -> None:
        """Takes the lane, the target, its marks (None: not watched), and the settle window."""
        self.lane, self.target, self.marks, self.settle_s = lane, target, marks, settle_s
        self._restored: Restored | None = None

    def notice(self) -> None:
        """Looks whether the store has the last intent; if not, it was put back."""
        with self.lane.store.read() as transaction:
            self._restored = self._known(transaction)
            mark = self.marks.read(self.target) if self.marks is not None else None
            is_there = mark is None or ledger.has_event(transaction, *mark)
        if mark is not None and not is_there:
            self._note_restored(mark)

    def _known(self, transaction: Transaction) -> Restored | None:
        query = "SELECT value FROM memory WHERE connection = ? AND key = ?"
        found = transaction.value(query, self.target, KEY)
        return None if found is None else msgspec.json.decode(found, type=Restored)

    def _note_restored(self, mark: Mark) -> None:
        with self.lane.writing() as transaction:
            until = max(mark.at, self._restored.placed_until if self._restored is not None else 0.0)
            times = self.lane.sending(transaction, self.settle_s)
            times.pop("fence")
            self._restored = Restored(placed_until=until + SKEW_S, noticed_at=transaction.now(), **times)
            value, is_secret = msgspec.json.encode(self._restored).decode(), False
            transaction.change(UPSERT, self.target, KEY, value, is_secret)
            last = ledger.last_event(transaction)
        if self.marks is not None and last is not None:
            self.marks.write(self.target, Mark(*last))

    def is_suspect(self, order: Placed) -> bool:
        """Says whether a document of the order may have been sent without this store's knowledge."""
        restored = self._restored
        if restored is None:
            return False
        return order.ordered_at is None or order.ordered_at <= restored.placed_until

    def is_settled(self, now: float) -> bool:
        """Says whether what was sent before the store was put back must be in the target by now."""
        return self._restored is None or self.lane.is_settled(self._restored, now)

    def was_judged(self, transaction: Transaction, one: Document) -> bool:
        """Says whether a person was asked already whether the target has the document."""
        noticed_at = self._restored.noticed_at if self._restored is not None else 0.0
        return ledger.was_parked(transaction, one.id, noticed_at)

    def note_sending(self, one: Document) -> None:
        """Marks an intent, once it is committed and before the call.

        Raises:
            OSError: the mark cannot be written.
        """
        if self.marks is not None:
            with self.lane.store.read() as transaction:
                event, at = ledger.last_event_of(transaction, one.id)
            self.marks.write(self.target, Mark(event, one.id, at))
