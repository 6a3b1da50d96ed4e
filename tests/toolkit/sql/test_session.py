"""A session is read-only, bounded in time, can be cancelled, and its errors say whose move it is."""

import socket
import sqlite3
import threading
import time
import traceback
from pathlib import PurePosixPath, PureWindowsPath
from typing import ClassVar
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import literal_column, select, text
from sqlalchemy.exc import DBAPIError

from crossdock import AuthError, Config, ConfigError, Setting, TransientError
from crossdock.contract import LocalMemory
from crossdock.toolkit.sql import SqlSource
from crossdock.toolkit.sql.engines.driver import Driver, PyMySql
from crossdock.toolkit.sql.engines.sqlite import uri_of

ON_POSTGRES = pytest.mark.engines("postgres", "postgres-odbc")
LOGINS = ("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
ON_SERVERS = pytest.mark.engines("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n",
    "postgresql": "SELECT count(*) AS c FROM generate_series(1, 1000000000) AS a, generate_series(1, 1000) AS b",
    "mariadb": "SELECT count(*) AS c FROM seq_1_to_1000000000 AS a, seq_1_to_1000 AS b",
    "mssql": "SELECT COUNT(*) AS c FROM Item a, Item b, Item c, Item d, Item e, Item f, Item g, Item h",
}
WRITES = (
    'INSERT INTO "Item" ("Id") VALUES (7)',
    'UPDATE "Item" SET "Code" = \'x\'',
    'DELETE FROM "Item"',
    'DROP TABLE "Item"',
    "CREATE TABLE t (a INTEGER)",
)


def opened(**settings):
    """Opens a session by settings alone."""
    source = SqlSource("any", "Any")
    return source.open_session(config=Config(settings, frozenset({"password"})), memory=LocalMemory())


def failure(kind, **settings):
    """What opening a session raises, with the whole traceback as text."""
    with pytest.raises(kind) as caught, opened(**settings):
        pass
    return str(caught.value), "".join(traceback.format_exception(caught.value))


def refused(session, statement):
    """Makes sure that the session says no to a statement."""
    with pytest.raises(DBAPIError, match=r"(?i)read[- ]?only"):
        session.connection.execute(text(statement))
    session.connection.rollback()


@pytest.mark.parametrize("statement", WRITES)
def test_the_session_refuses_writes(company, statement):
    """Even past the guard, nothing is written: the database itself says no, or it is rolled back."""
    company.add((1, "A"))
    with company.session() as session:
        if company.kind == "mssql":  # it has no read-only session
            with session.transaction("it was not rolled back") as connection:
                connection.execute(text(statement))
        else:
            refused(session, company.quoted(statement))
    with company.engine.connect() as connection:
        assert connection.execute(text('SELECT "Id", "Code" FROM "Item"')).fetchall() == [(1, "A")]


def test_a_page_is_a_transaction_of_its_own(company, make_map):
    """Between two pages no transaction is open, so the ERP is never held up and new rows are seen."""
    company.add((1, "A"), (2, "B"))
    with company.session() as session:
        session.fetch(select(literal_column("1")))
        assert not session.connection.in_transaction()
        company.run('DROP TABLE "Item"')


def test_a_statement_that_takes_too_long_is_given_up(company):
    """After `statement_timeout_s` a query ends as a TransientError."""
    company.add(*((number, "many") for number in range(50)))
    began = time.monotonic()
    with company.session(statement_timeout_s=0.2) as session, pytest.raises(TransientError, match="tried again"):
        session.fetch(text(ENDLESS[company.kind]))
    assert time.monotonic() - began < 10


def test_another_thread_can_cancel(company):
    """`cancel` ends the statement under way as a TransientError, and no other begins."""
    company.add(*((number, "many") for number in range(50)))
    with company.session() as session:
        timer = threading.Timer(0.3, session.cancel)
        timer.start()
        with pytest.raises(TransientError) as caught:
            session.fetch(text(ENDLESS[company.kind]))
        assert caught.value.trouble == "cancelled"  # and not the time-out, which would come too
        timer.join()
        with pytest.raises(TransientError, match="cancelled"):
            session.fetch(select(literal_column("1")))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://reader:s3cret@host/db",
        "postgresql+psycopg://reader@host/db?password=s3cret",
        "mariadb://reader@host/db?passwd=s3cret",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dsa%3BPWD%3Ds3cret",
    ],
)
def test_a_password_in_the_url_is_refused(url):
    """A password belongs into `password`; the message says so without repeating it."""
    said, trace = failure(ConfigError, url=url)
    assert "`password`" in said
    assert "s3cret" not in trace


