"""Pages shrink while the database is slow and grow back, never beyond what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from crossdock.toolkit.sql.pacing import LEAST, SLOW_S, Pace


@given(st.integers(1, 5000), st.lists(st.floats(0, 100)))
def test_a_size_stays_within_its_bounds(most, pages):
    """Whatever pages take, the next has at least the least and at most what was asked for."""
    pace = Pace(most)
    for seconds in pages:
        pace.took(seconds)
        assert min(LEAST, most) <= pace.size <= most


def test_slow_pages_shrink_and_quick_ones_grow():
    """A slow page halves the size, a quick one doubles it, one between leaves it."""
    pace = Pace(1000)
    pace.took(SLOW_S * 2)
    pace.took(SLOW_S * 2)
    assert pace.size == 250
    pace.took(SLOW_S / 2)
    assert pace.size == 250
    pace.took(0.01)
    assert pace.size == 500
