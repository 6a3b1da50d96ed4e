"""A JSON client over httpx that keeps to its host and its rate, and repeats only what may be repeated."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec

from crossdock.contract import ConfigError, TransientError
from crossdock.toolkit.http.answers import Reply, error_of, failure_of
from crossdock.toolkit.http.limiter import RateLimiter
from crossdock.toolkit.http.quiet import quieten
from crossdock.toolkit.http.retrying import tries
from crossdock.toolkit.http.settings import HttpSettings
from crossdock.toolkit.redact import redact

if TYPE_CHECKING:
    import httpx  # a driver loads at its first use

T = TypeVar("T")
Params = Mapping[str, str | int | float | bool]
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5


@dataclass(frozen=True)
class _Call:
    method: str
    url: str
    params: Params
    body: bytes | None
    accept: Collection[int]
    may_repeat: bool

    @property
    def name(self) -> str:
        return f"{self.method} {_without_query(self.url)}"


class HttpClient:
    """One system's API; made without contacting it, safe to use from several threads."""

    def __init__(
        self,
        settings: HttpSettings,
        *,
        secrets: Iterable[str | None] = (),
        limiter: RateLimiter | None = None,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        """Takes the settings.

        Args:
            settings: where to call, how fast and how patiently.
            secrets: values that must not show in an error.
            limiter: to share with other clients. None: its own.
            transport: what carries the calls, for tests. None: the network.
        """
        self._settings, self._secrets, self._transport = settings, list(secrets), transport
        self.limiter = limiter or RateLimiter(settings.rate_per_s)
        self._base = _checked_base(settings.base_url)
        self._hosts = frozenset((self._base.hostname, *settings.more_hosts))
        self._lock = threading.Lock()
        self._opened: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Gives the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes its connections."""
        self.close()

    def close(self) -> None:
        """Closes its connections; the next call would open them again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def hide(self, secret: str) -> None:
        """Keeps one more value, such as a new token, out of errors."""
        if secret not in self._secrets:
            self._secrets.append(secret)

    def get(self, path: str, *, params: Params | None = None) -> Any:  # whatever the other system says
        """Reads JSON; tried again after a time-out, a lost connection, 429 or 5xx.

        Raises:
            TransientError: still failing after all tries.
            AuthError: status 401 or 403.
            RefusedError: any other status of 400 and more.
            ConfigError: the address is wrong or leads to a host that the connection does not name.
        """
        return self._repeat(self._call("GET", path, params), lambda reply: reply.json())

    def get_bytes(self, path: str, *, params: Params | None = None) -> bytes:
        """Reads a body as it is; errors as in `get`."""
        return self._repeat(self._call("GET", path, params), lambda reply: reply.body)

    def post(
        self, path: str, body: object, *, params: Params | None = None, is_idempotent: bool = False
    ) -> Any:  # whatever the other system says
        """Posts JSON and gives the JSON answered.

        Args:
            path: added to the base address.
            body: anything msgspec encodes; a Decimal becomes a JSON number.
            params: the query.
            is_idempotent: declares that doing it twice is the same as once. Only then is it ever tried
                again, and only where it is not is `NotSentError` raised.

        Raises:
            NotSentError: no connection could be made, so nothing was sent.
            TransientError: unknown whether it was done, or worth another try; else as in `get`.
        """
        call = self._call("POST", path, params, body=body, may_repeat=is_idempotent)
        return self._repeat(call, lambda reply: reply.json())

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        accept: Collection[int] = (),
        is_idempotent: bool = False,
    ) -> Reply:
        """Makes any call; statuses in `accept` are given back instead of raised. Else as in `post`."""
        may_repeat = is_idempotent or method in ("GET", "HEAD")
        call = self._call(method, path, params, body=body, accept=accept, may_repeat=may_repeat)
        return self._repeat(call, _parsed)

    def _call(
        self,
        method: str,
        path: str,
        params: Params | None,
        *,
        body: object = None,
        accept: Collection[int] = (),
        may_repeat: bool = True,
    ) -> _Call:
        url = path if "://" in path else f"{self._base.geturl().rstrip('/')}/{path.lstrip('/')}"
        self._check_target(url, came_from=self._base.scheme)
        content = None if body is None else _encode(body)
        return _Call(method, url, params or {}, content, accept, may_repeat)

    def _repeat(self, call: _Call, read: Callable[[Reply], T]) -> T:
        """Makes a call once, or as often as is allowed; the answer is read within the try."""
        if not call.may_repeat:
            return self._read(call, read)
        for attempt in tries(self._settings.attempts, self._settings.patience_s):
            with attempt:
                return self._read(call, read)
        raise AssertionError  # pragma: no cover  # the last try returns or raises

    def _read(self, call: _Call, read: Callable[[Reply], T]) -> T:
        reply = self._exchange(call)
        try:
            return read(reply)
        except TransientError as error:
            raise TransientError(self._clean(f"{call.name}: {error}")) from None

    def _exchange(self, call: _Call) -> Reply:
        """Makes one call, redirects within its host included, and raises what the answer stands for."""
        url = call.url
        for _ in range(_MOST_REDIRECTS):
            reply = self._send(call, url)
            if reply.status not in _REDIRECTS:
                break
            url = self._next(call, url, reply)
        else:
            message = f"{call.name}: redirected more than {_MOST_REDIRECTS} times"
            raise TransientError(message)
        error = None if reply.status in call.accept else error_of(reply, call.name, self._clean)
        if error is not None:
            raise error
        return reply

    def _send(self, call: _Call, url: str) -> Reply:
        import httpx  # noqa: PLC0415  # a driver loads at its first use

        client = self._client()
        self.limiter.acquire()
        headers = {"Content-Type": "application/json"} if call.body is not None else {}
        params = call.params if url == call.url else None
        try:
            answer = client.request(call.method, url, params=params or None, content=call.body, headers=headers)
        except httpx.TransportError as error:
            raise failure_of(error, call.name, self._clean, may_repeat=call.may_repeat) from error
        except httpx.InvalidURL as error:
            message = f"not an address: {_without_query(url)}"
            raise ConfigError(message) from error
        self._heed(answer.headers)
        return Reply(answer.status_code, answer.headers, answer.content)

    def _client(self) -> "httpx.Client":
        import httpx  # noqa: PLC0415  # a driver loads at its first use

        with self._lock:
            if self._opened is None:
                quieten()
                timeout = httpx.Timeout(self._settings.timeout_s, connect=self._settings.connect_timeout_s)
                headers = {"Accept": "application/json", **self._settings.headers}
                self._opened = httpx.Client(
                    timeout=timeout, headers=headers, transport=self._transport, trust_env=False
                )
            return self._opened

    def _next(self, call: _Call, url: str, reply: Reply) -> str:
        target = urljoin(url, reply.headers.get("location", ""))
        if call.method not in ("GET", "HEAD"):
            message = f"{call.name}: moved to {_without_query(target)}; set the connection's url to that"
            raise ConfigError(message)
        self._check_target(target, came_from=urlsplit(url).scheme)
        return target

    def _check_target(self, url: str, *, came_from: str) -> None:
        """Refuses a link or redirect that leads off the hosts named, or out of https: credentials go along."""
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        if scheme not in (("https",) if came_from == "https" else ("http", "https")):
            message = f"refused to go from {came_from} to {_without_query(url)}: correct the address in the connection"
            raise ConfigError(message)
        if host not in self._hosts:
            message = f"refused to contact {host}: the connection names {', '.join(sorted(map(str, self._hosts)))} only"
            raise ConfigError(message)

    def _heed(self, headers: Mapping[str, str]) -> None:
        told = headers.get(self._settings.rate_header or "")
        if told is not None:
            try:
                self.limiter.set_rate(float(told))
            except ValueError:
                return

    def _clean(self, text: str) -> str:
        return redact(text, self._secrets)


def _parsed(reply: Reply) -> Reply:
    if 200 <= reply.status < 300:  # noqa: PLR2004  # HTTP's own numbers
        reply.json()
    return reply


_encode = msgspec.json.Encoder(decimal_format="number").encode


def _checked_base(url: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"not an address: {_without_query(url)!r}; it must begin with https:// or http://"
        raise ConfigError(message)
    if parts.username or parts.password:
        message = f"the address of {parts.hostname} holds a user or password; give them as settings of their own"
        raise ConfigError(message)
    return parts


def _without_query(url: str) -> str:
    return url.split("?", 1)[0]
