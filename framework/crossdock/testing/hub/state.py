"""The hub's memory, safe to use from any thread: the queue, its worker, and what was counted."""

import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any

from msgspec import to_builtins

from crossdock.testing.hub.catalogue import Catalogue, Relations
from crossdock.testing.hub.contract import Entry, SearchBody
from crossdock.testing.hub.records import Channel, SystemProduct

_BITE = 200  # entries processed before others get the lock


@dataclass
class Counts:
    """What happened since the start or the last reset.

    Posted entries were in a sound request, queued ones were not ignored, acknowledged ones are
    queued ones whose answer was sent whole, processed ones are in the catalogue.
    """

    logins: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    posted_entries: int = 0
    queued_entries: int = 0
    ignored_entries: int = 0
    acknowledged_entries: int = 0
    processed_entries: int = 0
    posted_variants: Counter[str] = field(default_factory=Counter)


class HubState:
    """Queue, catalogue and counts behind one lock, and the thread that works the queue off.

    Args:
        delay_s: how long an accepted entry waits before it is processed.
        channels: the channels that every active product is in.
    """

    def __init__(self, delay_s: float = 0.0, channels: Iterable[Channel] = ()) -> None:
        """Starts empty and idle."""
        self._delay_s = delay_s
        self._channels = list(channels)
        self._changed = Condition()
        self._is_working = False
        self._worker: Thread | None = None
        self.reset()

    def reset(self) -> None:
        """Forget products, queue and counts."""
        with self._changed:
            self._queue: deque[tuple[float, Entry]] = deque()
            self._catalogue = Catalogue(self._channels)
            self._relations = Relations()
            self._counts = Counts()
            self._changed.notify_all()

    def reset_counts(self) -> None:
        """Forget the counts and keep the rest."""
        with self._changed:
            self._counts = Counts()

    def start(self) -> None:
        """Start working the queue off."""
        self._is_working = True
        self._worker = Thread(target=self._work, name="stand-in hub queue", daemon=True)
        self._worker.start()

    def stop(self) -> None:
        """Stop working; what is queued stays queued."""
        with self._changed:
            self._is_working = False
            self._changed.notify_all()
        if self._worker is not None:
            self._worker.join()

    def post(self, entries: list[Entry]) -> int:
        """Queue the entries of one request whose parent and child fit and return their number."""
        due = time.monotonic() + self._delay_s
        with self._changed:
            admitted = self._relations.admit(entries)
            self._queue.extend((due, entry) for entry in admitted)
            counts = self._counts
            counts.posted_entries += len(entries)
            counts.queued_entries += len(admitted)
            counts.ignored_entries += len(entries) - len(admitted)
            counts.posted_variants.update(_name(entry) for entry in entries)
            self._changed.notify_all()
        return len(admitted)

    def pending(self) -> int:
        """Return how many accepted entries are not processed yet."""
        with self._changed:
            return len(self._queue)

    def wait_processed(self, timeout_s: float) -> bool:
        """Wait until the queue is empty; False when time ran out first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue, timeout_s)

    def search(self, search: SearchBody) -> list[SystemProduct]:
        """Return a page of products, from live data."""
        with self._changed:
            return self._catalogue.search(search)

    def variants(self, *, active: bool | None = None) -> list[dict[str, Any]]:
        """Return the variants, each with its source and product code."""
        with self._changed:
            return list(self._catalogue.variants(active=active))

    def count_request(self, endpoint: str) -> None:
        """Count a request that reached the hub, whatever became of it."""
        with self._changed:
            self._counts.requests[endpoint] += 1

    def count_answer(self, status: int, entries: int) -> None:
        """Count an answer just before it is sent, and the entries that it acknowledges."""
        with self._changed:
            self._counts.answers[str(status)] += 1
            self._counts.acknowledged_entries += entries

    def count_login(self) -> None:
        """Count a successful login."""
        with self._changed:
            self._counts.logins += 1

    @property
    def logins(self) -> int:
        """How many logins succeeded."""
        with self._changed:
            return self._counts.logins

    def snapshot(self) -> dict[str, Any]:
        """Return everything, as plain lists and dicts of its own."""
        with self._changed:
            told = {
                "products": self._catalogue.products(),
                "variants": list(self._catalogue.variants()),
                "unprocessed_entries": len(self._queue),
            }
            return dict(to_builtins(told | to_builtins(self._counts)))

    def _work(self) -> None:
        with self._changed:
            while self._is_working:
                self._changed.wait(self._process_due())

    def _process_due(self) -> float | None:
        """Process some of what is due and return how long to rest; None until something comes."""
        now = time.monotonic()
        for _ in range(_BITE):
            if not self._queue or self._queue[0][0] > now:
                break
            self._catalogue.apply(self._queue.popleft()[1])
            self._counts.processed_entries += 1
        if not self._queue:
            self._changed.notify_all()
            return None
        return max(0.0, self._queue[0][0] - now)


def _name(entry: Entry) -> str:
    return f"{entry.source.source_id}/{entry.product.variants.source_variant_code}"
