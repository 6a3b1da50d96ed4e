"""Marks of the last intents, in a file beside the store: what tells that the store was put back from a backup."""

from pathlib import Path

import msgspec

from crossdock.orders.restored import Mark

FILE = "orders.marks"


class MarksFile:
    """Implements `orders.restored.Marks` in the home folder. A backup of the store should leave the file out."""

    def __init__(self, home: Path) -> None:
        """Takes the home folder."""
        self._home = home

    def read(self, target: int) -> Mark | None:
        """Gives a target's mark, None where nothing was ever sent or the file cannot be understood."""
        try:
            return msgspec.json.decode(self._file(target).read_bytes(), type=Mark)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write(self, target: int, mark: Mark) -> None:
        """Keeps a target's mark: a file of its own, put in place whole."""
        file = self._file(target)
        fresh = file.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(mark))
        fresh.replace(file)

    def _file(self, target: int) -> Path:
        return self._home / f"{FILE}.{target}"
