"""`crossdock.toml`: read, checked key by key, with a suggestion for what is misspelt."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from crossdock.contract import ConfigError
from crossdock.sync.sweep import Brake
from crossdock.sync.view import SELECTING, View

STREAMS = ("products", "customers")
CONNECTION_KEYS = ("plugin", "was", "transforms", *STREAMS)
SYNC_KEYS = ("source", "channels", "streams", "every", "full_every", "page_size", "views", "brake")
STORE_KEYS = ("url", "password")
TOP_KEYS = ("connections", "syncs", "orders", "store")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class ConnectionConfig(Struct, frozen=True, kw_only=True):
    """One `[connections.NAME]`; its settings are checked against the plugin's manifest later."""

    name: str
    plugin: str
    settings: dict[str, Any]
    streams: dict[str, dict[str, Any]]
    transforms: tuple[str, ...] = ()
    was: str | None = None
    """Its name before it was renamed. None: it never was."""


class SyncConfig(Struct, frozen=True, kw_only=True):
    """One `[syncs.NAME]`."""

    name: str
    source: str
    channels: tuple[str, ...]
    streams: tuple[str, ...] = ("products",)
    every_s: float = 180.0
    full_every_s: float = 86400.0
    page_size: int = 2000
    views: dict[str, View] = {}
    brake: Brake = Brake()


class Configuration(Struct, frozen=True, kw_only=True):
    """The whole file."""

    folder: Path
    """Where it is; relative paths begin here."""
    connections: dict[str, ConnectionConfig]
    syncs: dict[str, SyncConfig]
    orders: dict[str, Any] = {}
    store_url: str | None = None
    """None: one SQLite file in the home folder."""
    store_password: Any = None
    """As written; put into the URL when the store is opened. None: the URL is whole."""

    def connection(self, name: str) -> ConnectionConfig:
        """Finds a connection.

        Raises:
            ConfigError: there is none of that name.
        """
        found: ConnectionConfig = _find(self.connections, name, "connection", "connections")
        return found

    def sync(self, name: str) -> SyncConfig:
        """Finds a sync.

        Raises:
            ConfigError: there is none of that name.
        """
        found: SyncConfig = _find(self.syncs, name, "sync", "syncs")
        return found

    def secret_variables(self) -> frozenset[str]:
        """Gives the environment variables that hold secrets of any connection or of the store."""
        values = [value for one in self.connections.values() for value in one.settings.values()]
        values.append(self.store_password)
        return frozenset(str(value["env"]) for value in values if isinstance(value, Mapping) and "env" in value)

    def sources_into(self, channel: str, stream: str) -> list[str]:
        """Gives the sources that feed a channel's stream, in the order of the file."""
        found = [one.source for one in self.syncs.values() if channel in one.channels and stream in one.streams]
        return list(dict.fromkeys(found))


