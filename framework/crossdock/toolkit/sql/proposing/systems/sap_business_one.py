"""SAP Business One (SQL Server or SAP HANA), a company's database.

Source: table and column names of SAP's "Database Tables Reference" (SDK), as public code that reads live
databases uses them; not proved on an installation. `IsCommited` is spelt so. Names are quoted, because HANA wants
it and SQL Server takes it. Frozen items and partners are `frozenFor = 'Y'`; free stock is on hand less committed.
"""

from crossdock.fieldmap import Field, FieldMap, Many, Table
from crossdock.toolkit.sql.proposing.known import KnownMap, KnownSystem

PRODUCTS = """
SELECT i."ItemCode", i."ItemName", i."UserText", i."CodeBars", i."frozenFor", i."InvntItem", g."ItmsGrpNam",
       COALESCE(i."OnHand", 0) - COALESCE(i."IsCommited", 0) AS "free_quantity",
       p."Price" AS "base_price", p."Currency"
FROM "OITM" i
LEFT JOIN "OITB" g ON g."ItmsGrpCod" = i."ItmsGrpCod"
LEFT JOIN "ITM1" p ON p."ItemCode" = i."ItemCode" AND p."PriceList" = 1
WHERE i."SellItem" = 'Y'
"""
PRICES = """
SELECT p."ItemCode", l."ListName", p."Price"
FROM "ITM1" p
JOIN "OPLN" l ON l."ListNum" = p."PriceList"
WHERE p."Price" > 0
"""
STOCK = """
SELECT w."ItemCode", w."WhsCode", COALESCE(w."OnHand", 0) - COALESCE(w."IsCommited", 0) AS "free_quantity"
FROM "OITW" w
"""
CUSTOMERS = """
SELECT c."CardCode", c."CardName", c."E_Mail", c."Phone1", c."CntctPrsn", c."frozenFor", l."ListName",
       b."Street", b."Block", b."ZipCode", b."City", b."Country"
FROM "OCRD" c
LEFT JOIN "OPLN" l ON l."ListNum" = c."ListNum"
LEFT JOIN "CRD1" b ON b."CardCode" = c."CardCode" AND b."AdresType" = 'B' AND b."LineNum" = (
    SELECT MIN(a."LineNum") FROM "CRD1" a WHERE a."CardCode" = c."CardCode" AND a."AdresType" = 'B')
WHERE c."CardType" = 'C'
"""
SOLD = {"N": True, "Y": False}
SYSTEM = KnownSystem(
    name="sap_business_one",
    title="SAP Business One",
    markers={"OITM": ("ItemCode", "ItemName"), "OCRD": ("CardCode", "CardType"), "OITW": ("ItemCode", "WhsCode")},
    maps=(
        KnownMap(
            table="OITM",
            needs={
                "OITM": (
                    "ItemCode", "ItemName", "UserText", "CodeBars", "frozenFor", "InvntItem", "ItmsGrpCod", "OnHand",
                    "IsCommited", "SellItem",
                ),
                "OITB": ("ItmsGrpCod", "ItmsGrpNam"),
                "ITM1": ("ItemCode", "PriceList", "Price", "Currency"),
                "OPLN": ("ListNum", "ListName"),
                "OITW": ("ItemCode", "WhsCode", "OnHand", "IsCommited"),
            },
            map=FieldMap(
                "products",
                Table(query=PRODUCTS, key="ItemCode"),
                (
                    Field("source_product_code", "ItemCode", "no variants: group by a user field if there is one"),
                    Field("source_variant_code", "ItemCode"),
                    Field("title", "ItemName"),
                    Field("body_html", "UserText", "the item's remarks"),
                    Field("collection", "ItmsGrpNam", "the item group"),
                    Field("product_active", "frozenFor", "frozen items are not sold", values=SOLD),
                    Field("variants.sku", "ItemCode"),
                    Field("variants.barcode", "CodeBars"),
                    Field("variants.inventory_management", "InvntItem"),
                    Field("variants.qty", "free_quantity", "on hand less committed", convert="not_negative"),
                    Field("variants.price", "base_price", "of price list 1; 0 is no price", convert="positive"),
                    Field("variants.currency", "Currency"),
                ),
                (
                    Many("variants.price_tiers", Table(query=PRICES), "ItemCode", "ListName",
                         (Field("value", "Price"),)),
                    Many("variants.qty_availability", Table(query=STOCK), "ItemCode", "WhsCode",
                         (Field("value", "free_quantity", convert="not_negative"),)),
                ),
            ),
            notes=(
                "The price is that of price list 1: put the number of your base list into the query.",
                "Items that are not sales items (SellItem) are left out.",
                "Every read is full: stock moves do not touch UpdateDate.",
            ),
        ),
        KnownMap(
            table="OCRD",
            needs={
                "OCRD": (
                    "CardCode", "CardName", "E_Mail", "Phone1", "CntctPrsn", "frozenFor", "ListNum", "CardType",
                ),
                "CRD1": ("CardCode", "AdresType", "LineNum", "Street", "Block", "ZipCode", "City", "Country"),
                "OPLN": ("ListNum", "ListName"),
            },
            map=FieldMap(
                "customers",
                Table(query=CUSTOMERS, key="CardCode"),
                (
                    Field("source_customer_code", "CardCode"),
                    Field("company", "CardName"),
                    Field("email", "E_Mail"),
                    Field("phone", "Phone1"),
                    Field("first_name", "CntctPrsn", convert="first_name"),
                    Field("last_name", "CntctPrsn", convert="last_name"),
                    Field("price_tier", "ListName"),
                    Field("customer_active", "frozenFor", "frozen partners may not buy", values=SOLD),
                    Field("addresses.1.address1", "Street", "of the first bill-to address"),
                    Field("addresses.1.address2", "Block"),
                    Field("addresses.1.city", "City"),
                    Field("addresses.1.zip", "ZipCode"),
                    Field("addresses.1.country_code", "Country"),
                ),
            ),
            notes=("Business partners of type C are read; leads and suppliers are not.",),
        ),
    ),
)  # fmt: skip
