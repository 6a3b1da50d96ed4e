"""Failures on demand: each strikes the next statements that fit it, a given number of times."""

from dataclasses import dataclass, replace
from threading import Event, Lock
from typing import Literal

FaultKind = Literal["close_after_rows", "close_before", "hang", "slow", "lose_answer", "deadlock", "disk_full", "error"]


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    - `close_after_rows`: cuts the connection when `rows` rows of an answer have left, or at its end if it has fewer.
    - `close_before`: cuts the connection without doing anything.
    - `hang`: does not answer until the client gives up, the faults are cleared or the server stops.
    - `slow`: waits `seconds` first; a client that gives up meanwhile is heard.
    - `lose_answer`: does it, commits where no transaction is open, then cuts the connection instead of answering.
    - `deadlock`: 1205, and the transaction is rolled back.
    - `disk_full`: 1105 for a statement that writes.
    - `error`: answers with `number`.
    """

    kind: FaultKind
    matching: str = ""
    """Words of the statement, whatever their case; a commit's are COMMIT. Empty: any statement but SET and the
    catalogue procedures (sp_...), which drivers send of themselves."""
    times: int | None = 1
    """How many statements it strikes; None until the faults are cleared."""
    skip: int = 0
    """How many fitting statements pass before the first is struck."""
    rows: int = 0
    """For `close_after_rows`."""
    seconds: float = 0.0
    """For `slow`."""
    number: int = 0
    """For `error`."""


class Faults:
    """The faults set, in the order in which they were set."""

    def __init__(self) -> None:
        """No fault is set."""
        self._lock = Lock()
        self._set: list[Fault] = []
        self.cleared = Event()

    def add(self, fault: Fault) -> None:
        """Sets one more fault."""
        with self._lock:
            self.cleared.clear()
            self._set.append(fault)

    def clear(self) -> None:
        """Takes all faults back; who hangs goes on."""
        with self._lock:
            self._set.clear()
            self.cleared.set()

    def take(self, statement: str, *, writes: bool) -> Fault | None:
        """Gives the fault that strikes a statement, and counts it off."""
        with self._lock:
            for place, fault in enumerate(self._set):
                if not _fits(fault, statement) or (fault.kind == "disk_full" and not writes):
                    continue
                if fault.skip:
                    self._set[place] = replace(fault, skip=fault.skip - 1)
                    continue
                if fault.times is not None:
                    self._set[place : place + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                return fault
        return None


def _fits(fault: Fault, statement: str) -> bool:
    said = statement.lower()
    return fault.matching.lower() in said if fault.matching else not said.startswith(("set ", "sp_", "exec sp_"))
