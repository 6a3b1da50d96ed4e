"""What a column that fills a hub field is called: the meanings its name must have, may have, and must not have."""

from msgspec import Struct


class Pattern(Struct, frozen=True):
    """One way to name a column."""

    needs: tuple[str, ...]
    """Concepts that the name must have, each in a word of its own."""
    score: float
    """How sure the name is, from 0 to 1."""
    may: frozenset[str] = frozenset()
    """Concepts that change nothing."""
    never: frozenset[str] = frozenset()
    """Concepts that make it another thing."""


class Target(Struct, frozen=True):
    """One hub field and the columns that may fill it."""

    hub: str
    kinds: frozenset[str]
    """Kinds of column that can hold it: `text`, `number`, `flag`, `time`."""
    patterns: tuple[Pattern, ...]
    weight: float = 0.0
    """What finding it says about the table being the right one."""


def _target(hub: str, kinds: str, weight: float, may: str, never: str, **patterns: float) -> Target:
    ways = tuple(
        Pattern(tuple(needs.split("_")), score, frozenset(may.split()), frozenset(never.split()))
        for needs, score in patterns.items()
    )
    return Target(hub, frozenset(kinds.split()), ways, weight)


PRODUCTS: tuple[Target, ...] = (
    _target(
        "source_variant_code", "text number", 0.3, "item main internal",
        "supplier customer group brand bar ean parent image path size colour currency terms person country type "
        "price cost limit held quantity free net gross special zip province list tag weight time changed inactive "
        "active warehouse",
        sku=1.0, item_code=0.97, item_number=0.95, item_reference=0.93, code=0.9, number=0.85, reference=0.8,
        item_id=0.5, id=0.42,
    ),
    _target(
        "title", "text", 0.2, "item short number sale",
        "supplier customer group brand image path size colour currency terms person country type long note parent "
        "price code tag code",
        item_name=0.97, name=0.95, item_title=0.95, title=0.93, item_description=0.9, description=0.88,
        short_description=0.7, item_item=0.5,
    ),
    _target(
        "body_html", "text", 0.02, "item sale title",
        "supplier customer group brand image path size colour currency terms person type price code short",
        long_description=0.95, long=0.6, item_long=0.8, long_name=0.55, note=0.5, item_note=0.55, description=0.45,
    ),
    _target(
        "collection", "text number", 0.03, "item main name",
        "supplier customer image path tax price code id time number list parent sale type posting",
        item_group=0.9, group=0.88, group_name=0.9, group_description=0.85,
    ),
    _target(
        "vendor", "text", 0.02, "item name", "code id image path number reference",
        brand=0.9, brand_name=0.95,
    ),
    _target(
        "variants.barcode", "text number", 0.06, "item main code number", "type path image quantity price",
        ean=0.97, bar_code=0.95, bar=0.9,
    ),
    _target(
        "variants.qty", "number text", 0.1, "item main sale",
        "code id name description group price cost limit held special unit type time path number reference weight "
        "changed supplier currency inactive bin method unit flag",
        quantity_free=0.98, stock_free=0.98, quantity_stock=0.95, stock_quantity=0.95, stock_stock=0.9, stock=0.85,
        quantity=0.8, free=0.6,
    ),
    _target(
        "variants.price", "number text", 0.12, "item main unit net tax",
        "cost special id group time code currency type name description limit changed supplier reference",
        price_sale=0.97, price_net=0.94, price=0.93, price_list=0.92, price_gross=0.87, sale_net=0.7, sale_gross=0.6,
    ),
    _target(
        "variants.currency", "text", 0.01, "item code sale price", "id rate",
        currency=0.8, currency_code=0.9,
    ),
    _target(
        "variants.grams", "number", 0.01, "item", "id unit",
        weight_gram=0.95, gram=0.7,
    ),
    _target(
        "images.1", "text", 0.02, "item main path name", "id number code type list",
        image=0.8, image_path=0.95,
    ),
    _target(
        "tags", "text", 0.01, "item", "id code", tag=0.8,
    ),
    _target(
        "product_active", "flag number text", 0.04, "item sale", "time id changed price stock",
        active=0.9, active_active=0.9, inactive=0.85,
    ),
    _target(
        "variants.option1", "text", 0.01, "item name", "id group type list path", size=0.85, size_code=0.7,
    ),
    _target(
        "variants.option2", "text", 0.01, "item name", "id group type list path", colour=0.85, colour_code=0.7,
    ),
    _target(
        "source_product_code", "text", 0.02, "item", "name description image path type time",
        parent_code=0.9, parent_number=0.9, parent_sku=0.95, parent_reference=0.85, parent=0.6, parent_item=0.85,
    ),
)  # fmt: skip
ADDRESS_NEVER = "email id phone fax type code terms list"
CUSTOMERS: tuple[Target, ...] = (
    _target(
        "source_customer_code", "text number", 0.3, "customer main",
        "supplier group type price list zip country province phone mobile fax email name terms tax time changed "
        "currency person image path street city inactive active limit cost sale company",
        customer_code=0.97, customer_number=0.97, customer_reference=0.9, code=0.85, number=0.85, customer=0.6,
        reference=0.6, customer_id=0.5, id=0.35,
    ),
    _target(
        "company", "text", 0.15, "customer title number company",
        "first last person group type email path image id code street city country terms currency price list",
        customer_name=0.97, company_name=0.98, company=0.93, name=0.9, customer_description=0.6, title=0.5,
    ),
    _target(
        "email", "text", 0.2, "customer party main person number id street", "time active terms list type", email=0.95,
    ),
    _target("phone", "text", 0.08, "customer party main number company", "id type fax time", phone=0.95, mobile=0.6),
    _target("first_name", "text", 0.05, "customer person name", "id time changed", first=0.8, first_name=0.97),
    _target(
        "last_name", "text", 0.05, "customer person name", "id time changed price sale document stock cost",
        last_name=0.97, last=0.7,
    ),
    _target("person", "text", 0.03, "customer name", "id time email phone mobile code group type number", person=0.8),
    _target("addresses.1.address1", "text", 0.05, "customer name sale zip number", ADDRESS_NEVER, street=0.9),
    _target("addresses.1.city", "text", 0.06, "customer name", "id code", city=0.95),
    _target("addresses.1.zip", "text number", 0.06, "customer code sale", "id terms street", zip=0.95, zip_city=0.6),
    _target("addresses.1.province", "text", 0.02, "customer name code", "id time active inactive", province=0.85),
    _target("addresses.1.country", "text", 0.03, "customer name", "id code number", country=0.85),
    _target("addresses.1.country_code", "text", 0.03, "customer", "id number", country_code=0.95),
    _target(
        "price_tier", "text", 0.04, "customer name code", "id time path",
        price_list=0.9, price_group=0.9, price_trade=0.85, price=0.6,
    ),
    _target("customer_active", "flag number text", 0.03, "customer", "time id changed", active=0.9, inactive=0.85),
)  # fmt: skip
TARGETS = {"products": PRODUCTS, "customers": CUSTOMERS}
SUBJECT = {"products": frozenset({"item"}), "customers": frozenset({"customer", "party"})}
"""What a table of a stream is named after."""
STATES = {"products": "product_active", "customers": "customer_active"}
ASIDE = frozenset({"line", "document", "aside", "supplier", "group", "special"})
"""What a table's name says when its rows are something else."""
