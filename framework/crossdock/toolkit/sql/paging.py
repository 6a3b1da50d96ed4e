"""Keyset paging: every row once in a full read, every change at least once in an incremental one.

A page is cut by where the last one ended (`WHERE key > ... ORDER BY key LIMIT n`), never by counting rows, so rows
that come and go meanwhile neither shift others out nor make later pages slow.

How a full read and the incremental ones after it fit together. A full read first asks for the highest change stamp;
its pages' cursors carry the key, to go on from, and that stamp; the last page's cursor carries the stamp alone. An
incremental read starts at that stamp less an overlap (`overlap_s`; for a counter at that very value), because rows
may be committed late under an older stamp; it reads up to the highest stamp there was at its own start, and leaves
that as the next beginning. So what changes during a read, full or incremental, is read by the next. A read that goes
on where one was broken off first reads what that one still had to, then in the same way what has changed since that
one began: at its end nothing from before its own start is missing. Rows whose stamp is NULL come with every
incremental read: nothing says whether they changed. A stamp in the future, from a wrong clock, does not move the
beginning beyond the present. What is committed later than the overlap, and what is deleted, only the next full read
finds.

Rows with open lists from child tables (`toolkit.sql.lists`) have their child rows fetched and joined page by page.
Where the child tables name a change column too, each has stamps of its own, kept and moved back like those of the
rows: after the changed rows, an incremental read gives the rows whose child rows changed, list by list, cut by the
child's parent column. A child row whose stamp is NULL brings its parent into every incremental read. A child row that
was deleted, or now names another parent, changes nothing that its old parent's rows could be found by: that is seen
when they change themselves, and by the next full read.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from msgspec.structs import replace
from sqlalchemy import ColumnElement, FromClause, Select, bindparam, column, or_, select
from sqlalchemy.types import NullType

from crossdock.contract import ConfigError, Read, Rows
from crossdock.fieldmap import Table
from crossdock.toolkit.sql.lists import ChildList, children_joined
from crossdock.toolkit.sql.pacing import Pace
from crossdock.toolkit.sql.place import Place, Span
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import Shape, clause, exact_stamp, named, shape_of
from crossdock.toolkit.sql.stamps import earlier, no_later_than_now

CODES_AT_ONCE = 500
"""Codes in one statement; SQL Server takes 2,100 parameters, others more."""
EXACT = "crossdock:changed"
"""Name of the value that holds a row's stamp where the driver would round it."""
Row = tuple[Any, ...]
Query: TypeAlias = "Select[*tuple[Any, ...]]"


def read_pages(session: SqlSession, read: Read) -> Iterator[Rows]:
    """Reads the rows of one map, lazily, a short transaction a page.

    Args:
        session: an open session.
        read: what to read; with `codes` just those items, in pages without a cursor.

    Raises:
        ConfigError: a table, column or key is not as the map says.
        TransientError: worth trying again from the last page's cursor.
    """
    shape = shape_of(session, read.fields)
    assert isinstance(read.fields.source, Table)  # noqa: S101  # shape_of refuses any other
    pager = Pager(session, read, shape, clause(session, read.fields.source))
    yield from pager.pages() if read.codes is None else pager.pages_of(read.codes)


