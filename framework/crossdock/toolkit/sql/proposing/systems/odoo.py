"""Odoo (PostgreSQL) with the modules `product`, `stock` and `sale`.

Source: the models in Odoo's public repository (`addons/product`, `addons/stock`, `odoo/addons/base`), series 13 to
19; not proved on an installation. Since series 16 translated texts are `jsonb` by language and `en_US` is always
there. A variant's price is its template's plus the extras of its attributes; quantities are those of internal
locations, less what is reserved.
"""

from crossdock.fieldmap import Field, FieldMap, Many, Table
from crossdock.toolkit.sql.proposing.known import KnownMap, KnownSystem

PRODUCTS = """
SELECT p."id", p."product_tmpl_id", p."default_code", p."barcode", {name} AS "name", g."complete_name",
       CASE WHEN p."active" AND t."active" AND t."sale_ok" THEN 1 ELSE 0 END AS "sold",
       t."list_price" + COALESCE((
           SELECT SUM(v."price_extra") FROM "product_variant_combination" c
           JOIN "product_template_attribute_value" v ON v."id" = c."product_template_attribute_value_id"
           WHERE c."product_product_id" = p."id"), 0) AS "price",
       COALESCE((
           SELECT SUM(q."quantity" - q."reserved_quantity") FROM "stock_quant" q
           JOIN "stock_location" l ON l."id" = q."location_id"
           WHERE q."product_id" = p."id" AND l."usage" = 'internal'), 0) AS "free_quantity"
FROM "product_product" p
JOIN "product_template" t ON t."id" = p."product_tmpl_id"
LEFT JOIN "product_category" g ON g."id" = t."categ_id"
WHERE p."default_code" <> ''
"""
STOCK = """
SELECT q."product_id", l."complete_name", SUM(q."quantity" - q."reserved_quantity") AS "free_quantity"
FROM "stock_quant" q
JOIN "stock_location" l ON l."id" = q."location_id"
WHERE l."usage" = 'internal'
GROUP BY q."product_id", l."complete_name"
"""
CUSTOMERS = """
SELECT p."id", p."ref", p."name", p."email", p."phone", p."active", p."street", p."street2", p."city", p."zip",
       (SELECT n."code" FROM "res_country" n WHERE n."id" = p."country_id") AS "country_code"
FROM "res_partner" p
WHERE p."customer_rank" > 0 AND p."parent_id" IS NULL
"""


def _products(name: str, types: dict[str, str]) -> KnownMap:
    return KnownMap(
        table="product_product",
        types=types,
        needs={
            "product_product": ("id", "product_tmpl_id", "default_code", "barcode", "active"),
            "product_template": ("id", "name", "list_price", "categ_id", "active", "sale_ok"),
            "product_category": ("id", "complete_name"),
            "product_variant_combination": ("product_product_id", "product_template_attribute_value_id"),
            "product_template_attribute_value": ("id", "price_extra"),
            "stock_quant": ("product_id", "location_id", "quantity", "reserved_quantity"),
            "stock_location": ("id", "usage", "complete_name"),
        },
        map=FieldMap(
            "products",
            Table(query=PRODUCTS.format(name=name), key="id"),
            (
                Field("source_product_code", "product_tmpl_id", "variants of one template are one product"),
                Field("source_variant_code", "default_code", "the internal reference"),
                Field("title", "name", "the template's name"),
                Field("categories", "complete_name", convert="slash_path"),
                Field("product_active", "sold", "active, and can be sold"),
                Field("variants.sku", "default_code"),
                Field("variants.barcode", "barcode"),
                Field("variants.qty", "free_quantity", "in internal locations, less reserved", convert="not_negative"),
                Field("variants.price", "price", "the template's price and the extras of the attributes"),
            ),
            (
                Many("variants.qty_availability", Table(query=STOCK), "product_id", "complete_name",
                     (Field("value", "free_quantity", convert="not_negative"),)),
            ),
        ),
        notes=(
            "Variants without an internal reference are left out: give them one, each its own.",
            "Names are those in the language en_US: put yours into the query.",
            "Price lists hold rules, not prices: only the sales price is read.",
            "Every read is full: moves of stock do not touch the product's write_date.",
        ),
    )  # fmt: skip


SYSTEM = KnownSystem(
    name="odoo",
    title="Odoo",
    markers={"product_template": ("categ_id",), "res_partner": ("id", "name"), "ir_module_module": ()},
    maps=(
        _products('t."name" ->> \'en_US\'', {"product_template.name": "json"}),
        _products('t."name"', {"product_template.name": "char"}),
        KnownMap(
            table="res_partner",
            needs={
                "res_partner": (
                    "id", "ref", "name", "email", "phone", "active", "street", "street2", "city", "zip", "country_id",
                    "customer_rank", "parent_id",
                ),
                "res_country": ("id", "code"),
            },
            map=FieldMap(
                "customers",
                Table(query=CUSTOMERS, key="id"),
                (
                    Field("source_customer_code", "id", "the reference (ref) is seldom filled, the id never changes"),
                    Field("company", "name"),
                    Field("email", "email"),
                    Field("phone", "phone"),
                    Field("customer_active", "active"),
                    Field("meta.ref", "ref"),
                    Field("addresses.1.address1", "street"),
                    Field("addresses.1.address2", "street2"),
                    Field("addresses.1.city", "city"),
                    Field("addresses.1.zip", "zip"),
                    Field("addresses.1.country_code", "country_code"),
                ),
            ),
            notes=("Partners that were ever invoiced (customer_rank) are read; contacts of a company are not.",),
        ),
    ),
)  # fmt: skip
