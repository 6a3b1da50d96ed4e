"""Logging in once for a session that cookies carry, such as that of SAP Business One's Service Layer.

There `POST /Login` answers `B1SESSION` and, behind a balancer, `ROUTEID`; both must come back, or the session counts as
lost. A session ends after some idle minutes with status 401. Wrong passwords lock the user, so a refused login is never
tried again by itself. Source: SAP Business One Service Layer user's manual, "Login and Logout", "Session Stickiness".
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from crossdock.contract import AuthError, Config, Memory, RefusedError, Setting, TransientError
from crossdock.toolkit.http.auth.kind import OpenDoor, text_of
from crossdock.toolkit.http.auth.shared import SharedState
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.credential import MAY_REPEAT, Credential

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call

_SECRET_LENGTH = 8
"""A shorter cookie names a node or a language; hidden, it would only make errors unreadable."""


@dataclass(frozen=True, kw_only=True)
class SessionCookie:
    """A login whose cookies go along with every call; one session serves all children of a connection."""

    login: str = "/Login"
    """Path of the login."""
    fields: Mapping[str, str]
    """JSON body of the login: its names, and the setting that holds each value."""
    secrets: tuple[str, ...] = ("password",)
    """Which of those settings are secret."""
    cookies: tuple[str, ...] = ()
    """Cookies to send back. Empty: all that the login sets."""
    idle_s: float = 900.0
    """Seconds without a call after which a session may have ended: before a creating call another one is made."""
    hosts: tuple[str, ...] = ()
    """None."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """One setting for each field of the login."""
        return tuple(
            Setting(name, f"{field} of the login", required=True, secret=name in self.secrets)
            for field, name in self.fields.items()
        )

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        body = {field: text_of(config, name) for field, name in self.fields.items()}
        known = [text_of(config, name) for name in self.fields.values() if name not in self.secrets]
        return SessionCredential(memory, door(text_of(config, "url")), self, body, " ".join(known))


class SessionCredential(Credential):
    """The cookies of one session."""

    is_renewable = True

    def __init__(
        self, memory: Memory, door: HttpClient, declared: SessionCookie, body: Mapping[str, str], user: str
    ) -> None:
        """Takes where to log in, with what, and whose session it is."""
        super().__init__()
        self._door, self._declared, self._body, self._user = door, declared, body, user
        self._state = SharedState(memory, f"{door.base_url} {user}", self._log_in)
        self._refused: str | None = None
        self._taken_at: float | None = None

    def authorise(self, request: "httpx.Request") -> str:
        """Sets the cookies, after logging in where there is no session, or none to trust a creating call to."""
        if not request.extensions.get(MAY_REPEAT, False) and self._may_have_ended():
            self._refused = self._state.known()
        state = self._state.get(is_good=self._is_good)
        cookies = msgspec.json.decode(state, type=dict[str, str])
        for value in cookies.values():
            if len(value) >= _SECRET_LENGTH:
                self.hide(value)
        request.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return state

    def renew(self, used: str) -> None:
        """Logs in again, unless another run has."""
        self._refused = used
        self._state.renew(is_good=self._is_good)

    def forget(self, used: str) -> None:
        """Lets the next call log in again."""
        self._refused = used

    def close(self) -> None:
        """Closes the connections of the login; the session goes on for the next run."""
        self._door.close()

    def note_taken(self) -> None:
        """Notes when the session was last alive."""
        self._taken_at = time.monotonic()

    def _may_have_ended(self) -> bool:
        return self._taken_at is None or time.monotonic() - self._taken_at > self._declared.idle_s

    def _is_good(self, state: str) -> bool:
        return state != self._refused

    def _log_in(self, before: str | None) -> str:
        del before
        try:
            reply = self._door.request("POST", self._declared.login, body=self._body, is_idempotent=True)
        except (AuthError, RefusedError) as error:
            message = f"the login of {self._user} is refused: {error}"
            raise AuthError(message) from error
        wanted = self._declared.cookies
        found = {name: value for name, value in reply.cookies.items() if not wanted or name in wanted}
        if not found:
            message = f"the login at {self._door.base_url} sets no cookie"
            raise TransientError(message)
        return msgspec.json.encode(found).decode()
