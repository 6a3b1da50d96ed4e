"""Confirming: the shop is told every outcome and every shipment, again where the telling failed."""

import msgspec
import pytest

from crossdock.contract import Result, TransientError
from crossdock.orders.confirming import Confirmer
from crossdock.testing.orders_channel import FakeOrderChannel


def raised(world, *given):
    """Places orders and raises them."""
    for one in given:
        world.shop.place(one)
    world.intake()
    world.raise_()


def test_nothing_is_told_while_a_document_is_open(world, order):
    """A shop hears of an order once nothing of it is new, sending or unknown."""
    world.erps[0].faults.append("lost")
    raised(world, order())
    world.confirm()
    assert world.shop.told == {}


def test_a_lost_answer_is_told_again(world, order):
    """Where the shop's answer is lost it is told once more; the document is confirmed once it answered."""
    raised(world, order())
    world.shop.lose_telling = 1
    with pytest.raises(TransientError):
        world.confirm()
    assert world.documents()[0].state == "raised"
    world.confirm()
    assert world.documents()[0].state == "confirmed"


def test_an_order_that_the_shop_does_not_take_holds_no_other(world, order):
    """A shop that has lost an order is asked again later and more seldom, and hears of the others."""
    raised(world, order("1"), order("2"))
    world.shop.refuses = {"1"}
    world.confirm()
    assert list(world.shop.told) == ["2"]
    world.shop.refuses = set()
    world.confirm()
    assert list(world.shop.told) == ["2"]
    world.clock.advance(61)
    world.confirm()
    assert list(world.shop.told) == ["2", "1"]


def test_a_clock_put_back_leaves_nothing_waiting(world, order):
    """A waiting that would last years because the clock was wrong is over."""
    raised(world, order())
    world.clock.jump(10**8)
    world.shop.refuses = {"1001"}
    world.confirm()
    world.shop.refuses = set()
    world.clock.jump(-(10**8))
    world.confirm()
    assert list(world.shop.told) == ["1001"]


def test_shipments_come_back_with_the_order_they_belong_to(world, order):
    """A shipment is told once with the shop's own number, again when it changes, and a stranger's never."""
    raised(world, order())
    erp = world.erps[0]
    shipment = erp.ship(erp.documents[0])
    erp.shipments.append(msgspec.structs.replace(shipment, shipment_code="X", reference="somebody else's"))
    world.raise_()
    world.confirm()
    assert [(one.channel_order_code, one.tracking_number) for one in world.shop.shipped.values()] == [("1001", "T1")]
    world.shop.shipped.clear()
    erp.shipments.append(shipment)
    world.raise_()
    world.confirm()
    assert world.shop.shipped == {}
    erp.shipments.append(msgspec.structs.replace(shipment, tracking_number="T9"))
    world.raise_()
    world.confirm()
    assert [one.tracking_number for one in world.shop.shipped.values()] == ["T9"]


@pytest.mark.parametrize(("state", "times"), [("refused", 1), ("retry", 2)])
def test_a_shipment_that_the_shop_does_not_take(world, order, monkeypatch, state, times):
    """A refusal is final until the shipment changes; what was not confirmed is told again later."""
    raised(world, order())
    world.erps[0].ship(world.erps[0].documents[0])
    world.raise_()
    asked = []

    def not_taken(_self, shipments):
        asked.extend(shipments)
        return [Result(one.shipment_code, state, "no") for one in shipments]

    monkeypatch.setattr(FakeOrderChannel, "write_shipments", not_taken)
    world.confirm()
    world.confirm()
    world.clock.advance(3600)
    world.confirm()
    assert len(asked) == times


def test_a_channel_that_cannot_be_told_is_left_alone(world, order, monkeypatch):
    """Without the hook nothing is told, and nothing is claimed to have been."""
    raised(world, order())
    monkeypatch.setattr("crossdock.testing.orders_channel.HOOKS", ("read_orders",))
    world.confirm()
    assert (world.shop.told, world.documents()[0].state) == ({}, "raised")
    assert Confirmer.__doc__
