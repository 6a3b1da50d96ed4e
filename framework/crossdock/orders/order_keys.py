"""What each class of target promises, and what can still go wrong: for the docs and `crossdock orders show`."""

from msgspec import Struct


class OrderKey(Struct, frozen=True):
    """One class of targets, from the manifest's `order_key`."""

    title: str
    promise: str
    limits: tuple[str, ...]
    """What can still go wrong, a sentence each."""


ORDER_KEYS = {
    "enforced": OrderKey(
        "enforced: the target refuses a second document with the same reference",
        "Each document is there exactly once, whatever dies, is lost or comes late.",
        (
            "Somebody changes the reference of a document in the target by hand: it is no longer found.",
            "A document is deleted in the target: it counts as raised all the same.",
        ),
    ),
    "searchable": OrderKey(
        "searchable: the target can be searched by reference, and takes a second document with it",
        "Each document is there exactly once as long as the target commits within the time that its plugin states "
        "(`max_commit_delay_s`) and this machine does not sleep in the middle of a call for longer than that.",
        (
            "The target commits later than its plugin states: the document is looked for too early and sent again.",
            "This machine is frozen between the last check and the first byte of a call, for longer than the settle "
            "window, while another host goes on: both send.",
            "The store's clock is put forward by more than a quarter of an hour, and another machine, or this one once "
            "its system was started anew, looks for the document meanwhile: it may look too early.",
            "The store is put back from a backup together with the files `orders.marks.*` beside it: what the target "
            "is still committing at that moment may be sent again.",
            "The reference is changed, or the document deleted, in the target by hand: it is no longer found.",
        ),
    ),
    "neither": OrderKey(
        "neither: the target does not enforce the reference and cannot be searched by it",
        "No document is sent a second time without a person's word: every uncertain one is parked.",
        (
            "A person retries a parked document that is in the target after all.",
            "The target says yes and stores nothing: nobody can notice.",
            "The store is put back from a backup together with the files `orders.marks.*` beside it: what was sent "
            "since the backup is sent again.",
        ),
    ),
}
"""By the manifest's `order_key`. Two documents with one reference, or one with another total or account, are always
brought to a person where a look-up sees them."""
