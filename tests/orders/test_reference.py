"""References: readable where they fit, unique always, the same whenever they are derived."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.contract import ConfigError
from crossdock.orders.reference import ALPHABET, account_reference, references

KEYS = st.tuples(st.integers(1, 999), st.text(min_size=1, max_size=40), st.integers(1, 99), st.sampled_from("abc"))


@given(KEYS, st.integers(8, 40), st.booleans())
def test_a_reference_fits_and_is_plain(key, length, is_only):
    """Capitals, digits and hyphens, never longer than the ERP's field, and derived again the same."""
    found = references(key, length, is_only=is_only)
    assert all(len(one) <= length and set(one) <= {*ALPHABET, *"ILOU", "-"} for one in found)
    assert found == references(key, length, is_only=is_only)
    assert len(set(found)) == len(found)


def test_a_short_code_is_shown():
    """An order's number can be read in its document; the second document of an order gets another reference."""
    key = (3, "10045", 7, "sales_order")
    assert references(key, 20, is_only=True)[0] == "3-10045"
    assert "3-10045" not in references(key, 20, is_only=False)


@pytest.mark.parametrize("code", ["x" * 30, "ab", "10 45", "é1", "10_45"])
def test_what_does_not_fit_is_hashed(code):
    """A code that is too long, or has what a field may change, is not shown but stood for."""
    first = references((3, code, 7, "invoice"), 20, is_only=True)[0]
    assert (len(first), first[:2], code in first) == (20, "3-", False)


def test_two_channels_with_one_number_differ():
    """The same order number of two shops makes two references, also where only the hash fits."""
    for length in (8, 20):
        found = {references((channel, "10045", 7, "invoice"), length, is_only=True)[0] for channel in range(50)}
        assert len(found) == 50


def test_a_field_that_is_too_short_is_said():
    """Seven characters cannot be unique."""
    with pytest.raises(ConfigError, match="7 characters is too short"):
        references((1, "1", 1, "invoice"), 7, is_only=True)


def test_accounts_have_references_of_their_own():
    """A customer's reference does not depend on which order needed him first."""
    assert account_reference(7, "1:email:a@b", 20) == account_reference(7, "1:email:a@b", 20)
    assert account_reference(7, "1:email:a@b", 20)[0] != account_reference(8, "1:email:a@b", 20)[0]
