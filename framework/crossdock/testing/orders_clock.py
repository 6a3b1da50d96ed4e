"""A clock that tests set, and a store that goes by it and dies at named commits."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from crossdock.store import Store, Transaction
from crossdock.testing.ports import Crash

ORDERS = str(Path("crossdock", "orders"))
PASSING = {"Lane.writing"}
"""Functions that open transactions for others, who give the boundary its name."""


class FakeClock:
    """Wall time, which jumps, and ticks, which do not."""

    def __init__(self) -> None:
        """Starts at some moment of some day."""
        self.wall, self.ticks = 1_700_000_000.0, 1000.0
        self.boots, self._booted = 0, 0.0

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self.wall += seconds
        self.ticks += seconds

    def jump(self, seconds: float) -> None:
        """Sets the wall clock."""
        self.wall += seconds

    def now(self) -> float:
        """Gives wall time, a little later at each look."""
        self.wall += 0.001
        return self.wall

    def boot(self) -> None:
        """Starts the machine anew: its ticks begin from nothing."""
        self.boots, self._booted = self.boots + 1, self.ticks

    def tick(self) -> float:
        """Gives ticks since the machine was started."""
        self.ticks += 0.001
        return self.ticks - self._booted


class Boundaries:
    """Where a host can die: every commit and every call, by name; and the plan to let it die at one."""

    def __init__(self) -> None:
        """Starts with nothing passed and nothing planned."""
        self.passed: Counter[str] = Counter()
        self.died: Counter[str] = Counter()
        self._countdown: int | None = None
        self._wanted: str | None = None
        self.doomed: set[str] = set()
        """Names at whose next passing the host dies, whatever else is planned."""

    def die_in(self, passes: int, wanted: str | None = None) -> None:
        """Plans a death: at the boundary that is passed after so many others, or after so many of one name."""
        self._countdown, self._wanted = passes, wanted

    def forget(self) -> None:
        """Plans no death."""
        self._countdown = self._wanted = None
        self.doomed.clear()

    def here(self, name: str) -> None:
        """Passes a boundary.

        Raises:
            Crash: it was planned.
        """
        self.passed[name] += 1
        if name in self.doomed:
            self.doomed.discard(name)
            self.died[name] += 1
            raise Crash
        if self._countdown is None or (self._wanted is not None and self._wanted != name):
            return
        self._countdown -= 1
        if self._countdown < 0:
            self._countdown = self._wanted = None
            self.died[name] += 1
            raise Crash


class ClockedStore(Store):
    """A store that goes by a fake clock and can die before, inside and after each of its commits.

    It does not wait for the disk: a process that dies loses nothing that it wrote, only a machine does.
    """

    def __init__(self, url: str, clock: FakeClock, boundaries: Boundaries) -> None:
        """Opens the store."""
        self.clock, self.boundaries = clock, boundaries
        super().__init__(url)

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A transaction that writes; raises Crash where that was planned."""
        name = _boundary()
        if name is not None:
            self.boundaries.here(f"{name} before")
        with super().write(durable=False) as transaction:
            transaction.now = self.clock.now  # type: ignore[method-assign]
            yield transaction
            if name is not None and durable:
                self.boundaries.here(f"{name} inside")
        if name is not None:
            self.boundaries.here(f"{name} after")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that only reads."""
        with super().read() as transaction:
            transaction.now = self.clock.now  # type: ignore[method-assign]
            yield transaction


def _boundary() -> str | None:
    """Gives the function of `orders` that opens the transaction, None where it is somebody else."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # the name of the caller is what this is about
    while frame is not None and frame.f_code.co_name != "other_host":  # beyond it stands the host that sleeps
        if ORDERS in frame.f_code.co_filename and frame.f_code.co_qualname not in PASSING:
            return frame.f_code.co_qualname
        frame = frame.f_back
    return None
