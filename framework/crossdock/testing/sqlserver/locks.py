"""Who holds what: readers wait for writers, as a default SQL Server has it.

A lock is on a whole table, where a real server locks rows: a reader waits here for any uncommitted change of a table
that it reads, there for a change of a row that it meets. Source: "Transaction locking and row versioning guide".
"""

import time
from collections.abc import Callable
from threading import Condition

from crossdock.testing.sqlserver import errors

_LOOK_EVERY_S = 0.02
WRITER = ""
"""Stands for the one place of whoever writes: SQLite has one writer at a time."""


class InterruptedStatementError(Exception):
    """The client has asked to stop the statement."""


class Locks:
    """The locks of all sessions."""

    def __init__(self) -> None:
        """Nobody holds anything."""
        self._changed = Condition()
        self._held: dict[str, dict[int, bool]] = {}
        self._waits: dict[int, tuple[str, bool]] = {}

    def acquire(
        self,
        session: int,
        resource: str,
        timeout_ms: int,
        interrupted: Callable[[], bool],
        *,
        exclusive: bool,
        keep: bool = True,
    ) -> None:
        """Takes a lock, or waits for it.

        Args:
            session: who.
            resource: table, or `WRITER`.
            timeout_ms: of SET LOCK_TIMEOUT; -1 waits for ever.
            interrupted: asked meanwhile whether the client still wants it.
            exclusive: to write.
            keep: False only waits until it could be had, as READ COMMITTED does row by row.

        Raises:
            SqlError: 1222, it took too long; 1205, two wait for each other.
            InterruptedStatementError: the client gave up.
        """
        deadline = None if timeout_ms < 0 else time.monotonic() + timeout_ms / 1000
        with self._changed:
            try:
                while self._blockers(session, resource, exclusive=exclusive):
                    self._waits[session] = (resource, exclusive)
                    self._give_up_if_due(session, deadline, interrupted)
                    self._changed.wait(_LOOK_EVERY_S)
            finally:
                self._waits.pop(session, None)
            if keep:
                mine = self._held.setdefault(resource, {})
                mine[session] = mine.get(session, False) or exclusive

    def release(self, session: int) -> None:
        """Gives back all that a session holds."""
        with self._changed:
            for holders in self._held.values():
                holders.pop(session, None)
            self._changed.notify_all()

    def _blockers(self, session: int, resource: str, *, exclusive: bool) -> list[int]:
        holders = self._held.get(resource, {})
        return [other for other, theirs in holders.items() if other != session and (theirs or exclusive)]

    def _give_up_if_due(self, session: int, deadline: float | None, interrupted: Callable[[], bool]) -> None:
        if self._in_circle(session):
            raise errors.deadlocked(session)
        if deadline is not None and time.monotonic() >= deadline:
            raise errors.lock_timed_out()
        if interrupted():
            raise InterruptedStatementError

    def _in_circle(self, session: int) -> bool:
        seen, open_ends = set(), [session]
        while open_ends:
            one = open_ends.pop()
            if one not in self._waits:
                continue
            resource, exclusive = self._waits[one]
            for other in self._blockers(one, resource, exclusive=exclusive):
                if other == session:
                    return True
                if other not in seen:
                    seen.add(other)
                    open_ends.append(other)
        return False
