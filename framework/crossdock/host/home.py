"""Where everything is kept: the home folder, its configuration and its store."""

import os
from pathlib import Path

from crossdock.host.config import Configuration
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
    """Opens the configured store, or the SQLite file in the home folder."""
    if configuration.store_url is not None:
        return Store(configuration.store_url)
    home.mkdir(parents=True, exist_ok=True)
    return Store(f"sqlite:///{(home / 'crossdock.db').as_posix()}")
