"""`crossdock connections add` and `syncs add`: nothing is written unproved, and nothing that is there changes."""

import json
import os
import sqlite3
import tomllib
from contextlib import closing

import keyring
import pytest
from click.testing import CliRunner
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from crossdock.cli.commands import crossdock
from crossdock.host.config import read_configuration
from crossdock.testing.hub import StandInHub

PLANTED = "hunter2-planted"
HEAD = "# my notes\n[connections.old]   # stays\nplugin = 'flat-file'\npath = 'old.csv'\n"
COMPANY = """
    CREATE TABLE items (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, style TEXT, description TEXT, retail_price REAL,
        on_hand INTEGER, reserved INTEGER, active INTEGER);
    INSERT INTO items VALUES (1, 'TEE-S', 'TEE', 'Plain T-shirt', 9.9, 12, 2, 1), (2, 'TEE-M', 'TEE', 'Plain T-shirt',
        9.9, 1, 2, 1), (3, 'MUG', 'MUG', 'Enamel mug', 6.5, 30, 0, 1), (4, 'BAG', 'BAG', 'Bag', 14, 5, 0, 0);
    CREATE TABLE customers (id INTEGER PRIMARY KEY, account_no TEXT, name TEXT, email TEXT);
    INSERT INTO customers VALUES (1, 'C1', 'Acme', 'a@acme.example');
    CREATE TABLE order_lines (id INTEGER PRIMARY KEY, item TEXT, qty INTEGER, price REAL);
"""
ERP = """
[connections.erp]
plugin = "custom-database"
url = "sqlite:///company.db"
[connections.erp.products]
table = "items"
key = "id"
[connections.erp.products.fields]
source_product_code = "style"
source_variant_code = "sku"
title = "description"
"variants.sku" = "sku"
"""
DATABASE = ("--plugin", "custom-database", "--set", "url=sqlite:///company.db")


class Home:
    """A home folder with a company's database, worked on through the command line."""

    def __init__(self, folder, text=HEAD):
        self.folder, self.path = folder, folder / "crossdock.toml"
        self.path.write_text(text, "utf-8")
        with closing(sqlite3.connect(folder / "company.db")) as database:
            database.executescript(COMPANY)

    def run(self, *words, answers=None):
        """Types a command, and answers where it asks."""
        asked = () if answers is None else ("--ask",)
        typed = None if answers is None else "".join(f"{one}\n" for one in answers)
        return CliRunner().invoke(crossdock, ["--home", str(self.folder), *words, *asked], input=typed)

    def add(self, *words, code=0, answers=None):
        """Adds a connection and gives what was said."""
        result = self.run("connections", "add", *words, answers=answers)
        assert result.exit_code == code, result.output
        return result

    def told(self, *words, code=0):
        """Adds a connection and gives its JSON."""
        return json.loads(self.add(*words, "--json", code=code).stdout.splitlines()[-1])

    @property
    def data(self):
        """What the file says."""
        return tomllib.loads(self.path.read_text("utf-8"))


@pytest.fixture
def home(tmp_path):
    """A home with one connection in its file."""
    return Home(tmp_path)


class Box(KeyringBackend):
    """A keyring in memory."""

    priority = 9

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


@pytest.fixture
def box():
    """The system's keyring, for this test alone."""
    before, box = keyring.get_keyring(), Box()
    keyring.set_keyring(box)
    yield box
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring():
    """A system without a keyring."""
    from keyring.backends import fail  # noqa: PLC0415  # only here

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


# Writing


def test_a_database_is_added_with_its_maps(home):
    """With a URL and nothing else said, tables are found, maps proposed, proved and added to the end of the file."""
    said = home.add("erp", *DATABASE)
    assert "Plain T-shirt" in said.output
    assert home.path.read_text("utf-8").startswith(HEAD)
    erp = home.data["connections"]["erp"]
    assert erp["products"]["table"] == "items"
    assert erp["products"]["fields"]["variants.qty"]["column"] == ["on_hand", "reserved"]
    assert erp["customers"]["fields"]["source_customer_code"] == "account_no"
    rows = json.loads(home.run("preview", "erp", "products", "--json").stdout.splitlines()[-1])["rows"]
    assert [one["record"]["variants"]["qty"] for one in rows] == ["10", "0", "30"]


