"""A small demo ERP in a folder; the system is its own stand-in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from crossdock_demo_erp import erp, goods

ITEMS, SEED = 60, 7
BAD_ROWS = {"products": 4}
"""Rows of a stream that are bad on purpose: without a name, with a price that is no number, two with one code."""
FAULTS = ("bad_data",)
"""Ways to fail that `fault` knows."""
_TABLES = {
    "products": ("item", goods.COLUMNS, goods.items, "qty_cpt = qty_cpt + 1"),
    "customers": ("customer", goods.CUSTOMER_COLUMNS, goods.customers, "phone = phone || '1'"),
}


@contextmanager
def start(folder: Path) -> Iterator[dict[str, Any]]:
    """Makes the ERP in a folder and gives the settings of a connection to it."""
    path = folder / "demo-erp.db"
    erp.create(path, ITEMS, SEED)
    yield {"path": str(path), "items": ITEMS, "seed": SEED}


def touch(settings: Mapping[str, Any], stream: str, codes: Sequence[Any], seconds: float) -> None:
    """Changes rows by code and stamps them all with one time, some seconds from now."""
    table, _, _, change = _TABLES[stream]
    with erp.writing(settings["path"]) as database:
        ((stamp,),) = database.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now', ?)", (f"{seconds:+.3f} seconds",))
        update = f"UPDATE {table} SET {change}, changed_at = ? WHERE code = ?"  # noqa: S608  # fixed text
        database.executemany(update, [(stamp, code) for code in codes])


def fill(settings: Mapping[str, Any], stream: str, count: int) -> None:
    """Replaces all rows of a stream by so many."""
    table, columns, make, _ = _TABLES[stream]
    marks = ", ".join("?" * len(columns))
    with erp.writing(settings["path"]) as database:
        database.execute(f"DELETE FROM {table}")  # noqa: S608  # fixed text
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608  # fixed text
        database.executemany(insert, islice(make(count, SEED), count))


@contextmanager
def fault(settings: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    """Puts a file in the ERP's place that is none; gives the settings to use."""
    assert kind in FAULTS  # noqa: S101  # nobody asks for another
    other = Path(settings["path"]).with_name("other.db")
    other.write_bytes(b"no database " * 100)
    yield {**settings, "path": str(other)}
