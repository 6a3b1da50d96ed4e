"""A connection keeps its identity under another name."""

import sqlite3
from contextlib import closing

from crossdock.host.config import read_configuration
from crossdock.host.home import open_store
from crossdock.host.run_sync import run_sync
from crossdock.sync.read import Options

CONFIGURATION = """
[connections.{name}]
plugin = "custom-database"
url = "sqlite:///erp.db"
{was}
[connections.{name}.products]
table = "items"
key = "id"
[connections.{name}.products.fields]
source_product_code = "code"
source_variant_code = "code"
title = "title"
"variants.sku" = "code"
[connections.out]
plugin = "flat-file"
path = "out.jsonl"
[syncs.main]
source = "{name}"
channels = ["out"]
"""


def test_a_renamed_source_is_the_same_source(tmp_path):
    """With its former name given, nothing is sent again, and what went meanwhile is taken off sale."""
    with closing(sqlite3.connect(tmp_path / "erp.db")) as database, database:
        database.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, code TEXT, title TEXT)")
        database.executemany("INSERT INTO items VALUES (?, ?, 'T')", [(n, f"C{n}") for n in range(1, 5)])
    sent = []
    for name, was in (("erp", ""), ("sage", 'was = "erp"'), ("sage", 'was = "erp"')):
        (tmp_path / "crossdock.toml").write_text(CONFIGURATION.format(name=name, was=was), "utf-8")
        configuration = read_configuration(tmp_path / "crossdock.toml")
        store = open_store(configuration, tmp_path)
        report = run_sync(configuration, store, configuration.sync("main"), ["products"], Options())
        store.close()
        assert report.errors == []
        sent.append((report.reads[0].vanished, report.deliveries[0].sent))
        with closing(sqlite3.connect(tmp_path / "erp.db")) as database, database:
            database.execute("DELETE FROM items WHERE id = 1")
    assert sent == [(0, 4), (1, 1), (0, 0)]
