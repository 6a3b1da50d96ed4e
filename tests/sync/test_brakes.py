"""Both brakes: mass changes wait for a person, everything else goes on."""

import msgspec
import pytest

from crossdock.sync.view import View
from crossdock.testing.ports import FakeChannel


@pytest.fixture
def served(feed, big, hub):
    """The feed, its channel filled with a hundred and five items."""
    feed.sync(hub)
    hub.told.clear()
    return feed


def reprice(erp, price, count=50):
    """Gives many items another price."""
    for key in list(erp.rows)[:count]:
        erp.put(key, price=price)


def prices(channel):
    """How many items a channel has at each price."""
    found = [int(one.price) for one in channel.on_sale().values()]
    return {price: found.count(price) for price in set(found)}


def test_a_mass_change_of_prices_is_held(served, erp, hub):
    """Half of all prices at once wait for a person; other changes go on."""
    reprice(erp, 1)
    erp.put("M099", qty=77)
    _, [summary] = served.sync(hub)
    assert summary.held == 50
    assert prices(hub) == {10: 105}
    assert hub.items["M099"].qty == 77
    [hold] = served.open_holds()
    assert hold.items == 50
    assert hold.reason == "50 re-priced"


@pytest.mark.parametrize("change", [{"qty": 0}, {"status": "Delete"}])
def test_stock_and_activity_are_guarded_too(served, erp, hub, change):
    """Mass zeroing and mass deactivation are held as re-pricing is."""
    for key in list(erp.rows)[:50]:
        erp.put(key, **change)
    _, [summary] = served.sync(hub)
    assert summary.held == 50
    assert len(hub.on_sale()) == 105


def test_a_change_below_the_limits_is_not_held(served, erp, hub):
    """Twenty-four items, or a fifth of all, are no mass change."""
    reprice(erp, 1, count=21)
    _, [summary] = served.sync(hub)
    assert summary.held == 0
    assert prices(hub) == {1: 21, 10: 84}


def test_an_approved_hold_is_sent(served, erp, hub):
    """What a person let pass is delivered by the next run, once."""
    reprice(erp, 1)
    served.sync(hub)
    served.approve(served.open_holds()[0])
    _, [summary] = served.sync(hub)
    assert summary.sent == 50
    assert prices(hub) == {1: 50, 10: 55}
    hub.told.clear()
    served.sync(hub)
    assert hub.told == []
    assert served.open_holds() == []


def test_an_item_that_changed_since_it_was_shown_is_judged_anew(served, erp, hub):
    """Approving lets exactly the versions pass that were held."""
    reprice(erp, 1)
    served.sync(hub)
    [hold] = served.open_holds()
    erp.put("M000", price=5000)
    served.read()
    served.approve(hold)
    _, [summary] = served.sync(hub)
    assert prices(hub) == {1: 49, 5000: 1, 10: 55}
    assert summary.sent == 50


def test_a_rejected_hold_leaves_the_channel_as_it_is(served, erp, hub):
    """After a no nothing is sent, until an item changes again at the source."""
    reprice(erp, 1)
    served.sync(hub)
    served.reject(served.open_holds()[0])
    for _ in range(2):
        served.sync(hub)
        assert prices(hub) == {10: 105}
        assert served.open_holds() == []
    erp.put("M000", price=7)
    served.sync(hub)
    assert prices(hub) == {10: 104, 7: 1}


def test_values_put_back_release_a_hold(served, erp, hub):
    """When the source takes a mass change back nothing waits any more and the channel is as it was."""
    reprice(erp, 1)
    served.sync(hub)
    reprice(erp, 10)
    _, [summary] = served.sync(hub)
    assert summary.held == 0
    assert served.open_holds() == []
    assert prices(hub) == {10: 105}
    erp.put("M000", price=3)
    served.sync(hub)
    assert prices(hub) == {10: 104, 3: 1}


def test_a_hold_is_of_one_channel_only(served, erp, hub):
    """A channel that never had the old prices is filled with the new ones."""
    reprice(erp, 1)
    late = FakeChannel("late")
    served.sync(hub, late)
    assert prices(hub) == {10: 105}
    assert prices(late) == {1: 50, 10: 55}


