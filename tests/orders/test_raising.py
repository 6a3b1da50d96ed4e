"""Raising: one call for one document, and for every way in which a call can end, what is done next."""

import pytest

from crossdock.contract import AuthError, FenceLostError
from crossdock.orders import desk
from crossdock.orders.raising import Raiser
from crossdock.store import ledger, orders
from crossdock.testing.orders_world import PERSON, WINDOW_S


def placed(world, *given):
    """Places orders in the shop and takes them in."""
    for one in given:
        world.shop.place(one)
    world.intake()


def states(world):
    """The documents' states, in order."""
    return [one.state for one in world.documents()]


def notes(world, code="1001"):
    """The history of an order, as a person reads it."""
    with world.store.read() as transaction:
        order = orders.find(transaction, world.channel, code)
        return [(one.state, one.note) for one in ledger.history(transaction, order.id)]


@pytest.mark.parametrize("key", ["enforced", "searchable", "neither"])
def test_an_order_becomes_a_document(world_of, order, key):
    """An order goes through to the ERP and back to the shop, in every class, with a line of history for each step."""
    world = world_of(key)
    placed(world, order())
    world.raise_()
    world.confirm()
    (stored,) = world.erps[0].documents
    assert (stored.channel_order_code, str(stored.total), stored.reference) == ("1001", "80.50", "1-1001")
    assert [one.result.document_code for one in world.shop.told["1001"]] == [stored.document_code]
    assert [state for state, _ in notes(world)] == ["accepted", "new", "sending", "raised", "confirmed"]
    assert world.examine() == []


def test_a_lost_answer_is_looked_up_after_the_settle_window_only(world, order):
    """Until the ERP can no longer commit, an unknown document is neither looked up nor sent again."""
    world.erps[0].faults.append("late")
    placed(world, order())
    assert world.raise_().summary.unknown == 1
    for _ in range(3):
        world.clock.advance(10)
        assert world.raise_().summary.unsettled == 1
    world.clock.advance(WINDOW_S)
    assert world.raise_().summary.raised == 1
    assert world.erps[0].calls == len(world.erps[0].documents) == 1


def test_what_was_not_found_is_sent_again_under_the_same_reference(world, order):
    """A call that left no trace is made again, with the reference of the first."""
    world.erps[0].faults.append("never")
    placed(world, order())
    world.raise_()
    first = world.documents()[0].reference
    world.clock.advance(WINDOW_S)
    assert world.raise_().summary.renewed == 1
    assert [one.reference for one in world.erps[0].documents] == [first]


def test_a_lookup_that_fails_is_no_answer(world, order):
    """While the ERP does not answer look-ups the document stays unknown, however long."""
    world.erps[0].faults.append("lost")
    placed(world, order())
    world.raise_()
    world.clock.advance(10 * WINDOW_S)
    world.erps[0].failing_lookups = 100
    world.raise_()
    assert states(world) == ["unknown"]
    assert notes(world)[-1] == ("unknown", "the look-up failed: TransientError: the look-up timed out")
    world.erps[0].failing_lookups = 0
    world.raise_()
    assert states(world) == ["raised"]


def test_where_nothing_can_be_looked_up_a_person_must(world_of, order):
    """In class neither an uncertain document is parked, with what to do, and a retry has to wait for the window."""
    world = world_of("neither")
    world.erps[0].faults.append("lost")
    placed(world, order())
    assert world.raise_().summary.parked == 1
    (one,) = world.documents()
    assert "cannot be searched by our reference" in one.reason
    assert "resolve --raised NUMBER" in one.cure
    world.finish()
    assert world.examine() == []


def test_a_no_is_a_no(world, order):
    """A refusal is final, is told to the shop with its reason, and holds nothing else up."""
    world.erps[0].refused_skus = {"BAD"}
    placed(world, order("1", lines=[{"sku": "BAD", "qty": "1", "price": "1"}], total=None), order("2"))
    world.raise_()
    world.confirm()
    assert states(world) == ["refused", "confirmed"]
    assert world.shop.told["1"][0].result.reason == "the fake ERP does not sell that"


