"""The hub as a channel, against its strict stand-in, through the hooks as a child calls them."""

import logging
import re
from contextlib import contextmanager
from decimal import Decimal
from threading import Barrier, Lock, Thread

import crossdock_stock2shop
import pytest
import stamina
from crossdock_stock2shop import fake, fields, plugin
from crossdock_stock2shop.client import Hub

from crossdock import (
    AuthError,
    Config,
    ConfigError,
    Delivery,
    Due,
    Product,
    TransientError,
    Variant,
)
from crossdock.testing.hub import StandInHub

QUEUE = "/products/queue"
USERS = {fake.USERNAME: fake.PASSWORD}


def stand_in(**changed):
    """A hub, not started, in no hurry to limit anyone."""
    return StandInHub(**{"users": USERS, "source_ids": (fake.SOURCE_ID,), "rate": 1000, "open_rate": 1000, **changed})


class SharedMemory:
    """What the host gives: one store for all children, compared and set under a lock."""

    def __init__(self):
        self.values, self.secret, self.lock = {}, set(), Lock()

    def get(self, key):
        return self.values.get(key)

    def set(self, key, value, *, secret):
        self.values[key] = value
        if secret:
            self.secret.add(key)

    def compare_and_set(self, key, expected, value, *, secret):
        with self.lock:
            if self.values.get(key) != expected:
                return False
            self.set(key, value, secret=secret)
            return True


@pytest.fixture(autouse=True)
def no_waiting():
    """Retries come at once."""
    with stamina.set_testing(True, attempts=8):
        yield


@pytest.fixture
def hub():
    """A started hub in no hurry to limit anyone."""
    with stand_in() as started:
        yield started


def run_together(*work):
    """Runs functions in threads that start at once; what one of them raises is raised here."""
    start, failures = Barrier(len(work)), []

    def one(function):
        start.wait()
        try:
            function()
        except Exception as error:  # noqa: BLE001  # raised below
            failures.append(error)

    threads = [Thread(target=one, args=(function,)) for function in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def session(hub, folder, memory=None, **changed):
    settings = {**fake.settings(hub.url, folder), **changed}
    with plugin.open_session(Config(settings, frozenset({"password"})), memory or SharedMemory()) as opened:
        yield opened


def variant(code, **more):
    return Variant(source_variant_code=code, **{"sku": f"sku-{code}", **more})


def delivery(*variants, group="P", **due):
    product = Product(source_product_code=group, title=f"Product {group}")
    return Delivery(product, tuple(Due(one, **due) for one in variants))


def write(hub, folder, *deliveries, **changed):
    """Results by code."""
    with session(hub, folder, **changed) as opened:
        results = plugin.write_products(session=opened, deliveries=deliveries)
    return {one.code: one for one in results}


def states(results):
    return {code: one.state for code, one in results.items()}


def live(hub):
    """SKU of each item on sale, by code."""
    return {one["source_variant_code"]: one["sku"] for one in hub.variants(active=True)}


def test_a_product_arrives_whole(hub, tmp_path):
    """What is set arrives in the hub's shape: one variant an entry, whole quantities, exact prices."""
    product = Product(
        source_product_code="SHOE",
        title="Trail shoe",
        vendor="Acme",
        tags=("new", "trail"),
        options=("Size",),
        meta={"bin": "A1"},
    )
    eight = variant(
        "8",
        qty=Decimal("12.9"),
        qty_availability={"CPT": Decimal("-0.5")},
        price=Decimal("1299.90"),
        price_tiers={"wholesale": Decimal("999.5")},
        grams=Decimal("250.7"),
        option1="8",
        inventory_management=False,
    )
    results = write(hub, tmp_path, Delivery(product, (Due(eight), Due(variant("9", option1="9")))))
    assert states(results) == {"8": "done", "9": "done"}
    (stored,) = hub.state()["products"]
    assert (stored["title"], stored["vendor"], stored["tags"]) == ("Trail shoe", "Acme", "new,trail")
    assert [(one["key"], one["value"]) for one in stored["meta"]] == [("bin", "A1")]
    first = hub.variants()[0]
    assert (first["qty"], first["grams"], first["price"], first["inventory_management"]) == (12, 250, 1299.9, False)
    assert first["qty_availability"] == [{"description": "CPT", "qty": 0}]
    assert first["price_tiers"] == [{"tier": "wholesale", "price": 999.5}]
    assert hub.state()["posted_variants"] == {"57/8": 1, "57/9": 1}


def test_quantities_are_whole_and_never_negative():
    """A fraction is rounded down, whatever its sign, and less than nothing is nothing."""
    given = ("2.999", "0.2", "-0.2", "-5", "1E+3")
    assert [fields.whole(Decimal(one)) for one in given] == [2, 0, 0, 0, 1000]


@pytest.mark.parametrize("due", [{"gone": True}, {}])
def test_items_off_sale(hub, tmp_path, due):
    """An item that is gone or not active is taken off sale; it stays in the hub."""
    write(hub, tmp_path, delivery(variant("A"), variant("B")))
    off = variant("A") if due else variant("A", active=False)
    assert states(write(hub, tmp_path, delivery(off, **due))) == {"A": "done"}
    assert live(hub) == {"B": "sku-B"}
    assert len(hub.variants()) == 2


def test_a_moved_item(hub, tmp_path):
    """An item that belongs to another product now is delivered under that one."""
    write(hub, tmp_path, delivery(variant("A"), group="OLD"))
    moved = delivery(variant("A"), group="NEW", moved_from="OLD")
    assert states(write(hub, tmp_path, moved)) == {"A": "done"}
    assert [one["source_product_code"] for one in hub.variants(active=True)] == ["NEW"]


def test_large_deliveries_go_in_batches(hub, tmp_path):
    """No request holds more entries than the hub takes."""
    many = delivery(*(variant(f"V{number}") for number in range(1201)))
    assert set(states(write(hub, tmp_path, many)).values()) == {"done"}
    assert hub.state()["requests"][QUEUE] == 3
    assert len(live(hub)) == 1201


def test_repeats_change_nothing(hub, tmp_path):
    """The same delivery again is done again and leaves the hub as it is."""
    write(hub, tmp_path, delivery(variant("A", qty=Decimal(1))))
    before = hub.variants()
    assert states(write(hub, tmp_path, delivery(variant("A", qty=Decimal(1))))) == {"A": "done"}
    assert hub.variants() == before


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lose_answer"},
        {"kind": "bad_json"},
        {"kind": "close"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "retry_after": 0},
        {"kind": "drop_token"},
    ],
    ids=lambda fault: str(fault.get("status", fault["kind"])),
)
def test_failures_on_the_way(hub, tmp_path, fault):
    """Lost answers, errors, limits and ended tokens are got over, and each item arrives once."""
    hub.fault(path=QUEUE, times=2, **fault)
    results = write(hub, tmp_path, delivery(*(variant(f"V{number}") for number in range(20))))
    assert set(states(results).values()) == {"done"}
    assert len(hub.variants()) == 20


