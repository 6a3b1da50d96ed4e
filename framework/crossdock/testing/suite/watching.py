"""Watching a plugin at work: what it logs, prints, contacts, and leaves open."""

import gc
import hashlib
import io
import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from decimal import getcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
PATIENCE_S = 1.0
"""Seconds that a thread which was told to end may take."""


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collects every line that any logger is given, of any level, with its error's text."""
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name}: {record.getMessage()} {record.exc_info[1] if record.exc_info else ''}")

    root, handler = logging.getLogger(), Handler(logging.DEBUG)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@contextmanager
def printed() -> Iterator[io.StringIO]:
    """Collects what goes to standard output and standard error."""
    text = io.StringIO()
    with redirect_stdout(text), redirect_stderr(text):
        yield text


@contextmanager
def contacted(allowed: Iterable[str]) -> Iterator[list[str]]:
    """Lets sockets of Python reach these addresses only, and collects the others that were tried.

    Drivers in C with sockets of their own are not seen.

    Args:
        allowed: addresses, as URLs or as `host:port` or `host`.
    """
    doors, others = {door for one in allowed for door in _doors(one)}, []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not {(address[0], address[1]), (address[0], None)} & doors:
            others.append(f"{address[0]}:{address[1]}")
            message = f"{address[0]}:{address[1]} is no host that the manifest declares"
            raise ConnectionRefusedError(message)
        return real(self, address)

    with patch.object(socket.socket, "connect", connect), patch.object(socket.socket, "connect_ex", _failing(connect)):
        yield others


@contextmanager
def unclosed() -> Iterator[list[str]]:
    """Collects what was dropped without being closed: files, sockets, connections to a database."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        yield found
        gc.collect()
    found += [f"something not closed ({one.message})" for one in caught if issubclass(one.category, ResourceWarning)]


def left_open(folder: Path, threads: Iterable[threading.Thread]) -> list[str]:
    """Gives what is still there of a session that is closed: threads, and open files of a folder.

    Args:
        folder: whose files should be closed; seen where the system shows open files in a folder of its own.
        threads: those that were there before.
    """
    found = [f"a thread {one.name!r}" for one in _new_threads(threads)]
    return found + [f"the open file {one.name!r}" for one in _open_files() if folder in one.parents]


def files_in(folder: Path) -> dict[str, str]:
    """Gives a mark of the content of each file in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def process_state() -> Mapping[str, Any]:
    """Gives what belongs to the whole process, and no plugin may change."""
    context = getcontext()
    return {
        "the working folder": Path.cwd(),
        "os.environ": dict(os.environ),
        "the root logger's level": logging.getLogger().level,
        "the root logger's handlers": list(logging.getLogger().handlers),
        "the decimal context": (context.prec, context.rounding, {kind: on for kind, on in context.traps.items() if on}),
        "the handler of interrupts": signal.getsignal(signal.SIGINT),
        "socket's default time-out": socket.getdefaulttimeout(),
        "sys.stdout": sys.stdout,
        "sys.excepthook": sys.excepthook,
    }


def _failing(connect: Any) -> Any:
    def connect_ex(self: socket.socket, address: Any) -> int:
        try:
            connect(self, address)
        except OSError as error:
            return error.errno or 111
        return 0

    return connect_ex


def _doors(address: str) -> Iterator[tuple[str, int | None]]:
    """Gives the addresses and ports behind a setting; no port: any."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    port = parts.port or PORTS.get(parts.scheme)
    for name in filter(None, (parts.hostname,)):
        yield name, port
        try:
            yield from ((str(one[4][0]), port) for one in socket.getaddrinfo(name, port))
        except OSError:
            continue


def _new_threads(before: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Gives threads that do not end; those of a stand-in's server, one a request, are not the plugin's."""
    known, ends = set(before), time.monotonic() + PATIENCE_S
    new = [one for one in threading.enumerate() if one not in known and "process_request_thread" not in one.name]
    for one in new:
        one.join(max(0.0, ends - time.monotonic()))
    return [one for one in new if one.is_alive()]


def _open_files() -> list[Path]:
    shown = Path("/proc/self/fd")
    found = []
    for link in shown.iterdir() if shown.is_dir() else ():
        try:
            found.append(link.readlink())
        except OSError:  # it was that of the listing
            continue
    return found
