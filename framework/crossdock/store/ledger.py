"""The ledger: every document owed to a target, each step of it committed with its line of history.

`move` is the only way to another state. It compares what the caller knew (state and fence) with what stands, in the
statement that changes it, so that a run which was overtaken changes nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from crossdock.contract import FenceLostError
from crossdock.store.ledger_states import CONFIRMED, NEW, OPEN, SENDING, may_follow
from crossdock.store.open import Transaction


class Document(NamedTuple):
    """One document owed."""

    id: int
    orders: int
    """Number of its order."""
    target: int
    """Connection that it goes to, by permanent number."""
    kind: str
    """`quotation`, `sales_order`, `invoice` or `fulfilment`."""
    lines: str
    """Its lines of the order, as a JSON list of places."""
    charges: int
    """1: it carries the order's delivery charges too."""
    state: str
    reason: str | None
    cure: str | None
    reference: str | None
    """Ours. None: not derived yet."""
    attempt: int
    """Calls of `write_order` that were intended."""
    fence: int
    """Fence of the run that intended the last one."""
    sent_at: float | None
    """Seconds since 1970 by the store's clock."""
    settle_s: float | None
    """Seconds after `sent_at` within which the target may still commit."""
    sent_tick: float | None
    """Seconds by the clock of `sent_place` that nobody can set."""
    sent_place: str | None
    """Machine and boot that sent it."""
    body: bytes | None
    """The prepared document as last sent."""
    receipt: bytes | None
    document_code: str | None
    refusal: str | None
    """A no that a look-up must still bear out."""
    verified: int
    """1: a look-up saw the document."""
    changed_at: float


class Event(NamedTuple):
    """One line of history."""

    at: float
    actor: str
    document: int | None
    state: str
    note: str | None
    payload: str | None


class Step(NamedTuple):
    """What a step writes into the history beside the state."""

    actor: str
    """The lane, or the person."""
    note: str | None = None
    payload: str | None = None
    """What it rests on: a fingerprint of what was sent, or the answer."""


LONGEST_TEXT = 2000
"""Characters of a reason or note that are kept."""
COLUMNS = ", ".join(Document._fields)


def document(transaction: Transaction, number: int) -> Document:
    """Gives one document as it stands."""
    return Document._make(transaction.rows(f"SELECT {COLUMNS} FROM document WHERE id = ?", number)[0])


def documents_of(transaction: Transaction, order: int) -> list[Document]:
    """Gives an order's documents in the order in which they were split off."""
    query = f"SELECT {COLUMNS} FROM document WHERE orders = ? ORDER BY id"
    return [Document._make(row) for row in transaction.rows(query, order)]


def in_state(transaction: Transaction, target: int, state: str) -> list[Document]:
    """Gives the documents of a target in one state; those that were tried in vain stand behind the others."""
    query = (
        f"SELECT {COLUMNS} FROM document WHERE target = ? AND state = ? AND state NOT IN ('confirmed', 'cancelled') "
        "ORDER BY changed_at, id"
    )
    return [Document._make(row) for row in transaction.rows(query, target, state)]


def unverified(transaction: Transaction, target: int) -> list[Document]:
    """Gives the documents that the target said yes to and nobody has seen there yet."""
    query = (
        f"SELECT {COLUMNS} FROM document WHERE target = ? AND verified = 0 AND receipt IS NOT NULL "
        "AND state IN ('raised', 'confirmed') ORDER BY id"
    )
    return [Document._make(row) for row in transaction.rows(query, target)]


def is_kept_waiting(transaction: Transaction, one: Document) -> bool:
    """Says whether an earlier order of the same customer is still open at the same target."""
    query = (
        "SELECT 1 FROM orders AS mine JOIN orders AS earlier ON earlier.channel = mine.channel "
        "AND earlier.customer_key = mine.customer_key AND earlier.id < mine.id "
        "JOIN document ON document.orders = earlier.id AND document.target = ? "
        f"AND document.state IN {OPEN} WHERE mine.id = ? LIMIT 1"
    )
    return transaction.value(query, one.target, one.orders) is not None


def add(transaction: Transaction, order: int, owed: tuple[int, str, str, int], step: Step) -> int:
    """Adds a document owed.

    Args:
        transaction: one that writes.
        order: number of the order.
        owed: target, kind, lines as JSON, whether it carries the charges.
        step: who splits it off.

    Returns:
        The document's number.
    """
    query = (
        "INSERT INTO document (orders, target, kind, lines, charges, state, changed_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
    )
    now = transaction.now()
    number = int(transaction.value(query, order, *owed, NEW, now))
    note(transaction, order, number, NEW, step, now)
    return number


