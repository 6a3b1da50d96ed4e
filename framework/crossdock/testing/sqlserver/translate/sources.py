"""What stands in a FROM: tables, views, queries, VALUES, functions that give a table."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.catalogue import Column, Routine
from crossdock.testing.sqlserver.grammar import parsed, statements
from crossdock.testing.sqlserver.translate.comparing import converted
from crossdock.testing.sqlserver.translate.context import Context, Scope, Source, Typed, quoted
from crossdock.testing.sqlserver.translate.expressions import Expressions

Translate = Callable[..., tuple[Any, list[tuple[str, Typed]]]]
AsColumns = Callable[..., list[Column]]
_HINTS = frozenset(
    [
        "NOLOCK",
        "READUNCOMMITTED",
        "READCOMMITTED",
        "READCOMMITTEDLOCK",
        "REPEATABLEREAD",
        "SERIALIZABLE",
        "HOLDLOCK",
        "READPAST",
        "ROWLOCK",
        "PAGLOCK",
        "TABLOCK",
        "TABLOCKX",
        "UPDLOCK",
        "XLOCK",
        "NOEXPAND",
        "NOWAIT",
        "FORCESEEK",
        "FORCESCAN",
        "SNAPSHOT",
        "INDEX",
    ]
)
_SERVERS = {"OPENQUERY": 7202, "OPENROWSET": 15281, "OPENDATASOURCE": 15281}


def translate_source(
    context: Context, scope: Scope, node: exp.Expr, query: Translate, columns_of: AsColumns
) -> exp.Expr:
    """Translates one source and puts its names into the scope.

    Raises:
        SqlError: it is not there, or not something that gives rows.
    """
    if isinstance(node, exp.Subquery):
        if not node.alias:
            what = ")"
            raise errors.syntax(what)
        inner, columns = query(context, node.this, _without_columns(scope), nested=True)
        return _derived(scope, node, inner, columns_of(columns, _renamed(node), node.alias))
    if isinstance(node, exp.Values):
        return _values(context, scope, node)
    if not isinstance(node, exp.Table):
        what = f"{node.sql('tsql')[:100]} in FROM"
        raise errors.StandInLimitError(what)
    if isinstance(node.this, exp.Anonymous):
        return _function(context, scope, node, query, columns_of)
    return _table(context, scope, node)


def _without_columns(scope: Scope) -> Scope:
    """Gives what a query in FROM sees from outside: common table expressions, but no columns beside it."""
    return Scope(ctes=scope.ctes, outer=scope.outer)


def _renamed(node: exp.Expr) -> list[str]:
    alias = node.args.get("alias")
    return [one.name for one in alias.args.get("columns") or ()] if alias is not None else []


def _derived(scope: Scope, node: exp.Expr, inner: exp.Expr, columns: Sequence[Column]) -> exp.Subquery:
    if isinstance(inner, exp.Select):
        for one, column in zip(inner.expressions, columns, strict=True):
            one.set("alias", quoted(column.name))
    _add(scope, Source(node.alias, columns))
    return exp.Subquery(this=inner, alias=exp.TableAlias(this=quoted(node.alias)))


def _add(scope: Scope, source: Source) -> None:
    if any(one.alias.lower() == source.alias.lower() for one in scope.sources):
        message = f"The correlation name '{source.alias}' is specified multiple times in a FROM clause."
        raise errors.SqlError(1011, message)
    scope.sources.append(source)


def _values(context: Context, scope: Scope, node: exp.Values) -> exp.Subquery:
    names = _renamed(node)
    walk = Expressions(context, Scope(outer=scope.outer), None)  # type: ignore[arg-type]  # no query stands in VALUES
    rows = [row.expressions for row in node.expressions]
    if any(len(row) != len(names) for row in rows):
        message = f"'{node.alias}' has fewer columns than were specified in the column list."
        raise errors.SqlError(8159, message)
    made, kinds = [], []
    for place in range(len(names)):
        values, kind = walk.common_of([row[place] for row in rows])
        made.append(values)
        kinds.append(Typed(None, kind).type)
    tuples = [exp.Tuple(expressions=[column[line].node for column in made]) for line in range(len(rows))]
    picked = [exp.Alias(this=exp.column(f"column{place + 1}"), alias=quoted(name)) for place, name in enumerate(names)]
    inner = exp.Select(expressions=picked, from_=exp.From(this=exp.Subquery(this=exp.Values(expressions=tuples))))
    return _derived(
        scope, node, inner, [Column(name, kind, plain=False) for name, kind in zip(names, kinds, strict=True)]
    )


def _table(context: Context, scope: Scope, node: exp.Table) -> exp.Table:
    alias = node.alias or node.name
    common = scope.cte(node.name) if not node.db else None
    if common is not None:
        _add(scope, Source(alias, common))
        return exp.Table(this=quoted(node.name), alias=exp.TableAlias(this=quoted(alias)))
    table = find_table(context, node)
    hints = _hints(node)
    context.read.add(table.stored_as)
    if hints & {"NOLOCK", "READUNCOMMITTED"}:
        context.dirty.add(table.stored_as)
    _add(scope, Source(alias, table.columns, table))
    return exp.Table(this=quoted(table.stored_as), alias=exp.TableAlias(this=quoted(alias)))


def find_table(context: Context, node: exp.Table) -> Any:
    """Finds the table or view that a name means.

    Raises:
        SqlError: 208, it is not there; 7202, on another server.
    """
    schema, database = node.db or "dbo", node.catalog
    written = ".".join(one for one in (database, node.db, node.name) if one)
    if isinstance(node.this, exp.Dot):
        message = (
            f"Could not find server '{database}' in sys.servers. Verify that the correct server name was specified."
        )
        raise errors.SqlError(7202, message, 11, 2)
    known = (
        {context.catalogue.database.lower(), "master"}
        if schema.lower() in {"sys", "information_schema"}
        else {context.catalogue.database.lower()}
    )
    table = context.catalogue.table(schema, node.name) if not database or database.lower() in known else None
    if table is None or node.args.get("temporary") or node.name.startswith("#"):
        raise errors.no_object(written)
    return table


def _hints(node: exp.Table) -> set[str]:
    hints = {
        one.name.upper() or str(one.this).upper() for hint in node.args.get("hints") or () for one in hint.expressions
    }
    unknown = next((one for one in hints if one not in _HINTS), None)
    if unknown is not None:
        message = f'"{unknown}" is not a recognized table hints option.'
        raise errors.SqlError(321, message, 15)
    if node.args.get("pivots") or node.args.get("sample"):
        what = "PIVOT, UNPIVOT or TABLESAMPLE"
        raise errors.StandInLimitError(what)
    return hints


def _function(context: Context, scope: Scope, node: exp.Table, query: Translate, columns_of: AsColumns) -> exp.Expr:
    call = node.this
    name = str(call.this)
    if name.upper() in _SERVERS:
        text = f"SQL Server blocked access to STATEMENT '{name}' of component 'Ad Hoc Distributed Queries'."
        raise errors.SqlError(_SERVERS[name.upper()], text)
    if name.lower() == "fn_my_permissions":
        return _permissions(context, scope, node)
    routine = context.catalogue.routine(node.db or "dbo", name)
    if routine is None or not routine.function:
        raise errors.no_object(".".join(one for one in (node.db, name) if one))
    context.read.add(f"{routine.schema}.{routine.name}")
    inner, columns = _called(context, scope, routine, call.expressions, query)
    alias = node.alias or name
    made = columns_of(columns, _renamed(node), alias)
    _add(scope, Source(alias, made))
    return exp.Subquery(this=inner, alias=exp.TableAlias(this=quoted(alias)))


def _called(
    context: Context, scope: Scope, routine: Routine, given: Sequence[exp.Expr], query: Translate
) -> tuple[Any, Any]:
    if len(given) != len(routine.arguments):
        message = f"An insufficient number of arguments were supplied for the procedure or function {routine.name}."
        raise errors.SqlError(313, message)
    walk = Expressions(context, Scope(outer=scope.outer), query)
    values = {
        one.name.lower(): converted(walk.typed(value), one.kind)
        for one, value in zip(routine.arguments, given, strict=True)
    }
    before, context.replacing = context.replacing, values
    try:
        return query(context, parsed(statements(routine.body)[0]), Scope(), nested=True)
    finally:
        context.replacing = before


def _permissions(context: Context, scope: Scope, node: exp.Table) -> exp.Table:
    """Gives `fn_my_permissions(NULL, 'DATABASE')` and its like, made anew at each look."""
    securable, kind = (one.name.upper() if isinstance(one, exp.Literal) else "" for one in node.this.expressions)
    table = context.catalogue.table("sys", f"fn_my_permissions_{'database' if kind == 'DATABASE' else 'server'}")
    if table is None or securable or kind not in {"DATABASE", "SERVER"}:
        what = f"fn_my_permissions of {kind or 'nothing'} {securable}; it knows (NULL, 'DATABASE') and (NULL, 'SERVER')"
        raise errors.StandInLimitError(what)
    context.read.add(table.stored_as)
    alias = node.alias or "fn_my_permissions"
    _add(scope, Source(alias, table.columns, table))
    return exp.Table(this=quoted(table.stored_as), alias=exp.TableAlias(this=quoted(alias)))
