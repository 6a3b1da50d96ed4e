"""The configuration and store that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from crossdock.host.config import Configuration, read_configuration
from crossdock.host.home import CONFIG_NAME, home_folder, open_store
from crossdock.store import Store


def configuration_of(ctx: click.Context) -> tuple[Configuration, Path]:
    """Reads the configuration named on the command line or the one in the home folder; gives the home too."""
    given = ctx.find_root().obj or {}
    home = home_folder(given.get("home"))
    path = Path(given["config"]) if given.get("config") else home / CONFIG_NAME
    return read_configuration(path), home


@contextmanager
def place_of(ctx: click.Context) -> Iterator[tuple[Configuration, Store]]:
    """Reads the configuration and opens its store."""
    configuration, home = configuration_of(ctx)
    store = open_store(configuration, home)
    try:
        yield configuration, store
    finally:
        store.close()
