"""`crossdock connections add`: ask, look, propose, prove, and only then write."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.text import Text

from crossdock.cli.asking import Asker
from crossdock.cli.choosing import AUTO, Chooser
from crossdock.cli.errors import say
from crossdock.cli.place import configuration_of, next_command, path_of
from crossdock.cli.proposals import show_findings
from crossdock.cli.settings import secrets_from, settings_of
from crossdock.contract import ConnectionSetupError, Finding, Proposal, TableShape, TransientError
from crossdock.host.adding import (
    Draft,
    PluginFacts,
    check_name,
    findings_of,
    installed_plugins,
    plugin_facts,
)
from crossdock.host.appending import appended
from crossdock.host.config import Configuration
from crossdock.host.secrets import put_back_in_keyring

ROLES = {"source": "it is read from", "channel": "it is delivered to"}

AGAIN = "Answer again, with what you said before as a proposal"


class Added(Struct):
    """What came of it."""

    draft: Draft
    tables: list[TableShape]
    proposals: list[Proposal]
    findings: list[Finding]
    failed: bool = False
    """Whether it was proved not to work."""
    written: bool = False
    streams: tuple[str, ...] = ()
    """What can be read from it."""
    is_unmapped: bool = False
    """Whether it is a database from which nothing is read yet."""
    unset: list[str] = []
    """Environment variables that must be set for whoever runs crossdock."""


@click.command("add")
@click.argument("name")
@click.option("--plugin", help="Installed plugin; asked for where it is missing.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting, as crossdock.toml holds it.")
@click.option("--secret-env", multiple=True, metavar="[SETTING=]VARIABLE", help="Environment variable with a secret.")
@click.option("--secret-keyring", is_flag=True, help="The secret is in the system's keyring, under the name NAME.")
@click.option("--as", "role", type=click.Choice(list(ROLES)), help="Whether it is read from or delivered to.")
@click.option("--tables", metavar="PATTERN", help="Show tables like this (* and ?) with their columns.")
@click.option("--products", default=AUTO, metavar="TABLE", help="Table to map: its name, auto or none.")
@click.option("--customers", default=AUTO, metavar="TABLE", help="Table to map: its name, auto or none.")
@click.option("--check/--no-check", default=True, help="Open it, look and prove it before it is written.")
@click.option("--dry-run", is_flag=True, help="Show all, write nothing.")
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing; without it: where there is a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, and ask nothing.")
@click.pass_context
def add(ctx: click.Context, /, name: str, **given: Any) -> None:
    """Add the connection NAME to crossdock.toml: its settings, tested, and field maps that fit what is there."""
    configuration, _ = configuration_of(ctx)
    asker = Asker(asks=False if given["as_json"] else given["ask"])
    try:
        found = added(configuration, path_of(ctx), name, given, asker)
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nNothing was written.", err=True)
        raise
    if given["as_json"]:
        click.echo(json.dumps(_as_data(found, path_of(ctx)), default=str))
    else:
        _report(ctx, found, dry_run=given["dry_run"])
    sys.exit(1 if found.failed else 0)


def added(configuration: Configuration, path: Path, name: str, given: Mapping[str, Any], asker: Asker) -> Added:
    """Adds a connection; nothing is written where its proof fails.

    Raises:
        click.UsageError: a flag is missing or wrong.
        CrossdockError: it cannot be opened, or the file cannot be added to.
    """
    check_name(configuration, name)
    plugin = plugin_facts(given["plugin"] or asker.choice("Plugin", "--plugin", _plugins(given["role"], asker)))
    role = _role(plugin, given["role"], asker)
    secrets = secrets_from(plugin, given["secret_env"], in_keyring=given["secret_keyring"])
    secrets.is_tried = given["check"]
    asker.answers.clear()

    def draft_of() -> Draft:
        settings = settings_of(name, plugin, given["settings"], secrets, asker)
        return Draft(name=name, plugin=plugin.name, settings=settings, is_channel=role == "channel")

    try:
        found = _proved_in_the_end(configuration, plugin, draft_of, given, asker)
        if not found.failed and not given["dry_run"] and asker.agrees(f"Write [connections.{name}]", otherwise=True):
            appended(path, found.draft.text())
            found.written = True
    except BaseException:
        _forget(secrets.kept)
        raise
    if not found.written:
        _forget(secrets.kept)
    found.unset = list(secrets.typed)
    return found


def _proved_in_the_end(
    configuration: Configuration,
    plugin: PluginFacts,
    draft_of: Callable[[], Draft],
    given: Mapping[str, Any],
    asker: Asker,
) -> Added:
    """Asks and proves; what fails is said, and whoever has answered questions may answer them otherwise."""
    while True:
        draft = draft_of()
        chooser = Chooser(configuration, draft, given, asker)
        try:
            found = _proved(chooser, plugin)
        except (ConnectionSetupError, TransientError) as error:
            if not asker.answers:
                raise
            say(error)
            if not asker.agrees(AGAIN, otherwise=False):
                return Added(draft, [], [], [], failed=True)
            continue
        chooser.say(show_findings, found.findings)
        if not found.failed or not asker.answers or not asker.agrees(AGAIN, otherwise=False):
            return found


def _plugins(role: str | None, asker: Asker) -> dict[str, str]:
    """Gives the installed plugins that can be what is wanted, with what people call their systems."""
    found = installed_plugins()
    if not asker.asks:
        return found
    facts = [plugin_facts(one) for one in found]
    wanted = {
        None: facts,
        "source": [one for one in facts if one.reads],
        "channel": [one for one in facts if one.writes],
    }
    return {one.name: one.manifest.title for one in wanted[role]}


def _forget(kept: Mapping[str, str | None]) -> None:
    for name, before in kept.items():
        put_back_in_keyring(name, before)


def _role(plugin: PluginFacts, given: str | None, asker: Asker) -> str:
    can = {"source": plugin.reads, "channel": plugin.writes}
    if given is not None:
        if not can[given]:
            message = f"plugin {plugin.name!r} cannot be a {given}"
            raise click.UsageError(message)
        return given
    if all(can.values()):
        return asker.choice(f"{plugin.manifest.title} can be both", "--as", ROLES)
    return "channel" if plugin.writes else "source"


def _proved(chooser: Chooser, plugin: PluginFacts) -> Added:
    """Looks at what is there, takes the maps that fit, and proves the whole."""
    draft = chooser.draft
    if not chooser.given["check"]:
        return Added(draft, [], [], [])
    if plugin.is_database and not draft.is_channel:
        draft = chooser.choose(plugin)
    findings = findings_of(chooser.configuration, draft)
    failed = any(one.level == "error" for one in findings)
    found = Added(draft, chooser.tables, chooser.proposals, findings, failed=failed)
    found.streams = () if draft.is_channel else tuple(one.stream for one in draft.maps) or plugin.declared
    found.is_unmapped = plugin.is_database and not (draft.is_channel or draft.maps or plugin.declared)
    return found


def _as_data(found: Added, path: Path) -> dict[str, Any]:
    return {
        "connection": found.draft.name,
        "written": found.written,
        "path": str(path),
        "section": found.draft.text(),
        "findings": msgspec.to_builtins(found.findings),
        "tables": msgspec.to_builtins(found.tables),
        "proposals": [
            {"stream": one.map.stream, "table": one.table, "system": one.system, "sureness": one.sureness}
            | {"reasons": one.reasons, "notes": list(one.notes)}
            for one in found.proposals
        ],
    }


def _report(ctx: click.Context, found: Added, *, dry_run: bool) -> None:
    console, name = Console(soft_wrap=True), found.draft.name
    if dry_run:
        console.print(Text("\n" + found.draft.text()))
        console.print(Text("Nothing was written: this was a dry run."))
    elif not found.written:
        console.print(Text("Nothing was written.", style="yellow"))
    else:
        console.print(Text(f"Written: [connections.{name}] at the end of {path_of(ctx).name}."))
        for variable in found.unset:
            console.print(Text(f"Set {variable} for the user that runs crossdock: it was typed for this proof alone."))
        for stream in found.streams:
            console.print(Text(f"Look: {next_command(ctx, 'preview', name, stream)}"))
        if found.draft.is_channel:
            console.print(Text(f"Next: {next_command(ctx, 'syncs', 'add', 'main')}"))
        if found.is_unmapped:
            where = "name a table with --products or --customers next time, or write"
            console.print(
                Text(f"Nothing is read yet: {where} [connections.{name}.products] (docs: connect a database)")
            )
