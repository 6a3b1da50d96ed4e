"""Rows that cannot be mapped, with reason, hint and the row itself."""

from collections.abc import Sequence
from typing import NamedTuple

from crossdock.store.open import Transaction


class Quarantined(NamedTuple):
    """One row set aside."""

    row_key: str
    code: str | None
    native_code: str | None
    field: str | None
    reason: str
    hint: str | None
    row: str


COLUMNS = "row_key, code, native_code, field, reason, hint, row"


def set_aside(transaction: Transaction, stream: int, rows: Sequence[Quarantined], now: float) -> None:
    """Keeps rows with their reasons; a row that is there already keeps the time it first came."""
    transaction.change_all(
        f"INSERT INTO quarantine ({COLUMNS}, stream, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (stream, row_key) DO UPDATE SET code = excluded.code, native_code = excluded.native_code, "
        "field = excluded.field, reason = excluded.reason, hint = excluded.hint, "
        "row = excluded.row, last_at = excluded.last_at",
        [(*row, stream, now, now) for row in rows],
    )


def still_there(transaction: Transaction, stream: int, codes: Sequence[str], now: float) -> None:
    """Notes that the rows of these codes came again, as bad as before."""
    if codes:
        query = f"UPDATE quarantine SET last_at = ? WHERE stream = ? AND {transaction.among('code')}"
        transaction.change(query, now, stream, transaction.keys(codes))


def released(transaction: Transaction, stream: int, codes: Sequence[str]) -> None:
    """Forgets the rows of these codes: they were mapped."""
    if codes:
        query = f"DELETE FROM quarantine WHERE stream = ? AND {transaction.among('code')}"
        transaction.change(query, stream, transaction.keys(codes))


def forget_before(transaction: Transaction, stream: int, moment: float) -> None:
    """Forgets rows that a whole read no longer met."""
    transaction.change("DELETE FROM quarantine WHERE stream = ? AND last_at < ?", stream, moment)


def listed(transaction: Transaction, stream: int, limit: int = 1000) -> list[Quarantined]:
    """Gives the rows set aside, oldest first."""
    query = f"SELECT {COLUMNS} FROM quarantine WHERE stream = ? ORDER BY first_at, row_key LIMIT ?"
    return [Quarantined._make(row) for row in transaction.rows(query, stream, limit)]


def count(transaction: Transaction, stream: int) -> int:
    """Counts the rows set aside."""
    return int(transaction.value("SELECT COUNT(*) FROM quarantine WHERE stream = ?", stream))


def find(transaction: Transaction, stream: int, key: str) -> Quarantined | None:
    """Finds a row by its key or by its item's code."""
    query = f"SELECT {COLUMNS} FROM quarantine WHERE stream = ? AND (row_key = ? OR code = ?) LIMIT 1"
    found = transaction.rows(query, stream, key, key)
    return Quarantined._make(found[0]) if found else None


def matching(transaction: Transaction, stream: int, key: str) -> list[Quarantined]:
    """Finds the rows of a key or of an item's code: two rows that claim one code both."""
    where = "stream = ? AND (row_key = ? OR code = ?)"
    query = f"SELECT {COLUMNS} FROM quarantine WHERE {where} ORDER BY row_key"  # fixed text
    return [Quarantined._make(row) for row in transaction.rows(query, stream, key, key)]


def met_since(transaction: Transaction, stream: int, moment: float) -> list[Quarantined]:
    """Gives the rows that a read met, as bad as before or newly so, since a moment."""
    query = f"SELECT {COLUMNS} FROM quarantine WHERE stream = ? AND last_at >= ?"  # fixed text
    return [Quarantined._make(row) for row in transaction.rows(query, stream, moment)]


def forget_unmet(transaction: Transaction, stream: int, row_keys: Sequence[str], moment: float) -> None:
    """Forgets those of the rows that no read met since a moment."""
    query = f"DELETE FROM quarantine WHERE stream = ? AND last_at < ? AND {transaction.among('row_key')}"  # fixed text
    transaction.change(query, stream, moment, transaction.keys(row_keys))
