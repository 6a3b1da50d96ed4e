"""What happens to a database while it is synced: each fault is classified, nothing is lost, the next run is right."""

import json
import threading
import time
from contextlib import suppress

import pytest
import stamina
from click.testing import CliRunner
from sqlalchemy import text

from crossdock.cli.commands import crossdock
from crossdock.host.lanes import ATTEMPTS
from crossdock.testing.proxy import Proxy

ITEMS = 400
SERVERS = ("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
CONFIGURATION = """
[connections.erp]
plugin = "custom-database"
{place}
password = {{ env = "FAULTY_PASSWORD" }}
statement_timeout_s = 2
connect_timeout_s = 5
[connections.erp.products]
table = "goods"
key = "id"
[connections.erp.products.fields]
source_product_code = "code"
source_variant_code = "code"
title = "title"
"variants.sku" = "code"
"variants.qty" = "qty"
[connections.out]
plugin = "flat-file"
path = "out.jsonl"
[syncs.main]
source = "erp"
channels = ["out"]
page_size = 50
"""
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hasty")]
on_all = pytest.mark.engines(*SERVERS)
on_two = pytest.mark.engines("postgres", "mariadb-odbc")
on_others = pytest.mark.engines("postgres-odbc", "mariadb")


class World:
    """An ERP on a real server behind a proxy, and a file that it is synced to."""

    def __init__(self, company, proxy, home, monkeypatch):
        self.company, self.proxy, self.home, self.patch = company, proxy, home, monkeypatch
        columns = f"id INTEGER PRIMARY KEY, code {company.kinds['text']}, title VARCHAR(400), qty INTEGER"
        company.run(f"CREATE TABLE goods ({columns})")
        many = [{"id": n, "code": f"C{n}", "title": "t" * 300, "qty": n % 9} for n in range(ITEMS)]
        company.run("INSERT INTO goods VALUES (:id, :code, :title, :qty)", *many)
        self.password(company.address.password)
        (home / "crossdock.toml").write_text(CONFIGURATION.format(place=self._place()), "utf-8")

    def _place(self):
        at = self.company.address.set(host="127.0.0.1", port=self.proxy.port)
        if self.company.driver is None:
            return f'url = "{at.drivername}://{at.username}@{at.host}:{at.port}/{at.database}"'
        parts = f"SERVER={at.host};PORT={at.port};DATABASE={at.database};UID={at.username}"
        return f'odbc = "{self.company.driver};{parts}"'

    def password(self, given):
        """What the configuration's password resolves to."""
        self.patch.setenv("FAULTY_PASSWORD", given)

    def sync(self, *more):
        """Runs one sync; gives its exit code and its summary."""
        result = CliRunner().invoke(crossdock, ["--home", str(self.home), "sync", "main", "--json", *more])
        return result.exit_code, json.loads(result.stdout)

    def start(self):
        """Runs one sync in a thread; gives what waits for its end."""
        found = []
        thread = threading.Thread(target=lambda: found.append(self.sync()))
        thread.start()
        return lambda: (thread.join(), found[0])[1]

    def in_erp(self):
        """Code and quantity of all there is."""
        with self.company.engine.connect() as connection:
            return dict(connection.execute(text("SELECT code, qty FROM goods")).fetchall())

    def delivered(self):
        """Code and quantity that the file says last of each item still on sale."""
        path, found = self.home / "out.jsonl", {}
        for line in path.read_text("utf-8").splitlines() if path.exists() else []:
            item = json.loads(line)
            unit = item["variants"][0] if isinstance(item["variants"], list) else item["variants"]
            found[item.get("source_variant_code") or unit["source_variant_code"]] = (unit, item)
        return {
            code: int(unit["qty"])
            for code, (unit, item) in found.items()
            if item.get("product_active", True) and unit.get("active", True)
        }

    def assert_right(self):
        """A clean sync makes the file equal to the ERP, and the one after has nothing to send."""
        code, report = self.sync()
        assert code == 0, report
        assert self.delivered() == self.in_erp()
        code, report = self.sync()
        assert [one["sent"] for one in report["deliveries"]] == [0]


@pytest.fixture
def hasty():
    """Tries follow each other at once, as many as in a real run."""
    with stamina.set_testing(testing=True, attempts=ATTEMPTS):
        yield


@pytest.fixture
def world(company, tmp_path, monkeypatch):
    """An ERP behind a proxy."""
    at = company.address
    with Proxy(at.host, at.port).running() as proxy:
        yield World(company, proxy, tmp_path, monkeypatch)


def error_of(report):
    """The one error of a failed sync."""
    (error,) = report["errors"]
    return error


@on_all
def test_a_connection_that_is_reset_in_mid_page(world):
    """A reset in the middle of a result is worth another try: the same run goes on from the last page kept."""
    world.proxy.cut_after = 60_000
    code, report = world.sync()
    assert world.proxy.cuts == 1
    assert code == 0, report
    assert world.delivered() == world.in_erp()
    world.assert_right()


@on_two
def test_a_session_that_the_server_ends_in_mid_read(world):
    """The server ends every session while a sync reads: nothing is lost, and it goes on by itself."""
    ended = world.start()
    while not (world.home / "crossdock.db").exists():
        time.sleep(0.01)
    for _ in range(ATTEMPTS - 1):
        time.sleep(0.1)
        end_sessions(world)
    code, report = ended()
    assert code == 0, report
    assert world.delivered() == world.in_erp()
    world.assert_right()


def end_sessions(world):
    """Ends all sessions that came through the proxy's login, the test's own apart."""
    with world.company.engine.connect() as connection, suppress(Exception):
        if world.company.kind == "postgresql":
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid()"
                )
            )
            return
        listed = "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()"
        for (number,) in connection.execute(text(listed)).fetchall():
            connection.execute(text(f"KILL CONNECTION {number}"))


