"""Real processes that are killed, lose their database or their hub: afterwards one clean sync makes all equal."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal

import psutil
import pytest

from crossdock.testing.hub import StandInHub

CONFIG = """
[connections.erp]
plugin = "custom-database"
url = "sqlite:///erp.db"
[connections.erp.products]
table = "items"
key = "id"
[connections.erp.products.fields]
source_product_code = "grp"
source_variant_code = "code"
title = "title"
"variants.sku" = "code"
"variants.qty" = "qty"
"variants.price" = "price"

[connections.out]
plugin = "flat-file"
path = "out.jsonl"

[connections.hub]
plugin = "stock2shop"
url = "{url}/v1"
username = "agent@client"
password = "secret"
source_id = 57
rate = 1000
timeout_s = 5

[syncs.main]
source = "erp"
channels = ["out", "hub"]
page_size = 50
brake = {{ share = 1.0, items = 100000 }}
"""
ITEMS = 300
SYNC_S = 120
"""Seconds after which a sync that hangs is a failure."""


class Shop:
    """An ERP in a file, a stand-in hub, and the command between them."""

    def __init__(self, folder, hub):
        self.folder, self.hub, self.file = folder, hub, folder / "erp.db"
        (folder / "crossdock.toml").write_text(CONFIG.format(url=hub.url))
        with self.database() as erp:
            erp.execute(
                "CREATE TABLE items (id INTEGER PRIMARY KEY, code TEXT, grp TEXT, title TEXT, qty REAL, price REAL)"
            )
            rows = [(n, f"C{n:04}", f"G{n // 3:04}", f"Product {n // 3}", n % 40, 10 + n) for n in range(ITEMS)]
            erp.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?)", rows)

    @contextlib.contextmanager
    def database(self):
        """The ERP's database, committed at the end."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as erp, erp:
            yield erp

    def edit(self, chance):
        """Changes, deletes and inserts a few rows."""
        with self.database() as erp:
            for n in chance.sample(range(ITEMS), 30):
                erp.execute("UPDATE items SET price = price + 1, qty = ? WHERE id = ?", (chance.randrange(40), n))
            erp.execute("DELETE FROM items WHERE id = ?", (chance.randrange(ITEMS),))
            erp.execute("UPDATE items SET grp = 'MOVED' WHERE id = ?", (chance.randrange(ITEMS),))

    def start(self, *options):
        """Starts a sync."""
        command = [
            sys.executable,
            "-c",
            "from crossdock.cli import main; main()",
            "--home",
            str(self.folder),
            "sync",
            "--json",
            *options,
        ]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def sync(self, *options):
        """Runs a sync to its end; gives its exit code, its report and what it said."""
        process = self.start(*options)
        said, complained = process.communicate(timeout=SYNC_S)
        return process.returncode, json.loads(said) if said else {}, complained

    def expected(self):
        """What a channel should offer: product, quantity and price by code."""
        with self.database() as erp:
            rows = erp.execute("SELECT code, grp, qty, price FROM items").fetchall()
        return {code: (group, Decimal(str(qty)), Decimal(str(price))) for code, group, qty, price in rows}

    def in_file(self):
        """What the file offers: the last line of each code counts."""
        last = {}
        for line in (self.folder / "out.jsonl").read_text("utf-8").splitlines():
            one = json.loads(line)
            last[one["variants"]["source_variant_code"]] = one
        return {
            code: (one["source_product_code"], Decimal(one["variants"]["qty"]), Decimal(one["variants"]["price"]))
            for code, one in last.items()
            if not one.get("gone")
        }

    def on_hub(self):
        """What the hub offers."""
        assert self.hub.wait_processed()
        found = self.hub.variants(active=True)
        return {
            one["source_variant_code"]: (
                one["source_product_code"],
                Decimal(str(one["qty"])),
                Decimal(str(one["price"])),
            )
            for one in found
        }

    def assert_equal(self):
        """Both channels have exactly what the ERP has."""
        want = self.expected()
        assert self.in_file() == want
        assert self.on_hub() == want

    def assert_a_clean_sync_mends_all(self):
        """The next run ends well with channels equal to the ERP, and the one after it has nothing to do."""
        code, report, complained = self.sync()
        assert code == 0, complained
        self.assert_equal()
        _, report, _ = self.sync()
        assert [one["sent"] for one in report["deliveries"]] == [0, 0]


@pytest.fixture
def shop(tmp_path):
    """A shop whose hub is up."""
    with StandInHub(rate=1000, open_rate=1000) as hub:
        yield Shop(tmp_path, hub)


