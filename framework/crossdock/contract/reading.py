"""What a read is asked for and what it gives."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from crossdock.fieldmap import FieldMap
from crossdock.records import Order, Shipment

Row = Sequence[Any] | Mapping[str, Any]
"""What the source gave, in its own words: values in the order of `Rows.columns`, or a mapping."""


class Rows(Struct, frozen=True):
    """One page of rows."""

    rows: Sequence[Row]
    """At most the page size; a row may come again later, the later one wins."""
    cursor: str | None = None
    """Opaque place to go on from after this page. None: cannot be resumed here."""
    columns: tuple[str, ...] | None = None
    """Names of the values of a row. None: rows are mappings."""


class Read(Struct, frozen=True, kw_only=True):
    """What to read."""

    fields: FieldMap
    """The effective map: a source selects only its columns."""
    since: str | None = None
    """Cursor of the last page that was kept. None: from the beginning."""
    page_size: int = 1000
    """Rows a page at most."""
    codes: tuple[Any, ...] | None = None
    """Just these items, by native code as the source gave it, before trim and converters. None: all."""
    limit: int | None = None
    """Rows at most. None: all."""

    def paged(self, rows: Iterable[Row], columns: tuple[str, ...] | None = None) -> Iterator[Rows]:
        """Cuts any iterable of rows into pages, lazily, for a source that cannot resume."""
        left = iter(rows if self.limit is None else islice(rows, self.limit))
        while page := list(islice(left, self.page_size)):
            yield Rows(page, None, columns)


class OrderPage(Struct, frozen=True):
    """One page of a channel's orders."""

    orders: tuple[Order, ...]
    """Orders; one may come again."""
    cursor: str | None = None
    """Place to go on from. None: cannot be resumed here."""
    rejected: tuple[tuple[str, str], ...] = ()
    """Orders that could not be understood: the channel's code and the reason."""


class ShipmentPage(Struct, frozen=True):
    """One page of shipments."""

    shipments: tuple[Shipment, ...]
    """Shipments; one may come again."""
    cursor: str | None = None
    """Place to go on from. None: cannot be resumed here."""
