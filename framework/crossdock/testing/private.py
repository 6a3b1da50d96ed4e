"""What private servers of tests have in common: who they run as, where they listen, how their programs are run."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

RUN_WITHIN_S = 60
_WATCHER = """
import os, signal, sys
if not sys.stdin.buffer.read(1):  # the end without a word: whoever started us is gone
    os.kill(int(sys.argv[1]), getattr(signal, "SIGQUIT", signal.SIGTERM))
"""
"""SIGQUIT ends both servers at once (PostgreSQL manual, Shutting Down the Server; observed on MariaDB 10.11)."""


class Unavailable(Exception):  # noqa: N818  # a state of the machine, not a fault
    """Something that a test needs cannot be had here; the message says what is missing or what failed."""


def is_root() -> bool:
    """Says whether this process has root's rights; never so on Windows."""
    return sys.platform != "win32" and os.geteuid() == 0


def unprivileged(folder: Path, *users: str) -> Mapping[str, Any]:
    """Gives the arguments that make a subprocess run without root's rights; root hands the folder over.

    Args:
        folder: the server's own folder; it must be reachable by others.
        users: names to run as, the first that this machine knows; `nobody` is tried last.

    Returns:
        Keywords of `subprocess`: nothing where this process is not root.

    Raises:
        Unavailable: this process is root, and the machine knows none of the users.
    """
    if sys.platform == "win32" or not is_root():
        return {}
    import pwd  # noqa: PLC0415  # Windows has none

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    names = (*users, "nobody")
    entry = next((known[name] for name in names if name in known), None)
    if entry is None:
        reason = f"running as root, and there is none of the users {', '.join(names)} to run the server as"
        raise Unavailable(reason)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": folder}


def write_secret(path: Path, text: str, person: Mapping[str, Any]) -> None:
    """Writes a file that only the server's user can read."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    if "user" in person:
        os.chown(path, person["user"], person["group"])


def free_port() -> int:
    """Gives a loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def run(command: Sequence[str | Path], how: Mapping[str, Any], within_s: float = RUN_WITHIN_S) -> None:
    """Runs a command to its end; its output goes to a file, since a server would hold a pipe open.

    Raises:
        Unavailable: it cannot be run, failed or took too long; the message ends with what it said.
    """
    with TemporaryFile() as output:
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        try:
            subprocess.run(command, check=True, timeout=within_s, **streams, **how)
        except (OSError, subprocess.SubprocessError) as native:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:].strip()
            reason = f"{native}\n{said}".strip()
            raise Unavailable(reason) from native


@contextmanager
def watched(server: int) -> Iterator[None]:
    """Ends a server when this process is ended by force; at an orderly end of the context it does nothing.

    Args:
        server: its process id.
    """
    command = [sys.executable, "-I", "-S", "-c", _WATCHER, str(server)]
    # A session of its own: what interrupts the tests at the keyboard does not reach it before them.
    watcher = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        watcher.communicate(b".", RUN_WITHIN_S)
