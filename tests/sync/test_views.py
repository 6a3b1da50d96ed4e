"""One channel's view: selection, price list, warehouses; a change of it re-evaluates the channel."""

from crossdock.sync.view import PLAIN, View
from crossdock.testing.ports import FakeChannel

HATS = View(only={"collection": ("Hats",)})


def test_only_selected_products_are_sent(feed, erp, hub):
    """A channel gets the products whose field has one of the values."""
    for code in ("B1", "B2"):
        erp.put(code, kind="Hats")
    feed.read()
    assert feed.deliver(hub, HATS).sent == 2
    assert set(hub.items) == {"B1", "B2"}


def test_a_product_that_no_longer_fits_is_taken_off(feed, erp, hub):
    """What leaves the selection is told as gone, what enters it is sent whole."""
    erp.put("C", kind="Hats")
    feed.read()
    feed.deliver(hub, HATS)
    erp.put("C", kind="Mugs")
    erp.put("A1", kind="Hats")
    feed.read()
    feed.deliver(hub, HATS)
    assert set(hub.on_sale()) == {"A1", "A2"}
    assert hub.complaints == []
    hub.told.clear()
    erp.put("C", price=3)
    feed.read()
    feed.deliver(hub, HATS)
    assert hub.told == []


def test_an_item_never_shown_is_never_told_as_gone(feed, erp, hub):
    """A tombstone of what the view never showed is not sent."""
    feed.read()
    feed.deliver(hub, HATS)
    erp.drop("C")
    feed.read()
    feed.deliver(hub, HATS)
    assert hub.told == []


def test_the_price_list_gives_the_price(feed, erp, hub):
    """With a price list its price is the price, and no other is told."""
    erp.put("C", trade=4)
    feed.read()
    feed.deliver(hub, View(price_tier="trade"))
    assert hub.items["C"].price == 4
    assert all(not due.variant.price_tiers for _, due in hub.told)


def test_the_warehouses_stock_is_summed(feed, erp, hub):
    """With warehouses the quantity is theirs."""
    erp.put("C", qty=100, cpt=3)
    feed.read()
    feed.deliver(hub, View(warehouses=("CPT", "JHB")))
    assert hub.items["C"].qty == 3


def test_a_change_that_the_view_hides_is_not_sent(feed, erp, hub):
    """A price that the channel does not see is no reason to tell it anything."""
    for code in erp.rows:
        erp.put(code, trade=4)
    feed.read()
    feed.deliver(hub, View(price_tier="trade"))
    hub.told.clear()
    erp.put("C", price=12345)
    feed.read()
    assert feed.deliver(hub, View(price_tier="trade")).sent == 0
    assert hub.told == []


def test_another_view_re_evaluates_the_channel(feed, erp):
    """After a change of view, and after its undoing, the channel has exactly what the view shows."""
    hub = FakeChannel("small", batch_size=2)
    erp.put("C", kind="Hats", trade=4)
    feed.read()
    feed.deliver(hub)
    feed.deliver(hub, HATS)
    assert set(hub.on_sale()) == {"C"}
    feed.deliver(hub, View(price_tier="trade"))
    assert hub.on_sale()["C"].price == 4
    assert len(hub.on_sale()) == 5
    feed.deliver(hub, PLAIN)
    assert hub.on_sale()["C"].price == 10
    assert len(hub.on_sale()) == 5
    assert hub.complaints == []


def test_a_view_and_a_move_in_one_sync(feed, erp):
    """An item whose sibling left is told under the new view in every kind, wherever the batches end."""
    hub = FakeChannel("small", batch_size=3)
    for number in range(4):
        erp.put(f"D{number}", grp="D", title=f"T{number}", trade=7)
    feed.sync(hub)
    erp.put("D0", grp="E")
    feed.read()
    feed.deliver(hub, View(price_tier="trade"))
    assert {hub.items[f"D{number}"].price for number in range(4)} == {7}
