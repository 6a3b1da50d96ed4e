"""Sage 200 Evolution's company database: items, warehouses, price lists, customers.

Names of tables and columns: seen in public code that maps a live company database (November 2026); types of keys,
and of money likewise (money is float; no foreign keys are declared). Lengths of text, and flags as `bit`, are the
stand-in's own choice. Older databases lack the `_dModifiedDate` and `_Checksum` columns: see `SCHEMA_OLD`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = """
CREATE TABLE dbo.StkItem (
    StockLink int IDENTITY(1,1) NOT NULL PRIMARY KEY, Code varchar(20) NOT NULL, Description_1 varchar(50) NULL,
    Description_2 varchar(50) NULL, Description_3 varchar(50) NULL, ItemGroup varchar(20) NULL,
    Bar_Code varchar(20) NULL,
    Qty_On_Hand float NULL, QtyOnSO float NULL, QtyOnPO float NULL, ReservedQty float NULL, ItemActive bit NULL,
    WhseItem bit NULL, ServiceItem bit NULL, SerialItem bit NULL, bLotItem bit NULL, TTI varchar(6) NULL,
    fNetMass float NULL,
    cExtDescription varchar(max) NULL, iUOMStockingUnitID int NULL, dStkitemTimeStamp datetime NULL)
CREATE UNIQUE INDEX idxStkItemCode ON dbo.StkItem (Code)
CREATE TABLE dbo.WhseMst (WhseLink int IDENTITY(1,1) NOT NULL PRIMARY KEY, Code varchar(20) NOT NULL,
    Name varchar(50) NULL)
CREATE TABLE dbo.WhseStk (
    IdWhseStk int IDENTITY(1,1) NOT NULL PRIMARY KEY, WHWhseID int NULL, WHStockLink int NULL, WHQtyOnHand float NULL,
    WHQtyOnSO float NULL, WHQtyOnPO float NULL, WHQtyReserved float NULL, WhseStk_dModifiedDate datetime NULL,
    WhseStk_Checksum binary(20) NULL)
CREATE INDEX idxWhseStkModified ON dbo.WhseStk (WhseStk_dModifiedDate)
CREATE INDEX idxWhseStkItem ON dbo.WhseStk (WHStockLink)
CREATE TABLE dbo._etblPriceListName (
    IDPriceListName int IDENTITY(1,1) NOT NULL PRIMARY KEY, cName varchar(50) NULL, bDefault bit NULL)
CREATE TABLE dbo._etblPriceListPrices (
    IDPriceListPrices int IDENTITY(1,1) NOT NULL PRIMARY KEY, iPriceListNameID int NULL, iStockID int NULL,
    iWarehouseID int NULL, bUseMarkup bit NULL, fMarkupRate float NULL, fExclPrice float NULL, fInclPrice float NULL,
    dPLPricesTimeStamp datetime NULL, _etblPriceListPrices_dModifiedDate datetime NULL,
    _etblPriceListPrices_Checksum binary(20) NULL)
CREATE INDEX idxPricesModified ON dbo._etblPriceListPrices (_etblPriceListPrices_dModifiedDate)
CREATE INDEX idxPricesItem ON dbo._etblPriceListPrices (iStockID)
CREATE TABLE dbo.Client (
    DCLink int IDENTITY(1,1) NOT NULL PRIMARY KEY, Account varchar(20) NOT NULL, Name varchar(50) NULL,
    Contact_Person varchar(30) NULL, EMail varchar(200) NULL, On_Hold bit NULL, iARPriceListNameID int NULL,
    iClassID int NULL,
    iAreasID int NULL, RepID int NULL, Credit_Limit float NULL)
CREATE UNIQUE INDEX idxClientAccount ON dbo.Client (Account)
CREATE TABLE dbo.InvNum (
    AutoIndex bigint IDENTITY(1,1) NOT NULL PRIMARY KEY, DocType int NULL, DocState int NULL, AccountID int NULL,
    InvNumber varchar(50) NULL, OrderNum varchar(50) NULL, ExtOrderNum varchar(50) NULL, OrderDate datetime NULL,
    InvTotExcl float NULL, InvTotIncl float NULL)
CREATE TABLE dbo._btblInvoiceLines (
    idInvoiceLines bigint IDENTITY(1,1) NOT NULL PRIMARY KEY, iInvoiceID bigint NULL, iStockCodeID int NULL,
    iWarehouseID int NULL, fQuantity float NULL, fQtyToProcess float NULL, fQtyProcessed float NULL,
    fQtyReserved float NULL,
    fUnitPriceExcl float NULL, iTaxTypeID int NULL)
