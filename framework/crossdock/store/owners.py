"""Who may sell a SKU, an item code or a product code in a channel that several sources feed."""

from collections.abc import Sequence

from crossdock.store.open import Transaction

Claim = tuple[str, str, int]
"""kind (`sku`, `code`, `product`), value, item."""


def claim(transaction: Transaction, channel: int, name: str, stream: int, claims: Sequence[Claim]) -> None:
    """Claims values that nobody owns; the first source wins."""
    transaction.change_all(
        "INSERT INTO owner (channel, stream_name, kind, value, stream, item) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(channel, name, kind, value, stream, item) for kind, value, item in sorted(claims)],
    )


def owners(
    transaction: Transaction, channel: int, name: str, kind: str, values: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Finds the stream and item that own values."""
    query = (
        "SELECT value, stream, item FROM owner WHERE channel = ? AND stream_name = ? AND kind = ? "
        f"AND {transaction.among('value')}"
    )
    return {row[0]: (row[1], row[2]) for row in transaction.rows(query, channel, name, kind, transaction.keys(values))}


def owned_by(transaction: Transaction, channel: int, items: Sequence[int]) -> list[tuple[str, str, int]]:
    """Finds what items own in a channel."""
    query = f"SELECT kind, value, item FROM owner WHERE channel = ? AND {transaction.among('item')}"
    return [(row[0], row[1], row[2]) for row in transaction.rows(query, channel, transaction.keys(items))]


def release(transaction: Transaction, channel: int, name: str, claims: Sequence[Claim]) -> None:
    """Gives values up, and lets the items that waited for any try again."""
    if not claims:
        return
    transaction.change_all(
        "DELETE FROM owner WHERE channel = ? AND stream_name = ? AND kind = ? AND value = ? AND item = ?",
        [(channel, name, *one) for one in claims],
    )
    transaction.change("UPDATE listing SET retry_at = 0 WHERE channel = ? AND state = 'excluded'", channel)


def claim_served(transaction: Transaction, channel: int, name: str, stream: int, until: int) -> None:
    """Claims everything that a channel was served before it had a second source."""
    for kind, column in (("sku", "sku"), ("code", "code"), ("product", "grp")):
        transaction.change(
            "INSERT INTO owner (channel, stream_name, kind, value, stream, item) "
            f"SELECT ?, ?, ?, {column}, stream, MIN(id) FROM item WHERE stream = ? AND COALESCE(born, seq) <= ? "
            f"AND gone = 0 AND unit IS NOT NULL AND {column} IS NOT NULL GROUP BY stream, {column} "
            "ON CONFLICT DO NOTHING",
            channel,
            name,
            kind,
            stream,
            until,
        )
