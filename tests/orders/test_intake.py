"""Intake: an order is accepted once, whoever brings it, however often, in whatever order; nothing disappears."""

from datetime import UTC, datetime

import msgspec
import pytest

from crossdock.contract import CrossdockError, TransientError
from crossdock.orders import desk
from crossdock.orders.content import content_hash
from crossdock.orders.intake import MOST_BYTES, submit
from crossdock.orders.options import OrderOptions, Route
from crossdock.records import Order
from crossdock.store import ledger, ledger_intake, ledger_report, orders
from crossdock.testing.orders_world import PERSON


def taken(world, one, flow=None):
    """Takes one order in, as a call of the channel would bring it."""
    return submit(world.store, flow or world.flow, one, "call")


def row(world, code="1001"):
    """The order as it stands."""
    with world.store.read() as transaction:
        return orders.find(transaction, world.channel, code)


def test_the_same_order_again_is_nothing_new(world, order):
    """Brought again by a call, a file or a sweep, with another remark or state, an order stays one."""
    outcomes = [taken(world, order(**said)).outcome for said in ({}, {"notes": "ring"}, {"status": "paid"}, {})]
    assert outcomes == ["accepted", "repeated", "repeated", "repeated"]
    with world.store.read() as transaction:
        assert len(ledger.documents_of(transaction, row(world).id)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"lines": [{"sku": "MUG", "qty": "3", "price": "10"}]},
        {"lines": [{"sku": "CUP", "qty": "2", "price": "10"}]},
        {"currency": "EUR"},
        {"customer": {"channel_customer_code": "c2"}},
        {"shipping_address": {"city": "Durban"}},
        {"total_discount": "1"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_other_content_under_the_same_code_waits_for_a_decision(world, order, other):
    """Before it is sent the order stops; a person keeps the first content, and the other never asks again."""
    world.shop.place(order())
    world.intake()
    changed = order(**{"total": None, **other})
    assert taken(world, changed).outcome == "conflict"
    assert taken(world, changed).outcome == "repeated"
    world.raise_()
    (one,) = world.documents()
    assert (one.state, "with other content" in one.reason) == ("conflict", True)
    desk.resolve_keep(world.store, world.channel, "1001", PERSON)
    assert taken(world, changed).outcome == "repeated"
    world.raise_()
    assert [str(one.total) for one in world.erps[0].documents] == ["80.50"]


def test_the_other_content_may_be_taken_where_nothing_was_sent(world, order):
    """A person may take the later content: its lines are owed, under the same order; not once something was sent."""
    world.shop.place(order())
    world.intake()
    taken(world, order(lines=[{"sku": "CUP", "qty": "1", "price": "7"}], shipping_lines=[], total=None))
    desk.resolve_take(world.store, world.flow, "1001", PERSON)
    world.raise_()
    assert [(one.skus, str(one.total)) for one in world.erps[0].documents] == [(("CUP",), "7.00")]
    taken(world, order())
    with pytest.raises(CrossdockError, match="SO00001 was sent with the first content"):
        desk.resolve_take(world.store, world.flow, "1001", PERSON)


def test_names_and_the_order_of_lines_do_not_count(order):
    """A renamed item, a customer's new telephone number and lines in another order are not other content."""
    lines = [{"sku": "MUG", "qty": "2", "price": "10"}, {"sku": "CUP", "qty": "1", "price": "7"}]
    one = order(lines=lines)
    named = [{**lines[1], "title": "Cup, blue", "grams": "200"}, {**lines[0], "source_variant_code": "M"}]
    other = order(lines=named, customer={"channel_customer_code": "c1", "phone": "1"}, meta={"gift": "yes"})
    assert content_hash(one) == content_hash(other)
    assert content_hash(one) != content_hash(order(lines=lines[:1]))


def test_a_hash_of_another_version_is_no_conflict(world, order):
    """Where the stored hash was made otherwise, the stored order itself is compared."""
    taken(world, order())
    with world.store.write() as transaction:
        transaction.change("UPDATE orders SET content_hash = ?", b"older")
    assert taken(world, order(notes="again")).outcome == "repeated"


def test_an_order_waits_until_the_channel_wants_it_sent(world, order):
    """Unpaid orders wait without a conflict when they change, and go on when the channel says so."""
    flow = msgspec.structs.replace(world.flow, states=("processing",))
    assert taken(world, order(status="pending"), flow).outcome == "waiting"
    assert taken(world, order(status="pending", total=None, currency="EUR"), flow).outcome == "waiting"
    assert taken(world, order(status="processing", instruction="unpaid_order"), flow).outcome == "waiting"
    assert row(world).reason == "the channel says 'unpaid_order'"
    assert taken(world, order(status="processing"), flow).outcome == "accepted"
    assert row(world).state == "split"


def test_orders_before_the_first_date_are_left_alone(world, order):
    """A shop's history of ten years is not sent to the ERP."""
    flow = msgspec.structs.replace(world.flow, from_date=datetime(2026, 1, 1, tzinfo=UTC))
    assert taken(world, order(ordered_at="2025-12-31T23:59:59Z"), flow).outcome == "skipped"
    assert taken(world, order(ordered_at="2026-01-01T00:00:00Z"), flow).outcome == "accepted"


def test_an_order_taken_back_in_time_is_not_sent(world, order):
    """What was not sent is cancelled; what was, a person is told to cancel in the ERP."""
    world.shop.place(order("1"))
    world.shop.place(order("2"))
    world.intake()
    assert taken(world, order("1", status="cancelled")).outcome == "cancelled"
    world.raise_()
    reason = taken(world, order("2", status="cancelled")).reason
    assert reason == "the channel says 'cancelled'; too late for SO00001: cancel it in the ERP"
    assert [one.state for one in world.documents()] == ["cancelled", "raised"]


BAD = {
    "no code": {"channel_order_code": " "},
    "a code of 300 characters": {"channel_order_code": "x" * 300},
    "no time zone": {"ordered_at": "2026-01-01T00:00:00"},
    "too large": {"notes": "x" * MOST_BYTES},
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_kept_is_kept_as_rejected(world, order, name):
    """An order that nobody can carry out stays visible with the reason, and mended it goes on."""
    found = taken(world, order(**BAD[name]))
    assert found.outcome == "rejected"
    with world.store.read() as transaction:
        (missing,) = ledger_report.missing(transaction)
    assert (missing.state, missing.reason) == ("rejected", found.reason)


def test_what_the_plugin_could_not_understand_is_kept(world, order):
    """A page's rejected orders stand in the report, and a later page that has them mended lets them go on."""
    world.shop.rejected = (("1001", "not an order: <html>"),)
    world.shop.place(order("1"))
    world.intake()
    assert row(world).state == "rejected"
    world.shop.place(order())
    world.intake()
    assert row(world).state == "split"


def test_an_order_with_a_line_that_goes_nowhere_is_held(world, order):
    """Lines are never dropped on the way: the order is held, says which line, and a mended route lets it go on."""
    lines = [{"sku": "MUG", "qty": "1", "price": "1", "location": "CPT"}, {"sku": "CUP", "qty": "1", "price": "1"}]
    route = msgspec.structs.replace(world.flow.routes[0], locations=("CPT",))
    flow = msgspec.structs.replace(world.flow, routes=(route,))
    found = taken(world, order(lines=lines, total=None), flow)
    assert (found.outcome, "no document takes 1 of the lines, such as 'CUP' for None" in found.reason) == ("held", True)
    desk.retry(world.store, world.flow, "1001", PERSON)
    assert row(world).state == "split"


def test_an_order_without_lines_is_held(world, order):
    """An empty order is nobody's document, and says so."""
    assert taken(world, order(lines=[])).reason.startswith("the order has no lines")


def test_a_split_never_changes_by_itself(world_of, order):
    """A changed route holds for new orders; what was owed before is still owed as it was."""
    world = world_of("searchable", "searchable")
    taken(world, order("1"))
    one_route = msgspec.structs.replace(world.flow, routes=world.flow.routes[:1])
    taken(world, order("1", notes="again"), one_route)
    taken(world, order("2"), one_route)
    with world.store.read() as transaction:
        owed = [len(ledger.documents_of(transaction, orders.find(transaction, world.channel, c).id)) for c in "12"]
    assert owed == [2, 1]


def test_a_page_is_kept_with_its_cursor_or_not_at_all(world, order):
    """Where the channel breaks off, the next read goes on after the last page that was kept."""
    for number in range(6):
        world.shop.place(order(str(number)))
    reader = world.shop
    reader.fail_reading = 0
    world.intake()
    reader.place(order("6"))
    reader.place(order("7"))
    reader.place(order("8"))
    reader.fail_reading = 1
    with pytest.raises(TransientError):
        world.intake()
    world.intake()
    assert [row(world, str(n)).state for n in range(9)] == ["split"] * 9


def test_a_sweep_reads_back_as_far_as_it_should(world, order):
    """The overlap begins at the newest cursor that is old enough, and finds what a cursor had passed."""
    for number in range(4):
        world.shop.place(order(str(number)))
        world.clock.advance(world.flow.sweep_span_s / 4)
        world.intake()
    with world.store.read() as transaction:
        reading = ledger_intake.reading(transaction, world.channel)
        assert reading.before(transaction.now() - world.flow.sweep_span_s) is None
        assert reading.before(transaction.now() - world.flow.sweep_span_s / 2) in {"1", "2", "3"}
    world.shop.journal.insert(2, order("late"))  # a cursor passed it, as one of a coarse clock does
    world.clock.advance(world.flow.sweep_every_s / 4 + 1)
    world.intake()
    assert row(world, "late") is not None


def test_what_is_missing_is_listed_with_its_age(world, order):
    """The report names what is in the channel and not in the ERP, the oldest first; what waits is not missing."""
    now = datetime.fromtimestamp(world.clock.wall - 7200, UTC).isoformat()
    world.erps[0].faults.append("refuse")
    world.shop.place(order("1", ordered_at=now))
    world.shop.place(order("2"))
    world.shop.place(order("3", instruction="sync_order"))
    world.intake()
    world.raise_()
    with world.store.read() as transaction:
        missing = ledger_report.missing(transaction, world.channel)
    assert [(one.channel_order_code, one.state) for one in missing] == [("1", "refused")]
    assert 7200 <= missing[0].age_s < 7300
    assert missing[0].cure.endswith("crossdock orders retry")


def test_goods_are_reserved_until_the_erp_counts_them(world_of, order):
    """What is accepted and not raised is promised, once for each line; and a while longer where asked since when."""
    world = world_of("searchable", "searchable")
    lines = [{"sku": "MUG", "qty": "2", "price": "1", "location": "CPT"}, {"sku": "CUP", "qty": "1", "price": "1"}]
    taken(world, order(lines=lines, total=None))

    def reserved(**asked):
        with world.store.read() as transaction:
            return {key: int(qty) for key, qty in ledger_report.reserved(transaction, **asked).items()}

    assert reserved() == {("MUG", "CPT"): 2, ("CUP", None): 1}
    assert reserved(skus=["CUP"]) == {("CUP", None): 1}
    moment = world.clock.wall
    world.raise_(0)
    assert reserved() == {}
    assert reserved(read_at=moment) == {("MUG", "CPT"): 2, ("CUP", None): 1}
    assert reserved(read_at=world.clock.wall + 1) == {}


def test_options_of_a_document_stand_before_those_of_the_flow(world):
    """Each document goes by its own route's options; one whose route is gone goes by the first route's."""
    special = OrderOptions(default_customer_code="WAREHOUSE")
    route = Route(to="w", target=99, kind="fulfilment", options=special)
    flow = msgspec.structs.replace(world.flow, routes=(*world.flow.routes, route))
    assert flow.options_for(99, "fulfilment").default_customer_code == "WAREHOUSE"
    assert flow.options_for(98, "invoice") == world.flow.routes[0].options


def test_codes_and_reasons_of_any_text_are_kept(world):
    """What a plugin says of an order that it did not understand may hold NULs and halves of characters."""
    world.shop.rejected = (("A\0\ud800", "bad \0 page " + "x" * 5000),)
    world.shop.journal.append(msgspec.convert({"channel_order_code": "1", "lines": []}, Order))
    world.intake()
    with world.store.read() as transaction:
        codes = [one.channel_order_code for one in ledger_report.missing(transaction)]
    assert codes == ["1", "A ?"]