@on_others
def test_a_server_that_is_away_for_a_while(world):
    """While the server is away a sync fails, says that it may pass, and takes nothing off sale."""
    world.assert_right()
    there, world.proxy.target = world.proxy.target, ("127.0.0.1", 9)
    code, report = world.sync()
    assert code == 1
    assert error_of(report)["kind"] == "TransientError"
    assert len(world.delivered()) == ITEMS
    world.proxy.target = there
    world.company.run("UPDATE goods SET qty = qty + 1 WHERE id < 9")
    world.assert_right()


@on_two
def test_a_lock_that_someone_else_holds(world):
    """A table that is locked for longer than a page may take: transient, and right once it is free."""
    is_postgres = world.company.kind == "postgresql"
    hold = "LOCK TABLE goods IN ACCESS EXCLUSIVE MODE" if is_postgres else "LOCK TABLES goods WRITE"
    with world.company.engine.connect() as holder:
        holder.execute(text(hold))
        code, report = world.sync()
        holder.rollback()
        if world.company.kind == "mariadb":
            holder.execute(text("UNLOCK TABLES"))
    assert code == 1
    assert error_of(report)["kind"] == "TransientError"
    assert "time" in error_of(report)["text"] or "lock" in error_of(report)["text"]
    world.assert_right()


@on_others
def test_a_password_that_changes_while_it_runs(world):
    """The credential is said to be wrong at the next connection, without being shown; with the new one all is right."""
    world.assert_right()
    world.password("0ld-s3cret")
    code, report = world.sync()
    assert code == 1
    assert error_of(report)["kind"] == "AuthError"
    assert "0ld-s3cret" not in json.dumps(report)
    assert len(world.delivered()) == ITEMS
    world.password(world.company.address.password)
    world.company.run("DELETE FROM goods WHERE id < 5")
    world.assert_right()


@on_two
def test_a_table_that_is_altered_between_two_runs(world):
    """A column of another type or one more is no matter; a mapped one that is gone is named, and nothing is lost."""
    world.assert_right()
    world.company.run("ALTER TABLE goods ADD COLUMN extra INTEGER")
    wider = "ALTER COLUMN qty TYPE BIGINT" if world.company.kind == "postgresql" else "MODIFY qty BIGINT"
    world.company.run(f"ALTER TABLE goods {wider}")
    world.assert_right()
    world.company.run("ALTER TABLE goods RENAME COLUMN title TO name")
    code, report = world.sync()
    assert code == 1
    assert error_of(report)["kind"] == "ConfigError"
    assert "'title'" in error_of(report)["text"]
    assert len(world.delivered()) == ITEMS
    world.company.run("ALTER TABLE goods RENAME COLUMN name TO title")
    world.company.run("UPDATE goods SET qty = 77 WHERE id = 3")
    world.assert_right()


RAISED = {
    "deadlock": ("40P01", "1213", "TransientError"),
    "disk full": ("53100", "1021", "TransientError"),
    "no right": ("42501", "1227", "AuthError"),
    "broken view": ("22012", "1365", "ConfigError"),
}


@on_two
@pytest.mark.parametrize("fault", RAISED)
def test_what_the_server_says_in_mid_page(world, fault):
    """An error that comes with the rows (a deadlock, a full disk, a right withdrawn) is known by its number."""
    state, number, kind = RAISED[fault]
    world.company.run("ALTER TABLE goods RENAME TO goods_kept")
    raising(world.company, state, number)
    qty = "CASE WHEN id = 120 THEN raised() ELSE qty END AS qty"
    world.company.run(f"CREATE VIEW goods AS SELECT id, code, title, {qty} FROM goods_kept")  # noqa: S608  # fixed text
    code, report = world.sync()
    assert code == 1
    assert error_of(report)["kind"] == kind
    assert "wanted by the test" in error_of(report)["text"]
    world.company.run("DROP VIEW goods")
    world.company.run("ALTER TABLE goods_kept RENAME TO goods")
    world.assert_right()


def raising(company, state, number):
    """Makes the function `raised`, which fails as a server in trouble does."""
    if company.kind == "postgresql":
        body = (
            "CREATE FUNCTION raised() RETURNS INTEGER LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'wanted by the test' USING ERRCODE = '{state}'; END $$"
        )
    else:
        body = (
            "CREATE FUNCTION raised() RETURNS INTEGER BEGIN SIGNAL SQLSTATE 'HY000'"
            f" SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = 'wanted by the test'; RETURN 1; END"
        )
    with company.engine.begin() as connection:
        connection.exec_driver_sql(body)