def test_a_password_that_would_not_be_used_is_refused():
    """SQLAlchemy passes `odbc_connect` on as it is: the password would be left out, and the login refused."""
    said, _ = failure(ConfigError, url="mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dsa", password="s3cret")
    assert "`odbc`" in said


def test_wrong_settings_are_config_errors(tmp_path):
    """What a person must correct says what it is: address, dialect, driver, file."""
    text_file = tmp_path / "notes.txt"
    text_file.write_text("this is no database, however long it may be " * 50)
    for url, words in {
        "": "dialect\\+driver",
        "nonsense": "dialect\\+driver",
        "nosuch://host/db": "dialect\\+driver",
        "mysql+mysqldb://u@host/db": "MySQLdb",
        "sqlite://": "names no file",
        f"sqlite:///{tmp_path.as_posix()}/missing.db": "there is no SQLite file",
    }.items():
        with pytest.raises(ConfigError, match=words), opened(url=url):
            pass
    with (
        opened(url=f"sqlite:///{text_file.as_posix()}") as session,
        pytest.raises(ConfigError, match="not a database"),
    ):
        session.fetch(text("SELECT * FROM x"))


def test_a_locked_database_is_transient(tmp_path):
    """A lock that another program holds passes with time."""
    path = tmp_path / "erp.db"
    with sqlite3.connect(path) as writer:
        writer.execute("CREATE TABLE t (a)")
        writer.commit()
        writer.execute("BEGIN EXCLUSIVE")
        with (
            opened(url=f"sqlite:///{path.as_posix()}", connect_timeout_s=0.05) as session,
            pytest.raises(TransientError, match="locked"),
        ):
            session.fetch(text("SELECT * FROM t"))
    writer.close()


