"""Where a database is, asked piece by piece: a URL, or an ODBC connection string, never with a password."""

from urllib.parse import quote

import click

from crossdock.cli.asking import Asker
from crossdock.host.adding import odbc_drivers
from crossdock.host.checking import holds_password

KINDS = {
    "sqlite": "a file",
    "postgresql": "PostgreSQL",
    "mariadb": "MariaDB or MySQL",
    "sqlserver": "Microsoft SQL Server",
    "odbc": "anything else that has an ODBC driver",
    "url": "I have a URL",
}
URLS = {"postgresql": ("postgresql+psycopg", "5432"), "mariadb": ("mysql+pymysql", "3306")}
FLAG = "--set url=... or --set odbc=..."
AS_URL = "Address, as dialect+driver://user@host/database"
AS_ODBC = "ODBC connection string, without a password"
SQL_SERVER = "Server, as HOST, HOST,PORT or HOST\\INSTANCE"
MOST = 65_536
"""Ports are below this."""
PLAIN = set("[]{}(),;?*=!@")
"""Characters that want braces around an ODBC value (ODBC reference, SQLDriverConnect)."""


def ask_address(asker: Asker) -> dict[str, str]:
    """Gives the setting `url` or `odbc`.

    Raises:
        click.UsageError: nobody can be asked.
    """
    kind = asker.choice("Which database", FLAG, KINDS)
    if kind == "url":
        return {"url": asker.text(AS_URL, FLAG, check=_check_plain)}
    if kind == "sqlite":
        return {"url": sqlite_url(asker.text("File, from the configuration's folder on", FLAG))}
    if kind in URLS:
        url = _server_url(asker, *URLS[kind])
        asker.answers[AS_URL] = url  # who must add to it finds it there when asked again
        return {"url": url}
    odbc = _odbc(asker, kind)
    asker.answers[AS_ODBC] = odbc
    return {"odbc": odbc}


def sqlite_url(path: str) -> str:
    """Gives the address of an SQLite file."""
    return f"sqlite:///{path.replace(chr(92), '/')}"


def needs_password(settings: dict[str, str]) -> bool:
    """Says whether such a database has logins."""
    return not settings.get("url", "").startswith("sqlite")


def _server_url(asker: Asker, driver: str, port: str) -> str:
    host = asker.text("Server", FLAG, "localhost")
    port = asker.text("Port", FLAG, port, check=_check_port)
    database = asker.text("Database", FLAG)
    user = asker.text("Login that may only read", FLAG)
    return f"{driver}://{quote(user, safe='')}@{host}:{port}/{quote(database, safe='')}"


def _check_port(text: str) -> None:
    if not text.isdecimal() or not 0 < int(text) < MOST:
        message = f"a port is a number from 1 to {MOST - 1}"
        raise click.UsageError(message)


def _check_plain(text: str) -> None:
    if holds_password(text):
        message = "there is a password in it: leave it out here, it is asked for by itself"
        raise click.UsageError(message)


def _odbc(asker: Asker, kind: str) -> str:
    found = odbc_drivers()
    fitting = [one for one in found if kind != "sqlserver" or "SQL Server" in one or one == "FreeTDS"] or found
    shown = {str(number): one for number, one in enumerate(fitting, 1)} | {"0": "I have a connection string"}
    chosen = asker.choice("ODBC driver", FLAG, shown, "1" if fitting else "0")
    if chosen == "0":
        return asker.text(AS_ODBC, FLAG, check=_check_plain)
    parts = {"DRIVER": "{" + shown[chosen] + "}"}
    server = SQL_SERVER if kind == "sqlserver" else "Server"
    for name, question in (("SERVER", server), ("DATABASE", "Database"), ("UID", "Login that may only read")):
        parts[name] = braced(asker.text(question, FLAG))
    return ";".join(f"{name}={one}" for name, one in parts.items())


def braced(value: str) -> str:
    """Gives a value as a connection string holds it."""
    return "{" + value.replace("}", "}}") + "}" if PLAIN & set(value) else value
