"""A token bucket: no more than so many calls a second, whichever thread makes them."""

import threading
import time
from collections.abc import Callable

_MARGIN = 1.02
"""A clock at the other end that counts a second a little early should still find us within the limit."""


class RateLimiter:
    """Holds one token for each call that may go now; a call waits until there is one."""

    def __init__(
        self,
        rate_per_s: float | None,
        *,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Takes the calls a second (None: no limit) and how many may go at once after a rest."""
        self._rate, self._burst = rate_per_s, burst
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._tokens = float(burst)
        self._filled_at = clock()

    @property
    def rate_per_s(self) -> float | None:
        """Calls a second at present; None: no limit."""
        return self._rate

    def set_rate(self, rate_per_s: float) -> None:
        """Changes the calls a second from now on; a rate that is not above 0 is passed over."""
        if rate_per_s > 0:
            with self._lock:
                self._fill()
                self._rate = rate_per_s

    def acquire(self) -> None:
        """Returns when the next call may go."""
        wait = self._take()
        if wait > 0:
            self._sleep(wait)

    def _take(self) -> float:
        with self._lock:
            if self._rate is None:
                return 0.0
            self._fill()
            self._tokens -= 1
            return max(0.0, -self._tokens * _MARGIN / self._rate)

    def _fill(self) -> None:
        now = self._clock()
        if self._rate is not None:
            grown = self._tokens + (now - self._filled_at) * self._rate / _MARGIN
            self._tokens = min(float(self._burst), grown)
        self._filled_at = now
