"""What every order lane stands on: the store, its lease, and a clock that nobody can set."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from crossdock.store import Store, Transaction
from crossdock.store.leases import Lease

MARGIN_S = 900.0
"""Seconds by which the store's clock may be put forward without harm between a call and another host's look-up."""


class Sent(Protocol):
    """Anything that was sent: a document, an account."""

    @property
    def sent_at(self) -> float | None:
        """Gives when, by the store's clock."""
        ...

    @property
    def settle_s(self) -> float | None:
        """Gives the seconds within which the target may still commit it."""
        ...

    @property
    def sent_tick(self) -> float | None:
        """Gives when, by the clock of the place that sent it."""
        ...

    @property
    def sent_place(self) -> str | None:
        """Gives the machine and boot that sent it."""
        ...


class Lane:
    """A lane held by one run."""

    def __init__(self, store: Store, lease: Lease, tick: Callable[[], float] = time.monotonic) -> None:
        """Takes the store, the lease, and a clock that only goes forward, the same in all processes of one boot."""
        self.store, self.lease, self.tick = store, lease, tick
        self.place = lease.holder.split("|")[0]
        """Machine and boot: where ticks can be compared."""

    @property
    def actor(self) -> str:
        """Gives the lane's name, for the history."""
        return self.lease.lane

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that carries the lane's fence and is on the disk when it ends.

        Raises:
            FenceLostError: another run took the lane over.
        """
        with self.store.write(durable=True) as transaction:
            self.lease.renew(transaction)
            yield transaction

    def sending(self, transaction: Transaction, settle_s: float) -> dict[str, Any]:
        """Gives the columns that say when something was sent, and by which fence."""
        return {
            "fence": self.lease.fence,
            "sent_at": transaction.now(),
            "settle_s": settle_s,
            "sent_tick": self.tick(),
            "sent_place": self.place,
        }

    def is_settled(self, one: Sent, now: float) -> bool:
        """Says whether the time is over within which the target may still commit what was sent.

        In the boot of the machine that sent it, or took it over, the clock decides that nobody can set. Elsewhere the
        store's clock does, and only with a margin: it may have been put forward meanwhile.
        """
        if one.sent_at is None or one.settle_s is None:
            return True
        if one.sent_place == self.place and one.sent_tick is not None:
            return self.tick() - one.sent_tick >= one.settle_s
        return now - one.sent_at >= one.settle_s + MARGIN_S

    def is_foreign(self, sent: Sequence[Sent], now: float) -> bool:
        """Says whether something was sent elsewhere that may not be settled yet."""
        return any(one.sent_place != self.place and not self.is_settled(one, now) for one in sent)

    def take_over(self, transaction: Transaction, table: str, target: int) -> None:
        """Lets the settle window of what was sent elsewhere begin anew by this place's own clock.

        The time of sending stays: hosts that take turns cannot put the end off for ever.
        """
        transaction.change(
            f"UPDATE {table} SET sent_tick = ?, sent_place = ? "  # noqa: S608  # one of two tables
            "WHERE target = ? AND state = 'unknown' AND sent_place <> ? AND sent_at > ? - settle_s",
            self.tick(),
            self.place,
            target,
            self.place,
            transaction.now() - MARGIN_S,
        )
