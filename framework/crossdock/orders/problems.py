"""Why an order or a document does not go on, and what a person can do about it."""

from typing import NoReturn

from msgspec import Struct

from crossdock.store.ledger_states import REFUSED


class Problem(Struct, frozen=True):
    """What stands in the way."""

    reason: str
    """What is wrong, with the values that show it."""
    cure: str
    """What to do, and what to do then."""
    state: str = REFUSED
    """State that the document comes to: `refused`, `parked` or `conflict`."""


class PreparationError(Exception):
    """Raised where a document cannot be prepared; never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        """Takes the problem."""
        super().__init__(problem.reason)
        self.problem = problem


def stop(reason: str, cure: str, state: str = REFUSED) -> NoReturn:
    """Ends a preparation.

    Raises:
        PreparationError: always.
    """
    raise PreparationError(Problem(reason, f"{cure}, then: crossdock orders retry", state))
