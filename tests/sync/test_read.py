"""The read lane: what it counts, what it sets aside, what it finds gone."""

import contextlib

import pytest
from msgspec.structs import replace

from crossdock.contract import FenceLostError, LaneBusyError, TransientError
from crossdock.store.leases import Holder, take
from crossdock.sync.read import Options, Reader
from crossdock.testing.ports import CHANGING, FIELDS, Crash, FakeSource, Feed


def counts(summary):
    """The terms of the sum, and the sum."""
    assert summary.adds_up()
    return summary.read, summary.written, summary.unchanged, summary.quarantined, summary.ignored


def test_counts_of_three_reads(feed, erp):
    """A first read writes all, a second nothing, a third just what changed."""
    assert counts(feed.read()) == (5, 5, 0, 0, 0)
    assert counts(feed.read()) == (5, 0, 5, 0, 0)
    erp.put("A2", price=11)
    assert counts(feed.read()) == (5, 1, 4, 0, 0)


def test_unchanged_rows_are_not_mapped(feed, erp, source):
    """Only rows whose hash is new are asked for and mapped."""
    feed.read()
    mapped = source.mapped
    erp.put("C", qty=1)
    feed.read()
    assert source.mapped - mapped == 1


def test_a_row_that_only_looks_changed_counts_as_unchanged(feed, erp):
    """Another spelling of the same number is no change."""
    feed.read()
    erp.put("C", price="10.00")
    assert counts(feed.read()) == (5, 0, 5, 0, 0)
    assert counts(feed.read()) == (5, 0, 5, 0, 0)


def test_all_four_counts_at_once(feed, erp):
    """Written, unchanged, quarantined and ignored rows add up to those read."""
    feed.read()
    erp.put("A1", price=12)
    erp.put("A2", qty="many")
    erp.put("B1", status="Ignore")
    assert counts(feed.read()) == (5, 1, 2, 1, 1)
    assert counts(feed.read()) == (5, 0, 3, 1, 1)


def test_a_bad_row_leaves_the_others_alone_and_is_mended(feed, erp, hub):
    """A row that cannot be mapped keeps its place in the channel until it is corrected."""
    feed.sync(hub)
    erp.put("A1", qty="many", price=99)
    erp.put("C", price=98)
    feed.sync(hub)
    aside = feed.quarantined()["A1"]
    assert (aside.code, aside.field) == ("A1", "variants.qty")
    assert "many" in aside.reason
    assert "variants.qty" in aside.hint
    assert (hub.items["A1"].price, hub.items["C"].price) == (10, 98)
    erp.put("A1", qty=7)
    feed.sync(hub)
    assert feed.quarantined() == {}
    assert (hub.items["A1"].price, hub.items["A1"].qty) == (99, 7)


def test_a_bad_row_from_the_start_is_never_sent(feed, erp, hub):
    """What never could be mapped is unknown to the channel, and is sent in full once it can."""
    erp.put("C", price="free")
    feed.sync(hub)
    assert "C" not in hub.items
    erp.put("C", price=3)
    feed.sync(hub)
    assert hub.items["C"].price == 3
    assert hub.complaints == []


def test_items_that_are_gone_become_tombstones(feed, erp, hub):
    """A whole read notices what it no longer meets, and the channel is told once."""
    feed.sync(hub)
    erp.drop("A2")
    summary, _ = feed.sync(hub)
    assert summary.vanished == 1
    assert "A2" not in hub.on_sale()
    hub.told.clear()
    feed.sync(hub)
    assert hub.told == []


def test_a_row_that_comes_back_is_sent_whole(feed, erp, hub):
    """An item that was gone is on sale again with everything it has now."""
    feed.sync(hub)
    old = erp.rows["A2"]
    erp.drop("A2")
    feed.sync(hub)
    erp.put("A2", **{**old, "price": 77})
    feed.sync(hub)
    assert hub.on_sale()["A2"].price == 77
    assert hub.complaints == []


