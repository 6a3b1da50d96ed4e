"""`crossdock brakes`: mass changes that wait for a person, shown and decided."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.place import place_of
from crossdock.host.holding import Decision, Example, HoldView, approve, list_holds, open_holds, reject
from crossdock.store import Store

AGES = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))
IDS = click.argument("ids", metavar="ID...", nargs=-1, type=int)
ALL = click.option("--all", "everything", is_flag=True, help="All that wait.")
JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.group()
def brakes() -> None:
    """Mass changes that wait for a person: list, approve, reject."""


@brakes.command("list")
@JSON
@click.pass_context
def list_them(ctx: click.Context, /, **flags: bool) -> None:
    """List what is held: where, why, and what it would change."""
    with place_of(ctx) as (configuration, store):
        found = list_holds(configuration, store)
    if flags["as_json"]:
        click.echo(json.dumps({"holds": [msgspec.to_builtins(one) for one in found]}))
        return
    if not found:
        click.echo("Nothing is held.")
        return
    console = Console()
    for one in found:
        console.print(_table(one))
    console.print("Let it through: crossdock brakes approve ID.  Leave things as they are: crossdock brakes reject ID.")


@brakes.command("approve")
@IDS
@ALL
@JSON
@click.pass_context
def approve_them(ctx: click.Context, /, ids: tuple[int, ...], **flags: bool) -> None:
    """Let exactly what is held through; the next sync carries it out."""
    told = "{id}: {done:,} items are let through; the next sync tells the channels"
    _decide(ctx, ids, approve, told, **flags)


@brakes.command("reject")
@IDS
@ALL
@JSON
@click.pass_context
def reject_them(ctx: click.Context, /, ids: tuple[int, ...], **flags: bool) -> None:
    """Leave the channel as it is, until an item changes again at the source."""
    told = "{id}: {done:,} items stay as the channel has them, until they change again at the source"
    _decide(ctx, ids, reject, told, **flags)


def _decide(
    ctx: click.Context, ids: tuple[int, ...], decide: Callable[[Store, int], Decision | None], told: str, **flags: bool
) -> None:
    if bool(ids) == flags["everything"]:
        message = "say which holds by their ID, or --all"
        raise click.UsageError(message)
    with place_of(ctx) as (_, store):
        there = open_holds(store)
        wrong = [one for one in ids if one not in there]
        if wrong:
            waiting = ", ".join(map(str, there)) or "none"
            message = f"no hold {', '.join(map(str, wrong))} waits; there are: {waiting}"
            raise click.UsageError(message)
        chosen = list(dict.fromkeys(ids)) or there
        made = {one: decide(store, one) for one in chosen}
    if flags["as_json"]:
        click.echo(json.dumps({"decided": [msgspec.to_builtins(one) for one in made.values() if one is not None]}))
    else:
        _say(made, told)
    sys.exit(1 if None in made.values() else 0)


def _say(made: dict[int, Decision | None], told: str) -> None:
    if not made:
        click.echo("Nothing is held.")
    for number, one in made.items():
        if one is None:
            click.echo(f"{number}: another run has judged it anew meanwhile; see crossdock brakes list", err=True)
            continue
        click.echo(told.format(id=one.id, done=one.done))
        if one.changed:
            click.echo(f"{one.id}: {one.changed:,} items changed since; the next sync judges them anew")


def _table(one: HoldView) -> Table:
    where = f"missing at the source {one.source}" if one.channel is None else f"from {one.source} to {one.channel}"
    title = Text(f"hold {one.id}: {one.stream}, {where}, for {_age(one.age_s)}", style="table.title")
    table = Table(title=title, title_justify="left")
    table.add_column(Text(one.reason))
    table.add_column("has")
    table.add_column("would get")
    for example in one.examples:
        table.add_row(Text(example.code), *_sides(example))
    more = one.items - len(one.examples)
    if more > 0:
        table.add_row(f"and {more:,} more", "", "")
    return table


def _sides(example: Example) -> tuple[Text, Text]:
    return Text(_words(example.has)), Text(_words(example.gets))


def _words(values: dict[str, Any]) -> str:
    shown = {"active": {True: "on sale", False: "off sale"}}
    return ", ".join(
        shown["active"][value] if name == "active" else f"{name} {_short(value)}" for name, value in values.items()
    )


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}={one}" for name, one in value.items())
    return "nothing" if value is None else str(value)


def _age(seconds: float) -> str:
    for size, unit in AGES:
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
