"""The stand-in hub as a process of its own, and what can be asked of it behind the vendor's contract."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import ProxyHandler, build_opener

from crossdock.contract import TransientError

RATE = 1000
"""Requests a second that the stand-in takes: it is in no hurry to limit anyone."""
USERNAME, WORD, SOURCE_ID = "agent@client", "secret", 57
"""Who may log in to a stand-in that was told nothing else."""
STOP_S, ASK_S = 5.0, 30.0


class StandIn:
    """A running stand-in hub."""

    def __init__(self, url: str) -> None:
        """Takes its root address."""
        self.url = url
        self._opener = build_opener(ProxyHandler({}))

    def active_variants(self) -> dict[str, dict[str, Any]]:
        """Asks which variants are on sale and gives them by the item's code.

        Raises:
            TransientError: it does not answer.
        """
        try:
            with self._opener.open(f"{self.url}/_standin/variants?active=true", timeout=ASK_S) as answer:
                found = json.load(answer)
        except OSError as error:
            message = f"the stand-in hub at {self.url} does not answer: {error}"
            raise TransientError(message) from error
        return {one["source_variant_code"]: one for one in found["variants"]}


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """Starts a stand-in hub on a free port and stops it at the end; should this process die, it ends by itself.

    Raises:
        TransientError: it does not start.
    """
    command = [sys.executable, "-X", "utf8", "-m", "crossdock.testing.hub", f"--rate={RATE}", f"--open-rate={RATE}"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # our own module
    try:
        ready = process.stdout.readline() if process.stdout else b""
        if not ready:
            message = f"the stand-in hub did not start (exit {process.wait()})"
            raise TransientError(message)
        yield StandIn(json.loads(ready)["url"])
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
