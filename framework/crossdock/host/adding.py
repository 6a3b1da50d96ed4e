"""Adding a connection: what the plugin wants to know, what is there, which field maps may fit, and the proof."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError, Finding, LocalMemory, Manifest, Proposal, Setting, TableShape
from crossdock.fieldmap import FieldMap
from crossdock.host.appending import AlreadyThereError
from crossdock.host.checking import check_connection
from crossdock.host.child_port import ChildPort
from crossdock.host.config import Configuration, ConnectionConfig, SyncConfig
from crossdock.host.sessions import opened
from crossdock.host.showing import Shown, rows_of
from crossdock.host.toml import connection_section

TABLES = 5000
"""Tables that are listed at most."""
SURE = 0.5
"""How sure a proposal must be to be taken where nobody is asked."""
TRIAL = "trial"
"""Name of the sync that a new channel is proved with; it is never written."""


class PluginFacts(Struct, frozen=True):
    """What a plugin says of itself before any setting is known."""

    name: str
    version: str
    manifest: Manifest
    hooks: tuple[str, ...]
    declared: tuple[str, ...] = ()
    """Streams that it declares a field map for."""

    @property
    def is_database(self) -> bool:
        """Whether it has tables to look at."""
        return "list_tables" in self.hooks

    @property
    def reads(self) -> bool:
        """Whether it can be a source."""
        return any(one in self.hooks for one in ("read_products", "read_customers"))

    @property
    def writes(self) -> bool:
        """Whether it can be a channel."""
        return any(one in self.hooks for one in ("write_products", "write_customers"))

    @property
    def secrets(self) -> tuple[Setting, ...]:
        """Settings that are credentials."""
        return tuple(one for one in self.manifest.settings if one.secret)


class Draft(Struct, frozen=True, kw_only=True):
    """A connection that is not written yet."""

    name: str
    plugin: str
    settings: dict[str, Any]
    """As the file shall hold them: secrets as `{"env": NAME}` and the like."""
    maps: tuple[FieldMap, ...] = ()
    comments: tuple[str, ...] = ()
    """Lines above its section."""
    is_channel: bool = False
    """Whether it is delivered to, so that nothing is read from it when it is proved."""

    def text(self) -> str:
        """Gives its section of `crossdock.toml`."""
        return connection_section(self.name, self.plugin, self.settings, self.maps, self.comments)


def installed_plugins() -> dict[str, str]:
    """Gives the names of installed plugins and their versions."""
    found = entry_points(group="crossdock")
    return {one.name: one.dist.version if one.dist else "" for one in sorted(found, key=lambda one: one.name)}


def plugin_facts(name: str) -> PluginFacts:
    """Asks a plugin, in a child, what it is.

    Raises:
        ConfigError: there is no such plugin.
        PluginError: it cannot be loaded or breaks the contract.
    """
    with ChildPort(name, LocalMemory()) as port:
        declared = tuple(one.stream for one in port.declared)
        return PluginFacts(name, port.version, port.manifest, port.hooks, declared)


def odbc_drivers() -> list[str]:
    """Gives the ODBC drivers of this machine, none where there is no driver manager."""
    from crossdock.toolkit.sql.engines.odbc import drivers  # noqa: PLC0415  # loads the driver manager

    return drivers()


def with_draft(configuration: Configuration, draft: Draft) -> Configuration:
    """Gives the configuration as it will be with the draft."""
    said = tomllib.loads(draft.text())["connections"][draft.name]
    streams = {one.stream: said[one.stream] for one in draft.maps}
    one = ConnectionConfig(name=draft.name, plugin=draft.plugin, settings=draft.settings, streams=streams)
    trial = {TRIAL: SyncConfig(name=TRIAL, source="", channels=(draft.name,))} if draft.is_channel else {}
    return msgspec.structs.replace(
        configuration, connections=configuration.connections | {draft.name: one}, syncs=configuration.syncs | trial
    )


def look(
    configuration: Configuration, draft: Draft, pattern: str | None, tables: Mapping[str, str] | None
) -> tuple[list[TableShape], list[Proposal]]:
    """Lists the tables that the draft's login sees, and asks the plugin which field maps may fit.

    Args:
        configuration: what is there already.
        draft: its settings are used, its maps are not.
        pattern: only tables like this. None: no tables are listed.
        tables: stream to the table that a person named for it. None: no maps are asked for.

    Raises:
        CrossdockError: it cannot be opened or asked; a named table is not there.
    """
    with opened(with_draft(configuration, draft), draft.name, None) as port:
        shapes = [] if pattern is None else port.list_tables(pattern, TABLES)
        proposals = port.propose_maps(tables) if tables is not None and "propose_maps" in port.hooks else []
    return shapes, proposals


def best_of(proposals: Sequence[Proposal], stream: str) -> Proposal | None:
    """Gives the likeliest proposal of a stream."""
    return next((one for one in proposals if one.map.stream == stream), None)


def findings_of(configuration: Configuration, draft: Draft) -> list[Finding]:
    """Proves the draft as `connections check` does; nothing is written anywhere.

    That nothing is mapped yet is no error here: a person may want to write the map by hand.
    """
    found = check_connection(with_draft(configuration, draft), None, draft.name)
    if draft.maps or draft.is_channel:
        return found
    return [
        msgspec.structs.replace(one, level="warning") if (one.code, one.level) == ("plugin", "error") else one
        for one in found
    ]


def first_rows(configuration: Configuration, draft: Draft, stream: str, limit: int) -> list[Shown]:
    """Maps the first rows of a stream of the draft.

    Raises:
        CrossdockError: it cannot be opened or read.
    """
    with opened(with_draft(configuration, draft), draft.name, None) as port:
        return rows_of(port, stream, limit)


def check_name(configuration: Configuration, name: str) -> None:
    """Refuses a name that is taken, or that nobody could type again.

    Raises:
        AlreadyThereError: there is a connection of that name.
        ConfigError: it is empty, or has blanks at its ends or characters that cannot be seen.
    """
    if name in configuration.connections:
        message = f"there is a connection {name!r} already; choose another name, or correct its section"
        raise AlreadyThereError(message)
    check_writable_name("connection", name)


def check_writable_name(what: str, name: str) -> None:
    """Refuses a name that nobody could type again.

    Raises:
        ConfigError: it is empty, or has blanks at its ends or characters that cannot be seen.
    """
    if not name or name != name.strip() or not name.isprintable() or name.startswith("-"):
        message = f"{name!r} cannot be the name of a {what}: use letters and digits, such as erp or shop-2"
        raise ConfigError(message)
