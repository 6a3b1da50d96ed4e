"""Converters for what ERPs really deliver."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from crossdock.fieldmap.convert import find_converter


@pytest.mark.parametrize(
    ("name", "given", "made"),
    [
        ("number", (" 12.50 ",), Decimal("12.5")),
        ("number", (None,), None),
        ("number", ("  ",), None),
        ("number", (0.1,), Decimal("0.1")),
        ("subtract", (10, 3, None), Decimal(7)),
        ("subtract", (None, 3), None),
        ("add", (1, None, "2.5"), Decimal("3.5")),
        ("add", (None, None), None),
        ("not_negative", (-3,), 0),
        ("not_negative", (-0.5,), 0),
        ("not_negative", ("4",), Decimal(4)),
        ("not_negative", (None,), None),
        ("positive", (0,), None),
        ("positive", ("3",), Decimal(3)),
        ("whole", ("3.9",), Decimal(3)),
        ("whole", ("-3.9",), Decimal(-3)),
        ("decimal_comma", ("1.234,50",), Decimal("1234.5")),
        ("decimal_comma", ("1 234,5",), Decimal("1234.5")),
        ("decimal_comma", (7,), Decimal(7)),
        ("padded", ("  000042 ",), "42"),
        ("padded", ("000",), "0"),
        ("padded", (None,), None),
        ("no_control", ("a\x00\x07b\nc",), "ab\nc"),
        ("comma", ("a, b", None, "c,"), ["a", "b", "c"]),
        ("slash_path", ("Shoes/ Running", "", None), [["Shoes", "Running"]]),
        ("first_name", ("Anna Maria Botha",), "Anna Maria"),
        ("first_name", ("Anna",), "Anna"),
        ("first_name", (None,), None),
        ("last_name", ("Anna Maria Botha",), "Botha"),
        ("last_name", ("Anna",), None),
        ("upper", ("é",), "É"),
        ("lower", (None,), None),
        ("local_time:Africa/Johannesburg", ("2026-01-02 12:00:00",), datetime(2026, 1, 2, 10, tzinfo=UTC)),
        ("local_time:UTC", ("",), None),
    ],
)
def test_converted(name, given, made):
    """Each converter gives what its name says, and nothing for nothing."""
    assert find_converter(name, {})(*given) == made


@pytest.mark.parametrize(
    ("name", "given"), [("number", "ten"), ("decimal_comma", "1,2,3"), ("whole", "x"), ("subtract", "x")]
)
def test_what_cannot_be_converted_is_an_error(name, given):
    """A value that is no number raises the error that sets its row aside."""
    with pytest.raises(ValueError, match="not a number"):
        find_converter(name, {})(given)
