"""What a check is: one promise of the contract, with a name, a sentence, and code that finds it broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from crossdock.testing.suite.bench import Bench

State = Literal["kept", "broken", "not applicable"]


class BrokenPromiseError(AssertionError):
    """A plugin breaks its contract; the text says which hook and stream, what was seen, and what to do."""


class NotApplicableError(Exception):
    """A check has nothing to look at here; the text is the reason, and what would give it something."""


@dataclass(frozen=True)
class Check:
    """One promise."""

    name: str
    """Short name, as `exempt` and reports spell it."""
    sentence: str
    """The promise, for a person."""
    run: Callable[[Bench], None]
    """Looks; ends where the promise is kept.

    Raises:
        BrokenPromiseError: it is broken. So does any other exception that a plugin should not have let through.
        NotApplicableError: there is nothing to look at.
    """


@dataclass(frozen=True)
class Verdict:
    """What became of one check of one plugin."""

    check: Check
    """The promise."""
    state: State
    """Kept, broken or not applicable."""
    reason: str = ""
    """Why it is broken or not applicable. Empty where it is kept."""


def check_of(run: Callable[[Bench], None]) -> Check:
    """Makes a check of a function: its name and the first line of its docstring are those of the check."""
    return Check(run.__name__, (run.__doc__ or "").strip().partition("\n")[0], run)


def expect(kept: object, broken: str) -> None:
    """Goes on where a condition holds.

    Args:
        kept: what must be true.
        broken: what was seen, and what to do.

    Raises:
        BrokenPromiseError: it does not hold.
    """
    if not kept:
        raise BrokenPromiseError(broken)