def test_what_is_there_stays_byte_for_byte(home):
    """Line ends, comments, order and permissions of the file are as before, and no other file is left."""
    home.path.write_bytes(HEAD.replace("\n", "\r\n").encode())
    home.path.chmod(0o640)
    before = set(home.folder.iterdir())
    home.add("erp", *DATABASE)
    written = home.path.read_bytes()
    assert written.startswith(HEAD.replace("\n", "\r\n").encode())
    assert written.count(b"\n") == written.count(b"\r\n")
    if os.name != "nt":  # Windows knows no more than read-only
        assert home.path.stat().st_mode & 0o777 == 0o640
    assert set(home.folder.iterdir()) == before


def test_a_dry_run_writes_nothing(home):
    """A dry run shows tables, map and section, and leaves the file alone."""
    said = home.add("erp", *DATABASE, "--tables", "*ITEM*", "--dry-run")
    assert "[connections.erp.products.fields]" in said.output
    assert "never NULL" in said.output
    assert home.path.read_text("utf-8") == HEAD


def test_json_tells_all(home):
    """A script gets the section, the findings, the tables asked for, and each proposal with how sure it is and why."""
    told = home.told("erp", *DATABASE, "--tables", "*")
    assert told["written"] is True
    assert tomllib.loads(told["section"])["connections"]["erp"] == home.data["connections"]["erp"]
    assert {one["name"] for one in told["tables"]} == {"items", "customers", "order_lines"}
    best = told["proposals"][0]
    assert 0 < best["sureness"] < 1
    assert best["reasons"]
    assert {"read_products", "read_customers", "login_can_write"} <= {one["code"] for one in told["findings"]}


@pytest.mark.parametrize(
    ("words", "streams"),
    [
        (("--customers", "none"), {"products"}),
        (("--products", "none", "--customers", "none"), set()),
        (("--products", "order_lines"), {"products", "customers"}),
    ],
)
def test_a_person_decides_what_is_mapped(home, words, streams):
    """A stream may be left out, and a table may be named."""
    told = home.told("erp", *DATABASE, *words)
    erp = home.data["connections"]["erp"]
    assert {one for one in ("products", "customers") if one in erp} == streams
    if "order_lines" in words:
        assert erp["products"]["table"] == "order_lines"
    assert told["written"] is True


def test_a_plugins_own_map_is_not_proposed_anew(home):
    """A plugin that declares its maps keeps them: there is nothing to propose."""
    told = home.told("demo", "--plugin", "demo-erp", "--set", "path=demo.db", "--set", "items=20")
    assert told["proposals"] == []
    assert home.data["connections"]["demo"] == {"plugin": "demo-erp", "path": "demo.db", "items": 20}


def test_a_proposal_that_cannot_be_read_is_left_out(home):
    """A likely table that cannot be read is said, and the next is taken; the other stream is written all the same."""
    with closing(sqlite3.connect(home.folder / "company.db")) as database:
        database.executescript(
            "ALTER TABLE items RENAME TO t; CREATE VIEW items AS SELECT * FROM t WHERE json_extract('{', '$.a') > 0;"
        )
    said = home.add("erp", *DATABASE)
    assert "products from items" in said.output
    assert "malformed JSON" in " ".join(said.output.split())
    assert {"plugin", "url", "products", "customers"} == set(home.data["connections"]["erp"])
    assert home.data["connections"]["erp"]["products"]["table"] == "t"


# Refusing


def test_what_cannot_be_opened_is_not_written(home):
    """A database that is not there is said with its cure, and nothing is written."""
    said = home.add("erp", "--plugin", "custom-database", "--set", "url=sqlite:///nowhere.db", code=1)
    assert "nowhere.db" in said.output
    assert home.path.read_text("utf-8") == HEAD


