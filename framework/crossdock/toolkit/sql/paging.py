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
"""

from collections.abc import Generator, Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from msgspec.structs import replace
from sqlalchemy import ColumnElement, FromClause, Select, bindparam, column, or_, select
from sqlalchemy.types import NullType

from crossdock.contract import ConfigError, Read, Rows
from crossdock.fieldmap import Table
from crossdock.toolkit.sql.place import Place
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import Shape, clause, named, shape_of
from crossdock.toolkit.sql.stamps import earlier, no_later_than_now

CODES_AT_ONCE = 500
"""Codes in one statement; SQL Server takes 2,100 parameters, others more."""
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
        self.everything: Query = select(*(column(named(one)) for one in shape.columns)).select_from(source)
        self.source = source
        self.statements: dict[tuple[Any, ...], Query] = {}
        self.key_of = itemgetter(shape.columns.index(shape.key))
        self.stamp_of = itemgetter(shape.columns.index(shape.changed)) if shape.changed else lambda _: None

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
        while place.phase != "done" and left != 0:
            size = self.read.page_size if left is None else min(self.read.page_size, left)
            rows = self.session.fetch(self._statement(place, size), _values(place))
            place = self._after(place, rows, size)
            left = None if left is None else left - len(rows)
            if rows or place.phase == "done":
                yield Rows(rows, place.text(), self.shape.columns)
        return place, left

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
                yield Rows(rows[first : first + size], None, self.shape.columns)

    def _start(self, before: Place) -> Place:
        """Finds where to begin, and before anything is read, the stamp at which the next read will."""
        until = self._highest() if self.changed is not None else None
        high = before.high if until is None else no_later_than_now(until)
        if before.phase == "full" or self.changed is None:
            return Place("full", high=high)
        return Place("unstamped", changed=self._beginning(before.high), until=until, high=high)

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
        return Place("done", high=place.high)

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

    def _highest(self) -> Any:  # whatever the column holds
        """Asks for the highest stamp by sorting: `max` does not know every type."""
        assert self.changed is not None  # noqa: S101  # the caller asked
        top = select(self.changed).select_from(self.source).where(self.changed.is_not(None))
        rows = self.session.fetch(top.order_by(self.changed.desc()).limit(1))
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

    def _refuse_key(self, value: Any) -> None:  # whatever the column holds
        message = (
            f"{self.shape.name} has two rows with {self.shape.key!r} = {value!r}: "
            "choose a `key` that is unique, or rows would be lost between pages"
        )
        raise ConfigError(message)


def _values(place: Place) -> dict[str, Any]:
    values = {"key": place.key, "changed": place.changed, "until": place.until}
    return {name: value for name, value in values.items() if value is not None}


def _alike(one: object, other: object) -> bool:
    """Whether a database that ignores case or trailing blanks may take two keys for the same."""
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold().rstrip() == other.casefold().rstrip()
    return one == other
