"""A driver is found by what it is, and one that is registered but does not load is said to be missing."""

import pytest

from crossdock.testing import debian, odbc
from crossdock.testing.private import Unavailable

pytestmark = pytest.mark.odbc


@pytest.fixture
def manager(monkeypatch):
    """pyodbc; a machine without a driver manager skips with the reason."""
    try:
        return odbc.driver_manager()
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("kind", odbc.DRIVERS)
def test_each_driver_is_found_and_loads(odbc_driver, manager, kind):
    """What is given stands for DRIVER in a connection string, and the driver of that name answers for itself."""
    value = odbc_driver(kind)
    assert value.startswith("DRIVER={")
    with pytest.raises(manager.Error) as caught:
        manager.connect(f"{value};DATABASE=/no/such/folder/x;NoCreat=1;SERVER=127.0.0.1;PORT=1;UID=x;PWD=x", timeout=1)
    assert "Driver Manager" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "names", "found"),
    [
        ("sqlite", ["SQLite", "SQLite3"], "SQLite3"),
        ("sqlite", ["SQLite ODBC Driver", "SQLite3 ODBC Driver"], "SQLite3 ODBC Driver"),
        ("sqlite", ["SQLite"], None),
        ("postgresql", ["PostgreSQL ANSI", "PostgreSQL Unicode"], "PostgreSQL Unicode"),
        ("postgresql", ["PostgreSQL ANSI(x64)", "PostgreSQL Unicode(x64)"], "PostgreSQL Unicode(x64)"),
        ("mariadb", ["MariaDB ODBC 3.1 Driver", "MariaDB ODBC 3.2 Driver"], "MariaDB ODBC 3.2 Driver"),
        ("microsoft", ["SQL Server", "ODBC Driver 17 for SQL Server"], None),
        ("microsoft", ["ODBC Driver 18 for SQL Server"], "ODBC Driver 18 for SQL Server"),
    ],
)
def test_drivers_by_their_names(monkeypatch, manager, kind, names, found):
    """Debian's and Windows' names are known; of two versions the newer counts, and none of another kind."""
    monkeypatch.setattr(manager, "drivers", lambda: names)
    monkeypatch.setattr(odbc, "_bundled", lambda: None)
    monkeypatch.setattr(odbc, "_try", lambda *_: None)
    monkeypatch.setattr(debian, "install", lambda *_: None)
    if found:
        assert odbc.find(kind) == f"DRIVER={{{found}}}"
    else:
        with pytest.raises(Unavailable, match="is registered here"):
            odbc.find(kind)


def test_a_driver_without_its_library_is_missing(monkeypatch, manager, tmp_path):
    """A registered driver whose library is not there is unavailable, with what the driver manager says."""
    monkeypatch.setattr(manager, "drivers", lambda: ["SQLite3"])
    monkeypatch.setattr(odbc, "_registered", lambda _: str(tmp_path / "libnone.so"))
    with pytest.raises(Unavailable, match="cannot be loaded"):
        odbc.find("sqlite")
