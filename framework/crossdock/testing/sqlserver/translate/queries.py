"""SELECTs: where rows come from, which columns they give, in which order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.catalogue import Column
from crossdock.testing.sqlserver.kinds import common
from crossdock.testing.sqlserver.tokens import ColumnInfo
from crossdock.testing.sqlserver.translate import sources
from crossdock.testing.sqlserver.translate.comparing import converted, ordered
from crossdock.testing.sqlserver.translate.context import Answer, Context, Scope, Typed, quoted
from crossdock.testing.sqlserver.translate.expressions import Expressions
from crossdock.testing.sqlserver.translate.grouping import check_grouping

Columns = list[tuple[str, Typed]]
_REFUSED = ("for_", "into", "pivots", "laterals", "qualify", "windows", "connect", "sample", "cluster", "sort", "match")


def translate_query(context: Context, node: exp.Expr) -> Answer:
    """Translates a whole query.

    Raises:
        SqlError: it means nothing, or more than the stand-in can do.
    """
    made, columns = translate(context, node, None)
    infos = tuple(ColumnInfo(name, one.type, one.nullable, one.identity) for name, one in columns)
    tables = frozenset(context.read)
    return Answer(made.sql("sqlite"), infos, tables, frozenset(context.dirty), tuple(context.used))


def translate(context: Context, node: exp.Expr, outer: Scope | None, *, nested: bool = False) -> tuple[Any, Columns]:
    """Translates a query or a part of one.

    Args:
        context: what is known and collected.
        node: SELECT, UNION and the like, or one of these in parentheses.
        outer: names that it may use from outside.
        nested: whether it stands for a table, where ORDER BY means nothing and is refused.
    """
    if isinstance(node, exp.Subquery):
        return translate(context, node.this, outer, nested=nested)
    if not isinstance(node, exp.Select | exp.SetOperation):
        raise errors.syntax(node.sql("tsql")[:20])
    scope = Scope(outer=outer)
    clauses = _common_tables(context, node, scope, outer is not None)
    if isinstance(node, exp.SetOperation):
        made, columns = _set_operation(context, node, scope)
    else:
        made, columns = _Select(context, node, scope, nested=nested).translated()
    if clauses:
        made.set("with_", exp.With(expressions=clauses))
    return made, columns


def _common_tables(context: Context, node: exp.Expr, scope: Scope, inside: bool) -> list[exp.CTE]:  # noqa: FBT001
    clause = node.args.get("with_")
    if clause is None:
        return []
    if inside:
        message = "Incorrect syntax near the keyword 'WITH'."
        raise errors.SqlError(156, message, 15)
    tables: dict[str, Sequence[Column]] = {}
    scope.ctes = tables
    made = []
    for one in clause.expressions:
        names = [name.name for name in one.args["alias"].args.get("columns") or ()]
        if isinstance(one.this, exp.SetOperation):  # it may read itself: its first part says what there is
            _, first = translate(context, one.this.left, scope, nested=True)
            tables[one.alias.lower()] = as_columns(first, names, one.alias)
        inner, columns = translate(context, one.this, scope, nested=True)
        tables[one.alias.lower()] = as_columns(columns, names, one.alias)
        renamed = exp.TableAlias(
            this=quoted(one.alias), columns=[quoted(column.name) for column in tables[one.alias.lower()]]
        )
        made.append(exp.CTE(this=inner, alias=renamed))
    return made


def as_columns(columns: Columns, names: Sequence[str], alias: str) -> list[Column]:
    """Gives a query's columns as those of a table.

    Args:
        columns: of the query.
        names: given in the alias; none: its own.
        alias: what it is called.

    Raises:
        SqlError: 8155, a column has no name; 8156, two have one.
    """
    if names and len(names) != len(columns):
        more = len(columns) > len(names)
        message = f"'{alias}' has {'more' if more else 'fewer'} columns than were specified in the column list."
        raise errors.SqlError(8158 if more else 8159, message)
    made: list[Column] = []
    for place, (name, one) in enumerate(columns):
        called = names[place] if names else name
        if not called:
            message = f"No column name was specified for column {place + 1} of '{alias}'."
            raise errors.SqlError(8155, message)
        if any(called.lower() == other.name.lower() for other in made):
            message = f"The column '{called}' was specified multiple times for '{alias}'."
            raise errors.SqlError(8156, message)
        made.append(Column(called, one.type, one.nullable, one.identity, None, one.collation or "tsql_ci", one.plain))
    return made


def _set_operation(context: Context, node: exp.SetOperation, scope: Scope) -> tuple[Any, Columns]:
    left, ours = translate(context, node.left, scope, nested=True)
    right, theirs = translate(context, node.right, scope, nested=True)
    if len(ours) != len(theirs):
        said = (
            "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions"
        )
        raise errors.SqlError(205, f"{said} in their target lists.")
    merged = [(name, _merged(one, other)) for (name, one), (_, other) in zip(ours, theirs, strict=True)]
    sides = [_brought_to(side, have, merged) for side, have in ((left, ours), (right, theirs))]
    made = type(node)(this=sides[0], expression=sides[1], distinct=node.args.get("distinct"))
    inner = Scope(aliases={name.lower(): _of_result(name, one) for name, one in merged}, of_union=True)
    _order_and_limit(Expressions(context, inner, translate), node, made, [one for _, one in merged])
    return made, merged


def _merged(one: Typed, other: Typed) -> Typed:
    kinds = [side.kind for side in (one, other) if side.kind is not None]
    same = one.kind == other.kind and one.plain and other.plain
    return Typed(one.node, common(kinds) if kinds else None, same, one.collation, one.nullable or other.nullable)


def _brought_to(side: Any, have: Columns, merged: Columns) -> Any:
    """Gives a side of a UNION with its columns in the common types."""
    pairs = [(one, wanted) for (_, one), (_, wanted) in zip(have, merged, strict=True)]
    if not isinstance(side, exp.Select):
        return side
    for place, (one, wanted) in enumerate(pairs):
        if one.kind is not None and wanted.kind is not None and one.kind.family != wanted.kind.family:
            alias = side.expressions[place]
            alias.set("this", converted(replace(one, node=alias.this), wanted.kind).node)
    return side


def _of_result(name: str, one: Typed) -> Typed:
    return replace(one, node=exp.Column(this=quoted(name)))


def _order_and_limit(walk: Expressions, node: exp.Expr, made: Any, columns: Sequence[Typed]) -> None:
    order, limit, offset = node.args.get("order"), node.args.get("limit"), node.args.get("offset")
    if order is not None:
        made.set("order", exp.Order(expressions=[_term(walk, one, columns) for one in order.expressions]))
    if offset is not None and order is None:
        what = "OFFSET"
        raise errors.syntax(what)
    count = limit.args.get("count") if isinstance(limit, exp.Fetch) else limit.expression if limit is not None else None
    options = limit.args.get("limit_options") if limit is not None else None
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        what = "TOP with PERCENT or WITH TIES"
        raise errors.StandInLimitError(what)
    if count is not None:
        made.set("limit", exp.Limit(expression=walk.typed(count).node))
    if offset is not None:
        made.set("offset", exp.Offset(expression=walk.typed(offset.expression).node))
        if count is None:
            made.set("limit", exp.Limit(expression=exp.Literal.number(-1)))


def _term(walk: Expressions, node: exp.Ordered, columns: Sequence[Typed]) -> exp.Ordered:
    inner, down = node.this, bool(node.args.get("desc"))
    if isinstance(inner, exp.Literal) and not inner.is_string:
        place = int(inner.name)
        if not 0 < place <= len(columns):
            message = f"The ORDER BY position number {place} is out of range of the number of items in the select list."
            raise errors.SqlError(108, message, 16)
        one = columns[place - 1]
    else:
        one = walk.typed(inner)
    return exp.Ordered(this=ordered(one), desc=down, nulls_first=not down)


class _Select:
    """Translates one SELECT."""

    def __init__(self, context: Context, node: exp.Select, scope: Scope, *, nested: bool) -> None:
        self.context, self.node, self.scope, self.nested = context, node, scope, nested
        self.walk = Expressions(context, scope, translate)

    def translated(self) -> tuple[exp.Select, Columns]:
        self._refuse_unknown()
        made = exp.Select()
        self._from(made)
        self._where(made)
        columns = self._columns()
        made.set("expressions", [_named(place, name, one) for place, (name, one) in enumerate(columns)])
        if self.node.args.get("distinct"):
            made.set("distinct", exp.Distinct())
        self._group(made, columns)
        self.scope.aliases = {name.lower(): one for name, one in columns if name and not self._is_own(name, one)}
        _order_and_limit(self.walk, self.node, made, [one for _, one in columns])
        return made, columns

    def _is_own(self, name: str, one: Typed) -> bool:
        return isinstance(one.node, exp.Column) and one.node.name.lower() == name.lower()

    def _refuse_unknown(self) -> None:
        asked = next((name for name in _REFUSED if self.node.args.get(name)), None)
        if asked is not None:
            what = f"{asked.rstrip('_').upper()} in a SELECT"
            raise errors.StandInLimitError(what)
        bounded = self.node.args.get("limit") or self.node.args.get("offset")
        if self.nested and self.node.args.get("order") and not bounded:
            message = (
                "The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, "
                "and common table "
                "expressions, unless TOP, OFFSET or FOR XML is also specified."
            )
            raise errors.SqlError(1033, message, 15)

    def _from(self, made: exp.Select) -> None:
        clause = self.node.args.get("from_")
        if clause is None:
            return
        made.set("from_", exp.From(this=self._source(clause.this)))
        made.set(
            "joins",
            [self._join(one) for one in (*(clause.this.args.get("joins") or ()), *(self.node.args.get("joins") or ()))],
        )

    def _source(self, node: exp.Expr) -> exp.Expr:
        return sources.translate_source(self.context, self.scope, node, translate, as_columns)

    def _join(self, node: exp.Join) -> exp.Join:
        if isinstance(node.this, exp.Lateral) or node.args.get("using") or node.method:
            what = f"the join {node.sql('tsql')[:100]}"
            raise errors.StandInLimitError(what)
        on = node.args.get("on")
        source = self._source(node.this)
        kind = node.kind if node.kind in {"CROSS", "INNER"} else None
        if on is None and kind != "CROSS" and (node.side or kind):
            raise errors.syntax(node.this.alias_or_name)
        condition = self.walk.condition(on) if on is not None else None
        return exp.Join(this=source, side=node.side or None, kind=kind, on=condition)

    def _where(self, made: exp.Select) -> None:
        where = self.node.args.get("where")
        if where is not None:
            made.set("where", exp.Where(this=self.walk.condition(where.this)))

    def _columns(self) -> Columns:
        columns: Columns = []
        for node in self.node.expressions:
            columns += self._starred(node) if node.is_star else [self._column(node)]
        return columns

    def _column(self, node: exp.Expr) -> tuple[str, Typed]:
        if isinstance(node, exp.Alias):
            return node.alias, self.walk.typed(node.this)
        return node.name if isinstance(node, exp.Column) else "", self.walk.typed(node)

    def _starred(self, node: exp.Expr) -> Columns:
        qualifier = node.table if isinstance(node, exp.Column) else ""
        chosen = [one for one in self.scope.sources if not qualifier or one.alias.lower() == qualifier.lower()]
        if not chosen:
            message = "Must specify table to select from."
            raise errors.SqlError(263, message) if not qualifier else errors.unbound(f"{qualifier}.*")
        names = [(one.alias, column.name) for one in chosen for column in one.columns]
        return [(name, self.walk.column(exp.column(quoted(name), quoted(alias)))) for alias, name in names]

    def _group(self, made: exp.Select, columns: Columns) -> None:
        group, having = self.node.args.get("group"), self.node.args.get("having")
        if group is not None:
            if any(group.args.get(one) for one in ("rollup", "cube", "grouping_sets", "all")):
                what = "GROUP BY with ROLLUP, CUBE, GROUPING SETS or ALL"
                raise errors.StandInLimitError(what)
            made.set("group", exp.Group(expressions=[ordered(self.walk.typed(one)) for one in group.expressions]))
        check_grouping(self.node, columns)
        if having is not None:
            made.set("having", exp.Having(this=self.walk.condition(having.this)))


def _named(place: int, name: str, one: Typed) -> exp.Expr:
    return exp.Alias(this=one.node, alias=quoted(name or f"_{place}"))
