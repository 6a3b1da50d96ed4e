"""A new connection's settings: from flags, and asked for where they are missing; secrets by name only."""

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

import click
from msgspec import Struct

from crossdock.cli.addresses import ask_address, needs_password
from crossdock.cli.asking import Asker, pairs_of
from crossdock.contract import Setting
from crossdock.host.adding import PluginFacts
from crossdock.host.checking import holds_password
from crossdock.host.secrets import is_in_keyring, keep_in_keyring, keyring_hindrance
from crossdock.host.settings import with_article

TRUE, FALSE = ("true", "yes", "1", "on"), ("false", "no", "0", "off")
ADDRESSES = {"url", "odbc"}


class Secrets(Struct):
    """How secrets are given."""

    variables: dict[str, str]
    """Setting to environment variable."""
    in_keyring: bool
    """Whether the others are in the keyring, or shall be."""
    kept: dict[str, str | None] = {}
    """What the keyring had, by name, before secrets were put there just now."""
    is_tried: bool = True
    """Whether they are used at once, to prove the connection."""
    typed: list[str] = []
    """Environment variables that are not set, and whose secret was typed for this command alone."""


def settings_of(name: str, plugin: PluginFacts, given: Sequence[str], secrets: Secrets, asker: Asker) -> dict[str, Any]:
    """Gives the settings as the file shall hold them.

    Raises:
        click.UsageError: an unknown setting, a value of another kind, or one that is missing.
        ConfigError: the keyring does not take a secret.
    """
    known = {one.name: one for one in plugin.manifest.settings}
    texts = pairs_of(given, "--set")
    for one in texts:
        _check_known(one, known)
    found: dict[str, Any] = {one: converted(known[one], text) for one, text in texts.items()}
    if known.keys() >= ADDRESSES and not ADDRESSES & found.keys():
        found = ask_address(asker) | found
    for setting in _needed(plugin, found):
        found[setting.name] = _asked(setting, asker)
    for setting in plugin.secrets:
        if _is_wanted(setting, plugin, found, secrets):
            reference = _secret(name, plugin, setting, secrets, asker)
            found |= {} if reference is None else {setting.name: reference}
    return found


def _is_wanted(setting: Setting, plugin: PluginFacts, found: dict[str, Any], secrets: Secrets) -> bool:
    """Says whether there is to be such a secret: it is said, required, or the password of a database's server."""
    is_said = setting.name in secrets.variables or (secrets.in_keyring and not secrets.variables)
    return is_said or setting.required or (plugin.is_database and needs_password(found))


def _needed(plugin: PluginFacts, found: dict[str, Any]) -> list[Setting]:
    """Gives the settings to ask for: those required; where nothing is, and nothing was said, the first place."""
    plain = [one for one in plugin.manifest.settings if not one.secret]
    required = [one for one in plain if one.required]
    if required or found:
        return [one for one in required if one.name not in found]
    return [one for one in plain if one.kind in ("path", "url")][:1]


def secrets_from(plugin: PluginFacts, variables: Sequence[str], *, in_keyring: bool) -> Secrets:
    """Reads `--secret-env [SETTING=]VARIABLE`.

    Raises:
        click.UsageError: a setting that is no secret, or none is named where there are several.
    """
    names = [one.name for one in plugin.secrets]
    if (variables or in_keyring) and not names:
        message = f"plugin {plugin.name!r} has no secret setting"
        raise click.UsageError(message)
    found: dict[str, str] = {}
    for one in variables:
        setting, equals, variable = one.partition("=")
        if not equals:
            setting, variable = (names[0] if len(names) == 1 else ""), one
        if setting not in names or not variable:
            message = f"--secret-env {one!r}: say SETTING=VARIABLE with one of the secret settings {', '.join(names)}"
            raise click.UsageError(message)
        found[setting] = variable
    return Secrets(found, in_keyring)


