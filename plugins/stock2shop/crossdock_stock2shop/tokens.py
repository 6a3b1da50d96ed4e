"""One token for all who work for a connection.

A login ends every earlier token of the user, so if each child logged in for itself they would throw each
other out for ever. The token lives in the connection's memory. Who is refused with it takes the login lease,
looks once more whether another has renewed it meanwhile, and only then logs in; the others wait for the result.
"""

import hashlib
import time
import uuid
from collections.abc import Callable

from crossdock import Memory, TransientError

_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0


class SharedToken:
    """The token of one user at one address, shared through the memory."""

    def __init__(self, memory: Memory, owner: str, log_in: Callable[[], str], longest_s: float) -> None:
        """Takes what the token is kept in, what it belongs to, and how to get a new one.

        Args:
            memory: the connection's.
            owner: address and user.
            log_in: gives a new token.
            longest_s: seconds that a login may take; after them another may try, since the first has died.
        """
        self._longest_s = longest_s
        mark = hashlib.sha256(owner.encode()).hexdigest()[:16]
        self._memory, self._log_in = memory, log_in
        self._token_key, self._lease_key = f"token:{mark}", f"login:{mark}"

    def get(self) -> str:
        """Gives the present token, a new one where there is none."""
        return self._memory.get(self._token_key) or self.renew(None)

    def renew(self, refused: str | None) -> str:
        """Gives a token other than the refused one: another's where there is one, else by logging in.

        Raises:
            TransientError: another has been logging in for too long.
        """
        give_up_at = time.monotonic() + self._longest_s + _LONGEST_PAUSE_S
        pause = _PAUSE_S
        while time.monotonic() < give_up_at:
            token = self._other_than(refused) or self._try_log_in(refused)
            if token is not None:
                return token
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)
        message = "another run has been logging in at the hub for too long"
        raise TransientError(message)

    def _other_than(self, refused: str | None) -> str | None:
        token = self._memory.get(self._token_key)
        return token if token and token != refused else None

    def _try_log_in(self, refused: str | None) -> str | None:
        """Logs in where nobody else is; None where somebody is."""
        held = self._memory.get(self._lease_key)
        if held and float(held.partition(" ")[0]) > time.time():
            return None
        mine = f"{time.time() + self._longest_s} {uuid.uuid4().hex}"
        if not self._memory.compare_and_set(self._lease_key, held, mine, secret=False):
            return None
        try:
            token = self._other_than(refused)
            if token is None:
                token = self._log_in()
                self._memory.set(self._token_key, token, secret=True)
            return token
        finally:
            self._memory.compare_and_set(self._lease_key, mine, "", secret=False)
