"""Open lists from child tables: how they are declared, and what their child rows become in the mapper."""

import json
from decimal import Decimal

import pytest

from crossdock.child.offer import stored_rows, to_json
from crossdock.fieldmap import Field, FieldMap, FieldMapError, Json, Many, Table
from crossdock.fieldmap.compile import Mapper, check_converters
from crossdock.fieldmap.entries import with_names
from crossdock.fieldmap.override import override
from crossdock.fieldmap.values import UNMAPPABLE
from crossdock.records import Customer, Product, Variant, decode

COLUMNS = ("code", "title", "id")
PRODUCT = (
    Field("source_product_code", "code"),
    Field("source_variant_code", "code"),
    Field("title", "title"),
    Field("variants.sku", "code"),
)
TIERS, STOCK, META, OPTIONS, IMAGES = (
    "variants.price_tiers",
    "variants.qty_availability",
    "meta",
    "options",
    "images",
)
VALUE = Field("value", "price")
PRICES = Table("Prices", key="id", changed="at")


def many(hub=TIERS, name="list", fields=(VALUE,), **more):
    """A list declared over the table of prices."""
    return Many(hub, PRICES, "item", name, fields, **more)


def mapper(*lists, fields=(), columns=COLUMNS, converters=None):
    """A mapper of a product with lists."""
    made = FieldMap("products", Table("Items", key="id"), (*PRODUCT, *fields), lists, converters or {})
    return Mapper(made, (*columns, *(one.column for one in lists)), 7)


def mapped(one, children, **more):
    """Product and variant of a row with these child rows in its one list."""
    found = mapper(one, **more).map(("A", "T", 1, children))
    assert found is not None
    return decode(found[5], Product), decode(found[6], Variant)


def reason(one, children, **more):
    """Why child rows cannot be mapped: hub field and reason."""
    made = mapper(one, **more)
    with pytest.raises(UNMAPPABLE):
        made.map(("A", "T", 1, children))
    return made.explain(("A", "T", 1, children))


def test_child_rows_become_entries_by_name():
    """Names are trimmed texts, values canonical numbers, entries sorted; no child rows are an empty list."""
    _, variant = mapped(many(), [("trade ", "9.50"), ("retail\x00", 10), (7, Decimal(1)), ("vip", 0.1)])
    assert variant.price_tiers == {"7": 1, "retail": 10, "trade": Decimal("9.5"), "vip": Decimal("0.1")}
    assert list(variant.price_tiers) == sorted(variant.price_tiers)
    assert mapped(many(), ())[1].price_tiers == {}
    assert mapped(many(META, fields=(Field("value", "x"),)), [("k", 5), ("z", None)])[0].meta == {"k": "5"}


def test_names_and_values_go_through_the_rules_of_fields():
    """`values`, `convert` and `trim` work for name and value; several columns go into a converter."""
    lists = Field("name", "no", values={"1": "retail", "2": "trade", "*": "ignore"})
    assert mapped(many(name=lists), [(1, 10), (2, 9), (3, "no number")])[1].price_tiers == {"retail": 10, "trade": 9}
    free = Field("value", ("on", "sold"), convert=("subtract", "not_negative"))
    found = mapped(many(STOCK, "wh", (free,)), [("CPT", 5, 2), ("JHB", 1, 3)])[1]
    assert found.qty_availability == {"CPT": 3, "JHB": 0}
    own = many(META, Field("name", "k", convert="dashed"), (Field("value", "x", trim=False),))
    assert mapped(own, [("a b", "x ")], converters={"dashed": lambda text: text.replace(" ", "-")})[0].meta == {
        "a-b": "x "
    }
    hidden = many(fields=(Field("value", "price", values={"0": "ignore", "5": 4}),))
    assert mapped(hidden, [("a", 0), ("b", 5)])[1].price_tiers == {"b": 4}


def test_a_named_entry_beats_the_lists():
    """An entry with a field of its own is that field's, also where its column is NULL, whatever the list says of it."""
    named = (Field(f"{TIERS}.vip", "title", values={"T": "8"}),)
    found = mapped(many(), [("retail", 10), ("vip", "no number")], fields=named)[1]
    assert found.price_tiers == {"retail": 10, "vip": 8}
    empty = (Field(f"{TIERS}.vip", "none"),)
    one = mapper(many(), fields=empty, columns=(*COLUMNS, "none"))
    found = one.map(("A", "T", 1, None, [("retail", 10), ("vip", 9)]))
    assert found is not None
    assert decode(found[6], Variant).price_tiers == {"retail": 10}


