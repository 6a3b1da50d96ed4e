"""The desk: what a person does about an order that does not go on by itself. Each act is a line of its history."""

from collections.abc import Sequence

from crossdock.contract import CrossdockError
from crossdock.orders.intake import Intake, take_back
from crossdock.orders.options import Flow
from crossdock.orders.problems import Problem
from crossdock.orders.routing import Part, promises, split
from crossdock.records import Order, decode
from crossdock.store import Store, Transaction, ledger, ledger_report, orders
from crossdock.store import ledger_accounts as accounts
from crossdock.store.ledger import Document, Step
from crossdock.store.ledger_states import CANCELLED, CONFLICT, NEW, OPEN, PARKED, RAISED, REFUSED
from crossdock.store.orders import Placed


def _found(transaction: Transaction, channel: int, code: str) -> Placed:
    there = orders.find(transaction, channel, code)
    if there is None:
        message = f"there is no order {code!r} of this channel"
        raise CrossdockError(message)
    return there


def _chosen(transaction: Transaction, order: Placed, document: int | None) -> list[Document]:
    found = [one for one in ledger.documents_of(transaction, order.id) if document in (None, one.id)]
    if not found and document is not None:
        message = f"order {order.channel_order_code!r} has no document {document}"
        raise CrossdockError(message)
    return found


def retry(store: Store, flow: Flow, code: str, actor: str, document: int | None = None) -> list[Document]:
    """Lets an order try again: its documents that are refused, parked or in conflict, or all of it where it has none.

    A document in conflict or parked is looked for before it is sent again, where the target can be searched.

    Args:
        store: the store.
        flow: the order's flow.
        code: the channel's code of the order.
        actor: who decides.
        document: just this one. None: all of the order.

    Returns:
        The documents as they are now.

    Raises:
        CrossdockError: there is no such order, nothing to retry, or it is too early to.
    """
    with store.write(durable=True) as transaction:
        order = _found(transaction, flow.channel, code)
        if order.state != orders.SPLIT:
            return _retry_unsplit(transaction, flow, order, actor)
        chosen = [one for one in _chosen(transaction, order, document) if one.state in (REFUSED, PARKED, CONFLICT)]
        if not chosen:
            message = f"order {code!r}: nothing of it is refused, parked or in conflict"
            raise CrossdockError(message)
        if order.taken_back is not None:
            orders.change(transaction, order.id, taken_back=None, reason=None)
        for one in chosen:
            _check_retry(transaction, order, one)
            _renew_account(transaction, order, one)
            ledger.move(transaction, one, NEW, Step(actor, "retried"))
        return ledger.documents_of(transaction, order.id)


def _check_retry(transaction: Transaction, order: Placed, one: Document) -> None:
    if order.other_hash is not None:
        message = f"order {order.channel_order_code!r}: choose its content first: resolve --keep or --take"
        raise CrossdockError(message)
    left = (one.sent_at or 0) + (one.settle_s or 0) - transaction.now()
    if one.state == PARKED and one.attempt and 0 < left <= (one.settle_s or 0):
        message = (
            f"document {one.reference}: the target may still commit what was sent to it; wait {left:.0f} s and look "
            "for it there before you retry"
        )
        raise CrossdockError(message)


def _renew_account(transaction: Transaction, order: Placed, one: Document) -> None:
    """Lets an account that was refused be created anew."""
    there = accounts.find(transaction, one.target, f"{order.channel}:{order.customer_key}")
    if there is not None and there.state == accounts.REFUSED:
        accounts.move(transaction, there, accounts.NEW)


def _retry_unsplit(transaction: Transaction, flow: Flow, order: Placed, actor: str) -> list[Document]:
    if order.body is None or order.state not in (orders.HELD, orders.WAITING):
        message = f"order {order.channel_order_code!r} is {order.state}: {order.reason}"
        raise CrossdockError(message)
    Intake(flow, actor).accept(transaction, decode(order.body, Order))
    return ledger.documents_of(transaction, order.id)


def resolve_raised(store: Store, channel: int, code: str, found: tuple[str, int | None], actor: str) -> Document:
    """Notes that a person found the document in the target.

    Args:
        store: the store.
        channel: the order's channel.
        code: the channel's code of the order.
        found: the target's number of the document, and which document it is (None: the only one that is open to it).
        actor: who decides.

    Raises:
        CrossdockError: there is no such order, or no document that this could be said of.
    """
    document_code, number = found
    with store.write(durable=True) as transaction:
        order = _found(transaction, channel, code)
        open_to_it = (PARKED, CONFLICT, REFUSED)
        chosen = [one for one in _chosen(transaction, order, number) if one.state in open_to_it]
        if len(chosen) != 1:
            message = f"order {code!r}: {len(chosen)} documents are parked, in conflict or refused; name one"
            raise CrossdockError(message)
        step = Step(actor, f"found in the target as {document_code}")
        return ledger.move(transaction, chosen[0], RAISED, step, document_code=document_code, receipt=None, verified=1)


