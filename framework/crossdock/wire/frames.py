"""The frames between host and child: MessagePack arrays, named by their first element.

A run: the child says Hello; the host says Open, the child Opened; then Read or Deliver or Call any number
of times; Bye ends it. While it serves, a child may send Remember, Log and Progress in between.

    host                         child
      Open            ------>
                      <------      Opened
      Read            ------>
                      <------      Offer (page of codes and row hashes)      at most `WINDOW` unanswered
      Want            ------>
                      <------      Mapped (records of the rows wanted)
                      <------      Done
      Deliver         ------>                                                at most `WINDOW` unanswered
                      <------      Results
"""

from typing import Any

import msgspec
from msgspec import Struct

from crossdock.contract import CustomerDelivery, Delivery, Finding, Manifest, Proposal, Result, TableShape
from crossdock.fieldmap import FieldMap

PROTOCOL = 1
"""Version of the frames; both sides must agree."""
MAX_FRAME = 64 * 1024 * 1024
"""Bytes of one frame at most; a longer one breaks the contract."""
WINDOW = 2
"""Pages or batches on their way at once, each direction: enough to keep both processes at work."""


class Frame(Struct, frozen=True, array_like=True, tag=True):
    """Any frame."""


class Hello(Frame, frozen=True):
    """Child: who I am; sent before anything is opened."""

    protocol: int
    version: str
    manifest: Manifest
    hooks: tuple[str, ...]
    maps: tuple[FieldMap, ...]


class Open(Frame, frozen=True):
    """Host: open the session. Secrets travel here and nowhere else."""

    connection: str
    settings: dict[str, Any]
    secrets: tuple[str, ...]
    maps: tuple[FieldMap, ...]
    transforms: tuple[str, ...] = ()


class Opened(Frame, frozen=True):
    """Child: the session is open; one salt a mapped stream stands for map, versions and transforms."""

    salts: dict[str, int]


class ReadPages(Frame, frozen=True):
    """Host: read a stream. `direct`: send every row mapped, without offers."""

    stream: str
    since: str | None
    page_size: int
    codes: tuple[Any, ...] | None
    limit: int | None
    direct: bool
    rows: tuple[dict[str, Any], ...] | None = None
    """Stored rows to be mapped in place of a read."""


class PreviewRows(Frame, frozen=True):
    """Host: show the first rows beside their records."""

    stream: str
    limit: int


class Offer(Frame, frozen=True):
    """Child: a page's codes (None: unreadable), row hashes and identities (None: the codes)."""

    page: int
    codes: list[str | None]
    hashes: list[int]
    keys: list[str] | None
    cursor: str | None


class Want(Frame, frozen=True):
    """Host: send these rows of that page mapped."""

    page: int
    rows: list[int]


MappedRow = tuple[int, str | None, str, str, str | None, str | None, str | None, bytearray | None, bytearray]
"""row hash, identity, code, group, native code, native group, sku, product text, variant or customer.

The last two as `bytearray`: for each value of type `bytes`, `sqlite3` first looks for an adapter that turns it into
something else, 0.3 us each; a `bytearray` it takes as it is.
"""


class Bad(Struct, frozen=True, array_like=True):
    """A row that cannot be mapped."""

    row_hash: int
    key: str | None
    code: str | None
    field: str | None
    reason: str
    row: str
    """The row as JSON."""
    native_code: str | None
    """The code as the source gave it, as JSON."""


class Mapped(Frame, frozen=True):
    """Child: the mapped rows of a page, those left alone (hash, identity, code), and those that cannot be mapped."""

    page: int
    total: int
    rows: list[MappedRow]
    ignored: list[tuple[int, str | None, str]]
    bad: list[Bad]
    cursor: str | None


class Done(Frame, frozen=True):
    """Child: the read came to its end; `cancelled` where it was cut short."""

    cancelled: bool


class Deliver(Frame, frozen=True):
    """Host: write products to the channel."""

    number: int
    deliveries: list[Delivery]


class DeliverCustomers(Frame, frozen=True):
    """Host: write customers to the channel."""

    number: int
    deliveries: list[CustomerDelivery]


class Results(Frame, frozen=True):
    """Child: what became of a batch; `results` None: all done, and no codes."""

    number: int
    count: int
    results: list[Result] | None


class Call(Frame, frozen=True):
    """Host: call any other hook with these arguments, as plain data."""

    hook: str
    arguments: dict[str, Any]


class Answer(Frame, frozen=True):
    """Child: what the hook gave, as plain data."""

    value: Any


class Findings(Frame, frozen=True):
    """Child: what `check` found."""

    findings: tuple[Finding, ...]


class Tables(Frame, frozen=True):
    """Child: what `list_tables` found."""

    tables: tuple[TableShape, ...]


class Proposals(Frame, frozen=True):
    """Child: what `propose_maps` proposes."""

    proposals: tuple[Proposal, ...]


class Preview(Frame, frozen=True):
    """Child: a row as read beside its record, for people."""

    pairs: list[tuple[dict[str, Any], Any, str | None]]


class Remember(Frame, frozen=True):
    """Child: a question to the connection's memory: get, set or swap."""

    operation: str
    key: str
    value: str | None = None
    expected: str | None = None
    secret: bool = False


class Remembered(Frame, frozen=True):
    """Host: the memory's answer."""

    value: str | None
    done: bool = True


class Log(Frame, frozen=True):
    """Child: a line for the log."""

    level: str
    text: str


class Progress(Frame, frozen=True):
    """Child: how far a long step is."""

    text: str
    done: int
    total: int | None


class Cancel(Frame, frozen=True):
    """Host: stop what you are doing at the next page."""


class Failure(Frame, frozen=True):
    """Child: what you asked for failed; the session may still be of use."""

    kind: str
    text: str
    retry_after: float | None = None
    hook: str = ""
    detail: str = ""
    trouble: str = ""


class Bye(Frame, frozen=True):
    """Host: close the session and end."""


HostFrame = Open | ReadPages | PreviewRows | Want | Deliver | DeliverCustomers | Call | Remembered | Cancel | Bye
ChildFrame = (
    Hello
    | Opened
    | Offer
    | Mapped
    | Done
    | Results
    | Answer
    | Findings
    | Tables
    | Proposals
    | Preview
    | Remember
    | Log
    | Progress
    | Failure
)

encoder = msgspec.msgpack.Encoder(decimal_format="string", enc_hook=str)
host_frames: msgspec.msgpack.Decoder[HostFrame] = msgspec.msgpack.Decoder(HostFrame)
child_frames: msgspec.msgpack.Decoder[ChildFrame] = msgspec.msgpack.Decoder(ChildFrame)