def test_without_a_check_it_is_written_as_said(home):
    """What cannot be reached today may be written all the same, where a person says so."""
    home.add("erp", "--plugin", "custom-database", "--set", "url=sqlite:///nowhere.db", "--no-check")
    assert home.data["connections"]["erp"] == {"plugin": "custom-database", "url": "sqlite:///nowhere.db"}


def test_a_map_that_fails_is_not_written(home):
    """Where none of the first rows can be mapped the exit code is 1 and the file as it was."""
    with closing(sqlite3.connect(home.folder / "company.db")) as database, database:
        database.execute("UPDATE items SET description = NULL")
    said = home.add("erp", *DATABASE, code=1)
    assert "Nothing was written" in said.output
    assert home.path.read_text("utf-8") == HEAD


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--plugin"),
        (("--plugin", "custom-database"), "--set url="),
        (("--plugin", "flat-file"), "--as"),
        (("--plugin", "flat-file", "--as", "channel"), "--set path="),
        (("--plugin", "stock2shop", "--set", "url=http://127.0.0.1:9/v1", "--set", "username=a"), "source_id"),
        (
            ("--plugin", "stock2shop", "--set", "url=http://x/v1", "--set", "username=a", "--set", "source_id=5"),
            "--secret-env",
        ),
        (("--plugin", "custom-database", "--set", "ulr=x"), "did you mean 'url'"),
        (("--plugin", "custom-database", "--set", "url"), "NAME=VALUE"),
        (("--plugin", "custom-database", "--set", "url=a", "--set", "url=b"), "twice"),
        (("--plugin", "stock2shop", "--set", "source_id=many"), "integer"),
        (("--plugin", "flat-file", "--as", "channel", "--set", "path=o.txt", "--set", "format=xls"), "csv"),
        (("--plugin", "custom-database", "--set", f"password={PLANTED}"), "does not belong on a command line"),
        (("--plugin", "stock2shop", "--as", "source"), "cannot be a source"),
        (("--plugin", "demo-erp", "--set", "path=d.db", "--secret-env", "X"), "no secret"),
        (("--plugin", "stock2shop", "--secret-env", "url=X"), "SETTING=VARIABLE"),
    ],
)
def test_misuse_names_the_flag(home, words, said):
    """A missing or wrong flag is misuse, named, without a question where nobody can answer; nothing is written."""
    result = home.add("new", *words, code=2)
    assert said in " ".join(result.output.split())
    assert PLANTED not in result.output
    assert home.path.read_text("utf-8") == HEAD


def test_a_name_that_is_taken_is_refused(home):
    """A connection is never written over."""
    said = home.add("old", *DATABASE, code=1)
    assert "already" in said.output
    assert home.path.read_text("utf-8") == HEAD


@pytest.mark.parametrize(
    "text",
    ["connections = {}\n", "[connections]\nold = { plugin = 'flat-file', path = 'o.csv' }\n[connections.erp.x]\n"],
)
def test_a_file_that_cannot_be_added_to_is_left_alone(tmp_path, text):
    """Where TOML's own rules forbid a further section, the file stays and the section is shown to be put in by hand."""
    home = Home(tmp_path, text)
    said = home.run("connections", "add", "erp", *DATABASE)
    assert said.exit_code == 1
    assert home.path.read_text("utf-8") == text
    if text.startswith("connections ="):
        assert "[connections.erp]" in said.output


def test_a_file_that_somebody_changes_meanwhile_is_not_written(home, monkeypatch):
    """What another wrote while questions were asked is not lost."""
    from crossdock.host import appending  # noqa: PLC0415  # to stand between its two steps

    checked = appending._checked  # noqa: SLF001  # the step before the last look

    def meddling(*more):
        found = checked(*more)
        home.path.write_text(HEAD + "# mine\n", "utf-8")
        return found

    monkeypatch.setattr(appending, "_checked", meddling)
    said = home.add("erp", *DATABASE, code=1)
    assert "changed by somebody else" in said.output
    assert home.path.read_text("utf-8") == HEAD + "# mine\n"


