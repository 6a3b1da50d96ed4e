"""HTTP Basic: user and password with every call (RFC 7617)."""

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.contract import Config, Memory, Setting
from crossdock.toolkit.http.auth.kind import OpenDoor, text_of
from crossdock.toolkit.http.credential import Credential

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call


@dataclass(frozen=True)
class Basic:
    """User and password with every call; a few systems call them consumer key and secret, or web service key."""

    username: str = "username"
    """Setting that holds the user."""
    password: str = "password"  # noqa: S105  # the name of a setting
    """Setting that holds the password."""
    hosts: tuple[str, ...] = ()
    """None."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """User and password."""
        return (
            Setting(self.username, "User that the system knows this connection by", required=True),
            Setting(self.password, "Its password", required=True, secret=True),
        )

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        del memory, door
        return BasicCredential(text_of(config, self.username), text_of(config, self.password))


class BasicCredential(Credential):
    """User and password as a header, in UTF-8."""

    def __init__(self, username: str, password: str) -> None:
        """Takes both as they are."""
        super().__init__()
        self._header = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def authorise(self, request: "httpx.Request") -> None:
        """Sets the header; it cannot be renewed."""
        self.hide(self._header.partition(" ")[2])
        request.headers["Authorization"] = self._header
