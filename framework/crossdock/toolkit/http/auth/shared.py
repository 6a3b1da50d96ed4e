"""One token or session for all children of a connection, kept in its memory.

Where a login ends every earlier token, or a refresh token is good for one use, children that each got their own
would throw each other out for ever. So it lives in the connection's memory. Who needs another takes a lease, looks
once more whether somebody else has got it meanwhile, and only then asks the other system; the others wait for the
result. What was got is in the memory, durably, before it is used.
"""

import hashlib
import time
import uuid
from collections.abc import Callable

from crossdock.contract import Memory, TransientError

LEASE_S = 90.0
"""Longest time that getting one may take; after it another may try, since the first has died."""
_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0


class SharedState:
    """A text in the memory that is got from the other system by one child at a time."""

    def __init__(self, memory: Memory, owner: str, obtain: Callable[[str | None], str]) -> None:
        """Takes what the state belongs to and how to get another.

        Args:
            memory: the connection's.
            owner: what tells this state from others of the connection, such as address and user; kept as a hash.
            obtain: asks the other system for another, given the state that is there. None: there is none.
        """
        mark = hashlib.sha256(owner.encode()).hexdigest()[:16]
        self._memory, self._obtain = memory, obtain
        self._key, self._lease_key = f"auth:{mark}", f"auth-lease:{mark}"
        self._known: str | None = None

    def known(self) -> str | None:
        """Gives the state that is there, good or not; None where there is none."""
        return self._memory.get(self._key) or None

    def get(self, *, is_good: Callable[[str], bool]) -> str:
        """Gives the state that is there, another where there is none or it is no longer good.

        Raises:
            TransientError: another has been asking for too long, or the other system cannot be asked now.
            AuthError: the other system gives none.
        """
        if self._known is not None and is_good(self._known):
            return self._known
        return self.renew(is_good=is_good)

    def renew(self, *, is_good: Callable[[str], bool]) -> str:
        """Gives a state that is good: somebody else's where there is one, else by asking the other system.

        Raises:
            TransientError: as in `get`.
            AuthError: as in `get`.
        """
        give_up_at = time.monotonic() + LEASE_S + _LONGEST_PAUSE_S
        pause = _PAUSE_S
        while time.monotonic() < give_up_at:
            self._known = self._good(is_good) or self._try(is_good)
            if self._known is not None:
                return self._known
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)
        message = "another run of this connection has been logging in for too long"
        raise TransientError(message)

    def _good(self, is_good: Callable[[str], bool]) -> str | None:
        found = self._memory.get(self._key)
        return found if found and is_good(found) else None

    def _try(self, is_good: Callable[[str], bool]) -> str | None:
        """Asks the other system where nobody else does; None where somebody does."""
        held = self._memory.get(self._lease_key)
        if held and float(held.partition(" ")[0]) > time.time():
            return None
        mine = f"{time.time() + LEASE_S} {uuid.uuid4().hex}"
        if not self._memory.compare_and_set(self._lease_key, held, mine, secret=False):
            return None
        try:
            return self._good(is_good) or self._obtained()
        finally:
            self._memory.compare_and_set(self._lease_key, mine, "", secret=False)

    def _obtained(self) -> str:
        before = self._memory.get(self._key)
        found = self._obtain(before or None)
        if self._memory.compare_and_set(self._key, before, found, secret=True):
            return found
        # Only where this took longer than the lease: what the other run has kept is the later of the two.
        return self._memory.get(self._key) or found
