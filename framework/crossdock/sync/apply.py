"""One page into the catalogue: new items, changed ones, those that only look changed, and bad rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError

from crossdock.store import Transaction, catalogue, listings
from crossdock.store.catalogue import CONTESTED, Item
from crossdock.store.checkpoints import Position
from crossdock.sync.changes import changed_kinds
from crossdock.sync.view import PLAIN
from crossdock.wire.frames import MappedRow

PLAIN_HASH = PLAIN.hash()
READ_KINDS = ("text", "quantity", "price", "images", "active")


def insert_all(transaction: Transaction, stream: int, rows: Sequence[MappedRow]) -> bool:
    """Inserts rows that are taken to be new; False where one was not, and the transaction is spoilt."""
    first = catalogue.lock_stream(transaction, stream, len(rows))
    plain: list[tuple[Any, ...]] = []
    others: list[tuple[Any, ...]] = []
    for seq, row in enumerate(rows, first):
        row_hash, key, code, group, native_code, native_group, sku, text, unit = row
        if native_code is None and native_group is None:
            plain.append((row_hash, key, code, group, sku, text, unit, seq, stream))
        else:
            others.append((*row, seq, stream))
    try:
        transaction.change_all(catalogue.INSERT_PLAIN, plain)
        transaction.change_all(catalogue.INSERT, others)
    except IntegrityError:
        return False
    catalogue.add_live(transaction, stream, len(rows))
    return True


class Applying:
    """One page's work in one transaction."""

    def __init__(self, transaction: Transaction, stream: int, name: str, positions: Sequence[Position]) -> None:
        """Takes the transaction, the stream and the positions of its channels."""
        self.transaction, self.stream, self.name, self.positions = transaction, stream, name, positions
        self._next = 0
        self._updates: list[tuple[Any, ...]] = []
        self._touches: list[tuple[Any, ...]] = []
        self._kept: list[tuple[int, str, bytes | None, int, int]] = []
        self._left: list[Item] = []
        self._back = 0

    def write(self, rows: Sequence[MappedRow], known: dict[str, Item]) -> tuple[list[str], list[str]]:
        """Writes mapped rows, one a code; gives the codes written and those unchanged."""
        self._next = catalogue.lock_stream(self.transaction, self.stream, len(rows))
        written, unchanged, new = [], [], []
        for row in rows:
            item = known.get(row[2])
            if item is None:
                new.append((*row, self._number(), self.stream))
                written.append(row[2])
            elif self._update(item, row):
                written.append(row[2])
            else:
                unchanged.append(row[2])
        self.transaction.change_all(catalogue.INSERT, new)
        self.transaction.change_all(catalogue.UPDATE, self._updates)
        self.transaction.change_all(catalogue.TOUCH, self._touches)
        self._retell(self._left)
        listings.keep_sent(self.transaction, self._kept)
        catalogue.add_live(self.transaction, self.stream, len(new) + self._back)
        return written, unchanged

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _update(self, item: Item, row: MappedRow) -> bool:
        """Prepares the update of one item; False where nothing that a channel is told has changed."""
        row_hash, key, _, group, native_code, native_group, sku, text, unit = row
        kinds = self._kinds(item, row)
        if not kinds:
            self._touches.append((row_hash, key, native_code, native_group, item.id))
            return False
        if group != item.grp and not item.gone and item.text is not None:
            self._left.append(item)
        self._back += item.gone
        seq = self._number()
        stamps = [seq if kind in kinds else getattr(item, column) for kind, column in STAMPS]
        base = self.base(item)
        values = (
            row_hash,
            key,
            group,
            native_code,
            native_group,
            sku,
            text,
            unit,
            seq,
            item.born,
            *stamps,
            *base,
            item.id,
        )
        self._updates.append(values)
        return True

    def _kinds(self, item: Item, row: MappedRow) -> set[Any]:
        group, sku, text, unit = row[3], row[6], row[7], row[8]
        if item.unit is None or item.gone or item.verdict == CONTESTED:
            return set(READ_KINDS)
        if item.text == text and item.unit == unit and item.grp == group and item.sku == sku:
            return set()
        kinds: set[Any] = set(changed_kinds(self.name, (item.text, item.unit), (text, unit)))
        return kinds | ({"text", "active"} if item.grp != group else set())

    def base(self, item: Item) -> tuple[str | None, bytes | None]:
        """Works out what all channels last had of an item; where they differ, notes it in the listings."""
        had = [one for one in self.positions if one.seq >= item.born]
        served = [one for one in had if one.seq >= item.seq]
        if not item.gone:
            # On its way through a backlog a channel's position does not say what it had: its listing does.
            self._kept += [
                (item.id, item.grp, item.unit, one.channel, self.stream)
                for one in served
                if one.had < item.born and one.view_hash == PLAIN_HASH
            ]
        if len(served) == len(had):
            return item.grp, item.unit
        if not item.gone:
            self._kept += [(item.id, item.grp, item.unit, one.channel, self.stream) for one in served]
        return item.base_group, item.base

    def remove(self, items: Sequence[Item]) -> None:
        """Makes tombstones."""
        self._next = catalogue.lock_stream(self.transaction, self.stream, len(items))
        rows = []
        for item in items:
            seq = self._number()
            rows.append((seq, item.born, seq, *self.base(item), item.id))
        self.transaction.change_all(catalogue.REMOVE, rows)
        self._retell([one for one in items if one.text is not None])
        listings.keep_sent(self.transaction, self._kept)
        catalogue.add_live(self.transaction, self.stream, -len(items))

    def _retell(self, left: Sequence[Item]) -> None:
        """Counts a product's text as changed where its leading item left and the next one says something else."""
        if not left:
            return
        there = catalogue.siblings(self.transaction, self.stream, sorted({one.grp for one in left}))
        told: dict[int, Item] = {}
        for gone in left:
            group = [one for one in there if one.grp == gone.grp and one.id != gone.id]
            if group and gone.code < group[0].code and gone.text != group[0].text:
                told.update({one.id: one for one in group})
        if told:
            first = catalogue.lock_stream(self.transaction, self.stream, len(told))
            rows = [(one.born, seq, seq, *self.base(one), one.id) for seq, one in enumerate(told.values(), first)]
            self.transaction.change_all(catalogue.RETELL, rows)


STAMPS = (
    ("text", "text_seq"),
    ("quantity", "qty_seq"),
    ("price", "price_seq"),
    ("images", "image_seq"),
    ("active", "active_seq"),
)


def mark(
    transaction: Transaction,
    stream: int,
    known: dict[str, Item],
    rows: Sequence[tuple[int | None, str | None, str]],
    verdict: int,
) -> None:
    """Notes that rows (hash, identity, code) are ignored, bad or contested; what channels have stays."""
    there = [(row_hash, key, verdict, known[code].id) for row_hash, key, code in rows if code in known]
    transaction.change_all(catalogue.MARK, there)
    new = [row for row in rows if row[2] not in known]
    if new:
        first = catalogue.lock_stream(transaction, stream, len(new))
        transaction.change_all(
            catalogue.INSERT_MARKED,
            [(row_hash, key, code, code, seq, stream, verdict) for seq, (row_hash, key, code) in enumerate(new, first)],
        )
        catalogue.add_live(transaction, stream, len(new))
