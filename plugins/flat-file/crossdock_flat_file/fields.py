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
        Field("product_active", "product_active", "true or false; without the column all are active"),
        Field("body_html", "body_html"),
        Field("collection", "collection"),
        Field("product_type", "product_type"),
        Field("vendor", "vendor"),
        Field("tags", "tags", "labels between commas"),
        Field("variants.sku", "sku"),
        Field("variants.barcode", "barcode"),
        Field("variants.qty", "qty", "less than nothing counts as nothing", convert="not_negative"),
        Field("variants.price", "price"),
        Field("variants.grams", "grams"),
        Field("variants.inventory_management", "inventory_management", "without the column stock is tracked"),
        *(Field(f"options.{n}", f"option{n}_name") for n in (1, 2, 3)),
        *(Field(f"variants.option{n}", f"option{n}_value") for n in (1, 2, 3)),
        *(Field(f"images.{n}", f"image{n}", "address or code of a picture") for n in range(1, 10)),
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
        Field("customer_active", "customer_active", "true or false; without the column all are active"),
        Field("email", "email"),
        Field("first_name", "first_name"),
        Field("last_name", "last_name"),
        Field("company", "company"),
        Field("phone", "phone"),
        Field("accepts_marketing", "accepts_marketing"),
        Field("price_tier", "price_tier"),
        Field("qty_availability", "qty_availability"),
        *(Field(f"addresses.{n}.{name}", f"address{n}.{name}") for n in (1, 2) for name in _ADDRESS),
        Field("meta.*", "meta_*", "one attribute a column"),
    ),
)
MAPS = (PRODUCTS, CUSTOMERS)
