"""Names of tables as a field map writes them, taken apart and put together again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.toolkit.sql.naming import joined, parted


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("StkItem", (None, "StkItem")),
        ("dbo.StkItem", ("dbo", "StkItem")),
        ("company.dbo.StkItem", ("company.dbo", "StkItem")),
        ("my items", (None, "my items")),
        ('"StkItem"', (None, '"StkItem"')),
        ('"dotted.items"', (None, "dotted.items")),
        ('dbo."dotted.items"', ("dbo", "dotted.items")),
        ('"a ""b"".c"', (None, 'a "b".c')),
    ],
)
def test_a_name_is_taken_apart(written, parts):
    """The last dot parts schema and table; quotes matter only around a dot, so that no other name changes its sense."""
    assert parted(written) == parts


@given(st.none() | st.text(alphabet="ab. ", min_size=1), st.text(alphabet='ab. "', min_size=1))
def test_what_is_listed_is_what_is_meant(schema, name):
    """Whatever a table is called, the name that is listed leads to it."""
    assert parted(joined(schema, name)) == (schema, name)
