"""Seeded scenarios of orders: what a shop, an ERP, a network, a disk and two hosts do to each other.

A seed stands for one world and one sequence of moves, the same for ever.
"""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from crossdock.records import Order, OrderCustomer, OrderLine, ShippingLine, TaxLine
from crossdock.store import Store
from crossdock.testing.orders_clock import Boundaries
from crossdock.testing.orders_erp import DEADLINE_S, Fault
from crossdock.testing.orders_plants import Plant
from crossdock.testing.orders_world import WINDOW_S, OrderWorld, Setup

KEYS = ("searchable", "searchable", "enforced", "neither")
HARMLESS: tuple[Fault, ...] = ("never", "not_sent", "refuse")
"""Faults after which nothing of the call can still arrive, however long the host sleeps in it."""
FAULTS: tuple[Fault, ...] = ("lost", "late", "never", "not_sent", "slow", "refuse", "liar", "twist", "lost", "late")
WITHOUT_LOOKUP: tuple[Fault, ...] = ("lost", "late", "never", "not_sent", "slow", "refuse")
"""An ERP that cannot be searched and says yes while it stores nothing is believed: nobody could notice."""
BAD_SKU = "BAD"


class Scenario:
    """One world and its moves."""

    def __init__(
        self, seed: int, folder: Path, boundaries: Boundaries | None = None, setup: Setup | None = None
    ) -> None:
        """Makes the world of a seed in an empty folder; `setup` stands before the seed's own."""
        self.random = random.Random(seed)  # noqa: S311  # a game of chance, not a secret
        self.seed = seed
        self.world = OrderWorld(folder, setup or self._setup(), boundaries)
        self.trail: list[str] = []
        """The moves so far, for whoever must find out what went wrong."""
        self.moves = MOVES
        self.reboots = self.random.random() < 0.5  # noqa: PLR2004  # half; the others have their clock put forward far
        self._codes = 0
        for erp in self.world.erps:
            erp.refused_skus = {BAD_SKU}

    def _setup(self) -> Setup:
        keys = [self.random.choice(KEYS)]
        if self.random.random() < 0.25:  # noqa: PLR2004  # one in four has a warehouse service too
            keys.append(self.random.choice(KEYS))
        creates = "neither" not in keys and self.random.random() < 0.4  # noqa: PLR2004  # two in five create accounts
        return Setup(tuple(keys), creates, self.random.choice((8, 20, 20, 35)))

    def plant(self, plant: Plant) -> None:
        """Puts a fault into the program, and makes the moves more often after which it shows."""
        self.world.raising, self.world.port = plant.raising, plant.port
        self.favour(plant.moves)

    def favour(self, moves: Sequence[str]) -> None:
        """Makes moves more often than their weight, those that are named twice even more."""
        self.moves = {name: weight * 5 ** moves.count(name) for name, weight in MOVES.items()}

    def run(self) -> list[str]:
        """Plays the moves and the end; gives what the ERPs' documents bear witness against."""
        for _ in range(self.random.randint(1, 3)):
            self._play("place")
        for _ in range(self.random.randint(3, 7)):
            self._play(self._next())
        try:
            self.world.finish()
        except AssertionError as limbo:
            return [str(limbo)]
        finally:
            wrong = self.world.examine()
            self.world.store.close()
        return wrong

    def _next(self) -> str:
        names, weights = zip(*self.moves.items(), strict=True)
        return str(self.random.choices(names, weights)[0])

    def _play(self, name: str) -> None:
        self.trail.append(name)
        move = getattr(self, f"_{name}")
        self.world.carry_out(move)

    # What the shop does.

    def _place(self) -> None:
        self._codes += 1
        self.world.shop.place(self._order(f"{('A', '', 'ü/')[self._codes % 3]}{self._codes}"))

    def _order(self, code: str) -> Order:
        chance = self.random
        lines = []
        for _ in range(chance.randint(1, 2)):
            price, qty = Decimal(chance.randint(100, 9999)).scaleb(-2), Decimal(chance.randint(1, 5))
            sku = BAD_SKU if chance.random() < 0.08 else f"S{chance.randint(0, 9)}"  # noqa: PLR2004  # one in twelve
            tax = (price * qty * Decimal("0.15")).quantize(Decimal("0.001"))
            lines.append(
                OrderLine(sku=sku, qty=qty, price=price, tax_lines=(TaxLine(title="VAT", rate=Decimal(15), price=tax),))
            )
        who = chance.choice(("c0", "c1", "c2"))
        return Order(
            channel_order_code=code,
            customer=OrderCustomer(channel_customer_code=who, email=f"{who}@shop.example", last_name=who),
            lines=tuple(lines),
            shipping_lines=(ShippingLine(title="Courier", price=Decimal(50)),) if chance.random() < 0.5 else (),  # noqa: PLR2004  # half
        )

    def _change(self, **values: object) -> None:
        journal = self.world.shop.journal
        old = self.random.choice(journal)
        fields = {name: getattr(old, name) for name in old.__struct_fields__}
        self.world.shop.place(Order(**{**fields, **values}))

    def _remark(self) -> None:
        self._change(notes=f"ring twice {self.random.random()}", status="processing")

    def _reorder(self) -> None:
        self._change(lines=(OrderLine(sku="S1", qty=Decimal(7), price=Decimal(9)),))

    def _cancel(self) -> None:
        self._change(status="cancelled")

    def _muddle(self) -> None:
        shop = self.world.shop
        shop.repeats, shop.reorders = self.random.random() < 0.7, self.random.random() < 0.7  # noqa: PLR2004  # mostly

    # What the lanes do.

    def _intake(self) -> None:
        self.world.intake()

    def _raise(self) -> None:
        self.world.raise_(self._place_of_erp())

    def _confirm(self) -> None:
        self.world.confirm()

    def _round(self) -> None:
        self.world.intake()
        self.world.raise_(self._place_of_erp())
        self.world.confirm()

    def _place_of_erp(self) -> int:
        return self.random.randrange(len(self.world.erps))

    def _wait(self) -> None:
        self.world.clock.advance(self.random.choice((1.0, 20.0, WINDOW_S / 2, WINDOW_S, 4000.0)))

    def _ship(self) -> None:
        """Ships a document, or says more about one that was shipped."""
        erp = self.world.erps[self._place_of_erp()]
        if erp.documents:
            erp.ship(self.random.choice(erp.documents))

    # What goes wrong.

    def _jump(self) -> None:
        far = 200.0 if self.reboots else 86400.0
        self.world.clock.jump(self.random.choice((-86400.0, -50.0, 50.0, 200.0, far)))

    def _reboot(self) -> None:
        if self.reboots:
            self.world.reboot()
        else:
            self.world.reopen()

    def _fault(self) -> None:
        place = self._place_of_erp()
        faults = FAULTS if self.world.erps[place].order_key != "neither" else WITHOUT_LOOKUP
        self.world.erps[place].faults.append(self.random.choice(faults))

    def _customer_fault(self) -> None:
        faults: tuple[Fault, ...] = ("lost", "late", "never", "not_sent")
        self.world.erps[self._place_of_erp()].customer_faults.append(self.random.choice(faults))

    def _blind(self) -> None:
        self.world.erps[self._place_of_erp()].failing_lookups = self.random.randint(1, 8)

    def _deaf(self) -> None:
        shop = self.world.shop
        shop.fail_reading, shop.fail_telling = self.random.randint(0, 1), self.random.randint(0, 1)
        shop.lose_telling = self.random.randint(0, 1)

    def _die(self) -> None:
        self.world.boundaries.die_in(self.random.randint(0, 60))
        self._round()

    def _die_at(self) -> None:
        """Dies at a boundary that few others have died at yet."""
        passed, died = self.world.boundaries.passed, self.world.boundaries.died
        if passed:
            name = min(sorted(passed), key=lambda one: (died[one], self.random.random()))
            self.world.boundaries.die_in(0, name)
        self._round()

    def _rival(self) -> None:
        """Lets another host take the lane over while this one is in the middle of a call."""
        place, chance = self._place_of_erp(), self.random
        erp = self.world.erps[place]
        fault = chance.choice((*HARMLESS, "ok", "lost"))
        erp.faults.appendleft(fault)
        theirs = chance.choice((*WITHOUT_LOOKUP, "ok"))
        # A host that sleeps in a call for longer than the settle window and then sends is the honest limit.
        sleeps = fault in HARMLESS

        def meanwhile() -> None:
            self.world.clock.advance(WINDOW_S + 1 if sleeps else DEADLINE_S / 2)
            erp.faults.appendleft(theirs)
            self.world.other_host(self._rival_raises(place, dies=chance.random() < 0.3))  # noqa: PLR2004  # three in ten

        erp.during = meanwhile
        planned = len(erp.faults)
        try:
            self.world.intake()
            self.world.raise_(place)
        finally:
            if erp.during is not None:  # nothing was sent: the next call is an awake one
                erp.during = None
                if len(erp.faults) == planned:
                    erp.faults.popleft()

    def _rival_raises(self, place: int, *, dies: bool) -> Callable[[Store], object]:
        def raises(store: Store) -> None:
            if dies:
                self.world.boundaries.die_in(self.random.randint(0, 12))
            try:
                self.world.raise_(place, store)
            finally:
                if dies:
                    self.world.boundaries.forget()

        return raises

    def _backup(self) -> None:
        self.world.back_up()

    def _put_back(self) -> None:
        self.world.put_back()

    # Courses of misfortune, which chance alone would seldom put together.

    def _outage(self) -> None:
        """Loses an answer, and lets the look-ups fail after the settle window."""
        place = self._place_of_erp()
        erp = self.world.erps[place]
        self._place()
        self.world.intake()
        erp.faults.appendleft(self.random.choice(("lost", "late")))
        self.world.raise_(place)
        self.world.clock.advance(WINDOW_S + 1)
        erp.failing_lookups = self.random.randint(1, 6)
        self.world.raise_(place)
        self.world.raise_(place)

    def _lie(self) -> None:
        """Lets an ERP that can be searched say yes and store nothing, and looks once that is certain."""
        place = self._place_of_erp()
        self._place()
        self.world.intake()
        if self.world.erps[place].order_key != "neither":
            self.world.erps[place].faults.appendleft("liar")
        self.world.raise_(place)
        self.world.clock.advance(WINDOW_S + 1)
        self.world.raise_(place)

    def _stranger(self) -> None:
        """Loses the answer about a new customer, and goes on once that is settled."""
        place = self._place_of_erp()
        self.world.erps[place].customer_faults.appendleft(self.random.choice(("lost", "late", "never")))
        self._place()
        self.world.intake()
        self.world.raise_(place)
        self.world.clock.advance(WINDOW_S + 1)
        self.world.raise_(place)

    def _abandon(self) -> None:
        """Loses an answer, about a customer or a document, and starts the machine anew within the settle window."""
        place = self._place_of_erp()
        erp = self.world.erps[place]
        (erp.faults if self.random.random() < 0.5 else erp.customer_faults).appendleft("late")  # noqa: PLR2004  # half
        self._place()
        self.world.intake()
        self.world.raise_(place)
        self._reboot()
        self.world.raise_(place)

    def _disaster(self) -> None:
        """Puts an older store back after something was sent, at once or after a while."""
        place = self._place_of_erp()
        self.world.back_up()
        self._place()
        self.world.intake()
        if self.random.random() < 0.5:  # noqa: PLR2004  # half
            self.world.erps[place].faults.appendleft(self.random.choice(("lost", "late")))
        self.world.raise_(place)
        self.world.clock.advance(self.random.choice((1.0, WINDOW_S)))
        self.world.put_back()
        self.world.intake()
        self.world.raise_(place)


MOVES = {
    "place": 8,
    "remark": 3,
    "reorder": 2,
    "cancel": 2,
    "muddle": 3,
    "intake": 5,
    "raise": 8,
    "confirm": 4,
    "round": 16,
    "wait": 10,
    "ship": 4,
    "jump": 5,
    "reboot": 5,
    "fault": 22,
    "customer_fault": 5,
    "blind": 6,
    "deaf": 4,
    "die": 20,
    "die_at": 12,
    "rival": 8,
    "backup": 4,
    "put_back": 5,
    "outage": 8,
    "disaster": 6,
    "lie": 4,
    "stranger": 3,
    "abandon": 4,
}
"""How often each move is made, against the others."""
