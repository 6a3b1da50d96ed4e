"""`crossdock syncs`: which source goes to which channels."""

import json
from collections.abc import Sequence
from typing import Any

import click

from crossdock.cli.asking import Asker
from crossdock.cli.place import configuration_of, next_command, path_of
from crossdock.contract import ConfigError, CrossdockError
from crossdock.host.adding import PluginFacts, check_writable_name, plugin_facts
from crossdock.host.appending import AlreadyThereError, appended
from crossdock.host.config import STREAMS, Configuration
from crossdock.host.toml import sync_section


@click.group()
def syncs() -> None:
    """Which source goes to which channels: add a sync."""


@syncs.command("add")
@click.argument("name")
@click.option("--source", help="Connection that is read.")
@click.option("--channel", "channels", multiple=True, help="Connection that is delivered to; may be said again.")
@click.option("--stream", "streams", multiple=True, type=click.Choice(STREAMS), help="What is carried; all it has.")
@click.option("--every", default="3m", show_default=True, help="How often, such as 30s, 3m, 24h.")
@click.option("--ask/--no-ask", default=None, help="Ask for what is missing; without it: where there is a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, and ask nothing.")
@click.pass_context
def add_sync(ctx: click.Context, /, name: str, **given: Any) -> None:
    """Add the sync NAME to crossdock.toml; where one connection alone can be its source or channel, it is that."""
    configuration, _ = configuration_of(ctx)
    asker = Asker(asks=False if given["as_json"] else given["ask"])
    section = section_of(configuration, name, given, asker)
    appended(path_of(ctx), section)
    if given["as_json"]:
        click.echo(json.dumps({"sync": name, "written": True, "path": str(path_of(ctx)), "section": section}))
        return
    click.echo(section)
    click.echo(f"Written: [syncs.{name}] at the end of {path_of(ctx).name}.")
    click.echo(f"See what would be sent: {next_command(ctx, 'sync', name, '--dry-run')}")


def section_of(configuration: Configuration, name: str, given: dict[str, Any], asker: Asker) -> str:
    """Gives the new section.

    Raises:
        AlreadyThereError: there is a sync of that name.
        ConfigError: it cannot be a name, or there is no connection yet.
        click.UsageError: source or channels are missing and cannot be known.
    """
    if name in configuration.syncs:
        message = f"there is a sync {name!r} already; choose another name, or correct its section"
        raise AlreadyThereError(message)
    check_writable_name("sync", name)
    facts = _facts(configuration, [one for one in (given["source"], *given["channels"]) if one])
    if not facts:
        message = "there is no connection yet; add a source and a channel first: crossdock connections add NAME"
        raise ConfigError(message)
    sources = [one for one, fact in facts.items() if fact.reads and not fact.writes]
    source = given["source"] or _one("Source", "--source", sources or list(facts), asker)
    chosen = configuration.connection(source)
    _check_can(source, "be read", can=facts[source].reads)
    possible = [one for one, fact in facts.items() if fact.writes and one != source]
    channels = list(given["channels"]) or _channels(possible, asker)
    for one in channels:
        _check_can(one, "be delivered to", can=facts[one].writes and one != source)
    mapped = [one for one in STREAMS if one in chosen.streams or one in facts[source].declared]
    return sync_section(name, source, channels, list(given["streams"]) or mapped or ["products"], given["every"])


def _facts(configuration: Configuration, named: Sequence[str]) -> dict[str, PluginFacts]:
    """Asks each plugin once what it is; one that is broken or not installed matters only where it is named."""
    wanted = [configuration.connection(one).plugin for one in named]
    found: dict[str, PluginFacts] = {}
    for plugin in dict.fromkeys(one.plugin for one in configuration.connections.values()):
        try:
            found[plugin] = plugin_facts(plugin)
        except CrossdockError:
            if plugin in wanted:
                raise
    every = configuration.connections.values()
    return {one.name: found[one.plugin] for one in every if one.plugin in found}


def _check_can(name: str, what: str, *, can: bool) -> None:
    if not can:
        message = f"connection {name!r} cannot {what} here: its plugin does not do that, or it is the sync's source"
        raise ConfigError(message)


def _one(question: str, flag: str, among: Sequence[str], asker: Asker) -> str:
    return among[0] if len(among) == 1 else asker.choice(question, flag, dict.fromkeys(among, ""))


def _channels(among: Sequence[str], asker: Asker) -> list[str]:
    """Gives every connection that can be a channel, as far as a person agrees; without one, there is nothing to do."""
    if not among:
        message = "no connection can be a channel; add one with: crossdock connections add NAME"
        raise ConfigError(message)
    if len(among) == 1:
        return list(among)
    chosen = [one for one in among if asker.agrees(f"Deliver to {one}", otherwise=True)]
    if not chosen:
        message = "a sync delivers to at least one channel; nothing was written"
        raise click.UsageError(message)
    return chosen
