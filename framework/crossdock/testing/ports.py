"""An ERP and a channel in memory behind the ports of `sync`, both able to fail on demand, and the lanes between them.

The rows go through the real mapper and the real offers, the deliveries through the real frames; only the
child process between them is left out.
"""

import queue
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
import xxhash

from crossdock.child.offer import Reading, stored_rows
from crossdock.child.transform import Transforms
from crossdock.contract import CustomerDelivery, Delivery, Due, Manifest, Result, Rows, TransientError
from crossdock.fieldmap import Field, FieldMap, Table
from crossdock.host import holding
from crossdock.store import Store, Transaction, catalogue, holds, quarantine
from crossdock.store.connections import connection_id, stream_id
from crossdock.store.holds import Hold
from crossdock.store.leases import Holder, Lease, take
from crossdock.sync.changes import ALL
from crossdock.sync.deliver import Deliverer, Target
from crossdock.sync.port import ReadRequest
from crossdock.sync.read import Options, Reader
from crossdock.sync.summary import DeliverySummary, ReadSummary
from crossdock.sync.sweep import Brake
from crossdock.sync.view import PLAIN, View
from crossdock.wire import frames
from crossdock.wire.frames import Done, Mapped, Offer, Want, encoder, host_frames

COLUMNS = ("id", "code", "grp", "title", "kind", "sku", "qty", "cpt", "price", "trade", "status", "changed")
FIELDS = (
    Field("source_product_code", "grp"),
    Field("source_variant_code", "code"),
    Field("title", "title"),
    Field("collection", "kind"),
    Field("product_active", "status", values={"Active": True, "Delete": False, "Ignore": "ignore"}),
    Field("variants.sku", "sku"),
    Field("variants.qty", "qty"),
    Field("variants.qty_availability.CPT", "cpt"),
    Field("variants.price", "price"),
    Field("variants.price_tiers.trade", "trade"),
)
PRODUCTS = FieldMap("products", Table("items", key="id"), FIELDS)
"""Every read is full."""
CHANGING = FieldMap("products", Table("items", key="id", changed="changed"), FIELDS)
"""Reads give what changed."""


class Crash(BaseException):  # not an error: the process is gone
    """The host dies here: nothing after it is carried out."""


class CrashingStore(Store):
    """A store at whose transactions the host can die."""

    crash_in: int | None = None
    """Number of writing transactions until the crash. None: none is planned."""
    crash_when = "before"
    """`before` the transaction, `inside` it before its commit, or `after` the commit."""

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A transaction that writes; raises Crash where it was asked to."""
        now = self._is_now()
        if now and self.crash_when == "before":
            raise Crash
        with super().write(durable=durable) as transaction:
            yield transaction
            if now and self.crash_when == "inside":
                raise Crash
        if now:
            raise Crash

    def _is_now(self) -> bool:
        if self.crash_in is None:
            return False
        self.crash_in -= 1
        if self.crash_in >= 0:
            return False
        self.crash_in = None
        return True


class FakeErp:
    """Rows by identity; each has all of `COLUMNS`, and every change gives it a higher `changed`."""

    def __init__(self) -> None:
        """Starts empty."""
        self.rows: dict[str, dict[str, Any]] = {}
        self.clock = 0

    def put(self, identity: str, **values: Any) -> dict[str, Any]:
        """Inserts a row or changes one; a new row has a value in every column."""
        self.clock += 1
        new = {
            "id": identity,
            "code": identity,
            "grp": None,
            "title": f"Title of {identity}",
            "kind": "Shoes",
            "sku": f"S-{identity}",
            "qty": 5,
            "cpt": None,
            "price": 10,
            "trade": None,
            "status": "Active",
        }
        self.rows[identity] = {**self.rows.get(identity, new), **values, "changed": self.clock}
        return self.rows[identity]

    def drop(self, identity: str) -> None:
        """Deletes a row."""
        self.clock += 1
        del self.rows[identity]

    def swap_codes(self, one: str, other: str) -> None:
        """Gives two rows each other's code."""
        first, second = self.rows[one]["code"], self.rows[other]["code"]
        self.put(one, code=second)
        self.put(other, code=first)


