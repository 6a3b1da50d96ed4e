"""The operator's map over the declared one."""

import pytest

from crossdock.fieldmap import Field, FieldMap, FieldMapError, Json, Table
from crossdock.fieldmap.compile import Mapper, check_converters
from crossdock.fieldmap.override import override

DECLARED = FieldMap(
    "products",
    Table("StkItem", key="id", changed="at"),
    (
        Field("source_product_code", "grp"),
        Field("source_variant_code", "Code"),
        Field("title", "Descr"),
        Field("variants.sku", "Code"),
        Field("vendor", "Maker"),
    ),
)


def test_an_override_merges_by_hub_field():
    """A string is a column, a table any argument, false removes, and all else stays."""
    fields = {
        "title": "Name",
        "vendor": False,
        "meta.bin": {"column": "Bin", "trim": False},
        "tags": {"column": ["a", "b"], "convert": "comma"},
    }
    made = override("products", DECLARED, {"fields": fields, "key": "uid"})
    assert {one.hub: one.column for one in made.fields} == {
        "source_product_code": "grp",
        "source_variant_code": "Code",
        "title": "Name",
        "variants.sku": "Code",
        "meta.bin": "Bin",
        "tags": ("a", "b"),
    }
    assert made.source == Table("StkItem", key="uid", changed="at")


def test_a_query_takes_the_tables_place():
    """A query or another table replaces the declared one; both at once are an error."""
    assert override("products", DECLARED, {"query": "SELECT 1"}).source == Table(None, "id", "at", "SELECT 1")
    with pytest.raises(FieldMapError, match="either table or query"):
        override("products", DECLARED, {"query": "SELECT 1", "table": "t"})


def test_nested_rows_keep_their_shape():
    """A declared `each` stays unless it is said otherwise."""
    nested = FieldMap("products", Json(each="variants[]", key="id"), DECLARED.fields)
    assert override("products", nested, {}).source == nested.source
    assert override("products", nested, {"each": "skus[]"}).source == Json(each="skus[]", key="id")


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"tabel": "x"}, "did you mean 'table'"),
        ({"fields": {"variants.pric": "x"}}, "did you mean 'variants.price'"),
        ({"fields": {"title": {"colum": "x"}}}, "did you mean 'column'"),
        ({"fields": {"title": False}}, "not mapped but required: title"),
        ({"fields": {"title": {"note": "x"}}}, "needs a column or a constant"),
        ({"fields": {"tags": ["a", "b"]}}, "needs a converter"),
        ({"fields": {"source_variant_code": {"column": ["a", "b"], "convert": "add"}}}, "exactly one column"),
        ({"fields": {"title": 5}}, "must be a column"),
        ({"fields": {"options.4": "x"}}, "needs a number"),
        ({"fields": {"images.first": "x"}}, "needs a number"),
        ({"lists": {"variants.price_tiers": {"table": "t", "name": "n", "value": "v"}}}, "needs 'parent'"),
        ({"table": 5}, "products: table must be text, not 5"),
        ({"query": ["SELECT 1"]}, "query must be text"),
        ({"key": 7}, "key must be text"),
        ({"each": 1}, "each must be text"),
        ({"fields": "x"}, "fields must be a table, not 'x'"),
        ({"fields": {"tags": [1, 2]}}, "'tags': Expected"),
        ({"lists": "x"}, "lists must be a table"),
        ({"lists": {"variants.price_tiers": "x"}}, "'variants.price_tiers' must be a table"),
        ({"lists": {"variants.price_tiers": {"table": 1, "parent": "p", "name": "n"}}}, "table must be text"),
        ({"lists": {"variants.price_tiers": {"table": "t", "parent": "p", "name": "n", "fields": 1}}}, "be a table"),
    ],
)
def test_what_is_wrong_is_said(section, says):
    """An unknown key, a missing field or a setting that cannot work is named, with what was meant."""
    with pytest.raises(FieldMapError, match=says):
        override("products", DECLARED, section)


def test_one_hub_field_twice():
    """A hub field declared twice is refused."""
    twice = FieldMap("products", DECLARED.source, (*DECLARED.fields, Field("title", "Other")))
    with pytest.raises(FieldMapError, match="'title' is mapped twice"):
        override("products", twice, {})


def test_a_column_that_the_source_does_not_give():
    """A missing column is named with the nearest one; another case of letters is the same column."""
    columns = ("grp", "code", "descr", "maker")
    assert Mapper(DECLARED, columns, 7).map(("G", "A", "T", "M")) is not None
    with pytest.raises(FieldMapError, match="no column 'Descr'; did you mean 'desc'"):
        Mapper(DECLARED, ("grp", "code", "desc", "maker"), 7)


def test_a_converter_that_does_not_exist():
    """A misspelt converter is named with its field and those that are known."""
    bad = FieldMap("products", DECLARED.source, (*DECLARED.fields, Field("tags", "x", convert="coma")))
    with pytest.raises(FieldMapError, match=r"'tags': no converter is named 'coma'; known: .*comma"):
        check_converters(bad)


def test_a_path_that_is_none():
    """A path expression that cannot be read is refused when the map is made."""
    fields = (*DECLARED.fields, Field("meta.x", "a[?"))
    with pytest.raises(FieldMapError, match="not a path"):
        Mapper(FieldMap("products", Json(), fields), None, 7)