def read_configuration(path: Path) -> Configuration:
    """Reads and checks a configuration file.

    Raises:
        ConfigError: not there, not TOML, or a key or value that is wrong; the text says where.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))  # editors of Windows put a mark at the beginning
    except FileNotFoundError as error:
        message = f"there is no configuration at {path}; make one with crossdock init, or say --config FILE"
        raise ConfigError(message) from error
    except OSError as error:
        message = f"the configuration {path} cannot be read: {error.strerror or error}"
        raise ConfigError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise ConfigError(message) from error
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is not valid TOML: {error}"
        raise ConfigError(message) from error
    _refuse_unknown("the top", data, TOP_KEYS)
    tables = {key: _table(f"[{key}]", data.get(key, {})) for key in TOP_KEYS}
    connections = {name: _connection(name, given) for name, given in tables["connections"].items()}
    syncs = {name: _sync(name, given, connections) for name, given in tables["syncs"].items()}
    _refuse_rivals(syncs.values())
    url, password = _store(tables["store"])
    return Configuration(
        folder=path.resolve().parent,
        connections=connections,
        syncs=syncs,
        orders=dict(tables["orders"]),
        store_url=url,
        store_password=password,
    )


def _store(given: Mapping[str, Any]) -> tuple[str | None, Any]:
    """Gives URL and password of the store as written; no text shows either."""
    _refuse_unknown("[store]", given, STORE_KEYS)
    url, password = given.get("url"), given.get("password")
    if not isinstance(url, str | None):
        message = '[store]: url must be text, such as "postgresql+psycopg://USER@HOST/DATABASE"'
        raise ConfigError(message)
    if password is not None and url is None:
        message = "[store]: password needs url beside it"
        raise ConfigError(message)
    return url, password


def _refuse_rivals(syncs: Iterable[SyncConfig]) -> None:
    """Refuses two syncs that fill a channel's stream from the same source: each would undo the other's view."""
    there: dict[tuple[str, str, str], str] = {}
    for one in syncs:
        for stream, channel in product(dict.fromkeys(one.streams), dict.fromkeys(one.channels)):
            other = there.setdefault((one.source, stream, channel), one.name)
            if other != one.name:
                message = (
                    f"[syncs.{one.name}]: {stream} of {one.source!r} go to {channel!r} by [syncs.{other}] already; "
                    "take the channel or the stream out of one of the two"
                )
                raise ConfigError(message)


def _connection(name: str, given: Mapping[str, Any]) -> ConnectionConfig:
    where = f"[connections.{name}]"
    if not isinstance(given, dict) or not isinstance(given.get("plugin"), str):
        message = f'{where}: needs plugin = "..."; crossdock plugins are listed by: pip list'
        raise ConfigError(message)
    transforms = given.get("transforms", [])
    if not isinstance(transforms, list) or not all(isinstance(one, str) for one in transforms):
        message = f'{where}: transforms must be a list such as ["acme_rules:clean"]'
        raise ConfigError(message)
    for stream in STREAMS:
        if not isinstance(given.get(stream, {}), dict):
            message = f"{where}: {stream} must be a table, [connections.{name}.{stream}]"
            raise ConfigError(message)
    return ConnectionConfig(
        name=name,
        plugin=given["plugin"],
        settings={key: value for key, value in given.items() if key not in CONNECTION_KEYS},
        streams={stream: given[stream] for stream in STREAMS if stream in given},
        transforms=tuple(transforms),
        was=_former_name(where, name, given.get("was")),
    )


def _former_name(where: str, name: str, was: Any) -> str | None:
    if was is not None and (not isinstance(was, str) or was == name):
        message = f'{where}: was must be the name that the connection had before, such as was = "old-name"'
        raise ConfigError(message)
    return was


def _sync(name: str, given: Mapping[str, Any], connections: Mapping[str, ConnectionConfig]) -> SyncConfig:
    where = f"[syncs.{name}]"
    _refuse_unknown(where, given, SYNC_KEYS)
    source, channels = given.get("source"), _texts(given.get("channels"))
    if not isinstance(source, str) or channels is None:
        message = f'{where}: needs source = "..." and channels = ["..."]'
        raise ConfigError(message)
    for one in (source, *channels):
        if one not in connections:
            near = get_close_matches(str(one), connections, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(connections) or 'none'}"
            message = f"{where}: there is no connection {one!r}; {hint}"
            raise ConfigError(message)
    streams = _texts(given.get("streams", ["products"]))
    if streams is None:
        message = f'{where}: streams must be a list such as ["products", "customers"]'
        raise ConfigError(message)
    for stream in streams:
        if stream not in STREAMS:
            message = f"{where}: there is no stream {stream!r}; known: {', '.join(STREAMS)}"
            raise ConfigError(message)
    return SyncConfig(
        name=name,
        source=source,
        channels=channels,
        streams=streams,
        every_s=_seconds(where, "every", given.get("every", "3m")),
        full_every_s=_seconds(where, "full_every", given.get("full_every", "24h")),
        page_size=_number(where, "page_size", given.get("page_size", 2000), 1, 50_000),
        views=_views(where, given.get("views", {}), channels),
        brake=_brake(where, given.get("brake", {})),
    )


def _views(where: str, given: Mapping[str, Any], channels: Iterable[str]) -> dict[str, View]:
    _refuse_unknown(f"{where}.views", given, tuple(channels))
    found = {}
    for channel, one in given.items():
        _refuse_unknown(f"{where}.views.{channel}", one, View.__struct_fields__)
        said = _table(f"{where}.views.{channel}.only", one.get("only", {}))
        only = {key: [value] if isinstance(value, str) else value for key, value in said.items()}
        try:
            found[channel] = msgspec.convert({**one, **({"only": only} if only else {})}, View)
        except msgspec.ValidationError as error:
            message = f"{where}.views.{channel}: {error}"
            raise ConfigError(message) from error
        unknown = found[channel].unknown_field()
        if unknown is not None:
            raise ConfigError(unknown_key(f"{where}.views.{channel}.only", unknown, (*SELECTING, "meta.KEY")))
    return found


def _brake(where: str, given: Mapping[str, Any]) -> Brake:
    _refuse_unknown(f"{where}.brake", given, Brake._fields)
    share = given.get("share", Brake().share)
    if not isinstance(share, (int, float)) or isinstance(share, bool) or not 0 <= share <= 1:
        message = f"{where}.brake: share must be a part of 1, such as 0.2, not {share!r}"
        raise ConfigError(message)
    return Brake(float(share), _number(f"{where}.brake", "items", given.get("items", Brake().items), 1, 10**9))


def _number(where: str, key: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        message = f"{where}: {key} must be a whole number from {least} to {most}, not {value!r}"
        raise ConfigError(message)
    return value


def _seconds(where: str, key: str, value: Any) -> float:
    found = re.fullmatch(r"(\d+)\s*([smhd])", str(value))
    if found is None or int(found[1]) == 0:
        message = f'{where}: {key} must be like "30s", "3m", "24h" or "7d", not {value!r}'
        raise ConfigError(message)
    return float(int(found[1]) * UNITS[found[2]])


def _table(where: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        message = f"{where} must be a table"
        raise ConfigError(message)
    return given


def _texts(given: Any) -> tuple[str, ...] | None:
    """Gives a list of texts, None for anything else."""
    is_list = isinstance(given, list) and all(isinstance(one, str) for one in given)
    return tuple(given) if is_list else None


def _refuse_unknown(where: str, given: Any, known: Iterable[str]) -> None:
    known = tuple(known)
    for key in _table(where, given):
        if key not in known:
            raise ConfigError(unknown_key(where, key, known))


def unknown_key(where: str, key: str, known: Iterable[str]) -> str:
    """Says that a key is unknown, with the nearest known one."""
    known = tuple(known)
    near = get_close_matches(key, known, n=1)
    return f"{where}: unknown key {key!r}; " + (
        f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known) or 'none'}"
    )


def _find(among: Mapping[str, Any], name: str, what: str, section: str) -> Any:
    if name in among:
        return among[name]
    near = get_close_matches(name, among, n=1)
    hint = (
        f"did you mean {near[0]!r}?"
        if near
        else f"known: {', '.join(among) or f'none; add one with crossdock {section} add NAME'}"
    )
    message = f"there is no {what} {name!r}; {hint}"
    raise ConfigError(message)
