"""What tables, views, procedures and functions there are, with the types that SQLite does not keep."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from threading import RLock

from crossdock.testing.sqlserver.collation import CI, GUID, NUMBER, ZONED
from crossdock.testing.sqlserver.kinds import Kind

FIRST_OBJECT = 565_577_053
_STEP = 16_000_057


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    nullable: bool = True
    identity: bool = False
    default: str | None = None
    """Its default as T-SQL; None without."""
    collation: str = CI
    plain: bool = True
    """Whether an exact number is kept as text; those of a view's expression are not."""

    @property
    def sorts_by(self) -> str | None:
        """The collation that SQLite compares by; None where its own order is right."""
        return {"text": self.collation, "decimal": NUMBER, "guid": GUID, "zoned": ZONED}.get(self.kind.family)


@dataclass(frozen=True, slots=True)
class Index:
    """One index or key."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view."""

    schema: str
    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index, ...] = ()
    number: int = 0
    view: bool = False
    dynamic: bool = False
    """Whether each look at it makes its rows anew."""

    @property
    def stored_as(self) -> str:
        """Its name in SQLite."""
        return f"{self.schema}.{self.name}"

    @property
    def key(self) -> Index | None:
        """Its primary key."""
        return next((one for one in self.indexes if one.primary), None)

    @property
    def is_system(self) -> bool:
        """Whether it is the server's own."""
        return self.schema in {"sys", "INFORMATION_SCHEMA"}

    def column(self, name: str) -> Column | None:
        """Gives a column by its name, whatever the case."""
        return next((one for one in self.columns if one.name.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Argument:
    """One parameter of a procedure or function."""

    name: str
    kind: Kind
    default: str | None = None
    """As T-SQL; None: it must be given."""


@dataclass(frozen=True, slots=True)
class Routine:
    """A stored procedure, or a function that gives a table."""

    schema: str
    name: str
    arguments: tuple[Argument, ...]
    body: str
    number: int = 0
    function: bool = False


@dataclass
class Catalogue:
    """All of one database; used by many threads."""

    database: str
    tables: dict[str, Table] = field(default_factory=dict)
    routines: dict[str, Routine] = field(default_factory=dict)
    version: int = 0
    """Grows with every change, so that what was prepared before is made anew."""
    lock: RLock = field(default_factory=RLock)

    def table(self, schema: str, name: str) -> Table | None:
        """Finds a table or view."""
        return self.tables.get(f"{schema}.{name}".lower())

    def routine(self, schema: str, name: str) -> Routine | None:
        """Finds a procedure or function."""
        return self.routines.get(f"{schema}.{name}".lower())

    def put(self, table: Table) -> Table:
        """Adds or replaces a table and gives it, with a number."""
        with self.lock:
            table = table if table.number else replace(table, number=self._next_number())
            self.tables[table.stored_as.lower()] = table
            self.version += 1
            return table

    def put_routine(self, routine: Routine) -> None:
        """Adds or replaces a procedure or function."""
        with self.lock:
            self.routines[f"{routine.schema}.{routine.name}".lower()] = replace(routine, number=self._next_number())
            self.version += 1

    def drop(self, table: Table) -> None:
        """Takes a table out."""
        with self.lock:
            del self.tables[table.stored_as.lower()]
            self.version += 1

    def users(self) -> Iterator[Table]:
        """Gives the tables and views that are not the server's own."""
        return iter([one for one in self.tables.values() if not one.is_system])

    def restore(self, tables: Iterable[Table]) -> Callable[[], None]:
        """Gives what puts the catalogue back to these tables, for a roll-back."""
        kept = {one.stored_as.lower(): one for one in tables}

        def put_back() -> None:
            with self.lock:
                self.tables = dict(kept)
                self.version += 1

        return put_back

    def _next_number(self) -> int:
        return FIRST_OBJECT + (len(self.tables) + len(self.routines) + self.version) * _STEP % (2**31 - FIRST_OBJECT)
