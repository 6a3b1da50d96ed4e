"""OAuth 2: tokens from a token endpoint, shared by all children and renewed in time (RFC 6749).

Client credentials (section 4.4): another token can be had whenever one is wanted.
Refresh tokens (section 6): what the endpoint answers may hold a new refresh token that alone is good from then on, so
it is in the memory, durably, before the access token beside it is used; `SharedState` sees to it that no two children
spend the same one.
"""

import base64
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import msgspec
from msgspec import Struct

from crossdock.contract import (
    AuthError,
    Config,
    ConfigError,
    Memory,
    NotSentError,
    RefusedError,
    Setting,
    TransientError,
)
from crossdock.toolkit.http.answers import Reply
from crossdock.toolkit.http.auth.kind import OpenDoor, text_of
from crossdock.toolkit.http.auth.shared import SharedState
from crossdock.toolkit.http.credential import Credential
from crossdock.toolkit.http.filling import filled_address

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call

_MARGIN_S = 60.0
"""A token is renewed so long before it ends, or a fifth of its life where that is shorter."""
_LIFE_S = 300.0
"""Life of a token whose answer does not say; RFC 6749 section 5.1 only recommends that it does."""
_HOSTS = ("token_url",)
_ENDED = "invalid_grant"


class Tokens(Struct, omit_defaults=True):
    """What the memory keeps."""

    access: str
    """Access token."""
    ends_at: float
    """Seconds since 1970 at which it should be renewed: some time before its end."""
    refresh: str | None = None
    """Refresh token. None: there is none."""


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """OAuth 2 client credentials: the connection logs in as itself."""

    token_url: str | None = None
    """Token endpoint where the operator names none. None: he must; `{name}` stands for a setting of the connection."""
    scope: str | None = None
    """Scope asked for. None: none."""
    is_basic: bool = False
    """Whether id and secret go as HTTP Basic, else in the form (RFC 6749 section 2.3.1)."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Further fields of the form, such as `audience`."""
    hosts: tuple[str, ...] = _HOSTS
    """The token endpoint's."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Client id and secret, and the token endpoint."""
        return _client_settings(self.token_url)

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        form = {"grant_type": "client_credentials", **({"scope": self.scope} if self.scope else {}), **self.more}
        endpoint = TokenEndpoint(config, self.token_url, door, is_basic=self.is_basic)
        return TokenCredential(memory, endpoint, form, first=None)


