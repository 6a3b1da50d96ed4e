"""Where a read goes on: never past a row that was not kept, never back behind one that was."""

import msgspec
import pytest

from crossdock.contract import Result, TransientError
from crossdock.testing.ports import CHANGING, FakeSource, Feed


@pytest.fixture
def changing(store, erp):
    """The lanes of a source that says what changed."""
    return Feed(store, FakeSource(erp, CHANGING))


def test_a_read_ends_where_its_last_page_ends(changing, erp):
    """After a full read whose last page held nothing new, the very next read of changes finds a change."""
    changing.read(page_size=2)
    erp.put("B1", price=11)
    changing.read(page_size=2, full=True)
    erp.put("A1", price=12)
    summary = changing.read(page_size=2)
    assert (summary.full, summary.written) == (False, 1)


def test_a_row_in_doubt_is_read_again_after_a_crash(changing, erp, hub):
    """A row that takes another row's code over is not lost where the source dies before that is settled."""
    changing.sync(hub)
    erp.drop("C")
    erp.put("C2", code="C", price=33)
    for code in ("A1", "A2", "B1", "B2"):
        erp.put(code, price=11)
    changing.source.fail_at_page = 4
    with pytest.raises(TransientError):
        changing.read(page_size=1)
    changing.sync(hub)
    assert hub.items["C"].price == 33


def test_a_stopped_sweep_is_made_up_for_at_once(changing, erp, hub):
    """Once the row without a code is corrected, the very next read is full and takes what is gone off sale."""
    changing.sync(hub)
    erp.put("N", code=None)
    erp.drop("C")
    assert changing.read(full=True).sweep_stopped is not None
    erp.put("N", code="N")
    changing.sync(hub)
    assert set(hub.on_sale()) == {"A1", "A2", "B1", "B2", "N"}


def test_whole_products_lose_their_missing_variants(changing, erp, hub):
    """Where the source delivers whole products, a read of changes notices a variant that is missing."""
    manifest = changing.source.manifest
    changing.source.manifest = msgspec.structs.replace(manifest, whole_products=True)
    changing.sync(hub)
    erp.drop("A2")
    erp.put("A1", price=11)
    summary, _ = changing.sync(hub)
    assert (summary.full, summary.vanished) == (False, 1)
    assert set(hub.on_sale()) == {"A1", "B1", "B2", "C"}


def test_an_item_without_an_answer_is_not_taken_for_sent(feed, hub):
    """A channel that answers one item twice and another not at all is asked again about the other."""
    feed.read()
    taken = hub.results

    def muddled():
        number, count, _ = taken()
        return number, count, [Result("A1"), Result("A1"), Result("A2"), Result("B1"), Result("B2")]

    hub.results = muddled
    summary = feed.deliver(hub)
    assert (summary.sent, summary.retry) == (4, 1)


def test_items_of_one_handle_are_all_settled(feed, hub):
    """Where a channel answers a whole batch with one handle, its later answer is for every item."""
    feed.read()
    taken = hub.results

    def later():
        number, count, _ = taken()
        return number, count, [Result(code, "pending", handle="batch-1") for code in sorted(hub.items)]

    hub.results = later
    assert feed.deliver(hub).pending == 5
    hub.results = taken
    hub.settled["batch-1"] = Result("batch-1", handle="batch-1")
    summary = feed.deliver(hub)
    assert (summary.pending, summary.sent) == (0, 5)


def test_an_item_whose_answer_was_lost_is_taken_off_sale_when_it_goes(feed, erp, hub):
    """What a channel stored before the answer was lost is told gone, though no position ever passed it."""
    feed.read()
    hub.lose_at_batch = 0
    with pytest.raises(TransientError):
        feed.deliver(hub)
    assert "C" in hub.on_sale()
    erp.drop("C")
    feed.sync(hub)
    assert set(hub.on_sale()) == {"A1", "A2", "B1", "B2"}


def test_a_first_fill_gets_no_tombstones(feed, erp, hub):
    """A channel that was never told anything is not told of items that went before."""
    feed.read()
    erp.drop("C")
    feed.sync(hub)
    assert "C" not in hub.told_codes()
