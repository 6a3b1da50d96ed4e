"""The deliver lane: who is told what, and what becomes of answers."""

import pytest

from crossdock.contract import FenceLostError, TransientError
from crossdock.store.leases import Holder, take
from crossdock.sync.deliver import Deliverer, Target
from crossdock.testing.ports import FakeChannel


def told(channel):
    """What a channel was told since the last look: code, kinds of change."""
    found = [(due.variant.source_variant_code, due.changed) for _, due in channel.told]
    channel.told.clear()
    return found


def test_a_channel_is_told_what_changed_and_only_that(feed, erp, hub):
    """Each kind of change is told by its name."""
    feed.sync(hub)
    assert [kinds for _, kinds in told(hub)] == [()] * 5
    for change, kind in (
        ({"price": 1}, "price"),
        ({"qty": 1}, "quantity"),
        ({"status": "Delete"}, "active"),
        ({"sku": "X"}, "text"),
    ):
        erp.put("C", **change)
        feed.sync(hub)
        assert told(hub) == [("C", (kind,))]


def test_the_leading_items_text_is_the_products(feed, erp, hub):
    """Items that say another text than the lowest code are reported and get its text, again and again the same."""
    erp.put("A2", title="Blouse")
    _, [summary] = feed.sync(hub)
    assert summary.disagreeing == 1
    assert hub.items["A2"].title == "Shirt"
    told(hub)
    for _ in range(2):
        feed.sync(hub)
        assert told(hub) == []
    erp.put("A2", qty=1)
    feed.sync(hub)
    assert hub.items["A2"].title == "Shirt"
    assert hub.items["A1"].title == "Shirt"


def test_another_text_of_the_leading_item_is_told_to_all(feed, erp, hub):
    """Siblings are told the product's new text although nothing of theirs changed."""
    feed.sync(hub)
    told(hub)
    erp.put("A1", title="Blouse")
    feed.sync(hub)
    assert {code for code, _ in told(hub)} == {"A1", "A2"}
    assert {hub.items[code].title for code in ("A1", "A2")} == {"Blouse"}


def test_a_sibling_that_is_due_for_its_stock_is_told_the_new_text_too(feed, erp, hub):
    """What is new in the product's text reaches an item whose own change is of another kind."""
    feed.sync(hub)
    erp.put("A1", title="Blouse")
    erp.put("A2", qty=1)
    feed.sync(hub)
    assert (hub.items["A2"].title, hub.items["A2"].qty) == ("Blouse", 1)


@pytest.mark.parametrize("size", [1, 2])
def test_a_new_text_reaches_siblings_in_a_later_batch(feed, erp, size):
    """Where a batch ends between the leading item and its sibling, the sibling has the text all the same."""
    small = FakeChannel("small", batch_size=size)
    feed.sync(small)
    erp.put("A1", title="Blouse")
    erp.put("A2", qty=1)
    feed.sync(small)
    assert (small.items["A2"].title, small.items["A2"].qty) == ("Blouse", 1)


def test_siblings_are_told_when_their_leader_goes(feed, erp, hub):
    """The next item's text is the product's once the leading one is gone, and it is taken back when it returns."""
    erp.put("A2", title="Blouse")
    feed.sync(hub)
    leader = erp.rows["A1"]
    erp.drop("A1")
    feed.sync(hub)
    assert hub.items["A2"].title == "Blouse"
    erp.put("A1", **leader)
    feed.sync(hub)
    assert hub.items["A2"].title == "Shirt"


def test_a_variant_that_moves(feed, erp, hub):
    """The channel is told from where a variant came, and both products are right afterwards."""
    erp.put("A1", title="Tunic")
    feed.sync(hub)
    hub.told.clear()
    erp.put("A1", grp="B")
    feed.sync(hub)
    [moved] = [due.moved_from for _, due in hub.told if due.variant.source_variant_code == "A1"]
    assert moved == "A"
    assert {code: (one.group, one.title) for code, one in hub.items.items()} == {
        "A1": ("B", "Tunic"),
        "A2": ("A", "Shirt"),
        "B1": ("B", "Tunic"),
        "B2": ("B", "Tunic"),
        "C": ("C", "Mug"),
    }
    assert hub.complaints == []


def test_a_new_leader_is_known_as_moved_although_it_was_told_its_text(feed, erp, hub):
    """An item that is told again for its product's sake does not forget where it was."""
    erp.put("A1", title="Tunic")
    feed.sync(hub)
    erp.put("A1", grp="B")
    feed.read()
    erp.put("A2", grp="B")
    feed.sync(hub)
    assert hub.items["A2"].group == "B"
    assert hub.complaints == []


def test_the_other_variants_come_along(feed, erp, hub):
    """A delivery holds the product's other live items, for channels that send whole products."""
    feed.sync(hub)
    hub.told.clear()
    erp.put("A1", price=3)
    feed.sync(hub)
    [(delivery, _)] = hub.told
    assert [one.source_variant_code for one in delivery.others] == ["A2"]


def test_a_new_channel_is_filled_without_reading(feed, source, hub):
    """A channel added later gets everything from the catalogue."""
    feed.sync(hub)
    requests = len(source.requests)
    late = FakeChannel("late")
    feed.deliver(late)
    assert late.on_sale() == hub.on_sale()
    assert len(source.requests) == requests


def test_a_new_channel_gets_no_tombstones(feed, erp, hub):
    """What was gone before a channel came is not told to it."""
    feed.sync(hub)
    erp.drop("A2")
    feed.read()
    late = FakeChannel("late")
    feed.deliver(late)
    assert "A2" not in late.items
    assert late.complaints == []


