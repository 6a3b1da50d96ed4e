"""The demo ERP is the same for the same seed, reads as any SQL source, and has bad rows on purpose."""

import sqlite3
from contextlib import closing

import pytest
from crossdock_demo_erp import erp, fake, plugin
from crossdock_demo_erp.fields import CUSTOMERS, PRODUCTS

from crossdock import Config, Read


@pytest.fixture
def settings(tmp_path):
    """Settings of a connection to a small ERP."""
    with fake.start(tmp_path) as given:
        yield given


def read_all(settings, **how):
    """All product rows by item id, and the last cursor."""
    rows, cursor = {}, None
    with plugin.open_session(config=Config(settings), memory=None) as session:
        for page in plugin.read_products(session=session, read=Read(fields=PRODUCTS, **how)):
            key = page.columns.index("id")
            rows |= {row[key]: dict(zip(page.columns, row, strict=True)) for row in page.rows}
            cursor = page.cursor
    return rows, cursor


def dump(path):
    """The whole database as SQL."""
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def test_the_seed_decides(tmp_path):
    """The same seed gives the same database, another one another."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        erp.create(tmp_path / name, 80, seed)
    assert dump(tmp_path / "a") == dump(tmp_path / "b")
    assert dump(tmp_path / "a") != dump(tmp_path / "c")


def test_it_is_made_once(settings):
    """Opening a session makes the ERP where there is none, and leaves one that is there as it is."""
    erp.change_some(settings["path"], 1)
    before = dump(settings["path"])
    read_all(settings)
    assert dump(settings["path"]) == before


@pytest.mark.parametrize("items", [1, 19, 250, 3000])
def test_it_has_as_many_items_as_asked_for(tmp_path, items):
    """`items` counts all rows of the item table, bad ones included."""
    erp.create(tmp_path / "erp.db", items, 3)
    assert erp.counts(tmp_path / "erp.db")["item"] == items


def test_all_items_are_read(settings):
    """A full read gives each item once, with stock and prices as columns."""
    rows, _ = read_all(settings, page_size=7)
    assert sorted(rows) == list(range(1, fake.ITEMS + 1))
    assert {"price_retail", "price_wholesale", "price_distributor", "qty_cpt", "qty_jhb", "qty_free"} <= set(rows[1])


def test_the_bad_rows_are_there(settings):
    """Every sort of bad row that an ERP has on a bad day is among the items."""
    rows, _ = read_all(settings)
    codes = [row["code"] for row in rows.values()]
    assert rows[20]["qty_free"] < 0
    assert rows[41]["price_retail"] == "POA"
    assert rows[43]["name"] is None
    assert codes.count("DOUBLE-1") == 2
    assert len(set(codes)) == len(codes) - 1


def test_a_larger_erp_has_worse_rows(tmp_path):
    """Beyond the first few hundred there are an item without a code and one that is no longer for sale."""
    erp.create(tmp_path / "erp.db", 400, 3)
    with closing(sqlite3.connect(tmp_path / "erp.db")) as database:
        assert database.execute("SELECT code FROM item WHERE id = 342").fetchone() == ("",)
        assert database.execute("SELECT status FROM item WHERE id = 347").fetchone() == ("discontinued",)


def test_one_style_has_one_text(tmp_path):
    """All variants of a style agree about its text, and no two have the same options."""
    erp.create(tmp_path / "erp.db", 2000, 7)
    with closing(sqlite3.connect(tmp_path / "erp.db")) as database:
        count = "SELECT count(DISTINCT name), count(DISTINCT description), count(DISTINCT image_url)"
        texts = f"{count} FROM item GROUP BY style"
        assert set(database.execute(texts)) == {(1, 1, 1)}
        twins = "SELECT 1 FROM item GROUP BY style, option1, option2 HAVING count(*) > 1"
        assert database.execute(twins).fetchone() is None


@pytest.mark.parametrize("seed", range(8))
def test_a_working_day_changes_what_it_says(settings, seed):
    """`change_some` changes 3 to 10 items, names them, and the next read gives just those and the overlap."""
    before, cursor = read_all(settings)
    changed = erp.change_some(settings["path"], seed)
    after, _ = read_all(settings)
    differing = {
        row["code"] for key, row in after.items() if row | {"changed_at": ""} != before[key] | {"changed_at": ""}
    }
    assert differing == set(changed)
    assert 3 <= len(changed) <= 10
    again, _ = read_all(settings, since=cursor)
    assert set(changed) <= {row["code"] for row in again.values()}


def test_customers_are_read(settings):
    """Customers have accounts, price lists and addresses; the first is for cash sales."""
    with plugin.open_session(config=Config(settings), memory=None) as session:
        (page,) = plugin.read_customers(session=session, read=Read(fields=CUSTOMERS))
    codes = [row[page.columns.index("code")] for row in page.rows]
    assert codes[0] == "CASH"
    assert len(set(codes)) == 12


def test_single_items_are_read(settings):
    """A code reads that item alone."""
    rows, _ = read_all(settings, codes=("TSH001-S-RED",))
    assert list(rows) == [1]
