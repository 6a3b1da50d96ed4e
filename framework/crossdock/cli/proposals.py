"""Showing what a database has, and the field maps that may fit it."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.contract import Finding, Proposal, TableShape
from crossdock.fieldmap import Field
from crossdock.host.showing import Shown

COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
SHOWN = 12
"""Tables that are shown with their columns; of more there are too many to read."""
NAMED = 200
"""Tables that are named at most."""
WIDE = 80
"""Letters in a line from which on a table has room for whole words."""
LONG = 24
"""Letters up to which a word is not broken."""


def show_tables(console: Console, tables: Sequence[TableShape]) -> None:
    """Shows tables with their columns, the key marked; many tables by name alone."""
    if len(tables) > SHOWN:
        _name_tables(console, tables)
        return
    for one in tables:
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
    if not tables:
        console.print(Text("There is no such table that this login sees."))


def _name_tables(console: Console, tables: Sequence[TableShape]) -> None:
    """Names tables, as many as can be read; their columns are shown where a narrower pattern leaves few."""
    for one in tables[:NAMED]:
        console.print(Text(one.name + ("" if one.rows is None else f" (about {one.rows:,} rows)")), soft_wrap=True)
    more = f", the first {NAMED} above" if len(tables) > NAMED else ""
    console.print(
        Text(f"{len(tables):,} tables{more}; a pattern that leaves {SHOWN} or fewer shows their columns too.")
    )


def show_proposal(console: Console, one: Proposal, rows: Sequence[Shown], others: Sequence[str]) -> None:
    """Shows a map, with what the first row becomes, and what a person should know of it."""
    where = f"known for {one.system}" if one.system else "guessed by the columns' names"
    console.print(Text(f"{one.map.stream} from {one.table}: {where}, {one.sureness:.0%} sure", style="bold"))
    table = Table(box=SIMPLE_HEAD)
    sample = {pair.hub: pair.canonical for pair in rows[0].pairs} if rows else {}
    lines = [
        (field.hub, _origin(field), _as_text(sample.get(field.hub)), one.reasons.get(field.hub, ""))
        for field in one.map.fields
    ]
    lines += [(many.hub, "(a query)", "", "a list of its own") for many in one.map.lists]
    table.add_column("hub field", no_wrap=True)
    table.add_column("from", overflow="fold", min_width=_longest_word(console, (line[1] for line in lines)))
    table.add_column("first row", overflow="fold")
    table.add_column("because", overflow="fold", min_width=_longest_word(console, (line[3] for line in lines)))
    for line in lines:
        table.add_row(*map(Text, line))
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
    for _ in ("level", "code"):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in findings:
        table.add_row(Text(one.level, style=COLOURS.get(one.level, "")), Text(one.code), Text(one.text))
    console.print(table)


def _as_text(value: object) -> str:
    return "" if value is None else str(value)


def _longest_word(console: Console, texts: Iterable[str]) -> int | None:
    """Gives how wide a column must be so that no word of a usual length is broken; None: there is no room for that."""
    if console.width < WIDE:
        return None
    return min(LONG, max((len(word) for text in texts for word in text.split()), default=0))


def _origin(field: Field) -> str:
    columns = " and ".join(field.columns) if field.columns else repr(field.constant)
    more = f" ({', '.join(field.converters)})" if field.converters else ""
    return columns + more + (" (by value)" if field.values else "")