@ON_SERVERS
def test_logins_and_servers(company):
    """Wrong password and unknown login are AuthErrors, an unknown database a ConfigError, no server is transient."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        unused_port = probe.getsockname()[1]
    for kind, change in (
        (AuthError, {"password": "wr0ng-s3cret"}),
        (AuthError, {"username": "nobody_here", "password": "wr0ng-s3cret"}),
        (AuthError, {"password": None}),
        (ConfigError, {"database": "not_there"}),
        (TransientError, {"port": unused_port}),
    ):
        settings = company.at(**change).settings(connect_timeout_s=3)
        _, trace = failure(kind, **settings)
        assert "wr0ng-s3cret" not in trace
        assert company.address.password not in trace


@ON_SERVERS
def test_a_connection_that_the_server_ends_is_transient(company):
    """When the server goes away in the middle, the next page is a TransientError."""
    ask, end = {
        "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
        "mariadb": ("SELECT connection_id()", "KILL {}"),
    }[company.kind]
    with company.session() as session:
        ((number,),) = session.fetch(text(ask))
        company.run(end.format(number))
        for _ in range(2):  # nor does a new connection, which would not be read-only, take its place
            with pytest.raises(TransientError) as caught:
                session.fetch(text("SELECT 1"))
            assert caught.value.trouble == "connection_lost"
        session.cancel()


@ON_SERVERS
def test_a_missing_right_is_an_auth_error(company, make_map, reader):
    """A table that the login may not read is an AuthError that names the table."""
    company.run('CREATE TABLE "Other" (a INTEGER)')
    company.run(f'GRANT SELECT ON "Other" TO {reader["login"]}')  # MariaDB lets nobody in who may nothing at all
    with pytest.raises(AuthError, match="Item"), opened(**reader) as session:
        session.fetch(text(company.quoted('SELECT * FROM "Item"')))


def test_a_source_with_its_own_address(tmp_path):
    """A plugin that makes its address from other settings asks for no URL, and its password stays hidden."""
    source = SqlSource(
        "own",
        "Own",
        settings=[Setting("host", "Server")],
        url=lambda config: f"postgresql://u:s3cret@{config['host']}/d",
    )
    assert "url" not in [one.name for one in source.describe().settings]
    opening = source.open_session(config=Config({"host": "127.0.0.1:1"}), memory=LocalMemory())
    with pytest.raises(TransientError) as caught, opening:
        pass
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


class Canceller(Driver):
    """A driver that writes down what it was told to stop, and lets timers fire while it reads."""

    def __init__(self):
        self.stopped, self.while_it_reads = [], []

    def rows(self, cursor):
        for fire in self.while_it_reads:
            fire()
        return super().rows(cursor)

    def cancel(self, native, cursor):
        self.stopped.append(cursor)


class HandTimer:
    """A timer that fires when it is told to, however late: one that has begun to fire cannot be called off."""

    made: ClassVar = []

    def __init__(self, seconds, function, given=()):
        self.fire = lambda: function(*given)
        self.made.append(self)

    def start(self):
        """Waits to be fired."""

    def cancel(self):
        """Comes too late."""


def fire_last_made():
    """Lets the timer of the statement under way fire."""
    HandTimer.made[-1].fire()


def test_a_timer_that_fires_late_stops_nothing(tmp_path, monkeypatch):
    """A time-out that comes just as its statement has ended must not end the next one; that one's own still does."""
    sqlite3.connect(tmp_path / "erp.db").close()
    monkeypatch.setattr("crossdock.toolkit.sql.session.Timer", HandTimer)
    HandTimer.made.clear()
    with opened(url=f"sqlite:///{(tmp_path / 'erp.db').as_posix()}") as session:
        session.db_driver, session.keeps_time = Canceller(), False
        session.fetch(text("SELECT 1"))
        session.db_driver.while_it_reads = [HandTimer.made[0].fire]
        assert session.fetch(text("SELECT 2")) == [(2,)]
        assert session.db_driver.stopped == []
        session.db_driver.while_it_reads = [fire_last_made]
        session.fetch(text("SELECT 3"))
        assert len(session.db_driver.stopped) == 1


@pytest.mark.parametrize("path", ["C:/data/a b.db", "//server/share/erp#1.db", "/srv/50%.db"])
def test_a_file_uri_on_every_system(path):
    """A share's server is part of SQLite's path, since SQLite refuses an authority that is not this machine."""
    kind = PurePosixPath if path.startswith("/srv") else PureWindowsPath
    address = urlsplit(uri_of(kind(path)))
    assert (address.scheme, address.netloc, address.query, address.fragment) == ("file", "", "", "")
    assert unquote(address.path) in (path, f"/{path}")


def test_a_broken_stream_leaves_the_session_as_it_was(tmp_path):
    """A stream that cannot begin does not make the statements after it streams as well."""
    sqlite3.connect(tmp_path / "erp.db").close()
    with opened(url=f"sqlite:///{(tmp_path / 'erp.db').as_posix()}") as session:
        with pytest.raises(ConfigError):
            list(session.stream(text("SELECT * FROM nothing"), size=1))
        assert not session.connection.get_execution_options().get("stream_results")


class Secure:
    """What PyMySQL keeps of an encrypted connection; making another writes down how."""

    host, port, user, password, unix_socket = "erp", 3306, "reader", b"s3cret", None
    ctx, ssl, _ssl_required = "the context", True, True
    made: ClassVar = []

    def __init__(self, **how):
        self.made.append(how)

    def thread_id(self):
        return 7


def test_a_query_is_killed_over_an_encrypted_connection():
    """Where the connection is encrypted, the login that kills its query is too, with the same checks, and it ends."""
    Secure.made.clear()
    PyMySql().cancel(object.__new__(Secure), None)
    (how,) = Secure.made
    assert how["ssl"] == "the context"
    assert how["read_timeout"] > 0
