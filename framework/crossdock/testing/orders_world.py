"""A shop, one or two ERPs, hosts that die, and a person at the desk: the lanes of orders in one process.

All objects of a host are dropped where it dies, and its store is opened again. In the end the ERPs' own documents are
the witness: for every order each document it owes exactly once.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crossdock.contract import FenceLostError, LaneBusyError, TransientError
from crossdock.orders import desk
from crossdock.orders.confirming import Confirmer
from crossdock.orders.intake import Reader
from crossdock.orders.lane import Lane
from crossdock.orders.options import Flow, OrderOptions, Route
from crossdock.orders.raising import Raiser, Target
from crossdock.orders.restored import Mark
from crossdock.store import Store, ledger, ledger_report, orders
from crossdock.store.connections import connection_id
from crossdock.store.leases import TTL_S, Holder, Lease
from crossdock.store.ledger import Document
from crossdock.store.ledger_states import CANCELLED, CONFIRMED, CONFLICT, PARKED, REFUSED
from crossdock.testing.orders_channel import FakeOrderChannel, OrderShop
from crossdock.testing.orders_clock import Boundaries, ClockedStore, FakeClock
from crossdock.testing.orders_erp import DEADLINE_S, DELAY_S, FakeTarget, OrderErp, Stored
from crossdock.testing.ports import Crash

WINDOW_S = DEADLINE_S + DELAY_S
PERSON = "person Naledi"
TAKE_OVER = (
    "INSERT INTO lease (lane, holder, fence, expires_at) VALUES (?, ?, 1, ?) ON CONFLICT (lane) DO UPDATE SET "
    "holder = excluded.holder, fence = lease.fence + 1, expires_at = excluded.expires_at RETURNING fence"
)
"""What `leases.take` does with the lease of a process that is gone, in one statement."""
QUIET = 14
"""Rounds within which everything must have come to rest."""


class MarksInMemory:
    """Marks that survive whatever happens to the store."""

    def __init__(self) -> None:
        """Starts with none."""
        self.marks: dict[int, Mark] = {}

    def read(self, target: int) -> Mark | None:
        """Gives a target's mark."""
        return self.marks.get(target)

    def write(self, target: int, mark: Mark) -> None:
        """Keeps a target's mark."""
        self.marks[target] = mark


class Setup(NamedTuple):
    """What a world is made of."""

    keys: tuple[str, ...] = ("searchable",)
    """Class of the ERP, and of the warehouse service where there is one."""
    create_customers: bool = False
    reference_length: int = 20
    url: str | None = None
    """Store that worlds share. None: each has a file of its own, which can be put back from a backup."""
    name: str = ""
    """What tells its connections from those of other worlds on the same store."""


