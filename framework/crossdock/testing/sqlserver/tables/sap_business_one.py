"""SAP Business One's company database on SQL Server: items, warehouses, price lists, business partners.

Names, types and lengths: "SAP Business One SDK 10.0, Database Tables Reference" (OITM, OITB, OITW, OWHS, ITM1, OPLN,
OCRD, CRD1, OCPR): text is `nvarchar`, quantities and prices are `numeric(19,6)`, flags are `char(1)` with Y and N,
dates carry no time, and the time of an update stands beside them as a number (`UpdateTS`, HHMMSS).
"""

from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = """
CREATE TABLE dbo.OITM (
    ItemCode nvarchar(50) NOT NULL PRIMARY KEY, ItemName nvarchar(200) NULL, FrgnName nvarchar(200) NULL,
    ItmsGrpCod smallint NULL,
    CodeBars nvarchar(254) NULL, OnHand numeric(19,6) NULL, IsCommited numeric(19,6) NULL, OnOrder numeric(19,6) NULL,
    SellItem char(1) NULL, InvntItem char(1) NULL, validFor char(1) NULL, frozenFor char(1) NULL,
    SalUnitMsr nvarchar(100) NULL,
    NumInSale numeric(19,6) NULL, UserText ntext NULL, PicturName nvarchar(200) NULL, SWeight1 numeric(19,6) NULL,
    CreateDate datetime NULL, UpdateDate datetime NULL, UpdateTS int NULL, U_WebActive nvarchar(10) NULL)
CREATE TABLE dbo.OITB (ItmsGrpCod smallint NOT NULL PRIMARY KEY, ItmsGrpNam nvarchar(100) NULL)
CREATE TABLE dbo.OWHS (WhsCode nvarchar(8) NOT NULL PRIMARY KEY, WhsName nvarchar(100) NULL, Inactive char(1) NULL)
CREATE TABLE dbo.OITW (
    ItemCode nvarchar(50) NOT NULL, WhsCode nvarchar(8) NOT NULL, OnHand numeric(19,6) NULL,
    IsCommited numeric(19,6) NULL,
    OnOrder numeric(19,6) NULL, Locked char(1) NULL, CONSTRAINT OITW_PRIMARY PRIMARY KEY (ItemCode, WhsCode))
CREATE TABLE dbo.OPLN (ListNum smallint NOT NULL PRIMARY KEY, ListName nvarchar(32) NULL, IsGrossPrc char(1) NULL)
CREATE TABLE dbo.ITM1 (
    ItemCode nvarchar(50) NOT NULL, PriceList smallint NOT NULL, Price numeric(19,6) NULL, Currency nvarchar(3) NULL,
    Factor numeric(19,6) NULL, CONSTRAINT ITM1_PRIMARY PRIMARY KEY (ItemCode, PriceList))
CREATE TABLE dbo.OCRD (
    CardCode nvarchar(15) NOT NULL PRIMARY KEY, CardName nvarchar(200) NULL, CardType char(1) NULL,
    E_Mail nvarchar(100) NULL,
    Phone1 nvarchar(20) NULL, CntctPrsn nvarchar(90) NULL, ListNum smallint NULL, Currency nvarchar(3) NULL,
    Balance numeric(19,6) NULL, CreditLine numeric(19,6) NULL, validFor char(1) NULL, frozenFor char(1) NULL,
    LicTradNum nvarchar(32) NULL,
    UpdateDate datetime NULL, UpdateTS int NULL)
CREATE TABLE dbo.CRD1 (
    Address nvarchar(50) NOT NULL, CardCode nvarchar(15) NOT NULL, Street nvarchar(100) NULL, Block nvarchar(100) NULL,
    ZipCode nvarchar(20) NULL, City nvarchar(100) NULL, Country nvarchar(3) NULL, LineNum int NULL,
    AdresType char(1) NOT NULL,
    CONSTRAINT CRD1_PRIMARY PRIMARY KEY (Address, CardCode, AdresType))
CREATE TABLE dbo.OCPR (
    CntctCode int NOT NULL PRIMARY KEY, CardCode nvarchar(15) NULL, Name nvarchar(50) NULL, FirstName nvarchar(50) NULL,
    LastName nvarchar(50) NULL, E_MailL nvarchar(100) NULL)
"""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
_REGULAR = 24
_WAREHOUSES = (("01", "General Warehouse"), ("02", "Nord / Süd"), ("DROP", None))
_LISTS = ((1, "Base Price"), (2, "Wholesale"), (3, "Сніданок"))


def rows() -> Rows:
    """Gives sample rows for `load`, by table; texts of moments are converted as T-SQL would."""
    items = [*_regular_items(), *_odd_items()]
    codes = [str(item["ItemCode"]) for item in items]
    return {
        "OITM": items,
        "OITB": [{"ItmsGrpCod": 100, "ItmsGrpNam": "Items"}, {"ItmsGrpCod": 101, "ItmsGrpNam": "Printers & Büro"}],
        "OWHS": [{"WhsCode": code, "WhsName": name, "Inactive": "N"} for code, name in _WAREHOUSES],
        "OITW": [one for number, code in enumerate(codes) for one in _in_warehouses(number, code)],
        "OPLN": [{"ListNum": number, "ListName": name, "IsGrossPrc": "N"} for number, name in _LISTS],
        "ITM1": [one for number, code in enumerate(codes) for one in _prices(number, code)],
        "OCRD": _partners(),
        "CRD1": _addresses(),
        "OCPR": [{"CntctCode": 1, "CardCode": "C20001", "Name": "Buyer", "FirstName": "Ann", "LastName": "O'Hara"}],
    }


