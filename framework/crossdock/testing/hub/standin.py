"""The stand-in hub as one object: start, stop, look inside, break on demand."""

from collections.abc import Iterable, Mapping
from threading import Thread
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from crossdock.testing.hub.access import Access, Rates
from crossdock.testing.hub.backstage import Backstage
from crossdock.testing.hub.endpoints import Endpoints
from crossdock.testing.hub.faults import Fault, Faults
from crossdock.testing.hub.records import CLIENT_ID, EPOCH, Channel
from crossdock.testing.hub.server import HOST, Desk, Listener
from crossdock.testing.hub.state import HubState

MAX_BODY = 16 * 1024 * 1024


class StandInHub:
    """A hub on loopback, for a `with` block or for `start` and `stop`.

    Stopping closes the port and every connection; starting again takes the same port with
    the state kept, tokens included, so a client sees a hub that was away.

    Args:
        users: password of each user.
        source_ids: the sources that entries may come from.
        channel_ids: the channels that can be asked for products.
        rate: requests a second per user and endpoint.
        open_rate: requests a second per endpoint without a token.
        delay_s: how long an accepted entry waits in the queue.
        port: where to listen; 0 for any free port.
        max_body: bytes that a request body may have.
    """

    def __init__(  # noqa: PLR0913  # each is one knob of a test, by keyword
        self,
        *,
        users: Mapping[str, str] | None = None,
        source_ids: Iterable[int] = (57,),
        channel_ids: Iterable[int] = (1,),
        rate: int = 3,
        open_rate: int = 1,
        delay_s: float = 0.0,
        port: int = 0,
        max_body: int = MAX_BODY,
    ) -> None:
        """Puts the parts together; nothing listens before `start`."""
        channels = [_channel(channel_id) for channel_id in channel_ids]
        state, faults = HubState(delay_s, channels), Faults()
        access = Access(users if users is not None else {"agent@client": "secret"})
        rates = Rates(rate, open_rate)
        endpoints = Endpoints(state, access, rates, source_ids=source_ids, channels=channels)
        backstage = Backstage(state, access, rates, faults)
        self._desk = Desk(state, access, rates, faults, endpoints, backstage, max_body)
        self._listener: Listener | None = None
        self._thread: Thread | None = None
        self.port = port

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Listen, on the same port as before if there was one, and work the queue off."""
        if self._listener is not None:
            return
        self._desk.stopping.clear()
        self._listener = Listener(self.port, self._desk)
        self.port = self._listener.server_port
        self._desk.state.start()
        serve = self._listener.serve_forever
        self._thread = Thread(target=serve, args=(0.02,), name="stand-in hub", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Refuse and end all connections; what is queued stays queued."""
        if self._listener is None or self._thread is None:
            return
        self._listener.shutdown()
        self._listener.close_all()
        self._thread.join()
        self._desk.state.stop()
        self._listener = self._thread = None

    @property
    def url(self) -> str:
        """Root of the hub; the contract is under `/v1`."""
        return f"http://{HOST}:{self.port}"

    @property
    def logins(self) -> int:
        """How many logins succeeded."""
        return self._desk.state.logins

    def variants(self, *, active: bool | None = None) -> list[dict[str, Any]]:
        """Return the processed variants, each with `source_id` and `source_product_code`."""
        return self._desk.state.variants(active=active)

    def state(self) -> dict[str, Any]:
        """Return products, variants, counts and faults, as `GET /_standin/state` does."""
        faults = msgspec.to_builtins(self._desk.faults.remaining())
        return self._desk.state.snapshot() | {"faults": faults}

    def wait_processed(self, timeout_s: float = 10.0) -> bool:
        """Wait until the queue is empty; False when time ran out first."""
        return self._desk.state.wait_processed(timeout_s)

    def fault(self, **told: object) -> None:
        """Set a fault: the arguments are the fields of `Fault`, at least `kind`."""
        self._desk.faults.add(msgspec.convert(told, Fault))

    def clear_faults(self) -> None:
        """Take all faults back."""
        self._desk.faults.clear()

    def drop_tokens(self) -> None:
        """Make every token invalid."""
        self._desk.access.drop_tokens()

    def reset(self, what: Literal["all", "counts", "faults"] = "all") -> None:
        """Forget everything, tokens included, or just the counts, or just the faults."""
        self._desk.backstage.reset(what)


def _channel(channel_id: int) -> Channel:
    return Channel(
        id=channel_id,
        created=EPOCH,
        description=f"channel {channel_id}",
        modified=EPOCH,
        client_id=CLIENT_ID,
        active=True,
        type="trade",
    )
