"""What each kind of authentication declares: its settings, and how they become a credential."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crossdock.contract import Config, ConfigError, Memory, Setting
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.credential import Credential

OpenDoor = Callable[[str], HttpClient]
"""Makes a client without credential for an address, to log in at: with the connection's patience, certificate and
secrets. Whoever opens a door closes it."""


class Auth(Protocol):
    """One kind of authentication, declared by a plugin; pure data."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Settings that the operator gives for it."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """Settings that hold further addresses to contact."""
        ...

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Makes the credential from the connection's settings; contacts nobody yet."""
        ...


@dataclass(frozen=True)
class NoAuth:
    """A system that asks for no credential."""

    settings: tuple[Setting, ...] = ()
    """None."""
    hosts: tuple[str, ...] = ()
    """None."""

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives a credential that puts nothing on a call."""
        del config, memory, door
        return Credential()


def text_of(config: Config, name: str) -> str:
    """Gives a setting that must be there.

    Raises:
        ConfigError: it is missing or empty.
    """
    found = config.get(name)
    if found is None or found == "":
        message = f"{name} is missing: add it to the connection"
        raise ConfigError(message)
    return str(found)
