"""LedgerSMB's own tables: its schema as Debian packages it, loaded the way its Perl class `LedgerSMB::Database` does.

The package is only unpacked. Installing it would ask for a server, a web server and a role of its own.
Order and rules are from version 1.6.33: `Pg-database.sql`, then `changes/LOADORDER` (lines with `!` may fail, all
others are one transaction each), then `modules/LOADORDER`, then a chart of accounts. Its roles are made too, for the
whole server, and stay when the database is dropped.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlalchemy import URL

from crossdock.testing import cache, databases, debian, private
from crossdock.testing.private import Unavailable

VERSION = "1.6"
CHART = "coa/us/chart/General.sql"
_DOWNLOAD_WITHIN_S = 180
# Its record of what was applied (LedgerSMB/Database/Change.pm): empty, since nothing is applied a second time.
_PATCHES = """
CREATE TABLE db_patch_log (when_applied timestamp PRIMARY KEY, path text NOT NULL, sha text NOT NULL,
    sqlstate text NOT NULL, error text);
CREATE TABLE db_patches (sha text PRIMARY KEY, path text NOT NULL, last_updated timestamp NOT NULL);
"""
_MODULE = """
DELETE FROM defaults WHERE setting_key = 'module_load_ok';
INSERT INTO defaults (setting_key, value) VALUES ('module_load_ok', 'no');
{run}
DO $$ BEGIN
    IF (SELECT value FROM defaults WHERE setting_key = 'module_load_ok') <> 'yes' THEN
        RAISE EXCEPTION 'a module of LedgerSMB was not loaded: {name}';
    END IF;
END $$;
"""
# What a script that may fail has begun and not ended is given up.
_FORGIVEN = "\\set ON_ERROR_STOP off\n{run}\nROLLBACK;\n\\set ON_ERROR_STOP on"


def sources() -> Path:
    """Gives the folder of the schema's scripts, downloaded from Debian's archive on first use.

    Raises:
        Unavailable: this is no Debian, or its archive has no LedgerSMB of this version or cannot be reached.
    """
    return cache.kept(f"ledgersmb-{VERSION}", _download) / "sql"


@contextmanager
def company_database(server: URL, folder: Path) -> Iterator[URL]:
    """Makes a database with LedgerSMB's tables and a chart of accounts; it is dropped at the end.

    Args:
        server: URL of a superuser.
        folder: for a script.

    Raises:
        Unavailable: the schema or PostgreSQL's `psql` cannot be had.
    """
    script, found = folder / "ledgersmb.sql", sources()
    script.write_text(loading(found), "utf-8")
    with databases.database(server, "ledgersmb") as database:
        words = ["--no-psqlrc", "--quiet", f"--output={os.devnull}", f"--file={script}"]
        databases.call("psql", database, *words, folder=found.parent)  # a script names others as sql/...
        yield database


def loading(sql: Path) -> str:
    """Gives a script for `psql` that loads all of the schema and stops at the first error that is one."""
    parts = [_run(sql / "Pg-database.sql"), _PATCHES]
    for line in _lines(sql / "changes" / "LOADORDER"):
        run = _run(sql / "changes" / line.lstrip("!"))
        parts.append(_FORGIVEN.format(run=run) if line.startswith("!") else f"BEGIN;\n{run}\nCOMMIT;")
    for name in _lines(sql / "modules" / "LOADORDER"):
        parts.append(_MODULE.format(run=_run(sql / "modules" / name), name=name))
    parts.append(_run(sql / CHART))
    return "\n".join(["\\set ON_ERROR_STOP on", "SET client_min_messages = error;", *parts, ""])


def _run(path: Path) -> str:
    quoted = path.as_posix().replace("'", "''")
    return f"\\i '{quoted}'"


def _download(place: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        reason = "LedgerSMB's schema comes from Debian's package `ledgersmb`, and there is no apt-get here"
        raise Unavailable(reason)
    wanted = ["apt-get", "--quiet", "download", f"ledgersmb={VERSION}*"]
    try:
        private.run(wanted, {"cwd": place}, _DOWNLOAD_WITHIN_S)
    except Unavailable:
        _update()
        private.run(wanted, {"cwd": place}, _DOWNLOAD_WITHIN_S)
    [package] = place.glob("*.deb")
    private.run(["dpkg-deb", "--extract", package, place / "all"], {})
    (place / "all/usr/share/ledgersmb/sql").rename(place / "sql")
    shutil.rmtree(place / "all")
    package.unlink()


def _update() -> None:
    """Has apt learn what the archive holds; only root may."""
    if not private.is_root():
        reason = "apt-get does not know LedgerSMB; as root: apt-get update"
        raise Unavailable(reason)
    with FileLock(debian.LOCK, timeout=2 * debian.WITHIN_S):
        private.run(["apt-get", "--quiet", "update"], {}, _DOWNLOAD_WITHIN_S)


def _lines(path: Path) -> list[str]:
    lines = (re.sub(r"\s+|#.*", "", line) for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line]
