"""`crossdock demo`: the whole loop on embedded stand-ins, from nothing, with a readable report."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from crossdock.host.demo import DemoReport, run_demo

DEFAULT_ITEMS = 250
LEAST_ITEMS = 200
NAMES = ("first_sync", "second_sync", "third_sync")


@click.command()
@click.option(
    "--items",
    type=click.IntRange(min=LEAST_ITEMS),
    default=DEFAULT_ITEMS,
    show_default=True,
    help="Items in the demo ERP.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one line of JSON.")
@click.option("--keep", metavar="DIR", type=click.Path(path_type=Path), help="Keep everything in this new folder.")
def demo(items: int, keep: Path | None, **flags: bool) -> None:
    """Run the whole loop on embedded stand-ins: an ERP, a hub, a file."""
    with _home(keep) as home, _steps(show=not flags["as_json"]) as step:
        report = run_demo(home, items, step)
    if flags["as_json"]:
        click.echo(json.dumps(as_data(report)))
        for problem in report.problems:
            click.echo(problem, err=True)
    else:
        from crossdock.cli.demo_report import show_demo  # noqa: PLC0415  # tables only for a person

        show_demo(report, keep)
    sys.exit(1 if report.problems else 0)


def as_data(report: DemoReport) -> dict[str, Any]:
    """Gives the counts as plain data: of the stream products, in items."""
    counts = {name: one.counts() for name, one in zip(NAMES, report.syncs, strict=True)}
    return {**counts, "on_hub": report.syncs[-1].on_hub, "changed": report.changed, "problems": report.problems}


@contextmanager
def _home(keep: Path | None) -> Iterator[Path]:
    """Gives the folder to work in: one that stays, or one that goes with the demo."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="crossdock-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        message = f"{keep} is there already and not empty; name a new folder"
        raise click.BadParameter(message, param_hint="--keep")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep


@contextmanager
def _steps(*, show: bool) -> Iterator[Callable[[str], None]]:
    """Shows on standard error which step runs, where a person looks on."""
    if not show or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  # only where there is a screen

    with Console(stderr=True).status("starting") as status:
        yield status.update
