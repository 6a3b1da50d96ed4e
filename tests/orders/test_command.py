"""`crossdock orders`, on a home of its own: what a person types, and what there is to read."""

import json

import pytest
from click.testing import CliRunner

from crossdock.cli.commands import crossdock
from crossdock.store import Store, ledger
from crossdock.store.ledger import Step

CONFIGURATION = """
[connections.hub]
plugin = "stock2shop"
[connections.erp]
plugin = "custom-database"
[orders.hub]
from = "hub"
to = "erp"
"""
ORDER = {"channel_order_code": "1001", "lines": [{"sku": "MUG", "qty": 2, "price": 9.95}]}


@pytest.fixture
def run(tmp_path):
    """Runs a command; gives its exit code and all that it said."""
    (tmp_path / "crossdock.toml").write_text(CONFIGURATION, encoding="utf-8")

    def call(*arguments):
        result = CliRunner().invoke(crossdock, ["--home", str(tmp_path), "orders", *arguments])
        return result.exit_code, result.output

    return call


@pytest.fixture
def submitted(run, tmp_path):
    """One good order, one without lines, and something else, handed over."""
    file = tmp_path / "orders.json"
    file.write_text(json.dumps([ORDER, {**ORDER, "channel_order_code": "1002", "lines": []}, {"x": 1}]), "utf-8")
    return run("submit", str(file))


@pytest.fixture
def refused(submitted, tmp_path):
    """The good order's document, refused by its target."""
    store = Store(f"sqlite:///{(tmp_path / 'crossdock.db').as_posix()}")
    with store.write() as transaction:
        one = ledger.document(transaction, 1)
        ledger.move(transaction, one, "refused", Step("raise(erp)", "no"), reason="no such account", cure="make it")
    store.close()


def test_orders_are_handed_over(run, submitted, tmp_path):
    """Each order's fate is counted, what does not go on is said, and again it is nothing new."""
    code, said = submitted
    assert (code, said.splitlines()[0]) == (1, "1 accepted, 1 held, 1 rejected")
    assert "unknown field `x`" in said
    (tmp_path / "one.json").write_text(json.dumps(ORDER), "utf-8")
    assert run("submit", str(tmp_path / "one.json")) == (0, "1 repeated\n")


def test_a_file_that_is_no_json_is_misuse(run, tmp_path):
    """A page of HTML is refused by name, with exit code 2."""
    (tmp_path / "page.json").write_text("<html>", "utf-8")
    code, said = run("submit", str(tmp_path / "page.json"))
    assert (code, "page.json: neither an order nor a list of orders" in said) == (2, True)


def test_orders_are_listed(run, refused):
    """All, those of one state, or only what the ERP lacks; with the reason and the cure."""
    _, said = run("list", "--state", "refused", "--json")
    (one,) = json.loads(said)["orders"]
    assert (one["code"], one["target"], one["reason"], one["cure"]) == ("1001", "erp", "no such account", "make it")
    assert len(json.loads(run("list", "--missing", "--json")[1])["orders"]) == 3
    assert "refused" in run("list")[1]
    assert run("list", "--state", "parked") == (0, "There is no order.\n")
    assert run("list", "--missing", "--state", "new")[0] == 2


def test_an_order_is_shown_with_every_step(run, refused):
    """From intake to the refusal: when, who, which state and why."""
    shown = json.loads(run("show", "1001", "--json")[1])
    assert [one["state"] for one in shown["history"]] == ["accepted", "new", "refused"]
    said = run("show", "1001")[1]
    assert "document 1: sales_order to erp, refused, reference not given yet" in said
    assert "make it" in said


def test_a_person_decides(run, refused):
    """Retried, found in the ERP, or not wanted: the document says so, and the history who."""
    assert "document 1: sales_order to erp, new" in run("retry", "1001")[1]
    assert "looked for and cancelled by the next run" in run("resolve", "1001", "--cancelled", "ordered twice")[1]
    shown = json.loads(run("show", "1001", "--json")[1])
    assert shown["history"][-1]["actor"].startswith("person ")


def test_what_is_in_the_erp_can_be_said(run, refused):
    """A person who found the document gives its number."""
    assert "raised SO7" in run("resolve", "1001", "--raised", "SO7")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "nope"), 1, "there is no order 'nope'"),
        (("show", "nope", "--flow", "hubb"), 1, "did you mean 'hub'?"),
        (("retry", "1001"), 1, "nothing of it is refused, parked or in conflict"),
        (("resolve", "1001"), 2, "say one of --raised NUMBER"),
        (("resolve", "1001", "--keep", "--take"), 2, "say one of --raised NUMBER"),
        (("resolve", "1001", "--keep"), 1, "no other content waits for a decision"),
    ],
)
def test_what_cannot_be_done_says_why(run, submitted, arguments, code, message):
    """A wrong code, a wrong flow, or an act that makes no sense."""
    found, said = run(*arguments)
    assert (found, message in said) == (code, True), said