def converted(setting: Setting, text: str) -> Any:
    """Gives a value of the setting's kind.

    Raises:
        click.UsageError: it is none.
    """
    if setting.secret:
        message = (
            f"{setting.name} is a secret: it does not belong on a command line; say --secret-env or --secret-keyring"
        )
        raise click.UsageError(message)
    if holds_password(text):
        message = (
            f"there is a password in {setting.name}, which is written into the configuration: take it out; "
            "say --secret-env or --secret-keyring"
        )
        raise click.UsageError(message)
    if setting.choices and text not in setting.choices:
        message = f"{setting.name} must be one of {', '.join(setting.choices)}, not {text!r}"
        raise click.UsageError(message)
    try:
        return _of_kind(setting.kind, text)
    except ValueError as error:
        message = f"{setting.name} must be {with_article(setting.kind)}, not {text!r}"
        raise click.UsageError(message) from error


def _of_kind(kind: str, text: str) -> Any:
    if kind == "integer":
        return int(text)
    if kind == "number":
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    if kind == "flag":
        if text.lower() in TRUE or text.lower() in FALSE:
            return text.lower() in TRUE
        raise ValueError(text)
    return text


def _check_known(name: str, known: Iterable[str]) -> None:
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        message = f"--set: there is no setting {name!r}; {hint}"
        raise click.UsageError(message)


def _asked(setting: Setting, asker: Asker) -> Any:
    flag = f"--set {setting.name}=..."
    if setting.choices:
        return asker.choice(setting.help, flag, dict.fromkeys(setting.choices, ""))
    default = None if setting.default is None else str(setting.default)
    question = f"{setting.name} ({setting.help})"
    return converted(setting, asker.text(question, flag, default, check=partial(converted, setting)))


def _secret(name: str, plugin: PluginFacts, setting: Setting, secrets: Secrets, asker: Asker) -> dict[str, str] | None:
    """Gives what the file says in a secret's place, None for no secret."""
    entry = name if len(plugin.secrets) == 1 else f"{name}.{setting.name}"
    if setting.name in secrets.variables:
        return {"env": secrets.variables[setting.name]}
    if secrets.in_keyring:
        return _from_keyring(entry, setting, secrets, asker)
    if not asker.asks:
        if setting.required:
            message = f"{setting.name} is missing: say --secret-env VARIABLE or --secret-keyring"
            raise click.UsageError(message)
        return None
    return _asked_secret(entry, setting, secrets, asker)


def _asked_secret(entry: str, setting: Setting, secrets: Secrets, asker: Asker) -> dict[str, str] | None:
    hindrance = keyring_hindrance()
    places = {} if hindrance else {"keyring": "the system's keyring; typed here, never shown"}
    places["env"] = "an environment variable that the user of crossdock has"
    if not setting.required:
        places["none"] = "there is none"
    chosen = asker.choice(f"Where is {setting.name!r} kept", "--secret-env", places, next(iter(places)))
    if chosen == "none":
        return None
    if chosen == "keyring":
        return _from_keyring(entry, setting, secrets, asker)
    variable = f"{entry}_{setting.name}".upper().replace("-", "_").replace(".", "_")
    variable = asker.text("Environment variable", "--secret-env", variable)
    if secrets.is_tried and (variable not in os.environ or variable in secrets.typed):
        _lend(variable, secrets, asker)
    return {"env": variable}


def _lend(variable: str, secrets: Secrets, asker: Asker) -> None:
    """Gives this command, and what it starts, a variable that is not set yet."""
    typed = asker.secret(f"{variable} is not set here. The secret, to prove it now (not shown, not kept; empty: none)")
    if typed:
        os.environ[variable] = typed
        secrets.typed.append(variable)


def _from_keyring(entry: str, setting: Setting, secrets: Secrets, asker: Asker) -> dict[str, str]:
    hindrance = keyring_hindrance()
    if hindrance:
        message = f"--secret-keyring: {hindrance}; use --secret-env"
        raise click.UsageError(message)
    if not asker.asks:
        if not is_in_keyring(entry):
            message = f"the keyring has no {entry!r} yet; store it with: keyring set crossdock {entry}"
            raise click.UsageError(message)
        return {"keyring": entry}
    secret = asker.secret(f"{setting.name} (not shown; empty: the one that the keyring has)")
    if secret:
        before = keep_in_keyring(entry, secret)
        secrets.kept.setdefault(entry, before)
    return {"keyring": entry}