def test_columns_by_prefix_beat_the_lists_too():
    """Each column with a prefix is a named entry, and the list's own value is never taken for such a column."""
    columns = (*COLUMNS, "variants_vip", "variants_trade")
    one = mapper(many(), fields=(Field(f"{TIERS}.*", "variants*"),), columns=columns)
    found = one.map(("A", "T", 1, 8, 7, [("retail", 10), ("_vip", 9)]))
    assert found is not None
    assert decode(found[6], Variant).price_tiers == {"_trade": 7, "_vip": 8, "retail": 10}


@pytest.mark.parametrize(
    ("children", "field", "says"),
    [
        ([("retail", "ten")], f"{TIERS}.retail", "not a number: 'ten'"),
        ([("retail", 10), ("retail ", 11)], f"{TIERS}.retail", "is there twice, with different values"),
        ([(None, 10)], f"{TIERS}.?", "has no name"),
        ([("  ", 10)], f"{TIERS}.?", "has no name"),
    ],
)
def test_a_child_row_that_cannot_be_mapped_names_its_entry(children, field, says):
    """The item is set aside with the hub field, the entry and the reason, and never with another entry's value."""
    found, why = reason(many(), children)
    assert (found, says) == (field, why)


def test_equal_twins_and_empty_child_rows_are_harmless():
    """The same name with the same value is one entry; a row without name and value, as an outer join gives, is none."""
    assert mapped(many(), [(None, None), ("a", "1.0"), ("a ", 1)])[1].price_tiers == {"a": 1}
    assert mapped(many(), [("a", None), ("a", 1)])[1].price_tiers == {"a": 1}


def test_pictures_stand_in_the_order_of_their_names():
    """Numbers order by value, what has none comes last, named pictures stand first, each code is there once."""
    fields = (Field("url", "u"), Field("code", "c"))
    children = [
        (10, "https://x.example/b", "b"),
        (None, None, "z"),
        (9, None, "a"),
        (11, None, "main"),
        (3, None, None),
    ]
    product, _ = mapped(many(IMAGES, "pos", fields), children, fields=(Field("images.1", constant="main"),))
    assert product.images is not None
    assert [(one.code, one.url) for one in product.images] == [
        ("main", None),
        ("a", None),
        ("b", "https://x.example/b"),
        ("z", None),
    ]
    plain = mapped(many(IMAGES, "pos", (Field("value", "u"),)), [("x", "p2"), ("2", "p1"), ("nan", "p3"), (1, None)])
    assert [one.code for one in plain[0].images or ()] == ["p1", "p3", "p2"]


def test_options_stand_in_the_order_of_their_names():
    """Option names are ordered by number; two of one place are refused."""
    size = (Field("variants.option1", "title"), Field("variants.option2", "title"))
    one = many(OPTIONS, "pos", (Field("value", "label"),))
    assert mapped(one, [(10, "Colour"), (9, "Size")], fields=size)[0].options == ("Size", "Colour")
    assert reason(one, [(1, "Size"), (1, "Colour")])[0] == "options.1"


def customer(children, fields=()):
    """A customer of a row with these addresses."""
    columns = ("name", "kind", "street", "town")
    listed = many(
        "addresses",
        "name",
        (
            Field("type", "kind", values={"B": "billing", "S": "shipping", "X": "ignore", "": None}),
            Field("city", "town"),
            Field("address1", "street"),
            Field("country_code", constant="ZA"),
        ),
    )
    assert set(listed.columns) == set(columns)
    every = (Field("source_customer_code", "code"), *fields)
    made = Mapper(FieldMap("customers", Table("c"), every, [listed]), ("code", listed.column), 7)
    children = [tuple(child[columns.index(one)] for one in listed.columns) for child in children]
    found = made.map(("ACM", children))
    assert found is not None
    return decode(found[6], Customer).addresses


