"""Orders handed over as JSON: taken as they are written, and whatever is none kept with the reason."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.contract import RowError
from crossdock.orders.submission import MOST_BYTES, Misunderstood, submit_all, understood
from crossdock.records import Order
from crossdock.store import ledger_report

PLAIN = {"channel_order_code": "1001", "lines": [{"sku": "MUG", "qty": 1, "price": 9.95}]}


def body(*orders):
    """A list of orders as JSON."""
    return json.dumps(orders).encode()


def test_one_order_or_many(world):
    """A single order needs no list around it, and its price is the very one that was written."""
    (one,) = understood(json.dumps(PLAIN).encode())
    assert (one.channel_order_code, str(one.lines[0].price)) == ("1001", "9.95")
    taken = submit_all(world.store, world.flow, body(PLAIN, {**PLAIN, "channel_order_code": "2"}, PLAIN), "file")
    assert [each.outcome for each in taken] == ["accepted", "accepted", "repeated"]


@pytest.mark.parametrize("text", [b"", b"{", b"<html>", b"7", b"[1", b'"order"', b"null"])
def test_what_is_no_json_is_said(text):
    """A page of HTML or half a file is refused as a whole."""
    with pytest.raises(RowError, match="neither an order nor a list of orders"):
        understood(text)


def test_what_is_no_order_is_kept_with_the_reason(world):
    """One bad order among good ones is kept by its code; the others go through."""
    bad = [{**PLAIN, "channel_order_code": "2", "colour": "red"}, {"channel_order_code": "3"}, 7]
    taken = submit_all(world.store, world.flow, body(PLAIN, *bad), "file")
    assert [each.outcome for each in taken] == ["accepted", "rejected", "rejected", "rejected"]
    with world.store.read() as transaction:
        reasons = {one.channel_order_code: one.reason for one in ledger_report.missing(transaction)}
    assert "unknown field `colour`" in reasons["2"]
    assert "missing required field `lines`" in reasons["3"]
    assert "(no code)" in reasons


def test_a_body_that_is_too_large_is_not_read():
    """Fifty million bytes are refused before anything is made of them."""
    with pytest.raises(RowError, match="are too many"):
        understood(b"[" + b" " * MOST_BYTES)


@pytest.mark.slow
def test_ten_thousand_orders_at_once(world):
    """They are all accepted, in one go; a server of its own gets a tenth of them, to save time."""
    count = 10_000 if world.store.is_sqlite else 1_000
    orders = [{**PLAIN, "channel_order_code": str(number)} for number in range(count)]
    taken = submit_all(world.store, world.flow, body(*orders), "file")
    assert {each.outcome for each in taken} == {"accepted"}
    with world.store.read() as transaction:
        assert ledger_report.counts(transaction, world.channel) == {"new": count}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_any_json_is_an_order_or_is_not(value):
    """Whatever is handed over is understood or misunderstood, never a crash."""
    try:
        found = understood(json.dumps(value).encode())
    except RowError:
        return
    assert all(isinstance(one, Order | Misunderstood) for one in found)