@cache
def empty_store() -> bytes:
    """Gives the bytes of a store just made: making one takes longer than most scenarios."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        file = Path(folder) / "store.db"
        store = Store(f"sqlite:///{file.as_posix()}")
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        return file.read_bytes()


Raising = Callable[[Lane, FakeTarget, Target], Raiser]


class OrderWorld:
    """The lanes of one flow on one SQLite file."""

    def __init__(self, folder: Path, setup: Setup = Setup(), boundaries: Boundaries | None = None) -> None:  # noqa: B008  # immutable
        """Takes an empty folder, and what the world is made of."""
        self.file, self.backup, self.setup = folder / "store.db", folder / "backup.db", setup
        self.clock, self.boundaries = FakeClock(), boundaries or Boundaries()
        self.shop, self.marks = OrderShop(), MarksInMemory()
        self.erps = [OrderErp(self.clock, key) for key in setup.keys]  # type: ignore[arg-type]
        self.raising: Raising = Raiser
        self.port: type[FakeTarget] = FakeTarget
        if setup.url is None:
            self.file.write_bytes(empty_store())
        self.store = self.open()
        with self.store.write() as transaction:
            self.channel = connection_id(transaction, f"shop{setup.name}", "fake")
            self.targets = [
                connection_id(transaction, f"erp{setup.name}-{place}", "fake") for place, _ in enumerate(self.erps)
            ]
        self.flow = self._flow()
        self.had_backup = False

    def open(self) -> ClockedStore:
        """Opens the store, as a host does that starts."""
        url = self.setup.url or f"sqlite:///{self.file.as_posix()}"
        return ClockedStore(url, self.clock, self.boundaries)

    def _flow(self) -> Flow:
        options = OrderOptions(
            default_customer_code=None if self.setup.create_customers else "CASH",
            create_customer=self.setup.create_customers,
            shipping_code="FREIGHT",
        )
        kinds = ("sales_order", "fulfilment")
        routes = tuple(
            Route(to=f"erp{place}", target=number, kind=kinds[place], options=options)
            for place, number in enumerate(self.targets)
        )
        return Flow(
            name="shop",
            channel=self.channel,
            channel_name="shop",
            routes=routes,
            cancel_states=("cancelled",),
            page_size=2,
            sweep_every_s=3600.0,
            sweep_span_s=3600.0,
        )

    # The lanes.

    @contextmanager
    def lane(self, name: str, store: Store) -> Iterator[Lane]:
        """Holds a lane's lease; whoever had it is taken for dead, whether he is or not, and nobody gives it back."""
        holder = Holder(f"here/boot{self.clock.boots}", 1, 0.0, name)
        with store.write() as transaction:
            fence = transaction.value(TAKE_OVER, name, holder.text(), transaction.now() + TTL_S)
        yield Lane(store, Lease(store, name, holder, fence), self.clock.tick)

    def intake(self, store: Store | None = None) -> None:
        """Runs the `intake` lane."""
        store = store or self.store
        with self.lane(f"intake(shop{self.setup.name})", store) as lane:
            Reader(lane, FakeOrderChannel(self.shop, self.boundaries), self.flow).run()

    def raise_(self, place: int = 0, store: Store | None = None) -> Raiser:
        """Runs the `raise` lane of a target."""
        store = store or self.store
        with self.lane(f"raise(erp{self.setup.name}-{place})", store) as lane:
            length = self.setup.reference_length
            port = self.port(self.erps[place], self.boundaries, reference_length=length)
            flows = {self.channel: self.flow}
            target = Target(self.targets[place], f"erp{place}", flows, deadline_s=DEADLINE_S, marks=self.marks)
            raiser = self.raising(lane, port, target)
            raiser.run()
        return raiser

    def confirm(self, store: Store | None = None) -> None:
        """Runs the `confirm` lane."""
        store = store or self.store
        names = {number: f"erp{place}" for place, number in enumerate(self.targets)}
        with self.lane(f"confirm(shop{self.setup.name})", store) as lane:
            Confirmer(lane, FakeOrderChannel(self.shop, self.boundaries), self.flow, names).run()

    def carry_out(self, move: Callable[[], object]) -> None:
        """Carries out a move, and goes on after whatever it breaks."""
        try:
            move()
        except (TransientError, FenceLostError, LaneBusyError):
            pass
        except Crash:
            self.reopen()

    def reboot(self) -> None:
        """Comes back after the whole machine died."""
        self.clock.boot()
        self.reopen()

    def reopen(self) -> None:
        """Comes back after the host died."""
        self.store.close()
        self.store = self.open()

    def other_host(self, then: Callable[[Store], object]) -> None:
        """Lets another host do something, and perhaps die at it."""
        store = self.open()
        try:
            then(store)
        except (TransientError, FenceLostError, LaneBusyError, Crash):
            pass
        finally:
            store.close()

    def back_up(self) -> None:
        """Copies the store, where it is this world's own."""
        if self.setup.url is not None:
            return
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.backup)) as copy:
            source.backup(copy)
        self.had_backup = True

    def put_back(self) -> None:
        """Puts the copy in the store's place."""
        if not self.had_backup:
            return
        self.store.close()
        for end in ("-wal", "-shm"):
            self.file.with_name(self.file.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.backup, self.file)
        self.store = self.open()

    # The end.

    def finish(self) -> None:
        """Takes all faults off, and lets the lanes and a person work until nothing moves.

        Raises:
            AssertionError: it does not come to rest, or a document stays unknown longer than it may.
        """
        self.boundaries.forget()
        self._mend()
        for place, _ in enumerate(self.erps):
            self.raise_(place)
        self.clock.advance(WINDOW_S + 1)
        for place, _ in enumerate(self.erps):
            summary = self.raise_(place).summary
            if summary.unsettled:
                message = f"{summary.unsettled} documents are unknown after the settle window and a look-up: {summary}"
                raise AssertionError(message)
        for _ in range(QUIET):
            self._round()
            if not self._decide() and self._is_at_rest():
                return
        message = f"no rest after {QUIET} rounds: {self.states()}"
        raise AssertionError(message)

    def _mend(self) -> None:
        shop = self.shop
        shop.fail_reading = shop.fail_telling = shop.lose_telling = 0
        shop.refuses, shop.repeats, shop.reorders = set(), False, False
        for erp in self.erps:
            erp.faults.clear()
            erp.customer_faults.clear()
            erp.failing_lookups, erp.during = 0, None

    def _round(self) -> None:
        self.clock.advance(2 * 86400.0)
        for erp in self.erps:
            erp.arrive()
        self.intake()
        for place, _ in enumerate(self.erps):
            self.raise_(place)
        self.confirm()

    def _is_at_rest(self) -> bool:
        with self.store.read() as transaction:
            return not orders.untold(transaction, self.channel) and all(
                one.state in (CONFIRMED, CANCELLED, REFUSED) for one in self.documents()
            )

    def documents(self) -> list[Document]:
        """Gives all documents owed."""
        with self.store.read() as transaction:
            return [
                one
                for code in self.shop.codes()
                if (order := orders.find(transaction, self.channel, code)) is not None
                for one in ledger.documents_of(transaction, order.id)
            ]

    def states(self) -> dict[str, int]:
        """Counts documents by state."""
        with self.store.read() as transaction:
            return ledger_report.counts(transaction, self.channel)

    def _decide(self) -> bool:
        """Lets a person act on what waits for one; says whether there was anything."""
        acted = False
        with self.store.read() as transaction:
            placed = [orders.find(transaction, self.channel, code) for code in self.shop.codes()]
        for order in placed:
            if order is not None and order.other_hash is not None:
                desk.resolve_keep(self.store, self.channel, order.channel_order_code, PERSON)
                acted = True
        for one in self.documents():
            if one.state in (PARKED, CONFLICT) or (one.state == REFUSED and not self._is_wanting(one)):
                acted = True
                self._resolve(one)
        return acted

    def code_of(self, one: Document) -> str:
        """Gives the code of a document's order."""
        with self.store.read() as transaction:
            return orders.placed(transaction, one.orders).channel_order_code

    def _is_wanting(self, one: Document) -> bool:
        """Says whether the ERP is right to refuse a document."""
        code, erp = self.code_of(one), self.erps[self.targets.index(one.target)]
        placed = next(order for order in self.shop.journal if order.channel_order_code == code)
        return any(line.sku in erp.refused_skus for line in placed.lines)

    def _resolve(self, one: Document) -> None:
        """Looks into the ERP, and says what is there."""
        code = self.code_of(one)
        found = self.in_erp(one.target, code)
        if found:
            desk.resolve_raised(self.store, self.channel, code, (found[0].document_code, one.id), PERSON)
        else:
            desk.retry(self.store, self.flow, code, PERSON, one.id)

    def in_erp(self, target: int, code: str) -> list[Stored]:
        """Gives the documents that an ERP has of an order."""
        erp = self.erps[self.targets.index(target)]
        return [one for one in erp.documents if one.channel_order_code == code and not one.is_cancelled]

    def examine(self) -> list[str]:
        """Holds the ledger, and what the shop was told, against the ERPs' own documents; gives what is wrong."""
        wrong = []
        for code in self.shop.codes():
            with self.store.read() as transaction:
                order = orders.find(transaction, self.channel, code)
                owed = [] if order is None else ledger.documents_of(transaction, order.id)
            if order is None:
                wrong.append(f"{code}: lost at intake")
            elif order.state != orders.CANCELLED and len(owed) != len(self.erps):
                wrong.append(f"{code}: {order.state}, {len(owed)} documents owed")
            wrong += [text for one in owed if (text := self._examined(code, one))]
        for place, erp in enumerate(self.erps):
            if len(set(erp.customers.values())) != len(erp.customers):
                wrong.append(f"erp{place}: a customer was created twice: {erp.customers}")
            strangers = {one.channel_order_code for one in erp.documents} - set(self.shop.codes())
            wrong += [f"erp{place}: nobody ordered {code}" for code in strangers]
            wrong += [
                f"shipment {one.shipment_code} of {one.reference}: the shop was not told"
                for one in erp.shipments
                if self._is_ours(one.reference) and one.shipment_code not in self.shop.shipped
            ]
        return wrong

    def _is_ours(self, reference: str) -> bool:
        return any(one.reference == reference for one in self.documents())

    def _examined(self, code: str, one: Document) -> str | None:
        found = self.in_erp(one.target, code)
        expected = 1 if one.state == CONFIRMED else 0
        if len(found) > 1:
            return f"{code}: doubled: {found}"
        if len(found) != expected:
            return f"{code}: {one.state} in the ledger, {len(found)} in the ERP"
        told = [getattr(result.result, "document_code", None) for result in self.shop.told.get(code, ())]
        if found and (found[0].document_code != one.document_code or one.document_code not in told):
            return f"{code}: the ERP has {found[0].document_code}, the ledger {one.document_code}, the shop {told}"
        return None
