"""Names that are not words: tables with blanks, quotes, dots and letters of the world, and of connections and syncs."""

import json
import sqlite3
import tomllib
from contextlib import closing

import pytest

TABLES = {
    "my items": ("item no.", 'price "net"'),
    "dotted.items": ("code", "price"),
    'items "of.us': ("code", "price"),
    "商品": ("code", "price"),
    "Artikel-Übersicht": ("Artikelnr", "Preis [EUR]"),
}
DATABASE = ("--plugin", "custom-database", "--set", "url=sqlite:///company.db", "--customers", "none")


def quoted(name):
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture
def add(tmp_path, typed):
    """Adds a connection to a database that has just the tables named, and gives its part of the file."""

    def added(*tables, words=(), code=0):
        with closing(sqlite3.connect(tmp_path / "company.db")) as database, database:
            for table in tables:
                key, price = TABLES[table]
                columns = f"{quoted(key)} TEXT PRIMARY KEY, name TEXT, {quoted(price)} REAL"
                database.execute(f"CREATE TABLE {quoted(table)} ({columns})")
                database.execute(f"INSERT INTO {quoted(table)} VALUES ('A', 'Axe', 9.5)")  # noqa: S608  # names of ours
        typed("connections", "add", "erp", *DATABASE, *words, code=code)
        return tomllib.loads((tmp_path / "crossdock.toml").read_text("utf-8"))["connections"]["erp"]

    return added


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_any_name_is_found_and_read(add, typed, table):
    """Whatever a table and its columns are called, the map that is written reads it."""
    assert "products" in add(table)
    (row,) = json.loads(typed("preview", "erp", "products", "--json").stdout.splitlines()[-1])["rows"]
    assert row["record"]["variants"]["price"] == "9.5"


@pytest.mark.parametrize("written", ["dotted.items", '"dotted.items"', "DOTTED.ITEMS"])
def test_a_name_with_a_dot_may_be_named(add, written):
    """Who names it need not know about quotes; the file has them."""
    assert add("dotted.items", "my items", words=("--products", written))["products"]["table"] == '"dotted.items"'


@pytest.mark.parametrize("name", ["", " erp", "e\nrp", "--", "-x"])
def test_a_name_that_nobody_could_type_is_refused(typed, tmp_path, name):
    """An empty name, or one with what cannot be seen, is refused before anything is asked."""
    words = ("--plugin", "flat-file", "--as", "channel", "--set", "path=o.jsonl")
    for kind, more in (("connections", words), ("syncs", ())):
        said = typed(kind, "add", *more, "--", name, code=1)
        assert "cannot be the name" in said.output
    assert (tmp_path / "crossdock.toml").read_text("utf-8") == ""


def test_the_next_command_can_be_typed_as_it_stands(typed, tmp_path):
    """A name with a blank is in quotes in the command that is proposed next, which names the same home."""
    (tmp_path / "o.jsonl").write_text("", "utf-8")
    said = typed("connections", "add", "my shop", "--plugin", "flat-file", "--as", "channel", "--set", "path=o.jsonl")
    assert f"Next: crossdock --home {tmp_path} syncs add main" in said.output
    said = typed("connections", "add", "my erp", "--plugin", "demo-erp", "--set", "path=d.db")
    assert f'Look: crossdock --home {tmp_path} preview "my erp" products' in said.output
