"""Which column fills which hub field; the same names serve CSV and JSON lines.

Source: the columns of the hub's product import (`how-it-works-product-import`) and of its customer template.
`product_active`, `gone`, `address2.*` and the like are ours: what this plugin writes as a channel.
"""

from crossdock import Field, FieldMap, Table
from crossdock.toolkit.files import LINE

_ADDRESS = (
    "first_name",
    "last_name",
    "company",
    "address1",
    "address2",
    "city",
    "province",
    "province_code",
    "zip",
    "country",
    "country_code",
    "phone",
)

PRODUCTS = FieldMap(
    "products",
    Table(key=LINE),
    (
        Field("source_product_code", "source_product_code", "groups variants; empty: the item stands alone"),
        Field("source_variant_code", "source_variant_code", "permanent and unique"),
        Field("title", "title"),
        Field("product_active", "product_active", "true or false; without the column all are active", optional=True),
        Field("body_html", "body_html", optional=True),
        Field("collection", "collection", optional=True),
        Field("product_type", "product_type", optional=True),
        Field("vendor", "vendor", optional=True),
        Field("tags", "tags", "labels between commas", optional=True),
        Field("variants.sku", "sku"),
        Field("variants.barcode", "barcode", optional=True),
        Field("variants.qty", "qty", "less than nothing counts as nothing", convert="not_negative", optional=True),
        Field("variants.price", "price", optional=True),
        Field("variants.grams", "grams", optional=True),
        Field("variants.inventory_management", "inventory_management", "without it stock is tracked", optional=True),
        *(Field(f"options.{n}", f"option{n}_name", optional=True) for n in (1, 2, 3)),
        *(Field(f"variants.option{n}", f"option{n}_value", optional=True) for n in (1, 2, 3)),
        *(Field(f"images.{n}", f"image{n}", "address or code of a picture", optional=True) for n in range(1, 10)),
        Field("variants.price_tiers.*", "price_*", "one price list a column"),
        Field("variants.qty_availability.*", "qty_*", "one warehouse a column"),
        Field("meta.*", "meta_*", "one attribute a column"),
        Field("variants.meta.*", "variant_meta_*", "one attribute of the variant a column"),
    ),
)
CUSTOMERS = FieldMap(
    "customers",
    Table(key=LINE),
    (
        Field("source_customer_code", "source_customer_code", "the account, as in the ERP"),
        Field("customer_active", "customer_active", "true or false; without the column all are active", optional=True),
        Field("email", "email", optional=True),
        Field("first_name", "first_name", optional=True),
        Field("last_name", "last_name", optional=True),
        Field("company", "company", optional=True),
        Field("phone", "phone", optional=True),
        Field("accepts_marketing", "accepts_marketing", optional=True),
        Field("price_tier", "price_tier", optional=True),
        Field("qty_availability", "qty_availability", optional=True),
        *(Field(f"addresses.{n}.{name}", f"address{n}.{name}", optional=True) for n in (1, 2) for name in _ADDRESS),
        Field("meta.*", "meta_*", "one attribute a column"),
    ),
)
MAPS = (PRODUCTS, CUSTOMERS)
