"""`crossdock sync`: one run now, with progress and a summary that adds up."""

import json
import sys
from typing import Any

import click

from crossdock.cli.errors import plain_name, say
from crossdock.cli.place import place_of
from crossdock.cli.progress import progress
from crossdock.cli.report import show_sync
from crossdock.contract import ConfigError
from crossdock.host.run_sync import SyncReport, run_sync
from crossdock.sync.read import Options


@click.command()
@click.argument("name", required=False)
@click.option("--stream", "streams", multiple=True, help="Only this stream; may be said again.")
@click.option("--full", is_flag=True, help="Read all rows even where only changes could be read.")
@click.option("--dry-run", is_flag=True, help="Read, compare and count; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON, and no progress.")
@click.pass_context
def sync(ctx: click.Context, /, name: str | None, streams: tuple[str, ...], **flags: bool) -> None:
    """Run the sync NAME once (the only one, where there is one)."""
    with place_of(ctx) as (configuration, store):
        chosen = name or _only(list(configuration.syncs))
        one = configuration.sync(chosen)
        for stream in streams:
            if stream not in one.streams:
                message = f"sync {chosen!r} has no stream {stream!r}; it has {', '.join(one.streams)}"
                raise click.UsageError(message)
        with progress(show=not flags["as_json"]) as watch:
            options = Options(full=flags["full"], dry_run=flags["dry_run"])
            report = run_sync(configuration, store, one, streams or one.streams, options, watch)
    if flags["as_json"]:
        click.echo(json.dumps(as_data(report)))
        for error in report.errors:
            click.echo(f"{plain_name(error.problem)}: {error.problem}", err=True)
    else:
        show_sync(report)
        for error in report.errors:
            click.echo(f"lane {error.lane}:", err=True)
            say(error.problem)
    sys.exit(0 if report.is_done() else 1)


def _only(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    if not names:
        message = "there is no sync in the configuration; add one with: crossdock syncs add main"
        raise ConfigError(message)
    message = "say which sync: " + ", ".join(names)
    raise click.UsageError(message)


def as_data(report: SyncReport) -> dict[str, Any]:
    """Gives a report as plain data: read counts by stream, delivery counts by stream and channel, errors by lane."""
    import msgspec  # noqa: PLC0415  # loaded already by then

    return {
        "sync": report.name,
        "dry_run": report.dry_run,
        "done": report.is_done(),
        "streams": {one.stream: msgspec.to_builtins(one) for one in report.reads},
        "deliveries": [msgspec.to_builtins(one) for one in report.deliveries],
        "would_send": report.would_send,
        "errors": [
            {"lane": one.lane, "kind": type(one.problem).__name__, "text": str(one.problem)} for one in report.errors
        ],
    }
