"""A session is read-only, bounded in time, can be cancelled, and its errors say whose move it is."""

import socket
import sqlite3
import threading
import time
import traceback

import pytest
from sqlalchemy import literal_column, select, text
from sqlalchemy.exc import DBAPIError

from crossdock import AuthError, Config, ConfigError, Setting, TransientError
from crossdock.contract import LocalMemory
from crossdock.toolkit.sql import SqlSource

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
        with pytest.raises(TransientError):
            session.fetch(text(ENDLESS[company.kind]))
        timer.join()
        with pytest.raises(TransientError, match="cancelled"):
            session.fetch(select(literal_column("1")))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://reader:s3cret@host/db",
        "postgresql+psycopg://reader@host/db?password=s3cret",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3DX%3BUID%3Dsa%3BPWD%3Ds3cret",
    ],
)
def test_a_password_in_the_url_is_refused(url):
    """A password belongs into `password`; the message says so without repeating it."""
    said, trace = failure(ConfigError, url=url)
    assert "`password`" in said
    assert "s3cret" not in trace


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
        with pytest.raises(TransientError):
            session.fetch(text("SELECT 1"))


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
