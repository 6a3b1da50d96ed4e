"""Tryton's programs: an environment of its own with the versions of the lock beside this file."""

import sys
from hashlib import sha256
from pathlib import Path

from crossdock.testing import cache, private

LOCK = Path(__file__).with_name("requirements.lock")
_INSTALL_WITHIN_S = 240


def version() -> str:
    """Gives what tells one set of programs from another: the lock and the interpreter."""
    digest = sha256(LOCK.read_bytes()).hexdigest()[:12]
    return f"{digest}-py{sys.version_info.major}{sys.version_info.minor}"


def interpreter() -> Path:
    """Gives the Python that has Tryton, installed from the package index on first use.

    Raises:
        Unavailable: the environment cannot be made, or the packages cannot be had.
    """
    return _python(cache.kept(f"tryton-{version()}", _install))


def _python(place: Path) -> Path:
    return place / "env" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _install(place: Path) -> None:
    private.run([sys.executable, "-m", "venv", place / "env"], {})
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    command: list[str | Path] = [_python(place), "-m", "pip", "install", *quiet, "--requirement", LOCK]
    private.run(command, {}, _INSTALL_WITHIN_S)
