"""What a person gets wrong at a terminal: said, asked again, and no answer lost; no secret where it does not belong."""

import os
import sqlite3
import tomllib
from contextlib import closing

import pytest

from crossdock.testing.hub import StandInHub

PLANTED = "hunter2-planted"
ADDRESS = f"postgresql+psycopg://reader:{PLANTED}@127.0.0.1:9/company"


@pytest.fixture
def written(tmp_path):
    """What the configuration says."""
    return lambda: tomllib.loads((tmp_path / "crossdock.toml").read_text("utf-8"))


@pytest.fixture
def company(tmp_path):
    """A company's database."""
    with closing(sqlite3.connect(tmp_path / "company.db")) as database:
        database.executescript(
            "CREATE TABLE items (sku TEXT PRIMARY KEY, name TEXT, price REAL);INSERT INTO items VALUES ('A', 'Axe', 9);"
        )


@pytest.mark.usefixtures("company")
def test_a_wrong_answer_is_asked_again(typed, written):
    """After a file that is not there, only what is wrong is typed anew: the other answers are proposed."""
    wrong, right = ["sqlite", "compnay.db"], ["y", "", "company.db"]
    said = typed("connections", "add", "erp", "--plugin", "custom-database", answers=[*wrong, *right, "y", "none", "y"])
    assert "compnay.db" in said.output
    assert "[sqlite]" in said.output
    assert written()["connections"]["erp"]["url"] == "sqlite:///company.db"
    assert written()["connections"]["erp"]["products"]["table"] == "items"


def test_what_was_made_of_the_answers_can_be_added_to(typed, written, monkeypatch):
    """Who must add to a connection string after it failed is proposed the one that was made of the answers."""
    monkeypatch.setattr("crossdock.cli.addresses.odbc_drivers", lambda: ["No Such Driver"])
    first = ["sqlserver", "1", "EVO\\SAGE", "Company", "reader", "none"]
    said = typed("connections", "add", "erp", "--plugin", "custom-database", code=1, answers=[*first, "y", "", "0"])
    assert "[DRIVER={No Such Driver};SERVER=EVO\\SAGE;DATABASE=Company;UID=reader]" in said.output
    assert written() == {}


def test_whoever_gives_up_has_written_nothing(typed, written):
    """No to another try ends with what failed said, exit code 1, and the file as it was."""
    said = typed("connections", "add", "erp", "--plugin", "custom-database", code=1, answers=["sqlite", "no.db", "n"])
    assert "Nothing was written" in said.output
    assert written() == {}


def test_who_breaks_off_is_told_that_nothing_was_written(typed, written):
    """The end of all answers, or Ctrl-C, in a question leaves the file as it was and says so."""
    assert "Nothing was written" in typed("connections", "add", "erp", code=1, answers=["custom-database"]).output
    assert written() == {}


def test_a_flag_that_is_wrong_is_not_asked_for(typed):
    """Where every answer came by flags there is nothing to answer otherwise: the error is said at once."""
    words = ("--plugin", "custom-database", "--set", "url=sqlite:///no.db")
    assert "Answer again" not in typed("connections", "add", "erp", *words, code=1, answers=[]).output


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["postgresql", "erp", "many", "70000", "5433", "company", "reader", "none", "y"], "from 1 to 65535"),
        (["postgresql", "erp", "5433", "  ", "company", "reader", "none", "y"], "say something"),
        (["url", ADDRESS, "postgresql+psycopg://reader@erp:5433/company", "none", "y"], "there is a password in it"),
        (["nosuch", "url", "postgresql+psycopg://reader@erp:5433/company", "none", "y"], "is not one of"),
    ],
)
def test_an_answer_that_will_not_do_is_asked_again(typed, written, answers, said):
    """A port that is none, blanks, a password where it would be seen: the question comes again, the others do not."""
    result = typed("connections", "add", "erp", "--plugin", "custom-database", "--no-check", answers=answers)
    assert said in result.output
    assert written()["connections"]["erp"]["url"] == "postgresql+psycopg://reader@erp:5433/company"


def test_a_number_is_asked_until_it_is_one(typed, written):
    """A setting of another kind is asked again on the spot."""
    where = ("--set", "url=http://127.0.0.1:9/v1", "--set", "username=a", "--secret-env", "HUB_PW", "--no-check")
    said = typed("connections", "add", "hub", "--plugin", "stock2shop", *where, answers=["many", "57", "y"])
    assert "must be an integer" in said.output
    assert written()["connections"]["hub"]["source_id"] == 57


@pytest.mark.parametrize("more", [(), ("--no-check",), ("--dry-run",), ("--json",)])
@pytest.mark.parametrize("setting", [f"url={ADDRESS}", f"odbc=DRIVER=x;UID=a;PWD={PLANTED}"])
def test_an_address_with_a_password_is_refused(typed, written, setting, more):
    """However it is added, a password in an address is in no output and in no file."""
    said = typed("connections", "add", "erp", "--plugin", "custom-database", "--set", setting, *more, code=2)
    assert PLANTED not in said.output
    assert "there is a password in" in said.output
    assert written() == {}


def test_a_variable_that_is_not_set_yet(typed, written, monkeypatch):
    """A secret whose variable is not set is typed for the proof, kept nowhere, and the person told to set it."""
    monkeypatch.setenv("HUB_PW", "")  # so that what the command sets is taken back after the test
    monkeypatch.delenv("HUB_PW")
    with StandInHub(rate=1000, open_rate=1000) as hub:
        where = ("--set", f"url={hub.url}/v1", "--set", "username=agent@client", "--set", "source_id=57")
        answers = ["env", "HUB_PW", PLANTED, "y", "env", "", "secret", "y"]
        said = typed("connections", "add", "hub", "--plugin", "stock2shop", *where, answers=answers)
    assert "refused_login" in said.output
    assert "Set HUB_PW for the user that runs crossdock" in said.output
    assert PLANTED not in said.output
    assert written()["connections"]["hub"]["password"] == {"env": "HUB_PW"}
    assert os.environ["HUB_PW"] == "secret"