@dataclass(frozen=True, kw_only=True)
class RefreshToken:
    """OAuth 2 with a refresh token that a person got once by granting access; each use may bring the next one.

    The setting holds the first of them. Its successors live in the connection's memory; a new grant is put into the
    setting, and is used from then on. Where the answer to a refresh is lost, so is the token in it: the next run tries
    the one before, which many systems still take for a while; where not, access must be granted anew.
    """

    token_url: str | None = None
    """As in `ClientCredentials`."""
    is_basic: bool = False
    """As in `ClientCredentials`."""
    more: Mapping[str, str] = field(default_factory=dict)
    """Further fields of the form."""
    hosts: tuple[str, ...] = _HOSTS
    """The token endpoint's."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Client id and secret, the first refresh token and the token endpoint."""
        granted = Setting("refresh_token", "Refresh token of the last grant of access", required=True, secret=True)
        return (*_client_settings(self.token_url), granted)

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives the credential."""
        endpoint = TokenEndpoint(config, self.token_url, door, is_basic=self.is_basic)
        form = {"grant_type": "refresh_token", **self.more}
        return TokenCredential(memory, endpoint, form, first=text_of(config, "refresh_token"))


def _client_settings(token_url: str | None) -> tuple[Setting, ...]:
    return (
        Setting("client_id", "Client id of the registered application", required=True),
        Setting("client_secret", "Its secret", required=True, secret=True),
        Setting(
            "token_url",
            "Address that issues tokens",
            kind="url",
            required=token_url is None,
            default=token_url,
        ),
    )


class TokenEndpoint:
    """Asks for tokens; makes each call once, since a refresh token may be good for one use."""

    def __init__(self, config: Config, token_url: str | None, door: OpenDoor, *, is_basic: bool) -> None:
        """Takes the connection's settings; contacts nobody yet.

        Raises:
            ConfigError: a setting is missing or the address cannot be used.
        """
        self.client_id, self._secret = text_of(config, "client_id"), text_of(config, "client_secret")
        self.url = filled_address(str(config.get("token_url") or token_url or ""), config)
        self._is_basic = is_basic
        self._door = door(self.url)

    def close(self) -> None:
        """Closes its connections."""
        self._door.close()

    def hide(self, secret: str) -> None:
        """Keeps a token out of this endpoint's errors."""
        self._door.hide(secret)

    def ask(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Gives the endpoint's answer, which holds an access token.

        Raises:
            AuthError: it refuses; nothing but another setting helps.
            TransientError: no answer, or none that can be read.
        """
        told, headers = dict(form), {}
        if self._is_basic:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self._secret)}"
            headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        else:
            told |= {"client_id": self.client_id, "client_secret": self._secret}
        # A read in all but name as far as credentials go; yet made once, because the answer may be lost.
        try:
            reply = self._door.request("POST", self.url, form=told, headers=headers, accept=(400, 401))
        except NotSentError as error:
            raise TransientError(str(error)) from error
        except RefusedError as error:
            message = f"no token from {self.url}: {error}; check token_url"
            raise ConfigError(message) from error
        if reply.status != 200:  # noqa: PLR2004  # HTTP's own number
            raise self._refusal(reply)
        found = reply.json()
        if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
            message = f"the answer of {self.url} holds no access_token"
            raise TransientError(message)
        return found

    def _refusal(self, reply: Reply) -> AuthError:
        found = reply.json() if reply.body.lstrip().startswith(b"{") else {}
        code = str(found.get("error") or f"status {reply.status}")
        why = self._door.clean(str(found.get("error_description") or ""))[:300]
        cure = "grant access anew and set refresh_token" if code == _ENDED else "check client_id and client_secret"
        return AuthError(f"{self.url} gives no token: {code}{': ' + why if why else ''}; {cure}")


class TokenCredential(Credential):
    """A bearer token that is renewed before it ends, and when it is refused."""

    is_renewable = True
    renewals = 3

    def __init__(self, memory: Memory, endpoint: TokenEndpoint, form: Mapping[str, str], *, first: str | None) -> None:
        """Takes where and how to ask, and the refresh token in the settings. None: none is used."""
        super().__init__()
        self._endpoint, self._form, self._first = endpoint, form, first
        granted = hashlib.sha256((first or "").encode()).hexdigest()
        owner = f"{endpoint.url} {endpoint.client_id} {sorted(form.items())} {granted}"
        self._state = SharedState(memory, owner, self._obtain)
        self._refused: str | None = None

    def authorise(self, request: "httpx.Request") -> str:
        """Sets the header, with another token where the present one ends soon."""
        tokens = _read(self._state.get(is_good=self._is_good))
        self.hide(tokens.access)
        request.headers["Authorization"] = f"Bearer {tokens.access}"
        return tokens.access

    def renew(self, used: str) -> None:
        """Gets another token."""
        self._refused = used
        self._state.renew(is_good=self._is_good)

    def forget(self, used: str) -> None:
        """Lets the next call get another token."""
        self._refused = used

    def close(self) -> None:
        """Closes the connections to the token endpoint."""
        self._endpoint.close()

    def _is_good(self, state: str) -> bool:
        tokens = _read(state)
        return bool(tokens.access) and tokens.access != self._refused and tokens.ends_at > time.time()

    def _obtain(self, before: str | None) -> str:
        refresh = (_read(before).refresh if before else None) or self._first
        form = self._form if refresh is None else {**self._form, "refresh_token": refresh}
        for secret in (refresh, *([] if before is None else [_read(before).access])):
            if secret:
                self._endpoint.hide(secret)
                self.hide(secret)
        found = self._endpoint.ask(form)
        life = _seconds(found.get("expires_in"))
        kept = found.get("refresh_token") if self._first is not None else None
        ends_at = time.time() + life - min(_MARGIN_S, life / 5)
        return msgspec.json.encode(Tokens(found["access_token"], ends_at, kept or refresh)).decode()


def _read(state: str) -> Tokens:
    try:
        return msgspec.json.decode(state, type=Tokens)
    except msgspec.MsgspecError:
        return Tokens("", 0.0)


def _seconds(told: object) -> float:
    try:
        return max(0.0, float(told)) if isinstance(told, int | float | str) else _LIFE_S
    except ValueError:
        return _LIFE_S
