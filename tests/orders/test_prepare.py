"""Preparing: every option resolved, every total the order's own, every mistake named with its cure."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from crossdock.orders.amounts import Charge, amounts, computed_total, even_out, rounded, spread
from crossdock.orders.content import cleaned
from crossdock.orders.options import OrderOptions
from crossdock.orders.prepare import Owed, prepare
from crossdock.orders.problems import PreparationError

ITEMS = {"MUG": ["K-MUG"], "CUP": ["K-CUP"], "TWIN": ["T1", "T2"]}
VAT = {"title": "VAT", "rate": "15"}


def prepared(order, owed=None, items=ITEMS, **options):
    """Prepares an order with the freight item set."""
    owed = owed or Owed("R1", "sales_order", range(len(order.lines)), has_charges=True)
    return prepare(cleaned(order), owed, OrderOptions(**{"shipping_code": "FREIGHT", **options}), "ACC", items)


def problem(order, **options):
    """The problem that stops an order."""
    with pytest.raises(PreparationError) as stopped:
        prepared(order, **options)
    return stopped.value.problem


def adds_up(document, decimals=2):
    """Whether lines make the total, each to the cent."""
    total = Decimal(0)
    for line in document.lines:
        amount = rounded(line.qty * line.price, decimals) - line.total_discount
        total += amount + (0 if document.prices_include_tax else line.tax)
    return total == document.total


def test_a_plain_order(order):
    """Items by the ERP's codes, delivery as a line, the account, the reference, the total."""
    document = prepared(order())
    assert [(one.native_code, one.qty, one.price, one.tax, one.role) for one in document.lines] == [
        ("K-MUG", 2, Decimal(10), Decimal(3), "item"),
        ("FREIGHT", 1, Decimal(50), Decimal("7.5"), "shipping"),
    ]
    assert (document.customer_code, document.reference, document.total) == ("ACC", "R1", Decimal("80.50"))
    assert adds_up(document)


lines_of_orders = st.lists(
    st.tuples(
        st.integers(1, 30),
        st.decimals(0, 10**5, places=3),
        st.sampled_from([0, 0, 10, 50, 100]),
        st.sampled_from([0, 14, 15, 20]),
    ),
    min_size=1,
    max_size=6,
)


@given(lines_of_orders, st.booleans(), st.sampled_from([None, True, False]), st.sampled_from([2, 4]))
def test_amounts_are_exact_in_every_tax_basis(lines, includes, wants, price_decimals):
    """Whatever is converted, each line makes its amount to the cent, and the total stays the order's own."""
    charges = []
    for qty, price, percent, rate in lines:
        discount = rounded(qty * price * percent / 100, 2)
        net = qty * price - discount
        tax = net * rate / (100 + rate) if includes else net * rate / 100
        charges.append(Charge(Decimal(qty), price, discount, tax.quantize(Decimal("0.0001"))))
    options = OrderOptions(prices_include_tax=wants, price_decimals=price_decimals)
    found = amounts(charges, includes_tax=includes, options=options)
    wants_tax = includes if wants is None else wants
    for charge, one in zip(charges, found, strict=True):
        amount = rounded(charge.qty * one.price, 2) - one.total_discount
        assert amount == (one.gross if wants_tax else one.gross - one.tax)
        assert one.total_discount >= 0 or charge.discount < 0
        assert abs(one.gross - charge.gross(includes_tax=includes)) <= Decimal("0.01") * len(lines)
    total = sum(one.gross(includes_tax=includes) for one in charges)
    assert sum(one.gross for one in found) == rounded(total, 2)


def test_a_price_with_tax_becomes_one_without(order):
    """Three at 9.99 with tax are 26.06 without, which no price makes: it is rounded up, the rest is a discount."""
    given_order = order(
        lines=[{"sku": "MUG", "qty": "3", "price": "9.99", "tax_lines": [{**VAT, "price": "3.909"}]}],
        shipping_lines=[],
        prices_include_tax=True,
        total="29.97",
    )
    document = prepared(given_order, prices_include_tax=False)
    (line,) = document.lines
    assert (line.price, line.total_discount, line.tax) == (Decimal("8.69"), Decimal("0.01"), Decimal("3.91"))
    assert (document.total, document.prices_include_tax, adds_up(document)) == (Decimal("29.97"), False, True)


