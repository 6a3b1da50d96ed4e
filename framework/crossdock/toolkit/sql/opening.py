"""Opening a database by its address or by a plain ODBC connection string, read-only."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from crossdock.contract import Config, ConfigError, Manifest
from crossdock.toolkit.sql.engines import Dialect, dialect_named, dialect_of, driver_of, install_of
from crossdock.toolkit.sql.engines.troubles import DRIVER_BITNESS, DRIVER_MISSING
from crossdock.toolkit.sql.errors import ADDRESS_HINT, translated
from crossdock.toolkit.sql.session import SqlSession


@contextmanager
def open_session(manifest: Manifest, config: Config, url: Callable[[Config], str] | None) -> Iterator[SqlSession]:
    """Connects read-only and closes at the end.

    Args:
        manifest: names the settings and their defaults.
        config: the settings; `odbc` or `url` and `password` where `url` is None.
        url: makes the address from the settings, with a password in it.

    Raises:
        TransientError: not reachable now.
        ConnectionSetupError: a setting or a credential is wrong, or a driver is missing.
    """
    settings = {one.name: one.default for one in manifest.settings} | dict(config)
    secrets = tuple(str(settings[one.name]) for one in manifest.settings if one.secret and settings[one.name])
    if url is None and settings.get("odbc"):
        session = _open_odbc(settings, secrets)
    else:
        session = _open_url(_address(settings) if url is None else _parsed(url(config)), settings, secrets)
    try:
        yield session
    finally:
        with suppress(SQLAlchemyError):
            session.connection.close()


def _open_url(address: URL, settings: Mapping[str, Any], secrets: tuple[str, ...]) -> SqlSession:
    dialect = dialect_of(address)
    hidden = (*secrets, address.password) if address.password else secrets
    with (
        _explained(str(address.query.get("driver", ""))),
        translated(f"{dialect.title} could not be opened", dialect, driver_of(dialect, ""), hidden) as found,
    ):
        place, options = dialect.connect_with(address, settings["connect_timeout_s"])
        found.driver = driver_of(dialect, place.get_dialect().driver)
        engine = create_engine(place, poolclass=NullPool, hide_parameters=True, **options)
        return _session(engine.connect(), dialect, settings, hidden)


def _open_odbc(settings: Mapping[str, Any], secrets: tuple[str, ...]) -> SqlSession:
    from crossdock.toolkit.sql.engines import odbc  # noqa: PLC0415  # loads its dialects, for ODBC only

    if settings.get("url"):
        message = "both `url` and `odbc` say where the database is: give one of them"
        raise ConfigError(message)
    text, password = settings["odbc"], settings.get("password")
    named = odbc.parts_of(text).get("driver", "")
    dialect = dialect_named(named)
    driver = driver_of(dialect, "pyodbc")
    with _explained(named), translated(f"{dialect.title} could not be opened", dialect, driver, secrets):
        connection, dialect = odbc.connect(text, password, settings["connect_timeout_s"])
        return _session(connection, dialect, settings, secrets)


@contextmanager
def _explained(named: str) -> Iterator[None]:
    """Says how to get a missing ODBC driver, and which there are; a file that is there cannot be loaded."""
    try:
        yield
    except ConfigError as error:
        if error.trouble != DRIVER_MISSING.code or not named:
            raise
        from crossdock.toolkit.sql.engines import odbc  # noqa: PLC0415  # loads its dialects, for ODBC only

        if Path(named).is_file():
            cure = f"{named} is there but cannot be loaded: {DRIVER_BITNESS.cure}, and every library it needs (ldd)"
        else:
            how = install_of(named)
            cure = f"{how and f'install {how}. '}Drivers there are: {', '.join(odbc.drivers()) or 'none'}"
        better = ConfigError(f"{error}. {cure}")
        better.trouble = DRIVER_BITNESS.code if Path(named).is_file() else error.trouble
        raise better from error


def _session(
    connection: Connection, dialect: Dialect, settings: Mapping[str, Any], secrets: tuple[str, ...]
) -> SqlSession:
    session = SqlSession(connection, dialect, settings, secrets)
    try:
        session.db_driver.opened(session.driver, settings["statement_timeout_s"])
        dialect.make_read_only(connection, settings["statement_timeout_s"])
        connection.rollback()
    except BaseException:
        connection.close()
        raise
    return session


def _address(settings: Mapping[str, Any]) -> URL:
    address = _parsed(settings.get("url") or "")
    inside = [name for name in address.query if "password" in name.lower() or name.lower() in ("pwd", "passwd")]
    connect = str(address.query.get("odbc_connect", "")).lower().replace(" ", "")
    if address.password is not None or inside or "pwd=" in connect or "password=" in connect:
        message = 'there is a password in `url`: take it out and give it as `password`, as in { env = "ERP_PASSWORD" }'
        raise ConfigError(message)
    password = settings.get("password")
    if password and connect:  # SQLAlchemy passes such a string on as it is, and all else by
        message = "`odbc_connect` in `url` would go without the password: give that connection string as `odbc`"
        raise ConfigError(message)
    return address.set(password=password) if password else address


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        message = f"the database's address cannot be read; {ADDRESS_HINT}"
        raise ConfigError(message) from None  # the error's own text may hold the address, with a password in it
