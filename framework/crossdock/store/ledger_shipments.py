"""Shipments of what was raised: kept until the channel has been told."""

from typing import NamedTuple

from crossdock.store.open import Transaction

NEVER_AGAIN = 1e15
"""A moment that does not come: a channel that said no to a shipment is told it again only when it changes."""


class Shipped(NamedTuple):
    """One shipment as it stands."""

    id: int
    source: int
    """Connection that ships, by permanent number."""
    code: str
    document: int
    body: bytes
    hash: bytes
    told_hash: bytes | None
    tell_at: float | None
    tell_attempts: int
    tell_reason: str | None
    channel: int
    channel_order_code: str


def keep(transaction: Transaction, source: int, code: str, document: int, body: tuple[bytes, bytes]) -> bool:
    """Keeps a shipment, new or changed.

    Args:
        transaction: one that writes.
        source: connection that ships.
        code: the shipment's code there.
        document: the document that it belongs to.
        body: the encoded record and its fingerprint.

    Returns:
        Whether it says something new.
    """
    changed = transaction.change(
        "INSERT INTO shipment (source, code, document, body, hash) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (source, code) DO UPDATE SET document = excluded.document, body = excluded.body, "
        "hash = excluded.hash, tell_at = NULL, tell_attempts = 0, tell_reason = NULL "
        "WHERE shipment.hash <> excluded.hash",
        source,
        code,
        document,
        *body,
    )
    return changed == 1


def document_of(transaction: Transaction, source: int, reference: str) -> tuple[int, int] | None:
    """Finds the document and the order that a reference belongs to; a service ships for documents of other targets.

    Two targets may know one reference; the document of the system that ships comes first.
    """
    query = "SELECT id, orders FROM document WHERE reference = ? ORDER BY CASE WHEN target = ? THEN 0 ELSE 1 END, id"
    found = transaction.rows(query, reference, source)
    return (found[0][0], found[0][1]) if found else None


def untold(transaction: Transaction, channel: int, moment: float, limit: int) -> list[Shipped]:
    """Gives shipments of a channel's orders that it does not know yet, oldest first."""
    query = (
        "SELECT shipment.id, shipment.source, shipment.code, shipment.document, shipment.body, shipment.hash, "
        "shipment.told_hash, shipment.tell_at, shipment.tell_attempts, shipment.tell_reason, orders.channel, "
        "orders.channel_order_code FROM shipment JOIN document ON document.id = shipment.document "
        "JOIN orders ON orders.id = document.orders WHERE orders.channel = ? "
        "AND (shipment.told_hash IS NULL OR shipment.told_hash <> shipment.hash) "
        "AND (shipment.tell_at IS NULL OR shipment.tell_at <= ?) ORDER BY shipment.id LIMIT ?"
    )
    return [Shipped._make(row) for row in transaction.rows(query, channel, moment, limit)]


def set_told(transaction: Transaction, one: Shipped, moment: float) -> None:
    """Notes that the channel knows a shipment as it was when it was read."""
    query = "UPDATE shipment SET told_hash = ?, told_at = ?, tell_at = NULL, tell_reason = NULL WHERE id = ?"
    transaction.change(query, one.hash, moment, one.id)


def set_untold(transaction: Transaction, one: Shipped, again_at: float, reason: str) -> None:
    """Notes that the channel did not take a shipment, why, and when it is told again."""
    query = "UPDATE shipment SET tell_at = ?, tell_attempts = tell_attempts + 1, tell_reason = ? WHERE id = ?"
    transaction.change(query, again_at, reason, one.id)
