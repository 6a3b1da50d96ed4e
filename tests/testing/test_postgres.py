"""A private PostgreSQL is whole, closed to others and gone in the end."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from crossdock.testing import postgres, private
from crossdock.testing.private import Unavailable

pytestmark = pytest.mark.postgres


def ask(url, question):
    """All rows of an answer."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.execute(text(question)).fetchall()
    finally:
        engine.dispose()


def connect_for_ever(port):
    """Connects until nobody listens any more; the test's time limit ends it otherwise."""
    while True:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        time.sleep(0.05)


def test_all_of_unicode(postgres_url):
    """The database takes any text, and answers with it."""
    assert ask(postgres_url, "SELECT getdatabaseencoding(), '価格 😀'") == [("UTF8", "価格 😀")]


def test_nobody_enters_without_the_password(postgres_url):
    """The only login is the one in the URL, and it listens on loopback alone."""
    with pytest.raises(OperationalError, match="authentication failed"):
        ask(make_url(postgres_url).set(password="guess"), "SELECT 1")
    assert ask(postgres_url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert ask(postgres_url, "SELECT count(*) FROM pg_roles WHERE rolcanlogin") == [(1,)]


def test_not_as_root(postgres_url):
    """The server runs without root's rights, also where the tests do not."""
    ((data,),) = ask(postgres_url, "SHOW data_directory")
    assert Path(data, "PG_VERSION").stat().st_uid != 0 or not private.is_root()


def test_gone_in_the_end(postgres_url):
    """When the context ends nothing listens any more; a server beside another is no trouble."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        with postgres.start(Path(folder)) as url:
            assert make_url(url).port != make_url(postgres_url).port
            assert ask(url, "SELECT count(*) FROM pg_stat_user_tables") == [(0,)]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", make_url(url).port), timeout=5)


def test_gone_when_the_tests_are_ended_by_force(postgres_url):
    """A test run that is killed leaves no server behind."""
    code = """
import sys
from pathlib import Path
from crossdock.testing import postgres
with postgres.start(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
    with tempfile.TemporaryDirectory(prefix="crossdock-", ignore_cleanup_errors=True) as folder:
        command, pipe = [sys.executable, "-c", code, folder], subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as run:
            url = make_url(run.stdout.readline().strip())
            assert ask(url, "SELECT 1") == [(1,)]
            run.kill()
        with pytest.raises(ConnectionRefusedError):
            connect_for_ever(url.port)


def test_a_machine_without_programs_says_so(monkeypatch, tmp_path):
    """Where there is no PostgreSQL and it cannot be installed, the reason says what to install."""
    monkeypatch.setattr(postgres, "_find_programs", lambda: None)
    monkeypatch.setattr(private, "is_root", lambda: False)
    monkeypatch.setattr(postgres.debian, "is_installed", lambda _: False)
    with pytest.raises(Unavailable, match="install PostgreSQL"), postgres.start(tmp_path):
        pass


def test_a_server_that_does_not_start_shows_its_log(monkeypatch, postgres_url):
    """When the server ends at once, the reason ends with what it said."""
    monkeypatch.setattr(postgres, "_SETTINGS", "no_such_setting = 1")
    with (
        tempfile.TemporaryDirectory(prefix="crossdock-") as folder,
        pytest.raises(Unavailable, match="no_such_setting"),
        postgres.start(Path(folder)),
    ):
        pass
