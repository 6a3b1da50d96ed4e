"""A home folder with a demo ERP, a stand-in hub and a file, worked on through the command line alone."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from crossdock.cli.commands import crossdock
from crossdock.testing.hub import StandInHub

ITEMS = 120
PASSWORD = "secret"
CONFIGURATION = """
[connections.erp]
plugin = "demo-erp"
path = "erp.db"
items = {items}

[connections.hub]
plugin = "stock2shop"
url = "{url}/v1"
username = "agent@client"
password = {{ file = "hub-password" }}
source_id = 57
rate = 1000

[connections.out]
plugin = "flat-file"
path = "out.jsonl"

[syncs.main]
source = "erp"
channels = ["hub", "out"]
"""


class Shop:
    """What a test types and sees."""

    def __init__(self, home, hub):
        self.home, self.hub = home, hub
        self.path = home / "crossdock.toml"
        (home / "hub-password").write_text(PASSWORD, "utf-8")
        self.path.write_text(CONFIGURATION.format(items=ITEMS, url=hub.url if hub else "http://127.0.0.1:9"), "utf-8")

    def run(self, *arguments):
        """Runs a command on this home."""
        return CliRunner().invoke(crossdock, ["--home", str(self.home), *arguments])

    def told(self, *arguments, code=0):
        """Runs a command that prints JSON and gives it."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout.splitlines()[-1])

    def sync(self, code=0):
        """Runs the sync in full and gives its summary."""
        return self.told("sync", "--full", code=code)

    def sent(self, summary, channel="hub"):
        """Gives the number of items that a sync sent to a channel."""
        return sum(one["sent"] for one in summary["deliveries"] if one["channel"] == channel)

    def erp(self, statement, *values):
        """Changes the ERP as its users would and gives what it answers."""
        with closing(sqlite3.connect(self.home / "erp.db")) as database, database:
            return database.execute(statement, values).fetchall()

    def store(self, statement, *values):
        """Looks into the store."""
        with closing(sqlite3.connect(self.home / "crossdock.db")) as database, database:
            return database.execute(statement, values).fetchall()

    def on_hub(self):
        """Gives what is on sale on the hub, by code."""
        return {one["source_variant_code"]: one for one in self.hub.variants(active=True)}

    def in_erp(self):
        """Gives the codes of the sound items that are on sale in the ERP."""
        return {code for (code,) in self.erp(f"SELECT code FROM item WHERE {SOUND}")}  # noqa: S608  # fixed text

    def edit(self, old, new):
        """Changes the configuration."""
        text = self.path.read_text("utf-8")
        assert old in text
        self.path.write_text(text.replace(old, new), "utf-8")


SOUND = "code <> '' AND code NOT LIKE 'DOUBLE%' AND name <> '' AND typeof(price_retail) <> 'text' AND status = 'active'"
SPOILT = "DELETE FROM item WHERE id BETWEEN 41 AND 47"
"""Takes the rows out that are bad on purpose: a row without a code would stop every sweep."""


@pytest.fixture
def shop(tmp_path):
    """A home folder whose hub runs."""
    with StandInHub(rate=1000, open_rate=1000) as hub:
        yield Shop(tmp_path, hub)


@pytest.fixture
def lone_shop(tmp_path):
    """A home folder whose hub is not there."""
    return Shop(tmp_path, None)


@pytest.fixture
def sound_shop(shop):
    """A home folder whose ERP has no bad row, synchronised once."""
    assert shop.run("preview", "erp", "products").exit_code == 0
    shop.erp(SPOILT)
    shop.sync()
    assert set(shop.on_hub()) == shop.in_erp()
    return shop


@pytest.fixture
def typed(tmp_path):
    """Types commands on a home whose configuration is empty; with answers, as on a terminal."""
    (tmp_path / "crossdock.toml").write_text("", "utf-8")

    def run(*words, code=0, answers=None):
        asked = () if answers is None else ("--ask",)
        lines = None if answers is None else "".join(f"{one}\n" for one in answers)
        result = CliRunner().invoke(crossdock, ["--home", str(tmp_path), *words, *asked], input=lines)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory) -> Path:
    """A folder for a demo that is kept."""
    return tmp_path_factory.mktemp("demo") / "kept"
