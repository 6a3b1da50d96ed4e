"""A private MariaDB is whole, closed to others and gone in the end."""

import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from crossdock.testing import mariadb, private
from crossdock.testing.private import Unavailable

pytestmark = pytest.mark.mariadb


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


def test_all_of_unicode(mariadb_url):
    """The database takes any text, and answers with it."""
    assert ask(mariadb_url, "SELECT @@character_set_database, '価格 😀'") == [("utf8mb4", "価格 😀")]


def test_nobody_enters_without_the_password(mariadb_url):
    """The only login is the one in the URL, and it listens on loopback alone."""
    with pytest.raises(OperationalError, match="Access denied"):
        ask(make_url(mariadb_url).set(password="guess"), "SELECT 1")
    with pytest.raises(OperationalError, match="Access denied"):
        ask(make_url(mariadb_url).set(username="root", password=None), "SELECT 1")
    assert ask(mariadb_url, "SELECT @@bind_address") == [("127.0.0.1",)]


def test_not_as_root(mariadb_url):
    """The server runs without root's rights, also where the tests do not."""
    ((data,),) = ask(mariadb_url, "SELECT @@datadir")
    assert Path(data, "ibdata1").stat().st_uid != 0 or not private.is_root()


def test_gone_in_the_end(mariadb_url):
    """When the context ends nothing listens any more; a server beside another is no trouble."""
    with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
        with mariadb.start(Path(folder)) as url:
            assert make_url(url).port != make_url(mariadb_url).port
            assert ask(url, "SHOW TABLES") == []
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", make_url(url).port), timeout=5)


def test_gone_when_the_tests_are_ended_by_force(mariadb_url):
    """A test run that is killed leaves no server behind."""
    code = """
import sys
from pathlib import Path
from crossdock.testing import mariadb
with mariadb.start(Path(sys.argv[1])) as url:
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
    """Where there is no MariaDB and it cannot be installed, the reason says what to install."""
    monkeypatch.setattr(mariadb, "_find_programs", lambda: None)
    monkeypatch.setattr(private, "is_root", lambda: False)
    monkeypatch.setattr(mariadb.debian, "is_installed", lambda _: False)
    with pytest.raises(Unavailable, match="install MariaDB"), mariadb.start(tmp_path):
        pass


def test_a_server_that_does_not_start_shows_its_log(monkeypatch, mariadb_url):
    """When the server ends at once, the reason ends with what it said."""
    monkeypatch.setattr(mariadb, "_OPTIONS", ("--no-such-option",))
    with (
        tempfile.TemporaryDirectory(prefix="crossdock-") as folder,
        pytest.raises(Unavailable, match="no-such-option"),
        mariadb.start(Path(folder)),
    ):
        pass
