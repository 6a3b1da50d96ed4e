"""One call, with all that is said about it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

Params = Mapping[str, str | int | float | bool]
"""A query: what each name stands for."""


@dataclass(frozen=True)
class Call:
    """What is asked of the other system."""

    method: str
    """In capitals."""
    url: str
    """Whole address with its query."""
    body: bytes | None = None
    """JSON. None: there is none."""
    form: Mapping[str, str] | None = field(default=None, repr=False)
    """A form in place of JSON; it may hold a credential. None: there is none."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Beside those that every call has."""
    accept: Collection[int] = ()
    """Statuses that are no error."""
    may_repeat: bool = True
    """Whether making it twice is the same as making it once."""
    deadline_s: float | None = None
    """Seconds that one try may take in all. None: what the settings say."""
    write: Callable[[bytes], object] | None = field(default=None, repr=False)
    """Is given the body of a success piece by piece, in place of keeping it. None: it is kept."""

    @property
    def name(self) -> str:
        """Method and address without its query: what errors call it."""
        return f"{self.method} {without_query(self.url)}"


def without_query(url: str) -> str:
    """Gives an address without its query, which may hold a credential."""
    return url.split("?", 1)[0]
