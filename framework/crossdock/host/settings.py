"""A connection's settings against its plugin's manifest: nothing unknown, nothing missing, secrets resolved."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.contract import ConfigError, Manifest, Setting
from crossdock.host.config import CONNECTION_KEYS, ConnectionConfig, unknown_key
from crossdock.host.secrets import resolve_secret

KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "choice": (str,),
    "path": (str,),
    "url": (str,),
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
}


def resolve_settings(
    connection: ConnectionConfig, manifest: Manifest, folder: Path
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Gives the settings as the plugin gets them, and the names of the secret ones.

    Raises:
        ConfigError: an unknown key, one that is missing, or a value of the wrong kind.
    """
    where = f"[connections.{connection.name}]"
    known = {one.name: one for one in manifest.settings}
    for key in connection.settings:
        if key not in known:
            raise ConfigError(unknown_key(where, key, (*known, *CONNECTION_KEYS)))
    values = {one.name: _value(where, one, connection.settings, folder) for one in manifest.settings}
    return values, tuple(one.name for one in manifest.settings if one.secret)


def _value(where: str, setting: Setting, given: Mapping[str, Any], folder: Path) -> Any:
    if setting.name not in given:
        if setting.required:
            message = f"{where}: {setting.name} is missing: {setting.help}"
            raise ConfigError(message)
        return setting.default
    value = given[setting.name]
    if setting.secret:
        return resolve_secret(f"{where}: {setting.name}", value, folder)
    if not isinstance(value, KINDS[setting.kind]) or (isinstance(value, bool) and setting.kind != "flag"):
        message = f"{where}: {setting.name} must be {with_article(setting.kind)}, not {value!r}"
        raise ConfigError(message)
    if setting.kind == "choice" and value not in setting.choices:
        message = f"{where}: {setting.name} must be one of {', '.join(setting.choices)}, not {value!r}"
        raise ConfigError(message)
    if setting.kind == "path":
        return str((folder / str(value)).resolve())
    if setting.kind == "url":
        return _with_whole_path(str(value), folder)
    return value


def with_article(kind: str) -> str:
    """Gives the name of a kind of value with its article."""
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _with_whole_path(url: str, folder: Path) -> str:
    """Gives the URL of an SQLite file its whole path; any other URL stays as it is."""
    scheme, _, rest = url.partition(":///")
    if not scheme.startswith("sqlite") or not rest or rest.startswith((":memory:", "file:")):
        return url
    return f"{scheme}:///{(folder / rest).resolve().as_posix()}"
