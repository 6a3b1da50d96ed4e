"""The stand-in hub as a process of its own, started and ended from Python."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STOP_S = 5.0
"""Seconds that it has to end by itself."""


@contextmanager
def started_process(*arguments: str) -> Iterator[str]:
    """Starts `python -m crossdock.testing.hub` and gives its root address; should this process die, it ends by itself.

    Args:
        arguments: those of its command line, such as `--rate=1000`. None: a free port and its own defaults.

    Raises:
        RuntimeError: it did not start; what it said is on standard error.
    """
    command = [sys.executable, "-X", "utf8", "-m", "crossdock.testing.hub", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        ready = process.stdout.readline() if process.stdout else b""
        if not ready:
            message = f"the stand-in hub did not start (exit {process.wait()})"
            raise RuntimeError(message)
        yield str(json.loads(ready)["url"])
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Closes its input, at which it ends; one that stays is killed."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
