"""Parts of `crossdock.toml` as they are written: whatever goes in comes out of a TOML reader the same."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock import Field, FieldMap, Many, Table
from crossdock.fieldmap.override import override
from crossdock.host.toml import connection_section, key, sync_section, value

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
"""Any text that UTF-8 can hold."""
SCALAR = TEXT | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
VALUE = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8)
FIELDS = ["source_product_code", "source_variant_code", "title", "variants.sku"]


@given(st.dictionaries(TEXT, VALUE, max_size=4))
@settings(max_examples=300)
def test_values_survive(data):
    """Texts with quotes, line ends, control characters and any script, numbers, flags, lists and tables survive."""
    text = "\n".join(f"{key(name)} = {value(one)}" for name, one in data.items())
    assert tomllib.loads(text) == data


@given(
    TEXT,
    TEXT.filter(lambda text: text and text[-1] != "*"),
    st.dictionaries(st.sampled_from(["url", "odbc", "a key"]), VALUE),
    TEXT.filter(lambda text: text.strip("\n")),
)
@settings(max_examples=200)
def test_a_connection_survives(name, column, given_settings, query):
    """Names, settings and queries of any text make a section that says the same, comments aside."""
    fields = [Field(hub, column, "a note") for hub in FIELDS]
    prices = Many("variants.price_tiers", Table(query=query), column, column, (Field("value", column),))
    one = FieldMap("products", Table(query=query, key=column, changed=column), fields, (prices,))
    text = connection_section(name, "plugin", given_settings, [one], ["a comment"])
    data = tomllib.loads(text)["connections"][name]
    assert {key: data[key] for key in given_settings} == given_settings
    again = override("products", None, data["products"])
    assert again.source.query.strip("\n") == query.strip("\n")
    assert (again.source.key, again.source.changed) == (column, column)
    assert [(one.hub, one.column) for one in again.fields] == [(hub, column) for hub in FIELDS]
    assert again.lists[0].parent == column
    assert again.lists[0].fields[0].column == column


@given(TEXT, TEXT)
def test_a_comment_says_nothing_to_the_reader(comment, note):
    """Whatever stands in a comment or a note, a table's name of several lines too, no key or section comes of it."""
    one = FieldMap("products", Table("t"), [Field("title", "a", note)])
    text = connection_section("erp", "x", {}, [one], [comment, "\n[store]\nurl = 'x'"])
    assert tomllib.loads(text) == tomllib.loads(
        connection_section("erp", "x", {}, [FieldMap("products", Table("t"), [Field("title", "a")])])
    )


def test_everything_that_a_field_may_say_is_written():
    """Values, converters, constants, several columns and what is not the default come back."""
    fields = [
        *(Field(hub, "code") for hub in FIELDS),
        Field("product_active", "state", values={"A": True, "*": "ignore"}),
        Field("variants.qty", ("a", "b"), convert=("subtract", "not_negative")),
        Field("variants.inventory_management", constant=True),
        Field("body_html", "text", trim=False, optional=True),
    ]
    text = connection_section("erp", "x", {}, [FieldMap("products", Table("items", key="id"), fields)])
    again = override("products", None, tomllib.loads(text)["connections"]["erp"]["products"])
    assert list(again.fields) == fields


def test_a_query_of_several_lines_stays_readable():
    """A query stands in the file as it was written, line by line."""
    query = "SELECT a\nFROM b -- it's \"quoted\"\nWHERE c = 'x'"
    text = connection_section("erp", "x", {}, [FieldMap("products", Table(query=query), [Field("title", "a")])])
    assert query in text


@given(TEXT, TEXT, st.lists(TEXT))
def test_a_sync_survives(name, source, channels):
    """A sync of any names is read as it was meant."""
    found = tomllib.loads(sync_section(name, source, channels, ["products"], "3m"))["syncs"][name]
    assert found == {"source": source, "channels": channels, "streams": ["products"], "every": "3m"}
