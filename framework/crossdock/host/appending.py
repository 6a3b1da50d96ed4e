"""Adding to `crossdock.toml`: what is there stays as it is, byte for byte, and the file is whole at every moment."""

import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from crossdock.contract import ConfigError
from crossdock.host.config import Configuration, read_configuration

MARK = "\ufeff"
"""What some editors put at a file's beginning; TOML itself does not know it."""


class AlreadyThereError(ConfigError):
    """What would be made is there, and stays as it is."""

    trouble = "already_there"


def appended(path: Path, section: str) -> Configuration:
    """Adds a section to the end of a configuration and gives the whole, checked before it takes the old one's place.

    Raises:
        ConfigError: the file would not be valid any more, somebody else has changed it meanwhile, or it cannot be
            written.
    """
    with _said("added to", path):
        return _appended(path, section)


def _appended(path: Path, section: str) -> Configuration:
    before = path.read_bytes()
    newline = "\r\n" if b"\r\n" in before else "\n"
    text = before.decode("utf-8")
    gap = "" if not text else newline if text.endswith("\n") else newline * 2
    whole = (text + gap + section.replace("\n", newline)).encode("utf-8")
    with _beside(path, whole) as fresh:
        configuration = _checked(fresh, path, text, section)
        if path.read_bytes() != before:
            message = f"{path} was changed by somebody else meanwhile; nothing was written. Run the command again"
            raise ConfigError(message)
        _replace(fresh, path)
    return configuration


def written_new(path: Path, text: str) -> None:
    """Writes a configuration where there is none.

    Raises:
        AlreadyThereError: there is one already; it is left as it is.
        ConfigError: it cannot be written there.
    """
    with _said("made", path):
        if path.exists():
            message = f"there is a configuration at {path} already; it is left as it is"
            raise AlreadyThereError(message)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)


@contextmanager
def _said(what: str, path: Path) -> Iterator[None]:
    """Says of what the system refuses which file it was, and whose move it is."""
    try:
        yield
    except OSError as error:
        message = (
            f"{path} cannot be {what}: {error.strerror or error}; nothing was written. "
            "Let this user write there, or name another place with --home or --config"
        )
        raise ConfigError(message) from error


@contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    """Writes a file of a name of its own in the same folder, gone at the end unless it was moved."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield fresh
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()


def _replace(fresh: Path, path: Path) -> None:
    """Puts the new file in the old one's place, with its permissions."""
    shutil.copymode(path, fresh)
    fresh.replace(path)


def _checked(fresh: Path, path: Path, before: str, section: str) -> Configuration:
    """Reads the new file as a run would, and makes sure that nothing but the section came to it."""
    try:
        old, new, alone = (tomllib.loads(one.removeprefix(MARK)) for one in (before, fresh.read_text("utf-8"), section))
    except tomllib.TOMLDecodeError as error:
        cure = f"put this into it by hand:\n\n{section}"
        message = f"{path} has a form to which nothing can be added at its end ({error}); {cure}"
        raise ConfigError(message) from error
    if new != _merged(old, alone):
        message = f"{path} would not say what it said before; nothing was written. Put this into it:\n\n{section}"
        raise ConfigError(message)
    return read_configuration(fresh)


def _merged(old: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Gives two tables as one."""
    found = dict(old)
    for name, one in more.items():
        is_table = isinstance(one, dict) and isinstance(found.get(name), dict)
        found[name] = _merged(found[name], one) if is_table else one
    return found
