"""The desk: whatever does not go on by itself, a person can let go on, or end, and it stands in the history."""

import msgspec
import pytest

from crossdock.contract import CrossdockError
from crossdock.orders import desk
from crossdock.store import ledger, orders
from crossdock.testing.orders_world import PERSON, WINDOW_S


def placed(world, *given):
    """Places orders in the shop and takes them in."""
    for one in given:
        world.shop.place(one)
    world.intake()


def acts(world, code="1001"):
    """What persons did about an order."""
    with world.store.read() as transaction:
        order = orders.find(transaction, world.channel, code)
        return [(one.state, one.note) for one in ledger.history(transaction, order.id) if one.actor == PERSON]


def test_a_refused_document_is_tried_again(world, order):
    """Once the cause is gone a retry raises it, and the history says who let it."""
    world.erps[0].faults.append("refuse")
    placed(world, order())
    world.raise_()
    desk.retry(world.store, world.flow, "1001", PERSON)
    world.raise_()
    assert world.documents()[0].state == "raised"
    assert acts(world) == [("new", "retried")]


def test_a_refused_customer_is_created_anew_on_a_retry(world_of, order):
    """A customer that the ERP refused stops his orders with the reason; a retry asks for him again."""
    world = world_of(create_customers=True)
    world.erps[0].customer_faults.append("refuse")
    placed(world, order())
    world.raise_()
    (one,) = world.documents()
    assert one.reason.startswith("the ERP refused to create the customer")
    desk.retry(world.store, world.flow, "1001", PERSON)
    world.raise_()
    assert world.documents()[0].state == "raised"


def test_a_parked_document_is_not_sent_again_too_early(world_of, order):
    """While the ERP may still commit what was sent, a retry is refused and says for how long."""
    world = world_of("neither")
    world.erps[0].faults.append("late")
    placed(world, order())
    world.raise_()
    with pytest.raises(CrossdockError, match=r"may still commit .* wait \d+ s"):
        desk.retry(world.store, world.flow, "1001", PERSON)
    world.clock.advance(WINDOW_S)
    world.erps[0].arrive()
    found = world.in_erp(world.targets[0], "1001")[0].document_code
    desk.resolve_raised(world.store, world.channel, "1001", (found, None), PERSON)
    world.confirm()
    assert world.examine() == []
    assert acts(world) == [("raised", "found in the target as SO00001")]


def test_what_is_not_wanted_is_cancelled(world, order):
    """A refused document ends at once, one that waits to be sent in the next run; one in the ERP cannot."""
    world.erps[0].faults.append("refuse")
    placed(world, order("1"), order("2"))
    world.raise_()
    desk.resolve_cancelled(world.store, world.channel, "1", "ordered twice", PERSON)
    assert world.documents()[0].state == "cancelled"
    with pytest.raises(CrossdockError, match="under way or in the target"):
        desk.resolve_cancelled(world.store, world.channel, "2", "no", PERSON)
    placed(world, order("3"))
    desk.resolve_cancelled(world.store, world.channel, "3", "no stock", PERSON)
    world.raise_()
    world.confirm()
    assert (world.documents()[2].state, world.shop.told["3"][0].result.reason) == ("cancelled", "no stock")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda w: desk.retry(w.store, w.flow, "no", PERSON), "there is no order 'no' of this channel"),
        (lambda w: desk.retry(w.store, w.flow, "1001", PERSON), "nothing of it is refused, parked or in conflict"),
        (lambda w: desk.retry(w.store, w.flow, "1001", PERSON, 77), "has no document 77"),
        (lambda w: desk.resolve_keep(w.store, w.channel, "1001", PERSON), "no other content waits"),
        (lambda w: desk.resolve_take(w.store, w.flow, "1001", PERSON), "no other content waits"),
        (lambda w: desk.resolve_raised(w.store, w.channel, "1001", ("SO1", None), PERSON), "0 documents are parked"),
    ],
)
def test_an_act_that_makes_no_sense_says_so(world, order, act, message):
    """A person who means another order, or comes too late, is told."""
    placed(world, order())
    with pytest.raises(CrossdockError, match=message):
        act(world)


def test_a_retry_waits_for_the_decision_about_the_content(world, order):
    """An order of which two contents are known is not retried before one is chosen."""
    placed(world, order(), order(currency="EUR"))
    world.raise_()
    with pytest.raises(CrossdockError, match="choose its content first"):
        desk.retry(world.store, world.flow, "1001", PERSON)


def test_another_content_may_owe_other_documents(world_of, order):
    """Taken later, the content is routed anew: what it no longer owes is cancelled, what it owes now is added."""
    world = world_of("searchable", "searchable")
    routes = (world.flow.routes[0], msgspec.structs.replace(world.flow.routes[1], locations=("CPT",)))
    world.flow = msgspec.structs.replace(world.flow, routes=routes)
    line = {"sku": "MUG", "qty": "1", "price": "1"}
    placed(world, order(lines=[{**line, "location": "CPT"}], total=None), order(lines=[line], total=None))
    found = desk.resolve_take(world.store, world.flow, "1001", PERSON)
    assert [(one.kind, one.state) for one in found] == [("sales_order", "new"), ("fulfilment", "cancelled")]
