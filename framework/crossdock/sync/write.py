"""A page's mapped rows into the catalogue: repeats, rival claims to a code, bad rows, and the counts of all."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from crossdock.records import Customer, Variant, decode
from crossdock.store import Transaction, catalogue, checkpoints, quarantine
from crossdock.store.catalogue import CONTESTED, IGNORED, QUARANTINED, Item
from crossdock.store.quarantine import Quarantined
from crossdock.sync import seen as states
from crossdock.sync.apply import Applying, insert_all, mark
from crossdock.sync.seen import COUNTS, Seen
from crossdock.sync.summary import ReadSummary
from crossdock.wire.frames import Bad, Mapped, MappedRow


class NotNewError(Exception):
    """Rows taken to be new were there already; the transaction is spoilt and is done again with look-ups."""


class Entry(NamedTuple):
    """One row of a page, whatever became of it in the mapper."""

    code: str
    key: str | None
    row_hash: int
    state: int
    """WRITTEN, IGNORED or QUARANTINED."""
    payload: MappedRow | Bad | None


class Count(NamedTuple):
    """One row's effect on the summary, counted once its transaction is kept."""

    item: int | None
    before: int
    after: int
    rows: int = 1


class Run(Protocol):
    """What a page writer needs of its run."""

    stream: int
    now: float
    full: bool
    seen: Seen
    summary: ReadSummary


class PageWriter:
    """Writes pages for one run."""

    def __init__(self, run: Run, name: str) -> None:
        """Takes the run and the stream's name."""
        self.run, self.name = run, name
        self.unreadable: str | None = None
        """The first row whose code cannot be read: no sweep can tell whose it is."""
        self._contested: dict[str, dict[str | None, Entry]] = {}
        self._counted: list[Count] = []
        self._repeated = 0

    def write(self, transaction: Transaction, page: Mapped, *, fresh: bool) -> None:
        """Writes one page; `fresh` takes all its rows to be new, which spares the look-ups.

        Raises:
            NotNewError: a fresh page was not.
        """
        self._counted, self._repeated = [], 0
        if fresh and not page.ignored and not page.bad:
            if not insert_all(transaction, self.run.stream, page.rows):
                raise NotNewError
            self._counted.append(Count(None, 0, states.WRITTEN, len(page.rows)))
            return
        entries, rivals = self._one_a_code(_entries(page))
        known = catalogue.items(transaction, self.run.stream, list(entries))
        self._find_rivals(entries, rivals, known)
        self._set_aside_unreadable(transaction, [one for one in page.bad if one.code is None])
        self._write_rivals(transaction, rivals, known)
        self._write_good(transaction, [one for one in entries.values() if one.state == states.WRITTEN], known)
        self._write_marked(transaction, [one for one in entries.values() if one.state != states.WRITTEN], known)

    def committed(self) -> None:
        """Counts what the last transaction wrote."""
        summary = self.run.summary
        summary.repeated += self._repeated
        for one in self._counted:
            if one.before:
                _add(summary, COUNTS[one.before], -one.rows)
            else:
                summary.read += one.rows
            _add(summary, COUNTS[one.after], one.rows)
            if one.item is not None:
                self.run.seen.note(one.item, one.after)
        self._counted, self._repeated = [], 0

    def _one_a_code(self, found: Iterable[Entry]) -> tuple[dict[str, Entry], dict[str, list[Entry]]]:
        """Keeps the later of two rows with one identity; two identities with one code are rivals."""
        entries: dict[str, Entry] = {}
        rivals: dict[str, list[Entry]] = {}
        for one in found:
            earlier = entries.get(one.code)
            if earlier is not None and earlier.key == one.key:
                self._repeated += 1
            elif earlier is not None:
                rivals.setdefault(one.code, [earlier]).append(one)
            entries[one.code] = one
        return entries, rivals

    def _find_rivals(self, entries: dict[str, Entry], rivals: dict[str, list[Entry]], known: dict[str, Item]) -> None:
        """Moves rows out that rival an item met before in this run, or one that is contested already."""
        for code in [*rivals, *entries]:
            one, item = entries.get(code), known.get(code)
            if one is None or code in rivals:
                entries.pop(code, None)
                continue
            is_other = item is not None and one.key != item.native_key
            if item is not None and is_other and self.run.seen.state(item.id):
                rivals[code] = [one]
                del entries[code]
            elif item is not None and self._in_doubt(item, one):
                self._contested.setdefault(code, {})[one.key] = one
                del entries[code]

    def _in_doubt(self, item: Item, one: Entry) -> bool:
        if self.run.seen.state(item.id):
            return False
        if item.verdict == CONTESTED:
            return True
        if one.state != states.WRITTEN:
            return False
        return not self.run.full and item.native_key is not None and item.native_key != one.key and not item.gone

    def _write_good(self, transaction: Transaction, good: Sequence[Entry], known: dict[str, Item]) -> None:
        if not good:
            return
        positions = checkpoints.positions(transaction, self.run.stream)
        applying = Applying(transaction, self.run.stream, self.name, positions)
        written, unchanged = applying.write([one.payload for one in good], known)  # type: ignore[misc]  # good ones are mapped
        for codes, state in ((written, states.WRITTEN), (unchanged, states.UNCHANGED)):
            self._counted += [self._count(known.get(code), state) for code in codes]
        bad = (QUARANTINED, CONTESTED)
        quarantine.released(
            transaction,
            self.run.stream,
            [one.code for one in good if one.code in known and known[one.code].verdict in bad],
        )

    def _count(self, item: Item | None, state: int) -> Count:
        if item is None:
            return Count(None, 0, state)
        before = self.run.seen.state(item.id)
        self._repeated += bool(before)
        return Count(item.id, before, state)

    def _write_marked(self, transaction: Transaction, found: Sequence[Entry], known: dict[str, Item]) -> None:
        for state, verdict in ((states.IGNORED, IGNORED), (states.QUARANTINED, QUARANTINED)):
            rows = [one for one in found if one.state == state]
            mark(transaction, self.run.stream, known, [(one.row_hash, one.key, one.code) for one in rows], verdict)
            self._count_marked(transaction, rows, known, state)
        bad = [_as_quarantined(one.payload) for one in found if isinstance(one.payload, Bad)]
        quarantine.set_aside(transaction, self.run.stream, bad, self.run.now)

    def _count_marked(
        self, transaction: Transaction, rows: Sequence[Entry], known: dict[str, Item], state: int
    ) -> None:
        new = [one.code for one in rows if one.code not in known]
        made = catalogue.lookup(transaction, self.run.stream, new) if new else {}
        self._counted += [Count(made[code].id, 0, state) for code in new]
        there = [known[one.code] for one in rows if one.code in known]
        self.run.seen.ghosts += sum(item.gone for item in there if not self.run.seen.state(item.id))
        self._counted += [self._count(item, state) for item in there]

    def _write_rivals(self, transaction: Transaction, rivals: dict[str, list[Entry]], known: dict[str, Item]) -> None:
        if not rivals:
            return
        marks = [
            (None, known[code].native_key if code in known else rows[0].key, code) for code, rows in rivals.items()
        ]
        mark(transaction, self.run.stream, known, marks, CONTESTED)
        now_known = catalogue.lookup(transaction, self.run.stream, list(rivals))
        for code, rows in rivals.items():
            item = now_known[code].id
            before = self.run.seen.state(item) if code in known else 0
            self.run.seen.ghosts += known[code].gone if code in known and not before else 0
            if before:
                self._counted.append(Count(item, before, states.QUARANTINED))
            self._counted.append(Count(item, 0, states.QUARANTINED, len(rows)))
        aside = [_as_rival(one) for rows in rivals.values() for one in rows]
        quarantine.set_aside(transaction, self.run.stream, aside, self.run.now)

    def _set_aside_unreadable(self, transaction: Transaction, bad: Sequence[Bad]) -> None:
        if not bad:
            return
        quarantine.set_aside(transaction, self.run.stream, [_as_quarantined(one) for one in bad], self.run.now)
        self._counted.append(Count(None, 0, states.QUARANTINED, len(bad)))
        if self.unreadable is None:
            first = bad[0]
            self.unreadable = f"row {first.key or first.row[:80]} has no readable code ({first.field}: {first.reason})"

    def is_in_doubt(self) -> bool:
        """Says whether rows wait in memory for the decision on whose code theirs is."""
        return bool(self._contested)

    def contested_natives(self) -> tuple[Any, ...]:
        """Gives the native codes whose owner is in doubt."""
        rows = [one for found in self._contested.values() for one in found.values()]
        return tuple(dict.fromkeys(_native_code(one) for one in rows))

    def contest_again(self, pages: Iterable[Mapped]) -> None:
        """Takes all rows of the codes in doubt in place of those met so far."""
        self._contested = {}
        for page in pages:
            for one in _entries(page):
                self._contested.setdefault(one.code, {})[one.key] = one

    def settle(self, transaction: Transaction) -> None:
        """Gives codes in doubt to their one row; codes that several rows claim stay set aside."""
        if not self._contested:
            return
        known = catalogue.items(transaction, self.run.stream, list(self._contested))
        alone = [next(iter(found.values())) for found in self._contested.values() if len(found) == 1]
        self._write_good(transaction, [one for one in alone if one.state == states.WRITTEN], known)
        self._write_marked(transaction, [one for one in alone if one.state != states.WRITTEN], known)
        rivals = {code: list(found.values()) for code, found in self._contested.items() if len(found) > 1}
        self._write_rivals(transaction, rivals, known)
        self._contested = {}


