"""Literals that cannot be broken out of, shapes of every version, stamps, and what `$select` asks for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock import ConfigError, Field, FieldMap, Json, Table
from crossdock.testing.http_standin import Asked
from crossdock.testing.odata_standin import ODataService
from crossdock.toolkit.odata import literal
from crossdock.toolkit.odata.literals import both
from crossdock.toolkit.odata.properties import properties_of
from crossdock.toolkit.odata.shapes import list_in, next_link, plain
from crossdock.toolkit.odata.stamps import earlier, no_later_than_now

GUID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"


@pytest.mark.parametrize(
    ("value", "kind", "old", "new"),
    [
        ("O'Neill", None, "'O''Neill'", "'O''Neill'"),
        (7, "Edm.String", "'7'", "'7'"),
        (7, None, "7", "7"),
        (7, "Edm.Int64", "7L", "7"),
        ("1.5", "Edm.Decimal", "1.5M", "1.5"),
        (Decimal("1E+3"), None, "1000", "1000"),
        (True, None, "true", "true"),
        (None, None, "null", "null"),
        (GUID, "Edm.Guid", f"guid'{GUID}'", GUID),
        (UUID(GUID), None, f"guid'{GUID}'", GUID),
        ("2026-01-31", "Edm.Date", "2026-01-31", "2026-01-31"),
        (date(2026, 1, 31), None, "2026-01-31", "2026-01-31"),
        (datetime(2026, 1, 31, 8, tzinfo=UTC), None, "datetimeoffset'2026-01-31T08:00:00Z'", "2026-01-31T08:00:00Z"),
        ("2026-01-31T08:00:00", "Edm.DateTime", "datetime'2026-01-31T08:00:00'", "2026-01-31T08:00:00"),
    ],
)
def test_literals_are_written_as_the_version_has_them(value, kind, old, new):
    """Each type has its spelling, in versions up to 3 and in version 4."""
    assert (literal(value, kind, 2), literal(value, kind, 4)) == (old, new)


@given(value=st.text(), other=st.text(min_size=1))
def test_text_stays_text(value, other):
    """Whatever stands in a code, the filter finds just the entity with that code."""
    service = ODataService({"Items": [{"Code": value}, {"Code": value + other}]}, keys={"Items": "Code"})
    asked = Asked("GET", "/Items", {"$filter": f"Code eq {literal(value)}"}, {}, b"")
    assert [one["Code"] for one in service(asked).body["value"]] == [value]


@given(
    value=st.text(), kind=st.sampled_from(["Edm.Guid", "Edm.Date", "Edm.DateTimeOffset", "Edm.Decimal", "Edm.Int64"])
)
def test_what_stands_bare_is_a_value(value, kind):
    """Text that is no value of its type never gets into a filter without quotes."""
    try:
        written = literal(value, kind)
    except ConfigError:
        return
    assert not set(written) & set(" '()/$&?=,")


def test_conditions_are_joined():
    """Conditions are joined so that an `or` within one keeps to itself."""
    assert both(None, None) is None
    assert both("a eq 1", None) == "a eq 1"
    assert both("a eq 1 or b eq 2", "c eq 3") == "(a eq 1 or b eq 2) and c eq 3"


@pytest.mark.parametrize(
    ("body", "rows", "link"),
    [
        ({"value": [{"a": 1}], "@odata.nextLink": "x"}, [{"a": 1}], "x"),
        ({"value": [{"a": 1}], "odata.nextLink": "x"}, [{"a": 1}], "x"),
        ({"d": {"results": [{"a": 1}], "__next": "x"}}, [{"a": 1}], "x"),
        ({"d": [{"a": 1}]}, [{"a": 1}], None),
        ({"d": {"a": 1}}, [{"a": 1}], None),
        ({"value": [], "@odata.nextLink": ""}, [], None),
        ({"error": {"code": "1"}}, None, None),
        ("text", None, None),
        (None, None, None),
    ],
)
def test_answers_of_every_version_are_read(body, rows, link):
    """Rows and link are found wherever a version has them."""
    assert (list_in(body), next_link(body)) == (rows, link)


def test_entities_become_plain():
    """Notes of the service go, lists are lists, points in time ISO text; all else stays."""
    entity = {
        "@odata.etag": "W/1",
        "odata.type": "x",
        "__metadata": {"uri": "x"},
        "Prices@odata.count": 1,
        "Group": {"__deferred": {"uri": "x"}},
        "Lines": {"results": [{"__metadata": {}, "No": 1}]},
        "At": "/Date(1764028800000)/",
        "With": "/Date(1764028800500+0000)/",
        "Far": "/Date(99999999999999999)/",
        "Text": "results",
        "Address": {"results": "a street"},
    }
    assert plain(entity) == {
        "Lines": [{"No": 1}],
        "At": "2025-11-25T00:00:00",
        "With": "2025-11-25T00:00:00.500Z",
        "Far": "/Date(99999999999999999)/",
        "Text": "results",
        "Address": {"results": "a street"},
    }


@pytest.mark.parametrize(
    ("stamp", "seconds", "before"),
    [
        ("2026-01-01T10:00:00Z", 60, "2026-01-01T09:59:00Z"),
        ("2026-01-01T10:00:00.123Z", 60, "2026-01-01T09:59:00Z"),
        ("2026-01-01T10:00:00+02:00", 60, "2026-01-01T09:59:00+02:00"),
        ("2026-01-01T10:00:00", 60, "2026-01-01T09:59:00"),
        ("2026-01-02", 60, "2026-01-01"),
        ("2026-01-02T00:00:00Z", 60, "2026-01-01T00:00:00Z"),
        ("2026-01-02", 0, "2026-01-02"),
        (17, 60, 17),
        ("0x00AB", 60, "0x00AB"),
    ],
)
def test_stamps_move_back_as_they_are_written(stamp, seconds, before):
    """A stamp moved back is written as the service wrote it."""
    assert earlier(stamp, seconds) == before


def test_a_stamp_of_the_future_is_now():
    """A stamp in the future counts as now, one of the past stays."""
    assert no_later_than_now("2099-01-01T00:00:00Z")[:2] == "20"
    assert no_later_than_now("2099-01-01T00:00:00Z") < "2099"
    assert no_later_than_now("2099-01-01") < "2099"
    assert no_later_than_now("2020-01-01T00:00:00.5Z") == "2020-01-01T00:00:00.5Z"


@pytest.mark.parametrize(
    ("paths", "asked"),
    [
        (["a", "b"], ("a", "b", "k")),
        (["a.b.c"], ("a", "k")),
        (["a[?b==`1`].c | [0]"], ("a", "k")),
        (["a[].{description: b, qty: c}"], ("a", "k")),
        (["a || b"], ("a", "b", "k")),
        (["join(' ', [a, b])"], ("a", "b", "k")),
        (["sort_by(a, &b)[0].c"], ("a", "k")),
        (["values(a)", "a.*"], None),
        (["to_string(@)"], None),
        (["price_*"], None),
        (['"a@odata.mediaReadLink"'], ("k",)),
    ],
)
def test_properties_of_a_map(paths, asked):
    """What a path looks up in the entity is asked for, what it looks up further in is not; key and stamp always are."""
    fields = [Field(f"meta.{number}", path) for number, path in enumerate(paths)]
    assert properties_of(FieldMap("products", Table("t", key="k"), fields)) == asked


def test_properties_around_a_list():
    """Where rows are inside a list, the list is asked for, and of what is around it what `parent` names."""
    fields = [Field("title", "parent.Name.en"), Field("variants.sku", "Code")]
    assert properties_of(FieldMap("products", Json(each="Lines"), fields)) == ("Lines", "Name")
