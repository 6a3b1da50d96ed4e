"""When a call that may be repeated is tried again."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from crossdock.contract import TransientError

if TYPE_CHECKING:
    from stamina.instrumentation import RetryDetails

_log = logging.getLogger(__name__)
LONGEST_WAIT_S = 60.0
"""A longer Retry-After is not waited out here; the error carries it to the framework."""
_SOONEST_S = 0.05


def tries(attempts: int, patience_s: float) -> Iterator[AbstractContextManager[None]]:
    """Gives one context for each try, with growing waits between; a transient error leads to the next.

    Args:
        attempts: tries at most.
        patience_s: seconds at most for all of them, waits included.
    """
    import stamina  # noqa: PLC0415  # only clients that call need it
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415

    # Its own choice, where structlog is installed, prints to the standard output, which carries a child's frames.
    set_on_retry_hooks([_say])
    yield from stamina.retry_context(wait_for, attempts, patience_s, wait_initial=0.2, wait_max=15.0, wait_jitter=0.3)


def wait_for(error: Exception) -> bool | float:
    """Says whether and when to try again; what the other system asked for goes before our own waits."""
    if not isinstance(error, TransientError):
        return False
    if error.retry_after is None:
        return True
    return max(error.retry_after, _SOONEST_S) if error.retry_after <= LONGEST_WAIT_S else False


def _say(details: "RetryDetails") -> None:
    _log.info("%s; trying again in %.1f s", details.caused_by, details.wait_for)