def _native_code(one: Entry) -> Any:
    found = one.payload.native_code if isinstance(one.payload, Bad) else one.payload[4] if one.payload else None
    return msgspec.json.decode(found) if found else one.code


def _entries(page: Mapped) -> Iterable[Entry]:
    yield from (Entry(row[2], row[1], row[0], states.WRITTEN, row) for row in page.rows)
    yield from (Entry(code, key, row_hash, states.IGNORED, None) for row_hash, key, code in page.ignored)
    for bad in page.bad:
        if bad.code is not None:
            yield Entry(bad.code, bad.key, bad.row_hash, states.QUARANTINED, bad)


def _add(summary: ReadSummary, name: str, count: int) -> None:
    setattr(summary, name, getattr(summary, name) + count)


def _as_quarantined(bad: Bad) -> Quarantined:
    key = bad.key or bad.code or f"row:{bad.row_hash:x}"
    where = (
        f"correct {bad.field} at the source or its line in the field map"
        if bad.field
        else "correct the row at the source"
    )
    return Quarantined(key, bad.code, bad.native_code, bad.field, bad.reason, f"{where}, then sync or replay", bad.row)


def _as_rival(one: Entry) -> Quarantined:
    reason = f"another row of the source has the code {one.code!r} too"
    hint = "give each row a code of its own at the source, then sync or replay"
    if isinstance(one.payload, Bad):
        return Quarantined(one.key or one.code, one.code, one.payload.native_code, None, reason, hint, one.payload.row)
    shown, native = "{}", None
    if isinstance(one.payload, tuple):
        unit = decode(one.payload[8], Variant if one.payload[7] is not None else Customer)
        shown, native = msgspec.json.encode(unit).decode(), one.payload[4]
    return Quarantined(one.key or one.code, one.code, native, None, reason, hint, shown)
