"""INSERT, UPDATE, DELETE and TRUNCATE, with what SQL Server does to values on their way into a column."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors, tokens
from crossdock.testing.sqlserver.catalogue import Column, Table
from crossdock.testing.sqlserver.grammar import parsed, statements
from crossdock.testing.sqlserver.kinds import INT, Kind
from crossdock.testing.sqlserver.results import Result
from crossdock.testing.sqlserver.session import Session
from crossdock.testing.sqlserver.storing import stored_in
from crossdock.testing.sqlserver.tokens import ColumnInfo
from crossdock.testing.sqlserver.translate import Context, translate_query
from crossdock.testing.sqlserver.translate.context import Scope, Source, call, placeholder, quoted, word
from crossdock.testing.sqlserver.translate.expressions import Expressions
from crossdock.testing.sqlserver.translate.queries import translate
from crossdock.testing.sqlserver.translate.sources import find_table

_RIGHTS: dict[type, str] = {
    exp.Insert: "INSERT",
    exp.Update: "UPDATE",
    exp.Delete: "DELETE",
    exp.Merge: "UPDATE",
    exp.TruncateTable: "ALTER",
}


def write(session: Session, node: exp.Expr) -> Result:
    """Carries out a statement that changes rows.

    Raises:
        SqlError: refused.
    """
    context = Context(session.catalogue, {name: one.kind for name, one in session.variables.items()})
    target = node.expressions[0] if isinstance(node, exp.TruncateTable) else node.this
    named = target.this if isinstance(target, exp.Schema) else target
    if not isinstance(named, exp.Table):
        raise errors.syntax(named.sql("tsql")[:20])
    table = find_table(context, named)
    permit(session, _RIGHTS[type(node)], table)
    if table.view or table.is_system:
        what = f"writing to the view {table.name}"
        raise errors.StandInLimitError(what)
    session.begin_writing(table)
    result: Result = _WRITERS[type(node)](session, context, node, table)
    return result


def permit(session: Session, right: str, table: Table) -> None:
    """Refuses a login without the right.

    Raises:
        SqlError: 229, or 1088 for what needs ALTER.
    """
    if table.is_system:
        message = "Ad hoc updates to system catalogs are not allowed."
        raise errors.SqlError(259, message)
    if right == "ALTER" and session.login.rights != "owner":
        message = f'Cannot find the object "{table.name}" because it does not exist or you do not have permissions.'
        raise errors.SqlError(1088, message, 16, 7)
    if not session.login.may(right, table.name):
        raise errors.denied(right, table.name, session.database)


def _insert(session: Session, context: Context, node: exp.Insert, table: Table) -> Result:
    named = [one.name for one in node.this.expressions] if isinstance(node.this, exp.Schema) else None
    columns = _targets(session, table, named)
    rows = _given(session, context, node, columns, table)
    made = [complete(session, table, columns, row) for row in rows]
    insert_rows(session, table, made)
    returned = node.args.get("returning")
    if returned is None:
        return Result(tokens.INSERT, count=len(made))
    chosen = [_column(table, one.name) for one in returned.expressions]
    infos = [ColumnInfo(one.name, one.kind, one.nullable, one.identity) for one in chosen]
    places = [table.columns.index(one) for one in chosen]
    return Result(tokens.INSERT, infos, iter([tuple(row[place] for place in places) for row in made]))


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    if column is None:
        raise errors.no_column(name)
    return column


def _targets(session: Session, table: Table, named: Sequence[str] | None) -> list[Column]:
    if named is None:
        return [one for one in table.columns if not one.identity and one.kind.name != "timestamp"]
    columns = [_column(table, name) for name in named]
    if any(one.identity for one in columns) and not session.identity_insert:
        said = f"Cannot insert explicit value for identity column in table '{table.name}'"
        raise errors.SqlError(544, f"{said} when IDENTITY_INSERT is set to OFF.")
    if any(one.kind.name == "timestamp" for one in columns):
        message = "Cannot insert an explicit value into a timestamp column."
        raise errors.SqlError(273, message)
    return columns


def _given(
    session: Session, context: Context, node: exp.Insert, columns: Sequence[Column], table: Table
) -> list[Sequence[Any]]:
    source = node.expression
    if node.args.get("default") or source is None:
        return [[_default(session, one) for one in columns]]
    if isinstance(source, exp.Values):
        return [_evaluated(session, context, row.expressions, columns, table) for row in source.expressions]
    answer = translate_query(context, source)
    _same_count(len(answer.columns), len(columns))
    values = {placeholder(name): session.variables[name].value for name in answer.parameters}
    pairs = list(zip(answer.columns, columns, strict=True))
    rows = session.run_sqlite(answer.sql, values)
    return [
        [
            stored_in(value, info.kind, column.kind, table.name, column.name)
            for value, (info, column) in zip(row, pairs, strict=True)
        ]
        for row in rows
    ]


def _same_count(given: int, wanted: int) -> None:
    if given > wanted:
        message = "There are more columns in the INSERT statement than values specified in the VALUES clause."
        raise errors.SqlError(110, message, 15)
    if given < wanted:
        message = "There are fewer columns in the INSERT statement than values specified in the VALUES clause."
        raise errors.SqlError(109, message, 15)


def _evaluated(
    session: Session, context: Context, nodes: Sequence[exp.Expr], columns: Sequence[Column], table: Table
) -> list[Any]:
    _same_count(len(nodes), len(columns))
    walk = Expressions(context, Scope(), translate)
    row = []
    for node, column in zip(nodes, columns, strict=True):
        if isinstance(node, exp.Column) and node.name.upper() == "DEFAULT":
            row.append(_default(session, column))
        else:
            value, kind = evaluated(session, walk, node)
            row.append(stored_in(value, kind, column.kind, table.name, column.name))
    return row


def evaluated(session: Session, walk: Expressions, node: exp.Expr) -> tuple[Any, Kind]:
    """Gives the value and type of an expression that reads no row."""
    plain = _as_written(session, node)
    if plain is not None:
        return plain
    made = walk.typed(node)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return f"-{node.this.this}", made.type
    values = {placeholder(name): session.variables[name].value for name in walk.context.used}
    ((value,),) = session.run_sqlite(exp.Select(expressions=[made.node]).sql("sqlite"), values)
    return value, made.type


def _as_written(session: Session, node: exp.Expr) -> tuple[Any, Kind] | None:
    """Gives the value of what needs no computing; None for all else."""
    if isinstance(node, exp.Literal) and node.is_string:
        return node.this, Kind("varchar", max(len(node.this), 1))
    if isinstance(node, exp.National):
        return node.name, Kind("nvarchar", max(len(node.name), 1))
    if isinstance(node, exp.Null):
        return None, INT
    if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Var):
        one = session.variables.get(f"@{node.name}".lower())
        return (one.value, one.kind) if one is not None else None
    return None


def _default(session: Session, column: Column) -> Any:
    if column.default is None:
        return None
    walk = Expressions(Context(session.catalogue, {}), Scope(), translate)
    node = parsed(statements(f"SELECT {column.default}")[0]).expressions[0]
    value, kind = evaluated(session, walk, node.unnest())
    return stored_in(value, kind, column.kind, "", column.name)


def complete(session: Session, table: Table, columns: Sequence[Column], row: Sequence[Any]) -> tuple[Any, ...]:
    """Gives a row with all of the table's columns: identity, row version and defaults where nothing is given."""
    given: Mapping[str, Any] = {column.name: value for column, value in zip(columns, row, strict=True)}
    made: list[Any] = []
    for column in table.columns:
        if column.kind.name == "timestamp":
            made.append(session.server.next_version())
        elif column.name in given:
            made.append(given[column.name])
        elif column.identity:
            made.append(session.server.next_identity(session, table, column))
        else:
            made.append(_default(session, column))
        if made[-1] is None and not column.nullable:
            raise errors.null_refused(column.name, f"{session.database}.dbo.{table.name}", "INSERT")
        if column.identity:
            session.identity = made[-1]
    return tuple(made)


