"""Shipments of a target: read, matched to what was raised by our reference, kept for the channel."""

from crossdock.contract import ShipmentPage
from crossdock.orders.lane import Lane
from crossdock.orders.port import TargetPort
from crossdock.records import encode, fingerprint
from crossdock.store import checkpoints, ledger, ledger_shipments
from crossdock.store.connections import find_stream, stream_id
from crossdock.store.ledger import Step

PAGE = 500


def read_shipments(lane: Lane, port: TargetPort, source: int, *, anew: bool = False) -> int:
    """Reads the shipments of a target since the last time; those of other people's documents are left alone.

    Args:
        lane: the target's `raise` lane: whoever has it open reads its shipments too.
        port: the open target.
        source: its permanent number.
        anew: whether to read from the beginning: documents became known that may have been shipped before.

    Returns:
        How many say something new.

    Raises:
        TransientError, ConnectionSetupError, PluginError: the target failed; what was committed stands.
    """
    if "read_shipments" not in port.hooks:
        return 0
    with lane.store.read() as transaction:
        stream = find_stream(transaction, source, "shipments")
        since = None if stream is None or anew else checkpoints.checkpoint(transaction, stream).cursor
    return sum(_keep(lane, source, page) for page in port.read_shipments(since, PAGE))


def _keep(lane: Lane, source: int, page: ShipmentPage) -> int:
    new = 0
    with lane.writing() as transaction:
        stream = stream_id(transaction, source, "shipments")
        for one in page.shipments:
            found = ledger_shipments.document_of(transaction, source, one.reference)
            if found is None:
                continue
            body = (encode(one), fingerprint(one))
            if ledger_shipments.keep(transaction, source, one.shipment_code, found[0], body):
                new += 1
                note = f"shipment {one.shipment_code}: {one.status} {one.tracking_number or ''}".rstrip()
                ledger.note(transaction, found[1], found[0], "shipped", Step(lane.actor, note))
        if page.cursor is not None:
            checkpoints.save_checkpoint(transaction, stream, checkpoints.Checkpoint(page.cursor))
    return new