def test_a_price_gets_the_decimals_that_make_it_exact(order):
    """Four at 9.99 with tax are 34.75 without: 8.6875 each, as long as the ERP keeps four decimals."""
    given_order = order(
        lines=[{"sku": "MUG", "qty": "4", "price": "9.99", "tax_lines": [{**VAT, "price": "5.21"}]}],
        shipping_lines=[],
        prices_include_tax=True,
        total="39.96",
    )
    four, two = (prepared(given_order, prices_include_tax=False, price_decimals=number).lines[0] for number in (4, 2))
    assert (four.price, four.total_discount) == (Decimal("8.6875"), 0)
    assert (two.price, two.total_discount) == (Decimal("8.69"), Decimal("0.01"))


def test_the_remainder_goes_to_the_largest():
    """Three thirds of a cent short are a cent, and it lands on the largest line."""
    assert even_out([Decimal("0.333"), Decimal("0.334"), Decimal("0.333")], 2) == [
        Decimal("0.33"),
        Decimal("0.34"),
        Decimal("0.33"),
    ]
    assert spread(Decimal("10.00"), [Decimal(1), Decimal(1), Decimal(1)], 2) == [
        Decimal("3.34"),
        Decimal("3.33"),
        Decimal("3.33"),
    ]
    assert spread(Decimal(1), [Decimal(0)], 2) == [0]


@given(st.lists(st.decimals("0.01", 10**4, places=2), min_size=1, max_size=5), st.decimals(0, 1, places=4))
def test_a_discount_of_the_order_is_spread_to_the_cent(prices, share):
    """Every cent of it arrives on the lines, none more."""
    total = rounded(sum(prices) * share, 2)
    parts = spread(total, prices, 2)
    assert sum(parts) == total
    assert all(part == rounded(part, 2) for part in parts)


def test_a_discount_of_the_order(order):
    """It is spread over the goods, or a line of its own, or refused."""
    given_order = order(total_discount="5", total="75.5")
    spread_out = prepared(given_order)
    assert [one.total_discount for one in spread_out.lines] == [Decimal(5), 0]
    own = prepared(given_order, discount="item", discount_code="DISC")
    assert [(one.role, one.price) for one in own.lines][1] == ("discount", Decimal(-5))
    assert adds_up(spread_out)
    assert adds_up(own)
    assert spread_out.total == own.total == Decimal("75.50")
    assert problem(given_order, discount="refuse").reason == "the order has a discount of 5"


def test_a_negative_line_is_a_discount_where_that_is_wanted(order):
    """What a discount app adds as a line is refused with its cure, or taken for what it is."""
    lines = [{"sku": "MUG", "qty": "2", "price": "10"}, {"sku": "WELCOME", "qty": "1", "price": "-4"}]
    given_order = order(lines=lines, total=None, shipping_lines=[])
    assert 'negative_lines = "discount"' in problem(given_order).cure
    document = prepared(given_order, negative_lines="discount")
    assert [(one.sku, one.total_discount) for one in document.lines] == [("MUG", 4)]
    assert (document.total, adds_up(document)) == (16, True)


def test_delivery_may_be_left_out(order):
    """Without the charge the total is without it too; with it and no item for it the order is refused."""
    assert prepared(order(), shipping="ignore").total == 23
    assert "delivery charge of 50 (Courier)" in problem(order(), shipping_code=None).reason
    free = order(shipping_lines=[{"title": "Collect", "price": "0"}], total="23")
    assert prepared(free, shipping_code=None).total == 23


def test_tax_codes(order):
    """A mapped code of the channel, else taxed or exempt, and for delivery its own."""
    lines = [
        {"sku": "MUG", "qty": "1", "price": "1", "tax_lines": [{**VAT, "price": "1"}]},
        {"sku": "CUP", "qty": "1", "price": "1"},
        {"sku": "CUP", "qty": "1", "price": "1", "tax_lines": [{**VAT, "title": "GST", "price": "1"}]},
    ]
    document = prepared(
        order(lines=lines, total=None),
        taxed_code="T1",
        exempt_code="T0",
        shipping_tax_code="TS",
        tax_codes={"GST": "TG"},
    )
    assert [one.tax_code for one in document.lines] == ["T1", "T0", "TG", "TS"]


