"""The counts of a run, which must add up, and what a person should know of it."""

from msgspec import Struct


class ReadSummary(Struct):
    """A read, in distinct source rows: `read = written + unchanged + quarantined + ignored`, always."""

    stream: str = "products"
    read: int = 0
    written: int = 0
    unchanged: int = 0
    quarantined: int = 0
    ignored: int = 0
    repeated: int = 0
    """Rows that came again within the read."""
    vanished: int = 0
    """Items that a whole read no longer met."""
    held: int = 0
    """Items that vanished, in too great a number to be believed."""
    set_aside: int = 0
    """Rows that wait in quarantine after this read, those of earlier reads included."""
    full: bool = True
    sweep_stopped: str | None = None
    """Why items that are gone are not being noticed. None: they are."""

    def adds_up(self) -> bool:
        """Whether no row is unaccounted for."""
        return self.read == self.written + self.unchanged + self.quarantined + self.ignored


class DeliverySummary(Struct):
    """A delivery to one channel, in items."""

    channel: str
    stream: str = "products"
    sent: int = 0
    """Items that the channel acknowledged."""
    refused: int = 0
    retry: int = 0
    """Items that the channel did not confirm; they are tried again."""
    pending: int = 0
    """Items that the channel will answer later."""
    held: int = 0
    """Items that a brake holds."""
    not_taken: int = 0
    """Items that the channel has refused or not confirmed and that are tried again, those of earlier runs included."""
    reasons: list[str] = []
    """Some of the items that are not taken or excluded, each with its code and the reason."""
    excluded: int = 0
    """Items whose SKU or code another source owns in this channel."""
    disagreeing: int = 0
    """Items whose product text differs from that of their product's first item."""
