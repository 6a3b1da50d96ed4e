"""Rows inside nested objects are set aside as they were found, and mapped again as they are."""

import pytest

from crossdock.child.offer import Reading, stored_rows
from crossdock.child.transform import Transforms
from crossdock.fieldmap import Field, FieldMap, Json, Table
from crossdock.wire.frames import Mapped

FIELDS = [
    Field("source_product_code", "parent.id"),
    Field("source_variant_code", "code"),
    Field("title", "parent.name"),
    Field("variants.sku", "code"),
]
NESTED = FieldMap("products", Json(each="variants[]"), FIELDS)
NAMED = [Field("source_product_code", "style"), Field("title", "Full name (en)"), *FIELDS[1::2]]
FLAT = FieldMap("products", Table("item", key="id"), NAMED)


def mapped(fieldmap, row):
    """Maps one stored row as the child does and gives the frame."""
    sent = []
    reading = Reading(fieldmap, 7, Transforms(()), sent.append)
    reading.is_expanded = True
    reading.run(stored_rows([row], fieldmap), lambda: None, lambda: False, direct=True)
    (frame,) = [one for one in sent if isinstance(one, Mapped)]
    return frame


def test_a_nested_row_keeps_its_enclosing_object():
    """A row that was found inside an object maps from what was stored of both."""
    frame = mapped(NESTED, {"code": "A-1", "parent": {"id": "A", "name": "Shirt", "variants": [{"code": "A-1"}]}})
    assert [(row[2], row[3]) for row in frame.rows] == [("A-1", "A")]


def test_a_nested_row_that_is_bad_stays_one_row():
    """A stored row is not taken apart again: a bad one comes back as one bad row."""
    frame = mapped(NESTED, {"code": "A-1", "parent": {"id": "A", "variants": [{"code": "A-1"}, {"code": "A-2"}]}})
    assert [bad.field for bad in frame.bad] == ["title"]


@pytest.mark.parametrize("code", ["A-1", "B-2"])
def test_columns_of_a_table_are_taken_by_name(code):
    """A stored row of a table maps by its columns' names, whatever characters they have."""
    frame = mapped(FLAT, {"style": "A", "code": code, "Full name (en)": "Shirt", "id": 1})
    assert [row[2] for row in frame.rows] == [code]
