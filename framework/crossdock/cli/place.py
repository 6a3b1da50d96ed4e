"""The configuration and store that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import list2cmdline  # only its rule for quotes, which shells here and on Windows keep

import click

from crossdock.host.config import Configuration, read_configuration
from crossdock.host.home import CONFIG_NAME, home_folder, open_store
from crossdock.store import Store


def configuration_of(ctx: click.Context) -> tuple[Configuration, Path]:
    """Reads the configuration named on the command line or the one in the home folder; gives the home too."""
    return read_configuration(path_of(ctx)), home_of(ctx)


def home_of(ctx: click.Context) -> Path:
    """Gives the home folder, whether it is there or not."""
    return home_folder((ctx.find_root().obj or {}).get("home"))


def path_of(ctx: click.Context) -> Path:
    """Gives the configuration's place, whether it is there or not."""
    given = (ctx.find_root().obj or {}).get("config")
    return Path(given) if given else home_of(ctx) / CONFIG_NAME


def next_command(ctx: click.Context, *words: str) -> str:
    """Gives a command to type next, on the same home and configuration."""
    given = ctx.find_root().obj or {}
    places = [word for name in ("home", "config") if given.get(name) for word in (f"--{name}", str(given[name]))]
    return list2cmdline(["crossdock", *places, *words])


@contextmanager
def place_of(ctx: click.Context) -> Iterator[tuple[Configuration, Store]]:
    """Reads the configuration and opens its store."""
    configuration, home = configuration_of(ctx)
    store = open_store(configuration, home)
    try:
        yield configuration, store
    finally:
        store.close()
