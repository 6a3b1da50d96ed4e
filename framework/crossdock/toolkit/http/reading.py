"""From a resource to pages of rows: full reads, what changed, single items, and going on where a read was broken off.

How a full read and the incremental ones after it fit together. The first answer of a read tells the other system's
clock; every cursor carries it. The next read asks for what changed since that moment, less an overlap, for rows that
were written late under an older stamp. So what changes while a read goes on is read by the next one. A read that goes
on where one was broken off first reads what that one still had to, and then what has changed since that one began.
What is deleted, only the next full read finds.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError, Read, Rows
from crossdock.fieldmap import FieldMap, Json
from crossdock.toolkit.http.paging import Step, value_at
from crossdock.toolkit.http.resource import Resource
from crossdock.toolkit.http.session import PagedRequest, RestSession, server_time

CODE = {"products": "source_variant_code", "stock": "source_variant_code", "customers": "source_customer_code"}
"""Hub field with the code, by stream."""


class Place(Struct, frozen=True, omit_defaults=True):
    """How far a read has come: what a cursor holds."""

    phase: Literal["full", "changed", "done"]
    """All rows; what changed since `since`; nothing left."""
    step: Step | None = None
    """The next call. None: the phase begins."""
    since: datetime | None = None
    """Moment from which `changed` reads. None: there is none."""
    began: datetime | None = None
    """When this read began, by the other system's clock. None: not known yet."""

    def text(self) -> str:
        """Writes the cursor."""
        return msgspec.json.encode(self).decode()


def read_resource(session: RestSession, resource: Resource, read: Read) -> Iterator[Rows]:
    """Reads the rows of one stream, lazily, one call a page.

    Raises:
        ConfigError: the field map asks for child tables, or paging does not fit the system.
        TransientError: worth trying again from the last page's cursor.
    """
    if read.fields.lists:
        message = f"{read.fields.stream}: child tables are not read from an API: map a list inside the row by its path"
        raise ConfigError(message)
    reader = _Reader(session, resource, read)
    return reader.pages() if read.codes is None else reader.pages_of(read.codes)


def read_place(cursor: str) -> Place:
    """Reads a cursor.

    Raises:
        ConfigError: it was written by something else.
    """
    try:
        return msgspec.json.decode(cursor, type=Place)
    except msgspec.MsgspecError as error:
        message = f"the place to go on from cannot be read: {cursor[:80]!r}; read in full once (sync --full)"
        raise ConfigError(message) from error


class _Reader:
    """One read of one resource."""

    def __init__(self, session: RestSession, resource: Resource, read: Read) -> None:
        self.session, self.resource, self.read = session, resource, read
        self.size = min(read.page_size, resource.page_size, *([read.limit] if read.limit else []))
        self.left = read.limit
        self.is_incremental = resource.since is not None and read.fields.is_incremental

    def pages(self) -> Iterator[Rows]:
        """Gives page after page, each with the place behind it."""
        before = read_place(self.read.since) if self.read.since else Place("full")
        if self.read.since and before.phase != "done":
            before = yield from self._phase(before)
            if not self.is_incremental or self.left == 0:
                return
        yield from self._phase(self._next(before))

    def _next(self, before: Place) -> Place:
        if before.phase == "full" or before.began is None or not self.is_incremental:
            return Place("full")
        overlap = timedelta(seconds=float(self.session.config["overlap_s"]))
        return Place("changed", since=before.began - overlap)

    def _phase(self, place: Place) -> Any:  # a generator of Rows that returns the Place reached
        request = self._request(place)
        step = place.step or self.resource.paging.first(self.size)
        for answer, following in self.session.answers(request, step):
            began = place.began or server_time(answer.reply)
            last = Place("done", began=began)
            place = last if following is None else Place(place.phase, following, place.since, began)
            rows = answer.rows if self.left is None else answer.rows[: self.left]
            self.left = None if self.left is None else self.left - len(rows)
            yield from self._cut(rows, place.text())
            if self.left == 0:
                return place
        return place

    def _cut(self, rows: Any, cursor: str) -> Iterator[Rows]:
        """Gives one answer's rows in pages of at most the size asked for; only the last can be gone on from."""
        size = self.read.page_size
        for start in range(0, max(len(rows), 1), size):
            is_last = start + size >= len(rows)
            yield Rows(rows[start : start + size], cursor if is_last else None)

    def _request(self, place: Place) -> PagedRequest:
        params = self.session.filled(self.resource.params)
        if place.phase == "changed" and place.since is not None and self.resource.since is not None:
            params[self.resource.since.param] = self.resource.since.written(place.since)
        return PagedRequest(
            self.resource.path, paging=self.resource.paging, size=self.size, params=params, at=self.resource.rows
        )

    def pages_of(self, codes: tuple[Any, ...]) -> Iterator[Rows]:
        """Gives the rows of some items."""
        for rows in self._looked_up(codes):
            kept = rows if self.left is None else rows[: self.left]
            self.left = None if self.left is None else self.left - len(kept)
            for start in range(0, len(kept), self.read.page_size):
                yield Rows(kept[start : start + self.read.page_size])
            if self.left == 0:
                return

    def _looked_up(self, codes: tuple[Any, ...]) -> Iterator[list[Any]]:
        how = self.resource.code
        if how is None:
            wanted = frozenset(map(str, codes))
            request = self._request(Place("full"))
            for answer, _ in self.session.answers(request, self.resource.paging.first(self.size)):
                yield [row for row in answer.rows if has_code(self.read.fields, row, wanted)]
            return
        for code in codes:
            yield self._at_path(how, code) if "{code}" in how else self._by_param(how, code)

    def _at_path(self, how: str, code: Any) -> list[Any]:
        reply = self.session.single(how.replace("{code}", quote(str(code), safe="")))
        found = None if reply is None else reply.json(exact=True)
        at = self.resource.rows
        inner = value_at(found, at) if at is not None and isinstance(found, dict) else None
        found = found if inner is None else inner
        return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]

    def _by_param(self, name: str, code: Any) -> list[Any]:
        request = self._request(Place("full"))
        request.params[name] = code
        pages = self.session.answers(request, self.resource.paging.first(self.size))
        # Some systems find what begins with a code, or take it for a word in a search.
        wanted = frozenset((str(code),))
        return [row for answer, _ in pages for row in answer.rows if has_code(self.read.fields, row, wanted)]


def has_code(fields: FieldMap, row: Any, wanted: frozenset[str]) -> bool:
    """Says whether a row, or one of the rows inside it, has one of the codes; yes where the map does not tell."""
    field = fields.field(CODE[fields.stream])
    if field is None or not field.columns:
        return True
    inside = [row]
    if isinstance(fields.source, Json) and fields.source.each:
        inner = value_at(row, fields.source.each)
        inside = [{**one, "parent": row} for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []
    return any(str(value_at(one, field.columns[0])) in wanted for one in inside)
