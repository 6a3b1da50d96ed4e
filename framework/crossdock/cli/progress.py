"""A progress line on standard error while lanes run, where a person looks on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from crossdock.host.lanes import Watch
from crossdock.sync.summary import DeliverySummary, ReadSummary


@contextmanager
def progress(*, show: bool) -> Iterator[Watch]:
    """Shows rows read and items sent; silent where nobody looks on."""
    if not show or not sys.stderr.isatty():
        yield Watch()
        return
    from rich.console import Console  # noqa: PLC0415  # only where there is a screen
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415  # the same

    what, how_far = (TextColumn(text, markup=False) for text in ("{task.description}", "{task.fields[text]}"))
    columns = (what, BarColumn(), how_far, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None, text="")

        def read(one: ReadSummary) -> None:
            bar.update(
                task, description=f"reading {one.stream}", text=f"{one.read:,} rows, {one.written:,} new or changed"
            )

        def delivered(one: DeliverySummary) -> None:
            bar.update(task, description=f"{one.stream} to {one.channel}", text=f"{one.sent:,} sent")

        yield Watch(read, delivered)
