"""What the demo company sells and to whom: made up, believable, the same for the same seed."""

from collections.abc import Iterator
from itertools import count, islice, product
from random import Random
from typing import Any, NamedTuple

ItemRow = tuple[Any, ...]


class Family(NamedTuple):
    """A kind of article that comes in many styles."""

    prefix: str
    noun: str
    category: str
    brand: str
    keywords: str
    price: float
    grams: int
    options: tuple[tuple[str, tuple[str, ...]], ...] = ()


FAMILIES = (
    Family("TSH", "T-shirt", "Clothing/Shirts", "Karoo Cotton", "cotton,summer", 149.9, 180,
           (("Size", ("S", "M", "L", "XL")), ("Colour", ("Red", "Navy", "Black")))),
    Family("OXF", "Oxford shirt", "Clothing/Shirts", "Karoo Cotton", "cotton,office", 449.0, 320,
           (("Size", ("S", "M", "L", "XL")), ("Colour", ("White", "Blue")))),
    Family("SHO", "trail shoe", "Shoes/Running", "Drakensberg", "trail,running", 1299.0, 640,
           (("Size", ("6", "7", "8", "9", "10")), ("Colour", ("Grey", "Orange")))),
    Family("BOO", "work boot", "Shoes/Work", "Drakensberg", "steel toe,safety", 1099.0, 1450,
           (("Size", ("7", "8", "9", "10")),)),
    Family("TEA", "rooibos tea, 80 bags", "Groceries/Hot drinks", "Cederberg", "tea,caffeine-free", 54.99, 220),
    Family("COF", "coffee beans", "Groceries/Hot drinks", "Cederberg", "coffee", 129.0, 1000,
           (("Pack", ("250 g", "1 kg")),)),
    Family("OIL", "olive oil, 500 ml", "Groceries/Pantry", "Paarl Press", "oil,pantry", 119.0, 950),
    Family("HAM", "claw hammer", "Tools/Hand tools", "Ironwood", "steel,hickory", 289.0, 680),
    Family("DRL", "cordless drill, 18 V", "Tools/Power tools", "Ironwood", "cordless,18V", 1899.0, 1600),
    Family("SCR", "screws, box of 200", "Tools/Fixings", "Ironwood", "zinc", 64.5, 800,
           (("Length", ("30 mm", "40 mm", "60 mm")),)),
    Family("PAN", "cast-iron pan", "Home/Kitchen", "Hearth", "cast iron,induction", 649.0, 2300,
           (("Diameter", ("24 cm", "28 cm")),)),
    Family("TWL", "bath towel", "Home/Bathroom", "Hearth", "cotton,bath", 219.0, 520,
           (("Colour", ("Sand", "Sage", "Slate")),)),
)  # fmt: skip
SERIES = (
    "Karoo", "Kalahari", "Overberg", "Winelands", "Highveld", "Lowveld", "Bushveld", "Magalies", "Waterberg",
    "Sneeuberg", "Tankwa", "Namaqua", "Knysna", "Hantam", "Bokkeveld",
)  # fmt: skip
GIVEN = (
    "Thandi", "Pieter", "Lerato", "Sipho", "Anita", "Johan", "Naledi", "Yusuf", "Priya", "Bongani", "Karin", "Themba",
)  # fmt: skip
FAMILY_NAMES = (
    "Nkosi", "van Wyk", "Dlamini", "Naidoo", "Botha", "Mokoena", "Patel", "Jacobs", "Khumalo", "Smith", "Adams",
    "Sithole",
)  # fmt: skip
TRADES = (
    "Traders", "Stores", "Outfitters", "Hardware", "Supplies", "Wholesalers", "Deli", "Homeware",
)  # fmt: skip
TOWNS = (
    ("Cape Town", "Western Cape", "8001", "021"), ("Stellenbosch", "Western Cape", "7600", "021"),
    ("Johannesburg", "Gauteng", "2001", "011"), ("Pretoria", "Gauteng", "0002", "012"),
    ("Durban", "KwaZulu-Natal", "4001", "031"), ("Gqeberha", "Eastern Cape", "6001", "041"),
)  # fmt: skip
STREETS = (
    "Main Road", "Church Street", "Voortrekker Road", "Long Street", "Nelson Mandela Drive", "Station Road",
)  # fmt: skip
PRICE_LISTS = ("retail", "wholesale", "distributor")
WAREHOUSES = (("CPT", "Cape Town"), ("JHB", "Johannesburg"))
FIRST_STAMP = "2025-01-06 08:00:00"


