"""The ledger: legal steps only, each with its line of history, none by a run that was overtaken."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from crossdock.contract import FenceLostError
from crossdock.store import Store, ledger, ledger_accounts, ledger_report, ledger_shipments, orders
from crossdock.store.connections import connection_id, stream_id
from crossdock.store.ledger import Step
from crossdock.store.ledger_intake import Reading
from crossdock.store.ledger_states import LEGAL, OPEN, STATES, may_follow
from crossdock.store.orders_items import native_customer, native_items

WHO = Step("test")


@pytest.fixture
def store(store_url):
    """An empty store."""
    opened = Store(store_url)
    yield opened
    opened.close()


def owed(transaction, code="1", target=2, kind="invoice", **values):
    """Adds an order that owes one document; gives the document."""
    given_values = {"state": "split", "customer_key": "c1", **values}
    there = orders.find(transaction, 1, code)
    number = there.id if there is not None else orders.add(transaction, 1, code, **given_values)
    return ledger.document(transaction, ledger.add(transaction, number, (target, kind, "[0]", 1), WHO))


@pytest.mark.parametrize("state", STATES)
def test_only_legal_steps_are_made(store, state):
    """For every state, what may follow does, and what may not is refused without a trace."""
    with store.write() as transaction:
        for place, to in enumerate(STATES):
            one = owed(transaction, f"{state}{place}")
            transaction.change("UPDATE document SET state = ? WHERE id = ?", state, one.id)
            was = ledger.document(transaction, one.id)
            before = ledger.history(transaction, one.orders)
            if may_follow(state, to):
                assert ledger.move(transaction, was, to, WHO).state == to
                assert [event.state for event in ledger.history(transaction, one.orders)][-1] == to
            else:
                with pytest.raises(ValueError, match=f"{to} may not follow {state}"):
                    ledger.move(transaction, was, to, WHO)
                assert ledger.history(transaction, one.orders) == before


def test_every_open_state_has_a_way_out():
    """No state is a trap: from each that is not an end, a person or a lane gets to one."""
    ends = {"confirmed", "cancelled", "refused"}
    reached = {state: set(LEGAL[state]) for state in STATES}
    for _ in STATES:
        reached = {state: found.union(*(reached[one] for one in found)) for state, found in reached.items()}
    assert all(state in ends or reached[state] & ends for state in STATES)
    assert set(OPEN) < set(STATES)


def test_a_run_that_was_overtaken_moves_nothing(store):
    """Whoever knows an older state, or another fence, is told so and changes nothing."""
    with store.write() as transaction:
        was = owed(transaction)
        sent = ledger.move(transaction, was, "sending", WHO, fence=5)
        for stale in (was, sent._replace(fence=4), sent._replace(state="unknown")):
            with pytest.raises(FenceLostError, match="changed by another run"):
                ledger.move(transaction, stale, LEGAL[stale.state][0], WHO)
        assert ledger.document(transaction, was.id) == sent


def test_a_document_is_owed_once(store):
    """One order owes one target one document of a kind; the database itself sees to it."""
    with store.write() as transaction:
        one = owed(transaction)
    with pytest.raises(IntegrityError), store.write() as transaction:
        ledger.add(transaction, one.orders, (2, "invoice", "[0]", 1), WHO)


def test_an_order_is_added_once(store):
    """The second run that adds an order is told that it is there."""
    with store.write() as transaction:
        assert orders.add(transaction, 1, "1", state="waiting") is not None
        assert orders.add(transaction, 1, "1", state="waiting") is None
        assert orders.add(transaction, 2, "1", state="waiting") is not None


def test_references_are_unique_at_a_target(store):
    """A candidate that another document has is passed over; with none left that is said."""
    with store.write() as transaction:
        one = owed(transaction)
        ledger.move(transaction, one, "sending", WHO, reference="R1")
        assert ledger.free_reference(transaction, 2, ["R1", "R2"]) == "R2"
        assert ledger.free_reference(transaction, 3, ["R1"]) == "R1"
        with pytest.raises(ValueError, match="every reference that could be derived is taken"):
            ledger.free_reference(transaction, 2, ["R1"])


def test_an_order_is_untold_from_each_outcome_until_it_is_told(store):
    """What a channel must hear of is found, once nothing of it is open, and again after a change."""
    with store.write() as transaction:
        one = owed(transaction)
        assert orders.untold(transaction, 1) == []
        refused = ledger.move(transaction, one, "refused", WHO, reason="no")
        (order,) = orders.untold(transaction, 1)
        orders.change(transaction, order.id, told_version=order.version)
        assert orders.untold(transaction, 1) == []
        again = ledger.move(transaction, refused, "new", WHO)
        assert orders.untold(transaction, 1) == []
        sent = ledger.move(transaction, again, "sending", WHO, fence=1)
        ledger.move(transaction, sent, "raised", WHO)
        assert len(orders.untold(transaction, 1)) == 1


def test_who_waits_for_whom(store):
    """Only an earlier order of the same customer, open at the same target, is waited for."""
    with store.write() as transaction:
        first = owed(transaction, "1")
        second = owed(transaction, "2")
        assert ledger.is_kept_waiting(transaction, second)
        assert not ledger.is_kept_waiting(transaction, first)
        assert not ledger.is_kept_waiting(transaction, owed(transaction, "2", target=3))
        assert not ledger.is_kept_waiting(transaction, owed(transaction, "3", customer_key="c2"))
        assert not ledger.is_kept_waiting(transaction, owed(transaction, "4", customer_key=None))
        ledger.move(transaction, first, "parked", WHO)
        assert not ledger.is_kept_waiting(transaction, second)


def test_a_remark_is_not_repeated(store):
    """A lane that fails the same way every minute fills no history, and lets others go first."""
    with store.write() as transaction:
        one, other = owed(transaction, "1"), owed(transaction, "2")
        transaction.change("UPDATE document SET changed_at = changed_at - 10")
        for _ in range(3):
            ledger.remark(transaction, one, Step("lane", "no answer"))
        assert [event.note for event in ledger.history(transaction, one.orders)] == [None, "no answer"]
        assert [each.id for each in ledger.in_state(transaction, 2, "new")] == [other.id, one.id]


def test_counts_and_missing_orders_without_documents(store):
    """Orders that owe nothing yet are counted by their own state."""
    with store.write() as transaction:
        owed(transaction, "1")
        orders.add(transaction, 1, "2", state="rejected", reason="not an order")
        orders.add(transaction, 1, "3", state="waiting")
        orders.add(transaction, 9, "4", state="held")
        assert ledger_report.counts(transaction, 1) == {"new": 1, "rejected": 1, "waiting": 1}
        assert ledger_report.counts(transaction) == {"held": 1, "new": 1, "rejected": 1, "waiting": 1}
        assert [one.channel_order_code for one in ledger_report.missing(transaction)] == ["1", "2", "4"]


def test_skus_of_documents(store):
    """A change of a document names the items whose promised quantity it changes."""
    with store.write() as transaction:
        one = owed(transaction)
        ledger_report.reserve(transaction, one.id, [(0, "B", None, "1"), (1, "A", "CPT", "2"), (2, "A", None, "1")])
        assert ledger_report.skus_of(transaction, [one.id]) == ["A", "B"]
        ledger_report.release(transaction, one.id)
        assert ledger_report.reserved(transaction) == {}


def test_shipments_are_news_only_when_they_change(store):
    """The same shipment again says nothing; a changed one is told once more."""
    with store.write() as transaction:
        one = owed(transaction)
        assert ledger_shipments.keep(transaction, 2, "S1", one.id, (b"body", b"hash"))
        assert not ledger_shipments.keep(transaction, 2, "S1", one.id, (b"body", b"hash"))
        (kept,) = ledger_shipments.untold(transaction, 1, 0.0, 10)
        ledger_shipments.set_told(transaction, kept, 1.0)
        assert ledger_shipments.untold(transaction, 1, 2.0, 10) == []
        assert ledger_shipments.keep(transaction, 2, "S1", one.id, (b"other", b"other"))
        assert [each.channel_order_code for each in ledger_shipments.untold(transaction, 1, 0.0, 10)] == ["1"]


def test_accounts_go_legal_ways_only(store):
    """An account is created once, and nobody moves one that another run moved."""
    with store.write() as transaction:
        was = ledger_accounts.add(transaction, 2, "1:c1", "C-1")
        sent = ledger_accounts.move(transaction, was, "sending", fence=3)
        with pytest.raises(FenceLostError):
            ledger_accounts.move(transaction, was, "created")
        made = ledger_accounts.move(transaction, sent, "created", code="D1")
        with pytest.raises(ValueError, match="new may not follow created"):
            ledger_accounts.move(transaction, made, "new")
        assert ledger_accounts.find(transaction, 2, "1:c1").code == "D1"


def test_items_by_sku(store):
    """A SKU leads to the live items that have it, by what the ERP calls them now."""
    query = "INSERT INTO item (stream, code, grp, sku, native_code, gone, unit, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    with store.write() as transaction:
        stream = stream_id(transaction, connection_id(transaction, "erp", "fake"), "products")
        rows = (
            ("A", "A", None, 0),
            ("B", "S-B", "NEW-B", 0),
            ("C", "TWIN", None, 0),
            ("TWIN", "TWIN", None, 0),
            ("D", "D", None, 1),
        )
        for code, sku, native, gone in rows:
            transaction.change(query, stream, code, code, sku, native, gone, b"", 1)
        found = native_items(transaction, stream, ["A", "S-B", "TWIN", "D", "none", "A"])
        assert {sku: sorted(natives) for sku, natives in found.items()} == {
            "A": ["A"],
            "S-B": ["NEW-B"],
            "TWIN": ["C", "TWIN"],
        }
        assert native_customer(transaction, stream, "B") == "NEW-B"
        assert native_customer(transaction, stream, "D") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.floats(1, 50))
def test_marks_reach_back_as_far_as_a_sweep_asks(steps, spacing):
    """However often a channel is read, a sweep starts at or before where it should, and not much before."""
    reading, now, cursors = Reading(), 0.0, []
    for number, step in enumerate(steps):
        now += step
        cursors.append((now, str(number)))
        reading = reading._replace(cursor=str(number)).marked(now, spacing)
    wanted = now - 3 * spacing
    found = reading.before(wanted)
    allowed = [cursor for at, cursor in cursors if at <= wanted]
    assert found is None or found in allowed
    if allowed and len(reading.marks) < 64 and found is not None:
        at = {cursor: moment for moment, cursor in cursors}
        assert at[allowed[-1]] - at[found] <= spacing


def test_a_clock_put_back_does_not_spoil_the_marks():
    """Marks of a future that did not come are dropped."""
    reading = Reading("1").marked(1000.0, 10)._replace(cursor="2").marked(500.0, 10)
    assert reading.marks == ((500.0, "2"),)
