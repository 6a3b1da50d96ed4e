"""What tests keep between runs: programs of real systems and their prepared databases, made once and then reused."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from crossdock.testing.private import Unavailable

VARIABLE = "CROSSDOCK_TEST_CACHE"
"""Environment variable that names another folder for them."""
_LOCKED_AT_MOST_S = 600
_COMPLETE = "complete"


def folder() -> Path:
    """Gives the folder of everything kept: what `CROSSDOCK_TEST_CACHE` says, else the user's cache folder."""
    told = os.environ.get(VARIABLE)
    return Path(told) if told else user_cache_path("crossdock", appauthor=False) / "testing"


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """Gives the folder of one thing kept; makes it where it is not there, or not complete.

    Two processes that ask at once make it once. What an interrupted one left is removed and made anew.

    Args:
        name: names the thing and its version; another version is another name, and an old one is never touched.
        make: fills the empty folder that it is given.

    Raises:
        Unavailable: it cannot be kept there, or another process has been making it for ten minutes; or what `make`
            raises.
    """
    root = folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / f"{name}.lock", timeout=_LOCKED_AT_MOST_S):
            _complete(root / name, make)
    except (Timeout, OSError) as native:
        reason = f"{name} cannot be kept in {root}; name another folder in {VARIABLE}: {native}"
        raise Unavailable(reason) from native
    return root / name


def _complete(place: Path, make: Callable[[Path], None]) -> None:
    """Has a folder filled, unless it is; the mark of completeness comes last."""
    if (place / _COMPLETE).exists():
        return
    if place.exists():
        shutil.rmtree(place)
    place.mkdir()
    make(place)
    (place / _COMPLETE).touch()
