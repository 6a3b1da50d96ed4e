"""`crossdock orders`: what was ordered, where it is, and what a person decides about it."""

import getpass
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.cli.place import place_of
from crossdock.contract import CrossdockError, RowError
from crossdock.host.orders_desk import OrderDesk, Shown, entry_as_data
from crossdock.store.ledger import Document
from crossdock.store.ledger_report import Entry
from crossdock.store.ledger_states import NEW, STATES

FLOW = click.option("--flow", metavar="NAME", help="The NAME of [orders.NAME]; needed where several are meant.")
DOCUMENT = click.option("--document", type=int, metavar="NUMBER", help="Just this document of the order.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
COLOURS = {"confirmed": "green", "raised": "green", "refused": "red", "conflict": "red", "parked": "yellow"}
WITHOUT_DOCUMENTS = ("waiting", "held", "rejected")


@contextmanager
def _desk(ctx: click.Context) -> Iterator[OrderDesk]:
    try:
        with place_of(ctx) as (configuration, store):
            yield OrderDesk(configuration, store, f"person {getpass.getuser()}")
    except CrossdockError as error:
        if type(error) is not CrossdockError:
            raise
        raise click.ClickException(str(error)) from error  # it says all: nothing is wrong but what was asked for


@click.group()
def orders() -> None:
    """Orders: list them, show one, let one try again, decide about one, hand some over."""


@orders.command("list")
@FLOW
@click.option("--state", type=click.Choice((*STATES, *WITHOUT_DOCUMENTS)), help="Only in this state.")
@click.option("--missing", is_flag=True, help="Only what is in the channel and not in the ERP.")
@AS_JSON
@click.pass_context
def list_orders(ctx: click.Context, /, flow: str | None, state: str | None, **flags: bool) -> None:
    """List orders and their documents, the oldest first, with the reason where one stands."""
    if state is not None and flags["missing"]:
        message = "say --state or --missing, not both"
        raise click.UsageError(message)
    with _desk(ctx) as desk:
        entries = desk.listed(flow, state, only_missing=flags["missing"])
        if flags["as_json"]:
            click.echo(json.dumps({"orders": [entry_as_data(one, desk) for one in entries]}))
        elif entries:
            _show_entries(entries, desk)
        else:
            click.echo("Nothing is missing." if flags["missing"] else "There is no order.")


@orders.command("show")
@click.argument("code")
@FLOW
@AS_JSON
@click.pass_context
def show_order(ctx: click.Context, /, code: str, flow: str | None, **flags: bool) -> None:
    """Show one order: its documents, and every step so far."""
    with _desk(ctx) as desk:
        shown = desk.shown(code, flow)
        if flags["as_json"]:
            click.echo(json.dumps(_as_data(shown, desk)))
        else:
            _show(shown, desk)


@orders.command("retry")
@click.argument("code")
@FLOW
@DOCUMENT
@click.pass_context
def retry_order(ctx: click.Context, /, code: str, flow: str | None, document: int | None) -> None:
    """Let an order try again that is refused, parked, in conflict or held.

    Where the ERP can be searched, it is looked for before it is sent.
    """
    with _desk(ctx) as desk:
        _show_documents(desk.retry(code, flow, document), desk)


@orders.command("resolve")
@click.argument("code")
@FLOW
@DOCUMENT
@click.option("--raised", metavar="NUMBER", help="It is in the ERP, with this number.")
@click.option("--cancelled", metavar="REASON", help="It is not wanted any more.")
@click.option("--keep", is_flag=True, help="It came again with other content: the first stands.")
@click.option("--take", is_flag=True, help="It came again with other content: the later stands.")
@click.pass_context
def resolve_order(ctx: click.Context, /, code: str, flow: str | None, document: int | None, **said: Any) -> None:
    """Decide about an order that only a person can decide about."""
    chosen = [name for name, value in said.items() if value]
    if len(chosen) != 1:
        message = "say one of --raised NUMBER, --cancelled REASON, --keep, --take"
        raise click.UsageError(message)
    with _desk(ctx) as desk:
        if said["raised"]:
            found = desk.raised(code, flow, (said["raised"], document))
        elif said["cancelled"]:
            found = desk.cancelled(code, flow, (said["cancelled"], document))
            if any(one.state == NEW for one in found):
                click.echo("What has not been sent yet is looked for and cancelled by the next run.")
        else:
            found = desk.kept(code, flow) if said["keep"] else desk.taken(code, flow)
        _show_documents(found, desk)


@orders.command("submit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FLOW
@AS_JSON
@click.pass_context
def submit_orders(ctx: click.Context, /, file: Path, flow: str | None, **flags: bool) -> None:
    """Hand over orders from a JSON file: one, or a list; an order that is there already is not taken twice."""
    with _desk(ctx) as desk:
        try:
            taken = desk.submit(flow, file.read_bytes())
        except RowError as error:
            message = f"{file}: {error}"
            raise click.UsageError(message) from error
    counts = Counter(one.outcome for one in taken)
    if flags["as_json"]:
        click.echo(json.dumps({"outcomes": [{"outcome": one.outcome, "reason": one.reason} for one in taken]}))
    else:
        click.echo(", ".join(f"{count:,} {outcome}" for outcome, count in counts.items()) or "no order in the file")
        for one in taken:
            if one.outcome in ("rejected", "held", "conflict"):
                click.echo(f"{one.outcome}: {one.reason}", err=True)
    sys.exit(1 if counts["rejected"] or counts["held"] or counts["conflict"] else 0)


def _show_entries(entries: Sequence[Entry], desk: OrderDesk) -> None:
    table = Table()
    for name in ("channel", "order", "for", "state", "number", "age", "why"):
        table.add_column(name)
    for one in entries:
        kind = f"{one.kind} to {desk.name_of(one.target)}" if one.kind else ""
        why = f"{one.reason}\n{one.cure}" if one.reason and one.cure else one.reason or ""
        cells = (desk.name_of(one.channel), one.channel_order_code, kind, one.state, one.document_code or "")
        table.add_row(*(_cell(text) for text in (*cells, _age(one.age_s), why)))
    Console().print(table)


def _cell(text: str) -> Text:
    return Text(text, style=COLOURS.get(text, ""))


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _show(shown: Shown, desk: OrderDesk) -> None:
    order, console = shown.order, Console()
    title = f"{desk.name_of(order.channel)}: order {order.channel_order_code}, {order.state}"
    console.print(Text(title + (f": {order.reason}" if order.reason else ""), style="bold"))
    _show_documents(shown.documents, desk)
    table = Table(title="History", title_justify="left")
    for name in ("when", "who", "document", "state", "what"):
        table.add_column(name)
    for one in shown.history:
        number = str(one.document or "")
        table.add_row(*(_cell(text) for text in (_moment(one.at), one.actor, number, one.state, one.note or "")))
    console.print(table)


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _show_documents(documents: Sequence[Document], desk: OrderDesk) -> None:
    console = Console()
    for one in documents:
        number = f" {one.document_code}" if one.document_code else ""
        text = f"document {one.id}: {one.kind} to {desk.name_of(one.target)}, "
        console.print(Text.assemble(text, _cell(one.state), number, f", reference {one.reference or 'not given yet'}"))
        for line in (one.reason, one.cure):
            if line:
                console.print(Text(f"  {line}"))


def _as_data(shown: Shown, desk: OrderDesk) -> dict[str, Any]:
    order = shown.order
    return {
        "channel": desk.name_of(order.channel),
        "code": order.channel_order_code,
        "state": order.state,
        "reason": order.reason,
        "documents": [
            {"document": one.id, "target": desk.name_of(one.target), "kind": one.kind, "state": one.state}
            | {"reference": one.reference, "document_code": one.document_code, "attempts": one.attempt}
            | {"reason": one.reason, "cure": one.cure}
            for one in shown.documents
        ],
        "history": [
            {"at": one.at, "actor": one.actor, "document": one.document, "state": one.state}
            | {"note": one.note, "payload": one.payload}
            for one in shown.history
        ],
    }