def test_a_hub_that_stays_away(hub, tmp_path):
    """When nothing helps, the batch is not confirmed and comes again."""
    hub.fault(kind="status", path=QUEUE, status=503, times=None)
    with pytest.raises(TransientError, match="503"):
        write(hub, tmp_path, delivery(variant("A")))


def test_a_queue_that_does_not_drain(tmp_path):
    """What the hub took but has not processed in time is to be tried again, not called done."""
    with stand_in(delay_s=30) as slow:
        results = write(slow, tmp_path, delivery(variant("A")), drain_timeout_s=0.3)
    assert states(results) == {"A": "retry"}


def test_the_queue_is_waited_for(tmp_path):
    """Done means processed: the item is in the hub when the answer comes."""
    with stand_in(delay_s=0.5) as slow:
        assert states(write(slow, tmp_path, delivery(variant("A")))) == {"A": "done"}
        assert live(slow) == {"A": "sku-A"}


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ([900, 901, 900], "done"),
        ([900, 904, 903, 907], "done"),
        ([900, 901, 901], "retry"),
        ([900, 901, 905], "retry"),
    ],
    ids=["as before", "moving", "still", "growing"],
)
def test_a_busy_hub(hub, tmp_path, monkeypatch, counts, state):
    """Done is what waits no more than before, or in a queue that moves; only one that stands still is a retry."""
    left = iter(counts)
    monkeypatch.setattr(Hub, "waiting", lambda _: next(left, counts[-1]))
    assert states(write(hub, tmp_path, delivery(variant("A")), drain_timeout_s=0.5)) == {"A": state}


@pytest.mark.parametrize("length", [2, 3])
def test_swapped_skus(hub, tmp_path, length):
    """Items that pass their SKUs round in a ring all get there."""
    codes = "ABC"[:length]
    write(hub, tmp_path, delivery(*map(variant, codes)))
    skus = [f"sku-{one}" for one in codes[1:] + codes[0]]
    swapped = [variant(code, sku=sku) for code, sku in zip(codes, skus, strict=True)]
    assert set(states(write(hub, tmp_path, delivery(*swapped))).values()) == {"done"}
    assert live(hub) == dict(zip(codes, skus, strict=True))


