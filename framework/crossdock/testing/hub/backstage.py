"""What tests and the demo ask of the stand-in, outside the vendor's contract, under `/_standin`."""

from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec

from crossdock.testing.hub.access import Access, Rates
from crossdock.testing.hub.contract import RequestRefusedError
from crossdock.testing.hub.endpoints import Answer, Request
from crossdock.testing.hub.faults import Fault, Faults
from crossdock.testing.hub.state import HubState

_Body = TypeVar("_Body")


class _Reset(msgspec.Struct, forbid_unknown_fields=True):
    what: Literal["all", "counts", "faults"] = "all"


@dataclass
class Backstage:
    """Reads the state back, sets faults, resets."""

    state: HubState
    access: Access
    rates: Rates
    faults: Faults

    def answer(self, request: Request) -> Answer:
        """Carry out one request.

        Raises:
            RequestRefusedError: there is no such request.
        """
        match request.method, request.endpoint:
            case "GET", "/state":
                return Answer(200, self.state.snapshot() | {"faults": self.faults.remaining()})
            case "GET", "/variants":
                return self._variants(request.query.get("active", ""))
            case "POST", "/faults":
                self.faults.add(_read(Fault, request.body))
            case "DELETE", "/faults":
                self.faults.clear()
            case "POST", "/reset":
                self.reset(_read(_Reset, request.body or b"{}").what)
            case _:
                raise RequestRefusedError(404, f"no {request.method} {request.endpoint} here", "")
        return Answer(200, {"faults": self.faults.remaining()})

    def reset(self, what: Literal["all", "counts", "faults"] = "all") -> None:
        """Forget everything, tokens included, or just the counts, or just the faults."""
        if what == "counts":
            self.state.reset_counts()
            return
        self.faults.clear()
        if what == "all":
            self.access.drop_tokens()
            self.rates.reset()
            self.state.reset()

    def _variants(self, active: str) -> Answer:
        choices = {"": None, "true": True, "false": False}
        if active not in choices:
            raise RequestRefusedError(400, "active is true or false", "active")
        found = self.state.variants(active=choices[active])
        return Answer(200, {"count": len(found), "variants": found})


def _read(kind: type[_Body], body: bytes) -> _Body:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestRefusedError(400, str(error)) from error
