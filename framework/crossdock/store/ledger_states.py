"""The states of a document and the only ways between them; nobody else decides what may follow what."""

NEW = "new"
"""Owed, and nothing of it has left this machine that could still arrive."""
SENDING = "sending"
"""The intent is committed; a call may be under way."""
UNKNOWN = "unknown"
"""A call ended without a definite answer; only a look-up after the settle window says what became of it."""
RAISED = "raised"
"""The target has it."""
CONFIRMED = "confirmed"
"""The target has it and the channel was told."""
REFUSED = "refused"
"""A definite no, of the target or of our own preparation."""
PARKED = "parked"
"""Nothing can find out what became of it, or what to do: a person must."""
CONFLICT = "conflict"
"""What is there is not what was ordered, or is there twice: a person must decide."""
CANCELLED = "cancelled"
"""No longer owed."""

STATES = (NEW, SENDING, UNKNOWN, RAISED, CONFIRMED, REFUSED, PARKED, CONFLICT, CANCELLED)
OPEN = (NEW, SENDING, UNKNOWN)
"""While a document is one of these the channel is told nothing, and later orders of the customer wait."""
DUE = (*OPEN, PARKED, CONFLICT)
"""While a document is one of these its goods are promised and the target may not count them yet."""
LEGAL: dict[str, tuple[str, ...]] = {
    NEW: (SENDING, RAISED, REFUSED, PARKED, CONFLICT, CANCELLED),
    SENDING: (RAISED, REFUSED, NEW, UNKNOWN),
    UNKNOWN: (RAISED, REFUSED, NEW, PARKED, CONFLICT),
    RAISED: (CONFIRMED, CONFLICT),
    CONFIRMED: (CONFLICT,),
    REFUSED: (NEW, RAISED, CANCELLED),
    PARKED: (NEW, RAISED, REFUSED, CANCELLED),
    CONFLICT: (NEW, RAISED, REFUSED, CANCELLED),
    CANCELLED: (),
}
"""State to those that may follow it. `new` becomes `raised` where a look-up finds the document before it is sent."""


def may_follow(state: str, to: str) -> bool:
    """Says whether one state may follow another."""
    return to in LEGAL[state]
