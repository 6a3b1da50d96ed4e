"""What is wrong on this machine and with each connection, and the cure: `crossdock doctor`."""

import os
import platform
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct
from sqlalchemy.exc import SQLAlchemyError

from crossdock.contract import CrossdockError, Finding
from crossdock.host.checking import check_connection
from crossdock.host.config import Configuration, read_configuration
from crossdock.host.home import open_store
from crossdock.store import Store

LOW_DISK = 1_000_000_000
"""Free bytes below which a store may soon be full."""


class Diagnosis(Struct, frozen=True):
    """One finding and what it is about."""

    about: str
    """`machine`, `home`, or a connection's name."""
    finding: Finding


def diagnose(home: Path, path: Path, names: Sequence[str], step: Callable[[str], None]) -> Iterator[Diagnosis]:
    """Looks at the machine, the home folder, and every connection or just those named.

    What cannot be looked at because something before it failed is left out: its cure comes first.

    Args:
        home: the home folder.
        path: the configuration.
        names: connections to look at; none: all.
        step: told what is looked at next.

    Raises:
        ConfigError: a named connection does not exist.
    """
    step("this machine")
    yield from (Diagnosis("machine", one) for one in [_python(), *_odbc()])
    step("the home folder")
    configuration = store = None
    try:
        configuration = read_configuration(path)
        store = open_store(configuration, home)
    except (CrossdockError, SQLAlchemyError, OSError) as error:
        code = "configuration" if configuration is None else "store"
        yield Diagnosis("home", Finding(code, "error", str(error)))
    yield from (Diagnosis("home", one) for one in _home(home, path, configuration))
    if configuration is None or store is None:
        return
    try:
        for name in names or sorted(configuration.connections):
            step(f"connection {name}")
            yield from _connection(configuration, store, name)
    finally:
        store.close()


def _python() -> Finding:
    bits = struct.calcsize("P") * 8
    text = (
        f"Python {platform.python_version()}, {bits}-bit, on {platform.system()}: ODBC drivers must be {bits}-bit too"
    )
    return Finding("python", "ok", text)


def _odbc() -> Iterator[Finding]:
    """Lists the ODBC drivers; where pyodbc is not installed no connection can want one."""
    try:
        import pyodbc  # type: ignore[import-not-found]  # noqa: PLC0415, F401  # only the doctor looks from here
    except ImportError as error:
        if error.name != "pyodbc":
            cure = "install unixODBC (apt install unixodbc, brew install unixodbc) where a connection uses `odbc`"
            yield Finding("odbc_manager", "warning", f"the ODBC driver manager cannot be loaded ({error}); {cure}")
        return
    from crossdock.toolkit.sql.engines.odbc import drivers  # noqa: PLC0415  # loads SQLAlchemy's dialects

    found = drivers()
    text = (
        f"ODBC drivers: {', '.join(found)}" if found else "there is no ODBC driver; a connection with `odbc` needs one"
    )
    yield Finding("odbc_drivers", "ok", text)


def _home(home: Path, path: Path, configuration: Configuration | None) -> Iterator[Finding]:
    nearest = next((one for one in (home, *home.absolute().parents) if one.exists()), home)
    if not os.access(nearest, os.W_OK):
        text = f"{nearest} cannot be written to by this user; the store is kept there: change its rights, or use --home"
        yield Finding("home_folder", "error", text)
        return
    free = shutil.disk_usage(nearest).free
    level = "warning" if free < LOW_DISK else "ok"
    cure = ": make room before the store is full" if level == "warning" else ""
    yield Finding("home_folder", level, f"{home} can be written to, with {free / 1e9:.1f} GB free{cure}")
    if configuration is not None:
        text = f"{path} is read: {len(configuration.connections)} connections, {len(configuration.syncs)} syncs"
        yield Finding("configuration", "ok", text)


def _connection(configuration: Configuration, store: Store, name: str) -> Iterator[Diagnosis]:
    for one in check_connection(configuration, store, name):
        yield Diagnosis(name, one)
