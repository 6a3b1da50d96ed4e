"""Two sources into one channel: the first owner of a SKU or code wins, the other waits and is reported."""

import pytest

from crossdock.testing.ports import FakeErp, FakeSource, Feed


@pytest.fixture
def other_erp():
    """A second ERP, which sells the mug too, and a spoon of its own."""
    made = FakeErp()
    made.put("C", title="Their mug", price=99)
    made.put("S", title="Spoon")
    return made


@pytest.fixture
def other(store, other_erp):
    """The lanes of the second ERP."""
    return Feed(store, FakeSource(other_erp), "other-erp")


def both(feed, other, hub):
    """One sync of each source."""
    feed.read()
    other.read()
    return feed.deliver(hub, rivals=True), other.deliver(hub, rivals=True)


def test_the_first_source_wins(feed, other, hub):
    """The second source's item is not sent but counted, and all else of it is sent."""
    first, second = both(feed, other, hub)
    assert (first.excluded, second.excluded, second.sent) == (0, 1, 1)
    assert hub.items["C"].title == "Mug"
    assert "S" in hub.on_sale()


def test_a_sku_is_enough_to_be_a_rival(feed, other, other_erp, hub):
    """Another code with the same SKU is excluded too."""
    other_erp.put("C", code="X", sku="S-C")
    _, second = both(feed, other, hub)
    assert second.excluded == 1
    assert "X" not in hub.items


def test_the_other_takes_over_when_the_owner_goes(feed, erp, other, hub):
    """Once the owner's item is gone the other source may sell it."""
    both(feed, other, hub)
    erp.drop("C")
    both(feed, other, hub)
    both(feed, other, hub)
    assert hub.on_sale()["C"].price == 99
    assert both(feed, other, hub)[1].excluded == 0


def test_the_loser_takes_nothing_off_sale(feed, other, other_erp, hub):
    """When the excluded item goes at its own source, the owner's stays on sale."""
    both(feed, other, hub)
    other_erp.drop("C")
    both(feed, other, hub)
    assert hub.on_sale()["C"].title == "Mug"
    assert both(feed, other, hub)[1].excluded == 0


def test_what_was_served_before_there_was_a_rival_stays(feed, other, hub):
    """A channel's only source keeps its items when a second one comes, whichever is delivered first."""
    feed.sync(hub)
    other.read()
    summary = other.deliver(hub, rivals=True)
    feed.deliver(hub, rivals=True)
    assert summary.sent + summary.excluded == 2
    again = other.deliver(hub, rivals=True)
    assert again.sent == 0
    assert hub.items["C"].title == "Mug"


def test_a_code_that_changes_its_sku_gives_the_old_one_up(feed, erp, other, other_erp, hub):
    """The SKU that an owner no longer uses is free for the other source."""
    other_erp.put("C", code="X", sku="S-C")
    both(feed, other, hub)
    erp.put("C", sku="S-NEW")
    both(feed, other, hub)
    both(feed, other, hub)
    assert hub.on_sale()["X"].sku == "S-C"
    assert hub.on_sale()["C"].sku == "S-NEW"


def test_items_are_let_in_when_the_rival_leaves_the_configuration(feed, other, hub):
    """A source that is alone in a channel again is no longer kept out of anything."""
    both(feed, other, hub)
    assert other.deliver(hub, rivals=True).excluded == 1
    summary = other.deliver(hub)
    assert (summary.excluded, summary.sent) == (0, 1)
    assert hub.items["C"].title == "Their mug"
