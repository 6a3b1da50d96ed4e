"""Numbers of a database's float columns: the fast way to their digits gives the very digits that Python gives."""

from hypothesis import given
from hypothesis import strategies as st

from crossdock.fieldmap.values import float_text


@given(st.floats(1e-4, 1e15, exclude_max=True) | st.decimals(1, 10**6, places=2).map(float))
def test_digits_are_those_of_python(number):
    """Within the bounds in which the mapper uses it, `float_text` agrees with `repr` digit for digit."""
    assert float_text(number).decode() == repr(number)
