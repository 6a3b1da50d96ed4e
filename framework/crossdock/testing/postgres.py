"""A private PostgreSQL for tests: its own cluster, port and password, gone when the test run ends.

Store and engine are promised to work on SQLite and on PostgreSQL, so their tests need a real server.
Nothing here touches a server that is already there.
"""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crossdock.testing import debian, private
from crossdock.testing.private import Unavailable

_USER = "crossdock"
_TRIES = 3
_SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
fsync = off                     # the data need not outlive the machine
full_page_writes = off
synchronous_commit = off
max_connections = 200
"""
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/no-main-cluster.conf")


@contextmanager
def start(folder: Path) -> Iterator[str]:
    """Runs a server while the context lasts.

    Args:
        folder: an empty folder for the cluster. Root hands it over to an unprivileged user, because the server
            refuses to run as root; that user must be able to reach it.

    Yields:
        SQLAlchemy URL of the database `postgres`, as a superuser of the private cluster.

    Raises:
        Unavailable: no binaries and no way to install them, or the server does not come up.
    """
    programs = _find_programs() or _install_programs()
    person = private.unprivileged(folder, "postgres")
    data = folder / "data"
    password = secrets.token_hex(16)
    _create_cluster(programs, data, password, person)
    port = _start_server(programs, data, person)
    server = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    try:
        with private.watched(server):
            yield f"postgresql+psycopg://{_USER}:{password}@127.0.0.1:{port}/postgres"
    finally:
        # pg_ctl stops the process whose id the server wrote into this very folder.
        private.run([programs / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-w"], person)


def install() -> None:
    """Installs Debian's package `postgresql`, without the cluster that the package would create and start.

    Raises:
        Unavailable: not root, no apt-get, or apt-get failed.
    """
    debian.install("postgresql-common")  # first: it owns the folder of the setting
    debian.install("postgresql", settings={_NO_CLUSTER: "create_main_cluster = false\n"})


def program(name: str) -> Path:
    """Gives a program that comes with the server, such as `pg_dump` or `psql`.

    Raises:
        Unavailable: there is none, and it cannot be installed.
    """
    programs = _find_programs() or _install_programs()
    found = shutil.which(name, path=str(programs)) or shutil.which(name)
    if found is None:
        reason = f"no program {name} beside the PostgreSQL server in {programs}"
        raise Unavailable(reason)
    return Path(found)


def _install_programs() -> Path:
    """Installs PostgreSQL and gives the folder of its programs."""
    try:
        install()
    except Unavailable as native:
        reason = f"no PostgreSQL programs found (PATH and the usual folders); install PostgreSQL 13 or later: {native}"
        raise Unavailable(reason) from native
    if (programs := _find_programs()) is None:
        reason = "the package `postgresql` was installed, but its programs were not found"
        raise Unavailable(reason)
    return programs


def _find_programs() -> Path | None:
    """Gives the folder that holds `initdb` and `pg_ctl`, of the newest version where there are several."""
    on_path = [Path(found).resolve().parent for name in ("initdb", "postgres") if (found := shutil.which(name))]
    windows = Path(os.environ.get("PROGRAMFILES", "C:/Program Files"))
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *windows.glob("PostgreSQL/*/bin")]
    newest_first = sorted(installed, key=lambda folder: _version(folder.parent.name), reverse=True)
    for folder in (*on_path, *newest_first):
        if all(shutil.which(name, path=str(folder)) for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    return None


def _version(name: str) -> tuple[int, ...]:
    """Gives a folder's version in an order that puts 15 after 9.6."""
    return tuple(int(part) for part in name.split(".") if part.isdecimal())


def _create_cluster(programs: Path, data: Path, password: str, person: Mapping[str, Any]) -> None:
    """Makes an empty cluster that only the holder of the password can enter."""
    secret = data.with_name("password")
    private.write_secret(secret, password, person)
    rights: list[str | Path] = ["--username", _USER, "--auth", "scram-sha-256", "--pwfile", secret]
    # The plainest collation: the store must not rely on a language's order.
    shape = ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
    private.run([programs / "initdb", "--pgdata", data, *rights, *shape], person)


def _start_server(programs: Path, data: Path, person: Mapping[str, Any]) -> int:
    """Starts the server on a free loopback port and waits until it answers; gives the port."""
    log = data.with_name("log")
    wait = ["-w", "-t", str(private.RUN_WITHIN_S)]
    command: list[str | Path] = [programs / "pg_ctl", "start", "-D", data, "-l", log, *wait]
    settings = data / "postgresql.conf"
    original = settings.read_text(encoding="utf-8")
    for left in reversed(range(_TRIES)):
        port = private.free_port()
        settings.write_text(original + _SETTINGS.format(port=port), encoding="utf-8")
        try:
            private.run(command, person, private.RUN_WITHIN_S + 10)
        except Unavailable as native:  # somebody may have taken the port meanwhile
            if left == 0:
                said = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
                reason = f"{native}\n{said}"
                raise Unavailable(reason) from native
        else:
            break
    return port
