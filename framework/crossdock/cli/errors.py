"""What a user sees when something fails: what, where, and what to do next; a traceback only with --debug."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from crossdock.contract import (
    AuthError,
    ConfigError,
    CrossdockError,
    FenceLostError,
    LaneBusyError,
    PluginError,
    TransientError,
)

FAILED, MISUSED = 1, 2
PLUGIN_LOGGER = "crossdock.plugin"
NOTHING_DONE = {"already_there": "Nothing was changed."}
"""What to say where nothing needs to be mended, by the error's trouble."""
NEXT: dict[type[CrossdockError], str] = {
    ConfigError: "Correct the setting, then run the command again.",
    AuthError: "Correct the credential or its rights, then run the command again.",
    TransientError: "Nothing is lost. Run the command again; if it stays, see to the other system.",
    LaneBusyError: "Nothing was done. Run the command again when that run has ended.",
    FenceLostError: "Nothing is lost. Another run does the work.",
    PluginError: "This is the plugin's fault: tell its maker, with the output of --debug.",
}


@contextmanager
def explained(*, debug: bool) -> Iterator[None]:
    """Turns errors into a few lines and an exit code."""
    try:
        yield
    except CrossdockError as error:
        if debug:
            raise
        say(error)
        sys.exit(FAILED)
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        if debug:
            raise
        click.secho(f"unexpected {type(error).__name__}: {error}", fg="red", err=True)
        click.echo("This is a defect of crossdock: run again with --debug and report what it shows.", err=True)
        sys.exit(FAILED)


class _PluginLines(logging.Handler):
    """Writes what plugins warn of to standard error, a line each."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line."""
        name = record.name.removeprefix(f"{PLUGIN_LOGGER}.")
        click.echo(f"{name}: {record.levelname.lower()}: {' '.join(record.getMessage().split())}", err=True)


@contextmanager
def plugins_heard() -> Iterator[None]:
    """Shows what plugins warn of while a command runs, never on the standard output."""
    logger, handler = logging.getLogger(PLUGIN_LOGGER), _PluginLines(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def say(error: CrossdockError) -> None:
    """Writes one error for a person."""
    click.secho(f"{plain_name(error)}: {error}", fg="red", err=True)
    cure = NOTHING_DONE.get(error.trouble) or next(
        (text for kind, text in NEXT.items() if isinstance(error, kind)), None
    )
    if cure:
        click.echo(cure, err=True)


def plain_name(error: CrossdockError) -> str:
    """Gives an error's kind in words."""
    words = {
        "AlreadyThereError": "configuration",
        "ConfigError": "configuration",
        "AuthError": "not permitted",
        "TransientError": "not now",
        "LaneBusyError": "busy",
        "FenceLostError": "taken over",
        "PluginError": "plugin",
    }
    return words.get(type(error).__name__, type(error).__name__)
