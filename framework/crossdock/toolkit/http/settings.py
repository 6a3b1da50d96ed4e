"""What an HTTP client is told once, when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class HttpSettings:
    """Where to call, how fast and how patiently."""

    base_url: str
    """Address that paths are added to; its host is the only one that is contacted."""
    more_hosts: tuple[str, ...] = ()
    """Other hosts that the connection's settings name, for links and redirects that lead there."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every call; may hold a credential, so it is not shown."""
    timeout_s: float = 30.0
    """Longest silence while an answer is read."""
    connect_timeout_s: float = 10.0
    """Longest wait for a connection."""
    rate_per_s: float | None = None
    """Calls a second at first. None: no limit."""
    rate_header: str | None = None
    """Header of an answer that tells the calls a second from now on. None: none does."""
    answer_timeout_s: float = 600.0
    """Longest time for one whole answer, however steadily it drips in."""
    max_answer_bytes: int = 256 * 1024 * 1024
    """Largest answer that is taken into memory, unpacked; a larger one is an error."""
    certificate: str | None = None
    """PEM file with the certificate to trust, for a server that made its own. None: the usual authorities."""
    attempts: int = 5
    """Tries of a call that may be repeated."""
    patience_s: float = 120.0
    """Longest time for all tries of one call, waits included."""
