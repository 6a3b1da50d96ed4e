"""`crossdock init`: a new home folder, filled as far as there is somebody to ask."""

import json
from typing import Any

import click

from crossdock.cli.asking import Asker
from crossdock.cli.place import next_command, path_of
from crossdock.host.adding import installed_plugins
from crossdock.host.starting import start_home

QUESTIONS = (
    ("erp", "source", "Add the system that is read now, as the connection erp"),
    ("shop", "channel", "Add a channel that is delivered to now, as the connection shop"),
)


@click.command()
@click.option("--ask/--no-ask", default=None, help="Ask for the rest too; without it: where there is a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, and ask nothing.")
@click.pass_context
def init(ctx: click.Context, /, **given: Any) -> None:
    """Make a home: write crossdock.toml with comments, never over one that is there; then ask for connections."""
    path, plugins = path_of(ctx), installed_plugins()
    start_home(path, plugins)
    if given["as_json"]:
        click.echo(json.dumps({"path": str(path), "plugins": plugins}))
        return
    click.echo(f"Written: {path}")
    click.echo(f"Plugins: {', '.join(plugins) or 'none; install one, such as crossdock-custom-database'}")
    asker = Asker(asks=given["ask"])
    if asker.asks and plugins:
        _fill(ctx, asker)
        return
    click.echo(f"Next: {next_command(ctx, 'connections', 'add', 'erp')}")


def _fill(ctx: click.Context, asker: Asker) -> None:
    """Adds a source, a channel and a sync between them, each only if wanted; what was added stays."""
    from crossdock.cli.adding import add  # noqa: PLC0415  # loads what a bare home does not need
    from crossdock.cli.syncs import add_sync  # noqa: PLC0415  # the same

    for name, role, question in QUESTIONS:
        if not asker.agrees(question, otherwise=False):
            click.echo(f"Next: {next_command(ctx, 'connections', 'add', name)}")
            return
        _run(ctx, add, name, "--as", role, "--ask")
    _run(ctx, add_sync, "main", "--ask")


def _run(ctx: click.Context, command: click.Command, *words: str) -> None:
    """Calls a command as if it was typed; its failure ends this one."""
    with command.make_context(command.name, list(words), parent=ctx) as inner:
        try:
            command.invoke(inner)
        except SystemExit as ended:
            if ended.code:
                raise
