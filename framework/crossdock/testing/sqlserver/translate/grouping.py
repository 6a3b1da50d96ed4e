"""Every column of a grouped SELECT is grouped by, or inside of an aggregate.

SQLite lets others pass and takes the value of any row; SQL Server refuses them with 8120.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.translate.functions import AGGREGATES


def check_grouping(node: exp.Select, columns: Sequence[tuple[str, Any]]) -> None:
    """Refuses a column that is neither grouped by nor aggregated.

    Raises:
        SqlError: 8120.
    """
    group = node.args.get("group")
    by = {_written(one) for one in group.expressions} if group is not None else set()
    if group is None and not any(_is_aggregate(one) for part in node.expressions for one in _own(part)):
        return
    for part in node.expressions:
        if part.is_star and columns:
            raise errors.SqlError(8120, _text(columns[0][0]))
        for column in _outside(part.unalias(), by):
            raise errors.SqlError(8120, _text(column.name))


def _text(name: str) -> str:
    said = f"Column '{name}' is invalid in the select list because it is not contained in either an aggregate function"
    return f"{said} or the GROUP BY clause."


def _written(node: exp.Expr) -> str:
    return (node.name if isinstance(node, exp.Column) else node.sql("tsql")).lower()


def _is_aggregate(node: exp.Expr) -> bool:
    over = isinstance(node.parent, exp.Window)
    called = isinstance(node, exp.Anonymous) and str(node.this).upper() in AGGREGATES
    return (called or isinstance(node, exp.GroupConcat)) and not over


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """Gives an expression and its parts, but not what is inside of a query in it."""
    yield node
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query):
            yield from _own(child)


def _outside(node: exp.Expr, by: set[str]) -> Iterator[exp.Column]:
    if _written(node) in by or _is_aggregate(node) or isinstance(node, exp.Query):
        return
    if isinstance(node, exp.Anonymous) and str(node.this).upper().startswith("DATE") and node.expressions:
        for child in node.expressions[1:]:
            yield from _outside(child, by)
        return
    if isinstance(node, exp.Column):
        yield node
    for child in node.iter_expressions():
        yield from _outside(child, by)