class Pager:
    """One read of one table or query."""

    def __init__(self, session: SqlSession, read: Read, shape: Shape, source: FromClause) -> None:
        """Takes what `read_pages` has found out."""
        self.session, self.read, self.shape = session, read, shape
        self.key: ColumnElement[Any] = column(named(shape.key))
        self.changed: ColumnElement[Any] | None = column(named(shape.changed)) if shape.changed else None
        exact = _exact(session, read, shape)
        self.stamp = self.changed if exact is None else exact
        columns: list[ColumnElement[Any]] = [column(named(one)) for one in shape.columns]
        more = [] if exact is None else [exact.label(EXACT)]
        self.everything: Query = select(*columns, *more).select_from(source)
        self.source = source
        self.statements: dict[tuple[Any, ...], Query] = {}
        self.key_of = itemgetter(shape.columns.index(shape.key))
        stamped = [*shape.columns, EXACT].index(EXACT if more else shape.changed or EXACT)
        self.stamp_of = itemgetter(stamped) if shape.changed else lambda _: None
        self.lists = {one.hub: ChildList(session, one, shape, source) for one in shape.lists}
        self.columns = (*shape.columns, *(one.column for one in shape.lists))
        self.own = len(shape.columns)
        """How many of a row's values are the map's; a stamp without loss follows them, for us alone."""
        self.is_longer = bool(more)

    def pages(self) -> Iterator[Rows]:
        """Gives page after page, each with the cursor to go on from behind it."""
        self._refuse_null_keys()
        before = Place.read(self.read.since) if self.read.since else Place("full")
        left = self.read.limit
        if self.read.since and before.phase != "done":
            before, left = yield from self._pages_from(before, left)
            if self.changed is None or left == 0:
                return
        yield from self._pages_from(self._start(before), left)

    def _pages_from(self, place: Place, left: int | None) -> Generator[Rows, None, tuple[Place, int | None]]:
        """Gives the pages from a place on; at the end, the place reached and how many rows may still come."""
        pace = Pace(self.read.page_size)
        while place.phase != "done" and left != 0:
            size, began = pace.size if left is None else min(pace.size, left), time.monotonic()
            rows, after = self._step(place, size)
            pace.took(time.monotonic() - began)
            if after == place:
                self._refuse_standstill()
            if left is not None:
                rows, after = (rows, after) if len(rows) <= left else (rows[:left], place)
                left -= len(rows)
            *early, last = [rows[start : start + size] for start in range(0, len(rows), size)] or [[]]
            for some in early:
                yield self._page(some, place)
            if last or after.phase == "done":
                yield self._page(last, after)
            place = after
        return place, left

    def _page(self, rows: Sequence[Row], place: Place | None) -> Rows:
        own = [row[: self.own] for row in rows] if self.is_longer else rows
        joined = children_joined(list(self.lists.values()), own)
        return Rows(joined, place.text() if place else None, self.columns)

    def _step(self, place: Place, size: int) -> tuple[list[Row], Place]:
        """Gives the rows that follow a place, and the place behind them.

        At most `size`, except in the phase `children` where several rows have one value that child rows refer to.
        """
        if place.phase == "children":
            return self._step_of_list(place, size)
        rows = self.session.fetch(self._statement(place, size), _values(place))
        return rows, self._after(place, rows, size)

    def _step_of_list(self, place: Place, size: int) -> tuple[list[Row], Place]:
        one = self.lists.get(place.list or "")
        if one is None:  # the map has other lists than when the place was written: all of them, from the first
            return [], self._next_list(replace(place, list=None))
        parents = one.changed_parents(place.lists.get(one.many.hub, Span()), place.key, size)
        rows = one.of_parents(self.everything.order_by(self.key), parents) if parents else []
        return rows, replace(place, key=parents[-1]) if len(parents) == size else self._next_list(place)

    def _next_list(self, place: Place) -> Place:
        hubs = list(self.lists)
        left = hubs if place.list is None else hubs[hubs.index(place.list) + 1 :]
        if not left:
            return Place("done", high=place.high, lists=place.lists)
        return replace(place, phase="children", key=None, changed=None, list=left[0])

    def pages_of(self, codes: Sequence[Any]) -> Iterator[Rows]:
        """Gives the rows of some items, some hundred codes a statement."""
        if self.shape.code is None:
            message = f"{self.shape.name}: single items cannot be read, their code does not come from one column"
            raise ConfigError(message)
        wanted = bindparam("codes", expanding=True, type_=NullType())
        statement = self.everything.where(column(named(self.shape.code)).in_(wanted)).order_by(self.key)
        size, left = self.read.page_size, self.read.limit
        for start in range(0, len(codes), CODES_AT_ONCE):
            rows = self.session.fetch(statement, {"codes": list(codes[start : start + CODES_AT_ONCE])})[:left]
            left = None if left is None else left - len(rows)
            for first in range(0, len(rows), size):
                yield self._page(rows[first : first + size], None)

    def _start(self, before: Place) -> Place:
        """Finds where to begin, and before anything is read, the stamp at which the next read will."""
        if self.changed is None:
            return Place("full")
        until = self._highest(self.changed, self.stamp, self.source)
        high = before.high if until is None else no_later_than_now(until)
        lists = {hub: self._span(one, before.lists.get(hub, Span())) for hub, one in self.lists.items()}
        if before.phase == "full":
            return Place("full", high=high, lists=lists)
        return Place("unstamped", changed=self._beginning(before.high), until=until, high=high, lists=lists)

    def _span(self, one: ChildList, before: Span) -> Span:
        assert one.changed is not None  # noqa: S101  # or the rows had no change column either
        until = self._highest(one.changed, one.stamp, one.source)
        high = before.high if until is None else no_later_than_now(until)
        return Span(self._beginning(before.high), until, high)

    def _beginning(self, high: Any) -> Any:  # whatever the column holds
        return None if high is None else earlier(high, self.session.settings["overlap_s"])

    def _after(self, place: Place, rows: list[Row], size: int) -> Place:
        """Finds the place behind a page and takes the row that was read to see whether more follow off its end."""
        if len(rows) > size:
            self._check_key(place, rows)
            rows.pop()
            changed = self.stamp_of(rows[-1]) if place.phase == "changed" else place.changed
            return replace(place, key=self.key_of(rows[-1]), changed=changed)
        self._check_key(place, rows)
        if place.phase == "unstamped" and place.until is not None:
            return replace(place, phase="changed", key=None)
        return Place("done", high=place.high, lists=place.lists) if place.phase == "full" else self._next_list(place)

    def _statement(self, place: Place, size: int) -> Query:
        known = (place.phase, place.key is None, place.changed is None, size)
        if known not in self.statements:
            order = [self.changed, self.key] if place.phase == "changed" else [self.key]
            limited = self.everything.where(*self._conditions(place)).order_by(*order).limit(size + 1)
            self.statements[known] = limited
        return self.statements[known]

    def _conditions(self, place: Place) -> list[ColumnElement[bool]]:
        key, begin, until = (bindparam(name, type_=NullType()) for name in ("key", "changed", "until"))
        beyond = [] if place.key is None else [self.key > key]
        if place.phase == "full" or self.changed is None:
            return beyond
        if place.phase == "unstamped":
            return [self.changed.is_(None), *beyond]
        if place.key is not None:  # written so that an index over the change column finds the start
            return [self.changed <= until, self.changed >= begin, or_(self.changed > begin, self.key > key)]
        return [self.changed <= until] if place.changed is None else [self.changed <= until, self.changed >= begin]

    def _highest(self, changed: ColumnElement[Any], stamp: Any, source: FromClause) -> Any:
        """Asks for the highest stamp by sorting: `max` does not know every type."""
        top = select(stamp).select_from(source).where(changed.is_not(None))
        rows = self.session.fetch(top.order_by(changed.desc()).limit(1))
        return rows[0][0] if rows else None

    def _refuse_null_keys(self) -> None:
        """Makes sure that no row can hide: a comparison with NULL is never true, so such a row is on no page."""
        known = (self.shape.name, self.shape.key)
        if known in self.session.proved_keys:
            return
        if self.session.fetch(select(self.key).select_from(self.source).where(self.key.is_(None)).limit(1)):
            message = f"{self.shape.name} has rows without {self.shape.key!r}: choose a `key` that every row has"
            raise ConfigError(message)
        self.session.proved_keys.add(known)

    def _check_key(self, place: Place, rows: list[Row]) -> None:
        """Refuses a key that two rows share: the second would be lost at the end of a page.

        In an incremental read a row that changes meanwhile may be seen twice, so there only the page's end counts.
        """
        keys = list(map(self.key_of, rows))
        if place.phase != "changed" and len(set(keys)) != len(keys):
            self._refuse_key(next(one for one in keys if keys.count(one) > 1))
        if len(keys) > 1 and _alike(keys[-2], keys[-1]) and self.stamp_of(rows[-2]) == self.stamp_of(rows[-1]):
            further = select(self.key).select_from(self.source).where(self.key > bindparam("key", type_=NullType()))
            if (keys[-1],) not in self.session.fetch(further.order_by(self.key).limit(1), {"key": keys[-2]}):
                self._refuse_key(keys[-1])

    def _refuse_standstill(self) -> None:
        """Ends a read that would give one page for ever: a value is rounded on its way to the driver and back."""
        message = (
            f"{self.shape.name}: the same page came twice, because the database does not take a value of "
            f"{self.shape.key!r}, of the change column or of a list's `parent` back as it gave it: choose a column "
            "of whole numbers or text, or cast it in a query"
        )
        raise ConfigError(message)

    def _refuse_key(self, value: Any) -> None:  # whatever the column holds
        message = (
            f"{self.shape.name} has two rows with {self.shape.key!r} = {value!r}: "
            "choose a `key` that is unique, or rows would be lost between pages"
        )
        raise ConfigError(message)


def _exact(session: SqlSession, read: Read, shape: Shape) -> ColumnElement[Any] | None:
    assert isinstance(read.fields.source, Table)  # noqa: S101  # shape_of refuses any other
    return exact_stamp(session, read.fields.source, shape.changed) if shape.changed else None


def _values(place: Place) -> dict[str, Any]:
    values = {"key": place.key, "changed": place.changed, "until": place.until}
    return {name: value for name, value in values.items() if value is not None}


def _alike(one: object, other: object) -> bool:
    """Whether a database that ignores case, trailing blanks or accents may take two keys for the same.

    Of letters beyond ASCII nobody knows what a collation takes for equal, so there it may.
    """
    if isinstance(one, str) and isinstance(other, str):
        return not (one + other).isascii() or one.lower().rstrip() == other.lower().rstrip()
    return one == other
