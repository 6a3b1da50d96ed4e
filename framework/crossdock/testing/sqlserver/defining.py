"""CREATE, ALTER and DROP: tables, indexes, views, procedures and functions."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlglot import exp

from crossdock.testing.sqlserver import errors
from crossdock.testing.sqlserver.catalogue import Argument, Column, Index, Routine, Table
from crossdock.testing.sqlserver.collation import collation_of
from crossdock.testing.sqlserver.grammar import unknown
from crossdock.testing.sqlserver.kinds import Kind
from crossdock.testing.sqlserver.session import Session
from crossdock.testing.sqlserver.storing import kind_of
from crossdock.testing.sqlserver.translate import Context
from crossdock.testing.sqlserver.translate.expressions import kind_of_node
from crossdock.testing.sqlserver.translate.queries import as_columns, translate
from crossdock.testing.sqlserver.translate.sources import find_table

_WORDS: dict[type, str] = {exp.Create: "CREATE", exp.Drop: "DROP", exp.Alter: "ALTER"}
_AFFINITY = {"int": "INTEGER", "bit": "INTEGER", "float": "REAL", "binary": "BLOB", "variant": ""}
_ROUTINE = re.compile(
    r"\s*CREATE\s+(?:OR\s+ALTER\s+)?(?P<what>PROC|PROCEDURE|FUNCTION)\s+(?:\[?dbo\]?\.)?\[?(?P<name>\w+)\]?\s*"
    r"(?P<arguments>.*?)\s*(?:RETURNS\s+TABLE\s*)?\bAS\b\s*(?P<body>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ARGUMENT = re.compile(
    r"(?P<name>@\w+)\s+(?:AS\s+)?(?P<kind>\w+(?:\s*\([^)]*\))?)(?:\s*=\s*(?P<default>[^,]+))?", re.IGNORECASE
)


def define(session: Session, node: exp.Expr) -> None:
    """Carries out a statement that changes what there is.

    Raises:
        SqlError: refused.
    """
    kind = str(node.args.get("kind") or "").upper()
    word = _WORDS.get(type(node), "")
    maker = _MAKERS.get((word, kind.removeprefix("CLUSTERED ").removeprefix("NONCLUSTERED ")))
    if session.login.rights != "owner":
        raise _denied(session, word, kind, node)
    if maker is None:
        raise unknown(node)
    maker(session, node)


def _denied(session: Session, word: str, kind: str, node: exp.Expr) -> errors.SqlError:
    if word == "CREATE" and kind != "INDEX":
        return errors.denied_in_database(f"{word} {kind}", session.database)
    named = node.find(exp.Table)
    name = named.name if named is not None else kind.lower()
    text = (
        f"Cannot {word.lower()} the {kind.lower()} '{name}', because it does not exist or you do not have permission."
    )
    return errors.SqlError(3701 if word == "DROP" else 1088, text, 14 if word == "DROP" else 16)


def _begin(session: Session, table: Table) -> None:
    session.begin_writing(table)


def _name(node: exp.Expr) -> tuple[str, str]:
    named: Any = node.this if isinstance(node, exp.Schema) else node
    if named.name.startswith("#") or named.this.args.get("temporary"):
        what = f"temporary tables ({named.name})"
        raise errors.StandInLimitError(what)
    return named.db or "dbo", named.name


def _create_table(session: Session, node: exp.Create) -> None:
    schema, name = _name(node.this)
    if not isinstance(node.this, exp.Schema):
        raise errors.syntax(name)
    if session.catalogue.table(schema, name) is not None:
        raise errors.SqlError(2714, f"There is already an object named '{name}' in the database.", 16, 6)
    columns: list[Column] = []
    key: tuple[str, ...] = ()
    for part in node.this.expressions:
        if isinstance(part, exp.ColumnDef):
            column, is_key = _column(part)
            columns.append(column)
            key = (column.name,) if is_key else key
        else:
            key = _key(part) or key
    table = Table(schema, name, tuple(columns))
    if key:
        columns = [replace(one, nullable=one.nullable and one.name not in key) for one in columns]
        table = replace(table, columns=tuple(columns), indexes=(Index(f"PK_{name}", key, unique=True, primary=True),))
    _begin(session, table)
    create_stored(session, session.catalogue.put(table))
    session.stale_views = True


def _key(part: exp.Expr) -> tuple[str, ...]:
    key = part.find(exp.PrimaryKey)
    if key is None:
        what = f"the constraint {part.sql('tsql')[:100]}"
        raise errors.StandInLimitError(what)
    return tuple(one.this.name if isinstance(one, exp.Ordered) else one.name for one in key.expressions)


def _column(node: exp.ColumnDef) -> tuple[Column, bool]:
    if node.kind is None:
        raise errors.syntax(node.name)
    column, key = Column(node.name, kind_of_node(node.kind)), False
    for constraint in node.args.get("constraints") or ():
        kind = constraint.kind
        if isinstance(kind, exp.NotNullColumnConstraint):
            column = replace(column, nullable=bool(kind.args.get("allow_null")))
        elif isinstance(kind, exp.GeneratedAsIdentityColumnConstraint):
            column = replace(column, identity=True, nullable=False)
        elif isinstance(kind, exp.DefaultColumnConstraint):
            column = replace(column, default=kind.this.sql("tsql"))
        elif isinstance(kind, exp.CollateColumnConstraint):
            column = replace(column, collation=collation_of(kind.this.name))
        elif isinstance(kind, exp.PrimaryKeyColumnConstraint):
            key = True
        else:
            what = f"the constraint {constraint.sql('tsql')[:100]}"
            raise errors.StandInLimitError(what)
    return column, key


def create_stored(session: Session, table: Table, stored_as: str = "") -> None:
    """Makes SQLite's table of a table.

    Args:
        session: whose transaction it belongs to.
        table: as catalogued.
        stored_as: another name for it.
    """
    stored_as = stored_as or table.stored_as
    parts = [_stored_column(one) for one in table.columns]
    if table.key:
        parts.append(f"PRIMARY KEY ({_list(table.key.columns)})")
    session.change(f'CREATE TABLE "{stored_as}" ({", ".join(parts)})')
    if stored_as == table.stored_as:
        for index in table.indexes:
            if not index.primary:
                _create_stored_index(session, table, index)


def _list(names: Sequence[str]) -> str:
    return ", ".join(f'"{one}"' for one in names)


def _stored_column(column: Column) -> str:
    affinity = _AFFINITY.get(column.kind.family, "TEXT")
    sorts = f" COLLATE {column.sorts_by}" if column.sorts_by else ""
    return f'"{column.name}" {affinity}{sorts}{"" if column.nullable else " NOT NULL"}'


def _create_stored_index(session: Session, table: Table, index: Index) -> None:
    unique = "UNIQUE " if index.unique else ""
    session.change(f'CREATE {unique}INDEX "{table.name}.{index.name}" ON "{table.stored_as}" ({_list(index.columns)})')


def _create_index(session: Session, node: exp.Create) -> None:
    table = find_table(Context(session.catalogue, {}), node.this.args["table"])
    names = [one.this.name for one in node.this.args["params"].args.get("columns") or ()]
    for name in names:
        if table.column(name) is None:
            raise errors.SqlError(1911, f"Column name '{name}' does not exist in the target table or view.")
    index = Index(node.this.name, tuple(names), unique=bool(node.args.get("unique")))
    _begin(session, table)
    _create_stored_index(session, table, index)
    session.catalogue.put(replace(table, indexes=(*table.indexes, index)))
    session.stale_views = True


def _create_view(session: Session, node: exp.Create) -> None:
    schema, name = _name(node.this)
    made, columns = translate(Context(session.catalogue, {}), node.expression, None, nested=True)
    table = Table(schema, name, tuple(as_columns(columns, (), name)), view=True)
    _begin(session, table)
    session.change(
        f'CREATE VIEW "{table.stored_as}" ({_list([one.name for one in table.columns])}) AS {made.sql("sqlite")}'
    )
    session.catalogue.put(table)
    session.stale_views = True


def _drop(session: Session, node: exp.Drop) -> None:
    for named in node.args.get("tables") or [node.this]:
        schema, name = _name(named)
        table = session.catalogue.table(schema, name)
        if table is None or table.is_system:
            if node.args.get("exists"):
                continue
            text = f"Cannot drop the table '{name}', because it does not exist or you do not have permission."
            raise errors.SqlError(3701, text, 11, 5)
        _begin(session, table)
        session.change(f'DROP {"VIEW" if table.view else "TABLE"} "{table.stored_as}"')
        session.catalogue.drop(table)
        session.stale_views = True


def _alter(session: Session, node: exp.Alter) -> None:
    table = find_table(Context(session.catalogue, {}), node.this)
    columns: list[Column] = list(table.columns)
    for action in node.args["actions"]:
        if isinstance(action, exp.ColumnDef):
            columns.append(_column(action)[0])
        elif isinstance(action, exp.Drop):
            gone = {one.name.lower() for one in action.args.get("tables") or [action.this]}
            columns = [one for one in columns if one.name.lower() not in gone]
        elif isinstance(action, exp.AlterColumn):
            kind = kind_of_node(action.args["dtype"])
            columns = [replace(one, kind=kind) if one.name.lower() == action.name.lower() else one for one in columns]
        else:
            raise unknown(node)
    rebuild(session, table, columns, {one.name: one.name for one in columns})


def rebuild(session: Session, table: Table, columns: Sequence[Column], sources: dict[str, str]) -> None:
    """Gives a table other columns, its rows with them.

    Args:
        session: whose transaction it belongs to.
        table: as it was.
        columns: as they will be.
        sources: by the name of a new column, the old one that its values come from.
    """
    _begin(session, table)
    kept = tuple(
        one
        for one in table.indexes
        if all(any(name.lower() == new.name.lower() for new in columns) for name in one.columns)
    )
    new, beside = replace(table, columns=tuple(columns), indexes=kept), f"{table.stored_as}.new"
    create_stored(session, new, beside)
    values = ", ".join(_moved(session, table, one, sources.get(one.name, "")) for one in columns)
    session.change(f'INSERT INTO "{beside}" SELECT {values} FROM "{table.stored_as}"')  # noqa: S608  # names of the catalogue
    session.change(f'DROP TABLE "{table.stored_as}"')
    session.change(f'ALTER TABLE "{beside}" RENAME TO "{table.stored_as}"')
    for index in kept:
        if not index.primary:
            _create_stored_index(session, new, index)
    session.catalogue.put(new)
    session.stale_views = True


def _moved(session: Session, table: Table, column: Column, source: str) -> str:
    old = table.column(source) if source else None
    if old is None:
        from crossdock.testing.sqlserver.writing_rows import complete  # noqa: PLC0415  # it writes rows, this makes tables

        (value,) = complete(session, replace(table, columns=(replace(column, nullable=True),)), (), ())
        if value is None and not column.nullable and session.count(table):
            text = "ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition"
            raise errors.SqlError(4901, f"{text} specified. Column '{column.name}'.")
        return (
            "NULL"
            if value is None
            else exp.convert(value).sql("sqlite")
            if not isinstance(value, bytes)
            else f"x'{value.hex()}'"
        )
    if old.kind == column.kind:
        return f'"{old.name}"'
    return f"tsql_store(\"{old.name}\", '{old.kind.spelt}', '{column.kind.spelt}', '{table.name}', '{column.name}')"


def define_routine(session: Session, text: str) -> None:
    """Makes a procedure or a table function of its text.

    Raises:
        SqlError: refused, or more than the stand-in reads.
    """
    found = _ROUTINE.fullmatch(text)
    if found is None:
        what = f"the definition {text[:100]}"
        raise errors.StandInLimitError(what)
    function = found["what"].upper() == "FUNCTION"
    if session.login.rights != "owner":
        raise errors.denied_in_database("CREATE FUNCTION" if function else "CREATE PROCEDURE", session.database)
    body = found["body"].strip().rstrip(";")
    if function:
        body = re.sub(r"^RETURN\s*\(?(.*?)\)?$", r"\1", body, flags=re.IGNORECASE | re.DOTALL)
    elif body.upper().startswith("BEGIN") and body.upper().endswith("END"):
        body = body[5:-3]
    arguments = found["arguments"].strip()
    inside = arguments[1:-1] if arguments.startswith("(") else arguments
    _begin(session, Table("dbo", found["name"], ()))
    session.catalogue.put_routine(
        Routine("dbo", found["name"], tuple(_arguments(inside)), body.strip(), function=function)
    )
    session.stale_views = True


def _arguments(text: str) -> list[Argument]:
    found = _ARGUMENT.finditer(text)
    return [Argument(one["name"], _declared(one["kind"]), one["default"] and one["default"].strip()) for one in found]


def _declared(text: str) -> Kind:
    try:
        return kind_of(re.sub(r"\s+", "", text))
    except KeyError as native:
        raise errors.SqlError(2715, f"Cannot find data type {text}.") from native


_MAKERS: dict[tuple[str, str], Callable[[Session, Any], None]] = {
    ("CREATE", "TABLE"): _create_table,
    ("CREATE", "INDEX"): _create_index,
    ("CREATE", "VIEW"): _create_view,
    ("DROP", "TABLE"): _drop,
    ("DROP", "VIEW"): _drop,
    ("ALTER", "TABLE"): _alter,
}
