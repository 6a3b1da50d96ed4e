"""A read in the child: pages out as offers, the rows wanted back as records."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from crossdock.child.transform import Transforms
from crossdock.contract import PluginError, Rows
from crossdock.fieldmap import FieldMap, FieldMapError, Json
from crossdock.fieldmap.compile import Mapper
from crossdock.fieldmap.entries import with_names, without_names
from crossdock.fieldmap.hub import CODE_FIELD
from crossdock.fieldmap.values import UNMAPPABLE
from crossdock.wire.frames import WINDOW, Bad, Done, Mapped, Offer, Want

Page = tuple[Any, list[str | None], list[int], list[str] | None, str | None]
_encode = msgspec.json.Encoder(enc_hook=str, decimal_format="string").encode


def to_json(value: Any) -> bytes:
    """Gives a row or a value of it as JSON, of one too that msgspec cannot hold: a huge integer, broken text."""
    try:
        return _encode(value)
    except (OverflowError, ValueError):
        return json.dumps(value, default=str).encode()


class Reading:
    """One read of one stream."""

    def __init__(self, fieldmap: FieldMap, salt: int, transforms: Transforms, send: Callable[[Any], None]) -> None:
        """Takes the effective map, the salt of the row hashes, and where frames go."""
        self.fieldmap, self.salt, self.transforms, self.send = fieldmap, salt, transforms, send
        self._columns: tuple[str, ...] | None = ()
        self._mapper: Mapper | None = None
        self.is_expanded = False
        """Whether the rows are those inside the source's objects already, as they are where they were set aside."""

    def mapper(self, columns: tuple[str, ...] | None) -> Mapper:
        """Gives the mapper for rows of these columns."""
        if self._mapper is None or columns != self._columns:
            self._mapper, self._columns = Mapper(self.fieldmap, columns, self.salt), columns
        return self._mapper

    def run(
        self, pages: Iterable[Rows], wanted: Callable[[], Want | None], cancelled: Callable[[], bool], *, direct: bool
    ) -> None:
        """Sends every page, at most `WINDOW` of them unanswered.

        Args:
            pages: what the plugin's hook gave.
            wanted: waits for the host's next Want, None once the host has cancelled.
            cancelled: whether the host has cancelled.
            direct: send all rows mapped at once, without offers.
        """
        waiting: dict[int, tuple[Mapper, Page]] = {}
        for number, rows in enumerate(pages):
            mapper, page = self._page(rows)
            if direct:
                self.send(self.mapped(mapper, number, page, range(len(page[0]))))
            else:
                self.send(Offer(number, *page[1:]))
                waiting[number] = (mapper, page)
            if cancelled() or (len(waiting) >= WINDOW and not self._answer(waiting, wanted())):
                self.send(Done(cancelled=True))
                return
        while waiting:
            if not self._answer(waiting, wanted()):
                self.send(Done(cancelled=True))
                return
        self.send(Done(cancelled=False))

    def _page(self, rows: Rows) -> tuple[Mapper, Page]:
        if not isinstance(rows, Rows):
            message = f"a read hook must give Rows, not {type(rows).__name__}"
            raise PluginError(message)
        mapper = self.mapper(rows.columns)
        found = rows.rows if self.is_expanded else mapper.expand(rows.rows)
        return mapper, (found, *mapper.identify(found), rows.cursor)

    def _answer(self, waiting: dict[int, tuple[Mapper, Page]], want: Want | None) -> bool:
        if want is None:
            return False
        mapper, page = waiting.pop(want.page)
        if want.rows:
            self.send(self.mapped(mapper, want.page, page, want.rows))
        return True

    def mapped(self, mapper: Mapper, number: int, page: Page, wanted: Iterable[int]) -> Mapped:
        """Maps the wanted rows of a page; a row that cannot be mapped is set aside with its reason."""
        rows, codes, hashes, keys, cursor = page
        good: list[Any] = []
        ignored: list[tuple[int, str | None, str]] = []
        bad: list[Bad] = []
        one = mapper.map if not self.transforms else self.transforms.wrap(mapper.map, self.fieldmap.stream)
        for i in wanted:
            key = keys[i] if keys is not None else None
            try:
                found = one(rows[i])
            except UNMAPPABLE:
                bad.append(self._bad(mapper, rows[i], hashes[i], key, codes[i]))
                continue
            if found is not None:
                good.append((hashes[i], key, *found))
            elif codes[i] is not None:
                ignored.append((hashes[i], key, codes[i]))  # type: ignore[arg-type]  # not None, said above
            else:
                bad.append(self._bad(mapper, rows[i], hashes[i], key, None))
        return Mapped(number, len(rows), good, ignored, bad, cursor)

    def shown(self, pages: Iterable[Rows]) -> Iterator[tuple[dict[str, Any], Any, str | None]]:
        """Gives rows as read beside their records, or beside the reason why there is none; for people."""
        for rows in pages:
            mapper, page = self._page(rows)
            for number, row in enumerate(page[0]):
                shown = with_names(self.fieldmap, rows.columns, row) if rows.columns is not None else dict(row)
                mapped = self.mapped(mapper, 0, page, [number])
                if mapped.rows:
                    text, unit = mapped.rows[0][7:9]
                    record = {
                        **(msgspec.msgpack.decode(text) if text else {}),
                        "variants": msgspec.msgpack.decode(unit),
                    }
                    yield shown, record if text else record["variants"], None
                elif mapped.bad:
                    bad = mapped.bad[0]
                    yield shown, None, f"{bad.field or 'row'}: {bad.reason}"
                else:
                    yield shown, None, "ignored"

    def _bad(self, mapper: Mapper, row: Any, row_hash: int, key: str | None, code: str | None) -> Bad:
        field, reason = mapper.explain(row)
        if field is None and self.transforms:
            field, reason = self.transforms.explain(mapper.map, self.fieldmap.stream, row)
        shown = with_names(self.fieldmap, self._columns, row) if self._columns is not None else row
        try:
            native = to_json(mapper.raw(row, CODE_FIELD[self.fieldmap.stream])).decode()
        except (FieldMapError, *UNMAPPABLE):
            native = None
        return Bad(row_hash, key, code, field, reason, to_json(shown).decode(errors="replace"), native)


def stored_rows(rows: Iterable[dict[str, Any]], fieldmap: FieldMap) -> Iterator[Rows]:
    """Gives rows that were set aside as a read would have given them, one a page: their columns may differ."""
    for row in rows:
        if isinstance(fieldmap.source, Json):
            yield Rows([row])
            continue
        given = without_names(fieldmap, row)
        yield Rows([tuple(given.values())], None, tuple(given))
