"""Where everything is kept: the home folder, its configuration and its store."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from crossdock.contract import ConfigError
from crossdock.host.config import Configuration
from crossdock.host.secrets import resolve_secret
from crossdock.store import Store

CONFIG_NAME = "crossdock.toml"


def home_folder(given: str | None) -> Path:
    """Gives the home folder: said on the command line, in CROSSDOCK_HOME, or the system's place for such data."""
    said = given or os.environ.get("CROSSDOCK_HOME")
    if said:
        return Path(said)
    import platformdirs  # noqa: PLC0415  # only where nothing was said

    return Path(platformdirs.user_data_dir("crossdock", appauthor=False))


def open_store(configuration: Configuration, home: Path) -> Store:
    """Opens the configured store, or the SQLite file in the home folder.

    Raises:
        ConfigError: its URL or password cannot be used; neither text shows the password.
    """
    if configuration.store_url is not None:
        return Store(_with_password(configuration, configuration.store_url))
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the home folder {home} cannot be made: {error.strerror or error}; name another with --home"
        raise ConfigError(message) from error
    return Store(f"sqlite:///{(home / 'crossdock.db').as_posix()}")


def _with_password(configuration: Configuration, text: str) -> str:
    """Gives the store's URL with its password, which may be kept elsewhere."""
    url = _parsed(text)
    given = configuration.store_password
    if given is None:
        return text
    if url.get_backend_name() == "sqlite":
        message = "[store]: password has no use for an SQLite file; take it out"
        raise ConfigError(message)
    password = resolve_secret("[store]: password", given, configuration.folder)
    return url.set(password=password).render_as_string(hide_password=False)


def _parsed(text: str) -> URL:
    try:
        return make_url(text)
    except (SQLAlchemyError, ValueError):
        message = (
            "[store]: url cannot be read (it is not shown, for it may hold a password): "
            "use sqlite:///FILE or postgresql+psycopg://USER@HOST:PORT/DATABASE, with PORT a number"
        )
        raise ConfigError(message) from None
