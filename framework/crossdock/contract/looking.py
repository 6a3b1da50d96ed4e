"""What a source shows of itself before anybody has mapped it: its tables, and maps that may fit them."""

from msgspec import Struct

from crossdock.fieldmap import FieldMap


class ColumnShape(Struct, frozen=True, omit_defaults=True):
    """One column of a table or view."""

    name: str
    """As a field map must write it."""
    type: str
    """The database's own word for it, such as `nvarchar(40)`."""
    nullable: bool = True
    """Whether it may be NULL; true where the database does not say."""


class TableShape(Struct, frozen=True, omit_defaults=True):
    """One table or view that the login may see."""

    name: str
    """As a field map must write it: with its schema where that is not the login's own."""
    columns: tuple[ColumnShape, ...] = ()
    """In the table's order."""
    key: tuple[str, ...] = ()
    """Columns of the primary key; empty: there is none, or the database does not say."""
    is_view: bool = False
    """Whether it is a view."""
    rows: int | None = None
    """Rows, as the database estimates them. None: it does not say without counting."""


class Proposal(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A field map that may fit, for a person to accept."""

    map: FieldMap
    """Complete: it can be used as it stands."""
    system: str | None = None
    """The system whose tables were recognised. None: guessed by the columns' names."""
    table: str
    """Table or view that the rows come from, also where the map reads it by a query."""
    sureness: float
    """From 0 to 1: how likely a person will keep it."""
    reasons: dict[str, str] = {}
    """Hub field to why it is filled from there."""
    notes: tuple[str, ...] = ()
    """What a person should know or decide, a sentence each."""
