"""The rule of options over a whole product: every variant fills the same ones, no two fill them alike.

Source: the hub's grouping rules (at most three options, uniform in a product, combinations unique).
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

PREFIX = "options: "
"""How a refusal for this rule begins; such an item is judged anew whenever its product is composed."""


class Member(Protocol):
    """What is looked at of an item."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def unit(self) -> bytes | None:
        """Its variant's body."""


class Filled(msgspec.Struct, gc=False):
    """The option values of a variant; decoding just these takes a third of the time of the whole."""

    option1: str | None = None
    option2: str | None = None
    option3: str | None = None


_options = msgspec.msgpack.Decoder(Filled).decode


def conflicts(live: Sequence[Member]) -> dict[int, str]:
    """Finds the items of a product that break the rule, each with the reason; the lowest code is right."""
    if len(live) == 1 or not any(b"option1" in (item.unit or b"") for item in live):
        return {}
    found: dict[int, str] = {}
    taken: dict[tuple[str | None, ...], str] = {}
    first: int | None = None
    for item in live:
        variant = _options(item.unit or b"")
        values = (variant.option1, variant.option2, variant.option3)
        filled = sum(value is not None for value in values)
        first = filled if first is None else first
        if filled != first:
            found[item.id] = f"{PREFIX}fills {filled}, but {live[0].code!r} of the same product fills {first}"
        elif values in taken:
            found[item.id] = f"{PREFIX}the same values as {taken[values]!r} of the same product"
        else:
            taken[values] = item.code
    return found
