"""`crossdock connections`: what is configured, and whether it works."""

import json
import sys
from importlib.metadata import entry_points
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.adding import add
from crossdock.cli.place import configuration_of, next_command, place_of
from crossdock.cli.proposals import COLOURS, show_findings
from crossdock.host.checking import check_connection
from crossdock.host.config import Configuration

__all__ = ["COLOURS", "connections"]


@click.group()
def connections() -> None:
    """Configured connections: list them, check one, add one."""


connections.add_command(add)


@connections.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def list_them(ctx: click.Context, /, **flags: bool) -> None:
    """List the configured connections and what they are used for."""
    configuration, _ = configuration_of(ctx)
    found = _as_data(configuration)
    if flags["as_json"]:
        click.echo(json.dumps({"connections": found}))
        return
    if not found:
        click.echo(f"There is no connection yet. Next: {next_command(ctx, 'connections', 'add', 'erp')}")
        return
    table = Table(title="Connections", title_justify="left")
    for name in ("name", "plugin", "version", "used as"):
        table.add_column(name)
    for one in found:
        version = Text(one["version"]) if one["version"] else Text("not installed", style="red")
        used_as = Text(", ".join(one["used_as"]) or "nothing yet")
        table.add_row(Text(one["name"]), Text(one["plugin"]), version, used_as)
    Console().print(table)


@connections.command("check")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def check_one(ctx: click.Context, /, name: str, **flags: bool) -> None:
    """Open the connection NAME and prove what it can do."""
    with place_of(ctx) as (configuration, store):
        findings = check_connection(configuration, store, name)
    if flags["as_json"]:
        click.echo(json.dumps({"findings": [msgspec.to_builtins(one) for one in findings]}))
    else:
        show_findings(Console(), findings)
    sys.exit(1 if any(one.level == "error" for one in findings) else 0)


def _as_data(configuration: Configuration) -> list[dict[str, Any]]:
    installed = {entry.name: entry.dist.version for entry in entry_points(group="crossdock") if entry.dist}
    found = configuration.connections.values()
    return [
        {"name": one.name, "plugin": one.plugin, "version": installed.get(one.plugin)}
        | {"used_as": _used_as(configuration, one.name)}
        for one in found
    ]


def _used_as(configuration: Configuration, name: str) -> list[str]:
    syncs = configuration.syncs.values()
    sources = [f"source of {one.name}" for one in syncs if one.source == name]
    return sources + [f"channel of {one.name}" for one in syncs if name in one.channels]
