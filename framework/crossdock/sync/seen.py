"""Which items a read has met, one byte an item: flat in memory, and told apart by what became of them."""

from collections.abc import Sequence

UNSEEN, UNCHANGED, WRITTEN, IGNORED, QUARANTINED = 0, 1, 2, 3, 4
COUNTS = {UNCHANGED: "unchanged", WRITTEN: "written", IGNORED: "ignored", QUARANTINED: "quarantined"}


class Seen:
    """The items of one read, by number."""

    def __init__(self, last_id: int) -> None:
        """Takes the highest number before the read; higher ones are new in this read."""
        self.last_id = last_id
        self._states = bytearray(last_id + 1)
        self._new: dict[int, int] = {}
        """New items that are not simply written."""
        self.ghosts = 0
        """Items met that stay gone all the same: their row came back but cannot be mapped."""

    def state(self, item: int) -> int:
        """Gives what became of an item in this read; a new one was written unless noted otherwise."""
        return self._states[item] if item <= self.last_id else self._new.get(item, WRITTEN)

    def note(self, item: int, state: int) -> None:
        """Notes what became of an item."""
        if item <= self.last_id:
            self._states[item] = state
        elif state != WRITTEN:
            self._new[item] = state

    def note_unchanged(self, items: Sequence[int]) -> bool:
        """Notes items of before the read as unchanged, all or, where one was met already or is new, none."""
        states = self._states
        if items and (max(items) > self.last_id or any(map(states.__getitem__, items))):
            return False
        for item in items:
            states[item] = UNCHANGED
        return True

    def met(self) -> int:
        """Counts the live items met that were there before the read."""
        return len(self._states) - self._states.count(0) - self.ghosts
