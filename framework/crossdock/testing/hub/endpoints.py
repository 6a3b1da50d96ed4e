"""What each endpoint of the vendor's contract does, without a word about sockets.

Where the vendor documents no shape, the shape here is our own and a comment says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crossdock.testing.hub.access import Access, Rates
from crossdock.testing.hub.contract import (
    RequestRefusedError,
    read_entries,
    read_login,
    read_search,
)
from crossdock.testing.hub.records import CLIENT_ID, EPOCH, Channel, Party
from crossdock.testing.hub.state import HubState

_VALID_TOKEN = "/users/valid_token"  # noqa: S105  # an address, not a password


@dataclass(frozen=True)
class Request:
    """A request as the endpoints see it; `endpoint` is the path without `/v1`."""

    method: str
    endpoint: str
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A status, what to encode as JSON, and how many entries the answer acknowledges."""

    status: int
    payload: object
    entries: int = 0


Endpoint = Callable[[Request, str], Answer]


def endpoint_name(endpoint: str) -> str:
    """Return the endpoint without the token that `valid_token` has in its path."""
    return _VALID_TOKEN if endpoint.startswith(f"{_VALID_TOKEN}/") else endpoint


class Endpoints:
    """The contract under `/v1`.

    Args:
        state: the hub's memory.
        access: users and tokens.
        rates: how often each endpoint may be called.
        source_ids: the sources that entries may come from.
        channels: the channels that can be asked for products.
    """

    def __init__(
        self,
        state: HubState,
        access: Access,
        rates: Rates,
        *,
        source_ids: Iterable[int],
        channels: Iterable[Channel],
    ) -> None:
        """Takes the parts that the endpoints work on."""
        self._state = state
        self._access = access
        self._sources = [_party(source_id) for source_id in source_ids]
        self._source_ids = frozenset(source.id for source in self._sources)
        self._channels = list(channels)
        self._rates = rates
        self._open: dict[str, tuple[str, Endpoint]] = {
            "/users/authenticate": ("POST", self._log_in),
            _VALID_TOKEN: ("GET", self._valid_token),
        }
        self._guarded: dict[str, tuple[str, Endpoint]] = {
            "/sources": ("GET", self._list_sources),
            "/channels": ("GET", self._list_channels),
            "/products/queue": ("POST", self._queue_products),
            "/queue/summary": ("GET", self._summarise_queue),
            "/products/elastic_search": ("POST", self._search),
        }

    def answer(self, request: Request) -> Answer:
        """Carry out one request.

        Raises:
            RequestRefusedError: the contract does not allow it; nothing was changed.
        """
        name = endpoint_name(request.endpoint)
        known = self._open.get(name) or self._guarded.get(name)
        if known is None:
            raise RequestRefusedError(404, f"no endpoint {request.endpoint}", "")
        method, endpoint = known
        user = "" if name in self._open else self._user(request)
        if not self._rates.allow(user, name):
            raise RequestRefusedError(429, "too many requests in a second", "")
        if request.method != method:
            raise RequestRefusedError(405, f"{name} wants {method}", "")
        if request.query.get("format", "json") != "json":
            raise RequestRefusedError(400, "only JSON is spoken here", "format")
        return endpoint(request, user)

    def _user(self, request: Request) -> str:
        user = self._access.user_of(request.query.get("token", ""))
        if user is None:
            raise RequestRefusedError(401, "unknown or ended token", "token")
        return user

    def _log_in(self, request: Request, _user: str) -> Answer:
        sent = read_login(request.body)
        token = self._access.log_in(sent.username, sent.password)
        if token is None:
            raise RequestRefusedError(401, "wrong username or password", "$.system_user_auth")
        self._state.count_login()
        return Answer(200, {"system_user": self._describe(sent.username, token)})

    def _describe(self, username: str, token: str) -> dict[str, object]:
        return {
            "id": self._access.user_id(username),
            "created": EPOCH,
            "name": username,
            "surname": "",
            "email": username,
            "username": username,
            "modified": EPOCH,
            "client_id": CLIENT_ID,
            "client_name": "Stand-in client",
            "active": True,
            "admin": True,
            "token": token,
            "fulfillment_services": [],
            "channels": self._channels,
            "sources": self._sources,
            "customers": [],
            "roles": [],
            "role_description": "admin",
        }

    def _valid_token(self, request: Request, _user: str) -> Answer:
        if self._access.user_of(request.endpoint.removeprefix(f"{_VALID_TOKEN}/")) is None:
            raise RequestRefusedError(401, "unknown or ended token", "token")
        # The vendor does not document this answer: the shape is ours.
        return Answer(200, {"valid_token": True})

    def _list_sources(self, _request: Request, _user: str) -> Answer:
        return Answer(200, {"system_sources": self._sources})

    def _list_channels(self, _request: Request, _user: str) -> Answer:
        return Answer(200, {"system_channels": self._channels})

    def _queue_products(self, request: Request, _user: str) -> Answer:
        entries = read_entries(request.body, self._source_ids)
        queued = self._state.post(entries)
        # That the answer tells the number queued is documented, the name is not: it is ours.
        return Answer(200, {"system_products_queued": queued}, entries=queued)

    def _summarise_queue(self, _request: Request, _user: str) -> Answer:
        count = self._state.pending()
        summary = [{"instruction": "sync_product", "count": count}] if count else []
        # Counts of unprocessed items are documented, their shape is not: it is ours.
        return Answer(200, {"system_queue_summary": summary})

    def _search(self, request: Request, _user: str) -> Answer:
        wanted = request.query.get("channel_id", "")
        if wanted not in {str(channel.id) for channel in self._channels}:
            raise RequestRefusedError(400, f"unknown channel {wanted!r}", "channel_id")
        found = self._state.search(read_search(request.body))
        return Answer(200, {"system_products": found})


def _party(source_id: int) -> Party:
    return Party(
        id=source_id,
        created=EPOCH,
        description=f"source {source_id}",
        modified=EPOCH,
        client_id=CLIENT_ID,
        active=True,
        type="apifact",
    )
