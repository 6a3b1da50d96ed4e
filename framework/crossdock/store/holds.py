"""What the brakes hold for a person: item versions, in one channel or (channel None) at the source."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from crossdock.store import listings
from crossdock.store.open import Transaction


class Hold(NamedTuple):
    """One decision to be made."""

    id: int
    channel: int | None
    stream: int
    reason: str
    counts: dict[str, int]
    created_at: float
    decided: str | None
    items: int


def _of(channel: int | None) -> tuple[str, tuple[int, ...]]:
    return ("channel IS NULL", ()) if channel is None else ("channel = ?", (channel,))


def find(transaction: Transaction, hold: int) -> Hold | None:
    """Finds one hold."""
    found = [one for one in listed(transaction) if one.id == hold]
    return found[0] if found else None


def listed(transaction: Transaction, *, open_only: bool = False) -> list[Hold]:
    """Gives all holds, oldest first."""
    where = "WHERE decided IS NULL" if open_only else ""
    query = (
        "SELECT id, channel, stream, reason, counts, created_at, decided, "
        f"(SELECT COUNT(*) FROM hold_item WHERE hold = hold.id) FROM hold {where} ORDER BY id"
    )
    rows = transaction.rows(query)
    return [Hold._make((*row[:4], json.loads(row[4]), *row[5:])) for row in rows]


def versions(transaction: Transaction, hold: int) -> dict[int, int]:
    """Gives the items of a hold with the change number that it holds."""
    return {row[0]: row[1] for row in transaction.rows("SELECT item, seq FROM hold_item WHERE hold = ?", hold)}


def held_versions(transaction: Transaction, channel: int | None, stream: int, decided: str | None) -> dict[int, int]:
    """Gives the item versions that a channel's open (None) or decided holds name."""
    where, values = _of(channel)
    state, more = ("decided IS NULL", ()) if decided is None else ("decided = ?", (decided,))
    query = (
        "SELECT item, seq FROM hold_item JOIN hold ON hold.id = hold_item.hold "
        f"WHERE {where} AND stream = ? AND {state}"
    )
    return {row[0]: row[1] for row in transaction.rows(query, *values, stream, *more)}


def rejected_items(transaction: Transaction, channel: int | None, stream: int) -> dict[int, int]:
    """Gives the item versions that a person said no to."""
    return held_versions(transaction, channel, stream, "rejected")


def replace_open(
    transaction: Transaction,
    channel: int | None,
    stream: int,
    reason: str,
    counts: dict[str, int],
    items: Sequence[tuple[int, int]],
) -> int:
    """Opens a hold in place of the one that is open."""
    close_open(transaction, channel, stream)
    return add(transaction, channel, stream, reason, counts, items)


def add(
    transaction: Transaction,
    channel: int | None,
    stream: int,
    reason: str,
    counts: dict[str, int],
    items: Sequence[tuple[int, int]],
) -> int:
    """Adds a hold beside those that are there."""
    query = "INSERT INTO hold (channel, stream, reason, counts, created_at) VALUES (?, ?, ?, ?, ?) RETURNING id"
    made = int(transaction.value(query, channel, stream, reason, json.dumps(counts), transaction.now()))
    rows = [(made, item, seq) for item, seq in items]
    transaction.change_all("INSERT INTO hold_item (hold, item, seq) VALUES (?, ?, ?)", rows)
    return made


def approved(transaction: Transaction, channel: int, stream: int, items: Sequence[int]) -> set[tuple[int, int]]:
    """Gives those versions of items that a person let through in a channel."""
    query = (
        "SELECT item, seq FROM hold_item JOIN hold ON hold.id = hold_item.hold "
        f"WHERE channel = ? AND stream = ? AND decided = 'approved' AND {transaction.among('item')}"
    )
    rows = transaction.rows(query, channel, stream, transaction.keys(items)) if items else ()
    return {(row[0], row[1]) for row in rows}


def close_open(transaction: Transaction, channel: int | None, stream: int) -> None:
    """Ends the open hold: what it held is no longer so."""
    where, values = _of(channel)
    of = f"SELECT id FROM hold WHERE {where} AND stream = ? AND decided IS NULL"
    transaction.change(f"DELETE FROM hold_item WHERE hold IN ({of})", *values, stream)
    transaction.change(f"DELETE FROM hold WHERE {where} AND stream = ? AND decided IS NULL", *values, stream)


def release(transaction: Transaction, channel: int | None, stream: int, keep: set[int]) -> None:
    """Takes items out of open and rejected holds that are no longer so; empty holds end."""
    where, values = _of(channel)
    query = (
        "SELECT hold, item FROM hold_item JOIN hold ON hold.id = hold_item.hold "
        f"WHERE {where} AND stream = ? AND (decided IS NULL OR decided = 'rejected')"
    )
    back = [(row[0], row[1]) for row in transaction.rows(query, *values, stream) if row[1] not in keep]
    transaction.change_all("DELETE FROM hold_item WHERE hold = ? AND item = ?", back)
    transaction.change(
        f"DELETE FROM hold WHERE {where} AND stream = ? AND (decided IS NULL OR decided = 'rejected') "
        "AND id NOT IN (SELECT hold FROM hold_item)",
        *values,
        stream,
    )


def forget_items(transaction: Transaction, channel: int, stream: int, items: Sequence[int]) -> None:
    """Takes items out of a channel's rejected holds."""
    of = "SELECT id FROM hold WHERE channel = ? AND stream = ? AND decided = 'rejected'"
    query = f"DELETE FROM hold_item WHERE item = ? AND hold IN ({of})"
    transaction.change_all(query, [(item, channel, stream) for item in items])


def decide(transaction: Transaction, hold: int, decision: str) -> None:
    """Notes a person's decision: `approved` or `rejected`."""
    query = "UPDATE hold SET decided = ?, decided_at = ? WHERE id = ?"
    transaction.change(query, decision, transaction.now(), hold)


def approve_in_channel(transaction: Transaction, channel: int, stream: int, items: Sequence[int]) -> None:
    """Makes held items due in their channel; the brake lets them pass."""
    there = listings.find(transaction, channel, items)
    rows: list[Any] = [
        one._replace(state=listings.APPROVED, reason=None, retry_at=0.0)
        for one in there.values()
        if one.state == listings.HELD
    ]
    listings.save(transaction, channel, stream, rows)
