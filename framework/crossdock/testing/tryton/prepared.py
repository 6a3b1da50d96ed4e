"""Databases for Tryton: its tables are made once for each version of it, kept, and copied from then on.

Making them takes most of a minute, copying a few seconds.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from crossdock.testing import cache, databases, private
from crossdock.testing.tryton.install import interpreter, version

MODULES = (
    "account", "account_product", "party", "product", "product_price_list", "sale", "sale_price_list", "stock",
)  # fmt: skip
USER, PASSWORD = "admin", "crossdock-on-loopback"
"""Administrator of every prepared database: no secret, its server answers this machine alone."""
_FILL_WITHIN_S = 480
_DUMP, _FILE = "fresh.dump", "fresh.sqlite"


@contextmanager
def postgres_database(server: URL, folder: Path) -> Iterator[URL]:
    """Makes a database with Tryton's tables on a PostgreSQL server; it is dropped at the end.

    Args:
        server: URL of a login that may create databases.
        folder: for files that are needed meanwhile.

    Raises:
        Unavailable: Tryton or PostgreSQL's programs cannot be had.
    """
    with databases.administrator(server) as execute:
        release = int(execute("SHOW server_version_num")) // 10000

    def make(place: Path) -> None:
        with databases.database(server, "tryton") as new:
            fill(new, folder)
            databases.call("pg_dump", new, "--format=custom", f"--file={place / _DUMP}")

    place = cache.kept(f"tryton-{version()}-postgres{release}", make)
    with databases.database(server, "tryton") as database:
        databases.call("pg_restore", database, "--no-owner", str(place / _DUMP))
        yield database


def sqlite_database(folder: Path) -> URL:
    """Makes a SQLite file with Tryton's tables in a folder; it stays there.

    Raises:
        Unavailable: Tryton cannot be had.
    """

    def make(place: Path) -> None:
        (place / _FILE).touch()  # Tryton fills a file that is there
        fill(URL.create("sqlite", database=str(place / _FILE)), folder)

    place = cache.kept(f"tryton-{version()}-sqlite", make)
    for part in place.glob(f"{_FILE}*"):  # with what SQLite has not moved into the file yet
        shutil.copyfile(part, folder / part.name)
    return URL.create("sqlite", database=str(folder / _FILE))


def fill(database: URL, folder: Path) -> None:
    """Has Tryton make its tables in an empty database."""
    word, configuration = folder / "tryton-password", folder / "tryton-making.conf"
    word.write_text(PASSWORD, "utf-8")
    write_configuration(configuration, database)
    command: list[str | Path] = [interpreter(), "-m", "trytond.cli.admin", "-c", configuration, "-d", name_of(database)]
    command += ["--email", "admin@company.example", "--activate-dependencies", "-u", *MODULES]
    private.run(command, {"env": {**os.environ, "TRYTONPASSFILE": str(word)}}, _FILL_WITHIN_S)


def name_of(database: URL) -> str:
    """Gives what Tryton calls a database."""
    told = str(database.database)
    return Path(told).stem if database.get_backend_name() == "sqlite" else told


def write_configuration(path: Path, database: URL, listen: str = "127.0.0.1:0") -> None:
    """Writes Tryton's configuration file: where its databases are, and where to listen."""
    if database.get_backend_name() == "sqlite":
        where = f"uri = sqlite://\npath = {Path(str(database.database)).parent}"
    else:
        where = f"uri = {databases.plain(database.set(database=''))}"
    path.touch(mode=0o600)  # a password is in it
    path.write_text(f"[database]\n{where}\n[web]\nlisten = {listen}\n", "utf-8")
