"""Checkpoints of reads and positions of channels."""

from typing import NamedTuple

from crossdock.store.open import Transaction


class Checkpoint(NamedTuple):
    """How far a stream was read."""

    cursor: str | None = None
    map_hash: str | None = None
    full_started_at: float | None = None
    full_done_at: float | None = None
    sweep_stopped: str | None = None


class Position(NamedTuple):
    """How far a channel was served from a stream."""

    channel: int
    seq: int = 0
    had: int = 0
    """The last position at which it had everything; a changed view leaves it where it was."""
    offered: int = 0
    """The change number up to which a run may have sent items, answered or not: noted before anything is sent."""
    view_hash: str | None = None
    claimed: bool = False
    """Whether what it has is claimed against other sources."""


def checkpoint(transaction: Transaction, stream: int) -> Checkpoint:
    """Gives a stream's checkpoint, an empty one before the first read."""
    query = "SELECT cursor, map_hash, full_started_at, full_done_at, sweep_stopped FROM checkpoint WHERE stream = ?"
    found = transaction.rows(query, stream)
    return Checkpoint._make(found[0]) if found else Checkpoint()


def save_checkpoint(transaction: Transaction, stream: int, to: Checkpoint) -> None:
    """Keeps a checkpoint, in the transaction that keeps the page."""
    transaction.change(
        "INSERT INTO checkpoint (stream, cursor, map_hash, full_started_at, full_done_at, sweep_stopped) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream) DO UPDATE SET cursor = excluded.cursor, "
        "map_hash = excluded.map_hash, "
        "full_started_at = excluded.full_started_at, full_done_at = excluded.full_done_at, "
        "sweep_stopped = excluded.sweep_stopped",
        stream,
        *to,
    )


def positions(transaction: Transaction, stream: int) -> list[Position]:
    """Gives the positions of all channels of a stream."""
    query = "SELECT channel, seq, had, offered, view_hash, claimed FROM position WHERE stream = ?"
    return [Position._make(row) for row in transaction.rows(query, stream)]


def position(transaction: Transaction, channel: int, stream: int) -> Position:
    """Gives a channel's position, 0 before its first delivery."""
    found = [one for one in positions(transaction, stream) if one.channel == channel]
    return found[0] if found else Position(channel)


def save_position(transaction: Transaction, stream: int, to: Position) -> None:
    """Keeps a position."""
    transaction.change(
        "INSERT INTO position (channel, stream, seq, had, offered, view_hash, claimed) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (channel, stream) DO UPDATE SET seq = excluded.seq, had = excluded.had, "
        "offered = excluded.offered, "
        "view_hash = excluded.view_hash, "
        "claimed = excluded.claimed",
        to.channel,
        stream,
        to.seq,
        to.had,
        to.offered,
        to.view_hash,
        bool(to.claimed),
    )


def served(transaction: Transaction, channel: int, name: str) -> list[tuple[int, int]]:
    """Gives the streams of a name that a channel was served from, the oldest first, each with the position."""
    query = (
        "SELECT position.stream, position.seq FROM position JOIN stream ON stream.id = position.stream "
        "WHERE position.channel = ? AND stream.name = ? ORDER BY position.stream"
    )
    return [(row[0], row[1]) for row in transaction.rows(query, channel, name)]