def move(
    transaction: Transaction,
    was: Document,
    to: str,
    step: Step,
    **values: Any,
) -> Document:
    """Moves a document to another state, with its line of history.

    Args:
        transaction: one that writes.
        was: the document as the caller knows it.
        to: the state.
        step: who does it and why.
        values: columns to set; `reason` and `cure` are cleared unless given.

    Returns:
        The document as it stands now.

    Raises:
        ValueError: no way leads there.
        FenceLostError: the document is no longer as the caller knew it.
    """
    if not may_follow(was.state, to):
        message = f"document {was.id}: {to} may not follow {was.state}"
        raise ValueError(message)
    now = transaction.now()
    changes = {"reason": None, "cure": None, **values, "state": to, "changed_at": now}
    changes |= {column: _kept(value) for column, value in changes.items() if isinstance(value, str)}
    assignments = ", ".join(f"{column} = ?" for column in changes)
    query = f"UPDATE document SET {assignments} WHERE id = ? AND state = ? AND fence = ?"
    if transaction.change(query, *changes.values(), was.id, was.state, was.fence) != 1:
        message = f"document {was.id} was changed by another run; this one stops"
        raise FenceLostError(message)
    if to != CONFIRMED and not (was.state == NEW and to == SENDING):
        transaction.change("UPDATE orders SET version = version + 1 WHERE id = ?", was.orders)
    note(transaction, was.orders, was.id, to, step, now)
    return document(transaction, was.id)


def note(
    transaction: Transaction, order: int, number: int | None, state: str, step: Step, at: float | None = None
) -> int:
    """Adds a line of history, of an order (`number` None) or of one of its documents; gives its number.

    It is of now, unless `at` says when.
    """
    at = transaction.now() if at is None else at
    query = (
        "INSERT INTO document_event (orders, document, at, actor, state, note, payload) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
    )
    said = None if step.note is None else _kept(step.note)
    return int(transaction.value(query, order, number, at, step.actor, state, said, step.payload))


def _kept(text: str) -> str:
    """Gives a text as every database can keep it; another system's error may be a whole page, or hold NULs."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")[:LONGEST_TEXT]


def remark(transaction: Transaction, was: Document, step: Step) -> None:
    """Adds a line of history without a change of state, unless the last line of the document says the same.

    The document goes to the end of its queue.
    """
    transaction.change("UPDATE document SET changed_at = ? WHERE id = ?", transaction.now(), was.id)
    query = "SELECT note FROM document_event WHERE document = ? AND orders = ? ORDER BY id DESC LIMIT 1"
    if step.note is None or transaction.value(query, was.id, was.orders) != _kept(step.note):
        note(transaction, was.orders, was.id, was.state, step)


def history(transaction: Transaction, order: int) -> list[Event]:
    """Gives an order's history, oldest first, its documents' steps among it."""
    query = "SELECT at, actor, document, state, note, payload FROM document_event WHERE orders = ? ORDER BY id"
    return [Event._make(row) for row in transaction.rows(query, order)]


def last_event(transaction: Transaction) -> tuple[int, int, float] | None:
    """Gives the newest line of history of a document: its number, the document, when. None: there is none."""
    query = "SELECT id, document, at FROM document_event WHERE document IS NOT NULL ORDER BY id DESC LIMIT 1"
    found = transaction.rows(query)
    return (found[0][0], found[0][1], found[0][2]) if found else None


def last_event_of(transaction: Transaction, number: int) -> tuple[int, float]:
    """Gives number and time of the newest line of history of a document."""
    query = "SELECT id, at FROM document_event WHERE document = ? ORDER BY id DESC LIMIT 1"
    found = transaction.rows(query, number)[0]
    return found[0], found[1]


def has_event(transaction: Transaction, event: int, number: int, at: float) -> bool:
    """Says whether the history has this very line."""
    query = "SELECT 1 FROM document_event WHERE id = ? AND document = ? AND at = ?"
    return transaction.value(query, event, number, at) is not None


def was_parked(transaction: Transaction, number: int, since: float) -> bool:
    """Says whether a document was parked since a moment."""
    query = "SELECT 1 FROM document_event WHERE document = ? AND state = 'parked' AND at >= ?"
    return transaction.value(query, number, since) is not None


def set_verified(transaction: Transaction, number: int) -> None:
    """Notes that a look-up saw the document."""
    transaction.change("UPDATE document SET verified = 1 WHERE id = ?", number)


def free_reference(transaction: Transaction, target: int, candidates: Sequence[str]) -> str:
    """Gives the first candidate that no document of the target has.

    Raises:
        ValueError: all are taken.
    """
    for one in candidates:
        if transaction.value("SELECT 1 FROM document WHERE target = ? AND reference = ?", target, one) is None:
            return one
    message = f"target {target}: every reference that could be derived is taken"
    raise ValueError(message)


def set_lines(transaction: Transaction, number: int, lines: str, charges: int) -> None:
    """Changes what a document has of its order; only a document of which nothing was sent may be changed."""
    transaction.change(
        "UPDATE document SET lines = ?, charges = ? WHERE id = ? AND attempt = 0", lines, charges, number
    )
