"""The canonical encoding: pinned bytes and fingerprints, decimals in plain text, and the way back."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock import records
from crossdock.records import Order, OrderLine, Product, Record, Variant, decimal_text, decode, encode, fingerprint

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_bytes_and_fingerprints_are_pinned(vector):
    """A record's bytes and fingerprint are the same for ever, or every channel would be told everything again."""
    record = msgspec.convert(vector["fields"], getattr(records, vector["record"]), strict=False)
    assert encode(record).hex() == vector["bytes"]
    assert fingerprint(record).hex() == vector["fingerprint"]
    assert decode(bytes.fromhex(vector["bytes"]), type(record)) == record


def test_an_optional_field_added_later_changes_nothing():
    """A record type with one more optional field gives the same bytes and fingerprint where it is not set."""

    class Grown(Variant, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
        colour: str | None = None

    old, new = Variant(source_variant_code="A", sku="B"), Grown(source_variant_code="A", sku="B")
    assert encode(new) == encode(old)
    assert fingerprint(new) == fingerprint(old)
    assert encode(Grown(source_variant_code="A", sku="B", colour="red")) != encode(old)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("10.0"), "10"),
        (Decimal("10.50"), "10.5"),
        (Decimal("-0"), "0"),
        (Decimal("0.00"), "0"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-3"), "0.001"),
        (-0.0, "0"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (0.1, "0.1"),
        (3, "3"),
        (10.0, "10"),
        (" 12.50 ", "12.5"),
        (Decimal("-7.10"), "-7.1"),
        (-2.5, "-2.5"),
    ],
)
def test_one_text_a_number(value, text):
    """Numbers that are equal have one text, without exponent or trailing zeros."""
    assert decimal_text(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), "ten", "", True, Decimal("1E+40"), None])
def test_what_is_no_number_is_refused(value):
    """Whatever is not a finite number of reasonable size is an error, truth values included."""
    with pytest.raises(ValueError, match=r"number"):
        decimal_text(value)


def test_equal_decimals_have_one_fingerprint():
    """How a number was written does not count."""
    made = [Variant(source_variant_code="A", sku="A", price=Decimal(text)) for text in ("10", "10.0", "1E+1", "10.00")]
    assert len({encode(one) for one in made}) == len({fingerprint(one) for one in made}) == 1


def test_open_lists_are_sorted_by_key():
    """The order in which prices were mapped does not count."""
    one = Variant(source_variant_code="A", sku="A", price_tiers={"b": Decimal(1), "a": Decimal(2)})
    other = Variant(source_variant_code="A", sku="A", price_tiers={"a": Decimal("2.0"), "b": Decimal("1.0")})
    assert encode(one) == encode(other)
    assert fingerprint(one) == fingerprint(other)


def test_a_moment_is_written_in_utc():
    """The same moment in two zones is the same."""
    line = OrderLine(sku="A", qty=Decimal(1), price=Decimal(1))
    moment = datetime(2026, 1, 2, 10, tzinfo=UTC)
    elsewhere = moment.astimezone(timezone(timedelta(hours=2)))
    orders = [Order(channel_order_code="1", lines=(line,), ordered_at=one) for one in (moment, elsewhere)]
    assert encode(orders[0]) == encode(orders[1])
    assert b"2026-01-02T10:00:00Z" in encode(orders[0])


def test_what_is_not_such_a_record_is_refused():
    """Bytes of another kind, or with a field that is unknown, do not decode."""
    with pytest.raises(msgspec.ValidationError):
        decode(msgspec.msgpack.encode({"source_variant_code": "A", "sku": "A", "colour": "red"}), Variant)
    with pytest.raises(msgspec.ValidationError):
        decode(encode(Product(source_product_code="A", title="T")), Variant)


def fields_of(kind: type[Record]) -> st.SearchStrategy[Any]:
    """Any record of a kind."""
    return st.builds(kind, **{one.name: of_type(one.type) for one in msgspec.structs.fields(kind)})


def of_type(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type; numbers and moments as records may hold them."""
    special = {
        Decimal: st.decimals(-(10**9), 10**9, allow_nan=False, places=4),
        datetime: st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # the zone is given
    }
    if kind in special:
        return special[kind]
    origin, arguments = getattr(kind, "__origin__", None), getattr(kind, "__args__", ())
    if origin is tuple:
        return st.lists(of_type(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(of_type(arguments[0]), of_type(arguments[1]), max_size=3)
    if arguments:
        return st.one_of([st.none() if one is type(None) else of_type(one) for one in arguments])
    return fields_of(kind) if issubclass(kind, Record) else st.from_type(kind)


@pytest.mark.parametrize("name", ["Product", "Variant", "Customer", "Order", "OrderDocument", "Shipment"])
def test_every_record_survives_the_way_there_and_back(name):
    """Decoding an encoded record gives an equal one, with the same bytes and fingerprint."""
    kind = getattr(records, name)

    @given(fields_of(kind))
    def there_and_back(record):
        body = encode(record)
        again = decode(body, kind)
        assert again == record
        assert encode(again) == body
        assert fingerprint(again) == fingerprint(record)

    there_and_back()
