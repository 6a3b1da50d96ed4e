"""Several credentials with every call, such as user and password beside a key in the query."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crossdock.contract import Config, Memory, Setting
from crossdock.toolkit.http.auth.kind import Auth, OpenDoor
from crossdock.toolkit.http.credential import Credential

if TYPE_CHECKING:
    import httpx  # loaded already by whoever makes the call


class Together:
    """Kinds of authentication that a system wants all at once, put on a call in their order."""

    def __init__(self, *kinds: Auth) -> None:
        """Takes the kinds; at most one of them can be renewed, and a signature comes last."""
        self.kinds = kinds

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Those of every kind."""
        return tuple(one for kind in self.kinds for one in kind.settings)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Those of every kind."""
        return tuple(one for kind in self.kinds for one in kind.hosts)

    def open(self, config: Config, memory: Memory, door: OpenDoor) -> Credential:
        """Gives one credential that is all of them."""
        return JointCredential([kind.open(config, memory, door) for kind in self.kinds])


class JointCredential(Credential):
    """Puts on what each of its parts puts on; is renewed as the one that can be."""

    def __init__(self, parts: Sequence[Credential]) -> None:
        """Takes the parts."""
        self._parts = parts
        super().__init__()
        self._renewable = next((one for one in parts if one.is_renewable), Credential())
        self.is_renewable, self.renewals = self._renewable.is_renewable, self._renewable.renewals
        self.query_names = frozenset(name for one in parts for name in one.query_names)

    @property
    def hide(self) -> Callable[[str], None]:
        """What keeps a value out of errors, the same for every part."""
        return self._hide

    @hide.setter
    def hide(self, hide: Callable[[str], None]) -> None:
        self._hide = hide
        for one in self._parts:
            one.hide = hide

    def authorise(self, request: "httpx.Request") -> str | None:
        """Puts on each part."""
        used = [one.authorise(request) for one in self._parts]
        return next((one for one in used if one is not None), None)

    def renew(self, used: str) -> None:
        """Renews the part that can be."""
        self._renewable.renew(used)

    def forget(self, used: str) -> None:
        """Lets the part that can be renewed be so at the next call."""
        self._renewable.forget(used)

    def note_taken(self) -> None:
        """Tells each part."""
        for one in self._parts:
            one.note_taken()

    def close(self) -> None:
        """Closes each part."""
        for one in self._parts:
            one.close()
