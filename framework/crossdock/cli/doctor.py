"""`crossdock doctor`: what is wrong, where, and what to do next."""

import json
import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.connections import COLOURS
from crossdock.host.doctor import Diagnosis, diagnose
from crossdock.host.home import CONFIG_NAME, home_folder


@click.command()
@click.argument("names", metavar="[CONNECTION]...", nargs=-1)
@click.option("--all", "show_all", is_flag=True, help="Show what is well too.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def doctor(ctx: click.Context, /, names: tuple[str, ...], **flags: bool) -> None:
    """Look at this machine, the home folder and each CONNECTION (none named: all); say what is wrong and its cure.

    Nothing is changed anywhere. Exits 1 where something is broken; a warning is none.
    """
    given = ctx.find_root().obj or {}
    home = home_folder(given.get("home"))
    path = Path(given["config"]) if given.get("config") else home / CONFIG_NAME
    quiet = flags["as_json"] or not sys.stderr.isatty()
    found = list(
        diagnose(home, path, names, lambda step: None if quiet else click.echo(f"looking at {step}", err=True))
    )
    if flags["as_json"]:
        click.echo(json.dumps({"findings": [_as_data(one) for one in found]}))
    else:
        _print(found, show_all=flags["show_all"])
    sys.exit(1 if any(one.finding.level == "error" for one in found) else 0)


def _as_data(one: Diagnosis) -> dict[str, str]:
    return {"about": one.about, **msgspec.to_builtins(one.finding)}


def _print(found: list[Diagnosis], *, show_all: bool) -> None:
    table = Table.grid(padding=(0, 2))
    for _ in ("level", "about", "code"):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in found:
        if show_all or one.finding.level != "ok":
            level = Text(one.finding.level, style=COLOURS.get(one.finding.level, ""))
            table.add_row(level, Text(one.about), Text(one.finding.code), Text(one.finding.text))
    console = Console()
    if table.row_count:
        console.print(table)
    count = {level: sum(one.finding.level == level for one in found) for level in ("error", "warning", "ok")}
    console.print(Text(f"{count['error']} broken, {count['warning']} to look at, {count['ok']} well."))
