"""What a person asks of the ledger: what is in the channel and not in the ERP, and what is promised of an item."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from crossdock.store.ledger_states import DUE
from crossdock.store.open import Transaction


class Entry(NamedTuple):
    """One document, or one order that owes none."""

    order: int
    channel: int
    channel_order_code: str
    document: int | None
    target: int | None
    kind: str | None
    state: str
    """Of the document, else of the order."""
    reason: str | None
    cure: str | None
    reference: str | None
    document_code: str | None
    """The target's number."""
    age_s: float
    """Since it was ordered, where the channel says when; else since it was accepted."""


SETTLED = ("raised", "confirmed", "cancelled", "waiting")
"""States in which nothing is missing: it is in the target, or is not wanted there."""


def missing(transaction: Transaction, channel: int | None = None, limit: int = 10_000) -> list[Entry]:
    """Gives what is in a channel (None: any) and not in its target, the oldest first.

    Orders that the channel itself does not want sent, or took back, are left out.
    """
    return _entries(transaction, f"COALESCE(document.state, orders.state) NOT IN {SETTLED}", (), channel, limit)


def listed(
    transaction: Transaction, channel: int | None = None, state: str | None = None, limit: int = 10_000
) -> list[Entry]:
    """Gives documents and orders in a state (None: any), the oldest first."""
    if state is None:
        return _entries(transaction, "1 = 1", (), channel, limit)
    return _entries(transaction, "COALESCE(document.state, orders.state) = ?", (state,), channel, limit)


def _entries(
    transaction: Transaction, condition: str, values: tuple[str, ...], channel: int | None, limit: int
) -> list[Entry]:
    query = (
        "SELECT orders.id, orders.channel, orders.channel_order_code, document.id, document.target, document.kind, "
        "COALESCE(document.state, orders.state), COALESCE(document.reason, orders.reason), document.cure, "
        "document.reference, document.document_code, COALESCE(orders.ordered_at, orders.accepted_at) AS since "
        f"FROM orders LEFT JOIN document ON document.orders = orders.id WHERE {condition} "
        + ("AND orders.channel = ? " if channel is not None else "")
        + "ORDER BY since, orders.id, document.id LIMIT ?"
    )
    now = transaction.now()
    found = transaction.rows(query, *values, *([] if channel is None else [channel]), limit)
    return [Entry._make((*row[:-1], max(0.0, now - row[-1]))) for row in found]


def counts(transaction: Transaction, channel: int | None = None) -> dict[str, int]:
    """Counts documents by state, and orders without documents by theirs."""
    query = (
        "SELECT COALESCE(document.state, orders.state) AS state, COUNT(*) FROM orders "
        "LEFT JOIN document ON document.orders = orders.id "
        + ("WHERE orders.channel = ? " if channel is not None else "")
        + "GROUP BY COALESCE(document.state, orders.state) ORDER BY 1"
    )
    return dict(transaction.rows(query, *([] if channel is None else [channel])))


def reserved(
    transaction: Transaction, skus: Sequence[str] | None = None, read_at: float | None = None
) -> dict[tuple[str, str | None], Decimal]:
    """Sums what was ordered and the target cannot count yet.

    Args:
        transaction: any.
        skus: just these. None: all.
        read_at: when the reading of the source began whose quantities this is to be subtracted from: what was raised
            after it is not in them yet. None: what was raised is left out.

    Returns:
        SKU and the warehouse that the channel chose (None: it did not) to selling units. An order with a sales
        document and a fulfilment request counts once.
    """
    query = (
        "SELECT reservation.sku, reservation.location, reservation.qty FROM reservation "
        "JOIN document ON document.id = reservation.document "
        f"WHERE (document.state IN {DUE} OR (document.state IN ('raised', 'confirmed') AND document.changed_at >= ?)) "
        + (f"AND {transaction.among('reservation.sku')}" if skus is not None else "")
    )
    given = [] if skus is None else [transaction.keys(skus)]
    found: dict[tuple[str, str | None], Decimal] = {}
    for sku, location, qty in transaction.rows(query, float("inf") if read_at is None else read_at, *given):
        found[sku, location] = found.get((sku, location), Decimal(0)) + Decimal(qty)
    return found


def reserve(transaction: Transaction, document: int, lines: Sequence[tuple[int, str, str | None, str]]) -> None:
    """Notes what a document promises: line, SKU, warehouse, selling units as text."""
    query = "INSERT INTO reservation (document, line, sku, location, qty) VALUES (?, ?, ?, ?, ?)"
    transaction.change_all(query, [(document, *one) for one in lines])


def release(transaction: Transaction, document: int) -> None:
    """Forgets what a document promises."""
    transaction.change("DELETE FROM reservation WHERE document = ?", document)


def skus_of(transaction: Transaction, documents: Sequence[int]) -> list[str]:
    """Gives the SKUs that documents promise, each once: the items that a change of their state re-evaluates."""
    query = f"SELECT DISTINCT sku FROM reservation WHERE {transaction.among('document')} ORDER BY sku"
    return [row[0] for row in transaction.rows(query, transaction.keys(documents))]