def test_a_refusal_of_a_second_document_is_looked_at(world_of, order):
    """Where references must be unique, "it exists already" leads to the document that exists, not to a refusal."""
    world = world_of("enforced")
    placed(world, order())
    world.erps[0].faults.append("late")
    world.raise_()
    world.erps[0].late[0] = world.erps[0].late[0]._replace(at=world.clock.ticks + WINDOW_S + 5)  # later than it may
    world.clock.advance(WINDOW_S)
    commit = world.erps[0].late[0].commit
    world.erps[0].during = commit
    world.raise_()
    world.clock.advance(10)
    world.raise_()
    world.confirm()
    assert (states(world), len(world.erps[0].documents)) == (["confirmed"], 1)
    assert any("exists already; looked for all the same" in (note or "") for _, note in notes(world))


def test_what_did_not_leave_goes_back_and_ends_the_run(world, order):
    """A refused connection is no attempt at the others: the run stops, and the next one goes on with both."""
    world.erps[0].faults.append("not_sent")
    placed(world, order("1"), order("2", customer={"email": "other@shop.example"}))
    summary = world.raise_().summary
    assert (summary.stopped, states(world)) == ("connection refused", ["new", "new"])
    world.raise_()
    assert states(world) == ["raised", "raised"]


def test_a_yes_without_a_document_is_found_out(world, order):
    """An ERP that says yes and stores nothing is caught by the look-up that follows, and a retry mends it."""
    world.erps[0].faults.append("liar")
    placed(world, order())
    world.raise_()
    assert states(world) == ["raised"]
    world.clock.advance(WINDOW_S)
    world.raise_()
    (one,) = world.documents()
    assert (one.state, "said yes with number SO99999" in one.reason) == ("conflict", True)
    world.finish()
    assert world.examine() == []


def test_another_total_is_said(world, order):
    """A document whose total the ERP computed otherwise is raised, and the difference stands in it."""
    world.erps[0].faults.append("twist")
    placed(world, order())
    summary = world.raise_().summary
    (one,) = world.documents()
    assert (one.state, one.reason) == ("raised", "the ERP's document differs: its total is 81.50, not 80.50")
    assert summary.reasons == [f"document {one.reference}: {one.reason}"]


def test_a_found_document_with_another_total_is_a_conflict(world, order):
    """A look-up takes only a full match for ours."""
    world.erps[0].faults.append("lost")
    placed(world, order())
    world.raise_()
    world.erps[0].documents[0].total += 1
    world.clock.advance(WINDOW_S)
    assert world.raise_().summary.conflicts == 1
    assert "its total is 81.50, not 80.5" in world.documents()[0].reason


def test_two_documents_with_our_reference_are_a_conflict(world, order):
    """Where somebody made a second one, a person is told both numbers."""
    world.erps[0].faults.append("lost")
    placed(world, order())
    world.raise_()
    stored = world.erps[0].documents[0]
    world.erps[0].documents.append(type(stored)("SO77", stored.reference, "sales_order", "1001", "CASH", stored.total))
    world.clock.advance(WINDOW_S)
    world.raise_()
    assert world.documents()[0].reason == "2 documents carry the reference 1-1001: SO00001, SO77"


def test_an_order_waits_for_an_earlier_one_of_its_customer_only_while_that_is_open(world, order):
    """The second order of a customer is sent once the first is settled; another customer's does not wait."""
    world.erps[0].faults.append("never")
    placed(world, order("1"), order("2"), order("3", customer={"email": "other@shop.example"}))
    world.raise_()
    assert states(world) == ["unknown", "new", "raised"]
    world.clock.advance(WINDOW_S)
    world.raise_()
    assert states(world) == ["raised", "raised", "raised"]
    placed(world, order("4", lines=[{"sku": "BAD", "qty": "0", "price": "1"}], total=None), order("5"))
    world.raise_()
    assert states(world)[3:] == ["refused", "raised"]


def test_one_document_failing_does_not_hold_the_other(world_of, order):
    """The warehouse gets its request while the ERP refuses, and the shop is told of both."""
    world = world_of("searchable", "searchable")
    world.erps[0].faults.append("refuse")
    placed(world, order())
    world.raise_(0)
    world.raise_(1)
    world.confirm()
    assert states(world) == ["refused", "confirmed"]
    told = {one.target: type(one.result).__name__ for one in world.shop.told["1001"]}
    assert told == {"erp0": "Refusal", "erp1": "Receipt"}


def test_the_shop_is_told_again_when_an_outcome_changes(world, order):
    """A refused order that a person lets try again is told once more, now with its number."""
    world.erps[0].faults.append("refuse")
    placed(world, order())
    world.raise_()
    world.confirm()
    desk.retry(world.store, world.flow, "1001", PERSON)
    world.confirm()
    assert world.shop.told["1001"][0].result.reason.startswith("the fake ERP is closed")
    world.raise_()
    world.confirm()
    assert world.shop.told["1001"][0].result.document_code == "SO00001"


