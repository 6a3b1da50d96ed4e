"""What `sync` needs of a plugin: a port with methods of the hooks' names. `host.child_port` implements it."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct

from crossdock.contract import Manifest, Result
from crossdock.fieldmap import FieldMap
from crossdock.wire.frames import Mapped, Offer


class ReadRequest(Struct, frozen=True, kw_only=True):
    """What a run asks of a source."""

    stream: str
    since: str | None = None
    page_size: int = 1000
    codes: tuple[Any, ...] | None = None
    rows: tuple[dict[str, Any], ...] | None = None
    """Stored rows to be mapped in place of a read. None: read."""
    limit: int | None = None
    direct: bool = False
    """Whether every row is wanted: the catalogue is empty, nothing is to be compared."""


class SourcePort(Protocol):
    """An open session of a source."""

    manifest: Manifest

    def field_map(self, stream: str) -> FieldMap:
        """Gives the effective map."""
        ...

    def salt(self, stream: str) -> str:
        """Gives what stands for map, plugin version and transforms."""
        ...

    def read(self, request: ReadRequest) -> Iterator[Offer | Mapped]:
        """Gives the pages of a read; each Offer must be answered with `want`.

        Raises:
            TransientError, ConnectionSetupError, PluginError: as the hook raised, or the child is gone.
        """
        ...

    def want(self, page: int, rows: list[int]) -> None:
        """Answers an offer."""
        ...

    def cancel(self) -> None:
        """Ends a read early."""
        ...


class ChannelPort(Protocol):
    """An open session of a channel."""

    manifest: Manifest

    def deliver(self, stream: str, number: int, deliveries: list[Any]) -> None:
        """Sends a batch on its way; at most `wire.frames.WINDOW` may be unanswered."""
        ...

    def results(self) -> tuple[int, int, list[Result] | None]:
        """Waits for the next batch's answer: its number, its count, its results (None: all done).

        Raises:
            TransientError, ConnectionSetupError, PluginError: as the hook raised, or the child is gone.
        """
        ...

    def check_delivery(self, handles: Sequence[str]) -> list[Result]:
        """Asks about earlier deliveries."""
        ...
