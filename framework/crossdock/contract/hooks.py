"""The plugin contract: every hook in the order in which a run calls it.

A plugin implements the hooks that it can serve, as methods of an object or functions of a module, each
marked with `hookimpl`, and names the object in the entry point group `crossdock`. What a connection can
be used for follows from its hooks. Hooks run in a child process that holds this plugin only, are called
with keywords, and never have default values. Arguments may be added in later versions, never renamed.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pluggy

from crossdock.contract.delivering import CustomerDelivery, Delivery, Result
from crossdock.contract.looking import Proposal, TableShape
from crossdock.contract.manifest import Config, Finding, Manifest
from crossdock.contract.memory import Memory
from crossdock.contract.ordering import Outcome, Receipt, WebhookEvent
from crossdock.contract.reading import OrderPage, Read, Rows, ShipmentPage
from crossdock.fieldmap import FieldMap
from crossdock.records import Customer, ImageRef, OrderDocument, Shipment

hookspec = pluggy.HookspecMarker("crossdock")
hookimpl = pluggy.HookimplMarker("crossdock")
Session = Any
"""What the plugin's own `open_session` yields: an open database, an HTTP client, a file."""


@hookspec(firstresult=True)
def describe() -> Manifest:
    """Say what the plugin is; called first, before any setting is known.

    Pure: no input or output, no driver imported. The framework may call it at any time.
    """


@hookspec(firstresult=True)
def field_maps() -> Sequence[FieldMap]:
    """Declare the field maps, one a stream; called beside `describe`, as pure as it.

    The operator's `[connections.NAME.STREAM]` is merged into them. Without this hook all of a map is the operator's.
    """


@hookspec(firstresult=True)
def open_session(config: Config, memory: Memory) -> AbstractContextManager[Session]:
    """Open the database, client or file; called once a run, closed at its end.

    Args:
        config: the connection's settings with secrets resolved and paths absolute.
        memory: what all children of this connection share, such as a token.

    Raises:
        TransientError: not reachable now.
        ConnectionSetupError: a setting or a credential is wrong.
    """


@hookspec(firstresult=True)
def check(session: Session, maps: Sequence[FieldMap]) -> Sequence[Finding]:
    """Prove the connection for `crossdock connections check`: what works, what is missing, what is too much.

    Leaves nothing behind in the other system. A login that could write to a source is a `login_can_write` warning.

    Args:
        session: what `open_session` yielded.
        maps: the effective maps, those that an operator wrote among them.
    """


@hookspec(firstresult=True)
def list_tables(session: Session, pattern: str | None, limit: int) -> Sequence[TableShape]:
    """Show tables and views with their columns, for `crossdock connections add` and whoever writes a field map.

    Optional; a source whose rows stand in tables has it. Called beside `check`, never in a run.

    Args:
        session: what `open_session` yielded.
        pattern: only names like this, `*` for any text and `?` for one character, whatever their case;
            matched against the name with and without its schema. None: all.
        limit: tables at most.

    Returns:
        In the order of their names. What only the system itself uses is left out.
    """


@hookspec(firstresult=True)
def propose_maps(session: Session, tables: Mapping[str, str]) -> Sequence[Proposal]:
    """Propose field maps for what is there, for a person to accept; called beside `list_tables`.

    Optional. Reads at most a bounded sample of rows.

    Args:
        session: what `open_session` yielded.
        tables: stream to the table or view that a person has named for it; for other streams they are looked for.

    Returns:
        The likeliest first; for a stream that nothing fits, none.

    Raises:
        ConfigError: a named table is not there.
    """


@hookspec(firstresult=True)
def read_products(session: Session, read: Read) -> Iterable[Rows]:
    """Read product rows, one a sellable variant, in the source's own words.

    Called once a run of a `read` lane, inside `open_session`. The framework maps the rows by
    `read.fields`; the plugin does not.

    Args:
        session: what `open_session` yielded; open until the pages are used up.
        read: which columns, since which cursor, which codes, how many rows a page.

    Returns:
        Pages, produced lazily, at most `read.page_size` rows each. A row may come again in a later
        page: the later one replaces the earlier. A page whose cursor is None cannot be resumed from.

    Raises:
        TransientError: worth trying again; the checkpoint is where it was.
        ConnectionSetupError: settings or credentials; reading stops until a person acts.

    Example: docs/tutorial.md, "Your first read".
    """