def _item(code: str, name: str | None, **more: Any) -> dict[str, Any]:
    known = {
        "ItmsGrpCod": 100,
        "CodeBars": None,
        "OnHand": "10.000000",
        "IsCommited": "0.000000",
        "OnOrder": "0.000000",
    }
    flags = {"SellItem": "Y", "InvntItem": "Y", "validFor": "Y", "frozenFor": "N", "U_WebActive": "Y"}
    stamps = {"CreateDate": "2024-05-06", "UpdateDate": "2026-03-04", "UpdateTS": 50607}
    return {"ItemCode": code, "ItemName": name, **known, **flags, **stamps, "NumInSale": 1, **more}


def _regular_items() -> list[dict[str, Any]]:
    return [
        _item(
            f"A{number:05}",
            f"Printer model {number}",
            ItmsGrpCod=101,
            CodeBars=f"40{number:011}",
            UpdateTS=50000 + number,
        )
        for number in range(1, _REGULAR + 1)
    ]


def _odd_items() -> list[dict[str, Any]]:
    return [
        _item("a-small", "Code in small letters", CodeBars=""),
        _item("BLANK ", "Code with a trailing blank"),
        _item("Кава", "Кава мелена ☕, 250 мл", FrgnName="Coffee, ground"),
        _item("日本-1", "日本のお茶", UserText="一行目\r\n二行目"),
        _item("EMOJI", "Smile 😀 and flag 🇿🇦"),
        _item("MICRO", "Six decimals", OnHand="0.000001", SWeight1="1234567890123.123456"),
        _item("NO-NAME", None, ItmsGrpCod=None, SellItem=None),
        _item("FROZEN", "Frozen", frozenFor="Y", validFor="N"),
        _item("NEITHER", "Neither valid nor frozen", validFor="N", frozenFor="N"),
        _item("BELOW", "Promised more than there is", OnHand="2", IsCommited="5.5"),
        _item("NOT-SOLD", "Bought only", SellItem="N", U_WebActive="N"),
        _item("NO-FLAG", "User field never filled in", U_WebActive=None),
        _item("NEVER-UPDATED", "No stamp of an update", UpdateDate=None, UpdateTS=None),
    ]


def _in_warehouses(number: int, code: str) -> list[dict[str, Any]]:
    return [
        {
            "ItemCode": code,
            "WhsCode": warehouse,
            "OnHand": number * place,
            "IsCommited": number % 2,
            "OnOrder": 0,
            "Locked": "N",
        }
        for place, (warehouse, _) in enumerate(_WAREHOUSES)
    ]


def _prices(number: int, code: str) -> list[dict[str, Any]]:
    return [
        {
            "ItemCode": code,
            "PriceList": each,
            "Price": f"{(number + 1) * each}.123456",
            "Currency": "EUR" if number else None,
        }
        | {"Factor": 1}
        for each, _ in _LISTS
        if (number + each) % 5
    ]


def _partners() -> list[dict[str, Any]]:
    regular = [
        {
            "CardCode": f"C{20000 + number}",
            "CardName": f"Customer {number} GmbH",
            "E_Mail": f"buyer{number}@example.com",
        }
        for number in range(1, _REGULAR + 1)
    ]
    odd: list[dict[str, Any]] = [
        {"CardCode": "V10000", "CardName": "A vendor, not a customer", "CardType": "S"},
        {"CardCode": "L30000", "CardName": "A lead", "CardType": "L", "ListNum": None},
        {"CardCode": "C-FROZEN", "CardName": "Frozen", "frozenFor": "Y", "validFor": "N"},
        {"CardCode": "C-NOBODY", "CardName": None, "E_Mail": ""},
        {"CardCode": "C-LISTS", "CardName": "Last purchase price", "ListNum": -1},
    ]
    common = {"CardType": "C", "ListNum": 1, "Currency": "##", "Balance": "0", "validFor": "Y", "frozenFor": "N"}
    stamp = {"UpdateDate": "2026-03-04", "UpdateTS": 50607}
    return [{**common, **stamp, **one} for one in [*regular, *odd]]


def _addresses() -> list[dict[str, Any]]:
    def address(code: str, name: str, line: int, kind: str, **more: Any) -> dict[str, Any]:
        return {
            "Address": name,
            "CardCode": code,
            "Street": f"{line + 1} Main Road",
            "City": "Köln",
            "Country": "DE",
            "LineNum": line,
            "AdresType": kind,
        } | more

    made = [
        address(f"C{20000 + number}", "Office", 0, "B", ZipCode=f"5{number:04}") for number in range(1, _REGULAR + 1)
    ]
    made += [address("C20001", "Warehouse", 1, "S"), address("C20001", "Office", 2, "S", Street="Line one\rLine two")]
    return [*made, address("C20002", "Ship to", 1, "S", Street=None, City=None, Country=None)]
