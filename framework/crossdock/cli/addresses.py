"""Where a database is, asked piece by piece: a URL, or an ODBC connection string, never with a password."""

from urllib.parse import quote

from crossdock.cli.asking import Asker
from crossdock.host.adding import odbc_drivers

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
PLAIN = set("[]{}(),;?*=!@")
"""Characters that want braces around an ODBC value (ODBC reference, SQLDriverConnect)."""


def ask_address(asker: Asker) -> dict[str, str]:
    """Gives the setting `url` or `odbc`.

    Raises:
        click.UsageError: nobody can be asked.
    """
    kind = asker.choice("Which database", FLAG, KINDS)
    if kind == "url":
        return {"url": asker.text("Address, as dialect+driver://user@host/database", FLAG)}
    if kind == "sqlite":
        return {"url": sqlite_url(asker.text("File, from the configuration's folder on", FLAG))}
    if kind in URLS:
        driver, port = URLS[kind]
        return {"url": _server_url(asker, driver, port)}
    return {"odbc": _odbc(asker, kind)}


def sqlite_url(path: str) -> str:
    """Gives the address of an SQLite file."""
    return f"sqlite:///{path.replace(chr(92), '/')}"


def needs_password(settings: dict[str, str]) -> bool:
    """Says whether such a database has logins."""
    return not settings.get("url", "").startswith("sqlite")


def _server_url(asker: Asker, driver: str, port: str) -> str:
    host = asker.text("Server", FLAG, "localhost")
    port = asker.text("Port", FLAG, port)
    database = asker.text("Database", FLAG)
    user = asker.text("Login that may only read", FLAG)
    return f"{driver}://{quote(user, safe='')}@{host}:{port}/{quote(database, safe='')}"


def _odbc(asker: Asker, kind: str) -> str:
    found = odbc_drivers()
    fitting = [one for one in found if kind != "sqlserver" or "SQL Server" in one or one == "FreeTDS"] or found
    shown = {str(number): one for number, one in enumerate(fitting, 1)} | {"0": "I have a connection string"}
    chosen = asker.choice("ODBC driver", FLAG, shown, "1" if fitting else "0")
    if chosen == "0":
        return asker.text("ODBC connection string, without a password", FLAG)
    parts = {"DRIVER": "{" + shown[chosen] + "}"}
    for name, question in (("SERVER", "Server"), ("DATABASE", "Database"), ("UID", "Login that may only read")):
        parts[name] = braced(asker.text(question, FLAG))
    return ";".join(f"{name}={one}" for name, one in parts.items())


def braced(value: str) -> str:
    """Gives a value as a connection string holds it."""
    return "{" + value.replace("}", "}}") + "}" if PLAIN & set(value) else value