def test_a_sku_of_another_item(hub, tmp_path):
    """An item whose SKU another live item keeps is refused with a reason; all others arrive."""
    write(hub, tmp_path, delivery(variant("OWNER", sku="taken")))
    others = [variant(f"V{number}") for number in range(30)]
    results = write(hub, tmp_path, delivery(*others[:11], variant("LATE", sku="taken"), *others[11:]))
    assert results.pop("LATE").state == "refused"
    assert set(states(results).values()) == {"done"}
    assert len(live(hub)) == 31


@pytest.mark.parametrize("number", [1, 3, 60])
def test_who_is_ignored_stays_on_sale(hub, tmp_path, number):
    """Items that ask for SKUs of others, all of a batch too, are refused and stay on sale as they are."""
    codes = [f"V{place}" for place in range(number)]
    write(hub, tmp_path, delivery(*map(variant, codes), *(variant(f"O{one}", sku=f"taken-{one}") for one in codes)))
    before = live(hub)
    results = write(hub, tmp_path, delivery(*(variant(one, sku=f"taken-{one}") for one in codes)))
    assert set(states(results).values()) == {"refused"}
    assert "belongs to another" in results["V0"].reason
    assert live(hub) == before


def test_a_ring_among_others(hub, tmp_path):
    """Beside a swap, who asks for a SKU of that ring or of an item elsewhere is refused and stays on sale."""
    write(hub, tmp_path, delivery(*map(variant, "ABCDX")))
    asked = {"A": "sku-B", "B": "sku-A", "C": "sku-A", "D": "sku-X"}
    results = write(hub, tmp_path, delivery(*(variant(code, sku=sku) for code, sku in asked.items())))
    assert states(results) == {"A": "done", "B": "done", "C": "refused", "D": "refused"}
    assert live(hub) == {"A": "sku-B", "B": "sku-A", "C": "sku-C", "D": "sku-D", "X": "sku-X"}


def test_a_chain_needs_nothing_off_sale(hub, tmp_path, monkeypatch):
    """Where each takes the SKU that the next has let go of, all get through with none off sale."""
    write(hub, tmp_path, delivery(*map(variant, "ABCD")))
    monkeypatch.setattr("crossdock_stock2shop.delivery.off_sale", None)
    asked = {"A": "sku-B", "B": "sku-C", "C": "sku-D", "D": "sku-new"}
    results = write(hub, tmp_path, delivery(*(variant(code, sku=sku) for code, sku in asked.items())))
    assert set(states(results).values()) == {"done"}
    assert live(hub) == asked


@pytest.mark.parametrize(("stolen", "left"), [("A", {"C"}), ("AB", {"A", "C"})])
def test_a_swap_that_fails(hub, tmp_path, monkeypatch, stolen, left):
    """When others are quicker to take a SKU, who does not get through is tried again, not refused or called done."""
    write(hub, tmp_path, delivery(*map(variant, "ABCD")))
    post, is_off = Hub.queue_products, []

    def post_and_steal(session, entries):
        taken = post(session, entries)
        if not is_off and not any(map(fields.is_on_sale, entries)):
            is_off.append(True)
            due = [Due(variant(f"THIEF-{code}", sku=f"sku-{code}")) for code in stolen]
            post(session, [fields.to_entry(delivery(one.variant), one, fake.SOURCE_ID) for one in due])
        return taken

    monkeypatch.setattr(Hub, "queue_products", post_and_steal)
    ring = {"A": "sku-B", "B": "sku-C", "C": "sku-A"}
    results = write(hub, tmp_path, delivery(*(variant(code, sku=sku) for code, sku in ring.items())))
    assert states(results) == {code: "retry" if code in left else "done" for code in ring}
    assert {code for code in ring if code not in live(hub)} == left


@pytest.mark.parametrize("is_named", [True, False])
def test_one_bad_entry_holds_nobody_up(hub, tmp_path, monkeypatch, is_named):
    """A refused entry is found, whether or not the hub says which it is, and all others arrive."""
    if not is_named:
        monkeypatch.setattr("crossdock_stock2shop.delivery._NAMED", re.compile("(never)"))
    good = [variant(f"V{number}") for number in range(50)]
    bad = variant("BAD", qty_availability={" ": Decimal(1)})
    results = write(hub, tmp_path, delivery(*good[:20], bad, *good[20:]))
    assert results["BAD"].state == "refused"
    assert "qty_availability" in results.pop("BAD").reason
    assert set(states(results).values()) == {"done"}
    assert len(live(hub)) == 50


