"""Tryton (PostgreSQL or SQLite) with the modules `product`, `stock` and `sale`.

Source: the tables that trytond 8.2.1 itself made with these modules on SQLite; `street` in place of
`street_unstructured` and list prices by template alone are those of series 7.0. A quantity is the sum of moves:
done ones count, assigned ones are gone from free stock. A variant of the database's own language is read.
"""

from crossdock.fieldmap import Field, FieldMap, Many, Table
from crossdock.toolkit.sql.proposing.known import KnownMap, KnownSystem

OWN_PRICE = """
           (SELECT MAX(l."list_price") FROM "product_list_price" l WHERE l."product" = p."id"),"""
OF_TEMPLATE = ' AND l."product" IS NULL'
"""A variant's own price names its template too (`product.list_price`, module `product` 8.2)."""
PRODUCTS = """
SELECT p."id", p."template", p."code", t."name", p."description",
       CASE WHEN p."active" AND t."active" AND t."salable" THEN 1 ELSE 0 END AS "sold",
       CASE WHEN t."type" = 'service' OR t."consumable" THEN 0 ELSE 1 END AS "stocked",
       (SELECT MIN(d."code") FROM "product_identifier" d WHERE d."product" = p."id" AND d."type" = 'ean') AS "ean",
       COALESCE({own_price}
           (SELECT MAX(l."list_price") FROM "product_list_price" l
            WHERE l."template" = t."id"{of_template})) AS "list_price",
       COALESCE((SELECT SUM(m."internal_quantity") FROM "stock_move" m
                 JOIN "stock_location" l ON l."id" = m."to_location"
                 WHERE m."product" = p."id" AND m."state" = 'done' AND l."type" = 'storage'), 0)
       - COALESCE((SELECT SUM(m."internal_quantity") FROM "stock_move" m
                   JOIN "stock_location" l ON l."id" = m."from_location"
                   WHERE m."product" = p."id" AND m."state" IN ('done', 'assigned') AND l."type" = 'storage'), 0)
       AS "free_quantity"
FROM "product_product" p
JOIN "product_template" t ON t."id" = p."template"
WHERE p."code" <> ''
"""
STOCK = """
SELECT m."product", w."name", SUM(m."quantity") AS "free_quantity"
FROM (SELECT "product", "to_location" AS "location", "internal_quantity" AS "quantity"
      FROM "stock_move" WHERE "state" = 'done'
      UNION ALL
      SELECT "product", "from_location", -"internal_quantity"
      FROM "stock_move" WHERE "state" IN ('done', 'assigned')) m
JOIN "stock_location" l ON l."id" = m."location" AND l."type" = 'storage'
JOIN "stock_location" w ON w."type" = 'warehouse' AND l."left" > w."left" AND l."right" < w."right"
GROUP BY m."product", w."name"
"""
CUSTOMERS = """
SELECT y."id", y."code", y."name", y."active", a."{street}" AS "street", a."city", a."postal_code",
       (SELECT n."code" FROM "country_country" n WHERE n."id" = a."country") AS "country_code",
       (SELECT c."value" FROM "party_contact_mechanism" c
        WHERE c."party" = y."id" AND c."type" = 'email' AND c."active"
        ORDER BY c."sequence", c."id" LIMIT 1) AS "email",
       (SELECT c."value" FROM "party_contact_mechanism" c
        WHERE c."party" = y."id" AND c."type" IN ('phone', 'mobile') AND c."active"
        ORDER BY c."sequence", c."id" LIMIT 1) AS "phone"
FROM "party_party" y
LEFT JOIN "party_address" a ON a."id" = (
    SELECT b."id" FROM "party_address" b WHERE b."party" = y."id" AND b."active"
    ORDER BY b."sequence", b."id" LIMIT 1)
WHERE y."code" <> ''
"""


def _products(own_price: str, of_template: str, *price_columns: str) -> KnownMap:
    query = PRODUCTS.format(own_price=own_price, of_template=of_template)
    return KnownMap(
        table="product_product",
        needs={
            "product_product": ("id", "template", "code", "description", "active"),
            "product_template": ("id", "name", "active", "salable", "type", "consumable"),
            "product_identifier": ("code", "product", "type"),
            "product_list_price": ("list_price", "template", *price_columns),
            "stock_move": ("product", "state", "from_location", "to_location", "internal_quantity"),
            "stock_location": ("id", "name", "type", "left", "right"),
        },
        map=FieldMap(
            "products",
            Table(query=query, key="id"),
            (
                Field("source_product_code", "template", "variants of one template are one product"),
                Field("source_variant_code", "code", "the variant's code"),
                Field("title", "name", "the template's name"),
                Field("body_html", "description"),
                Field("product_active", "sold", "active, and salable"),
                Field("variants.sku", "code"),
                Field("variants.barcode", "ean", "the identifier of type EAN"),
                Field("variants.inventory_management", "stocked", "services and consumables are not counted"),
                Field("variants.qty", "free_quantity", "moves done, less those assigned", convert="not_negative"),
                Field("variants.price", "list_price", "the variant's own, else the template's"),
            ),
            (
                Many("variants.qty_availability", Table(query=STOCK), "product", "name",
                     (Field("value", "free_quantity", convert="not_negative"),)),
            ),
        ),
        notes=(
            "Variants without a code are left out: give them one.",
            "Prices and quantities are those of the default unit, not of the sales unit.",
            "With several companies, prices and moves of all are read: add the company to the query.",
            "Price lists hold formulas, not prices: only the list price is read.",
            "Every read is full: moves of stock do not touch the product.",
        ),
    )  # fmt: skip


def _customers(street: str) -> KnownMap:
    return KnownMap(
        table="party_party",
        needs={
            "party_party": ("id", "code", "name", "active"),
            "party_contact_mechanism": ("id", "party", "type", "value", "active", "sequence"),
            "party_address": ("id", "party", "active", "sequence", "city", "postal_code", "country", street),
            "country_country": ("id", "code"),
        },
        map=FieldMap(
            "customers",
            Table(query=CUSTOMERS.format(street=street), key="id"),
            (
                Field("source_customer_code", "code"),
                Field("company", "name"),
                Field("customer_active", "active"),
                Field("email", "email", "the first contact mechanism of that type"),
                Field("phone", "phone"),
                Field("addresses.1.address1", "street", "the first active address"),
                Field("addresses.1.city", "city"),
                Field("addresses.1.zip", "postal_code"),
                Field("addresses.1.country_code", "country_code"),
            ),
        ),
        notes=("All parties with a code are read, suppliers too: restrict the query, by a category for instance.",),
    )


SYSTEM = KnownSystem(
    name="tryton",
    title="Tryton",
    markers={"product_template": ("default_uom",), "party_party": ("code",), "ir_module": ()},
    maps=(
        _products(OWN_PRICE, OF_TEMPLATE, "product"),
        _products("", ""),
        _customers("street_unstructured"),
        _customers("street"),
    ),
)
