"""`crossdock preview`: rows beside their records, and what would be sent."""

import json
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.place import place_of
from crossdock.host.config import STREAMS
from crossdock.host.showing import Shown, show_rows

LIMIT = 3
MOST = 1000
TO = "->"


@click.command()
@click.argument("connection")
@click.argument("stream", type=click.Choice(STREAMS))
@click.option("--limit", type=click.IntRange(1, MOST), default=LIMIT, show_default=True, help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def preview(ctx: click.Context, /, connection: str, stream: str, limit: int, **flags: bool) -> None:
    """Show the first rows of STREAM in CONNECTION beside their records."""
    with place_of(ctx) as (configuration, store):
        rows = show_rows(configuration, store, connection, stream, limit)
    if flags["as_json"]:
        shown = [_as_data(one) for one in rows]
        click.echo(json.dumps({"connection": connection, "stream": stream, "rows": shown}, default=str))
        return
    console = Console()
    for number, one in enumerate(rows, 1):
        console.print(_table(f"row {number}", one))
        console.print(_verdict(one))
        console.print()
    if not rows:
        console.print(Text(f"{connection} gives no rows of {stream}."))


def _as_data(one: Shown) -> dict[str, Any]:
    sent = one.record is not None
    return {"row": one.row, "record": one.record, "sent": sent, "ignored": one.is_ignored, "reason": one.problem}


def _table(title: str, one: Shown) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("column", no_wrap=True)
    table.add_column("hub field", no_wrap=True)
    table.add_column(f"as read {TO} as sent", overflow="fold")
    for pair in one.pairs:
        is_bad = pair.hub == one.bad_field
        native = _text(pair.native)
        canonical = one.problem.partition(": ")[2] if is_bad and one.problem else _text(pair.canonical)
        is_same = (one.record is None and not is_bad) or native == canonical
        values = (pair.columns or "(constant)", pair.hub, native if is_same else f"{native} {TO} {canonical}")
        table.add_row(*(Text(value, style="red" if is_bad else "") for value in values))
    return table


def _verdict(one: Shown) -> Text:
    if one.problem is not None:
        return Text(f"Not sent: set aside, because {one.problem}", style="red")
    if one.is_ignored:
        return Text("Not sent: the field map leaves this row alone.", style="yellow")
    return Text("Sent, once a sync reads it.", style="green")


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
