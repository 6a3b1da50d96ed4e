"""What a translation knows and collects: names in sight, parameters, tables read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.catalogue import Catalogue, Column, Table
from crossdock.testing.sqlserver.kinds import INT, Kind
from crossdock.testing.sqlserver.tokens import ColumnInfo


@dataclass(frozen=True, slots=True)
class Typed:
    """A translated expression."""

    node: Any
    kind: Kind | None
    """None: NULL as it is written, which takes any type."""
    plain: bool = False
    """Whether it is a column as stored, so that SQLite compares it by the column's own order."""
    collation: str | None = None
    """Of text; None where it is not said."""
    nullable: bool = True
    identity: bool = False

    @property
    def type(self) -> Kind:
        """Its type; NULL as written is an int (Transact-SQL reference, "SELECT")."""
        return self.kind or INT


@dataclass(frozen=True, slots=True)
class Answer:
    """A translated query."""

    sql: str
    columns: tuple[ColumnInfo, ...]
    tables: frozenset[str]
    """What it reads, as `schema.name`."""
    dirty: frozenset[str]
    """Of these, what it reads without asking for locks."""
    parameters: tuple[str, ...]


@dataclass
class Source:
    """One table, or what stands for one, in a FROM."""

    alias: str
    columns: Sequence[Column]
    table: Table | None = None


@dataclass
class Scope:
    """The names that an expression may use: of its own FROM, and outside of it."""

    sources: list[Source] = field(default_factory=list)
    outer: "Scope | None" = None
    ctes: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    aliases: dict[str, Typed] = field(default_factory=dict)
    """Names given in the SELECT list, for its ORDER BY."""
    of_union: bool = False
    """Whether it is that of a UNION's ORDER BY, which sees result columns only, whatever table they are named with."""

    def cte(self, name: str) -> Sequence[Column] | None:
        """Finds a common table expression."""
        found = self.ctes.get(name.lower())
        return self.outer.cte(name) if found is None and self.outer else found

    def find(self, name: str, qualifier: str) -> tuple[Source, Column]:
        """Finds a column.

        Raises:
            SqlError: 207, 209 or 4104.
        """
        matching = [one for one in self.sources if not qualifier or one.alias.lower() == qualifier.lower()]
        found = [(one, column) for one in matching for column in one.columns if column.name.lower() == name.lower()]
        if len(found) > 1:
            raise errors.ambiguous(name)
        if found:
            return found[0]
        if qualifier and matching:
            raise errors.no_column(name)
        if self.outer is not None:
            return self.outer.find(name, qualifier)
        raise errors.unbound(f"{qualifier}.{name}") if qualifier else errors.no_column(name)


@dataclass
class Context:
    """One translation."""

    catalogue: Catalogue
    parameters: Mapping[str, Kind]
    """Types by name, with its @, in lower case."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What functions without arguments give, by name in capitals."""
    snapshot_hint: bool = False
    read: set[str] = field(default_factory=set)
    dirty: set[str] = field(default_factory=set)
    used: dict[str, None] = field(default_factory=dict)
    """Parameters met, in order."""
    inferred: dict[str, Kind] = field(default_factory=dict)
    """Types that parameters without one take from what they are compared with."""
    replacing: Mapping[str, Typed] = field(default_factory=dict)
    """What a function's parameters stand for."""

    def parameter(self, name: str) -> Typed:
        """Gives a parameter's placeholder.

        Raises:
            SqlError: 137, it is not declared.
        """
        key = f"@{name}".lower()
        if key in self.replacing:
            return self.replacing[key]
        if key not in self.parameters:
            what = f"@{name}"
            raise errors.no_variable(what)
        self.used[key] = None
        return Typed(exp.Placeholder(this=placeholder(key)), self.parameters[key])


def placeholder(name: str) -> str:
    """Gives SQLite's name of a parameter."""
    return "p_" + "".join(one if one.isascii() and one.isalnum() else f"_{ord(one):x}_" for one in name)


def call(function: str, *arguments: exp.Expr | Any) -> exp.Anonymous:
    """Gives a call of one of our own functions in SQLite."""
    return exp.Anonymous(this=f"tsql_{function}", expressions=list(arguments))


def quoted(name: str) -> exp.Identifier:
    """Gives a name that SQLite takes as it stands."""
    return exp.Identifier(this=name, quoted=True)


def word(text: str) -> exp.Literal:
    """Gives text as SQLite writes it."""
    return exp.Literal.string(text)