def resolve_cancelled(
    store: Store, channel: int, code: str, why: str, actor: str, document: int | None = None
) -> list[Document]:
    """Notes that a person does not want the documents of an order raised any more.

    What has not been sent yet the `raise` lane cancels in its next run, once it has looked for it.

    Raises:
        CrossdockError: there is no such order, or what it owes is under way or in the target already.
    """
    with store.write(durable=True) as transaction:
        order = _found(transaction, channel, code)
        if order.state != orders.SPLIT:
            orders.change(transaction, order.id, state=orders.CANCELLED, reason=why)
            ledger.note(transaction, order.id, None, orders.CANCELLED, Step(actor, why))
            return []
        if document is None:
            take_back(transaction, order, Step(actor, why))
        chosen = [
            one
            for one in _chosen(transaction, order, document)
            if one.state in (REFUSED, PARKED, CONFLICT) or (document is None and one.state == NEW)
        ]
        if not chosen:
            message = f"order {code!r}: nothing of it can be cancelled here; it is under way or in the target"
            raise CrossdockError(message)
        for one in chosen:
            if one.state != NEW:
                ledger.move(transaction, one, CANCELLED, Step(actor, why), reason=why)
        return ledger.documents_of(transaction, order.id)


def resolve_keep(store: Store, channel: int, code: str, actor: str) -> list[Document]:
    """Decides that the order stands as it first came.

    Raises:
        CrossdockError: there is no such order, or no other content.
    """
    with store.write(durable=True) as transaction:
        order = _found(transaction, channel, code)
        _require_other(order)
        declined = order.other_hash
        orders.change(transaction, order.id, other_hash=None, other_body=None, declined_hash=declined)
        step = Step(actor, "the first content stands")
        ledger.note(transaction, order.id, None, "decided", step)
        return _released(transaction, order, step)


def resolve_take(store: Store, flow: Flow, code: str, actor: str) -> list[Document]:
    """Decides that the order stands as it came later; only where nothing of it was sent.

    Raises:
        CrossdockError: there is no such order, no other content, something was sent, or it cannot be split.
    """
    with store.write(durable=True) as transaction:
        order = _found(transaction, flow.channel, code)
        _require_other(order)
        documents = ledger.documents_of(transaction, order.id)
        sent = [one.document_code or one.reference or one.kind for one in documents if one.attempt or one.receipt]
        if sent:
            message = (
                f"order {code!r}: {', '.join(sent)} was sent with the first content; change it in the target by hand, "
                "then: resolve --keep"
            )
            raise CrossdockError(message)
        taken = decode(order.other_body or b"", Order)
        parts = split(taken, flow.routes)
        if isinstance(parts, Problem):
            message = f"order {code!r}: {parts.reason}"
            raise CrossdockError(message)
        orders.change(
            transaction,
            order.id,
            content_hash=order.other_hash,
            body=order.other_body,
            other_hash=None,
            other_body=None,
        )
        step = Step(actor, "the later content stands")
        _resplit(transaction, order, (taken, parts), documents, step)
        return _released(transaction, order, step)


def _require_other(order: Placed) -> None:
    if order.other_hash is None:
        message = f"order {order.channel_order_code!r}: no other content waits for a decision"
        raise CrossdockError(message)


def _released(transaction: Transaction, order: Placed, step: Step) -> list[Document]:
    """Lets the documents go on that waited for the decision."""
    for one in ledger.documents_of(transaction, order.id):
        if one.state == CONFLICT and one.receipt is None:
            ledger.move(transaction, one, NEW, step)
    return ledger.documents_of(transaction, order.id)


def _resplit(
    transaction: Transaction,
    order: Placed,
    content: tuple[Order, Sequence[Part]],
    documents: Sequence[Document],
    step: Step,
) -> None:
    """Splits an order anew of which nothing was sent; what it no longer owes is cancelled."""
    taken, parts = content
    promised, there = promises(taken, parts), {(one.target, one.kind): one for one in documents}
    for part in parts:
        key = (part.route.target, part.route.kind)
        one = there.pop(key, None)
        if one is None:
            owed = (*key, part.lines(), int(part.has_charges))
            ledger_report.reserve(transaction, ledger.add(transaction, order.id, owed, step), promised[key])
            continue
        ledger.set_lines(transaction, one.id, part.lines(), int(part.has_charges))
        ledger_report.release(transaction, one.id)
        ledger_report.reserve(transaction, one.id, promised[key])
    for one in there.values():
        if one.state != CANCELLED and one.state not in OPEN[1:]:
            ledger.move(transaction, one, CANCELLED, step, reason="the later content does not owe it")