def test_a_slow_channel_holds_nobody_up(feed, erp, hub):
    """Channels at different positions each end with the ERP's state, moves included."""
    slow = FakeChannel("slow")
    feed.sync(hub, slow)
    erp.put("A1", grp="B", price=2)
    feed.sync(hub)
    erp.put("A1", grp="A", price=3)
    feed.sync(hub)
    erp.put("A1", grp=None, price=4)
    feed.sync(hub, slow)
    assert slow.on_sale() == hub.on_sale()
    assert slow.complaints == hub.complaints == []


def test_a_slow_channel_keeps_what_it_got(feed, erp, store, hub):
    """What a channel was served of an item that another has not got is noted until they agree again."""
    slow = FakeChannel("slow")
    feed.sync(hub, slow)
    erp.put("C", price=20)
    feed.sync(hub)
    erp.put("C", price=30)
    feed.read()
    query = "SELECT COUNT(*) FROM listing WHERE channel = ? AND sent IS NOT NULL"
    numbers = [feed.number(hub), feed.number(slow)]
    with store.read() as transaction:
        assert [transaction.value(query, one) for one in numbers] == [1, 0]
    feed.deliver(hub)
    feed.deliver(slow)
    with store.read() as transaction:
        assert [transaction.value(query, one) for one in numbers] == [0, 0]


def test_codes_of_the_channel_come_back_to_it(feed, erp):
    """The codes that a channel answered are given with the next change."""
    coded = FakeChannel("coded", answers_codes=True)
    feed.sync(coded)
    coded.told.clear()
    erp.put("A1", price=3)
    feed.sync(coded)
    [(delivery, due)] = coded.told
    assert (delivery.channel_product_code, due.channel_variant_code) == ("P-A", "V-A1")


def test_a_refused_item_is_tried_again_in_the_next_run(feed, hub):
    """A refusal is kept and said with its reason until its cause is mended; all else goes on."""
    hub.refuse = {"C"}
    _, [summary] = feed.sync(hub)
    assert (summary.sent, summary.refused, summary.not_taken) == (4, 1, 1)
    assert summary.reasons == ["C: the fake channel does not like it"]
    _, [summary] = feed.sync(hub)
    assert (summary.refused, summary.not_taken) == (1, 1)
    hub.refuse = set()
    _, [summary] = feed.sync(hub)
    assert (summary.sent, summary.not_taken, summary.reasons) == (1, 0, [])
    assert "C" in hub.on_sale()


def test_a_patient_run_leaves_a_refused_item_until_its_time(feed, store, hub):
    """Where runs follow each other closely, an item that was refused waits longer each time."""
    hub.refuse = {"C"}
    feed.sync(hub)
    told(hub)
    target = Target(feed.number(hub), feed.stream, "products", is_patient=True)
    for code in ([], [("C", ())]):
        hub.begin()
        with feed.lane("deliver") as lease:
            Deliverer(store, hub, target, lease, "hub").run()
        assert told(hub) == code
        feed.ripen(hub)


def test_a_refused_item_that_changes_is_tried_at_once(feed, erp, hub):
    """A change at the source is a new chance."""
    feed.sync(hub)
    hub.refuse = {"C"}
    erp.put("C", price=20)
    feed.sync(hub)
    hub.refuse = set()
    erp.put("C", qty=1)
    feed.sync(hub)
    assert (hub.items["C"].price, hub.items["C"].qty) == (20, 1)


def test_a_pending_item_is_asked_about_until_it_is_final(feed, hub):
    """An item answered later is asked about by its handle and not sent again."""
    hub.postpone = {"C"}
    _, [summary] = feed.sync(hub)
    assert (summary.sent, summary.pending) == (4, 1)
    settled, hub.settled, hub.postpone = hub.settled, {}, set()
    told(hub)
    _, [summary] = feed.sync(hub)
    assert summary.pending == 1
    hub.settled = settled
    _, [summary] = feed.sync(hub)
    assert (summary.pending, summary.sent) == (0, 1)
    assert told(hub) == []


@pytest.mark.parametrize("fault", ["fail_at_batch", "lose_at_batch"])
def test_a_batch_without_an_answer_comes_again(feed, erp, fault):
    """Nothing of a batch is taken as done before it is answered; those before it are."""
    hub = FakeChannel("hub", batch_size=2)
    feed.read()
    setattr(hub, fault, 1)
    with pytest.raises(TransientError):
        feed.deliver(hub)
    told(hub)
    summary = feed.deliver(hub)
    assert summary.sent == 3
    assert len(hub.on_sale()) == 5
    assert hub.complaints == []


def test_an_item_that_changes_while_its_batch_is_on_its_way(feed, erp, hub):
    """A change between sending and answering is judged and sent in the same run, after what was on its way."""
    feed.sync(hub)
    erp.put("C", price=20)
    feed.read()
    taken = hub.results

    prices = []

    def meanwhile():
        hub.results = taken
        erp.put("C", price=30)
        feed.read()
        answer = taken()
        prices.append(hub.items["C"].price)
        return answer

    hub.results = meanwhile
    assert feed.deliver(hub).sent == 2
    assert [*prices, hub.items["C"].price] == [20, 30]


def test_a_delivery_that_lost_its_lane_keeps_no_answer(feed, store, hub):
    """Once another run has taken the lane over, the position does not move."""
    feed.read()
    lease = take(store, "deliver", Holder("here", 1, 0.0, "first"), lambda *_: True)
    take(store, "deliver", Holder("here", 2, 0.0, "second"), lambda *_: True)
    target = Target(feed.number(hub), feed.stream, "products")
    with pytest.raises(FenceLostError):
        Deliverer(store, hub, target, lease, "hub").run()
    assert hub.told == []
    assert feed.deliver(hub).sent == 5