class FakeSource:
    """A source over a `FakeErp`; implements `sync.port.SourcePort`."""

    def __init__(self, erp: FakeErp, fieldmap: FieldMap = PRODUCTS) -> None:
        """Takes the ERP and the effective map."""
        self.erp, self.map = erp, fieldmap
        self.manifest = Manifest(name="fake-erp", title="Fake ERP")
        self.fail_at_page: int | None = None
        """The page before which the next read breaks off."""
        self.repeat = False
        """Whether each page's last row comes again in the next one."""
        self.mapped = 0
        """Rows that were mapped, ever."""
        self.requests: list[ReadRequest] = []
        self._wants: queue.SimpleQueue[Want | None] = queue.SimpleQueue()
        self._stop = threading.Event()

    def field_map(self, stream: str) -> FieldMap:
        """Gives the map."""
        assert stream == self.map.stream  # noqa: S101  # a fake may be blunt
        return self.map

    def salt(self, stream: str) -> str:
        """Gives what stands for the map."""
        return f"{self._salt(stream):x}"

    def _salt(self, stream: str) -> int:
        return xxhash.xxh3_64_intdigest(msgspec.msgpack.encode(self.field_map(stream).data())) >> 1

    def read(self, request: ReadRequest) -> Iterator[Offer | Mapped]:
        """Gives pages; the child's loop runs in a thread, a frame ahead at most."""
        self.requests.append(request)
        self._wants, self._stop = queue.SimpleQueue(), threading.Event()
        given: queue.Queue[Any] = queue.Queue(1)
        worker = threading.Thread(target=self._serve, args=(request, given, self._stop), daemon=True)
        worker.start()
        try:
            while not isinstance(frame := given.get(), Done):
                if isinstance(frame, Exception):
                    raise frame
                if isinstance(frame, Mapped):
                    self.mapped += len(frame.rows) + len(frame.ignored) + len(frame.bad)
                yield msgspec.msgpack.decode(encoder.encode(frame), type=Offer | Mapped)
        finally:
            self.cancel()
            while worker.is_alive():
                while not given.empty():
                    given.get()
                worker.join(0.001)

    def _serve(self, request: ReadRequest, given: "queue.Queue[Any]", stop: threading.Event) -> None:
        def send(frame: Any) -> None:
            if not stop.is_set():
                given.put(frame)

        try:
            fields = self.field_map(request.stream)
            pages = self._pages(request) if request.rows is None else stored_rows(request.rows, fields)
            reading = Reading(fields, self._salt(request.stream), Transforms(()), send)
            reading.is_expanded = request.rows is not None
            reading.run(pages, self._wants.get, stop.is_set, direct=request.direct)
        except Exception as error:  # noqa: BLE001  # raised again where the pages are read
            send(error)

    def _pages(self, request: ReadRequest) -> Iterator[Rows]:
        table = self.map.source
        incremental = isinstance(table, Table) and table.changed is not None
        rest = str(request.since or "").startswith("full:")
        now, begin = map(int, request.since.split(":")[1:]) if rest and request.since else (self.erp.clock, 0)
        since = int(request.since) if request.since is not None and not rest else None
        rows = [row for row in self.erp.rows.values() if since is None or row["changed"] > since]
        rows.sort(key=lambda row: row["id"] if since is None else row["changed"])
        if request.codes is not None:
            rows = [row for row in rows if row["code"] in request.codes]
        rows = rows[begin : request.limit]
        starts = range(0, len(rows), request.page_size)
        for number, start in enumerate(starts):
            if self.fail_at_page == number:
                self.fail_at_page = None
                message = "the fake ERP is gone"
                raise TransientError(message)
            page = rows[max(0, start - self.repeat) : start + request.page_size]
            cursor = (
                str(page[-1]["changed"]) if since is not None else f"full:{now}:{begin + start + request.page_size}"
            )
            if since is None and start + request.page_size >= len(rows):
                cursor = str(now)
            yield Rows([tuple(row[name] for name in COLUMNS) for row in page], cursor if incremental else None, COLUMNS)

    def want(self, page: int, rows: list[int]) -> None:
        """Answers an offer."""
        self._wants.put(Want(page, rows))

    def cancel(self) -> None:
        """Ends the read."""
        self._stop.set()
        self._wants.put(None)


class Listed(NamedTuple):
    """One item as a channel has it."""

    group: str
    title: str | None
    collection: str | None
    sku: str | None
    qty: Any
    price: Any
    active: bool


NOTHING = Listed("", None, None, None, None, None, active=False)


