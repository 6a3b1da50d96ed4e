"""What a channel was last given of an item where that is not simply the catalogue's present state."""

from collections.abc import Sequence
from typing import NamedTuple

from crossdock.store.open import Transaction

REFUSED, RETRY, PENDING, HELD, EXCLUDED, APPROVED = "refused", "retry", "pending", "held", "excluded", "approved"


class Listing(NamedTuple):
    """One channel's memory of one item."""

    item: int
    channel_product_code: str | None = None
    channel_code: str | None = None
    sent_group: str | None = None
    sent_hash: bytes | None = None
    sent: bytes | None = None
    state: str | None = None
    reason: str | None = None
    retry_at: float | None = None
    attempts: int = 0
    handle: str | None = None


COLUMNS = (
    "item, channel_product_code, channel_code, sent_group, sent_hash, sent, state, reason, retry_at, attempts, handle"
)
UPSERT = (
    f"INSERT INTO listing ({COLUMNS}, channel, stream) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (channel, item) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
)
KEEP_SENT = (
    "INSERT INTO listing (item, sent_group, sent, channel, stream) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (channel, item) DO UPDATE SET sent_group = excluded.sent_group, sent = excluded.sent "
    "WHERE listing.sent IS NULL"
)


def is_empty(transaction: Transaction, channel: int, stream: int) -> bool:
    """Says whether a channel has no listing of a stream, which spares looking."""
    query = "SELECT 1 FROM listing WHERE channel = ? AND stream = ? LIMIT 1"
    return transaction.value(query, channel, stream) is None


def find(transaction: Transaction, channel: int, items: Sequence[int]) -> dict[int, Listing]:
    """Finds a channel's listings of items."""
    query = f"SELECT {COLUMNS} FROM listing WHERE channel = ? AND {transaction.among('item')}"
    return {row[0]: Listing._make(row) for row in transaction.rows(query, channel, transaction.keys(items))}


def save(transaction: Transaction, channel: int, stream: int, rows: Sequence[Listing]) -> None:
    """Keeps listings."""
    transaction.change_all(UPSERT, [(*row, channel, stream) for row in rows])


def remove(transaction: Transaction, channel: int, items: Sequence[int]) -> None:
    """Forgets listings: the channel has what the catalogue has."""
    if items:
        query = f"DELETE FROM listing WHERE channel = ? AND {transaction.among('item')}"
        transaction.change(query, channel, transaction.keys(items))


def keep_sent(transaction: Transaction, rows: Sequence[tuple[int, str, bytes | None, int, int]]) -> None:
    """Notes what a channel had of items that change while another channel has not caught up."""
    transaction.change_all(KEEP_SENT, list(rows))


def to_retry(transaction: Transaction, channel: int, stream: int, now: float, limit: int) -> list[int]:
    """Finds items whose time to be tried again has come."""
    query = (
        "SELECT item FROM listing WHERE channel = ? AND stream = ? "
        "AND state IN ('refused', 'retry', 'approved', 'excluded') AND retry_at <= ? ORDER BY retry_at LIMIT ?"
    )
    return [row[0] for row in transaction.rows(query, channel, stream, now, limit)]


def pending(transaction: Transaction, channel: int, stream: int) -> list[Listing]:
    """Finds items that the channel said it would answer later."""
    query = f"SELECT {COLUMNS} FROM listing WHERE channel = ? AND stream = ? AND state = 'pending'"
    return [Listing._make(row) for row in transaction.rows(query, channel, stream)]


def reasons(transaction: Transaction, channel: int, stream: int, limit: int) -> list[str]:
    """Gives code and reason of items that the channel has not taken."""
    query = (
        "SELECT code, reason FROM listing JOIN item ON item.id = listing.item WHERE channel = ? AND listing.stream = ? "
        "AND state IN ('refused', 'retry', 'excluded') ORDER BY code LIMIT ?"
    )
    return [f"{row[0]}: {row[1] or 'no reason was given'}" for row in transaction.rows(query, channel, stream, limit)]


def count_sent(transaction: Transaction, channel: int, stream: int) -> int:
    """Counts what a filtered channel has."""
    query = "SELECT COUNT(*) FROM listing WHERE channel = ? AND stream = ? AND sent_hash IS NOT NULL AND sent_hash <> ?"
    return int(transaction.value(query, channel, stream, b""))


def readmit(transaction: Transaction, channel: int, stream: int) -> None:
    """Makes items due that another source's claim kept out: there is no other source any more."""
    query = (
        "UPDATE listing SET state = 'approved', retry_at = 0 WHERE channel = ? AND stream = ? AND state = 'excluded'"
    )
    transaction.change(query, channel, stream)


def counts(transaction: Transaction, channel: int, stream: int) -> dict[str, int]:
    """Counts a channel's items by state."""
    query = "SELECT state, COUNT(*) FROM listing WHERE channel = ? AND stream = ? AND state IS NOT NULL GROUP BY state"
    return {row[0]: row[1] for row in transaction.rows(query, channel, stream)}