def test_a_dead_erp_ends_the_run_after_three_calls(world, order):
    """Ten orders for an ERP that does not answer cost three time-outs, not ten."""
    world.erps[0].faults.extend(["never"] * 10)
    placed(world, *(order(str(n), customer={"email": f"{n}@shop.example"}) for n in range(10)))
    summary = world.raise_().summary
    assert (world.erps[0].calls, summary.unknown) == (3, 3)
    assert summary.stopped.startswith("no answer 3 times in a row")


def test_a_wrong_credential_stops_the_lane_with_the_document_unknown(world, order, monkeypatch):
    """Whatever class of error a call ends with, unless it is a definite one the document is unknown."""
    placed(world, order())
    monkeypatch.setattr(world.port, "write_order", lambda *_: (_ for _ in ()).throw(AuthError("token expired")))
    with pytest.raises(AuthError):
        world.raise_()
    assert states(world) == ["unknown"]


def test_who_slept_between_intent_and_call_does_not_call(world, order):
    """A run that was frozen after its intent gives it back: another may have taken over meanwhile."""

    class Sleeper(Raiser):
        def _intend(self, ready):
            found = super()._intend(ready)
            self.lane.tick.__self__.advance(11)
            return found

    world.raising = Sleeper
    placed(world, order())
    world.raise_()
    assert (world.erps[0].calls, states(world)) == (0, ["new"])
    assert notes(world)[-1] == ("new", "this run slept between intent and call; nothing was sent")


def test_who_lost_the_lane_records_nothing(world, order):
    """A run that was taken over in the middle of a call cannot overwrite what its successor found out."""
    placed(world, order())
    world.erps[0].faults.append("not_sent")

    def taken_over():
        world.clock.advance(WINDOW_S + 1)
        world.other_host(lambda store: world.raise_(0, store))

    world.erps[0].during = taken_over
    with pytest.raises(FenceLostError):
        world.raise_()
    assert states(world) == ["raised"]


def test_a_new_customer_is_created_once(world_of, order):
    """Two orders of one new customer make one account, also where the answer about it was lost."""
    world = world_of(create_customers=True)
    world.erps[0].customer_faults.append("lost")
    placed(world, order("1"), order("2"))
    world.raise_()
    assert states(world) == ["new", "new"]
    world.clock.advance(WINDOW_S)
    world.raise_()
    assert (states(world), list(world.erps[0].customers)) == (["raised", "raised"], ["D0001"])


def test_an_idle_lane_writes_nothing(world, order):
    """Once all is raised and seen, a run of the lane only reads."""
    placed(world, order())
    world.raise_()
    world.confirm()
    before = dict(world.boundaries.passed)
    world.raise_()
    world.confirm()
    assert dict(world.boundaries.passed) == before


def test_an_order_that_cannot_be_worked_with_stops_no_other(world, order):
    """Numbers beyond all arithmetic end in a document that waits for a person; the next order is raised."""
    monstrous = [{"sku": "MUG", "qty": "999999999999999999999999999999", "price": "0.01"}]
    placed(world, order("1", lines=monstrous, total=None), order("2"))
    world.raise_()
    first, second = world.documents()
    assert (first.state, second.state) == ("parked", "raised")
    assert first.reason.startswith("the order cannot be prepared: InvalidOperation")


def test_an_error_may_be_a_page_with_anything_in_it(world, order, monkeypatch):
    """Texts of other systems are kept as far as a database can keep them."""
    placed(world, order())
    page = "<html>\0" + "x" * 10_000 + "\ud800"
    monkeypatch.setattr(world.port, "write_order", lambda *_: (_ for _ in ()).throw(RuntimeError(page)))
    world.raise_()
    (one,) = world.documents()
    assert (one.state, len(one.reason)) == ("unknown", 2000)


def test_without_its_mark_nothing_is_sent(world, order, monkeypatch):
    """Where the mark outside the store cannot be written the document goes back, and the run says why it ended."""
    placed(world, order())
    monkeypatch.setattr(world.marks, "write", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    assert world.raise_().summary.stopped.endswith("disk full")
    assert (world.erps[0].calls, states(world)) == (0, ["new"])
