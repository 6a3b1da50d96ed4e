"""The generated mapper: every kind of hub field, trimming, open lists, paths, and rows that cannot be mapped."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.fieldmap import Field, FieldMap, Json, Table
from crossdock.fieldmap.compile import Mapper
from crossdock.fieldmap.values import UNMAPPABLE
from crossdock.records import Customer, Product, Variant, decode, encode

REQUIRED = (
    Field("source_product_code", "grp"),
    Field("source_variant_code", "code"),
    Field("title", "title"),
    Field("variants.sku", "code"),
)


def mapper(*fields, columns=None, source=None, converters=None):
    """A mapper of the required fields and these."""
    hubs = {one.hub for one in fields}
    every = (*(one for one in REQUIRED if one.hub not in hubs), *fields)
    return Mapper(FieldMap("products", source or Table("t", key="id"), every, converters=converters or {}), columns, 7)


def mapped(row, *fields, **more):
    """The product and variant of one row."""
    found = mapper(*fields, **more).map({"grp": "G", "code": "A", "title": "T", **row})
    assert found is not None
    return decode(found[5], Product), decode(found[6], Variant)


def reason(row, *fields):
    """Why a row cannot be mapped: hub field and reason."""
    one = mapper(*fields)
    row = {"grp": "G", "code": "A", "title": "T", **row}
    with pytest.raises(UNMAPPABLE):
        one.map(row)
    return one.explain(row)


@pytest.mark.parametrize(
    ("hub", "native", "name", "value"),
    [
        ("vendor", "Acme  \x00", "vendor", "Acme"),
        ("vendor", 7, "vendor", "7"),
        ("vendor", Decimal("1E+2"), "vendor", "100"),
        ("vendor", b"Acme", "vendor", "Acme"),
        ("vendor", date(2026, 1, 2), "vendor", "2026-01-02"),
        ("tags", "b, a,,a", "tags", ("a", "b")),
        ("tags", ["x", "y"], "tags", ("x", "y")),
        ("tags", None, "tags", ()),
        ("categories", "Shoes/Running", "categories", (("Shoes", "Running"),)),
        ("categories", [["Shoes", "Running"], ["Sale"]], "categories", (("Shoes", "Running"), ("Sale",))),
    ],
)
def test_texts_and_lists_of_a_product(hub, native, name, value):
    """Each kind of a product's field is made canonical."""
    product, _ = mapped({"x": native}, Field(hub, "x"))
    assert getattr(product, name) == value


@pytest.mark.parametrize(
    ("hub", "native", "name", "value"),
    [
        ("variants.qty", "12.50 ", "qty", Decimal("12.5")),
        ("variants.qty", 3, "qty", Decimal(3)),
        ("variants.qty", "  ", "qty", None),
        ("variants.qty", None, "qty", None),
        ("variants.price", 0.1, "price", Decimal("0.1")),
        ("variants.price", 1e16, "price", Decimal(10**16)),
        ("variants.price", -0.0, "price", Decimal(0)),
        ("product_active", "Y", "active", True),
        ("product_active", 0, "active", False),
        ("product_active", None, "active", True),
        ("variants.prices_include_tax", None, "prices_include_tax", None),
        ("variants.inventory_management", "no", "inventory_management", False),
        ("variants.barcode", "600 ", "barcode", "600"),
    ],
)
def test_numbers_and_flags_of_a_variant(hub, native, name, value):
    """Each kind of a variant's field is made canonical."""
    _, variant = mapped({"x": native}, Field(hub, "x"))
    assert getattr(variant, name) == value


def test_pictures_and_options_in_their_order():
    """Pictures and option names keep their numbers' order; an address is a URL only where it is one."""
    fields = (
        Field("images.1", "i"),
        Field("images.2", "j"),
        Field("options.1", constant="Size"),
        Field("variants.option1", "s"),
    )
    product, variant = mapped({"i": "https://x.example/1.png", "j": "pic-7", "s": "L"}, *fields)
    assert product.images is not None
    assert [(one.code, one.url) for one in product.images] == [("https://x.example/1.png",) * 2, ("pic-7", None)]
    assert product.options == ("Size",)
    assert variant.option1 == "L"