def insert_rows(session: Session, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    """Puts complete rows into SQLite."""
    marks = ", ".join("?" for _ in table.columns)
    for row in rows:
        session.change(f'INSERT INTO "{table.stored_as}" VALUES ({marks})', row)  # noqa: S608  # a name of the catalogue


def _walk(context: Context, table: Table) -> Expressions:
    return Expressions(context, Scope([Source(table.stored_as, table.columns, table)]), translate)


def _aliased(node: exp.Expr, table: Table) -> exp.Expr:
    """Gives a statement in which columns named with the table's name are named without, as there is one table only."""
    copy = node.copy()
    for column in copy.find_all(exp.Column):
        if column.table.lower() == table.name.lower():
            column.set("table", None)
            column.set("db", None)
    return copy


def _refuse_more(node: exp.Expr, *names: str) -> None:
    asked = next((name for name in names if node.args.get(name)), None)
    if asked is not None:
        what = f"{asked.rstrip('_').upper()} in {node.key.upper()}"
        raise errors.StandInLimitError(what)


def _update(session: Session, context: Context, given: exp.Update, table: Table) -> Result:
    _refuse_more(given, "from_", "limit", "returning", "with_")
    node = _aliased(given, table)
    walk, settings = _walk(context, table), []
    for setting in node.expressions:
        column = _column(table, setting.left.name)
        new = walk.typed(setting.right)
        value = call(
            "store", new.node, word(new.type.spelt), word(column.kind.spelt), word(table.name), word(column.name)
        )
        settings.append(exp.EQ(this=exp.column(quoted(column.name)), expression=value))
    versions = [one for one in table.columns if one.kind.name == "timestamp"]
    settings += [exp.EQ(this=exp.column(quoted(one.name)), expression=call("next_version")) for one in versions]
    made = exp.Update(this=exp.Table(this=quoted(table.stored_as)), expressions=settings, where=_where(walk, node))
    return Result(tokens.UPDATE, count=_changed(session, context, made))


def _delete(session: Session, context: Context, given: exp.Delete, table: Table) -> Result:
    _refuse_more(given, "tables", "limit", "returning", "with_")
    node = _aliased(given, table)
    made = exp.Delete(this=exp.Table(this=quoted(table.stored_as)), where=_where(_walk(context, table), node))
    return Result(tokens.DELETE, count=_changed(session, context, made))


def _where(walk: Expressions, node: exp.Expr) -> exp.Where | None:
    where = node.args.get("where")
    return exp.Where(this=walk.condition(where.this)) if where is not None else None


def _changed(session: Session, context: Context, made: exp.Expr) -> int:
    values = {placeholder(name): session.variables[name].value for name in context.used}
    return session.change(made.sql("sqlite"), values)


def _truncate(session: Session, _: Context, __: exp.TruncateTable, table: Table) -> Result:
    session.change(f'DELETE FROM "{table.stored_as}"')  # noqa: S608  # a name of the catalogue
    return Result()


def _merge(*_: Any) -> Result:
    what = "MERGE"
    raise errors.StandInLimitError(what)


_WRITERS: dict[type, Any] = {
    exp.Insert: _insert,
    exp.Update: _update,
    exp.Delete: _delete,
    exp.Merge: _merge,
    exp.TruncateTable: _truncate,
}
