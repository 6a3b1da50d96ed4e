"""The catalogue's hot statements: look-ups by key set, inserts and updates in bulk.

They are text with driver tuples because compiling and binding each row through the expression language
costs twice what the statements themselves do (design section 8: 0.93 against 2.07 times the floor).
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from crossdock.store.open import Transaction

OK, IGNORED, QUARANTINED, CONTESTED = 0, 1, 2, 3
"""Verdicts of an item: as read; left alone by rule; its row cannot be mapped; two rows claim its code."""


class Known(NamedTuple):
    """What an offer is compared with."""

    code: str
    id: int
    row_hash: int | None
    verdict: int
    gone: int


class Item(NamedTuple):
    """An item as it stands."""

    id: int
    code: str
    grp: str
    native_key: str | None
    sku: str | None
    seq: int
    born: int
    text_seq: int
    qty_seq: int
    price_seq: int
    image_seq: int
    active_seq: int
    row_hash: int | None
    verdict: int
    gone: int
    base_group: str | None
    base: bytes | None
    text: bytes | None
    unit: bytes | None


COLUMNS = (
    "id, code, grp, native_key, sku, seq, COALESCE(born, seq), text_seq, qty_seq, price_seq, image_seq, active_seq, "
    "row_hash, verdict, gone, base_group, base, text, unit"
)
INSERT = (
    "INSERT INTO item (row_hash, native_key, code, grp, native_code, native_group, sku, text, unit, seq, stream) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_PLAIN = (
    "INSERT INTO item (row_hash, native_key, code, grp, sku, text, unit, seq, stream) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
"""For an item that the source calls what we call it, as most: binding two NULLs costs a tenth of an insert."""
INSERT_MARKED = "INSERT INTO item (row_hash, native_key, code, grp, seq, stream, verdict) VALUES (?, ?, ?, ?, ?, ?, ?)"
UPDATE = (
    "UPDATE item SET row_hash = ?, native_key = ?, grp = ?, native_code = ?, native_group = ?, sku = ?, text = ?, "
    "unit = ?, seq = ?, born = ?, text_seq = ?, qty_seq = ?, price_seq = ?, image_seq = ?, active_seq = ?, "
    "base_group = ?, base = ?, verdict = 0, gone = 0, stock_hash = NULL WHERE id = ?"
)
TOUCH = (
    "UPDATE item SET row_hash = ?, native_key = ?, native_code = ?, native_group = ?, verdict = 0, stock_hash = NULL "
    "WHERE id = ?"
)
MARK = "UPDATE item SET row_hash = ?, native_key = ?, verdict = ? WHERE id = ?"
REMOVE = (
    "UPDATE item SET gone = 1, seq = ?, born = ?, active_seq = ?, base_group = ?, base = ? WHERE id = ? AND gone = 0"
)
RETELL = "UPDATE item SET born = ?, seq = ?, text_seq = ?, base_group = ?, base = ? WHERE id = ?"


def lock_stream(transaction: Transaction, stream: int, count: int) -> int:
    """Takes `count` change numbers and the stream's lock until the commit; gives the first number.

    A stream that was never made (a dry run of a new source) counts from 1 and keeps nothing.
    """
    last = transaction.value("UPDATE stream SET seq = seq + ? WHERE id = ? RETURNING seq", count, stream)
    return 1 if last is None else int(last) - count + 1


def add_live(transaction: Transaction, stream: int, count: int) -> None:
    """Counts items that came (or, negative, went)."""
    if count:
        transaction.change("UPDATE stream SET live = live + ? WHERE id = ?", count, stream)


def live(transaction: Transaction, stream: int) -> int:
    """Gives the number of items that are not gone."""
    return int(transaction.value("SELECT live FROM stream WHERE id = ?", stream) or 0)


def last_id(transaction: Transaction, stream: int) -> int:
    """Gives the highest item number of a stream that holds items, 0 for one that holds none."""
    found = transaction.value("SELECT seq FROM stream WHERE id = ?", stream)
    return int(transaction.value("SELECT MAX(id) FROM item") or 0) if found else 0


def lookup(transaction: Transaction, stream: int, codes: Sequence[str]) -> dict[str, Known]:
    """Finds items by code: what is needed to compare an offer."""
    return {row[0]: Known._make(row) for row in compared(transaction, stream, codes)}


def compared(transaction: Transaction, stream: int, codes: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    """Finds items by code, as tuples of the values of `Known`, mostly in the order of the codes."""
    columns = "code, item.id, row_hash, verdict, gone"
    if transaction.is_sqlite:
        # A join goes through the codes as they come; IN sorts them first, a fifth of the whole look-up.
        query = f"SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN item ON stream = ? AND code = wanted.value"
        return transaction.rows(query, transaction.keys(codes), stream)
    query = f"SELECT {columns} FROM item WHERE stream = ? AND {transaction.among('code')}"
    return transaction.rows(query, stream, transaction.keys(codes))


def items(transaction: Transaction, stream: int, codes: Sequence[str]) -> dict[str, Item]:
    """Finds whole items by code."""
    query = f"SELECT {COLUMNS} FROM item WHERE stream = ? AND {transaction.among('code')}"
    return {row[1]: Item._make(row) for row in transaction.rows(query, stream, transaction.keys(codes))}


def items_by_id(transaction: Transaction, ids: Sequence[int]) -> list[Item]:
    """Finds whole items by number."""
    query = f"SELECT {COLUMNS} FROM item WHERE {transaction.among('id')}"
    return [Item._make(row) for row in transaction.rows(query, transaction.keys(ids))]


def siblings(transaction: Transaction, stream: int, groups: Sequence[str]) -> list[Item]:
    """Finds the live items of products."""
    query = (
        f"SELECT {COLUMNS} FROM item WHERE stream = ? AND gone = 0 AND unit IS NOT NULL "
        f"AND {transaction.among('grp')} ORDER BY code"
    )
    return [Item._make(row) for row in transaction.rows(query, stream, transaction.keys(groups))]


def due_until(transaction: Transaction, stream: int, after: int, count: int, last: int) -> int | None:
    """Gives the change number that ends the next batch, at most `last`; None where nothing up to it is due."""
    batch = "SELECT seq FROM item WHERE stream = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
    query = f"SELECT MAX(seq) FROM ({batch}) AS batch"
    found = transaction.value(query, stream, after, last, count)
    return None if found is None else int(found)


class Fresh(NamedTuple):
    """What a first delivery needs of an item."""

    id: int
    code: str
    grp: str
    seq: int
    born: int
    verdict: int
    gone: int
    text: bytes | None
    unit: bytes | None


def due_fresh(transaction: Transaction, stream: int, after: int, until: int) -> Sequence[tuple[Any, ...]]:
    """Finds the items with a change number in (after, until], as tuples of the values of `Fresh`."""
    query = (
        "SELECT id, code, grp, seq, COALESCE(born, seq), verdict, gone, text, unit FROM item "
        "WHERE stream = ? AND seq > ? AND seq <= ?"
    )
    return transaction.rows(query, stream, after, until)


def crowded(transaction: Transaction, stream: int, after: int, until: int) -> dict[str, int]:
    """Counts the items of products of several items that have one with a change number in (after, until]."""
    query = (
        "SELECT grp, COUNT(*) FROM item WHERE stream = ? AND grp IN "
        "(SELECT grp FROM item WHERE stream = ? AND seq > ? AND seq <= ?) GROUP BY grp HAVING COUNT(*) > 1"
    )
    return dict(transaction.rows(query, stream, stream, after, until))


def due(transaction: Transaction, stream: int, after: int, until: int) -> Iterable[tuple[Any, ...]]:
    """Finds the items with a change number in (after, until]."""
    query = f"SELECT {COLUMNS} FROM item WHERE stream = ? AND seq > ? AND seq <= ?"
    return transaction.rows(query, stream, after, until)


def ids_after(transaction: Transaction, stream: int, after: int, count: int) -> list[int]:
    """Finds the numbers of live items above one, in order, at most so many."""
    query = "SELECT id FROM item WHERE stream = ? AND id > ? AND gone = 0 ORDER BY id LIMIT ?"
    return [row[0] for row in transaction.rows(query, stream, after, count)]


def count_after(transaction: Transaction, stream: int, after: int) -> int:
    """Counts live items with numbers above one."""
    query = "SELECT COUNT(*) FROM item WHERE stream = ? AND id > ? AND gone = 0"
    return int(transaction.value(query, stream, after))


def of_groups(transaction: Transaction, stream: int, groups: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    """Finds all items of products."""
    query = f"SELECT {COLUMNS} FROM item WHERE stream = ? AND {transaction.among('grp')}"
    return transaction.rows(query, stream, transaction.keys(groups))


def stream_seq(transaction: Transaction, stream: int) -> int:
    """Gives the last change number of a stream."""
    return int(transaction.value("SELECT seq FROM stream WHERE id = ?", stream) or 0)


def changed_since(transaction: Transaction, ids: Sequence[int], seq: int) -> list[int]:
    """Finds which of the items changed after a change number."""
    query = f"SELECT id FROM item WHERE {transaction.among('id')} AND seq > ?"
    return [row[0] for row in transaction.rows(query, transaction.keys(ids), seq)]


def count_due(transaction: Transaction, stream: int, after: int) -> int:
    """Counts the items with a change number above one."""
    return int(transaction.value("SELECT COUNT(*) FROM item WHERE stream = ? AND seq > ?", stream, after))