"""
SCHEMA_OLD = re.sub(
    r",\s*(WhseStk|_etblPriceListPrices)_(dModifiedDate datetime|Checksum binary\(20\)) NULL"
    r"|CREATE INDEX \w+Modified .*",
    "",
    SCHEMA,
)
"""The same without the columns that older databases lack."""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
_REGULAR = 24
_CHANGED = "2026-03-04 05:06:07.890"


def rows() -> Rows:
    """Gives sample rows for `load`, by table; texts of moments are converted as T-SQL would."""
    items = [*_regular_items(), *_odd_items()]
    numbered = list(enumerate(items, 1))
    return {
        "StkItem": [{"StockLink": number, **item} for number, item in numbered],
        "WhseMst": [{"WhseLink": number, "Code": code, "Name": name} for number, code, name in _WAREHOUSES],
        "WhseStk": [one for number, item in numbered if item["WhseItem"] for one in _in_warehouses(number)],
        "_etblPriceListName": [
            {"IDPriceListName": number, "cName": name, "bDefault": number == 1} for number, name in enumerate(_LISTS, 1)
        ],
        "_etblPriceListPrices": [one for number, _ in numbered for one in _prices(number)],
        "Client": _clients(),
    }


_WAREHOUSES = ((1, "Mstr", "Master Warehouse"), (2, "CPT", "Cape Town"), (3, "JHB", "Johannesburg "))
_LISTS = ("Price List 1", "Trade", "Staff")


def _item(code: str, text: str | None, **more: Any) -> dict[str, Any]:
    known = {"Description_2": "", "ItemGroup": "001", "Bar_Code": None, "Qty_On_Hand": 10.0, "QtyOnSO": 0.0}
    flags = {"ItemActive": True, "WhseItem": True, "ServiceItem": False, "SerialItem": False}
    return {"Code": code, "Description_1": text, **known, **flags, "dStkitemTimeStamp": _CHANGED, **more}


def _regular_items() -> list[dict[str, Any]]:
    return [
        _item(f"BOLT-{size:03}", f"Hexagon bolt M{size}", Bar_Code=f"60012345{size:04}5", fNetMass=size / 8)
        for size in range(1, _REGULAR + 1)
    ]


def _odd_items() -> list[dict[str, Any]]:
    return [
        _item("blank ", "Code with a trailing blank"),
        _item("lower-case", "Code in small letters", Bar_Code=""),
        _item("É-ACCENT", "Café crème, déjà vu", ItemGroup="Ünïts"),
        _item("O'BRIEN", 'Quote "double" and single \' and 100%', Description_2=" "),
        _item("NOTEXT", None, Description_2=None, ItemGroup=None),
        _item("LINES", "Text with line ends", cExtDescription="first\r\nsecond\n\nfourth\ttabbed <b>bold</b>"),
        _item("NOISE", "Price with noise in the last digit", fNetMass=0.1 + 0.2),
        _item("BELOW-ZERO", "More sold than there is", Qty_On_Hand=-3.0, QtyOnSO=7.5),
        _item("INACTIVE", "No longer sold", ItemActive=False),
        _item("UNKNOWN", "Neither active nor not", ItemActive=None),
        _item("SERVICE", "Delivery by hour", ServiceItem=True, WhseItem=False, Qty_On_Hand=None),
        _item("NO-WHSE", "Not kept by warehouse", WhseItem=False, Qty_On_Hand=42.0),
        _item("DUP-BAR-1", "Same barcode as the next", Bar_Code="6001111111111"),
        _item("DUP-BAR-2", "Same barcode as the one before", Bar_Code="6001111111111"),
        _item("NO-STAMP", "Never stamped", dStkitemTimeStamp=None),
        _item("NEVER-PRICED", "In no price list"),
    ]


def _in_warehouses(number: int) -> list[dict[str, Any]]:
    def stock(warehouse: int, on_hand: float) -> dict[str, Any]:
        quantities = {"WHQtyOnHand": on_hand, "WHQtyOnSO": float(number % 3), "WHQtyOnPO": 0.0, "WHQtyReserved": 0.0}
        return {"WHWhseID": warehouse, "WHStockLink": number, **quantities, "WhseStk_dModifiedDate": _CHANGED}

    return [stock(warehouse, float(number * warehouse)) for warehouse, _, _ in _WAREHOUSES if (number + warehouse) % 4]


def _prices(number: int) -> list[dict[str, Any]]:
    if number == _REGULAR + len(_odd_items()):
        return []
    net = round(number * 1.1, 2) if number != _REGULAR + 7 else 0.1 + 0.2  # the seventh odd item is NOISE
    made = []
    for price_list in range(1, len(_LISTS) + 1):
        price: dict[str, Any] = {
            "iPriceListNameID": price_list,
            "iStockID": number,
            "iWarehouseID": 0,
            "bUseMarkup": False,
        }
        price |= {"fExclPrice": net / price_list, "fInclPrice": net / price_list * 1.15, "fMarkupRate": 0.0}
        made.append(price | {"dPLPricesTimeStamp": _CHANGED, "_etblPriceListPrices_dModifiedDate": _CHANGED})
    return made


def _clients() -> list[dict[str, Any]]:
    regular = [
        {"Account": f"CUST{number:03}", "Name": f"Customer {number} (Pty) Ltd", "EMail": f"buyer{number}@example.com"}
        for number in range(1, _REGULAR + 1)
    ]
    odd: list[dict[str, Any]] = [
        {"Account": "CASH", "Name": "Cash sales", "EMail": None, "Credit_Limit": None},
        {"Account": "HOLD", "Name": "On hold", "EMail": "hold@example.com", "On_Hold": True},
        {"Account": "MANY", "Name": "Two addresses", "EMail": "one@example.com; two@example.com"},
        {"Account": "BLANK ", "Name": " ", "EMail": " "},
        {"Account": "ünï", "Name": "Æther & Søn", "EMail": "not an address"},
    ]
    common = {"Contact_Person": "", "On_Hold": False, "iARPriceListNameID": 2, "iClassID": 0, "Credit_Limit": 10000.0}
    return [{"DCLink": number, **common, **one} for number, one in enumerate([*regular, *odd], 1)]
