"""Summaries as tables for people."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crossdock.host.run_sync import SyncReport
from crossdock.sync.summary import DeliverySummary, ReadSummary

READ_COLUMNS = ("read", "written", "unchanged", "quarantined", "ignored", "repeated", "vanished", "held")
ALWAYS = ("read", "written", "unchanged", "quarantined", "ignored", "sent", "refused", "retry")
"""The terms of the sums."""
SENT_COLUMNS = ("sent", "refused", "retry", "pending", "held", "excluded", "disagreeing")


def show_sync(report: SyncReport) -> None:
    """Shows one sync's report."""
    console = Console()
    if report.reads:
        console.print(_table("Read", report.reads, "stream", READ_COLUMNS))
    if report.deliveries:
        console.print(_table("Delivered", report.deliveries, "channel", SENT_COLUMNS, with_stream=True))
    for stream, channels in report.would_send.items():
        for channel, count in channels.items():
            said = f"would send up to {count:,} {stream} to {channel}"
            console.print(Text(f"{said} (dry run: nothing was written; brakes may hold some)"))
    for line in notes(report.reads, report.deliveries, is_rehearsal=report.dry_run):
        console.print(line)


def notes(
    reads: Sequence[ReadSummary], deliveries: Sequence[DeliverySummary], *, is_rehearsal: bool = False
) -> list[Text]:
    """Says in words what needs a person's eye."""
    lines = [
        Text.assemble((f"{one.stream}:", "yellow"), f" items that are gone are not noticed: {one.sweep_stopped}")
        for one in reads
        if one.sweep_stopped
    ]
    lines += [
        Text(f"{one.stream}: {one.set_aside} set aside, listed by: crossdock quarantine list")
        for one in reads
        if one.set_aside
    ]
    if any(one.held for one in reads) or any(one.held for one in deliveries):
        cure = "in a real run it would wait for a person" if is_rehearsal else "crossdock brakes list"
        lines.append(Text.assemble(("A brake holds a mass change: ", "yellow"), cure))
    for one in deliveries:
        if one.not_taken:
            lines.append(Text(f"{one.channel}: {one.not_taken} items are not taken; each run tries them again"))
        lines += [Text(f"  {reason}") for reason in one.reasons]
    lines += [
        Text(f"{one.channel}: {one.excluded} items belong to another source of this channel")
        for one in deliveries
        if one.excluded
    ]
    lines += [
        Text(f"{one.channel}: {one.disagreeing} items differ in text from their product's first item, which counts")
        for one in deliveries
        if one.disagreeing
    ]
    return lines


def _table(title: str, rows: Sequence[Any], first: str, columns: Sequence[str], *, with_stream: bool = False) -> Table:
    """Makes a table; a column without any figure is left out, unless it is a term of a sum."""
    shown = [name for name in columns if name in ALWAYS or any(getattr(row, name) for row in rows)]
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    if with_stream:
        table.add_column("stream")
    for name in shown:
        table.add_column(name, justify="right")
    for row in rows:
        lead = [getattr(row, first), *([row.stream] if with_stream else [])]
        table.add_row(*map(Text, lead), *(f"{getattr(row, name):,}" for name in shown))
    return table
