"""Proving a connection: what it can be used for, whether it opens, whether its rows can be mapped."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from crossdock.contract import (
    AuthError,
    ConfigError,
    CrossdockError,
    Finding,
    LocalMemory,
    Manifest,
    PluginError,
    TransientError,
)
from crossdock.fieldmap import FieldMap
from crossdock.host.child_port import ChildPort
from crossdock.host.config import Configuration, ConnectionConfig
from crossdock.host.sessions import READ_HOOKS, effective_maps, opened
from crossdock.host.settings import resolve_settings
from crossdock.host.showing import rows_of
from crossdock.store import Store
from crossdock.toolkit.redact import redact

ROWS = 20
"""Rows of a stream that are read to see whether they can be mapped."""
USES = {
    "write_products": "channel for products",
    "write_customers": "channel for customers",
    "read_orders": "origin of orders",
    "write_order": "target of orders",
    "read_shipments": "source of shipments",
    "write_shipments": "target of shipments",
}
CODES: dict[type[CrossdockError], str] = {
    TransientError: "unreachable",
    AuthError: "refused_login",
    ConfigError: "config",
    PluginError: "plugin",
}
PASSWORD_IN_ADDRESS = re.compile(
    r"://[^/@:\s]*:([^/@\s]+)@|\b(?:pwd|passwd|password)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;\s]+)", re.IGNORECASE
)
CURE = 'use { env = "NAME" }, { keyring = "NAME" } or { file = "PATH" }'


def holds_password(address: str) -> bool:
    """Says whether a URL or an ODBC connection string has a password in it."""
    return PASSWORD_IN_ADDRESS.search(address) is not None


class Said(Struct):
    """What a plugin says of itself before anything is opened."""

    version: str
    manifest: Manifest
    hooks: tuple[str, ...]
    maps: tuple[FieldMap, ...]
    """As declared."""


def check_connection(configuration: Configuration, store: Store | None, name: str) -> list[Finding]:
    """Finds out all there is to say about a connection; what fails is a finding, never an error.

    Raises:
        ConfigError: there is no connection of that name.
    """
    return _Check(configuration, store, configuration.connection(name)).run()


class _Check:
    """One check; findings are kept without the connection's secrets."""

    def __init__(self, configuration: Configuration, store: Store | None, connection: ConnectionConfig) -> None:
        self.configuration, self.store, self.connection = configuration, store, connection
        self.findings: list[Finding] = []
        self._secrets: list[str] = []

    def run(self) -> list[Finding]:
        said = self._tried(self._ask)
        if isinstance(said, Said):
            self._warn_of_plain_secrets(said.manifest)
            if self._tried(lambda: self._settings(said)):
                self._tried(self._open)
        return self.findings

    def _tried(self, step: Callable[[], object]) -> object:
        """Does one step; its failure is a finding and gives None."""
        try:
            return step()
        except CrossdockError as error:
            code = next((code for kind, code in CODES.items() if isinstance(error, kind)), "failed")
            self._add(error.trouble or code, "error", str(error))
            return None

    def _add(self, code: str, level: str, text: str) -> None:
        self.findings.append(Finding(code, level, redact(text, self._secrets)))

    def _ask(self) -> Said:
        with ChildPort(self.connection.plugin, LocalMemory(), hidden=self.configuration.secret_variables()) as port:
            return Said(port.version, port.manifest, port.hooks, port.declared)

    def _settings(self, said: Said) -> bool:
        """Checks settings and field maps, and says what the connection can be used for."""
        values, secret = resolve_settings(self.connection, said.manifest, self.configuration.folder)
        self._secrets += [str(values[name]) for name in secret if values.get(name)]
        maps = effective_maps(self.connection, said.maps, said.hooks)
        uses = ", ".join(_uses(said.hooks, maps)) or "nothing: it reads no stream that is mapped, and writes none"
        title = f"{said.manifest.title} ({self.connection.plugin} {said.version})"
        self._add("plugin", "ok" if _uses(said.hooks, maps) else "error", f"{title} can be used as {uses}")
        given = len(self.connection.settings)
        self._add("settings", "ok", f"{given} settings are given, none is unknown and none is missing")
        return True

    def _warn_of_plain_secrets(self, manifest: Manifest) -> None:
        given = self.connection.settings
        secret = {one.name for one in manifest.settings if one.secret}
        for name, value in given.items():
            inside = PASSWORD_IN_ADDRESS.search(value) if isinstance(value, str) else None
            if inside is None and not (name in secret and isinstance(value, str)):
                continue
            self._secrets.append(value if inside is None else inside[1] or inside[2])
            text = f"{name} holds a secret in plain text, for all to see who can read the configuration: {CURE}"
            self._add("secret_in_file", "warning", text)

    def _open(self) -> None:
        with opened(self.configuration, self.connection.name, self.store) as port:
            if "check" in port.hooks:
                for one in port.check():
                    self._add(one.code, one.level, one.text)
            else:
                self._add("reachable", "ok", "it opens; the plugin has no check of its own")
            if self._is_read():
                self._read_all(port)

    def _read_all(self, port: ChildPort) -> None:
        """Reads each stream; where one can be read, another that no sync carries need not be set up."""
        syncs = self.configuration.syncs.values()
        carried = {stream for one in syncs if one.source == self.connection.name for stream in one.streams}
        streams = sorted((one.stream for one in port.maps), key=lambda one: one not in carried)
        spare: list[Finding] = []
        for stream in streams:
            before = len(self.findings)
            self._tried(partial(self._read, port, stream))
            if stream not in carried and self.findings[-1].code == CODES[ConfigError]:
                spare += self.findings[before:]
                del self.findings[before:]
        is_any_read = len(spare) < len(streams)
        self.findings += [_as_spare(one) if is_any_read else one for one in spare]

    def _is_read(self) -> bool:
        """Says whether anything is read here: what is a channel only may be empty, or not there yet."""
        name, syncs = self.connection.name, self.configuration.syncs.values()
        return any(one.source == name for one in syncs) or not any(name in one.channels for one in syncs)

    def _read(self, port: ChildPort, stream: str) -> None:
        rows = rows_of(port, stream, ROWS)
        bad = Counter(one.bad_field for one in rows if one.problem is not None)
        mapped = sum(one.record is not None for one in rows)
        ignored = len(rows) - mapped - bad.total()
        counts = f"of the first {len(rows)} rows {mapped} can be mapped"
        counts += f", {ignored} are left alone by rule" if ignored else ""
        if not rows:
            self._add(f"read_{stream}", "warning", f"{stream}: there are no rows")
        elif not bad:
            self._add(f"read_{stream}", "ok", f"{stream}: {counts}")
        else:
            first = next(one.problem for one in rows if one.problem is not None)
            fields = ", ".join(f"{name} ({count})" for name, count in bad.most_common())
            level = "warning" if mapped or ignored else "error"
            self._add(f"read_{stream}", level, f"{stream}: {counts}; it fails at {fields}, such as {first}")


def _as_spare(one: Finding) -> Finding:
    return Finding(one.code, "warning", f"{one.text} (no sync carries it yet)")


def _uses(hooks: Sequence[str], maps: Sequence[FieldMap]) -> list[str]:
    read = [f"source of {one.stream}" for one in maps if READ_HOOKS[one.stream] in hooks]
    return [*read, *(text for hook, text in USES.items() if hook in hooks)]
