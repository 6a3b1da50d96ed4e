"""From an entity set to pages of rows: only mapped properties, in the order of the key, in full or what changed.

How a full read and the incremental ones after it fit together. A read first asks for the highest change stamp there
is; its last cursor carries it. The next read asks for what has that stamp, less an overlap, or a later one, and for
what has none. Both in the order of the key: a row that changes meanwhile has a later stamp, so the read after finds it.
What is deleted, only the next full read finds.
"""

from collections.abc import Generator, Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError, Read, Rows
from crossdock.fieldmap import Table
from crossdock.toolkit.http.paging import Paging, Step
from crossdock.toolkit.http.reading import CODE, has_code
from crossdock.toolkit.odata.entity_set import EntitySet, NextLink, paging_of
from crossdock.toolkit.odata.literals import OLD, both, literal
from crossdock.toolkit.odata.properties import key_of, properties_of, root_of
from crossdock.toolkit.odata.session import ODataRequest, ODataSession
from crossdock.toolkit.odata.stamps import DATE_LENGTH, earlier, no_later_than_now

CODES_AT_ONCE = 20
"""Codes in one condition; an address should stay below some 2,000 characters."""


class Place(Struct, frozen=True, omit_defaults=True):
    """How far a read has come: what a cursor holds."""

    phase: Literal["full", "unstamped", "changed", "done"]
    """All rows; those without a stamp; those with a stamp from `begin` on; nothing left."""
    step: Step | None = None
    """The next call. None: the phase begins."""
    begin: Any = None
    """Stamp from which `changed` reads. None: from the first."""
    high: Any = None
    """Stamp at which the next incremental read begins. None: there was none."""

    def text(self) -> str:
        """Writes the cursor."""
        return msgspec.json.encode(self).decode()


def read_entities(session: ODataSession, entities: EntitySet, read: Read) -> Iterator[Rows]:
    """Reads the rows of one stream, lazily, one call a page.

    Raises:
        ConfigError: the map asks for child tables, or the service refuses the query.
        TransientError: worth trying again from the last page's cursor.
    """
    if read.fields.lists:
        message = f"{read.fields.stream}: no child tables from OData: name the list in `expand` and map it by its path"
        raise ConfigError(message)
    reader = _Reader(session, entities, read)
    return reader.pages() if read.codes is None else reader.pages_of(read.codes)


