"""How a field map is written down: data only, one line per hub field.

From these declarations come the columns that a source selects, the generated mapper, preview, hints in
quarantine and the tables of the documentation, so none of them can disagree.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

Scalar = str | int | float | bool | None
Converter = Callable[..., Any]


class FieldMapError(ValueError):
    """A field map cannot work: a hub field that does not exist, one named twice, a required one missing."""


class Table(Struct, frozen=True, tag="table", omit_defaults=True):
    """Rows of a database: a table, or a query in its place."""

    name: str | None = None
    """Table or view, with its schema if it needs one. None: `query` says it."""
    key: str | None = None
    """Column that is unique and ordered: pages are cut by it, rows are told apart by it."""
    changed: str | None = None
    """Column that grows with every change of a row. None: every read is full."""
    query: str | None = None
    """One SELECT in place of a table. None: `name` says it."""
    procedure: str | None = None
    """A stored procedure in place of a table: it is called, not parsed, and every read is full. None: there is none."""
    arguments: tuple[str | int | float | bool, ...] = ()
    """What the procedure is called with, by position."""


class Json(Struct, frozen=True, tag="json", omit_defaults=True):
    """Rows inside nested objects (JSON lines, REST answers)."""

    each: str | None = None
    """Path of the list that holds the rows; the enclosing object is then `parent`. None: the object is the row."""
    key: str | None = None
    """Path of the row's identity. None: its code."""
    changed: str | None = None
    """Name of what grows with every change of an enclosing object. None: every read is full."""


class Field(Struct, frozen=True, omit_defaults=True):
    """One hub field and where its value comes from."""

    hub: str
    """Hub field, such as `variants.sku`, `variants.price_tiers.wholesale` or `meta.bin`."""
    column: str | tuple[str, ...] | None = None
    """Column or path, several for a converter that takes several, `price_*` for an open list. None: constant."""
    note: str = ""
    """What a reader of the documentation should know."""
    values: dict[str, Any] | None = None
    """Native value, as text, to canonical value; `"ignore"` leaves the row (in a list, the entry) alone; the native
    value `*` stands for all others. None: taken as it is."""
    convert: str | tuple[str, ...] = ()
    """Names of converters, applied left to right."""
    constant: Any = None
    """The same value for every row. None: none."""
    trim: bool = True
    """Whether trailing blanks and NULs are cut from text first."""
    optional: bool = False
    """Whether a source without the column is as good as one where the field is not mapped."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns or paths that the field reads."""
        if self.column is None:
            return ()
        return (self.column,) if isinstance(self.column, str) else self.column

    @property
    def converters(self) -> tuple[str, ...]:
        """Names of converters in the order of use."""
        return (self.convert,) if isinstance(self.convert, str) else self.convert


class Many(Struct, frozen=True, omit_defaults=True):
    """An open list filled from a child table."""

    hub: str
    """The list, such as `variants.price_tiers`."""
    table: Table
    """The child table or query; its `changed` column, where it has one, makes incremental reads possible."""
    parent: str
    """Column of the child that holds the parent's key."""
    name: str | Field
    """Column of the child that holds the entry's name; for pictures and options, their order."""
    fields: tuple[Field, ...] = ()
    """Fields of an entry; `value` for a list of name and value."""
    parent_key: str | None = None
    """Column of the parent that `parent` refers to. None: the parent's key."""

    @property
    def naming(self) -> Field:
        """Where an entry's name comes from, as a field."""
        return Field("name", self.name) if isinstance(self.name, str) else self.name

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the child that an entry consists of, each once; the name's come first."""
        return tuple(dict.fromkeys(column for one in (self.naming, *self.fields) for column in one.columns))

    @property
    def column(self) -> str:
        """Name of the value that holds a row's entries, in their order, each with the values of `columns`."""
        return f"{self.hub}.*"


class FieldMap(Struct, frozen=True, omit_defaults=True):
    """All hub fields of one stream, declared by a plugin or written in `crossdock.toml`."""

    stream: str
    """`products` or `customers`."""
    source: Table | Json
    """Where the rows are."""
    fields: Sequence[Field]
    """One entry per hub field."""
    lists: Sequence[Many] = ()
    """Open lists from child tables."""
    converters: dict[str, Any] = {}
    """The plugin's own converters by name; they never leave the plugin's process."""

    def data(self) -> "FieldMap":
        """Gives the map without functions: what travels and what is hashed."""
        return FieldMap(self.stream, self.source, tuple(self.fields), tuple(self.lists))

    def field(self, hub: str) -> Field | None:
        """Gives the declaration of one hub field, None where it is not mapped."""
        return next((one for one in self.fields if one.hub == hub), None)

    @property
    def is_incremental(self) -> bool:
        """Whether a read can ask for what changed: the table and every child table say when a row did."""
        tables = [self.source, *(one.table for one in self.lists)]
        return all(one.changed is not None for one in tables)
