"""A small sample source in a folder: what the plugin's tests and `crossdock demo` read."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PRODUCTS = """\
source_product_code,source_variant_code,title,product_type,tags,sku,barcode,price,price_wholesale,qty,qty_CPT,option1_name,option1_value,image1
SHOE,SHOE-8,Trail shoe,Shoes,"new,trail",SHOE-8,6001234500008,1299.90,999.50,12,7,Size,8,https://shop.example/shoe.jpg
SHOE,SHOE-9,Trail shoe,Shoes,"new,trail",SHOE-9,6001234500009,1299.90,999.50,3,3,Size,9,https://shop.example/shoe.jpg
MUG,MUG,"Mug, enamel",Kitchen,,MUG,,89,,0,0,,,
"""
CUSTOMERS = """\
source_customer_code,first_name,last_name,email,accepts_marketing,price_tier,address1.address1,address1.city,address1.zip
ACME01,Thandi,Nkosi,thandi@acme.example,true,wholesale,1 Main Road,Cape Town,8001
CASH,,,,false,,,,
"""


@contextmanager
def start(folder: Path) -> Iterator[Mapping[str, str]]:
    """Writes the sample files into a folder and gives the settings of a connection to them."""
    products, customers = folder / "products.csv", folder / "customers.csv"
    products.write_text(PRODUCTS, encoding="utf-8", newline="")
    customers.write_text(CUSTOMERS, encoding="utf-8", newline="")
    yield {"path": str(products), "customers_path": str(customers), "encoding": "utf-8", "delimiter": ","}


def fill(settings: Mapping[str, str], stream: str, count: int) -> None:
    """Replaces all rows of a stream by so many."""
    setting, text = {"products": ("path", PRODUCTS), "customers": ("customers_path", CUSTOMERS)}[stream]
    header, *_ = text.splitlines()
    lines = [f"CODE-{number}{',x' * header.count(',')}" for number in range(1, count + 1)]
    Path(settings[setting]).write_text("\n".join([header, *lines, ""]), encoding="utf-8", newline="")
