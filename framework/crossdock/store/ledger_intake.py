"""How far a channel's orders were read, with places further back for the sweep."""

from typing import NamedTuple

import msgspec

from crossdock.store.open import Transaction

KEPT = 64
"""Earlier cursors that are kept at most."""


class Reading(NamedTuple):
    """How far a channel's orders were read."""

    cursor: str | None = None
    swept_at: float | None = None
    marks: tuple[tuple[float, str], ...] = ()
    """Earlier cursors, oldest first, each with the moment at which it was the last."""

    def before(self, moment: float) -> str | None:
        """Gives the newest cursor that is older than a moment, None (from the beginning) where none is."""
        older = [cursor for at, cursor in self.marks if at <= moment]
        return older[-1] if older else None

    def marked(self, now: float, spacing_s: float) -> "Reading":
        """Notes the cursor among the marks, unless the last one is younger than the spacing.

        A mark from the future is one of before the clock was put back: it goes.
        """
        marks = [one for one in self.marks if one[0] <= now]
        if self.cursor is None or (marks and now - marks[-1][0] < spacing_s):
            return self._replace(marks=tuple(marks))
        return self._replace(marks=tuple([*marks, (now, self.cursor)][-KEPT:]))


def reading(transaction: Transaction, channel: int) -> Reading:
    """Gives how far a channel was read, nothing before the first time."""
    found = transaction.rows("SELECT cursor, swept_at, marks FROM intake WHERE channel = ?", channel)
    if not found:
        return Reading()
    cursor, swept_at, marks = found[0]
    return Reading(cursor, swept_at, tuple((at, text) for at, text in msgspec.json.decode(marks)))


def save(transaction: Transaction, channel: int, to: Reading) -> None:
    """Keeps how far a channel was read, in the transaction that keeps the page."""
    transaction.change(
        "INSERT INTO intake (channel, cursor, swept_at, marks) VALUES (?, ?, ?, ?) ON CONFLICT (channel) DO UPDATE SET "
        "cursor = excluded.cursor, swept_at = excluded.swept_at, marks = excluded.marks",
        channel,
        to.cursor,
        to.swept_at,
        msgspec.json.encode(to.marks).decode(),
    )
