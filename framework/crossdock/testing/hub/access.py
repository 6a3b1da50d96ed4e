"""Who may call, with which token, and how often."""

import hmac
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from threading import Lock

_WINDOW_S = 1.0


class Access:
    """Users and the one token that each of them may have: a new login ends the earlier token."""

    def __init__(self, users: Mapping[str, str]) -> None:
        """Takes the password of each user."""
        self._users = dict(users)
        self._lock = Lock()
        self._tokens: dict[str, str] = {}

    def log_in(self, username: str, password: str) -> str | None:
        """Return a new token, the user's only valid one from now on; None for a wrong login."""
        known = self._users.get(username)
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            return None
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens = {old: user for old, user in self._tokens.items() if user != username}
            self._tokens[token] = username
        return token

    def user_of(self, token: str) -> str | None:
        """Return whose token this is; None for an old or unknown one."""
        with self._lock:
            return self._tokens.get(token)

    def user_id(self, username: str) -> int:
        """Return the number of a known user."""
        return list(self._users).index(username) + 1

    def drop_tokens(self) -> None:
        """Make every token invalid."""
        with self._lock:
            self._tokens.clear()


class Rates:
    """How many requests were let through in the last second, per caller and endpoint.

    Args:
        rate: requests a second per endpoint with a token.
        open_rate: requests a second per endpoint without one.
    """

    def __init__(self, rate: int, open_rate: int) -> None:
        """Takes the two limits; nothing has passed yet."""
        self._limits = (rate, open_rate)
        self._lock = Lock()
        self._passed: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    def limit(self, endpoint: str) -> int:
        """Return how many requests a second an endpoint takes."""
        rate, open_rate = self._limits
        return open_rate if endpoint.startswith("/users/") else rate

    def allow(self, caller: str, endpoint: str) -> bool:
        """Let a request through, or not when the limit is reached within a second."""
        now = time.monotonic()
        with self._lock:
            passed = self._passed[caller, endpoint]
            while passed and passed[0] <= now - _WINDOW_S:
                passed.popleft()
            if len(passed) >= self.limit(endpoint):
                return False
            passed.append(now)
            return True

    def reset(self) -> None:
        """Forget what passed."""
        with self._lock:
            self._passed.clear()