def test_addresses_have_fields():
    """Each child row is an address under its name, or two where the types differ; named ones stand first."""
    children = [
        ("Main", "S", "2 Sea St", "Durban"),
        ("Main", "B", "1 Long St ", "Cape Town"),
        ("Old", "X", "x", "x"),
        ("10", None, None, "George"),
        ("9", None, None, "Knysna"),
        ("1", "B", "from the list", "x"),
    ]
    found = customer(children, (Field("addresses.1.city", constant="Paarl"),))
    assert [(one.address_code, one.type, one.address1, one.city, one.country_code) for one in found] == [
        (None, None, None, "Paarl", None),
        ("9", None, None, "Knysna", "ZA"),
        ("10", None, None, "George", "ZA"),
        ("Main", "billing", "1 Long St", "Cape Town", "ZA"),
        ("Main", "shipping", "2 Sea St", "Durban", "ZA"),
    ]
    with pytest.raises(UNMAPPABLE, match="twice"):
        customer([("A", "B", "x", "y"), ("A", "B", "x", "z")])


def test_child_rows_are_part_of_the_row_hash():
    """A child row that changes changes the hash; the row's own key and stamp still do not."""
    one = many()
    made = FieldMap("products", Table("Items", key="id", changed="at"), PRODUCT, [one])
    hashes = Mapper(made, ("code", "title", "id", "at", one.column), 7).identify
    rows = [
        ("A", "T", 1, 1, [("a", 1)]),
        ("A", "T", 2, 2, [("a", 1)]),
        ("A", "T", 1, 1, [("a", 2)]),
        ("A", "T", 1, 1, ()),
    ]
    found = hashes(rows)[1]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    plain = Mapper(FieldMap("products", Table("Items", key="id"), PRODUCT), ("code", "title", "id"), 7)
    assert plain.identify([("A", "T", 1)])[1] != found[3:]


def test_a_source_that_gives_no_child_rows_is_refused():
    """A source that ignores `lists` does not silently send empty lists."""
    for columns in (COLUMNS, None):
        with pytest.raises(FieldMapError, match=r"does not read child tables.*'variants.price_tiers'"):
            Mapper(FieldMap("products", Table("Items"), PRODUCT, [many()]), columns, 7)


def test_a_stored_row_maps_as_the_read_one_did():
    """A row that was set aside is stored with the names of the child's columns, so a map in another order reads it."""
    one = many(fields=(Field("value", ("price", "off"), convert="subtract"),))
    made = FieldMap("products", Table("Items", key="id"), PRODUCT, [one])
    row = ("A", "T", 1, [("retail", Decimal("10.50"), 1), ("trade", 9, None)])
    shown = with_names(made, (*COLUMNS, one.column), row)
    assert shown[one.column][0] == {"list": "retail", "price": Decimal("10.50"), "off": 1}
    stored = json.loads(to_json(shown))
    turned = FieldMap(
        "products", made.source, PRODUCT, [many(fields=(Field("value", ("off", "price"), convert="add"),))]
    )
    for again, price in ((made, Decimal("9.5")), (turned, Decimal("11.5"))):
        (rows,) = stored_rows([stored], again)
        found = Mapper(again, rows.columns, 7).map(rows.rows[0])
        assert found is not None
        assert decode(found[6], Variant).price_tiers == {"retail": price, "trade": 9}
    other = FieldMap("products", made.source, PRODUCT, [many(fields=(Field("value", "net"),))])
    with pytest.raises(FieldMapError, match="no 'net' of the child table; read the item again"):
        list(stored_rows([stored], other))


SECTION = {
    "table": "t",
    "fields": {"source_product_code": "g", "source_variant_code": "c", "title": "t", "variants.sku": "c"},
}
LIST = {"table": "p", "parent": "i", "name": "n", "value": "v"}


def listed(hub=TIERS, **more):
    """The map of a section with one list."""
    given = {key: value for key, value in {**LIST, **more}.items() if value is not None}
    return override("products", None, {**SECTION, "lists": {hub: given}})


def test_a_list_as_the_operator_writes_it():
    """Table or query, keys, name and value with settings, or fields: each becomes the declaration it stands for."""
    (one,) = listed(key="k", changed="at", parent_key="StyleId").lists
    assert one == Many(TIERS, Table("p", "k", "at"), "i", "n", (Field("value", "v"),), "StyleId")
    (one,) = listed(
        table=None,
        query="SELECT 1",
        name={"column": "n", "values": {"1": "retail"}},
        value={"column": ["a", "b"], "convert": "subtract"},
    ).lists
    assert one.table == Table(query="SELECT 1")
    assert one.naming == Field("name", "n", values={"1": "retail"})
    assert one.columns == ("n", "a", "b")
    (one,) = listed(IMAGES, value=None, fields={"url": "u", "code": "c"}).lists
    assert one.fields == (Field("url", "u"), Field("code", "c"))


