"""Showing what a database has, and the field maps that may fit it."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.contract import Finding, Proposal, TableShape
from crossdock.fieldmap import Field
from crossdock.host.showing import Shown

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
SHOWN = 40
"""Tables that are shown with their columns; of more there are too many to read."""


def show_tables(console: Console, tables: Sequence[TableShape]) -> None:
    """Shows tables with their columns, the key marked."""
    for one in tables[:SHOWN]:
        rows = "" if one.rows is None else f", about {one.rows:,} rows"
        console.print(Text(f"{one.name} ({'view' if one.is_view else 'table'}{rows})", style="bold"))
        table = Table(box=SIMPLE_HEAD)
        table.add_column("column", no_wrap=True)
        table.add_column("type")
        table.add_column("")
        for column in one.columns:
            marks = [*(["key"] if column.name in one.key else []), *([] if column.nullable else ["never NULL"])]
            table.add_row(Text(column.name), Text(column.type), Text(", ".join(marks)))
        console.print(table)
    if len(tables) > SHOWN:
        names = ", ".join(one.name for one in tables[SHOWN : SHOWN + 200])
        console.print(Text(f"{len(tables) - SHOWN} more, too many to show: {names}"))
    if not tables:
        console.print(Text("There is no such table that this login sees."))


def show_proposal(console: Console, one: Proposal, rows: Sequence[Shown], others: Sequence[str]) -> None:
    """Shows a map, with what the first row becomes, and what a person should know of it."""
    where = f"known for {one.system}" if one.system else "guessed by the columns' names"
    console.print(Text(f"{one.map.stream} from {one.table}: {where}, {one.sureness:.0%} sure", style="bold"))
    table = Table(box=SIMPLE_HEAD)
    table.add_column("hub field", no_wrap=True)
    for name in ("from", "first row", "because"):
        table.add_column(name, overflow="fold")
    sample = {pair.hub: pair.canonical for pair in rows[0].pairs} if rows else {}
    for field in one.map.fields:
        value = sample.get(field.hub)
        texts = (field.hub, _origin(field), "" if value is None else str(value), one.reasons.get(field.hub, ""))
        table.add_row(*map(Text, texts))
    for many in one.map.lists:
        table.add_row(Text(many.hub), Text("a list, by a query of its own"))
    console.print(table)
    for note in one.notes:
        console.print(Text(f"- {note}"))
    if rows and rows[0].problem:
        console.print(Text(f"- The first row cannot be mapped: {rows[0].problem}", style="yellow"))
    if others:
        console.print(Text(f"- Other tables that may fit: {', '.join(others)}; name one with --{one.map.stream}"))
    console.print()


def show_problem(console: Console, one: Proposal | None, text: str) -> None:
    """Shows why something cannot be read."""
    where = "" if one is None else f"{one.map.stream} from {one.table}: "
    console.print(Text(f"{where}{text}", style="yellow"))


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Shows findings as `connections check` does."""
    table = Table.grid(padding=(0, 2))
    for one in findings:
        table.add_row(Text(one.level, style=COLOURS.get(one.level, "")), Text(one.code), Text(one.text))
    console.print(table)


def _origin(field: Field) -> str:
    columns = " and ".join(field.columns) if field.columns else repr(field.constant)
    more = f" ({', '.join(field.converters)})" if field.converters else ""
    return columns + more + (" (by value)" if field.values else "")