def test_a_mass_change_in_small_steps_reaches_a_slow_channel_as_one(served, erp, hub):
    """Each channel is judged by what it last had, not by what the source had."""
    slow = FakeChannel("slow")
    served.deliver(slow)
    for first in (0, 20, 40):
        for key in list(erp.rows)[first : first + 20]:
            erp.put(key, price=1)
        served.sync(hub)
    assert prices(hub) == {1: 60, 10: 45}
    assert served.deliver(slow).held == 60
    assert prices(slow) == {10: 105}


def test_a_mass_change_after_a_new_text_is_still_held(served, erp, hub):
    """Items told again for their product's sake keep what the brake compares with."""
    for number in range(60):
        erp.put(f"M{number:03}", grp="BULK", title=f"T{number % 7}")
    served.sync(hub)
    for hold in served.open_holds():
        served.approve(hold)
    served.sync(hub)
    erp.drop("M000")
    served.read()
    for number in range(1, 60):
        erp.put(f"M{number:03}", price=1)
    _, [summary] = served.sync(hub)
    assert summary.held == 60
    assert prices(hub) == {10: 105}


def test_a_mass_disappearance_is_held_at_the_source(served, erp, hub):
    """A read that lost half of its rows makes no tombstones until a person approves."""
    for key in list(erp.rows)[:50]:
        erp.drop(key)
    summary, _ = served.sync(hub)
    assert (summary.vanished, summary.held) == (0, 50)
    assert len(hub.on_sale()) == 105
    [hold] = served.open_holds()
    assert hold.channel is None
    assert "50 of 105" in hold.reason
    served.approve(hold)
    served.sync(hub)
    assert len(hub.on_sale()) == 55
    assert served.open_holds() == []


def test_a_rejected_disappearance_stays_rejected(served, erp, hub):
    """After a no the missing items stay, and are not asked about again, until they come back."""
    gone = {key: erp.rows[key] for key in list(erp.rows)[:50]}
    for key in gone:
        erp.drop(key)
    served.sync(hub)
    served.reject(served.open_holds()[0])
    summary, _ = served.sync(hub)
    assert served.open_holds() == []
    assert len(hub.on_sale()) == 105
    for key, row in gone.items():
        erp.put(key, **row)
    summary, _ = served.sync(hub)
    assert summary.held == 0
    assert len(hub.on_sale()) == 105


def test_what_is_read_during_a_delivery_is_judged_too(served, erp, hub):
    """A mass change that is committed while a delivery runs is held in that same run."""
    taken, hub.manifest = hub.results, msgspec.structs.replace(hub.manifest, batch_size=1)
    for number in range(96, 100):
        erp.put(f"M{number:03}", qty=77)
    served.read()

    def meanwhile():
        hub.results = taken
        reprice(erp, 1)
        served.read()
        return taken()

    hub.results = meanwhile
    summary = served.deliver(hub)
    assert (summary.sent, summary.held) == (4, 50)
    assert prices(hub) == {10: 105}


def test_a_filtered_channel_is_judged_by_what_it_has(feed, big, hub):
    """Losing all forty items of a filtered channel is a mass change, however many the source has."""
    hats = View(only={"collection": ("Hats",)})
    for number in range(40):
        big.put(f"M{number:03}", kind="Hats")
    feed.read()
    feed.deliver(hub, hats)
    for number in range(26):
        big.put(f"M{number:03}", status="Delete")
    feed.read()
    assert feed.deliver(hub, hats).held == 26
    assert len(hub.on_sale()) == 40


def test_a_view_of_one_warehouse_is_judged_by_that_warehouse(feed, big, hub):
    """Stock that is gone from the channel's only warehouse is a mass change, whatever other stock there is."""
    cape = View(warehouses=("CPT",))
    for key in list(big.rows):
        big.put(key, cpt=4)
    feed.read()
    feed.deliver(hub, cape)
    for key in list(big.rows)[:60]:
        big.put(key, cpt=0)
    feed.read()
    assert feed.deliver(hub, cape).held == 60


def test_a_narrower_view_is_a_mass_change_too(feed, big, hub):
    """A filter by which a channel would lose everything is held for a person, and a wider one lets go."""
    feed.sync(hub)
    feed.deliver(hub, View(only={"collection": ("Nothing",)}))
    assert len(hub.on_sale()) == 105
    [hold] = feed.open_holds()
    assert hold.reason == "105 deactivated"
    feed.deliver(hub)
    assert (len(hub.on_sale()), feed.open_holds()) == (105, [])
