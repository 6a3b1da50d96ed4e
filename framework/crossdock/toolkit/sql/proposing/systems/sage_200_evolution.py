"""Sage 200 Evolution (SQL Server), a company's database.

Source: table and column names as they stand in public code that reads live company databases, several of which
agree; no foreign keys are declared there. Older databases lack some columns: what a map needs is looked for first.
Quantities of warehouse items stand in `WhseStk`, those of other items in `StkItem`, and what is on sales orders or
reserved is free in neither; warehouse 0 of a price is "all".
"""

from crossdock.fieldmap import Field, FieldMap, Many, Table
from crossdock.toolkit.sql.proposing.known import KnownMap, KnownSystem

PRODUCTS = """
SELECT i."StockLink", i."Code", i."Description_1", i."cExtDescription", i."Bar_Code", i."ItemActive", i."ItemGroup",
       CASE WHEN i."ServiceItem" = 1 THEN 0 ELSE 1 END AS "stocked",
       CASE WHEN i."WhseItem" = 1
            THEN (SELECT SUM(COALESCE(w."WHQtyOnHand", 0) - COALESCE(w."WHQtyOnSO", 0) - COALESCE(w."WHQtyReserved", 0))
                  FROM "WhseStk" w WHERE w."WHStockLink" = i."StockLink")
            ELSE COALESCE(i."Qty_On_Hand", 0) - COALESCE(i."QtyOnSO", 0) - COALESCE(i."ReservedQty", 0)
            END AS "free_quantity",
       (SELECT MAX(p."fExclPrice")
        FROM "_etblPriceListPrices" p
        JOIN "_etblPriceListName" n ON n."IDPriceListName" = p."iPriceListNameID"
        WHERE p."iStockID" = i."StockLink" AND p."iWarehouseID" = 0 AND n."bDefault" = 1) AS "default_price"
FROM "StkItem" i
"""
PRICES = """
SELECT p."IDPriceListPrices", p."iStockID", n."cName", p."fExclPrice"
FROM "_etblPriceListPrices" p
JOIN "_etblPriceListName" n ON n."IDPriceListName" = p."iPriceListNameID"
WHERE p."iWarehouseID" = 0
"""
STOCK = """
SELECT w."IdWhseStk", w."WHStockLink", m."Code",
       COALESCE(w."WHQtyOnHand", 0) - COALESCE(w."WHQtyOnSO", 0) - COALESCE(w."WHQtyReserved", 0) AS "free_quantity"
FROM "WhseStk" w
JOIN "WhseMst" m ON m."WhseLink" = w."WHWhseID"
"""
CUSTOMERS = """
SELECT c."DCLink", c."Account", c."Name", c."Contact_Person", c."EMail",
       CASE WHEN c."On_Hold" = 1 THEN 0 ELSE 1 END AS "may_buy",
       (SELECT n."cName" FROM "_etblPriceListName" n WHERE n."IDPriceListName" = c."iARPriceListNameID") AS "price_list"
FROM "Client" c
"""
SYSTEM = KnownSystem(
    name="sage_200_evolution",
    title="Sage 200 Evolution",
    markers={"StkItem": ("StockLink", "Code"), "Client": ("DCLink", "Account")},
    maps=(
        KnownMap(
            table="StkItem",
            needs={
                "StkItem": (
                    "StockLink", "Code", "Description_1", "cExtDescription", "Bar_Code", "ItemActive", "ItemGroup",
                    "ServiceItem", "WhseItem", "Qty_On_Hand", "QtyOnSO", "ReservedQty",
                ),
                "WhseStk": ("IdWhseStk", "WHStockLink", "WHWhseID", "WHQtyOnHand", "WHQtyOnSO", "WHQtyReserved"),
                "WhseMst": ("WhseLink", "Code"),
                "_etblPriceListPrices": (
                    "IDPriceListPrices", "iPriceListNameID", "iStockID", "iWarehouseID", "fExclPrice",
                ),
                "_etblPriceListName": ("IDPriceListName", "cName", "bDefault"),
            },
            map=FieldMap(
                "products",
                Table(query=PRODUCTS, key="StockLink"),
                (
                    Field("source_product_code", "Code", "no variants: each item is a product"),
                    Field("source_variant_code", "Code", "the item code"),
                    Field("title", "Description_1"),
                    Field("body_html", "cExtDescription"),
                    Field("collection", "ItemGroup", "the item group's code"),
                    Field("product_active", "ItemActive"),
                    Field("variants.sku", "Code"),
                    Field("variants.barcode", "Bar_Code"),
                    Field("variants.inventory_management", "stocked", "service items are not stocked"),
                    Field("variants.qty", "free_quantity", "on hand less sales orders and reserved",
                          convert="not_negative"),
                    Field("variants.price", "default_price", "of the default price list, tax excluded"),
                ),
                (
                    Many("variants.price_tiers", Table(query=PRICES, key="IDPriceListPrices"), "iStockID", "cName",
                         (Field("value", "fExclPrice"),)),
                    Many("variants.qty_availability", Table(query=STOCK, key="IdWhseStk"), "WHStockLink", "Code",
                         (Field("value", "free_quantity", convert="not_negative"),)),
                ),
            ),
            notes=(
                "Prices exclude tax; for prices with tax read fInclPrice.",
                "User fields (ucII..., ulII...) are each site's own: add those that say what is sold on the web.",
                "Every read is full: stock moves do not touch the item's own time stamp.",
            ),
        ),
        KnownMap(
            table="Client",
            needs={
                "Client": (
                    "DCLink", "Account", "Name", "Contact_Person", "EMail", "On_Hold", "iARPriceListNameID",
                ),
                "_etblPriceListName": ("IDPriceListName", "cName"),
            },
            map=FieldMap(
                "customers",
                Table(query=CUSTOMERS, key="DCLink"),
                (
                    Field("source_customer_code", "Account"),
                    Field("company", "Name"),
                    Field("email", "EMail"),
                    Field("first_name", "Contact_Person", convert="first_name"),
                    Field("last_name", "Contact_Person", convert="last_name"),
                    Field("price_tier", "price_list"),
                    Field("customer_active", "may_buy", "accounts on hold may not buy"),
                ),
            ),
        ),
    ),
)  # fmt: skip
