"""A fixed token or key with every call: as `Authorization: Bearer` (RFC 6750), in another header, or in the query."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.contract import Config, Memory, Setting
from crossdock.toolkit.http.auth.kind import OpenDoor, text_of
from crossdock.toolkit.http.credential import Credential

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call


@dataclass(frozen=True)
class Bearer:
    """A token that the operator was given and that does not end."""

    token: str = "token"  # noqa: S105  # the name of a setting
    """Setting that holds it."""
    header: str = "Authorization"
    """Header that it goes into."""
    scheme: str = "Bearer"
    """Word before it; empty for a header that holds the token alone."""
    hosts: tuple[str, ...] = ()
    """None."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The token."""
        return (Setting(self.token, "Token or key that the system issued", required=True, secret=True),)

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        del memory, door
        return HeaderCredential(self.header, f"{self.scheme} {text_of(config, self.token)}".strip())


@dataclass(frozen=True)
class QueryKey:
    """A key in the query of every call, for systems that take it nowhere else; it stays out of logs and cursors."""

    name: str = "apikey"
    """Parameter of the query."""
    setting: str = "api_key"
    """Setting that holds the key."""
    hosts: tuple[str, ...] = ()
    """None."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The key."""
        return (Setting(self.setting, "Key that the system issued", required=True, secret=True),)

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        del memory, door
        return QueryCredential(self.name, text_of(config, self.setting))


class HeaderCredential(Credential):
    """One header; it cannot be renewed."""

    def __init__(self, name: str, value: str) -> None:
        """Takes the header's name and its whole value."""
        super().__init__()
        self._name, self._value = name, value

    def authorise(self, request: "httpx.Request") -> None:
        """Sets the header."""
        request.headers[self._name] = self._value


class QueryCredential(Credential):
    """One parameter of the query; it cannot be renewed."""

    def __init__(self, name: str, value: str) -> None:
        """Takes the parameter's name and value."""
        super().__init__()
        self._name, self._value = name, value
        self.query_names = frozenset((name,))

    def authorise(self, request: "httpx.Request") -> None:
        """Adds the parameter, in place of one that a link brought."""
        request.url = request.url.copy_set_param(self._name, self._value)
