"""The counts of a run of an order lane, and what a person should know of it."""

from msgspec import Struct, field


class IntakeSummary(Struct):
    """What one reading of a channel brought, in orders."""

    channel: str
    read: int = 0
    accepted: int = 0
    repeated: int = 0
    waiting: int = 0
    """Orders that the channel does not want sent yet."""
    skipped: int = 0
    """Orders of before the first date."""
    conflicts: int = 0
    """Orders that came with other content than at first."""
    rejected: int = 0
    """Orders that were not understood."""
    held: int = 0
    """Orders that could not be split into documents."""
    cancelled: int = 0
    swept: bool = False
    """Whether the channel was read with an overlap."""


class RaiseSummary(Struct):
    """What one run did for a target, in documents."""

    target: str
    raised: int = 0
    refused: int = 0
    unknown: int = 0
    parked: int = 0
    conflicts: int = 0
    cancelled: int = 0
    """Documents of orders that were taken back before they were sent."""
    renewed: int = 0
    """Documents that a look-up did not find: they are sent again."""
    adopted: int = 0
    """Documents that were, or may be, in the target before this store knew: it was put back from a backup."""
    waiting: int = 0
    """Documents that wait for an earlier order of the customer, or for his account."""
    unsettled: int = 0
    """Documents whose outcome is not known yet."""
    verified: int = 0
    """Documents that a look-up saw after the target had said yes."""
    accounts: int = 0
    """Accounts created."""
    shipments: int = 0
    """Shipments that say something new."""
    stopped: str | None = None
    """Why the run ended early. None: it did not."""
    reasons: list[str] = field(default_factory=list)
    """Some of what did not go on, each with its order and the reason."""


class ConfirmSummary(Struct):
    """What one run told a channel."""

    channel: str
    told: int = 0
    """Orders."""
    not_taken: int = 0
    """Orders that the channel did not take; they are told again later."""
    shipments: int = 0
    reasons: list[str] = field(default_factory=list)


REASONS = 10
"""Reasons that a summary names."""