def test_an_override_merges_into_a_declared_list():
    """What is not said stays as declared, a query takes a table's place, `false` takes the list away."""
    declared = FieldMap("products", Table("t", key="id"), PRODUCT, [many(parent_key="code")])
    (one,) = override("products", declared, {"lists": {TIERS: {"value": "net"}}}).lists
    assert one == many(fields=(Field("value", "net"),), parent_key="code")
    (one,) = override("products", declared, {"lists": {TIERS: {"query": "SELECT 1"}}}).lists
    assert one.table == Table(None, "id", "at", "SELECT 1")
    assert override("products", declared, {"lists": {TIERS: False}}).lists == ()
    assert override("products", declared, {}).lists == (many(parent_key="code"),)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: listed("variants.price_tier"), "is no open list; did you mean 'variants.price_tiers'"),
        (lambda: listed("tags.zzzzzzzz"), "the hub's lists are variants.qty_availability"),
        (lambda: override("products", None, {**SECTION, "lists": {"title": False}}), "no open list"),
        (lambda: listed(parnt="x"), "unknown key 'parnt'; did you mean 'parent'"),
        (lambda: listed(query="SELECT 1"), "either table or query"),
        (lambda: listed(table=None), "needs 'table'"),
        (lambda: listed(parent=None), "needs 'parent'"),
        (lambda: listed(name=None), "needs 'name'"),
        (lambda: listed(name={"constant": "x"}), "'name' needs a column"),
        (lambda: listed(name=5), "'name' must be a column"),
        (lambda: listed(value=None), "needs the column that its `value` comes from"),
        (lambda: listed(value={"colum": "x"}), "did you mean 'column'"),
        (lambda: listed(value={"note": "x"}), "'value' needs a column or a constant"),
        (lambda: listed(value=["a", "b"]), "'value' reads several columns and needs a converter"),
        (lambda: listed(value="price_*"), "by name, not by prefix"),
        (lambda: listed(value=None, fields={"price": "p"}), "an entry has no field 'price'; known: value"),
        (lambda: listed(IMAGES, value=None, fields={"ulr": "p"}), "did you mean 'url'"),
        (lambda: listed(IMAGES, fields={"url": "p"}), "either value or fields"),
        (lambda: listed(fields="x"), "fields must be a table"),
        (lambda: override("products", None, {**SECTION, "each": "x[]", "lists": {TIERS: LIST}}), "nested objects"),
    ],
)
def test_a_list_that_cannot_work_is_refused(make, says):
    """What is wrong with a list is said when the map is made, with its place and what to do."""
    with pytest.raises(FieldMapError, match=says):
        make()


def test_declared_lists_are_checked_too():
    """A plugin's own lists are held to the same rules: twice the same, and converters that do not exist."""
    twice = FieldMap("products", Table("t", key="id"), PRODUCT, [many(), many()])
    with pytest.raises(FieldMapError, match="is mapped twice"):
        override("products", twice, {"lists": {}})
    bad = FieldMap("products", Table("t", key="id"), PRODUCT, [many(name=Field("name", "n", convert="uper"))])
    with pytest.raises(FieldMapError, match=r"'variants.price_tiers: name': no converter is named 'uper'"):
        check_converters(bad)
    with pytest.raises(FieldMapError, match="no converter is named 'uper'"):
        Mapper(bad, (*COLUMNS, many().column), 7)


def test_incremental_needs_a_change_column_everywhere():
    """Only where the table and every child table name a change column can a read ask for what changed."""
    source, bare = Table("t", key="id", changed="at"), Many(STOCK, Table("s"), "i", "n", (Field("value", "v"),))
    assert FieldMap("products", source, PRODUCT).is_incremental
    assert FieldMap("products", source, PRODUCT, [many()]).is_incremental
    assert not FieldMap("products", source, PRODUCT, [many(), bare]).is_incremental
    assert not FieldMap("products", Table("t"), PRODUCT, [many()]).is_incremental
    assert not FieldMap("products", Json(), PRODUCT).is_incremental
