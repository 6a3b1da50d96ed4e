"""`crossdock demo`: from nothing, in one command, with figures that add up."""

import json

import pytest
from click.testing import CliRunner

from crossdock.cli.commands import crossdock
from crossdock.host import demo as host_demo
from crossdock.host.standin import StandIn

SYNCS = ("first_sync", "second_sync", "third_sync")


def run(*arguments):
    """Runs a command with no home folder set up."""
    return CliRunner().invoke(crossdock, list(arguments))


@pytest.fixture(scope="module")
def told():
    """What `crossdock demo --json` prints last."""
    result = run("demo", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.splitlines()[-1])


def test_every_row_is_accounted_for(told):
    """In each sync read = written + unchanged + quarantined + ignored, with at least 200 items and a bad one."""
    for name in SYNCS:
        one = told[name]
        assert one["read"] == one["written"] + one["unchanged"] + one["quarantined"] + one["ignored"]
        assert one["read"] >= 200
        assert one["quarantined"] >= 1


def test_what_is_new_or_changed_is_sent_and_nothing_else(told):
    """The first sync sends all that it wrote, the second nothing, the third exactly the 3 to 10 items that changed."""
    assert told["first_sync"]["sent"] == told["first_sync"]["written"] > 0
    assert told["second_sync"]["sent"] == told["second_sync"]["written"] == 0
    assert told["second_sync"]["unchanged"] == told["first_sync"]["written"]
    assert told["third_sync"]["sent"] == told["third_sync"]["written"] == len(told["changed"])
    assert 3 <= len(told["changed"]) <= 10


def test_the_hub_is_asked(told):
    """The number on the hub is what the hub says of itself, and what is on sale does not change by changing prices."""
    assert told["on_hub"] == told["third_sync"]["on_hub"] == told["first_sync"]["on_hub"]
    assert 0 < told["on_hub"] <= told["first_sync"]["sent"]


def test_report_for_a_person_and_a_home_that_stays(demo_home):
    """Without --json the demo explains itself, and with --keep its home works with every other command."""
    result = run("demo", "--keep", str(demo_home))
    assert result.exit_code == 0, result.output
    for word in ("POA", "quarantined", "the hub was asked", "crossdock --home"):
        assert word.lower() in " ".join(result.stdout.split()).lower()
    listed = run("--home", str(demo_home), "quarantine", "list", "--json")
    assert {one["field"] for one in json.loads(listed.stdout)["rows"]} >= {"variants.price", "title"}
    assert run("demo", "--keep", str(demo_home)).exit_code == 2


def test_a_hub_that_lost_an_item_is_noticed(monkeypatch):
    """Where hub and catalogue differ the demo says so and ends with 1."""
    ask = StandIn.active_variants
    monkeypatch.setattr(StandIn, "active_variants", lambda one: dict(list(ask(one).items())[1:]))
    result = run("demo", "--json")
    assert result.exit_code == 1
    assert "differ in 1 items" in json.loads(result.stdout.splitlines()[-1])["problems"][0]


def test_missing_plugins_are_named(monkeypatch):
    """Where a plugin is not installed the demo says what to install, and starts nothing."""
    monkeypatch.setattr(host_demo, "entry_points", lambda **_: ())
    result = run("demo")
    assert result.exit_code == 1
    assert "pip install crossdock-demo-erp crossdock-stock2shop crossdock-flat-file" in result.stderr


def test_too_few_items_are_misuse():
    """The demo has at least 200 items."""
    assert run("demo", "--items", "10").exit_code == 2
