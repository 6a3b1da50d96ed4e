"""`crossdock doctor`: what is wrong on the machine, in the home folder or with a connection, each with its cure."""

import os
import sqlite3
from contextlib import closing

import pytest

from crossdock.testing import private

PLANTED = "hunter2-planted"
MAPPED = """
[connections.erp.products]
table = "goods"
key = "id"
[connections.erp.products.fields]
source_product_code = "code"
source_variant_code = "code"
title = "code"
"variants.sku" = "code"
"""


def by_code(told, about):
    """Findings about one thing, by code."""
    assert all(set(one) == {"about", "code", "level", "text"} for one in told["findings"])
    return {one["code"]: one for one in told["findings"] if one["about"] == about}


@pytest.fixture
def database(lone_shop):
    """A shop whose `erp` is a database with one table."""
    with closing(sqlite3.connect(lone_shop.home / "goods.db")) as erp, erp:
        erp.execute("CREATE TABLE goods (id INTEGER PRIMARY KEY, code TEXT)")
        erp.execute("INSERT INTO goods VALUES (1, 'A')")
    path = (lone_shop.home / "goods.db").as_posix()
    lone_shop.path.write_text(
        f'[connections.erp]\nplugin = "custom-database"\nurl = "sqlite:///{path}"\n{MAPPED}', "utf-8"
    )
    return lone_shop


def test_all_is_well(database):
    """A machine, a home and a connection that work: nothing is broken, and each thing looked at is named."""
    told = database.told("doctor")
    assert {one["about"] for one in told["findings"]} == {"machine", "home", "erp"}
    assert not [one for one in told["findings"] if one["level"] == "error"]
    assert by_code(told, "machine")["python"]["level"] == "ok"
    assert by_code(told, "home")["configuration"]["level"] == "ok"
    assert by_code(told, "erp")["first_sync"]["level"] == "ok"


def test_people_are_shown_what_is_not_well(database):
    """Only what needs a person is shown, and the sum of all; `--all` shows the rest."""
    said = database.run("doctor").output
    assert "login_can_write" in said
    assert "first_sync" not in said
    assert "0 broken" in said
    assert "first_sync" in database.run("doctor", "--all").output


def test_a_configuration_that_cannot_be_read(lone_shop):
    """A broken file is a finding with its cure, not an end: machine and home are looked at all the same."""
    lone_shop.path.write_text("[connections.erp\n", "utf-8")
    told = lone_shop.told("doctor", code=1)
    assert by_code(told, "home")["configuration"]["level"] == "error"
    assert by_code(told, "home")["home_folder"]["level"] == "ok"


BROKEN = {
    "a file that is not there": ('url = "sqlite:////not/there.db"', "config", "correct `url`"),
    "a server that is not there": (
        'url = "postgresql://reader@127.0.0.1:{port}/company"\npassword = "{planted}"',
        "unreachable",
        "firewall",
    ),
    "a driver that is missing": (
        'odbc = "DRIVER={{ODBC Driver 99 for SQL Server}};SERVER=erp;UID=reader"\npassword = "{planted}"',
        "driver_missing",
        "install",
    ),
    "a plugin that is missing": ('plugin = "sage-nope"', "config", "Install it"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_trouble_has_its_cure(database, name):
    """What is broken is named by its code, says what to do, shows no secret, and the exit code is 1."""
    given, code, cure = BROKEN[name]
    lines = given.format(port=private.free_port(), planted=PLANTED)
    plugin = "" if lines.startswith("plugin") else 'plugin = "custom-database"\n'
    database.path.write_text(f"[connections.erp]\n{plugin}{lines}\n{MAPPED}", "utf-8")
    told = database.told("doctor", "erp", code=1)
    found = by_code(told, "erp")[code]
    assert found["level"] == "error"
    assert cure in found["text"]
    assert PLANTED not in str(told)


def test_one_connection_is_looked_at(database):
    """Named connections are looked at alone; one that does not exist is said to be none."""
    database.path.write_text(database.path.read_text("utf-8") + '[connections.other]\nplugin = "nope"\n', "utf-8")
    told = database.told("doctor", "erp")
    assert "other" not in {one["about"] for one in told["findings"]}
    result = database.run("doctor", "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.stderr


@pytest.mark.skipif(os.name == "nt" or private.is_root(), reason="root and Windows write where the mode says not to")
def test_a_home_that_cannot_be_written(database):
    """A home folder without the right to write is an error that names it."""
    database.home.chmod(0o500)
    try:
        told = database.told("doctor", code=1)
    finally:
        database.home.chmod(0o700)
    assert by_code(told, "home")["home_folder"]["level"] == "error"
