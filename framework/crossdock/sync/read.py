"""The `read` lane: pages from a source, compared before they are mapped, into the catalogue."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from operator import ne
from typing import Any, NamedTuple

from crossdock.store import Store, Transaction, catalogue, checkpoints, quarantine
from crossdock.store.catalogue import OK, Known
from crossdock.store.checkpoints import Checkpoint
from crossdock.store.leases import Lease
from crossdock.sync import seen as states
from crossdock.sync.apply import Applying
from crossdock.sync.port import ReadRequest, SourcePort
from crossdock.sync.seen import COUNTS, Seen
from crossdock.sync.summary import ReadSummary
from crossdock.sync.sweep import Brake, sweep
from crossdock.sync.write import NotNewError, PageWriter
from crossdock.wire.frames import Mapped, Offer

SAVE_EVERY = 20
"""Pages without a change after which the checkpoint is saved all the same."""
FROM_VERDICT = (states.UNCHANGED, states.IGNORED, states.QUARANTINED, states.QUARANTINED)


class Options(NamedTuple):
    """How to read."""

    full: bool = False
    """Read all even where only changes could be read."""
    dry_run: bool = False
    """Write nothing."""
    full_every_s: float = 86400.0
    """An incremental source is read in full after so long."""
    page_size: int = 1000
    codes: tuple[Any, ...] | None = None
    """Only these items, by native code. None: all."""
    rows: tuple[dict[str, Any], ...] | None = None
    """Only these stored rows, mapped anew. None: all."""
    limit: int | None = None
    brake: Brake = Brake()


class _Rehearsed(Exception):  # noqa: N818  # not an error: it rolls a dry run back
    pass


class Reader:
    """One run of a `read` lane."""

    def __init__(self, store: Store, port: SourcePort, stream: int, lease: Lease | None, options: Options) -> None:
        """Takes the store, the open source, the stream's number, the lease (None: dry run) and how to read."""
        self.store, self.port, self.stream, self.lease, self.options = store, port, stream, lease, options
        self.summary = ReadSummary()
        self.on_page: Callable[[ReadSummary], None] = lambda _: None
        self._still_bad: list[str] = []
        self._idle, self._on_their_way, self._whole = 0, 0, False

    def run(self, name: str) -> ReadSummary:
        """Reads a stream once: full or what changed, and after a whole read sweeps.

        Raises:
            TransientError, ConnectionSetupError, PluginError: the source failed; what came before it is kept.
            FenceLostError: another run took the lane over.
        """
        with self.store.read() as transaction:
            self.before = checkpoints.checkpoint(transaction, self.stream)
            self.seen = Seen(catalogue.last_id(transaction, self.stream))
            self.now = transaction.now()
        self.partial = any(one is not None for one in (self.options.codes, self.options.rows, self.options.limit))
        self.full = self._is_full(name)
        self.summary = ReadSummary(name, full=self.full and not self.partial)
        self._cursor = None if self.full else self.before.cursor
        self._whole = self.port.manifest.whole_products and name == "products" and not self.full
        self.writer = PageWriter(self, name)
        self._pages(self._request(name))
        self._settle(name)
        self._finish(name)
        return self.summary

    def _request(self, name: str) -> ReadRequest:
        given = self.options
        since = None if self.full or self.partial else self.before.cursor
        direct = self.seen.last_id == 0 or given.rows is not None
        return ReadRequest(
            stream=name,
            since=since,
            page_size=given.page_size,
            codes=given.codes,
            rows=given.rows,
            limit=given.limit,
            direct=direct,
        )

    def _is_full(self, name: str) -> bool:
        before = self.before
        incremental = self.port.field_map(name).is_incremental and before.cursor is not None
        due = before.full_done_at is None or self.now - before.full_done_at >= self.options.full_every_s
        stale = before.map_hash != self.port.salt(name) or before.sweep_stopped is not None
        return self.options.full or not incremental or due or stale

    def _pages(self, request: ReadRequest) -> None:
        last = self._cursor
        for page in self.port.read(request):
            if isinstance(page, Offer):
                self._answer(page)
                last = page.cursor
            else:
                self._on_their_way -= not request.direct
                self.write(page, direct=request.direct)
                last = page.cursor if request.direct else last
            self.on_page(self.summary)
        self._cursor = last

    def _answer(self, page: Offer) -> None:
        """Asks for the rows of a page that differ; the checkpoint passes a page only once all before it are kept."""
        wanted = self._compare(page)
        self.port.want(page.page, wanted)
        self._on_their_way += bool(wanted)
        if self._on_their_way == 0 and not self.writer.is_in_doubt():
            self._cursor = page.cursor
            self._idle += 1
            if self._idle % SAVE_EVERY == 0:
                self._save()

    def _compare(self, page: Offer) -> list[int]:
        """Finds the rows of a page that are not as the catalogue knows them, and counts the others."""
        if self._whole:
            return list(range(len(page.codes)))
        with self.store.read() as transaction:
            rows = catalogue.compared(transaction, self.stream, [code for code in page.codes if code is not None])
        wanted = self._compare_at_once(page, rows)
        return self._compare_singly(page, rows) if wanted is None else wanted

    def _compare_at_once(self, page: Offer, rows: Sequence[tuple[Any, ...]]) -> list[int] | None:
        """Compares a page of known items, the usual one, by columns; None for one that needs a closer look.

        No loop of ours touches a row that did not change: a read that finds nothing new costs a tenth less.
        """
        if not rows or len(rows) != len(page.codes) or len(page.hashes) != len(rows):
            return None
        codes, ids, hashes, verdicts, gone = zip(*rows, strict=True)
        if list(codes) != page.codes or any(verdicts) or any(gone) or len(set(codes)) != len(codes):
            return None
        wanted = list(compress(range(len(ids)), map(ne, hashes, page.hashes)))
        others = set(wanted)
        same = [one for number, one in enumerate(ids) if number not in others] if wanted else ids
        if not self.seen.note_unchanged(same):
            return None
        self._count_unchanged(len(same))
        return wanted

    def _compare_singly(self, page: Offer, rows: Sequence[tuple[Any, ...]]) -> list[int]:
        known = {row[0]: Known._make(row) for row in rows}
        repeated = _repeated(page.codes)
        wanted, unchanged, state = [], 0, self.seen.state
        note = self.seen.note
        for number, (code, row_hash) in enumerate(zip(page.codes, page.hashes, strict=True)):
            found = known.get(code) if code is not None else None
            if found is None or found[2] != row_hash or found[4] or code in repeated or state(found[1]):
                wanted.append(number)
            elif found[3] == OK:
                unchanged += 1
                note(found[1], states.UNCHANGED)
            else:
                self._count(found)
        self._count_unchanged(unchanged)
        return wanted

    def _count_unchanged(self, count: int) -> None:
        self.summary.read += count
        self.summary.unchanged += count

    def _count(self, found: Known) -> None:
        state = FROM_VERDICT[found.verdict]
        self.summary.read += 1
        setattr(self.summary, COUNTS[state], getattr(self.summary, COUNTS[state]) + 1)
        self.seen.note(found.id, state)
        if state == states.QUARANTINED:
            self._still_bad.append(found.code)

    def write(self, page: Mapped, *, direct: bool) -> None:
        """Writes the mapped rows of a page, its bad rows and the checkpoint in one transaction."""
        try:
            self._write_once(page, fresh=direct and self.options.rows is None)
        except NotNewError:
            self._write_once(page, fresh=False)
        self.writer.committed()

    def _write_once(self, page: Mapped, *, fresh: bool) -> None:
        """Writes a page; the checkpoint stays before a page of which a row is in doubt until that is settled."""
        with self.transaction() as transaction:
            self.writer.write(transaction, page, fresh=fresh)
            self._drop_missing(transaction, page)
            if not self.writer.is_in_doubt():
                self._cursor = page.cursor
            self._save_in(transaction, self._checkpoint())

    def _drop_missing(self, transaction: Transaction, page: Mapped) -> None:
        """Where the source delivers whole products and only what changed is read: a variant that is missing is gone."""
        if not self._whole or self.partial:
            return
        there = {row[2] for row in page.rows} | {row[2] for row in page.ignored} | {one.code for one in page.bad}
        groups = sorted({row[3] for row in page.rows})
        missing = [one for one in catalogue.siblings(transaction, self.stream, groups) if one.code not in there]
        if missing:
            positions = checkpoints.positions(transaction, self.stream)
            Applying(transaction, self.stream, self.summary.stream, positions).remove(missing)
            self.summary.vanished += len(missing)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that carries the run's fence and the stream's lock; a dry run's is rolled back."""
        try:
            with self.store.write() as transaction:
                if self.lease is not None:
                    self.lease.renew(transaction)
                catalogue.lock_stream(transaction, self.stream, 0)
                yield transaction
                if self.options.dry_run:
                    raise _Rehearsed  # noqa: TRY301  # leaves the transaction, which rolls it back
        except _Rehearsed:
            pass

    def _checkpoint(self) -> Checkpoint:
        if self.partial or not self.full:
            return self.before._replace(cursor=self.before.cursor if self.partial else self._cursor)
        return Checkpoint(None, None, self.now, self.before.full_done_at, self.before.sweep_stopped)

    def _save(self) -> None:
        with self.transaction() as transaction:
            self._save_in(transaction, self._checkpoint())

    def _save_in(self, transaction: Transaction, to: Checkpoint) -> None:
        if not self.partial:
            checkpoints.save_checkpoint(transaction, self.stream, to)

    def _settle(self, name: str) -> None:
        """Decides on codes that two rows claimed; after a read of changes all their rows are read again."""
        codes = self.writer.contested_natives()
        if codes and not self.full and not self.partial:
            request = ReadRequest(stream=name, page_size=self.options.page_size, codes=codes, direct=True)
            self.writer.contest_again(page for page in self.port.read(request) if isinstance(page, Mapped))
        with self.transaction() as transaction:
            self.writer.settle(transaction)
        self.writer.committed()

    def _finish(self, name: str) -> None:
        stopped = self.writer.unreadable
        with self.transaction() as transaction:
            quarantine.still_there(transaction, self.stream, self._still_bad, self.now)
            if self.partial:
                self.summary.set_aside = quarantine.count(transaction, self.stream)
                return
            if self.full and stopped is None:
                swept = sweep(transaction, self.stream, name, self.seen, self.options.brake)
                self.summary.vanished, self.summary.held = swept
                quarantine.forget_before(transaction, self.stream, self.now)
            self.summary.set_aside = quarantine.count(transaction, self.stream)
            said = stopped if self.full else self.before.sweep_stopped
            self.summary.sweep_stopped = said
            done = self.now if self.full else self.before.full_done_at
            started = self.now if self.full else self.before.full_started_at
            to = Checkpoint(self._cursor, self.port.salt(name), started, done, said)
            checkpoints.save_checkpoint(transaction, self.stream, to)


def _repeated(codes: list[str | None]) -> set[str | None]:
    if len(set(codes)) == len(codes):
        return set()
    return {code for code, times in Counter(codes).items() if times > 1}