# Secrets


def test_a_secret_by_variable(home, monkeypatch):
    """A secret is named by its environment variable; it is used for the proof and is in no file and no output."""
    monkeypatch.setenv("HUB_PW", PLANTED)
    with StandInHub(rate=1000, open_rate=1000) as hub:
        words = ("--plugin", "stock2shop", "--set", f"url={hub.url}/v1", "--set", "username=agent@client")
        said = home.add("hub", *words, "--set", "source_id=57", "--secret-env", "HUB_PW", code=1)
        assert "refused_login" in said.output
        assert PLANTED not in said.output
        monkeypatch.setenv("HUB_PW", "secret")
        home.add("hub", *words, "--set", "source_id=57", "--secret-env", "password=HUB_PW")
    assert home.data["connections"]["hub"]["password"] == {"env": "HUB_PW"}


def hub_words(hub):
    """What adds the hub, but for its password."""
    where = ("--set", f"url={hub.url}/v1", "--set", "username=agent@client", "--set", "source_id=57")
    return ("hub", "--plugin", "stock2shop", *where)


def test_a_secret_typed_goes_to_the_keyring(home, box):
    """A typed secret is kept in the keyring under the connection's name, and in no file and no output."""
    with StandInHub(rate=1000, open_rate=1000) as hub:
        said = home.add(*hub_words(hub), answers=["keyring", "secret", "y"])
    assert home.data["connections"]["hub"]["password"] == {"keyring": "hub"}
    assert box.kept == {("crossdock", "hub"): "secret"}
    assert "secret" not in said.output.replace("secret_in_file", "").replace(str(home.folder), "")


def test_a_secret_that_proved_wrong_leaves_the_keyring(home, box):
    """What was put into the keyring for a connection that is not written does not stay there."""
    with StandInHub(rate=1000, open_rate=1000) as hub:
        home.add(*hub_words(hub), answers=["keyring", PLANTED, "y"], code=1)
        assert box.kept == {}
        box.set_password("crossdock", "hub", "of another day")
        home.add(*hub_words(hub), answers=["keyring", PLANTED, "y"], code=1)
    assert box.kept == {("crossdock", "hub"): "of another day"}
    assert home.path.read_text("utf-8") == HEAD


def test_a_script_uses_the_keyring_as_it_is(home, box):
    """Where nobody is asked, the keyring must have the secret; how to put it there is said."""
    with StandInHub(rate=1000, open_rate=1000) as hub:
        said = home.add(*hub_words(hub), "--secret-keyring", code=2)
        assert "keyring set crossdock hub" in said.output
        box.set_password("crossdock", "hub", "secret")
        home.add(*hub_words(hub), "--secret-keyring")
    assert box.kept == {("crossdock", "hub"): "secret"}


def test_without_a_keyring_a_variable_is_asked_for(home, no_keyring, monkeypatch):
    """A system without a keyring offers the environment alone, and says why the flag does not work."""
    monkeypatch.setenv("HUB_PASSWORD", "secret")
    with StandInHub(rate=1000, open_rate=1000) as hub:
        assert "no keyring" in home.add(*hub_words(hub), "--secret-keyring", code=2).output
        home.add(*hub_words(hub), answers=["env", "", "y"])
    assert home.data["connections"]["hub"]["password"] == {"env": "HUB_PASSWORD"}


# Questions


def test_questions_lead_to_the_same_file(home):
    """Whoever answers questions gets what flags would have given; each map is agreed to by itself."""
    home.add("erp", answers=["custom-database", "sqlite", "company.db", "y", "n", "none", "y"])
    erp = home.data["connections"]["erp"]
    assert erp["url"] == "sqlite:///company.db"
    assert "products" in erp
    assert "customers" not in erp


