"""Failures on demand: each hits the next requests to an endpoint, a given number of times."""

from threading import Lock
from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

Kind = Literal["status", "lose_answer", "slow", "close", "bad_json", "drop_token", "down"]
_AFTER: frozenset[str] = frozenset({"lose_answer", "bad_json"})


class Fault(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to fail.

    - `status`: answers with that status and a page of HTML, without looking at the request.
    - `slow`: waits `seconds`, then goes on as usual.
    - `close`: closes the connection before reading the body.
    - `down`: the same for every endpoint, whatever `path` says.
    - `drop_token`: makes all tokens invalid, then goes on as usual.
    - `lose_answer`: does what was asked, then closes the connection instead of answering.
    - `bad_json`: does what was asked, then answers with something that is not JSON.

    The last two wait for a request that succeeds. A request meets the first fault that fits it
    before it is looked at, and the first one after.
    """

    kind: Kind
    path: str = ""
    """The start of the endpoint, without `/v1`; empty for all of them."""
    times: Annotated[int, Meta(ge=1)] | None = 1
    """How many requests it hits; None until the faults are cleared."""
    skip: Annotated[int, Meta(ge=0)] = 0
    """How many fitting requests pass before the first is hit."""
    status: Annotated[int, Meta(ge=400, le=599)] = 503
    """For `status`."""
    retry_after: Annotated[int, Meta(ge=0)] | None = None
    """For `status`: the seconds in a Retry-After header; None for no header."""
    seconds: Annotated[float, Meta(ge=0)] = 1.0
    """For `slow`."""

    @property
    def comes_after(self) -> bool:
        """Whether the request is carried out first."""
        return self.kind in _AFTER

    def fits(self, endpoint: str) -> bool:
        """Whether a request to the endpoint can be hit."""
        return self.kind == "down" or endpoint.startswith(self.path)


class Faults:
    """The faults set, in the order in which they were set."""

    def __init__(self) -> None:
        """No fault is set."""
        self._lock = Lock()
        self._set: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Set one more fault."""
        with self._lock:
            self._set.append(fault)

    def clear(self) -> None:
        """Take all faults back."""
        with self._lock:
            self._set.clear()

    def remaining(self) -> list[Fault]:
        """Return the faults with what is left of them."""
        with self._lock:
            return list(self._set)

    def take(self, endpoint: str, *, after: bool) -> Fault | None:
        """Return the fault that hits a request at this moment and count it off.

        Args:
            endpoint: path of the request, without `/v1`.
            after: whether the request has been carried out.
        """
        with self._lock:
            for place, fault in enumerate(self._set):
                if fault.comes_after is after and fault.fits(endpoint):
                    self._count_off(place, fault)
                    if fault.skip == 0:
                        return fault
        return None

    def _count_off(self, place: int, fault: Fault) -> None:
        if fault.skip:
            self._set[place] = structs.replace(fault, skip=fault.skip - 1)
        elif fault.times is not None and fault.times > 1:
            self._set[place] = structs.replace(fault, times=fault.times - 1)
        elif fault.times is not None:
            del self._set[place]