def test_open_lists_by_prefix_and_by_name():
    """A prefix takes one column an entry, a named entry wins, and a name may hold dots."""
    fields = (
        Field("variants.price_tiers.*", "price_*"),
        Field("variants.price_tiers.vip", "best"),
        Field("variants.qty_availability.CPT.1", "cpt"),
        Field("meta.bin", "bin"),
    )
    columns = ("grp", "code", "title", "price_retail", "price_vip", "best", "cpt", "bin")
    found = mapper(*fields, columns=columns).map(("G", "A", "T", 10, 9, "8.0", 4, None))
    assert found is not None
    variant, product = decode(found[6], Variant), decode(found[5], Product)
    assert variant.price_tiers == {"retail": Decimal(10), "vip": Decimal(8)}
    assert variant.qty_availability == {"CPT.1": Decimal(4)}
    assert product.meta == {}
    assert mapped({"price_retail": 10, "price_vip": 9, "best": 8, "cpt": 4}, *fields)[1] == variant


def test_values_translate_and_ignore():
    """A table of values translates whatever the case, and can leave a row alone."""
    field = Field("product_active", "s", values={"Active": True, "Delete": False, "Ignore": "ignore"})
    assert mapped({"s": "ACTIVE "}, field)[1].active is True
    assert mapped({"s": "Delete"}, field)[1].active is False
    assert mapper(field).map({"grp": "G", "code": "A", "title": None, "s": "Ignore"}) is None
    hub, why = reason({"s": "Maybe"}, field)
    assert hub == "product_active"
    assert "'Maybe'" in why
    assert "'Active'" in why


def test_converters_in_their_order():
    """Several columns go into the first converter, its value into the next; a plugin's own have names too."""
    free = Field("variants.qty", ("on", "committed"), convert=("subtract", "not_negative"))
    assert mapped({"on": 5, "committed": "7"}, free)[1].qty == 0
    assert mapped({"on": 5, "committed": None}, free)[1].qty == 5
    own = Field("vendor", "v", convert=("lower", "dashed"))
    assert mapped({"v": "A B"}, own, converters={"dashed": lambda text: text.replace(" ", "-")})[0].vendor == "a-b"


def test_trimming():
    """Blanks and NULs are cut from the end of text before converters, unless the field says not to."""
    assert mapped({"v": "Acme \x00\x00"}, Field("vendor", "v"))[0].vendor == "Acme"
    assert mapped({"v": "Acme "}, Field("vendor", "v", trim=False))[0].vendor == "Acme "


def test_a_row_without_a_group_stands_alone():
    """No product code means the item's own."""
    for nothing in (None, "", "  "):
        assert mapped({"grp": nothing})[0].source_product_code == "A"


@pytest.mark.parametrize(
    ("row", "fields", "hub", "says"),
    [
        ({"code": None}, (), "source_variant_code", "empty"),
        ({"code": " \x00"}, (), "source_variant_code", "empty"),
        ({"code": "A\nB"}, (), "source_variant_code", "not usable"),
        ({"title": None}, (), "title", "empty"),
        ({"x": "many"}, (Field("variants.qty", "x"),), "variants.qty", "not a number: 'many'"),
        ({"x": "perhaps"}, (Field("product_active", "x"),), "product_active", "neither yes nor no"),
        ({"x": {}}, (Field("vendor", "x"),), "vendor", "not text"),
        ({"x": float("nan")}, (Field("variants.price", "x"),), "variants.price", "not a finite number"),
        ({"x": "abc"}, (Field("variants.price_tiers.vip", "x"),), "variants.price_tiers.vip", "not a number"),
    ],
)
def test_what_cannot_be_mapped_names_its_field(row, fields, hub, says):
    """The explanation names the hub field as the map spells it, and the value."""
    found, why = reason(row, *fields)
    assert found == hub
    assert says in why


def test_paths_into_nested_rows():
    """A path expression reaches into objects, the enclosing one included, and lists are taken apart by `each`."""
    source = Json(each="variants[]", key="id")
    fields = (
        Field("source_product_code", "parent.id"),
        Field("title", "parent.name.en"),
        Field("source_variant_code", "code"),
        Field("variants.sku", "code"),
        Field("variants.price", "prices[?list=='retail'].amount | [0]"),
        Field("variants.price_tiers.*", "tiers"),
        Field("images.*", "parent.pictures"),
        Field("meta.*", "parent.meta"),
    )
    one = Mapper(FieldMap("products", source, fields), None, 7)
    given = {
        "id": "P",
        "name": {"en": "Shirt"},
        "pictures": [{"src": "https://x.example/1.png"}, "two"],
        "meta": {"k": 1},
        "variants": [
            {"id": 1, "code": "A", "prices": [{"list": "trade", "amount": 1}, {"list": "retail", "amount": 2.5}]},
            {"id": 2, "code": "B", "prices": [], "tiers": [{"tier": "vip", "price": "3"}]},
        ],
    }
    rows = one.expand([given])
    codes, _, keys = one.identify(rows)
    assert codes == ["A", "B"]
    assert keys == ["1", "2"]
    found = [one.map(row) for row in rows]
    first, second = (decode(row[6], Variant) for row in found if row is not None)
    assert (first.price, second.price, second.price_tiers) == (Decimal("2.5"), None, {"vip": Decimal(3)})
    assert found[0] is not None
    product = decode(found[0][5], Product)
    assert (product.title, product.meta) == ("Shirt", {"k": "1"})
    assert product.images is not None
    assert [one.code for one in product.images] == ["https://x.example/1.png", "two"]


