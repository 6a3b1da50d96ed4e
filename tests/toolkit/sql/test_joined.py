"""What a join takes for equal, where its two sides are read apart."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.toolkit.sql.joined import Side


class Numbers(Side):
    """A column of numbers."""

    def __init__(self, sample):
        self._sample = sample


@pytest.mark.parametrize("code", ["12E45", "1E5", "inf", "Infinity", "nan", "sNaN", "1_000", "A1", "", "٣"])
@pytest.mark.parametrize("sample", [1, Decimal("1.5"), 2.5])
def test_a_code_is_no_number(sample, code):
    """A parent's code that only Python takes for a number equals no number, and ends no read."""
    assert Numbers(sample).alike([code, " 7 "], Numbers(sample)) == [None, 7]


@given(value=st.text(st.sampled_from("0123456789.+-eE_ "), max_size=60) | st.floats() | st.decimals(allow_nan=None))
def test_whatever_a_parents_column_holds(value):
    """Any text or number gives a number or nothing, never an error."""
    if not (isinstance(value, Decimal) and value.is_snan()):  # which no database has
        for sample in (1, Decimal("1.5")):
            (found,) = Numbers(sample).alike([value], Numbers(sample))
            assert found is None or isinstance(found, int | float | Decimal)