class FakeChannel:
    """A channel that takes exactly what it is told, and only the kinds of change that it is told; a `ChannelPort`."""

    def __init__(self, name: str = "hub", *, batch_size: int = 100, answers_codes: bool = False) -> None:
        """Takes the connection's name and how it behaves."""
        self.name, self.answers_codes = name, answers_codes
        self.manifest = Manifest(name="fake-channel", title="Fake channel", batch_size=batch_size)
        self.items: dict[str, Listed] = {}
        self.told: list[tuple[Delivery, Due]] = []
        """Everything it was told, in order."""
        self.customers: dict[str, CustomerDelivery] = {}
        self.complaints: list[str] = []
        """What no correct sender does."""
        self.refuse: set[str] = set()
        self.postpone: set[str] = set()
        """Items answered `pending`; `settled` of them are done when asked."""
        self.settled: dict[str, Result] = {}
        self.fail_at_batch: int | None = None
        """The batch of the next run that fails without being stored."""
        self.lose_at_batch: int | None = None
        """The batch of the next run that is stored but not answered."""
        self._answers: deque[tuple[int, int, list[Result] | None] | Exception] = deque()
        self._batch = 0
        self._unsure: set[str] = set()
        self._run: set[str] = set()

    def begin(self) -> None:
        """A new session: answers not fetched are lost."""
        self._answers.clear()
        self._batch = 0
        self._run = set()

    def broken_off(self) -> None:
        """The run failed: what it told may not be known to the sender."""
        self._unsure |= self._run
        self.fail_at_batch = self.lose_at_batch = None

    def on_sale(self) -> dict[str, Listed]:
        """Gives the items that a buyer can find."""
        return {code: one for code, one in self.items.items() if one.active}

    def told_codes(self) -> list[str]:
        """Gives the codes of everything it was told, in order, and forgets them."""
        codes = [due.variant.source_variant_code for _, due in self.told]
        self.told.clear()
        return codes

    def deliver(self, stream: str, number: int, deliveries: list[Any]) -> None:
        """Takes a batch."""
        frame = host_frames.decode(
            encoder.encode(["Deliver" if stream == "products" else "DeliverCustomers", number, deliveries])
        )
        self._batch += 1
        if self._batch - 1 == self.fail_at_batch:
            self._answers.append(TransientError("the fake channel is gone"))
            return
        results = self._taken(frame)
        if self._batch - 1 == self.lose_at_batch:
            self._answers.append(TransientError("the fake channel's answer was lost"))
            return
        plain = all(one.state == "done" and one.channel_code is None for one in results)
        self._answers.append((number, len(results), None if plain else results))

    def _taken(self, frame: frames.HostFrame) -> list[Result]:
        if isinstance(frame, frames.DeliverCustomers):
            for one in frame.deliveries:
                self.customers[one.customer.source_customer_code] = one
            return [Result(one.customer.source_customer_code) for one in frame.deliveries]
        assert isinstance(frame, frames.Deliver)  # noqa: S101  # a fake may be blunt
        return [self._take(delivery, due) for delivery in frame.deliveries for due in delivery.due]

    def _take(self, delivery: Delivery, due: Due) -> Result:
        code = due.variant.source_variant_code
        self.told.append((delivery, due))
        if code in self.refuse:
            return Result(code, "refused", "the fake channel does not like it")
        if code in self.postpone:
            self.settled[f"later-{code}"] = Result(code, handle=f"later-{code}")
            self._keep(code, delivery, due)
            return Result(code, "pending", handle=f"later-{code}")
        self._keep(code, delivery, due)
        if self.answers_codes:
            return Result(
                code, channel_product_code=f"P-{delivery.product.source_product_code}", channel_code=f"V-{code}"
            )
        return Result(code)

    def _keep(self, code: str, delivery: Delivery, due: Due) -> None:
        old = self.items.get(code)
        self._examine(code, old, delivery, due)
        self._run.add(code)
        if due.gone:
            self.items[code] = (old or NOTHING)._replace(active=False)
            return
        product, variant, kinds = delivery.product, due.variant, due.changed or ALL
        new = (old or NOTHING)._replace(group=product.source_product_code)
        if "text" in kinds:
            new = new._replace(title=product.title, collection=product.collection, sku=variant.sku)
        if "quantity" in kinds:
            new = new._replace(qty=variant.qty)
        if "price" in kinds:
            new = new._replace(price=variant.price)
        if "active" in kinds:
            new = new._replace(active=variant.active)
        self.items[code] = new

    def _examine(self, code: str, old: Listed | None, delivery: Delivery, due: Due) -> None:
        """Notes what a channel that updates in part, and moves variants between products, could not do."""
        unsure, group = code in self._unsure, delivery.product.source_product_code
        self._unsure.discard(code)
        if unsure:
            return
        if old is None and not due.gone and set(due.changed or ALL) != set(ALL):
            self.complaints.append(f"{code} is new here but only {due.changed} was told")
        if old is None and due.gone:
            self.complaints.append(f"{code} is gone but was never here")
        if old is not None and not due.gone and old.group not in (group, due.moved_from):
            self.complaints.append(f"{code} moved from {old.group} to {group}, told as moved from {due.moved_from}")

    def results(self) -> tuple[int, int, list[Result] | None]:
        """Gives the next batch's answer."""
        found = self._answers.popleft()
        if isinstance(found, Exception):
            raise found
        return found

    def check_delivery(self, handles: Sequence[str]) -> list[Result]:
        """Says what became of postponed items."""
        return [self.settled.get(one, Result(one.removeprefix("later-"), "pending", handle=one)) for one in handles]


