"""The tree of commands: names and one-line helps here, code loaded when a command is called."""

from importlib import import_module
from typing import Any, NamedTuple

import click

from crossdock.cli.errors import explained, plugins_heard


class Lazy(NamedTuple):
    """A command not loaded yet."""

    module: str
    name: str
    help: str


TOP = {
    "brakes": Lazy("brakes", "brakes", "Mass changes that wait for a person: list, approve, reject."),
    "connections": Lazy("connections", "connections", "Configured connections: list, check, add."),
    "demo": Lazy("demo", "demo", "The whole loop on embedded stand-ins, from nothing."),
    "doctor": Lazy("doctor", "doctor", "What is wrong here or with a connection, and the cure."),
    "init": Lazy("init", "init", "A new home: crossdock.toml, and what to put into it."),
    "orders": Lazy("orders", "orders", "Orders: list, show, retry, resolve, submit."),
    "preview": Lazy("preview", "preview", "Rows beside their records, and what would be sent."),
    "quarantine": Lazy("quarantine", "quarantine", "Rows that cannot be mapped: list, replay."),
    "sync": Lazy("sync", "sync", "One run now: read the source, bring the channels up to date."),
    "syncs": Lazy("syncs", "syncs", "Which source goes to which channels: add."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it is called; its help needs no import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Gives the commands' names, sorted."""
        del ctx
        return sorted(TOP)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads one command."""
        del ctx
        lazy = TOP.get(cmd_name)
        if lazy is None:
            return None
        found: click.Command = getattr(import_module(f"crossdock.cli.{lazy.module}"), lazy.name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands from the table above."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in sorted(TOP.items())])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command; its errors are explained, not dumped."""
        with plugins_heard(), explained(debug=ctx.params.get("debug", False)):
            return super().invoke(ctx)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", metavar="DIR", help="Home folder (also CROSSDOCK_HOME).")
@click.option("--config", metavar="FILE", help="Configuration in place of crossdock.toml in the home folder.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(package_name="crossdock")
@click.pass_context
def crossdock(ctx: click.Context, home: str | None, config: str | None, debug: bool) -> None:  # noqa: FBT001  # click's flags
    """Connect an ERP to web shops: products and customers out, orders in."""
    del debug
    ctx.obj = {"home": home, "config": config}
