"""A JSON client over httpx that keeps to its host and its rate, and repeats only what may be repeated."""

from collections.abc import Callable, Collection, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec

from crossdock.contract import ConfigError, TransientError
from crossdock.toolkit.http.answers import Reply, error_of
from crossdock.toolkit.http.calls import Call, Params, without_query
from crossdock.toolkit.http.credential import Credential
from crossdock.toolkit.http.limiter import RateLimiter
from crossdock.toolkit.http.retrying import tries
from crossdock.toolkit.http.sending import Sender
from crossdock.toolkit.http.settings import HttpSettings
from crossdock.toolkit.redact import redact

if TYPE_CHECKING:
    import httpx  # a driver loads at its first use

T = TypeVar("T")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5


class HttpClient:
    """One system's API; made without contacting it, safe to use from several threads."""

    def __init__(
        self,
        settings: HttpSettings,
        *,
        secrets: Iterable[str | None] = (),
        limiter: RateLimiter | None = None,
        credential: Credential | None = None,
        transport: "httpx.BaseTransport | None" = None,
    ) -> None:
        """Takes the settings.

        Args:
            settings: where to call, how fast and how patiently.
            secrets: values that must not show in an error.
            limiter: to share with other clients. None: its own.
            credential: put on every call to the base address's own host and port, and on no other. None: none.
            transport: what carries the calls, for tests. None: the network.
        """
        self.settings = settings
        self._secrets = list(secrets)
        self.limiter = limiter or RateLimiter(settings.rate_per_s)
        self._base = _checked_base(settings.base_url)
        self._hosts = frozenset((self._base.hostname, *settings.more_hosts))
        self.credential = credential or Credential()
        self.credential.hide = self.hide
        self._sender = Sender(settings, self.credential, self.limiter, self.clean, transport)

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
        self._sender.close()
        self.credential.close()

    def hide(self, secret: str) -> None:
        """Keeps one more value, such as a new token, out of errors."""
        if secret not in self._secrets:
            self._secrets.append(secret)

    @property
    def base_url(self) -> str:
        """The address that paths are added to, without a slash at its end."""
        return str(self._base.geturl()).rstrip("/")

    def get(self, path: str, *, params: Params | None = None) -> Any:  # whatever the other system says
        """Reads JSON; tried again after a time-out, a lost connection, 429 or 5xx.

        Raises:
            TransientError: still failing after all tries.
            AuthError: status 401 or 403.
            RefusedError: any other status of 400 and more.
            ConfigError: the address is wrong or leads to a host that the connection does not name.
        """
        return self._repeat(self._call("GET", path, params, may_repeat=True), lambda reply: reply.json())

    def get_bytes(self, path: str, *, params: Params | None = None) -> bytes:
        """Reads a body as it is; errors as in `get`."""
        return self._repeat(self._call("GET", path, params, may_repeat=True), lambda reply: reply.body)

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
        call = self._call("POST", path, params, body, may_repeat=is_idempotent)
        return self._repeat(call, lambda reply: reply.json())

    def request(  # noqa: PLR0913  # all that a call may be told, by keyword
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        is_idempotent: bool = False,
        deadline_s: float | None = None,
    ) -> Reply:
        """Makes any call; statuses in `accept` are given back instead of raised. Else as in `post`.

        Args:
            method: in capitals.
            path: added to the base address, or a whole address, as links in answers are.
            params: the query, added to one that the path has.
            body: sent as JSON. None: nothing is.
            form: sent as a form in place of JSON. None: it is not.
            headers: for this call, beside those of the settings.
            accept: statuses that are no error here.
            is_idempotent: as in `post`; reads always are.
            deadline_s: seconds that each try may take in all. None: what the settings say.
        """
        call = Call(
            method=method,
            url=self._address(path, params),
            body=_encode(body) if body is not None else None,
            form=form,
            headers=headers or {},
            accept=accept,
            may_repeat=is_idempotent or method in ("GET", "HEAD"),
            deadline_s=deadline_s,
        )
        return self._repeat(call, _parsed)

    def download(
        self, path: str, write: Callable[[bytes], object], *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Reads a body piece by piece, however large, within `max_answer_bytes`; errors as in `get`.

        It is never begun again by itself, since what was written is written.

        Args:
            path: as in `request`.
            write: is given each piece.
            headers: such as `If-None-Match`; status 304 is no error.
        """
        call = Call("GET", self._address(path, None), headers=headers or {}, accept=(304,), write=write)
        return self._exchange(call)

    def clean(self, text: str) -> str:
        """Takes the connection's secrets out of a text."""
        return redact(text, self._secrets)

    def _call(self, method: str, path: str, params: Params | None, body: object = None, *, may_repeat: bool) -> Call:
        content = None if body is None else _encode(body)
        return Call(method, self._address(path, params), content, may_repeat=may_repeat)

    def _address(self, path: str, params: Params | None) -> str:
        url = path if "://" in path else f"{self.base_url}/{path.lstrip('/')}"
        self._check_target(url, came_from=self._base.scheme)
        if not params:
            return url
        # Blanks as %20: not every server reads a plus as one. The dollar of OData's names may stand.
        told = {name: _written(value) for name, value in params.items()}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(told, quote_via=quote, safe='$')}"

    def _repeat(self, call: Call, read: Callable[[Reply], T]) -> T:
        """Makes a call once, or as often as is allowed; the answer is read within the try."""
        if not call.may_repeat:
            return self._read(call, read)
        for attempt in tries(self.settings.attempts, self.settings.patience_s):
            with attempt:
                return self._read(call, read)
        raise AssertionError  # pragma: no cover  # the last try returns or raises

    def _read(self, call: Call, read: Callable[[Reply], T]) -> T:
        reply = self._exchange(call)
        try:
            return read(reply)
        except TransientError as error:
            raise TransientError(self.clean(f"{call.name}: {error}")) from None

    def _exchange(self, call: Call) -> Reply:
        """Makes one call, redirects within its host included, and raises what the answer stands for."""
        url = call.url
        for _ in range(_MOST_REDIRECTS):
            reply = self._sender.send(call, url, is_own=self._is_own(url))
            if reply.status not in _REDIRECTS:
                break
            url = self._next(call, url, reply)
        else:
            message = f"{call.name}: redirected more than {_MOST_REDIRECTS} times"
            raise TransientError(message)
        error = None if reply.status in call.accept else error_of(reply, call.name, self.clean)
        if error is not None:
            raise error
        return reply

    def _next(self, call: Call, url: str, reply: Reply) -> str:
        target = urljoin(url, reply.headers.get("location", ""))
        if call.method not in ("GET", "HEAD"):
            message = f"{call.name}: moved to {without_query(target)}; set the connection's url to that"
            raise ConfigError(message)
        self._check_target(target, came_from=urlsplit(url).scheme)
        return target

    def _check_target(self, url: str, *, came_from: str) -> None:
        """Refuses a link or redirect that leads off the hosts named, or out of https: credentials go along."""
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        if scheme not in (("https",) if came_from == "https" else ("http", "https")):
            message = f"refused to go from {came_from} to {without_query(url)}: correct the address in the connection"
            raise ConfigError(message)
        if host not in self._hosts:
            message = f"refused to contact {host}: the connection names {', '.join(sorted(map(str, self._hosts)))} only"
            raise ConfigError(message)

    def _is_own(self, url: str) -> bool:
        """Says whether an address has the base's scheme, host and port: only there do credentials go."""
        parts = urlsplit(url)
        return (parts.scheme, parts.hostname, _port(parts)) == (
            self._base.scheme,
            self._base.hostname,
            _port(self._base),
        )


def _parsed(reply: Reply) -> Reply:
    if 200 <= reply.status < 300:  # noqa: PLR2004  # HTTP's own numbers
        reply.json()
    return reply


_encode = msgspec.json.Encoder(decimal_format="number").encode


def _checked_base(url: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"not an address: {without_query(url)!r}; it must begin with https:// or http://"
        raise ConfigError(message)
    if parts.username or parts.password:
        message = f"the address of {parts.hostname} holds a user or password; give them as settings of their own"
        raise ConfigError(message)
    return parts


def _port(parts: Any) -> int | None:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
