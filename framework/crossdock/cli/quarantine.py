"""`crossdock quarantine`: rows that cannot be mapped, listed and tried again."""

import json
import sys
from collections import Counter
from difflib import get_close_matches
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.errors import say
from crossdock.cli.place import place_of
from crossdock.host.config import STREAMS
from crossdock.host.replay import (
    BAD,
    LISTED,
    MAPPED,
    NOT_FOUND,
    Aside,
    Places,
    ReplayReport,
    find_aside,
    list_aside,
    replay,
)

SOURCE = click.option("--source", metavar="NAME", help="Only of this connection.")
STREAM = click.option("--stream", type=click.Choice(STREAMS), help="Only of this stream.")
COLOURS = {MAPPED: "green", BAD: "red", NOT_FOUND: "yellow"}


@click.group()
def quarantine() -> None:
    """Rows that cannot be mapped: list them, try them again."""


@quarantine.command("list")
@SOURCE
@STREAM
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def list_rows(ctx: click.Context, /, source: str | None, stream: str | None, **flags: bool) -> None:
    """List rows that are set aside, with the reason and what to do."""
    with place_of(ctx) as (configuration, store):
        rows = list_aside(configuration, store, Places(source, stream))
    if flags["as_json"]:
        click.echo(json.dumps({"rows": [as_data(one) for one in rows], "more": bool(_full(rows))}))
        return
    if not rows:
        click.echo("No row is set aside.")
        return
    console = Console()
    for source_name, stream_name in dict.fromkeys((one.source, one.stream) for one in rows):
        some = [one for one in rows if (one.source, one.stream) == (source_name, stream_name)]
        console.print(_table(f"{source_name}: {stream_name}", some))
        if (source_name, stream_name) in _full(rows):
            console.print(f"These are the {LISTED:,} oldest; there may be more.")
    console.print("Correct the row at the source, or its line in the field map, then: crossdock quarantine replay CODE")


@quarantine.command("replay")
@click.argument("keys", metavar="KEY_OR_CODE...", nargs=-1)
@SOURCE
@STREAM
@click.option("--all", "everything", is_flag=True, help="All rows that are set aside.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
def replay_rows(
    ctx: click.Context, /, keys: tuple[str, ...], source: str | None, stream: str | None, **flags: bool
) -> None:
    """Read rows again, now that their cause is mended, and deliver them."""
    if bool(keys) == flags["everything"]:
        message = "say which rows by key or code, or --all"
        raise click.UsageError(message)
    with place_of(ctx) as (configuration, store):
        places = Places(source, stream)
        if flags["everything"]:
            rows = list_aside(configuration, store, places, most=None)
        else:
            rows, unknown = find_aside(configuration, store, places, keys)
            if unknown:
                raise click.UsageError(_not_there(unknown, list_aside(configuration, store, places)))
        report = replay(configuration, store, rows)
    if flags["as_json"]:
        click.echo(json.dumps(_report_as_data(report)))
    else:
        _show(report)
    sys.exit(0 if report.is_done() else 1)


def _full(rows: list[Aside]) -> list[tuple[str, str]]:
    """Gives the streams of which there may be more rows than are listed."""
    return [place for place, count in Counter((one.source, one.stream) for one in rows).items() if count >= LISTED]


def _not_there(unknown: list[str], rows: list[Aside]) -> str:
    names = sorted({name for one in rows for name in (one.row.row_key, one.row.code) if name})
    near = [close for name in unknown for close in get_close_matches(name, names, n=1)]
    hint = f"did you mean {near[0]!r}?" if near else "crossdock quarantine list shows what is"
    return f"no row {', '.join(map(repr, unknown))} is set aside; {hint}"


def as_data(one: Aside) -> dict[str, Any]:
    """Gives a row as plain data."""
    row = one.row
    return {
        "source": one.source,
        "stream": one.stream,
        "key": row.row_key,
        "code": row.code,
        "field": row.field,
        "reason": row.reason,
        "hint": row.hint,
        "row": json.loads(row.row),
    }


def _report_as_data(report: ReplayReport) -> dict[str, Any]:
    return {
        "rows": [
            {"source": one.aside.source, "stream": one.aside.stream, "key": one.aside.row.row_key}
            | {"code": one.aside.row.code, "state": one.state, "reason": one.reason}
            for one in report.rows
        ],
        "deliveries": [
            {"channel": one.channel, "stream": one.stream, "sent": one.sent, "refused": one.refused}
            for one in report.deliveries
        ],
        "errors": [{"lane": one.lane, "text": str(one.problem)} for one in report.errors],
        "done": report.is_done(),
    }


def _table(title: str, rows: list[Aside]) -> Table:
    table = Table(title=Text(title, style="table.title"), title_justify="left")
    for name in ("key", "code", "hub field", "why"):
        table.add_column(name)
    for one in rows:
        row = one.row
        table.add_row(*(Text(value or "") for value in (row.row_key, row.code, row.field, row.reason)))
    return table


def _show(report: ReplayReport) -> None:
    console = Console()
    if not report.rows:
        console.print("No row is set aside.")
    for one in report.rows:
        name = one.aside.row.code or f"row {one.aside.row.row_key}"
        state = Text(one.state, style=COLOURS.get(one.state, ""))
        console.print(Text.assemble(name, ": ", state, f" ({one.reason})" if one.reason else ""))
    for summary in report.deliveries:
        console.print(Text(f"{summary.stream} to {summary.channel}: {summary.sent:,} sent"))
    for error in report.errors:
        click.echo(f"lane {error.lane}:", err=True)
        say(error.problem)