def test_another_table_may_be_chosen(home):
    """Who does not want the likeliest table sees others by a pattern, and names one; a wrong name is asked again."""
    answers = ["n", "*LINE*", "order_linse", "order_lines", "y", "y", "y"]
    said = home.add("erp", *DATABASE, answers=answers)
    assert "did you mean 'order_lines'" in " ".join(said.output.split())
    assert home.data["connections"]["erp"]["products"]["table"] == "order_lines"
    assert "customers" in home.data["connections"]["erp"]


def test_a_no_at_the_end_writes_nothing(home):
    """The last question may be answered with no."""
    said = home.add("erp", *DATABASE, answers=["y", "y", "n"])
    assert "Nothing was written" in said.output
    assert home.path.read_text("utf-8") == HEAD


@pytest.mark.parametrize(
    ("answers", "setting", "value"),
    [
        (["postgresql", "erp", "", "co mpany", "re@der"], "url", "postgresql+psycopg://re%40der@erp:5432/co%20mpany"),
        (["mariadb", "erp", "3307", "company", "reader"], "url", "mysql+pymysql://reader@erp:3307/company"),
        (["url", "sqlite:///x.db"], "url", "sqlite:///x.db"),
        (
            ["sqlserver", "1", "EVO,1433", "Company 1", "reader"],
            "odbc",
            "DRIVER={ODBC Driver 18 for SQL Server};SERVER={EVO,1433};DATABASE=Company 1;UID=reader",
        ),
        (["odbc", "2", "h", "d", "u"], "odbc", "DRIVER={PostgreSQL Unicode};SERVER=h;DATABASE=d;UID=u"),
        (["odbc", "0", "DSN=erp"], "odbc", "DSN=erp"),
    ],
)
def test_an_address_is_asked_piece_by_piece(home, monkeypatch, answers, setting, value):
    """Server, database and login become a URL or an ODBC connection string; drivers are listed to choose from."""
    drivers = ["ODBC Driver 18 for SQL Server", "PostgreSQL Unicode"]
    monkeypatch.setattr("crossdock.cli.addresses.odbc_drivers", lambda: drivers)
    secret = [] if "sqlite" in value else ["env", "ERP_PW"]
    home.add("erp", "--plugin", "custom-database", "--no-check", answers=[*answers, *secret, "y"])
    erp = home.data["connections"]["erp"]
    assert erp[setting] == value
    assert erp.get("password") == ({"env": "ERP_PW"} if secret else None)


# Syncs


def test_a_sync_knows_what_is_meant(home):
    """With one source and one channel nothing need be said; the streams are those that are mapped."""
    home.path.write_text(HEAD + ERP, "utf-8")
    result = home.run("syncs", "add", "main", "--json")
    assert result.exit_code == 0, result.output
    assert home.data["syncs"]["main"] == {
        "source": "erp", "channels": ["old"], "streams": ["products"], "every": "3m",
    }  # fmt: skip
    assert home.run("syncs", "add", "main").exit_code == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--source", "nix", "--channel", "old"), 1, "nix"),
        (("--source", "erp", "--channel", "nix"), 1, "nix"),
        (("--source", "erp", "--channel", "old", "--every", "often"), 1, "every"),
        (("--source", "erp", "--channel", "old", "--stream", "hats"), 2, "hats"),
    ],
)
def test_a_sync_that_cannot_be_is_not_written(home, words, code, said):
    """A connection that is not there, or an interval that is none, is refused before the file is touched."""
    home.path.write_text(HEAD + ERP, "utf-8")
    before = home.path.read_bytes()
    result = home.run("syncs", "add", "other", *words)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert home.path.read_bytes() == before


def test_what_is_written_is_read_as_a_run_reads_it(home):
    """The whole file, with everything that was added, is a configuration."""
    home.add("erp", *DATABASE)
    home.add("out", "--plugin", "flat-file", "--as", "channel", "--set", "path=out.jsonl")
    home.run("syncs", "add", "main", "--channel", "out")
    configuration = read_configuration(home.path)
    assert set(configuration.connections) == {"old", "erp", "out"}
    assert configuration.sync("main").channels == ("out",)