def test_the_rate_of_the_hub_is_kept(tmp_path):
    """The limit that the hub tells is kept from the first answer on, without a 429."""
    with stand_in(rate=20, open_rate=20) as limited:
        with session(limited, tmp_path, rate=20) as opened:
            for _ in range(25):
                opened.waiting()
        assert "429" not in limited.state()["answers"]


def test_more_than_the_limit(tmp_path):
    """Two that together are too fast are told so by 429 in the middle of their work, wait, and lose nothing."""
    stamina.set_testing(False)
    memory, taken = SharedMemory(), []
    one = [fields.to_entry(delivery(variant("A")), Due(variant("A")), fake.SOURCE_ID)]
    with stand_in(rate=4, open_rate=100) as limited:

        def child():
            with session(limited, tmp_path, memory, rate=4) as opened:
                taken.extend(opened.queue_products(one) for _ in range(5))

        run_together(child, child)
        assert limited.state()["answers"]["429"] >= 1
    assert taken == [1] * 10


def test_two_children_log_in_once(hub, tmp_path):
    """Two sessions that share a memory make a hundred requests with one login."""
    memory = SharedMemory()

    def child():
        with session(hub, tmp_path, memory) as opened:
            for _ in range(50):
                opened.waiting()

    run_together(child, child)
    assert hub.state()["requests"]["/queue/summary"] == 100
    assert hub.logins == 1


def test_an_ended_token_is_renewed_once(hub, tmp_path):
    """When the token ends while several work, one logs in and the others take its token."""
    memory = SharedMemory()

    def child():
        with session(hub, tmp_path, memory) as opened:
            opened.waiting()

    child()
    hub.drop_tokens()
    run_together(*[child] * 4)
    assert hub.logins == 2


def test_the_token_outlives_a_run(hub, tmp_path):
    """The next run takes the token from the memory, which keeps it as a secret."""
    memory = SharedMemory()
    for _ in range(3):
        with session(hub, tmp_path, memory):
            pass
    assert hub.logins == 1
    assert len(memory.secret) == 1


def test_a_login_that_died_is_taken_over(hub, tmp_path):
    """A lease left by a child that died in its login ends by itself."""
    memory = SharedMemory()
    with session(hub, tmp_path, memory):
        pass
    (lease,) = [key for key in memory.values if key.startswith("login:")]
    memory.values = {lease: "1.0 somebody"}
    with session(hub, tmp_path, memory):
        pass
    assert hub.logins == 2


def test_wrong_settings_are_told_apart(hub, tmp_path):
    """A wrong password, a source that is not there and a wrong address each say what to change."""
    with pytest.raises(AuthError, match="username and password"), session(hub, tmp_path, password="wr0ng"):
        pass
    with (
        pytest.raises(ConfigError, match=r"set source_id to one of 57 \(source 57\)"),
        session(hub, tmp_path, source_id=58),
    ):
        pass
    with pytest.raises(ConfigError, match="url"), session(hub, tmp_path, url=f"{hub.url}/elsewhere"):
        pass


def test_secrets_show_nowhere(hub, tmp_path, caplog, capsys):
    """Neither password nor token is in an error, in a log of any level, or on the screen."""
    caplog.set_level(logging.DEBUG)
    memory, said = SharedMemory(), []
    hub.fault(kind="close", path=QUEUE, times=None)
    with pytest.raises(TransientError) as failed, session(hub, tmp_path, memory) as opened:
        plugin.write_products(session=opened, deliveries=[delivery(variant("A"))])
    said.append(str(failed.value))
    with pytest.raises(AuthError) as refused, session(hub, tmp_path, password="wr0ng-secret"):
        pass
    said += [str(refused.value), caplog.text, *capsys.readouterr()]
    (token,) = [memory.values[key] for key in memory.secret]
    assert not [one for one in said for secret in (token, "wr0ng-secret") if secret in one]


def test_check_reports(hub, tmp_path):
    """A check says that login, source and queue are well, and posts nothing."""
    with session(hub, tmp_path) as opened:
        assert {one.level for one in plugin.check(session=opened)} == {"ok"}
    assert QUEUE not in hub.state()["requests"]


def test_the_fake_is_a_connection(tmp_path):
    """What the fake gives is all that a connection needs."""
    with fake.start(tmp_path) as settings, plugin.open_session(Config(settings), SharedMemory()) as opened:
        assert opened.waiting() == 0
    assert set(settings) <= {one.name for one in crossdock_stock2shop.MANIFEST.settings}
