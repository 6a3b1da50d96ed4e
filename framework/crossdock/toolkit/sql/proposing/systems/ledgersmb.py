"""LedgerSMB (PostgreSQL), a company's database.

Source: `sql/Pg-database.sql` of LedgerSMB 1.6.33. A part number is unique among parts that are not obsolete
(its index `parts_partnumber_index_u`), so obsolete parts are left out: a row of theirs may have a living part's
number. Contact class 12 is e-mail, 1 the first telephone; entity class 2 is customers (its `INSERT`s).
"""

from crossdock.fieldmap import Field, FieldMap, Many, Table
from crossdock.toolkit.sql.proposing.known import KnownMap, KnownSystem

PRODUCTS = """
SELECT p."id", p."partnumber", p."description", p."notes", p."sellprice", p."onhand", p."image", g."partsgroup",
       CASE WHEN p."inventory_accno_id" IS NULL AND p."assembly" IS NOT TRUE THEN 0 ELSE 1 END AS "stocked",
       (SELECT MIN(m."barcode") FROM "makemodel" m WHERE m."parts_id" = p."id" AND m."barcode" <> '') AS "barcode"
FROM "parts" p
LEFT JOIN "partsgroup" g ON g."id" = p."partsgroup_id"
WHERE p."obsolete" IS NOT TRUE AND p."income_accno_id" IS NOT NULL
"""
PRICES = """
SELECT c."entry_id", c."parts_id", g."pricegroup", c."sellprice"
FROM "partscustomer" c
JOIN "pricegroup" g ON g."id" = c."pricegroup_id"
WHERE c."credit_id" IS NULL AND COALESCE(c."pricebreak", 0) = 0
      AND (c."validfrom" IS NULL OR c."validfrom" <= CURRENT_DATE)
      AND (c."validto" IS NULL OR c."validto" >= CURRENT_DATE)
"""
CUSTOMERS = """
SELECT a."id", a."meta_number", e."name", g."pricegroup", l."line_one", l."line_two", l."city", l."mail_code",
       (SELECT n."short_name" FROM "country" n WHERE n."id" = l."country_id") AS "country_code",
       CASE WHEN a."enddate" < CURRENT_DATE THEN 0 ELSE 1 END AS "open",
       COALESCE((SELECT MIN(c."contact") FROM "eca_to_contact" c
                 WHERE c."credit_id" = a."id" AND c."contact_class_id" = 12),
                (SELECT MIN(c."contact") FROM "entity_to_contact" c
                 WHERE c."entity_id" = e."id" AND c."contact_class_id" = 12)) AS "email",
       COALESCE((SELECT MIN(c."contact") FROM "eca_to_contact" c
                 WHERE c."credit_id" = a."id" AND c."contact_class_id" = 1),
                (SELECT MIN(c."contact") FROM "entity_to_contact" c
                 WHERE c."entity_id" = e."id" AND c."contact_class_id" = 1)) AS "phone"
FROM "entity_credit_account" a
JOIN "entity" e ON e."id" = a."entity_id"
LEFT JOIN "pricegroup" g ON g."id" = a."pricegroup_id"
LEFT JOIN "eca_to_location" t ON t."credit_id" = a."id" AND t."location_class" = 1
LEFT JOIN "location" l ON l."id" = t."location_id"
WHERE a."entity_class" = 2
"""
SYSTEM = KnownSystem(
    name="ledgersmb",
    title="LedgerSMB",
    markers={"parts": ("partnumber",), "entity_credit_account": ("meta_number",)},
    maps=(
        KnownMap(
            table="parts",
            needs={
                "parts": (
                    "id", "partnumber", "description", "notes", "sellprice", "onhand", "image", "partsgroup_id",
                    "inventory_accno_id", "income_accno_id", "assembly", "obsolete",
                ),
                "partsgroup": ("id", "partsgroup"),
                "makemodel": ("parts_id", "barcode"),
                "partscustomer": (
                    "entry_id", "parts_id", "credit_id", "pricegroup_id", "pricebreak", "sellprice", "validfrom",
                    "validto",
                ),
                "pricegroup": ("id", "pricegroup"),
            },
            map=FieldMap(
                "products",
                Table(query=PRODUCTS, key="id"),
                (
                    Field("source_product_code", "partnumber", "no variants: each part is a product"),
                    Field("source_variant_code", "partnumber"),
                    Field("title", "description"),
                    Field("body_html", "notes"),
                    Field("collection", "partsgroup"),
                    Field("variants.sku", "partnumber"),
                    Field("variants.barcode", "barcode", "of the part's makes and models"),
                    Field("variants.inventory_management", "stocked", "no inventory account: a service"),
                    Field("variants.qty", "onhand", convert="not_negative"),
                    Field("variants.price", "sellprice", "0 is no price", convert="positive"),
                    Field("images.1", "image"),
                ),
                (
                    Many("variants.price_tiers", Table(query=PRICES, key="entry_id"), "parts_id", "pricegroup",
                         (Field("value", "sellprice"),)),
                ),
            ),
            notes=(
                "What is committed by open orders is not taken off the quantity.",
                "Obsolete parts are left out, and so go from the channels.",
                "Every read is full: parts have no time of change.",
            ),
        ),
        KnownMap(
            table="entity_credit_account",
            needs={
                "entity_credit_account": (
                    "id", "entity_id", "entity_class", "meta_number", "pricegroup_id", "enddate",
                ),
                "entity": ("id", "name"),
                "pricegroup": ("id", "pricegroup"),
                "eca_to_contact": ("credit_id", "contact_class_id", "contact"),
                "entity_to_contact": ("entity_id", "contact_class_id", "contact"),
                "eca_to_location": ("credit_id", "location_id", "location_class"),
                "location": ("id", "line_one", "line_two", "city", "mail_code", "country_id"),
                "country": ("id", "short_name"),
            },
            map=FieldMap(
                "customers",
                Table(query=CUSTOMERS, key="id"),
                (
                    Field("source_customer_code", "meta_number", "the customer number"),
                    Field("company", "name"),
                    Field("email", "email"),
                    Field("phone", "phone"),
                    Field("price_tier", "pricegroup"),
                    Field("customer_active", "open", "accounts past their end date may not buy"),
                    Field("addresses.1.address1", "line_one", "the billing address"),
                    Field("addresses.1.address2", "line_two"),
                    Field("addresses.1.city", "city"),
                    Field("addresses.1.zip", "mail_code"),
                    Field("addresses.1.country_code", "country_code"),
                ),
            ),
        ),
    ),
)  # fmt: skip
