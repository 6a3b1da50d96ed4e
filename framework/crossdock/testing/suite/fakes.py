"""What a fake may offer beyond `start`: the more of it, the more the suite can prove.

A fake is the module `fake.py` of a plugin, or any object with the same names. Only `start` is asked for. A check that
needs more than a fake offers is not applicable, and says what is missing.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

from crossdock.contract import AuthError, ConnectionSetupError, CrossdockError, TransientError

Settings = Mapping[str, Any]
"""What `start` yielded: the section of `crossdock.toml`, with maps of streams in it where an operator wrote them."""
Fault = Literal[
    "time_out", "unreachable", "rate_limit", "refused", "not_permitted", "bad_data", "out_of_order", "repeated"
]
"""Ways in which a system fails, or is merely difficult.

- `time_out`: it does not answer in time.
- `unreachable`: nobody listens.
- `rate_limit`: it answers that there were too many calls, and asks to wait `RETRY_AFTER_S` seconds.
- `refused`: it does not know the login.
- `not_permitted`: it knows the login, which may not read.
- `bad_data`: what it answers makes no sense.
- `out_of_order`: it gives rows in an order of its own.
- `repeated`: it gives rows more than once.
"""
RETRY_AFTER_S = 120.0
"""Seconds that a `rate_limit` asks to wait: more than anyone waits out within a call."""
CLASSES: Mapping[str, tuple[type[CrossdockError], ...]] = {
    "time_out": (TransientError,),
    "unreachable": (TransientError,),
    "rate_limit": (TransientError,),
    "refused": (AuthError,),
    "not_permitted": (AuthError,),
    "bad_data": (TransientError, ConnectionSetupError),
}
"""What a plugin must raise when the system fails so."""


class Fake(Protocol):
    """What every fake offers."""

    def start(self, folder: Path) -> AbstractContextManager[Settings]:
        """Starts the system with sample data, its files in a folder, and yields a connection's settings."""
        ...


class TouchingFake(Fake, Protocol):
    """A fake whose rows change: incremental reads can be proved."""

    def touch(self, settings: Settings, stream: str, codes: Sequence[Any], seconds: float) -> None:
        """Changes rows by native code and stamps them all with one time, some seconds from now, of the system's clock.

        Negative seconds are a change committed late, positive ones a clock that is ahead.
        """
        ...


class FillingFake(Fake, Protocol):
    """A fake of any size: empty and full pages, and flat memory, can be proved."""

    def fill(self, settings: Settings, stream: str, count: int) -> None:
        """Replaces all rows of a stream by so many, each with a key of its own."""
        ...


class FailingFake(Fake, Protocol):
    """A fake that fails on demand: how errors are told can be proved."""

    FAULTS: Sequence[Fault]
    """What `fault` can do."""

    def fault(self, settings: Settings, kind: Fault) -> AbstractContextManager[Settings]:
        """Lets the running system fail in one way within a block; yields the settings to use, mostly the same ones."""
        ...


class LookingFake(Fake, Protocol):
    """A fake that shows its insides: that a check leaves nothing behind can be proved beyond its files."""

    def state(self, settings: Settings) -> Any:  # whatever compares equal where nothing changed
        """Gives all that the system keeps."""
        ...


class KnowingFake(Fake, Protocol):
    """A fake that says what is particular about its sample data."""

    BAD_ROWS: Mapping[str, int]
    """Rows of a stream that are bad on purpose and cannot be mapped; streams left out have none."""
    AWARE: Mapping[str, Sequence[str]]
    """Columns of a stream whose times have a zone in the system itself, or an offset."""
    IMPATIENT: Settings
    """Settings with which a `time_out` is noticed in a moment."""
