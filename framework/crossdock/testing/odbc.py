"""Which ODBC drivers this machine has, each by the value that a connection string gives as DRIVER.

A driver that is registered but cannot be loaded counts as missing: Debian registers one for SQLite version 2,
whose library it no longer brings.
"""

import importlib
import importlib.util
import platform
import re
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct

from crossdock.testing import debian, private
from crossdock.testing.private import Unavailable

WITHIN_S = 1


class Driver(Struct, frozen=True):
    """One ODBC driver, by the names it is registered under and how it can be tried."""

    title: str
    """What people call it."""
    registered: str
    """Regular expression of its names in the driver manager's list, whole names."""
    packages: tuple[str, ...]
    """Debian's packages that bring it."""
    trial: str
    """Connection string without DRIVER that reaches nobody; `{port}` is one that nobody listens on."""


DRIVERS = {
    "postgresql": Driver(
        "psqlODBC, Unicode",  # the ANSI one failed on parameters (observed on 13.02)
        r"PostgreSQL Unicode(\(x64\))?",
        ("unixodbc", "odbc-postgresql"),
        "SERVER=127.0.0.1;PORT={port};DATABASE=x;UID=x;PWD=x",
    ),
    "mariadb": Driver(
        "MariaDB Connector/ODBC",
        r"MariaDB Unicode|MariaDB ODBC \d.* Driver",
        ("unixodbc", "odbc-mariadb"),
        "SERVER=127.0.0.1;PORT={port};DATABASE=x;UID=x;PWD=x",
    ),
    "sqlite": Driver(
        "SQLite ODBC driver, version 3",
        r"SQLite3( ODBC Driver)?",
        ("unixodbc", "libsqliteodbc"),
        "DATABASE=:memory:",
    ),
    "freetds": Driver(
        "FreeTDS",
        "FreeTDS",
        ("unixodbc", "tdsodbc"),
        "SERVER=127.0.0.1;PORT={port};TDS_Version=7.4;UID=x;PWD=x",
    ),
    "microsoft": Driver(
        "Microsoft ODBC Driver 18 for SQL Server",
        r"ODBC Driver 18 for SQL Server",
        ("unixodbc", "libgssapi-krb5-2"),  # the driver itself is in no Debian package
        "SERVER=127.0.0.1,{port};UID=x;PWD=x;Encrypt=no",
    ),
}
"""Names as their installers register them: Debian 12 and, after the bar or in brackets, Windows."""


def find(kind: str) -> str:
    """Finds a driver that can be loaded, and installs it where this process is root on a Debian machine.

    Args:
        kind: one of `DRIVERS`.

    Returns:
        `DRIVER={...}`, the beginning of a connection string.

    Raises:
        Unavailable: it is not there and cannot be installed, or cannot be loaded.
    """
    wanted = DRIVERS[kind]
    found = _registered(wanted) or (_bundled() if kind == "microsoft" else None)
    if found is None:
        debian.install(*wanted.packages)
        found = _registered(wanted) or (_bundled() if kind == "microsoft" else None)
    if found is None:
        reason = f"no ODBC driver {wanted.title} is registered here"
        raise Unavailable(reason)
    value = f"DRIVER={{{found}}}"
    _try(wanted, value)
    return value


def driver_manager() -> Any:  # pyodbc: its types say no more than Any
    """Gives the module pyodbc, with the driver manager that it needs.

    Raises:
        Unavailable: pyodbc is not installed, or there is no driver manager.
    """
    try:
        return importlib.import_module("pyodbc")
    except ImportError as first:
        if importlib.util.find_spec("pyodbc") is None:
            reason = "pyodbc is not installed: pip install pyodbc"
            raise Unavailable(reason) from first
    debian.install("unixodbc")  # its wheel for Linux brings no driver manager
    try:
        return importlib.import_module("pyodbc")
    except ImportError as native:
        reason = f"pyodbc cannot be loaded: {native}"
        raise Unavailable(reason) from native


def _registered(wanted: Driver) -> str | None:
    names = sorted(driver_manager().drivers(), reverse=True)
    return next((name for name in names if re.fullmatch(wanted.registered, name)), None)


def _bundled() -> str | None:
    """Gives the path of the driver in the package `mssql-python-odbc`: proprietary, installed and never shipped.

    Linux alone: the driver manager of Windows takes no path, only a registered name.
    """
    package = importlib.util.find_spec("mssql_python_odbc")
    if package is None or package.origin is None or sys.platform != "linux":
        return None
    machine = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    libraries = Path(package.origin).parent / "libs" / "linux" / _distribution() / machine / "lib"
    return next((str(one) for one in sorted(libraries.glob("libmsodbcsql*"))), None)


def _distribution() -> str:
    """Gives the package's name for this kind of Linux (its folders, observed in 18.6.2.2)."""
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        about = {}
    kinds = f"{about.get('ID', '')} {about.get('ID_LIKE', '')}".split()
    names = {"rhel": "rhel", "fedora": "rhel", "suse": "suse", "alpine": "alpine"}
    return next((names[kind] for kind in kinds if kind in names), "debian_ubuntu")


def _try(wanted: Driver, value: str) -> None:
    """Makes sure that the driver's library loads: it then fails to connect in its own words, or connects.

    The driver manager's words for one that does not load are in the ODBC reference: IM003, on unixODBC 01000.
    """
    module = driver_manager()
    try:
        module.connect(f"{value};{wanted.trial.format(port=private.free_port())}", timeout=WITHIN_S).close()
    except module.Error as native:
        said = str(native)
        if re.search(r"IM\d{3}|Can't open lib", said):
            reason = f"the ODBC driver {wanted.title} is registered, but cannot be loaded: {said}"
            raise Unavailable(reason) from native