def items(number: int, seed: int) -> Iterator[ItemRow]:
    """Gives so many rows of the item table, a few of them bad in the ways of real ERPs."""
    rows = islice(_variants(Random(seed)), number)  # noqa: S311  # sample data, no secret
    for position, row in enumerate(rows, 1):
        spoil = FAULTS.get(position)
        yield row if spoil is None else tuple((dict(zip(COLUMNS, row, strict=True)) | spoil).values())


COLUMNS = (
    "code", "style", "name", "description", "department", "category", "brand", "keywords", "barcode", "status",
    "option1_name", "option1", "option2_name", "option2", "price_retail", "price_wholesale", "price_distributor",
    "qty_cpt", "qty_jhb", "reserved", "weight_g", "bin", "image_url", "changed_at",
)  # fmt: skip
"""Columns of the item table after its id, in the order of a row."""
FAULTS: dict[int, dict[str, Any]] = {
    20: {"qty_cpt": -3, "qty_jhb": 0},
    41: {"price_retail": "POA"},
    43: {"name": None},
    44: {"code": "DOUBLE-1"},
    45: {"code": "DOUBLE-1"},
    46: {"status": "internal"},
    342: {"code": ""},
    347: {"status": "discontinued", "qty_cpt": 0, "qty_jhb": 0},
}
"""What is odd about the items of these ids: sold below zero, a price on application, no name, one code twice,
an item that is not for sale anywhere; and in an ERP of more items no code (which stops every sweep) and one that is
no longer for sale."""


def _variants(random: Random) -> Iterator[ItemRow]:
    number = count(1)
    for style_number in count():
        series, place = divmod(style_number, len(FAMILIES))
        family = FAMILIES[place]
        style = f"{family.prefix}{series + 1:03d}"
        shared = _shared(family, style, series)
        price = round(family.price * random.uniform(0.8, 1.3), 2)
        for values in product(*(choices for _, choices in family.options)):
            yield (
                "-".join((style, *(value.replace(" ", "").upper()[:4] for value in values))), style, *shared[:6],
                _barcode(position := next(number)), "active", *_options(family, values),
                price, round(price * 0.72, 2), round(price * 0.61, 2), *_stock(random.random()),
                family.grams, f"{'ABCDEF'[position % 6]}-{position % 40:02d}", shared[6], FIRST_STAMP,
            )  # fmt: skip


def _shared(family: Family, style: str, series: int) -> tuple[str, ...]:
    """Name to keywords and the picture: the same on all variants of a style."""
    round_number, kind = divmod(series, len(SERIES))
    name = f"{SERIES[kind]} {family.noun}" + (f" {round_number + 1}" if round_number else "")
    text = f"<p>{name} by {family.brand}.</p>"
    department = family.category.partition("/")[0]
    picture = f"https://images.demo-erp.example/{style}.jpg"
    return name, text, department, family.category, family.brand, family.keywords, picture


def _options(family: Family, values: tuple[str, ...]) -> tuple[str | None, ...]:
    """First option's name and value, second option's name and value."""
    pairs = [part for (name, _), value in zip(family.options, values, strict=True) for part in (name, value)]
    return (*pairs, None, None, None, None)[:4]


def _stock(chance: float) -> tuple[int, int, int]:
    """On hand in both warehouses, and what is reserved."""
    there = int(chance * 120)
    return there, int(chance * 7919) % 90, there % 4


def _barcode(number: int) -> str:
    """An EAN-13 with its check digit."""
    digits = f"600{number:09d}"
    weighted = sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))
    return digits + str(-weighted % 10)


CUSTOMER_COLUMNS = (
    "code", "company", "contact", "email", "phone", "street", "town", "province", "postcode", "delivery_street",
    "delivery_town", "delivery_postcode", "price_list", "warehouse", "on_hold", "changed_at",
)  # fmt: skip


def customers(number: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """Gives so many rows of the customer table; the first is the account for cash sales."""
    random = Random(seed + 1)  # noqa: S311  # sample data, no secret
    yield ("CASH", "Cash sales", *[None] * 10, "retail", "CPT", 0, FIRST_STAMP)
    for one in range(1, number):
        given, family = random.choice(GIVEN), random.choice(FAMILY_NAMES)
        town, province, postcode, dialling = random.choice(TOWNS)
        company = f"{family} {random.choice(TRADES)}"
        mail = f"{given}.{one}@{family.replace(' ', '')}.example".lower()
        street = f"{random.randint(1, 220)} {random.choice(STREETS)}"
        yield (
            f"C{one:05d}", company, f"{given} {family}", mail, f"{dialling} 555 {one % 10_000:04d}", street, town,
            province, postcode, f"Warehouse {one % 9 + 1}, {street}", town, postcode, PRICE_LISTS[one % 3],
            WAREHOUSES[one % 2][0], int(one % 25 == 0), FIRST_STAMP,
        )  # fmt: skip
