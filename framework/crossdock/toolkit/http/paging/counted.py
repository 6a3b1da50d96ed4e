"""Paging by counting: page numbers and offsets, and the single page.

Rows that come and go meanwhile move others from one page to another; where one goes, another is missed, and a row
missed in a full read counts as gone. So where the system tells how many rows there are, a number that has shrunk makes
the last page be read once more. Where it can be asked for rows in the order of a key that never changes, say so in the
query: then only what is deleted moves anything.
"""

from dataclasses import dataclass

from crossdock.toolkit.http.paging.step import Answer, Step, Value, whole_number

_TOTAL = "_total"
"""Where a step keeps the number of rows told last; no parameter of a call."""


@dataclass(frozen=True, kw_only=True)
class PageNumbers:
    """`page=1`, `page=2` and so on."""

    page: str = "page"
    """Parameter with the page's number."""
    size: str | None = None
    """Parameter with the rows a page. None: the system decides."""
    start: int = 1
    """Number of the first page."""
    pages: str | None = None
    """Path of the number of pages in an answer. None: it is not told."""
    total: str | None = None
    """Path of the number of rows in an answer. None: it is not told."""
    short_ends: bool = False
    """Whether a page with fewer rows than were asked for is the last. False: only an empty one is, since a system may
    give fewer than it is asked for, and the rest would be missed."""

    def first(self, size: int) -> Step:
        """Asks for the first page."""
        return Step({**({self.size: size} if self.size else {}), self.page: self.start})

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Counts one up, until a page is empty or the last that the system tells of."""
        number = int(step.params[self.page])
        count = step.count + len(answer.rows)
        total = whole_number(answer.at(self.total), self.total) if self.total else None
        last = step.params.get(_TOTAL)
        if total is not None and last is not None and total < int(last) and number > self.start:
            return self._step(step, number - 1, step.count - answer.size, total)
        if not answer.rows or (total is not None and count >= total):
            return None
        if self.pages is not None and number - self.start + 1 >= whole_number(answer.at(self.pages), self.pages):
            return None
        if self.short_ends and len(answer.rows) < answer.size:
            return None
        return self._step(step, number + 1, count, total)

    def _step(self, step: Step, number: int, count: int, total: int | None) -> Step:
        told: dict[str, Value] = {} if total is None else {_TOTAL: total}
        return Step({**step.params, self.page: number, **told}, count=max(0, count))


@dataclass(frozen=True, kw_only=True)
class Offsets:
    """`offset=0`, `offset=100` and so on: how many rows to pass over."""

    offset: str = "offset"
    """Parameter with the number of rows to pass over."""
    size: str = "limit"
    """Parameter with the rows a page."""
    total: str | None = None
    """Path of the number of rows in an answer. None: it is not told."""
    short_ends: bool = False
    """Whether a page with fewer rows than were asked for is the last. False: only an empty one is, since a system may
    give fewer than it is asked for, and the rest would be missed."""

    def first(self, size: int) -> Step:
        """Asks for the first rows."""
        return Step({self.size: size, self.offset: 0})

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Passes over what came, whatever was asked for; ends as `PageNumbers` does."""
        place = int(step.params[self.offset])
        total = whole_number(answer.at(self.total), self.total) if self.total else None
        last = step.params.get(_TOTAL)
        told: dict[str, Value] = {} if total is None else {_TOTAL: total}
        if total is not None and last is not None and total < int(last) and place > 0:
            back = max(0, place - answer.size)
            return Step({**step.params, self.offset: back, **told})
        place += len(answer.rows)
        if not answer.rows or (total is not None and place >= total):
            return None
        if self.short_ends and len(answer.rows) < answer.size:
            return None
        return Step({**step.params, self.offset: place, **told})


@dataclass(frozen=True)
class SinglePage:
    """One answer holds all there is."""

    def first(self, size: int) -> Step:
        """Asks as it is."""
        del size
        return Step()

    def after(self, step: Step, answer: Answer) -> None:
        """Ends."""
        del step, answer


def sent(step: Step) -> dict[str, Value]:
    """Gives a step's parameters without what it keeps for itself."""
    return {name: value for name, value in step.params.items() if name != _TOTAL}
