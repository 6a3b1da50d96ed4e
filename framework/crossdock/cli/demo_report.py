"""What the demo says to a person: what ran, what was counted, why, and what to try next."""

from pathlib import Path

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from crossdock.host.demo import DemoReport
from crossdock.host.standin import SOURCE_ID

LINES = {
    "read": "read",
    "written": "= written: new or changed",
    "unchanged": "+ unchanged",
    "quarantined": "+ quarantined: set aside",
    "ignored": "+ ignored: left alone",
    "sent": "sent: the hub acknowledged",
    "on_hub": "on the hub, as it says itself",
}


def show_demo(report: DemoReport, keep: Path | None) -> None:
    """Shows the demo's report."""
    console = Console(highlight=False)
    console.print(f"\n[bold]An ERP's products and customers, carried to a hub and a file in {report.took_s:.1f} s[/]\n")
    parts: list[RenderableType] = [
        _cast(report), _counts(report), _why(report), _moves(report), _hub(report), _aside(report)
    ]  # fmt: skip
    for part in parts:
        console.print(part)
        console.print()
    for problem in report.problems:
        console.print(Text(f"not as promised: {problem}", style="red"))
    console.print(_next(keep), soft_wrap=True)


def _cast(report: DemoReport) -> Table:
    table = Table.grid(padding=(0, 2))
    rows = report.syncs[0].read.read
    table.add_row("source", "erp", f"the demo ERP, an SQLite database with {rows:,} items and some customers")
    table.add_row("channel", "hub", f"a stand-in for the Stock2Shop hub: a process of its own at {report.url}")
    table.add_row("channel", "out", "two files, a line for each delivered item")
    table.add_row("", "", "Each plugin ran in a process of its own.")
    return table


def _counts(report: DemoReport) -> Table:
    table = Table(title="Three syncs: the stream products, in items", title_justify="left")
    table.add_column("")
    for name in ("1: all new", "2: as before", f"3: {len(report.changed)} changed"):
        table.add_column(name, justify="right")
    counts = [one.counts() for one in report.syncs]
    for name, line in LINES.items():
        table.add_row(line, *(f"{one[name]:,}" for one in counts), end_section=name == "ignored")
    return table


def _why(report: DemoReport) -> Text:
    read = report.syncs[0].read
    return Text(
        "Each sync reads all rows, and each row is accounted for. A row is compared by its hash before it is mapped: "
        "the second sync mapped and sent nothing, the third only what changed. "
        f"{read.quarantined} rows cannot be mapped; they were set aside and the others went on. "
        f'{read.ignored} is left alone because the field map says so (status "internal").'
    )


def _moves(report: DemoReport) -> Table:
    table = Table(title="What the third sync changed on the hub", title_justify="left")
    for name in ("item", "field", "before", "now"):
        table.add_column(name, justify="right" if name in ("before", "now") else "left")
    for one in report.moves:
        table.add_row(*(Text(str(value)) for value in (one.code, one.what, one.before, one.after)))
    return table


def _hub(report: DemoReport) -> Text:
    off = f" {report.off_sale} more was sent as not for sale: it is discontinued." if report.off_sale else ""
    same = "" if report.problems else " They are the catalogue's, item by item: code, SKU, price and quantity."
    return Text(
        f"{report.syncs[-1].on_hub:,} variants are on sale on the hub (its source {SOURCE_ID}). "
        f"The hub was asked after each sync, past the plugin: GET /_standin/variants?active=true.{same}{off}"
    )


def _aside(report: DemoReport) -> Table:
    title = "Set aside, until the row is corrected in the ERP or its line in the field map"
    table = Table(title=title, title_justify="left")
    for name in ("row", "code", "hub field", "why"):
        table.add_column(name)
    for one in report.quarantined:
        table.add_row(*(Text(value or "") for value in (one.row_key, one.code, one.field, one.reason)))
    return table


def _next(keep: Path | None) -> Text:
    if keep is None:
        home = "crossdock --home my-demo"
        lines = ["Keep it, and look around:", "crossdock demo --keep my-demo", f"{home} preview erp products"]
    else:
        home = f"crossdock --home {keep}"
        lines = [
            f"Look around in {keep} (the stand-in hub has stopped with the demo):",
            f"{home} preview erp products",
            f"{home} connections check erp",
            f"{home} quarantine list",
        ]
    return Text.assemble(("Next", "bold"), "  " + "\n  ".join(lines))