class Feed:
    """One source's products and the channels that get them: its lanes, run one at a time, and its desk."""

    def __init__(self, store: Store, source: FakeSource, name: str = "erp", *, brake: Brake | None = None) -> None:
        """Takes the store, the source, and its connection's name."""
        self.store, self.source, self.name, self.brake = store, source, name, brake or Brake()
        with store.write() as transaction:
            self.stream = stream_id(transaction, connection_id(transaction, name, "fake"), source.map.stream)
        self.stream_name = source.map.stream

    @contextmanager
    def lane(self, lane: str) -> Iterator[Lease]:
        """Holds a lane's lease; a Crash leaves it as a dead process would."""
        lease = take(self.store, lane, Holder("here", 1, 0.0, lane), lambda *_: True)
        yield lease
        lease.release()

    def read(self, **options: Any) -> ReadSummary:
        """Runs the `read` lane once."""
        given = Options(**{"page_size": 3, "brake": self.brake, **options})
        with self.lane(f"read({self.name})") as lease:
            return Reader(self.store, self.source, self.stream, lease, given).run(self.stream_name)

    def deliver(self, channel: FakeChannel, view: View = PLAIN, *, rivals: bool = False) -> DeliverySummary:
        """Runs one `deliver` lane once."""
        target = Target(self.number(channel), self.stream, self.stream_name, view, self.brake, rivals)
        channel.begin()
        try:
            with self.lane(f"deliver({channel.name}, {self.name})") as lease:
                return Deliverer(self.store, channel, target, lease, channel.name).run()
        except BaseException:
            channel.broken_off()
            raise

    def number(self, channel: FakeChannel) -> int:
        """Gives a channel's permanent number."""
        with self.store.write() as transaction:
            return connection_id(transaction, channel.name, "fake")

    def sync(self, *channels: FakeChannel, **options: Any) -> tuple[ReadSummary, list[DeliverySummary]]:
        """Reads, then delivers to each channel."""
        return self.read(**options), [self.deliver(one) for one in channels]

    def open_holds(self) -> list[Hold]:
        """Gives this source's holds that wait for a person."""
        with self.store.read() as transaction:
            return [one for one in holds.listed(transaction, open_only=True) if one.stream == self.stream]

    def held_codes(self, hold: Hold) -> list[str]:
        """Gives the codes of a hold's items."""
        with self.store.read() as transaction:
            return sorted(
                one.code for one in catalogue.items_by_id(transaction, list(holds.versions(transaction, hold.id)))
            )

    def ripen(self, channel: FakeChannel) -> None:
        """Lets the time pass until everything refused or not confirmed is tried again."""
        with self.store.write() as transaction:
            query = "UPDATE listing SET retry_at = 0 WHERE channel = ? AND stream = ? AND retry_at IS NOT NULL"
            transaction.change(query, connection_id(transaction, channel.name, "fake"), self.stream)

    def quarantined(self) -> dict[str, quarantine.Quarantined]:
        """Gives the rows set aside, by key."""
        with self.store.read() as transaction:
            return {one.row_key: one for one in quarantine.listed(transaction, self.stream)}

    def item(self, code: str) -> catalogue.Item:
        """Gives one item of the catalogue."""
        with self.store.read() as transaction:
            return catalogue.items(transaction, self.stream, [code])[code]

    def approve(self, hold: Hold) -> None:
        """Lets the item versions of a hold pass; an item that changed since is judged anew."""
        holding.approve(self.store, hold.id)

    def reject(self, hold: Hold) -> None:
        """Leaves the channel, or the catalogue, as it is."""
        holding.reject(self.store, hold.id)