class _Reader:
    """One read of one entity set."""

    def __init__(self, session: ODataSession, entities: EntitySet, read: Read) -> None:
        self.session, self.entities, self.read = session, entities, read
        source = read.fields.source
        self.key = entities.key or key_of(read.fields)
        self.changed = source.changed if read.fields.is_incremental else None
        name = entities.name or (source.name if isinstance(source, Table) else None)
        if not name:
            message = f"{read.fields.stream}: neither the plugin nor the connection names the entity set (`table`)"
            raise ConfigError(message)
        self.path = name
        self.properties = properties_of(read.fields, self.key)
        self.size = min(read.page_size, entities.page_size, *([read.limit] if read.limit else []))
        self.left = read.limit

    def pages(self) -> Iterator[Rows]:
        """Gives page after page, each with the place behind it."""
        before = _read_place(self.read.since) if self.read.since else Place("full")
        if self.read.since and before.phase != "done":
            before = yield from self._to_the_end(before)
            if self.changed is None or self.left == 0:
                return
        yield from self._to_the_end(self._start(before))

    def pages_of(self, codes: Sequence[Any]) -> Iterator[Rows]:
        """Gives the rows of some items, some at once; or looks all through where their code is inside a list."""
        field = self.read.fields.field(CODE[self.read.fields.stream])
        name = root_of(field.columns[0]) if field is not None and field.columns else None
        is_entity = isinstance(self.read.fields.source, Table) or not self.read.fields.source.each
        kind = self.entities.key_type if name == self.key else None
        wanted = frozenset(map(str, codes))
        for start in range(0, len(codes), CODES_AT_ONCE) if name and is_entity else (None,):
            condition = None
            if start is not None:
                given = (literal(one, kind, self.session.version) for one in codes[start : start + CODES_AT_ONCE])
                condition = " or ".join(f"{name} eq {one}" for one in given)
            request = self._request(both(self.entities.only, condition))
            for answer, _ in self.session.answers(request, request.paging.first(self.size)):
                yield from self._cut([row for row in answer.rows if has_code(self.read.fields, row, wanted)], None)
                if self.left == 0:
                    return

    def _start(self, before: Place) -> Place:
        """Finds where to begin, and before anything is read, the stamp at which the next read will."""
        high = self._highest() if self.changed is not None else None
        if before.phase == "full" or self.changed is None or before.high is None:
            return Place("full", high=high)
        begin = earlier(before.high, float(self.session.config["overlap_s"]))
        high = before.high if high is None else high
        return Place("unstamped" if self.entities.has_unstamped else "changed", begin=begin, high=high)

    def _to_the_end(self, place: Place) -> Generator[Rows, None, Place]:
        while place.phase != "done" and self.left != 0:
            place = yield from self._phase(place)
        return place

    def _phase(self, place: Place) -> Generator[Rows, None, Place]:
        request = self._request(self._condition(place))
        step = place.step or request.paging.first(self.size)
        after = Place("changed", begin=place.begin, high=place.high)
        if place.phase != "unstamped":
            after = Place("done", high=place.high)
        for answer, following in self.session.answers(request, step):
            place = after if following is None else Place(place.phase, following, place.begin, place.high)
            yield from self._cut(answer.rows, place.text())
            if self.left == 0:
                break
        return place

    def _cut(self, rows: Sequence[Any], cursor: str | None) -> Iterator[Rows]:
        """Gives one answer's rows in pages of at most the size asked for; only the last can be gone on from."""
        kept = rows if self.left is None else rows[: self.left]
        self.left = None if self.left is None else self.left - len(kept)
        size = self.read.page_size
        for start in range(0, max(len(kept), 1), size):
            yield Rows(kept[start : start + size], cursor if start + size >= len(kept) else None)

    def _condition(self, place: Place) -> str | None:
        changed: str | None = None
        if place.phase == "unstamped":
            changed = f"{self.changed} eq null"
        elif place.phase == "changed" and place.begin is not None:
            changed = f"{self.changed} ge {self._stamp(place.begin)}"
        return both(self.entities.only, changed)

    def _stamp(self, stamp: Any) -> str:
        kind = self.entities.changed_type
        if kind is None and isinstance(stamp, str):
            has_zone = stamp.endswith("Z") or stamp[-6:-5] in ("+", "-")
            point = "Edm.DateTimeOffset" if has_zone else "Edm.DateTime"
            kind = "Edm.Date" if len(stamp) <= DATE_LENGTH and self.session.version > OLD else point
        return literal(stamp, kind, self.session.version)

    def _highest(self) -> Any:  # whatever the property holds
        there = f"{self.changed} ne null" if self.entities.has_unstamped else None
        params: dict[str, str | int | float | bool] = {
            "$select": str(self.changed),
            "$orderby": f"{self.changed} desc",
            "$top": 1,
        }
        condition = both(self.entities.only, there)
        if condition is not None:
            params["$filter"] = condition
        request = ODataRequest(
            self.path, params=params, paging=NextLink(self.session.root), size=1, headers=self._headers(1)
        )
        rows = self.session.ask(request, Step()).rows
        return no_later_than_now(rows[0].get(str(self.changed))) if rows else None

    def _request(self, condition: str | None) -> ODataRequest:
        paging: Paging = paging_of(self.entities, self.session.root, self.key, self.session.version, condition)
        params: dict[str, str | int | float | bool] = {}
        if self.properties is not None:
            params["$select"] = ",".join(self._selected(self.properties))
        if self.entities.expand:
            params["$expand"] = ",".join(self.entities.expand)
        if condition is not None:
            params["$filter"] = condition
        if self.key is not None:
            params["$orderby"] = self.key
        return ODataRequest(self.path, params=params, paging=paging, size=self.size, headers=self._headers(self.size))

    def _selected(self, properties: Sequence[str]) -> Sequence[str]:
        """Gives what `$select` names: up to version 3 navigations too, from 4 on `$expand` alone names those."""
        plain = [one for one in properties if one not in self.entities.expand]
        return [*plain, *self.entities.expand] if self.session.version <= OLD else plain

    def _headers(self, size: int) -> dict[str, str]:
        return {"Prefer": f"odata.maxpagesize={size}"} if self.entities.by == "link" else {}


def _read_place(cursor: str) -> Place:
    try:
        return msgspec.json.decode(cursor, type=Place)
    except msgspec.MsgspecError as error:
        message = f"the place to go on from cannot be read: {cursor[:80]!r}; read in full once (sync --full)"
        raise ConfigError(message) from error