def test_warehouses_dates_numbers_addresses_and_fields(order):
    """The rest of the options, each where it belongs."""
    given_order = order(
        lines=[{"sku": "MUG", "qty": "1", "price": "1", "location": "CPT"}],
        total=None,
        ordered_at="2026-01-31T10:00:00Z",
        shipping_address={"city": "Durban"},
        meta={"gift": "yes"},
        params={"rep": "7"},
    )
    document = prepared(
        given_order,
        warehouse="MAIN",
        warehouse_per_line=True,
        warehouses={"CPT": "W2"},
        due_days=30,
        deliver_days=2,
        use_channel_number=True,
        number_prefix="WEB-",
        currency="ZAR",
        fields={"ulGift": "gift: {meta.gift}", "ulMail": "{customer.email}", "ulNone": "{meta.no}"},
    )
    assert (document.warehouse, document.lines[0].warehouse, document.currency) == ("MAIN", "W2", "ZAR")
    assert (document.due_at.day, document.deliver_at.day) == (2, 2)
    assert (document.document_number, document.params) == ("WEB-1001", {"rep": "7"})
    assert document.fields == {"ulGift": "gift: yes", "ulMail": "thandi@shop.example", "ulNone": ""}
    assert document.shipping_address.city == "Durban"
    assert prepared(given_order, address="erp").shipping_address is None


def test_equal_lines_become_one_where_that_is_wanted(order):
    """An ERP that refuses an item twice gets it once; another price stays a line of its own."""
    lines = [{"sku": "MUG", "qty": "1", "price": price} for price in ("10", "10", "9")]
    given_order = order(lines=lines, total=None, shipping_lines=[])
    assert [(one.qty, one.price) for one in prepared(given_order, merge_lines=True).lines] == [(2, 10), (1, 9)]
    assert len(prepared(given_order).lines) == 3


def test_unknown_skus(order):
    """They are refused, parked, or written as one item for all; a SKU of two items is never guessed."""
    given_order = order(lines=[{"sku": "NEW", "qty": "1", "price": "1"}], total=None)
    assert "no item with SKU 'NEW'" in problem(given_order).reason
    assert problem(given_order, unknown_sku="park").state == "parked"
    assert prepared(given_order, unknown_sku="item", unknown_item_code="MISC").lines[0].native_code == "MISC"
    assert prepared(given_order, items=None).lines[0].native_code == "NEW"
    twin = order(lines=[{"sku": "TWIN", "qty": "1", "price": "1"}], total=None)
    assert "'TWIN' is 'T1', 'T2'" in problem(twin).reason


BAD = {
    "quantity of none": ({"lines": [{"sku": "MUG", "qty": "0", "price": "1"}]}, "quantities must be positive"),
    "negative quantity": ({"lines": [{"sku": "MUG", "qty": "-1", "price": "1"}]}, "'MUG': quantity -1"),
    "no lines": ({"lines": []}, "the order has no lines"),
    "totals that do not add up": ({"total": "80.52"}, "the order says 80.52, its lines make 80.50"),
    "foreign currency": ({"currency": "EUR"}, "the order is in EUR; the ERP keeps ZAR"),
    "more discount than goods": ({"total_discount": "90", "total": None}, "negative"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_said_with_its_cure(order, name):
    """Each bad order gives the values that show it, and what to do."""
    values, reason = BAD[name]
    found = problem(order(**{"total": None, **values}), currencies=("ZAR",), currency="ZAR")
    assert reason in found.reason
    assert found.cure.endswith(", then: crossdock orders retry")


def test_a_cent_is_tolerated(order):
    """A total within the tolerance goes through, and the document's is the sum of its lines."""
    assert prepared(order(total="80.51")).total == computed_total(order(), 2) == Decimal("80.50")


def test_control_characters_and_long_names_go_through(order):
    """Pasted control characters become blanks, a name of 500 letters stays whole, a remark keeps its lines."""
    name = "N" * 500
    address = {"address1": "1 Main\x00 Rd\x0b\u2028", "last_name": name}
    document = prepared(order(shipping_address=address, notes="ring\r\ntwice\x07"))
    assert document.shipping_address.address1 == "1 Main  Rd"
    assert document.shipping_address.last_name == name
    assert document.notes == "ring\ntwice"


def test_lines_of_a_part_add_up_with_the_rest(order):
    """Two documents of one order make its total between them, delivery on one of them only."""
    lines = [
        {"sku": sku, "qty": "3", "price": "0.333", "tax_lines": [{**VAT, "price": "0.149"}]} for sku in ("MUG", "CUP")
    ]
    given_order = order(lines=lines, total=None)
    whole = prepared(given_order)
    one = prepared(given_order, Owed("R1", "sales_order", (0,), has_charges=True))
    other = prepared(given_order, Owed("R2", "sales_order", (1,), has_charges=False))
    assert one.total + other.total == whole.total
    assert [line.role for line in other.lines] == ["item"]
    assert structs.replace(one, lines=()).reference == "R1"
