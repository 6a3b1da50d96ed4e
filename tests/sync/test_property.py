"""Random edits of an ERP, random faults, random decisions: in the end every channel has what the ERP has."""

import os
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crossdock.contract import TransientError
from crossdock.sync.sweep import Brake
from crossdock.sync.view import PLAIN, View
from crossdock.testing.ports import (
    CHANGING,
    PRODUCTS,
    Crash,
    CrashingStore,
    FakeChannel,
    FakeErp,
    FakeSource,
    Feed,
    Listed,
)

EXAMPLES = int(os.environ.get("CROSSDOCK_EXAMPLES", "60"))
"""How many worlds are tried on each engine; where it is said, they are new ones each time."""
ROWS, GROUPS = 8, 3
VIEWS = (PLAIN, View(only={"collection": ("Shoes",)}), View(price_tier="trade"), View(warehouses=("CPT",)))
QUIET = 12
"""Syncs within which everything must have come to rest."""
SERIAL = count()


class World:
    """An ERP, its feed, three channels, and what is needed to say what each should have in the end."""

    def __init__(self, url, *, incremental):
        self.url, self.name = url, f"erp{next(SERIAL)}"
        self.erp, self.brake = FakeErp(), Brake(0.3, 3)
        self.source = FakeSource(self.erp, CHANGING if incremental else PRODUCTS)
        self.channels = [
            FakeChannel(f"quick-{self.name}"),
            FakeChannel(f"slow-{self.name}", batch_size=2, answers_codes=True),
            FakeChannel(f"viewed-{self.name}", batch_size=3),
        ]
        self.view = PLAIN
        self.tainted, self.homes, self.rejected = set(), {}, set()
        self.store = CrashingStore(url)
        self.feed = Feed(self.store, self.source, self.name, brake=self.brake)

    def reopen(self):
        """Comes back after the host died."""
        self.store.close()
        self.store = CrashingStore(self.url)
        self.feed = Feed(self.store, self.source, self.name, brake=self.brake)

    # Edits of the ERP.

    def put(self, k, g):
        """Inserts a row, or moves it to another product (3: one of its own)."""
        self.erp.put(
            f"K{k}",
            **({} if f"K{k}" in self.erp.rows else {"code": self.free_code(k)}),
            grp=f"G{g}" if g < GROUPS else None,
        )

    def free_code(self, k):
        """Gives the row's own code, or another one where that is taken."""
        taken = {row["code"] for row in self.erp.rows.values()}
        return next(code for code in (f"C{k}", *(f"C{n}" for n in range(2 * ROWS))) if code not in taken)

    def drop(self, k, _):
        """Deletes a row."""
        if f"K{k}" in self.erp.rows:
            self.erp.drop(f"K{k}")

    def change(self, k, column, value):
        """Changes one column of a row that is there."""
        if f"K{k}" in self.erp.rows:
            self.erp.put(f"K{k}", **{column: value})

    def title(self, k, n):
        """Gives one row another text than its siblings may have."""
        self.change(k, "title", f"T{n}")

    def retitle(self, g, n):
        """Gives a whole product one text."""
        for key, row in self.erp.rows.items():
            if row["grp"] == f"G{g}":
                self.erp.put(key, title=f"T{n}", kind=("Shoes", "Hats")[n % 2])

    def price(self, k, n):
        """Changes a price, of a list too."""
        self.change(k, "price", 10 + n)
        self.change(k, "trade", 5 + n)

    def qty(self, k, n):
        """Changes stock."""
        self.change(k, "qty", n)
        self.change(k, "cpt", n)

    def status(self, k, n):
        """Takes an item off sale, leaves it alone, or puts it back."""
        self.change(k, "status", ("Active", "Delete", "Ignore", "Active")[n])

    def swap(self, k, n):
        """Swaps two codes."""
        if {f"K{k}", f"K{n}"} <= self.erp.rows.keys() and k != n:
            self.erp.swap_codes(f"K{k}", f"K{n}")

    def double(self, k, n):
        """Gives a row the code of another."""
        if {f"K{k}", f"K{n}"} <= self.erp.rows.keys() and k != n:
            self.erp.put(f"K{n}", code=self.erp.rows[f"K{k}"]["code"])

    def spoil(self, k, n):
        """Makes a row that cannot be mapped, its code included."""
        self.change(k, *(("qty", "many"), ("title", None), ("code", None), ("price", "free"))[n])

    def mend(self, k, _):
        """Corrects a row."""
        row = self.erp.rows.get(f"K{k}")
        if row is None:
            return
        mended = {"qty": 1} if row["qty"] == "many" else {}
        mended |= {"title": "T0"} if row["title"] is None else {}
        mended |= {"price": 10} if row["price"] == "free" else {}
        mended |= {"status": "Active"} if row["status"] == "Ignore" else {}
        if row["code"] is None or [one["code"] for one in self.erp.rows.values()].count(row["code"]) > 1:
            mended["code"] = self.free_code(k)
        if mended:
            self.erp.put(f"K{k}", **mended)

    def mass(self, n, value):
        """Re-prices, empties, deactivates or deletes nearly everything."""
        for key in list(self.erp.rows)[1:]:
            if n == 3:
                self.erp.drop(key)
            else:
                self.erp.put(key, **({"price": 20 + value}, {"qty": 0, "cpt": 0}, {"status": "Delete"})[n])

    # Faults, decisions and runs.

    def source_dies(self, page, _):
        """Breaks the next read off."""
        self.source.fail_at_page = page

    def channel_dies(self, c, batch):
        """Breaks the next delivery off."""
        self.channels[c].fail_at_batch = batch

    def answer_lost(self, c, batch):
        """Loses an answer of the next delivery."""
        self.channels[c].lose_at_batch = batch

    def dislikes(self, c, k):
        """Lets a channel refuse a code."""
        self.channels[c].refuse ^= {f"C{k}"}

    def postpones(self, c, k):
        """Lets a channel answer a code later."""
        self.channels[c].postpone ^= {f"C{k}"}

    def crash(self, n, when):
        """Lets the host die at the n-th transaction from now."""
        self.store.crash_in, self.store.crash_when = n, ("before", "inside", "after")[when]

    def look(self, v, _):
        """Changes the view of the third channel."""
        self.view = VIEWS[v]

    def decide(self, n, _):
        """Approves or rejects what is held."""
        for hold in self.feed.open_holds():
            if n:
                self.feed.approve(hold)
            else:
                self.rejected |= set(self.feed.held_codes(hold))
                self.feed.reject(hold)

    def read(self, full, _):
        """Reads."""
        self.note()
        summary = self.feed.read(full=bool(full))
        assert summary.adds_up(), summary
        if summary.full:
            assert summary.read == len(self.erp.rows), summary

    def deliver(self, c, _):
        """Brings one channel up to date, where there is something to bring."""
        return self.feed.deliver(self.channels[c], self.view if c == 2 else PLAIN)

    def sync(self, _, full):
        """Reads and delivers to all."""
        self.read(full, 0)
        return [self.deliver(c, 0) for c in range(3)]

    def ripen(self, c, _):
        """Lets time pass."""
        self.feed.ripen(self.channels[c])

    def carry_out(self, move):
        """Carries out one move, and goes on after whatever it breaks."""
        name, *values = move
        self.note()
        try:
            getattr(self, name)(*values)
        except TransientError:
            pass
        except Crash:
            self.reopen()
        self.note()

    def note(self):
        """Notes which codes and products may lag behind the ERP because a row of theirs is wrong."""
        codes = [row["code"] for row in self.erp.rows.values()]
        for row in self.erp.rows.values():
            homes = self.homes.setdefault(row["code"], set())
            homes.add(row["grp"] or row["code"])
            wrong = row["qty"] == "many" or row["title"] is None or row["price"] == "free" or row["status"] == "Ignore"
            if wrong or row["code"] is None or codes.count(row["code"]) > 1:
                self.tainted.add(row["code"])
        for code in self.tainted | self.rejected:
            self.tainted |= self.homes.get(code, set())

    # The end.

    def finish(self):
        """Takes all faults off, corrects all rows, approves all holds, and syncs until nothing moves."""
        self.store.crash_in = self.source.fail_at_page = None
        for channel in self.channels:
            channel.fail_at_batch = channel.lose_at_batch = None
            channel.refuse, channel.postpone = set(), set()
        self.rest()
        if None not in self.tainted and not self.rejected:
            self.compare(but=self.tainted)
        for k in range(ROWS):
            self.mend(k, 0)
        self.ask_again()
        self.rest()
        self.compare(but=set())
        self.notice_one_change()

    def notice_one_change(self):
        """Changes one item: the very next sync, of changes only where the source can, tells every channel."""
        for row in list(self.erp.rows.values())[:1]:
            self.erp.put(row["id"], qty=row["qty"] + 1)
        self.sync(0, 0)
        self.compare(but=set())

    def ask_again(self):
        """Changes what a person had said no to, so that it is judged anew; what was missing comes and goes again."""
        codes = {row["code"]: key for key, row in self.erp.rows.items()}
        lent = [f"L{code}" for code in sorted(self.rejected - codes.keys())]
        for key in lent:
            self.erp.put(key, code=key[1:])
        for code in self.rejected & codes.keys():
            row = self.erp.rows[codes[code]]
            self.erp.put(codes[code], price=row["price"] + 1, trade=99, qty=row["qty"] + 1, cpt=98)
        self.rest()
        for key in lent:
            self.erp.drop(key)

    def rest(self):
        """Syncs until nothing is sent, held or waiting."""
        for _ in range(QUIET):
            for c in range(3):
                self.ripen(c, 0)
            summaries = self.sync(0, 1)
            holds = self.feed.open_holds()
            self.decide(1, 0)
            moved = sum(one.sent + one.refused + one.retry + one.held + one.pending for one in summaries)
            if not moved and not holds:
                return
        pytest.fail(f"no rest after {QUIET} syncs: {summaries} {holds}")

    def compare(self, but):
        """Holds each channel against the ERP's rows."""
        for c, channel in enumerate(self.channels):
            want = expected(self.erp, self.view if c == 2 else PLAIN)
            have = channel.on_sale()
            skip = {code for code, one in [*want.items(), *have.items()] if code in but or one.group in but}
            assert {k: v for k, v in have.items() if k not in skip} == {
                k: v for k, v in want.items() if k not in skip
            }, channel.name
            assert channel.complaints == []


