"""Secrets: from the environment, the system's keyring, or a file; never from a command line."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from crossdock.contract import ConfigError

KEYRING_SERVICE = "crossdock"


def resolve_secret(where: str, value: Any, folder: Path) -> str:
    """Gives the secret that `{ env = … }`, `{ keyring = … }` or `{ file = … }` names; plain text is taken as it is.

    Raises:
        ConfigError: it names nothing, or what it names is not there; the secret itself is never in the text.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or len(value) != 1:
        message = f'{where} must be {{ env = "NAME" }}, {{ keyring = "NAME" }} or {{ file = "PATH" }}'
        raise ConfigError(message)
    kind, name = next(iter(value.items()))
    if kind == "env":
        found = os.environ.get(str(name))
        cure = f"set the environment variable {name} for the user that runs crossdock"
    elif kind == "file":
        found, cure = _from_file(folder / str(name)), f"write the secret into {folder / str(name)}"
    elif kind == "keyring":
        found, cure = _from_keyring(str(name)), f"store it with: keyring set {KEYRING_SERVICE} {name}"
    else:
        message = f"{where}: unknown kind of secret {kind!r}; known: env, keyring, file"
        raise ConfigError(message)
    if not found:
        message = f"{where} is not there; {cure}"
        raise ConfigError(message)
    return found


def _from_file(path: Path) -> str | None:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return None


def _from_keyring(name: str) -> str | None:
    import keyring  # noqa: PLC0415  # loads the system's back-end, only where a secret is kept there
    from keyring.errors import KeyringError  # noqa: PLC0415  # the same

    try:
        return keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError:
        return None


def keyring_hindrance() -> str | None:
    """Says why no secret can be kept in the system's keyring, None where one can."""
    try:
        import keyring  # noqa: PLC0415  # loads the system's back-end, only where it is asked for
    except ImportError:
        return "the Python package `keyring` is not installed"
    if keyring.get_keyring().priority > 0:
        return None
    return "this system has no keyring that crossdock can use"


def keep_in_keyring(name: str, secret: str) -> str | None:
    """Keeps a secret in the system's keyring; gives what was there under that name before, None for nothing.

    Raises:
        ConfigError: it cannot be kept; the text does not show it.
    """
    import keyring  # noqa: PLC0415  # loads the system's back-end, only where a secret is kept there
    from keyring.errors import KeyringError  # noqa: PLC0415  # the same

    before = _from_keyring(name)
    try:
        keyring.set_password(KEYRING_SERVICE, name, secret)
    except KeyringError as error:
        message = f"the keyring did not take the secret {name!r} ({type(error).__name__}); use an environment variable"
        raise ConfigError(message) from error
    return before


def put_back_in_keyring(name: str, before: str | None) -> None:
    """Leaves the system's keyring as it was before a secret was kept there."""
    import keyring  # noqa: PLC0415  # loads the system's back-end, only where a secret is kept there
    from keyring.errors import KeyringError  # noqa: PLC0415  # the same

    with suppress(KeyringError):
        if before is None:
            keyring.delete_password(KEYRING_SERVICE, name)
        else:
            keyring.set_password(KEYRING_SERVICE, name, before)


def is_in_keyring(name: str) -> bool:
    """Says whether the keyring has a secret of that name."""
    return keyring_hindrance() is None and bool(_from_keyring(name))
