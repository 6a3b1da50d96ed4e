"""From an answer or a broken call to the error that says what the framework does next."""

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.contract import AuthError, ConfigError, CrossdockError, NotSentError, RefusedError, TransientError

if TYPE_CHECKING:
    import httpx  # loaded already by whoever made the call

_TRANSIENT = frozenset((408, 423, 425, 429))
_SHOWN = 300
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_REASONS = ("error_description", "error", "message", "detail", "title", "errors")
_INNER = ("message", "value", "error_description", "detail", "description", "title", "reason", "text")
_decode_exact = msgspec.json.Decoder(float_hook=Decimal).decode


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    """HTTP status."""
    headers: Mapping[str, str]
    """Headers; names in any case."""
    body: bytes
    """As it came."""
    url: str = ""
    """Address that answered, redirects followed: what a relative link in the answer starts from."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Addresses in the `Link` header (RFC 8288) by their `rel`."""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Cookies that the answer sets; they may be credentials, so they are not shown."""

    def json(self, *, exact: bool = False) -> Any:  # whatever the other system says
        """Gives the decoded body, None where it is empty.

        Args:
            exact: numbers with a decimal point as `Decimal`, as they are written; else as `float`.

        Raises:
            TransientError: it is not JSON, as when a server's error page comes with status 200.
        """
        if not self.body.strip():
            return None
        try:
            return _decode_exact(self.body) if exact else msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            message = f"the answer is not JSON: {shown(self.body)}"
            raise TransientError(message) from error


def error_of(reply: Reply, call: str, clean: Callable[[str], str]) -> CrossdockError | None:
    """Gives the error that an answer stands for, None for a success.

    Args:
        reply: the answer.
        call: method and address, without a query.
        clean: takes secrets out of what the server said.
    """
    if 200 <= reply.status < 300:  # noqa: PLR2004  # HTTP's own numbers
        return None
    text = clean(f"{call}: status {reply.status}: {shown(reply.body)}")
    if reply.status in (401, 403):
        return AuthError(f"{text}; check the connection's credentials and rights")
    if reply.status in _TRANSIENT or reply.status >= 500:  # noqa: PLR2004
        return TransientError(text, seconds_to_wait(reply.headers.get("retry-after")))
    return RefusedError(text)


def failure_of(
    error: "httpx.TransportError", call: str, clean: Callable[[str], str], *, may_repeat: bool
) -> CrossdockError:
    """Gives the error that a broken call stands for: proved not sent, or unknown and worth another try."""
    import httpx  # noqa: PLC0415  # loaded already by whoever made the call

    never_left = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    reason = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error) or type(error).__name__
    if never_left and not may_repeat:
        return NotSentError(clean(f"{call}: not sent: {reason}"))
    if _is_distrust(error):
        return ConfigError(
            clean(f"{call}: the server's certificate is not trusted: {reason}; if it is the right server, give its")
            + " certificate, or that of who issued it, as `certificate`"
        )
    return TransientError(clean(f"{call}: {reason}"))


def _is_distrust(error: BaseException | None) -> bool:
    """Says whether a certificate that could not be verified is behind an error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def seconds_to_wait(header: str | None) -> float | None:
    """Reads a `Retry-After` header: seconds, or an HTTP date; None where it says nothing usable."""
    if header is None:
        return None
    text = header.strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def shown(body: bytes) -> str:
    """Gives the part of an answer that tells a person why."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = None
    text = body.decode("utf-8", "replace")
    if isinstance(found, dict):
        said = [_reason(found[name]) for name in _REASONS if found.get(name)]
        where = f" (at {found['path']})" if said and found.get("path") else ""
        text = "; ".join(said) + where if said else text
    elif found is None:
        text = _TAGS.sub(" ", text)
    return " ".join(text.split())[:_SHOWN] or "no text"


def _reason(said: Any) -> str:  # whatever the other system says
    """Gives the words within an error object, such as `{"code": -10, "message": {"value": "..."}}` of OData."""
    if isinstance(said, list):
        return "; ".join(_reason(one) for one in said if one)
    if not isinstance(said, dict):
        return f"{said}"
    words = [_reason(said[name]) for name in _INNER if said.get(name)]
    words += [_reason(said[name]) for name in ("details", "errors") if isinstance(said.get(name), list)]
    code = said.get("code")
    marked = f" (code {code})" if words and isinstance(code, str | int) and code != "" else ""
    return "; ".join(dict.fromkeys(words)) + marked if words else f"{said}"
