"""One request over httpx and its whole answer, within a time and a size."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

from crossdock.contract import ConfigError, CrossdockError, NotSentError, TransientError
from crossdock.toolkit.http.answers import Reply, failure_of
from crossdock.toolkit.http.calls import Call, without_query
from crossdock.toolkit.http.credential import MAY_REPEAT, Credential, NoCredentialError, auth_of
from crossdock.toolkit.http.limiter import RateLimiter
from crossdock.toolkit.http.quiet import quieten
from crossdock.toolkit.http.settings import HttpSettings

if TYPE_CHECKING:
    import httpx  # a driver loads at its first use


class Sender:
    """Makes single requests; knows nothing of repeating them."""

    def __init__(
        self,
        settings: HttpSettings,
        credential: Credential,
        limiter: RateLimiter,
        clean: Callable[[str], str],
        transport: "httpx.BaseTransport | None",
    ) -> None:
        """Takes what every request shares; nothing is opened."""
        self.settings, self.credential, self.limiter = settings, credential, limiter
        self._clean, self._transport = clean, transport
        self._lock = threading.Lock()
        self._opened: dict[bool, httpx.Client] = {}

    def close(self) -> None:
        """Closes its connections; the next request would open them again."""
        with self._lock:
            for client in self._opened.values():
                client.close()
            self._opened.clear()

    def send(self, call: Call, url: str, *, is_own: bool) -> Reply:
        """Makes one request.

        Args:
            call: what is asked.
            url: where; it differs from the call's after a redirect.
            is_own: whether the credential and the settings' headers go along.

        Raises:
            NotSentError: a call that may not be repeated did not leave.
            TransientError: no answer, or not all of it, or none of it in time.
            ConfigError: not an address, a server that is not trusted, or an answer too large to take.
        """
        import httpx  # noqa: PLC0415  # a driver loads at its first use

        client = self._client(is_own=is_own)
        self.limiter.acquire()
        try:
            with client.stream(call.method, url, **self._options(call)) as answer:
                self._heed(answer.headers)
                return self._whole(call, answer)
        except httpx.TransportError as error:
            raise failure_of(error, call.name, self._clean, may_repeat=call.may_repeat) from error
        except httpx.DecodingError as error:
            message = self._clean(f"{call.name}: the answer cannot be unpacked: {error}")
            raise TransientError(message) from error
        except httpx.InvalidURL as error:
            message = f"not an address: {without_query(url)}"
            raise ConfigError(message) from error
        except NoCredentialError as error:
            message = self._clean(f"{call.name}: not sent: {error.reason}")
            raise NotSentError(message) from error.reason

    def _options(self, call: Call) -> dict[str, Any]:
        import httpx  # noqa: PLC0415  # a driver loads at its first use

        headers = dict(call.headers)
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        options: dict[str, Any] = {"headers": headers, "extensions": {MAY_REPEAT: call.may_repeat}}
        if call.form is not None:
            options["data"] = dict(call.form)
        else:
            options["content"] = call.body
        longest, connect = self.settings.timeout_s, self.settings.connect_timeout_s
        if call.deadline_s is not None:
            longest, connect = min(longest, call.deadline_s), min(connect, call.deadline_s)
            options["timeout"] = httpx.Timeout(longest, connect=connect)
        return options

    def _whole(self, call: Call, answer: "httpx.Response") -> Reply:
        body = b"".join(self._pieces(call, answer))
        links = {rel: one["url"] for rel, one in answer.links.items() if rel and "url" in one}
        return Reply(answer.status_code, answer.headers, body, str(answer.url), links, dict(answer.cookies.items()))

    def _pieces(self, call: Call, answer: "httpx.Response") -> Iterator[bytes]:
        """Gives the pieces of the body to keep, and hands on those of a success that somebody writes away."""
        give_up_at = time.monotonic() + (call.deadline_s or self.settings.answer_timeout_s)
        write = call.write if answer.is_success else None
        size = 0
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > self.settings.max_answer_bytes:
                raise self._too_large(call)
            if time.monotonic() > give_up_at:
                message = f"{call.name}: no whole answer in time"
                raise TransientError(message)
            if write is None:
                yield piece
            else:
                write(piece)

    def _too_large(self, call: Call) -> CrossdockError:
        limit = self.settings.max_answer_bytes
        text = f"{call.name}: the answer has more than {limit} bytes: ask for smaller pages"
        # What a creating call did is not known by how long the answer is.
        return ConfigError(text) if call.may_repeat else TransientError(text)

    def _client(self, *, is_own: bool) -> "httpx.Client":
        with self._lock:
            if is_own not in self._opened:
                self._opened[is_own] = self._made(is_own=is_own)
            return self._opened[is_own]

    def _made(self, *, is_own: bool) -> "httpx.Client":
        import httpx  # noqa: PLC0415  # a driver loads at its first use

        quieten()
        given = self.settings
        return httpx.Client(
            timeout=httpx.Timeout(given.timeout_s, connect=given.connect_timeout_s),
            headers={"Accept": "application/json", **(given.headers if is_own else {})},
            auth=auth_of(self.credential) if is_own else None,
            # Sessions are kept by the credential, for all children: a jar of its own would argue with it.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            transport=self._transport,
            verify=_trusting(given.certificate) if given.certificate else True,
            trust_env=False,
        )

    def _heed(self, headers: Mapping[str, str]) -> None:
        told = headers.get(self.settings.rate_header or "")
        if told is not None:
            try:
                self.limiter.set_rate(float(told))
            except ValueError:
                return


def _trusting(certificate: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=certificate)
    except (OSError, ssl.SSLError) as error:
        message = f"the certificate {certificate} cannot be read ({error}): it must be a PEM file"
        raise ConfigError(message) from error
