"""Splitting an order into the documents owed: which lines go where."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from crossdock.orders.options import Route
from crossdock.orders.problems import Problem
from crossdock.records import Order, decimal_text

FULFILMENT = "fulfilment"


class Part(NamedTuple):
    """One document owed."""

    route: Route
    places: tuple[int, ...]
    """Lines of the order."""
    has_charges: bool
    """Whether it carries the delivery charges and a discount that is a line of its own."""

    def lines(self) -> str:
        """Gives the lines as the ledger keeps them."""
        return msgspec.json.encode(self.places).decode()


def split(order: Order, routes: Sequence[Route]) -> list[Part] | Problem:
    """Splits an order.

    The delivery charges go with the first document that is no fulfilment request.

    Returns:
        The documents, none without a line; or why the order cannot be split: a line that goes nowhere would be lost.
    """
    if not order.lines:
        return Problem("the order has no lines", "correct it in the channel, then: crossdock orders retry")
    parts, charged = [], False
    for route in routes:
        places = tuple(place for place, line in enumerate(order.lines) if _goes(line.location, route))
        if not places:
            continue
        charges = route.kind != FULFILMENT and not charged
        charged = charged or charges
        parts.append(Part(route, places, charges))
    sold = {place for part in parts for place in part.places if part.route.kind != FULFILMENT or not charged}
    lost = [f"{line.sku!r} for {line.location!r}" for place, line in enumerate(order.lines) if place not in sold]
    if lost:
        return Problem(
            f"no document takes {len(lost)} of the lines, such as {lost[0]}",
            "add a document for them in [[orders.NAME.documents]], then: crossdock orders retry",
        )
    return parts


def _goes(location: str | None, route: Route) -> bool:
    return route.locations is None or (location or "") in route.locations


def promises(order: Order, parts: Sequence[Part]) -> dict[tuple[int, str], list[tuple[int, str, str | None, str]]]:
    """Gives what each document promises, by target and kind; each line of the order once.

    Sales documents come before fulfilment requests: a line that both have is promised by the first.
    """
    found: dict[tuple[int, str], list[tuple[int, str, str | None, str]]] = {}
    seen: set[int] = set()
    for part in sorted(parts, key=lambda one: one.route.kind == FULFILMENT):
        mine = [place for place in part.places if place not in seen and order.lines[place].qty > 0]
        seen.update(mine)
        lines = [(place, order.lines[place]) for place in mine]
        found[part.route.target, part.route.kind] = [
            (place, line.sku, line.location, decimal_text(line.qty)) for place, line in lines
        ]
    return found
