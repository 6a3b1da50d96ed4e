"""A private PostgreSQL for tests: its own cluster, port and password, gone when the test run ends.

Store and engine are promised to work on SQLite and on PostgreSQL, so their tests need a real server.
Nothing here touches a server that is already there.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_USER = "crossdock"
_READY_WITHIN_S = 60
_INSTALL_WITHIN_S = 240
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


class PostgresUnavailable(Exception):  # noqa: N818  # a state of the machine, not a fault
    """No PostgreSQL can be started here; the message says what is missing or what failed."""


@contextmanager
def start(folder: Path) -> Iterator[str]:
    """Runs a server while the context lasts.

    Args:
        folder: an empty folder for the cluster. Root hands it over to an unprivileged user, because the server
            refuses to run as root; that user must be able to reach it.

    Yields:
        SQLAlchemy URL of the database `postgres`, as a superuser of the private cluster.

    Raises:
        PostgresUnavailable: no binaries and no way to install them, or the server does not come up.
    """
    programs = _find_programs() or _install_programs()
    person = _unprivileged(folder)
    data = folder / "data"
    password = secrets.token_hex(16)
    _create_cluster(programs, data, password, person)
    port = _start_server(programs, data, person)
    try:
        yield f"postgresql+psycopg://{_USER}:{password}@127.0.0.1:{port}/postgres"
    finally:
        # pg_ctl stops the process whose id the server wrote into this very folder.
        _run([programs / "pg_ctl", "stop", "-D", data, "-m", "immediate", "-w"], person)


def install() -> None:
    """Installs Debian's package `postgresql`, without the cluster that the package would create and start.

    Raises:
        PostgresUnavailable: not root, no apt-get, or apt-get failed.
    """
    if sys.platform == "win32" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        reason = "no PostgreSQL programs found (PATH and the usual folders); install PostgreSQL 13 or later"
        raise PostgresUnavailable(reason)
    _apt_get("update")
    _apt_get("install", "--yes", "--no-install-recommends", "postgresql-common")
    _NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    mine = not _NO_CLUSTER.exists()
    if mine:
        _NO_CLUSTER.write_text("create_main_cluster = false\n", encoding="utf-8")
    try:
        _apt_get("install", "--yes", "--no-install-recommends", "postgresql")
    finally:
        if mine:
            _NO_CLUSTER.unlink()


def _apt_get(*words: str) -> None:
    """Runs apt-get without questions."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "--quiet", *words], {"env": environment}, _INSTALL_WITHIN_S)


def _install_programs() -> Path:
    """Installs PostgreSQL and gives the folder of its programs."""
    install()
    if (programs := _find_programs()) is None:
        reason = "the package `postgresql` was installed, but its programs were not found"
        raise PostgresUnavailable(reason)
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


def _unprivileged(folder: Path) -> Mapping[str, Any]:
    """Gives the arguments that make a subprocess run without root's rights; root hands the folder over."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415  # Windows has none

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known.get("nobody")
    if entry is None:
        reason = "running as root, and there is neither a user `postgres` nor `nobody` to run the server as"
        raise PostgresUnavailable(reason)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": folder}


def _create_cluster(programs: Path, data: Path, password: str, person: Mapping[str, Any]) -> None:
    """Makes an empty cluster that only the holder of the password can enter."""
    secret = data.with_name("password")
    secret.write_text(password, encoding="ascii")
    if "user" in person:
        os.chown(secret, person["user"], person["group"])
    secret.chmod(0o600)
    rights: list[str | Path] = ["--username", _USER, "--auth", "scram-sha-256", "--pwfile", secret]
    # The plainest collation: the store must not rely on a language's order.
    shape = ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
    _run([programs / "initdb", "--pgdata", data, *rights, *shape], person)


def _start_server(programs: Path, data: Path, person: Mapping[str, Any]) -> int:
    """Starts the server on a free loopback port and waits until it answers; gives the port."""
    log = data.with_name("log")
    command: list[str | Path] = [programs / "pg_ctl", "start", "-D", data, "-l", log, "-w", "-t", str(_READY_WITHIN_S)]
    settings = data / "postgresql.conf"
    original = settings.read_text(encoding="utf-8")
    for left in reversed(range(_TRIES)):
        port = _free_port()
        settings.write_text(original + _SETTINGS.format(port=port), encoding="utf-8")
        try:
            _run(command, person, _READY_WITHIN_S + 10)
        except PostgresUnavailable as native:  # somebody may have taken the port meanwhile
            if left == 0:
                said = log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
                reason = f"{native}\n{said}"
                raise PostgresUnavailable(reason) from native
        else:
            break
    return port


def _free_port() -> int:
    """Gives a loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(command: Sequence[str | Path], how: Mapping[str, Any], within_s: float = _READY_WITHIN_S) -> None:
    """Runs a command to its end; its output goes to a file, since a server would hold a pipe open."""
    with TemporaryFile() as output:
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        try:
            subprocess.run(command, check=True, timeout=within_s, **streams, **how)
        except (OSError, subprocess.SubprocessError) as native:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:].strip()
            reason = f"{native}\n{said}".strip()
            raise PostgresUnavailable(reason) from native
