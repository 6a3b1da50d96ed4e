"""Pages that never end, or come round again, are found out."""

import msgspec
import xxhash

from crossdock.contract import ConfigError
from crossdock.toolkit.http.paging.step import Answer, Step

MOST_PAGES = 2_000_000
"""More than any stream has, at 20 rows a page 40 million rows."""
MOST_EMPTY = 100
"""Pages without a row one after the other; a filter in the other system may well leave a few empty."""
_encode = msgspec.msgpack.Encoder(decimal_format="string", enc_hook=str).encode


class PageGuard:
    """Watches one read."""

    def __init__(self, name: str) -> None:
        """Takes what errors call the read."""
        self._name = name
        self._steps: set[int] = set()
        self._last: int | None = None
        self._pages = self._empty = 0

    def check_step(self, step: Step) -> None:
        """Refuses to make the same call again.

        Raises:
            ConfigError: a link or a cursor leads back to where the read has been.
        """
        mark = xxhash.xxh3_64_intdigest(repr((step.link, sorted(step.params.items()))).encode())
        if mark in self._steps:
            message = f"{self._name}: the pages go round in a circle: the system gave a link or cursor a second time"
            raise ConfigError(message)
        self._steps.add(mark)

    def check_answer(self, answer: Answer) -> None:
        """Refuses an answer that holds what the last one held, and pages without end.

        Raises:
            ConfigError: the system passes over the parameter that should bring the next page, or never ends.
        """
        self._pages += 1
        self._empty = 0 if answer.rows else self._empty + 1
        if self._pages > MOST_PAGES or self._empty > MOST_EMPTY:
            message = f"{self._name}: the pages do not end: {self._pages} so far, the last {self._empty} empty"
            raise ConfigError(message)
        mark = xxhash.xxh3_64_intdigest(_encode(answer.rows)) if answer.rows else None
        if mark is not None and mark == self._last:
            message = (
                f"{self._name}: the same page came twice: the system passes over what should bring the next one; "
                "the plugin's paging does not fit it"
            )
            raise ConfigError(message)
        self._last = mark