def expected(erp, view):
    """Works out from rows alone what a channel should offer."""
    products = {}
    for row in erp.rows.values():
        products.setdefault(row["grp"] or row["code"], []).append(row)
    offered = {}
    for group, rows in products.items():
        rows.sort(key=lambda row: str(row["code"]))
        lead = rows[0]
        for row in rows:
            price = row["trade"] if view.price_tier else row["price"]
            qty = row["cpt"] if view.warehouses else row["qty"]
            if row["status"] == "Active" and (not view.only or lead["kind"] in view.only["collection"]):
                offered[row["code"]] = Listed(group, lead["title"], lead["kind"], row["sku"], qty, price, active=True)
    return offered


row_number, small = st.integers(0, ROWS - 1), st.integers(0, 3)
EDITS = st.one_of(
    st.tuples(st.sampled_from(["put", "title", "price", "qty", "status", "spoil"]), row_number, small),
    st.tuples(st.sampled_from(["drop", "mend"]), row_number, st.just(0)),
    st.tuples(st.just("retitle"), st.integers(0, GROUPS - 1), small),
    st.tuples(st.sampled_from(["swap", "double"]), row_number, row_number),
    st.tuples(st.just("mass"), small, small),
)
FAULTS = st.one_of(
    st.tuples(st.just("source_dies"), small, st.just(0)),
    st.tuples(st.sampled_from(["channel_dies", "answer_lost"]), st.integers(0, 2), small),
    st.tuples(st.sampled_from(["dislikes", "postpones"]), st.integers(0, 2), row_number),
    st.tuples(st.just("crash"), st.integers(0, 12), st.integers(0, 2)),
)
RUNS = st.one_of(
    st.tuples(st.just("sync"), st.just(0), st.integers(0, 1)),
    st.tuples(st.just("read"), st.integers(0, 1), st.just(0)),
    st.tuples(st.sampled_from(["deliver", "ripen"]), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("decide"), st.integers(0, 1), st.just(0)),
    st.tuples(st.just("look"), small, st.just(0)),
)
FOUR = [("put", k, 0) for k in range(4)]
FIRST = st.lists(st.tuples(st.just("put"), row_number, small), min_size=3, max_size=ROWS)
MOVES = st.lists(st.one_of(EDITS, EDITS, FAULTS, RUNS, RUNS), max_size=30)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CROSSDOCK_EXAMPLES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=FIRST, moves=MOVES, incremental=st.booleans())
@example(first=FOUR, moves=[("look", 2, 0), ("put", 0, 1)], incremental=False)  # a view and a move in one delivery
@example(first=FOUR[1:], moves=[("put", 0, 0), ("spoil", 3, 0), ("double", 0, 3)], incremental=False)  # a bad rival
@example(first=FOUR[1:], moves=[("put", 0, 0), ("spoil", 1, 0), ("double", 0, 3)], incremental=False)  # a new leader
@example(first=FOUR, moves=[("mass", 3, 0), ("read", 1, 0), ("decide", 0, 0)], incremental=False)  # back and apart
@example(first=FOUR[:2], moves=[("drop", 0, 0), ("put", 2, 0)], incremental=False)  # one goes as another comes
def test_channels_have_what_the_erp_has_in_the_end(store_url, first, moves, incremental):
    """Whatever is edited, broken and decided on the way, once all is mended each channel equals the ERP."""
    world = World(store_url, incremental=incremental)
    try:
        for move in [*first, ("sync", 0, 0), *moves]:
            world.carry_out(move)
        world.finish()
    finally:
        world.store.close()