def test_the_changed_column_is_not_part_of_a_row():
    """A row whose only news is the time of its change has the same hash."""
    one = mapper(columns=("grp", "code", "title", "at"), source=Table("t", changed="at"))
    hashes = one.identify([("G", "A", "T", 1), ("G", "A", "T", 2), ("G", "A", "U", 2)])[1]
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_native_code_keeps_its_type():
    """A code that is a number in the ERP is kept as one, to ask for it later."""
    found = mapper(columns=("grp", "code", "title")).map(("G", 42, "T"))
    assert found is not None
    assert found[0] == "42"
    assert found[2] == "42"
    found = mapper(columns=("grp", "code", "title")).map(("G", "42 ", "T"))
    assert found is not None
    assert found[0] == "42"
    assert found[2] == '"42 "'


def test_customers():
    """A customer's fields, addresses and flag."""
    fields = (
        Field("source_customer_code", "acc"),
        Field("company", "name"),
        Field("customer_active", "hold", values={"0": True, "1": False}),
        Field("addresses.1.city", "city"),
        Field("addresses.2.city", "none"),
        Field("meta.rep", "rep"),
    )
    row = {"acc": "ACM", "name": "Acme", "hold": 1, "city": "Cape Town", "none": "", "rep": "Jo"}
    found = Mapper(FieldMap("customers", Table("c"), fields), None, 7).map(row)
    assert found is not None
    customer = decode(found[6], Customer)
    assert (customer.source_customer_code, customer.company, customer.active) == ("ACM", "Acme", False)
    assert [one.city for one in customer.addresses] == ["Cape Town"]
    assert customer.meta == {"rep": "Jo"}


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(max_size=8),
    st.binary(max_size=8),
    st.binary(max_size=4).map(bytearray),
    st.binary(max_size=4).map(memoryview),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.times(),
    st.timedeltas(),
    st.uuids(),
    st.sampled_from(["A", " A", "true", "0", "1,2", "a/b", "Ignore", UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC)]),
)
CELLS = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.dictionaries(st.sampled_from(["url", "code", "tier", "price", "k"]), SCALARS, max_size=3),
    st.lists(
        st.dictionaries(st.sampled_from(["tier", "price", "src", "name", "position"]), SCALARS, max_size=2), max_size=2
    ),
)
ANYTHING = (
    "source_product_code",
    "source_variant_code",
    "title",
    "variants.sku",
    "product_active",
    "vendor",
    "tags",
    "categories",
    "images.*",
    "images.1",
    "meta.*",
    "meta.x",
    "options.*",
    "options.1",
    "variants.option1",
    "variants.qty",
    "variants.price",
    "variants.price_tiers.*",
    "variants.price_tiers.vip",
    "variants.qty_availability.*",
    "variants.barcode",
    "variants.meta.*",
)
WILD = Mapper(
    FieldMap("products", Table("t", key="c0"), tuple(Field(hub, f"c{n}") for n, hub in enumerate(ANYTHING))), None, 7
)


@given(
    st.fixed_dictionaries({f"c{n}": CELLS for n in range(4, len(ANYTHING))}), st.lists(SCALARS, min_size=4, max_size=4)
)
def test_any_cell_is_mapped_or_unmappable(row, codes):
    """Whatever a driver gives, a row maps to records that decode to the same bytes, or is set aside with a reason."""
    row = {**dict(zip(("c0", "c1", "c2", "c3"), codes, strict=True)), **row}
    [code], _, _ = WILD.identify([row])
    try:
        found = WILD.map(row)
    except UNMAPPABLE:
        hub, why = WILD.explain(row)
        assert why
        assert hub in ANYTHING or hub is None
        return
    assert found is not None
    assert found[0] == code
    product, variant = decode(found[5], Product), decode(found[6], Variant)
    assert encode(variant) == found[6]
    assert encode(product) == found[5]
