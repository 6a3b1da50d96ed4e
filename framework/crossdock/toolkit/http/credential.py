"""What puts a connection's credential on a call: the seam between the client and each kind of authentication."""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from crossdock.contract import CrossdockError

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call

MAY_REPEAT = "crossdock_may_repeat"
"""Extension of a request that says whether it may be made twice."""


class Credential:
    """A credential in use; this one is for systems that want none."""

    is_renewable = False
    """Whether another can be had in place of one that is refused, without a person."""
    renewals = 1
    """How often another is got for one call; more than once where other runs may use one up, or end it, meanwhile."""
    query_names: frozenset[str] = frozenset()
    """Parameters of a query that hold the credential: they are taken off links before these are kept."""

    def __init__(self) -> None:
        """Starts with nobody to tell secrets to."""
        self.hide: Callable[[str], None] = lambda _: None
        """Keeps a value out of errors; the client puts its own here."""

    def authorise(self, request: "httpx.Request") -> str | None:
        """Puts the credential on a request that has not left yet.

        Returns:
            What was used, to be named when it is refused. None: it cannot be renewed.

        Raises:
            CrossdockError: there is none to be had; nothing was sent.
        """
        del request
        return None

    def renew(self, used: str) -> None:
        """Gets another credential in place of the one that was refused, unless another run has done so already."""

    def forget(self, used: str) -> None:
        """Notes that what was used is refused, without asking anyone: the next call gets another."""

    def note_taken(self) -> None:
        """Notes that the other system has just taken it."""

    def close(self) -> None:
        """Closes what getting a credential had opened; the credential itself stays good for the next run."""


class NoCredentialError(Exception):
    """There was no credential for a creating call, so it was not made."""

    def __init__(self, reason: CrossdockError) -> None:
        """Takes why there was none."""
        super().__init__(str(reason))
        self.reason = reason


def auth_of(credential: Credential) -> "httpx.Auth":
    """Carries a credential through httpx; a call that is refused for it is repeated once, if it may be at all.

    The class is made here, so that nothing loads httpx before the first call.
    """
    import httpx  # noqa: PLC0415  # a driver loads at its first use

    class CredentialAuth(httpx.Auth):
        def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
            yield from _flow(credential, request)

    return CredentialAuth()


def _flow(credential: Credential, request: "httpx.Request") -> "Generator[httpx.Request, httpx.Response, None]":
    may_repeat = request.extensions.get(MAY_REPEAT, False)
    try:
        used = credential.authorise(request)
    except CrossdockError as error:
        if may_repeat:
            raise
        raise NoCredentialError(error) from error
    answer = yield request
    for _ in range(credential.renewals):
        if answer.status_code != 401 or used is None:  # noqa: PLR2004  # HTTP's own number
            break
        if not may_repeat:
            credential.forget(used)
            return
        credential.renew(used)
        used = credential.authorise(request)
        answer = yield request
    if answer.status_code != 401:  # noqa: PLR2004  # HTTP's own number
        credential.note_taken()