@hookspec(firstresult=True)
def read_customers(session: Session, read: Read) -> Iterable[Rows]:
    """Read customer rows, one an account; as `read_products` in all else."""


@hookspec(firstresult=True)
def read_stock(session: Session, read: Read) -> Iterable[Rows]:
    """Read only codes, quantities and prices of products, where the source has a faster way to them.

    Optional; called between runs of `read_products`, never in their place.
    """


@hookspec(firstresult=True)
def read_image(session: Session, image: ImageRef) -> bytes:
    """Read the bytes of one picture that has no URL; called when a channel needs them.

    Raises:
        RefusedError: there is no such picture.
    """


@hookspec(firstresult=True)
def write_products(session: Session, deliveries: Sequence[Delivery]) -> Sequence[Result]:
    """Bring products to the channel's state; called with at most the manifest's `batch_size` items.

    Must be repeatable: after a crash the same deliveries come again.

    Returns:
        One result for each item in `due`, in any order.

    Raises:
        TransientError: nothing of the batch is confirmed; it comes again.
        ConnectionSetupError: delivery to this channel stops until a person acts.
    """


@hookspec(firstresult=True)
def write_customers(session: Session, deliveries: Sequence[CustomerDelivery]) -> Sequence[Result]:
    """Bring customers to the channel's state; as `write_products` in all else."""


@hookspec(firstresult=True)
def check_delivery(session: Session, handles: Sequence[str]) -> Sequence[Result]:
    """Ask what became of deliveries that were answered `pending`; called in later runs until they are final."""


@hookspec(firstresult=True)
def read_listings(session: Session, read: Read) -> Iterable[Rows]:
    """Read what the channel has now, for a true difference."""


@hookspec(firstresult=True)
def read_orders(session: Session, read: Read) -> Iterable[OrderPage]:
    """Read the channel's orders since a cursor; called by the `intake` lane. An order may come again."""


@hookspec(firstresult=True)
def verify_webhook(session: Session, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
    """Check the signature of a channel's call over its raw body and say what it is about.

    Raises:
        RefusedError: not signed by the channel.
    """


@hookspec(firstresult=True)
def write_order(session: Session, document: OrderDocument, deadline_s: float) -> Receipt:
    """Write one prepared document into the ERP; called by the `raise` lane after the intent was committed.

    Args:
        session: what `open_session` yielded.
        document: complete; the reference must be stored where `find_order` looks.
        deadline_s: seconds after which the answer is no longer waited for.

    Raises:
        RefusedError: a definite no, nothing was written.
        NotSentError: proved that nothing left this machine.
        Exception: anything else, time-outs included, means unknown, and is settled by `find_order`.
    """


@hookspec(firstresult=True)
def find_order(session: Session, reference: str) -> Sequence[Receipt]:
    """Look up documents by our reference; an empty answer means: looked, and not there."""


@hookspec(firstresult=True)
def create_customer(session: Session, customer: Customer, reference: str, deadline_s: float) -> str:
    """Create an account and give its code; errors as in `write_order`."""


@hookspec(firstresult=True)
def find_customer(session: Session, customer: Customer, reference: str) -> Sequence[str]:
    """Look up accounts by our reference; an empty answer means: looked, and not there."""


@hookspec(firstresult=True)
def confirm_order(session: Session, channel_order_code: str, outcomes: Sequence[Outcome]) -> None:
    """Tell the channel what became of every document an order owed; may be called again."""


@hookspec(firstresult=True)
def read_shipments(session: Session, read: Read) -> Iterable[ShipmentPage]:
    """Read shipments since a cursor. A shipment may come again."""


@hookspec(firstresult=True)
def write_shipments(session: Session, shipments: Sequence[Shipment]) -> Sequence[Result]:
    """Tell the channel about shipments; must be repeatable. Results carry the shipment's code."""
