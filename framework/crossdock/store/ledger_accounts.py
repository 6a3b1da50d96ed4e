"""Accounts that orders need and the target lacks: each created once, its intent committed before the call."""

from typing import Any, NamedTuple

from crossdock.contract import FenceLostError
from crossdock.store.open import Transaction

NEW, SENDING, UNKNOWN, CREATED, REFUSED, CONFLICT = "new", "sending", "unknown", "created", "refused", "conflict"
LEGAL = {
    NEW: (SENDING, CREATED, CONFLICT),
    SENDING: (CREATED, REFUSED, NEW, UNKNOWN),
    UNKNOWN: (CREATED, NEW, CONFLICT),
    REFUSED: (NEW,),
    CONFLICT: (NEW, CREATED),
    CREATED: (),
}


class Account(NamedTuple):
    """One account to be created at a target."""

    id: int
    target: int
    customer_key: str
    """The channel and what it knows the customer by."""
    reference: str
    """Ours, to be stored where `find_customer` looks."""
    state: str
    reason: str | None
    attempt: int
    fence: int
    sent_at: float | None
    settle_s: float | None
    sent_tick: float | None
    sent_place: str | None
    code: str | None
    """The target's code, once it is created."""
    changed_at: float


COLUMNS = ", ".join(Account._fields)


def find(transaction: Transaction, target: int, customer_key: str) -> Account | None:
    """Finds the account of a customer at a target."""
    query = f"SELECT {COLUMNS} FROM account WHERE target = ? AND customer_key = ?"
    found = transaction.rows(query, target, customer_key)
    return Account._make(found[0]) if found else None


def add(transaction: Transaction, target: int, customer_key: str, reference: str) -> Account:
    """Notes that an account is needed."""
    transaction.change(
        "INSERT INTO account (target, customer_key, reference, state, changed_at) VALUES (?, ?, ?, ?, ?)",
        target,
        customer_key,
        reference,
        NEW,
        transaction.now(),
    )
    made = find(transaction, target, customer_key)
    assert made is not None  # noqa: S101  # just inserted
    return made


def in_state(transaction: Transaction, target: int, state: str) -> list[Account]:
    """Gives the accounts of a target in one state, oldest first."""
    query = f"SELECT {COLUMNS} FROM account WHERE target = ? AND state = ? ORDER BY id"
    return [Account._make(row) for row in transaction.rows(query, target, state)]


def move(transaction: Transaction, was: Account, to: str, **values: Any) -> Account:
    """Moves an account to another state, as `ledger.move` does with documents.

    Raises:
        ValueError: no way leads there.
        FenceLostError: the account is no longer as the caller knew it.
    """
    if to not in LEGAL[was.state]:
        message = f"account {was.id}: {to} may not follow {was.state}"
        raise ValueError(message)
    changes = {"reason": None, **values, "state": to, "changed_at": transaction.now()}
    assignments = ", ".join(f"{column} = ?" for column in changes)
    query = f"UPDATE account SET {assignments} WHERE id = ? AND state = ? AND fence = ?"
    if transaction.change(query, *changes.values(), was.id, was.state, was.fence) != 1:
        message = f"account {was.id} was changed by another run; this one stops"
        raise FenceLostError(message)
    made = find(transaction, was.target, was.customer_key)
    assert made is not None  # noqa: S101  # just changed
    return made
