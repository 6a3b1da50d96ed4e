"""Keeping a channel's answers: what is done needs no memory, what is not is tried again on its own schedule."""

from collections.abc import Mapping, Sequence

from crossdock.contract import Result
from crossdock.store import Transaction, catalogue, listings
from crossdock.store.catalogue import Item
from crossdock.store.listings import PENDING, REFUSED, RETRY, Listing
from crossdock.sync.compose import Batch, Composer, Told
from crossdock.sync.summary import DeliverySummary

REFUSED_WAIT_S = 3600.0
RETRY_WAIT_S = 30.0
LONGEST_WAIT_S = 86400.0


class Answers:
    """Keeps answers within one transaction."""

    def __init__(
        self, transaction: Transaction, channel: int, stream: int, summary: DeliverySummary, *, dense: bool, bare: bool
    ) -> None:
        """Takes where to keep them.

        Args:
            transaction: the one that moves the position.
            channel: number of the channel.
            stream: number of the stream.
            summary: what is counted.
            dense: whether every item needs a listing, because the channel's view is filtered.
            bare: whether the channel has no listing yet, which spares looking.
        """
        self.transaction, self.channel, self.stream = transaction, channel, stream
        self.summary, self.dense, self.bare = summary, dense, bare

    def keep(self, batch: Batch, results: Sequence[Result] | None, composer: Composer) -> None:
        """Keeps the answers to one batch; `results` None: all done, and no codes."""
        if results is None and self.bare and not self.dense and not batch.refused:
            self.summary.sent += batch.size()
            return
        by_code = {one.code: one for one in results or ()}
        all_told = batch.all_told()
        refused = [item.id for item, _ in batch.refused]
        ids = [one.id for one in all_told.values()] + [one.id for one in batch.skipped] + refused
        there = listings.find(self.transaction, self.channel, ids)
        rows: list[Listing] = []
        done = [one.id for one in batch.skipped if one.id in there and there[one.id].state == listings.APPROVED]
        bases = self._bases(all_told, by_code)
        for told in all_told.values():
            old = there.get(told.id, Listing(told.id))
            new = self._after(told, old, by_code.get(told.code) or _unanswered(told.code, results), bases)
            if new is None:
                done += [told.id] if told.id in there else []
            else:
                rows.append(new)
        rows += [self._refused(item, reason, there.get(item.id, Listing(item.id))) for item, reason in batch.refused]
        listings.save(self.transaction, self.channel, self.stream, rows)
        listings.remove(self.transaction, self.channel, done)

    def _refused(self, item: Item, reason: str, old: Listing) -> Listing:
        """Gives the listing of an item that breaks a rule over its whole product; the channel keeps what it has."""
        self.summary.refused += 1
        sent, group = (old.sent, old.sent_group) if old.sent is not None else (item.base, item.base_group)
        retry_at = self.transaction.now() + REFUSED_WAIT_S
        return old._replace(state=REFUSED, reason=reason, retry_at=retry_at, sent=sent, sent_group=group)

    def _bases(
        self, told: Mapping[str, Told], results: Mapping[str, Result]
    ) -> dict[int, tuple[str | None, bytes | None]]:
        """Finds what the channel still has of items that it did not take."""
        ids = [told[code].id for code, one in results.items() if one.state != "done" and code in told]
        return (
            {item.id: (item.base_group, item.base) for item in catalogue.items_by_id(self.transaction, ids)}
            if ids
            else {}
        )

    def _after(
        self, told: Told, old: Listing, result: Result, bases: dict[int, tuple[str | None, bytes | None]]
    ) -> Listing | None:
        """Gives the listing after an answer, None where none is needed."""
        product_code = result.channel_product_code or old.channel_product_code
        code = result.channel_code or old.channel_code
        if result.state == "done":
            self.summary.sent += 1
            if not self.dense and product_code is None and code is None:
                return None
            return Listing(told.id, product_code, code, sent_hash=told.sent_hash)
        group, sent = (old.sent_group, old.sent) if old.sent is not None else bases.get(told.id, (None, None))
        wait = self._wait(result, old.attempts)
        state = {"refused": REFUSED, "retry": RETRY, "pending": PENDING}[result.state]
        self.summary.refused += state == REFUSED
        self.summary.retry += state == RETRY
        retry_at = None if state == PENDING else self.transaction.now() + wait
        return Listing(
            told.id,
            product_code,
            code,
            group,
            old.sent_hash,
            sent,
            state,
            result.reason,
            retry_at,
            old.attempts + 1,
            result.handle,
        )

    def _wait(self, result: Result, attempts: int) -> float:
        if result.retry_after_s is not None:
            return result.retry_after_s
        first = REFUSED_WAIT_S if result.state == "refused" else RETRY_WAIT_S
        return float(min(first * 2.0 ** min(attempts, 16), LONGEST_WAIT_S))

    def keep_overtaken(self, batch: Batch, until: int, stream_seq: int) -> None:
        """Notes what the channel got of items that changed again while the batch was on its way."""
        if catalogue.stream_seq(self.transaction, self.stream) == stream_seq:
            return
        by_id = {one.id: one for one in batch.all_told().values()}
        overtaken = [by_id[one] for one in catalogue.changed_since(self.transaction, list(by_id), until)]
        listings.keep_sent(
            self.transaction, [(one.id, one.group, one.unit, self.channel, self.stream) for one in overtaken]
        )

    def keep_late(self, results: Sequence[Result], handles: Mapping[str, Sequence[Listing]]) -> None:
        """Keeps answers to deliveries that were pending; an answer for a shared handle is for the item of its code.

        Args:
            results: what the channel said; one whose code is its handle is for all items of the handle.
            handles: listings of the pending items by handle.
        """
        codes = {item.id: item.code for item in catalogue.items_by_id(self.transaction, _ids(handles))}
        rows, done = [], []
        for result in results:
            if result.state == "pending":
                continue
            handle = result.handle if result.handle is not None and result.handle in handles else result.code
            pending = handles.get(handle, ())
            for old in pending:
                if len(pending) > 1 and result.code not in (handle, codes.get(old.item)):
                    continue
                told = Told(old.item, result.code, "", 0, gone=False, sent_hash=old.sent_hash)
                new = self._after(told, old, result, {})
                if new is None:
                    done.append(old.item)
                else:
                    rows.append(new)
        listings.save(self.transaction, self.channel, self.stream, rows)
        listings.remove(self.transaction, self.channel, done)


def _ids(handles: Mapping[str, Sequence[Listing]]) -> list[int]:
    return [one.item for found in handles.values() for one in found]


def _unanswered(code: str, results: Sequence[Result] | None) -> Result:
    """Gives the answer of an item that has none of its own: done where all are, not confirmed where others have one."""
    if results is None:
        return Result(code)
    return Result(code, "retry", "the plugin gave no result for this item")