def test_an_empty_read_makes_no_tombstones(feed, erp, hub):
    """A source that suddenly has nothing is not believed."""
    feed.sync(hub)
    rows = dict(erp.rows)
    erp.rows.clear()
    summary, _ = feed.sync(hub)
    assert (summary.vanished, summary.held) == (0, 5)
    assert len(hub.on_sale()) == 5
    erp.rows.update(rows)
    assert feed.read().held == 0
    assert feed.open_holds() == []


def test_a_row_without_a_readable_code_stops_the_sweep(feed, erp):
    """While nobody can tell whose a row is, nothing is taken to be gone, and every summary says why."""
    feed.read()
    erp.drop("A2")
    erp.put("C", code=None)
    summary = feed.read()
    assert summary.vanished == 0
    assert "no readable code" in summary.sweep_stopped
    erp.put("C", code="C")
    summary = feed.read()
    assert summary.vanished == 1
    assert summary.sweep_stopped is None


def test_two_rows_with_one_code_are_both_set_aside_until_mended(feed, erp, hub):
    """Rivals for a code change nothing in the channel; the one that stays is then taken."""
    feed.sync(hub)
    erp.put("B2", code="C", price=55)
    summary, _ = feed.sync(hub)
    assert summary.adds_up()
    assert summary.quarantined == 2
    assert hub.items["C"].price == 10
    summary, _ = feed.sync(hub)
    assert summary.quarantined == 2
    assert {one.code for one in feed.quarantined().values()} == {"C"}
    assert set(feed.quarantined()) == {"B2", "C"}
    erp.put("B2", code="B2")
    feed.sync(hub)
    assert feed.quarantined() == {}
    assert (hub.on_sale()["B2"].price, hub.on_sale()["C"].price) == (55, 10)


def test_a_bad_row_is_a_rival_too(feed, erp):
    """A row that cannot be mapped contests a code like any other, in every read."""
    feed.read()
    erp.put("B2", code="C", qty="many")
    for _ in range(3):
        summary = feed.read()
        assert counts(summary)[0] == 5
        assert summary.quarantined == 2
        assert summary.repeated == 0


def test_two_rows_that_swap_codes(feed, erp, hub):
    """Codes name items: after a swap each code has what its new row says."""
    erp.put("A1", price=1)
    erp.put("C", price=2)
    feed.sync(hub)
    erp.swap_codes("A1", "C")
    summary, _ = feed.sync(hub)
    assert summary.adds_up()
    assert feed.quarantined() == {}
    assert (hub.items["A1"].price, hub.items["C"].price) == (2, 1)


def test_rows_that_come_twice_count_once(feed, source):
    """The same identity again in one read is the same row."""
    source.repeat = True
    feed.read()
    summary = feed.read()
    assert (summary.read, summary.repeated) == (5, 1)
    assert summary.adds_up()


def test_a_read_that_breaks_off_keeps_what_came_before(feed, erp, source):
    """What was read before a failure is in the catalogue; nothing is taken to be gone."""
    feed.read()
    for code in ("A1", "C"):
        erp.put(code, price=9)
    source.fail_at_page = 4
    with pytest.raises(TransientError):
        feed.read(page_size=1)
    summary = feed.read()
    assert counts(summary) == (5, 1, 4, 0, 0)
    assert summary.vanished == 0


def test_incremental_reads_give_only_what_changed(store, erp):
    """Where the table says what changed, the next read has those rows alone."""
    source = FakeSource(erp, CHANGING)
    feed = Feed(store, source)
    feed.read()
    erp.put("A1", price=12)
    summary = feed.read()
    assert counts(summary) == (1, 1, 0, 0, 0)
    assert not summary.full
    assert counts(feed.read()) == (0, 0, 0, 0, 0)
    assert source.requests[-1].since is not None


def test_an_incremental_source_is_read_in_full_every_so_often(store, erp):
    """Deletions are found by the full read that is due after `full_every`."""
    feed = Feed(store, FakeSource(erp, CHANGING))
    feed.read()
    erp.drop("A1")
    assert feed.read().vanished == 0
    summary = feed.read(full_every_s=0.0)
    assert summary.full
    assert summary.vanished == 1


