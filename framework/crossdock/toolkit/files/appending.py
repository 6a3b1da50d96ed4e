"""Appending to a file so that it always ends with a whole line.

A crash or a full disk can leave half a line behind, and the next line would make one unreadable line of
both. So the tail is cut back to the last line end when the file is opened, and to where it was whenever a
write fails. One writer at a time holds a lock file beside it.
"""

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from crossdock.contract import ConfigError, TransientError

_log = logging.getLogger(__name__)
_BLOCK = 64 * 1024


class AppendedFile:
    """A file that only grows, by whole batches of lines; opened, locked and repaired at the first use."""

    def __init__(self, path: Path, *, line_end: bytes = b"\n") -> None:
        """Takes the file, which need not exist, and the bytes that end each of its lines."""
        self._path, self._line_end = path, line_end
        self._file: BinaryIO | None = None
        self._torn_at: int | None = None

    def __enter__(self) -> Self:
        """Gives the file, not opened yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        self.close()

    def append(self, lines: bytes) -> None:
        """Adds whole lines, all or none, on the disk before it returns.

        Raises:
            TransientError: the disk is full or another writer has the file; the file is as it was.
            ConfigError: the file cannot be made there.
        """
        file = self._opened()
        try:
            self._mend(file)
            end = file.seek(0, os.SEEK_END)
            try:
                _write(file, lines)
            except OSError:
                self._torn_at = end
                self._mend(file)
                raise
        except OSError as error:
            message = f"{self._path} cannot be written now ({error.strerror}); nothing of this batch is in it"
            raise TransientError(message) from error

    def first_line(self) -> bytes:
        """Gives the first line with its end, empty where the file is new.

        Raises:
            TransientError: another writer has the file.
            ConfigError: the file cannot be made there.
        """
        file = self._opened()
        file.seek(0)
        found = b""
        while self._line_end not in found:
            block = file.read(_BLOCK)
            if not block:
                return found
            found += block
        return found[: found.index(self._line_end) + len(self._line_end)]

    def close(self) -> None:
        """Closes the file and gives the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
            self._lock.release()

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> BinaryIO:
        self._take_lock()
        try:
            with ExitStack() as undone:
                undone.callback(self._lock.release)
                is_new = not self._path.exists()
                file = undone.enter_context(self._path.open("a+b", buffering=0))
                self._cut_tail(file)
                if is_new:
                    _sync_folder(self._path.parent)
                undone.pop_all()
        except OSError as error:
            message = f"{self._path} cannot be opened for writing now: {error.strerror}"
            raise TransientError(message) from error
        return file

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout  # noqa: PLC0415  # only a writer needs it

        if not self._path.parent.is_dir():
            message = f"{self._path} cannot be written: there is no folder {self._path.parent}"
            raise ConfigError(message)
        self._lock = FileLock(f"{self._path}.lock", timeout=0)
        try:
            self._lock.acquire()
        except Timeout as error:
            message = f"{self._path} is being written by another run (it holds {self._path}.lock)"
            raise TransientError(message) from error
        except OSError as error:
            message = f"{self._path}.lock cannot be made: {error.strerror}"
            raise TransientError(message) from error

    def _cut_tail(self, file: BinaryIO) -> None:
        size = file.seek(0, os.SEEK_END)
        whole = _end_of_last_line(file, size, self._line_end)
        if whole != size:
            _log.warning("%s ended in half a line: %d bytes were cut off", self._path, size - whole)
            file.truncate(whole)
            os.fsync(file.fileno())

    def _mend(self, file: BinaryIO) -> None:
        """Cuts off what a failed write left; kept for the next call where even that fails."""
        if self._torn_at is not None:
            file.truncate(self._torn_at)
            os.fsync(file.fileno())
            self._torn_at = None


def _write(file: BinaryIO, lines: bytes) -> None:
    left = memoryview(lines)
    while left:
        left = left[file.write(left) :]
    os.fsync(file.fileno())


def _end_of_last_line(file: BinaryIO, size: int, line_end: bytes) -> int:
    """Gives the place after the last line end, 0 where there is none."""
    start = size
    tail = b""
    while start > 0:
        length = min(_BLOCK, start)
        start -= length
        file.seek(start)
        tail = file.read(length) + tail[: len(line_end) - 1]
        found = tail.rfind(line_end)
        if found >= 0:
            return start + found + len(line_end)
    return 0


def _sync_folder(folder: Path) -> None:
    """Makes a new file's name durable, where the system can."""
    if os.name == "nt":
        return
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
