"""Open lists from child tables: the child rows of a page, asked for by the keys in it and joined to its rows.

One statement for each list and page (`WHERE parent IN (...)`; for each thousand keys of a larger page), a short
transaction of its own like the page's. What is changed between the two is stamped later than the read's beginning, so
the next read sees it. Child rows are sorted here, not by the database: the order is part of the row hash, so it must
not depend on a collation, nor on which of two equal names the database puts first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, column, or_, select, true
from sqlalchemy.types import NullType

from crossdock.fieldmap import Many
from crossdock.toolkit.sql.joined import Side, matched
from crossdock.toolkit.sql.place import Span
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import Shape, clause, describe, exact_stamp, named

KEYS_AT_ONCE = 1000
"""Keys in one statement: SQL Server takes 2,100 parameters, Oracle 1,000 in one list, all others more."""
Row: TypeAlias = "tuple[Any, ...]"
Query: TypeAlias = "Select[*tuple[Any, ...]]"


class ChildList:
    """One list of one read."""

    def __init__(self, session: SqlSession, many: Many, shape: Shape, parents: FromClause) -> None:
        """Takes the list and the table or query with the parents."""
        self.session, self.many = session, many
        parent_key = many.parent_key or shape.key
        self.source = clause(session, many.table)
        self.parent, self.child = Side(session, parents, parent_key), Side(session, self.source, many.parent)
        changed = many.table.changed
        self.changed: ColumnElement[Any] | None = column(named(changed)) if changed else None
        exact = exact_stamp(session, many.table, changed) if changed else None
        self.stamp = self.changed if exact is None else exact
        """The change column as the driver gives it without loss."""
        self.key_of = itemgetter(shape.columns.index(parent_key))
        columns: list[ColumnElement[Any]] = [column(named(one)) for one in many.columns]
        self.statement: Query = (
            select(self.child.column, *columns).select_from(self.source).where(self.child.column.in_(_wanted()))
        )

    def entries(self, rows: Sequence[Row]) -> list[list[Row]]:
        """Gives the child rows of each row, sorted, without the column that names the parent.

        Raises:
            ConfigError: it cannot be told to whom a child row belongs.
        """
        keys = self.child.alike(map(self.key_of, rows), self.parent)
        found: defaultdict[Any, list[Row]] = defaultdict(list)
        for some in at_once(keys):
            for child in self.session.fetch(self.statement, {"wanted": some}):
                found[child[0]].append(child[1:])
        name = f"{describe(self.many.table)}: {self.many.parent!r}"
        lists = matched(found, keys, self.child.ignored(), name) if found else [[]] * len(keys)
        for children in lists:
            if len(children) > 1:
                _sort(children)
        return lists

    def changed_parents(self, span: Span, after: Any, size: int) -> list[Any]:
        """Gives the next parents by value, some child row of which changed in a span or has no stamp.

        Args:
            span: stamps from where to where.
            after: the last one given. None: from the first.
            size: how many at most.
        """
        assert self.changed is not None  # noqa: S101  # only incremental reads ask
        given = {"after": after}
        stamped: ColumnElement[bool] = self.changed.is_(None)
        if span.until is not None:
            given |= {"until": span.until, "begin": span.begin}
            since = true() if span.begin is None else self.changed >= _bound("begin")
            stamped = or_(stamped, and_(self.changed <= _bound("until"), since))
        parent = self.child.column
        beyond = parent.is_not(None) if after is None else parent > _bound("after")
        statement = select(parent).distinct().select_from(self.source).where(beyond, stamped)
        values = {name: value for name, value in given.items() if value is not None}
        return [value for (value,) in self.session.fetch(statement.order_by(parent).limit(size), values)]

    def of_parents(self, everything: Query, values: Sequence[Any]) -> list[Row]:
        """Gives the rows that some values of the child's column refer to.

        Args:
            everything: selects all rows of the parents, in an order.
            values: as `changed_parents` gave them.
        """
        statement = everything.where(self.parent.column.in_(_wanted()))
        asked = at_once(self.parent.alike(values, self.child))
        return [row for some in asked for row in self.session.fetch(statement, {"wanted": some})]


def children_joined(lists: Sequence[ChildList], rows: Sequence[Row]) -> Sequence[Row]:
    """Gives rows with one more value for each list: its child rows."""
    if not lists or not rows:
        return rows
    found = [one.entries(rows) for one in lists]
    return [(*row, *more) for row, more in zip(rows, zip(*found, strict=True), strict=True)]


def at_once(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Gives values, each once and without None, in as many parts as statements are needed."""
    some = list(dict.fromkeys(value for value in values if value is not None))
    for start in range(0, len(some), KEYS_AT_ONCE):
        yield some[start : start + KEYS_AT_ONCE]


def _wanted() -> Any:
    return bindparam("wanted", expanding=True, type_=NullType())


def _bound(name: str) -> Any:
    return bindparam(name, type_=NullType())


def _sort(children: list[Row]) -> None:
    """Sorts by value; where values of two rows cannot be compared (NULL, or two types), by how they are written."""
    try:
        children.sort()
    except TypeError:
        children.sort(key=repr)
