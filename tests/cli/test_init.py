"""`crossdock init`: a home from nothing, and the way from it to a sync that has sent something."""

import json
import sqlite3
import tomllib
from contextlib import closing

import pytest
from click.testing import CliRunner

from crossdock.cli.commands import crossdock
from crossdock.testing.hub import StandInHub

COMPANY = """
    CREATE TABLE artikel (artikelnr TEXT PRIMARY KEY, bezeichnung TEXT, vkpreis REAL, bestand INTEGER, ean TEXT);
    INSERT INTO artikel VALUES ('H1', 'Hammer', 12.5, 3, '4001'), ('N1', 'Nagel', 0.1, 2000, NULL);
    CREATE TABLE kunden (kundennr TEXT PRIMARY KEY, firma TEXT, email TEXT, plz TEXT, ort TEXT);
    INSERT INTO kunden VALUES ('K1', 'Acme', 'a@acme.example', '53111', 'Bonn');
    CREATE TABLE auftragspositionen (id INTEGER PRIMARY KEY, artikelnr TEXT, menge INTEGER, preis REAL);
"""


@pytest.fixture
def folder(tmp_path):
    """A folder that is not there yet, with a company's database beside it."""
    with closing(sqlite3.connect(tmp_path / "company.db")) as database:
        database.executescript(COMPANY)
    return tmp_path / "new" / "home"


@pytest.fixture
def typed(folder):
    """Types a command on that home; it must end well unless said otherwise."""

    def run(*words, code=0, answers=""):
        result = CliRunner().invoke(crossdock, ["--home", str(folder), *words], input=answers)
        assert result.exit_code == code, result.output
        return result

    return run


def test_a_home_is_made_once(folder, typed):
    """The folder is made, its file says what to do next, and a second time nothing is touched."""
    said = typed("init")
    text = (folder / "crossdock.toml").read_text("utf-8")
    assert tomllib.loads(text) == {}
    assert "crossdock connections add erp" in text
    assert said.output.endswith(f"Next: crossdock --home {folder} connections add erp\n")
    assert [one.name for one in folder.iterdir()] == ["crossdock.toml"]
    (folder / "crossdock.toml").write_text(text + "# mine\n", "utf-8")
    again = typed("init", code=1).output
    assert "already" in again
    assert "Nothing was changed" in again
    assert (folder / "crossdock.toml").read_text("utf-8").endswith("# mine\n")


def test_the_plugins_that_are_there_are_named(folder, typed):
    """A script is told where the file is and which plugins are installed."""
    told = json.loads(typed("init", "--json").stdout)
    assert told["path"] == str(folder / "crossdock.toml")
    assert {"custom-database", "flat-file", "stock2shop"} <= set(told["plugins"])


def test_from_nothing_to_a_shop_that_is_filled(folder, typed, monkeypatch):
    """Init, a database, a hub, a file, a sync: five commands without an editor, and what the ERP has is on the hub."""
    monkeypatch.setenv("HUB_PASSWORD", "secret")
    typed("init")
    typed("connections", "add", "erp", "--plugin", "custom-database", "--set", "url=sqlite:///../../company.db")
    with StandInHub(rate=1000, open_rate=1000) as hub:
        where = ("--set", f"url={hub.url}/v1", "--set", "username=agent@client", "--set", "source_id=57")
        typed("connections", "add", "hub", "--plugin", "stock2shop", *where, "--secret-env", "HUB_PASSWORD")
        paths = ("--set", "path=out.jsonl", "--set", "customers_path=customers.jsonl")
        typed("connections", "add", "out", "--plugin", "flat-file", "--as", "channel", *paths)
        typed("syncs", "add", "main", "--source", "erp", "--channel", "hub", "--channel", "out")
        summary = json.loads(typed("sync", "--json").stdout.splitlines()[-1])
        on_hub = {one["source_variant_code"]: one for one in hub.variants(active=True)}
    assert sum(one["sent"] for one in summary["deliveries"] if one["channel"] == "out") == 3
    assert set(on_hub) == {"H1", "N1"}
    assert on_hub["H1"]["qty"] == 3
    lines = [json.loads(one) for one in (folder / "out.jsonl").read_text("utf-8").splitlines()]
    assert {one["variants"]["sku"]: one["variants"]["price"] for one in lines} == {"H1": 12.5, "N1": 0.1}
    (customer,) = (folder / "customers.jsonl").read_text("utf-8").splitlines()
    assert json.loads(customer)["addresses"] == [{"city": "Bonn", "zip": "53111"}]
    assert "secret" not in (folder / "crossdock.toml").read_text("utf-8").replace("No secret belongs", "")


def test_questions_fill_a_home(folder, typed):
    """Whoever answers has a source, a channel and a sync at the end, with no command but this one."""
    source = ["y", "custom-database", "sqlite", "../../company.db", "y", "y", "y"]
    channel = ["y", "flat-file", "out.jsonl", "y"]
    answers = "\n".join([*source, *channel, "y"]) + "\n"
    typed("init", "--ask", answers=answers)
    data = tomllib.loads((folder / "crossdock.toml").read_text("utf-8"))
    assert data["connections"]["erp"]["products"]["fields"]["title"] == "bezeichnung"
    assert data["connections"]["shop"] == {"plugin": "flat-file", "path": "out.jsonl"}
    assert data["syncs"]["main"]["channels"] == ["shop"]


def test_a_no_leaves_an_empty_home(folder, typed):
    """Nobody has to answer more than once: a no ends the questions, and says how to go on."""
    said = typed("init", "--ask", answers="n\n")
    assert f"Next: crossdock --home {folder} connections add erp" in said.output
    assert tomllib.loads((folder / "crossdock.toml").read_text("utf-8")) == {}


def test_a_configuration_may_be_elsewhere(folder, typed):
    """`--config` says which file is made."""
    typed("--config", str(folder.parent / "other.toml"), "init")
    assert (folder.parent / "other.toml").is_file()
    assert not folder.exists()
