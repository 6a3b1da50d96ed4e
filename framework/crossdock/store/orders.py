"""Orders as channels placed them: one row each, whatever happens to it."""

from typing import Any, NamedTuple

from crossdock.store.open import Transaction

SPLIT = "split"
"""Its documents are owed; they say how it is."""
WAITING = "waiting"
"""The channel says that it is not to be sent yet; it is split when the channel says otherwise."""
HELD = "held"
"""It could not be split: a person must act."""
REJECTED = "rejected"
"""It was not understood; there is no order to speak of."""
CANCELLED = "cancelled"
"""The channel took it back before it was split."""


class Placed(NamedTuple):
    """One order as it stands."""

    id: int
    channel: int
    channel_order_code: str
    state: str
    reason: str | None
    content_hash: bytes | None
    body: bytes | None
    other_hash: bytes | None
    """Hash of other content that came under the same code and waits for a decision. None: none waits."""
    other_body: bytes | None
    declined_hash: bytes | None
    """Hash of other content that a person decided against; it comes again with every sweep."""
    taken_back: str | None
    """Why it is not to be sent any more. None: it is."""
    customer_key: str | None
    """What two orders of one customer share. None: nothing is known of him."""
    ordered_at: float | None
    accepted_at: float
    version: int
    """Grows with every outcome."""
    told_version: int
    """The version that the channel was last told."""
    told_at: float | None
    tell_at: float | None
    tell_attempts: int
    tell_reason: str | None


COLUMNS = ", ".join(Placed._fields)


def find(transaction: Transaction, channel: int, code: str) -> Placed | None:
    """Finds an order by its channel and the channel's code."""
    query = f"SELECT {COLUMNS} FROM orders WHERE channel = ? AND channel_order_code = ?"
    found = transaction.rows(query, channel, code)
    return Placed._make(found[0]) if found else None


def placed(transaction: Transaction, number: int) -> Placed:
    """Gives an order by its number."""
    return Placed._make(transaction.rows(f"SELECT {COLUMNS} FROM orders WHERE id = ?", number)[0])


def add(transaction: Transaction, channel: int, code: str, **values: Any) -> int | None:
    """Adds an order; gives its number, None where another run added it first."""
    row = {"channel": channel, "channel_order_code": code, "accepted_at": transaction.now(), **values}
    columns, marks = ", ".join(row), ", ".join("?" * len(row))
    query = f"INSERT INTO orders ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING id"
    found = transaction.value(query, *row.values())
    return None if found is None else int(found)


def change(transaction: Transaction, number: int, **values: Any) -> None:
    """Changes columns of an order."""
    assignments = ", ".join(f"{column} = ?" for column in values)
    transaction.change(f"UPDATE orders SET {assignments} WHERE id = ?", *values.values(), number)


def untold(transaction: Transaction, channel: int) -> list[Placed]:
    """Gives the orders whose outcome the channel has not been told, oldest first; nothing of them is open."""
    query = (
        f"SELECT {COLUMNS} FROM orders WHERE channel = ? AND told_version <> version AND state = 'split' "
        "AND NOT EXISTS (SELECT 1 FROM document WHERE document.orders = orders.id "
        "AND document.state IN ('new', 'sending', 'unknown')) ORDER BY id"
    )
    return [Placed._make(row) for row in transaction.rows(query, channel)]
