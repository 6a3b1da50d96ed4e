"""A private MariaDB for tests: its own data folder, port and password, gone when the test run ends.

Nothing here touches a server that is already there.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_connection
from typing import Any

from crossdock.testing import debian, private
from crossdock.testing.private import Unavailable

USER = "crossdock"
DATABASE = "crossdock"
PACKAGE = "mariadb-server-core"
"""Debian's package with the programs alone: no service, no data folder of its own."""
_TRIES = 3
_OPTIONS = (
    "--bind-address=127.0.0.1",
    "--socket=socket",  # beside the data, whatever the length of the folder's name
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",  # with it, the version's own default collation
    "--innodb-flush-method=nosync",  # the data need not outlive the machine
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--innodb-log-file-size=32M",
    "--innodb-buffer-pool-size=64M",
    "--max-connections=200",
    "--secure-file-priv=",
)
"""Server options as the manual gives them (MariaDB, Server System Variables; observed on 10.11)."""
_LOGIN = """\
CREATE DATABASE {database} CHARACTER SET utf8mb4;
CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL ON *.* TO {user}@'127.0.0.1' WITH GRANT OPTION;
DELETE FROM mysql.global_priv WHERE User = 'root';
FLUSH PRIVILEGES;
"""


@contextmanager
def start(folder: Path, options: Sequence[str] = ()) -> Iterator[str]:
    """Runs a server while the context lasts.

    Args:
        folder: an empty folder for the data. Root hands it over to an unprivileged user, because the server
            refuses to run as root; that user must be able to reach it.
        options: more options of the server, such as `--ssl-cert=FILE`.

    Yields:
        SQLAlchemy URL (`mariadb+pymysql`) of an empty database, with a login that may do anything.

    Raises:
        Unavailable: no programs and no way to install them, or the server does not come up.
    """
    server, installer = _find_programs() or _install_programs()
    person = private.unprivileged(folder, "mysql")
    data, password = folder / "data", secrets.token_hex(16)
    made = ["--skip-test-db", "--skip-name-resolve", "--auth-root-authentication-method=normal"]
    private.run([installer, "--no-defaults", f"--datadir={data}", *made], person)
    first = folder / "first.sql"
    private.write_secret(first, _LOGIN.format(database=DATABASE, user=USER, password=password), person)
    process, port = _start_server(
        # A starting server clears what others left in the temporary folder: each has one of its own.
        [server, "--no-defaults", f"--datadir={data}", f"--tmpdir={folder}", f"--init-file={first}", *options],
        person,
        folder,
    )
    try:
        with private.watched(process.pid):
            yield f"mariadb+pymysql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}?charset=utf8mb4"
    finally:
        process.kill()  # nothing need outlive it
        process.wait(private.RUN_WITHIN_S)


def install() -> None:
    """Installs Debian's package of the server's programs.

    Raises:
        Unavailable: not root, no apt-get, or apt-get failed.
    """
    debian.install(PACKAGE)


def _install_programs() -> tuple[Path, Path]:
    try:
        install()
    except Unavailable as native:
        reason = f"no MariaDB programs found (PATH and the usual folders); install MariaDB 10.6 or later: {native}"
        raise Unavailable(reason) from native
    if (programs := _find_programs()) is None:
        reason = f"the package `{PACKAGE}` was installed, but its programs were not found"
        raise Unavailable(reason)
    return programs


def _find_programs() -> tuple[Path, Path] | None:
    """Gives the server and what makes a data folder; the latter is another program on Windows, not known here."""
    if sys.platform == "win32":
        return None
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"])
    server, installer = (shutil.which(name, path=folders) for name in ("mariadbd", "mariadb-install-db"))
    return (Path(server), Path(installer)) if server and installer else None


def _start_server(
    command: list[str | Path], person: Mapping[str, Any], folder: Path
) -> tuple["subprocess.Popen[bytes]", int]:
    """Starts the server on a free loopback port and waits until it answers; gives its process and the port."""
    log = folder / "log"
    for _ in range(_TRIES):  # somebody may have taken the port meanwhile
        port = private.free_port()
        with log.open("wb") as output:
            streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            process = subprocess.Popen([*command, *_OPTIONS, f"--port={port}"], **streams, **person)
        if _is_up(process, port):
            return process, port
        process.kill()
        process.wait(private.RUN_WITHIN_S)
    reason = f"MariaDB did not start\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
    raise Unavailable(reason)


def _is_up(process: "subprocess.Popen[bytes]", port: int) -> bool:
    """Waits until the server greets: it does when its first statements are done."""
    ends = time.monotonic() + private.RUN_WITHIN_S
    while process.poll() is None and time.monotonic() < ends:
        with suppress(OSError), create_connection(("127.0.0.1", port), timeout=1) as probe:
            if probe.recv(1):
                return True
        time.sleep(0.05)
    return False