def test_another_map_means_a_full_read_and_only_real_differences(store, erp, hub):
    """A changed map re-maps every row, but a channel is told only what really differs."""
    source = FakeSource(erp, CHANGING)
    feed = Feed(store, source)
    erp.put("C", trade=4)
    feed.sync(hub)
    hub.told.clear()
    more = tuple(replace(one, note="said otherwise") if one.hub == "title" else one for one in FIELDS)
    source.map = replace(CHANGING, fields=more)
    summary, _ = feed.sync(hub)
    assert summary.full
    assert counts(summary) == (5, 0, 5, 0, 0)
    source.map = replace(CHANGING, fields=tuple(one for one in more if one.hub != "variants.price_tiers.trade"))
    summary, _ = feed.sync(hub)
    assert summary.full
    assert counts(summary) == (5, 1, 4, 0, 0)
    assert hub.told_codes() == ["C"]


def test_a_code_taken_over_between_full_reads_is_looked_up(store, erp):
    """Where only changes are read, a code under another identity is read again before it is believed."""
    feed = Feed(store, FakeSource(erp, CHANGING))
    feed.read()
    erp.put("B2", code="C")
    summary = feed.read()
    assert summary.quarantined == 2
    assert summary.adds_up()
    assert set(feed.quarantined()) == {"B2", "C"}
    erp.put("B2", code="B2")
    erp.put("C", price=3)
    assert feed.read().quarantined == 0
    assert feed.quarantined() == {}


def test_a_dry_run_writes_nothing(feed, erp, source, store):
    """A dry run counts what a run would do and leaves the catalogue as it was."""
    feed.read()
    erp.put("A1", price=12)
    rehearsed = Reader(store, source, feed.stream, None, Options(dry_run=True)).run("products")
    assert counts(rehearsed) == (5, 1, 4, 0, 0)
    assert counts(feed.read()) == (5, 1, 4, 0, 0)


def test_one_row_replayed_from_the_source(feed, erp, source, hub):
    """A row that was set aside can be read alone, by its code, once it is corrected."""
    erp.put("A1", qty="many")
    feed.read()
    erp.put("A1", qty=2)
    erp.put("C", price=1)
    summary = feed.read(codes=("A1",))
    assert counts(summary) == (1, 1, 0, 0, 0)
    assert feed.quarantined() == {}
    assert counts(feed.read()) == (5, 1, 4, 0, 0)


def test_two_runs_of_one_lane(feed, store):
    """The second run of a lane is refused and told which process has it."""
    with feed.lane("read(erp)"), pytest.raises(LaneBusyError, match=r"process 1 on here"):
        take(store, "read(erp)", Holder("here", 2, 0.0, "other"), lambda *_: False)


def test_a_run_that_lost_its_lane_writes_nothing_more(feed, erp, source, store):
    """Once another run has taken the lane over, the first one's next write fails."""
    lease = take(store, "read(erp)", Holder("here", 1, 0.0, "first"), lambda *_: True)
    take(store, "read(erp)", Holder("here", 2, 0.0, "second"), lambda *_: True)
    with pytest.raises(FenceLostError):
        Reader(store, source, feed.stream, lease, Options()).run("products")
    assert counts(feed.read()) == (5, 5, 0, 0, 0)


@pytest.mark.parametrize("when", ["before", "inside", "after"])
@pytest.mark.parametrize("boundary", range(6))
def test_a_host_that_dies_at_any_transaction(feed, erp, store, hub, boundary, when):
    """Wherever the host dies, the next sync completes what it began."""
    store.crash_in, store.crash_when = boundary, when
    with contextlib.suppress(Crash):
        feed.sync(hub)
    store.crash_in = None
    erp.put("A1", price=12)
    feed.sync(hub)
    assert {code: one.price for code, one in hub.on_sale().items()} == {"A1": 12, "A2": 10, "B1": 10, "B2": 10, "C": 10}