def kill(process, chance):
    """Kills the host or one of its children, without a word."""
    victims = [psutil.Process(process.pid)]
    with contextlib.suppress(psutil.NoSuchProcess):
        victims += victims[0].children()
    with contextlib.suppress(psutil.NoSuchProcess):
        os.kill(chance.choice(victims).pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("seed", range(12))
def test_a_sync_killed_at_any_moment(shop, seed):
    """Host or child killed twice at random moments: the next clean sync makes the channels equal to the ERP."""
    chance = random.Random(seed)  # noqa: S311  # a seed makes it the same again
    for _ in range(2):
        process = shop.start()
        time.sleep(chance.uniform(0.3, 1.8))
        kill(process, chance)
        process.communicate(timeout=SYNC_S)
        shop.edit(chance)
    shop.assert_a_clean_sync_mends_all()


def test_two_syncs_at_once(shop):
    """The second sync of the same lanes says which process is at it, and does no harm."""
    shop.hub.fault(kind="slow", path="/products/queue", times=None, seconds=2.0)
    first = shop.start()
    deadline = time.monotonic() + SYNC_S
    while (
        not any(one["lane"].startswith("deliver(hub") for one in lanes(shop))
        and first.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.05)
    code, report, _ = shop.sync()
    shop.hub.clear_faults()
    _, complained = first.communicate(timeout=SYNC_S)
    assert first.returncode == 0, complained
    assert code == 1
    assert [one["kind"] for one in report["errors"]] == ["LaneBusyError"]
    assert f"process {first.pid}" in report["errors"][0]["text"]
    shop.assert_equal()


def lanes(shop):
    """The leases that are held now."""
    file = shop.folder / "crossdock.db"
    if not file.exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)) as store:
        store.row_factory = sqlite3.Row
        with contextlib.suppress(sqlite3.OperationalError):
            return store.execute("SELECT * FROM lease WHERE holder IS NOT NULL").fetchall()
    return []


def test_the_database_vanishes_in_mid_read(shop):
    """A source that breaks off takes nothing off sale; once it is back all is equal."""
    shop.sync()
    whole = shop.file.read_bytes()
    shop.file.write_bytes(whole[: len(whole) // 2])
    code, report, complained = shop.sync()
    assert code == 1, complained
    assert report["errors"][0]["lane"] == "read(erp, products)"
    assert len(shop.on_hub()) == ITEMS
    shop.file.unlink()
    code, report, _ = shop.sync()
    assert code == 1
    assert "erp" in report["errors"][0]["text"]
    assert len(shop.on_hub()) == ITEMS
    shop.file.write_bytes(whole)
    shop.edit(random.Random(1))  # noqa: S311  # a seed makes it the same again
    shop.assert_a_clean_sync_mends_all()


def test_the_hub_is_down_and_comes_back(shop):
    """While the hub is away the file is served all the same; afterwards the hub is equal."""
    shop.hub.stop()
    code, report, _ = shop.sync()
    assert code == 1
    assert [one["lane"] for one in report["errors"]] == ["deliver(hub, erp, products)"]
    assert shop.in_file() == shop.expected()
    shop.hub.start()
    shop.assert_a_clean_sync_mends_all()


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429, "retry_after": 0, "times": 2},
        {"kind": "status", "status": 500, "times": 1},
        {"kind": "lose_answer", "times": 1},
        {"kind": "lose_answer", "times": 2, "skip": 1},
        {"kind": "close", "times": 1},
        {"kind": "drop_token", "times": 1},
        {"kind": "bad_json", "times": 1},
    ],
    ids=lambda fault: f"{fault['kind']}-{fault.get('status', fault.get('skip', ''))}",
)
def test_the_hub_stumbles_in_mid_batch(shop, fault):
    """A refusal for the moment, or an answer lost after it was stored, ends with hub and ERP equal."""
    shop.hub.fault(path="/products/queue", **fault)
    shop.sync()
    shop.hub.clear_faults()
    shop.assert_a_clean_sync_mends_all()


def test_a_full_outbox_is_an_error_and_then_mended(shop):
    """A channel that cannot be written to stops alone, says so, and is filled later."""
    (shop.folder / "out.jsonl").mkdir()
    code, report, _ = shop.sync()
    assert code == 1
    assert report["errors"][0]["lane"].startswith("deliver(out")
    assert shop.on_hub() == shop.expected()
    (shop.folder / "out.jsonl").rmdir()
    shop.assert_a_clean_sync_mends_all()
