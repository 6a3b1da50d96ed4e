"""Calls of procedures: the server's own, which drivers make, and those of the database.

Source: MS-TDS 2.2.6.6 for the numbers; Transact-SQL reference, "System stored procedures".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sqlglot import TokenType, exp

from crossdock.testing.sqlserver import errors, tokens
from crossdock.testing.sqlserver.batch import Batch
from crossdock.testing.sqlserver.defining import rebuild
from crossdock.testing.sqlserver.described import byte_length, type_number
from crossdock.testing.sqlserver.driver_catalogue import PROCEDURES
from crossdock.testing.sqlserver.grammar import parsed, statements
from crossdock.testing.sqlserver.kinds import INT, MAX, Kind, text
from crossdock.testing.sqlserver.results import Result, Value, rows_of
from crossdock.testing.sqlserver.session import Session
from crossdock.testing.sqlserver.storing import converted, kind_of
from crossdock.testing.sqlserver.tokens import ColumnInfo
from crossdock.testing.sqlserver.translate import Context, translate_query
from crossdock.testing.sqlserver.translate.context import placeholder
from crossdock.testing.sqlserver.translate.sources import find_table
from crossdock.testing.sqlserver.writing import type_info

Given = Sequence[tuple[str, Value]]
NUMBERS = {
    2: "sp_cursoropen",
    3: "sp_cursorprepare",
    4: "sp_cursorexecute",
    5: "sp_cursorprepexec",
    7: "sp_cursorfetch",
    9: "sp_cursorclose",
    10: "sp_executesql",
    11: "sp_prepare",
    12: "sp_execute",
    13: "sp_prepexec",
    14: "sp_prepexecrpc",
    15: "sp_unprepare",
}
_DECLARED = re.compile(
    r"(@\w+)\s+(?:AS\s+)?([\w\[\]]+(?:\s*\([^)]*\))?)\s*(?:OUTPUT|OUT|READONLY)?\s*(?:,|$)", re.IGNORECASE
)
_UNDECLARED = (
    "parameter_ordinal int, name sysname, suggested_system_type_id int, suggested_system_type_name nvarchar(256), "
    "suggested_max_length smallint, suggested_precision tinyint, suggested_scale tinyint, suggested_user_type_id int, "
    "suggested_user_type_database sysname, suggested_user_type_schema sysname, suggested_user_type_name sysname, "
    "suggested_assembly_qualified_type_name nvarchar(4000), suggested_xml_collection_id int, "
    "suggested_xml_collection_database sysname, "
    "suggested_xml_collection_schema sysname, suggested_xml_collection_name sysname, suggested_is_xml_document bit, "
    "suggested_is_case_sensitive bit, suggested_is_fixed_length_clr_type bit, suggested_is_input bit, "
    "suggested_is_output bit, "
    "formal_parameter_name sysname, suggested_tds_type_id int, suggested_tds_length int"
)


class Procedures:
    """Carries out calls for one session, and remembers what it prepared."""

    def __init__(self, session: Session) -> None:
        """Takes the session."""
        self.session, self.batch = session, Batch(session, self.call)
        self._prepared: dict[int, tuple[str, list[tuple[str, Kind]]]] = {}
        self._last = 0
        self.returned: list[tuple[int, Value]] = []
        """Output parameters by their place, for the call under way."""

    def call(self, _: Session, name: str, given: Given) -> Iterator[Result]:
        """Carries out EXEC of a name, with the tokens that end a procedure in a batch.

        Raises:
            SqlError: 2812, no such procedure; or what it raises.
        """
        for result in self.run(name, given):
            result.code = tokens.DONE_IN_PROC
            yield result
        yield Result(notes=tokens.return_status(0), code=tokens.DONE_PROC)

    def run(self, name: str, given: Given) -> Iterator[Result]:
        """Carries out a procedure and gives its results.

        Raises:
            SqlError: 2812, no such procedure; or what it raises.
        """
        plain = name.replace("[", "").replace("]", "").rpartition(".")[2].partition(";")[0].lower()
        self.returned = []
        own = self._OWN.get(plain)
        if own is not None:
            yield from own(self, given)
        elif plain in PROCEDURES:
            yield from self._catalogue(plain, given)
        else:
            routine = self.session.catalogue.routine("dbo", plain)
            if routine is None or routine.function:
                raise errors.no_procedure(name)
            yield from self.batch.run_routine(routine, given)

    def _catalogue(self, name: str, given: Given) -> Iterator[Result]:
        places, columns, rows = PROCEDURES[name]
        arguments = {key.lower() or places[place]: one.value for place, (key, one) in enumerate(given)}
        yield rows_of(columns, list(rows(self.session, arguments)), tokens.DONE_IN_PROC)

    def _execute_sql(self, given: Given) -> Iterator[Result]:
        yield from self._with_values(
            str(given[0][1].value), _declared(given[1][1].value if len(given) > 1 else ""), given[2:]
        )

    def _with_values(self, batch: str, declared: Sequence[tuple[str, Kind]], given: Given) -> Iterator[Result]:
        values = {}
        for place, (name, value) in enumerate(given):
            if place >= len(declared):
                what = "sp_executesql"
                raise errors.too_many_arguments(what)
            key, kind = declared[place] if not name else next(one for one in declared if one[0] == name.lower())
            values[key] = _as_declared(value, kind)
        missing = next((name for name, _ in declared if name not in values), None)
        if missing is not None:
            said = f"The parameterized query '({missing})' expects the parameter '{missing}', which was not supplied."
            raise errors.SqlError(8178, said)
        for result in self.batch.run(batch, values):
            result.code = tokens.DONE_IN_PROC
            yield result

    def _prepare(self, given: Given) -> Iterator[Result]:
        batch, declared = str(given[2][1].value), _declared(given[1][1].value)
        self._check(batch, declared)
        self._remember(batch, declared)
        yield from ()

    def _check(self, batch: str, declared: Sequence[tuple[str, Kind]]) -> None:
        """Refuses what could never run, as preparing does."""
        for statement in statements(batch):
            if statement.words[0] in {"SELECT", "WITH"}:
                self.session.prepared(statement, dict(declared))

    def _remember(self, batch: str, declared: list[tuple[str, Kind]]) -> None:
        self._last += 1
        self._prepared[self._last] = (batch, declared)
        self.returned = [(0, Value(INT, self._last))]

    def _prepare_and_execute(self, given: Given) -> Iterator[Result]:
        self._prepared.pop(given[0][1].value or 0, None)
        batch, declared = str(given[2][1].value), _declared(given[1][1].value)
        self._remember(batch, declared)
        yield from self._with_values(batch, declared, given[3:])

    def _prepare_and_call(self, given: Given) -> Iterator[Result]:
        self._last += 1
        handle = self._last
        self._prepared[handle] = (f"EXEC {given[1][1].value}", [])
        yield from self.run(str(given[1][1].value), given[2:])
        self.returned = [(0, Value(INT, handle))]

    def _execute(self, given: Given) -> Iterator[Result]:
        handle = given[0][1].value
        if handle not in self._prepared:
            raise errors.SqlError(8179, f"Could not find prepared statement with handle {handle}.", 16, 2)
        batch, declared = self._prepared[handle]
        yield from self._with_values(batch, declared, given[1:])

    def _unprepare(self, given: Given) -> Iterator[Result]:
        self._prepared.pop(given[0][1].value, None)
        yield from ()

    def _describe_parameters(self, given: Given) -> Iterator[Result]:
        batch = str(given[0][1].value)
        statement = statements(batch)[0]
        names = [one.text if one.text.startswith("@") else f"@{one.text}" for one in _parameters_of(statement.tokens)]
        kinds = self._inferred(parsed(statement), list(dict.fromkeys(name.lower() for name in names)))
        columns = tuple(
            ColumnInfo(name, kind_of(kind))
            for name, _, kind in (one.strip().partition(" ") for one in _UNDECLARED.split(", "))
        )
        rows = []
        for place, name in enumerate(dict.fromkeys(names), 1):
            kind = kinds.get(name.lower()) or text(4000, wide=True)
            shape = (type_number(kind), kind.spelt, byte_length(kind), kind.precision, kind.scale)
            rows.append((place, name, *shape, *([None] * 9), 0, 0, 0, 1, 0, None, *_wire(kind)))
        yield rows_of(columns, rows, tokens.DONE_IN_PROC)

    def _inferred(self, node: exp.Expr, names: list[str]) -> dict[str, Kind]:
        context = Context(self.session.catalogue, dict.fromkeys(names))  # type: ignore[arg-type]  # None: to be found out
        if isinstance(node, exp.Query):
            translate_query(context, node)
            return {name: context.inferred[key] for name in names if (key := placeholder(name)) in context.inferred}
        return self._from_targets(node)

    def _from_targets(self, node: exp.Expr) -> dict[str, Kind]:
        if not isinstance(node, exp.Insert) or not isinstance(node.expression, exp.Values):
            return {}
        named = node.this.this if isinstance(node.this, exp.Schema) else node.this
        table = find_table(Context(self.session.catalogue, {}), named)
        columns = (
            [table.column(one.name) for one in node.this.expressions]
            if isinstance(node.this, exp.Schema)
            else list(table.columns)
        )
        pairs = zip(node.expression.expressions[0].expressions, columns, strict=False)
        return {
            f"@{one.name}".lower(): column.kind for one, column in pairs if isinstance(one, exp.Parameter) and column
        }

    def _describe_columns(self, given: Given) -> Iterator[Result]:
        what = f"sp_describe_first_result_set of {given[0][1].value}"
        raise errors.StandInLimitError(what)
        yield

    def _rename(self, given: Given) -> Iterator[Result]:
        values = [one.value for _, one in given]
        if self.session.login.rights != "owner":
            raise errors.not_allowed()
        if len(values) < 3 or str(values[2]).upper() != "COLUMN":  # noqa: PLR2004
            what = "sp_rename of anything but a column"
            raise errors.StandInLimitError(what)
        *table_name, old = [one.strip("[]") for one in str(values[0]).split(".")]
        table = self.session.catalogue.table("dbo", table_name[-1])
        if table is None or table.column(old) is None:
            raise errors.SqlError(
                15248, "Either the parameter @objname is ambiguous or the claimed @objtype (COLUMN) is wrong.", 11
            )
        new = str(values[1])
        columns = [replace(one, name=new) if one.name.lower() == old.lower() else one for one in table.columns]
        renamed = replace(
            table,
            indexes=tuple(
                replace(one, columns=tuple(new if name.lower() == old.lower() else name for name in one.columns))
                for one in table.indexes
            ),
        )
        self.session.begin_writing(table)
        self.session.catalogue.put(renamed)
        sources = {one.name: old if one.name == new else one.name for one in columns}
        rebuild(self.session, replace(renamed, columns=table.columns), columns, sources)
        yield from ()

    def _cursor(self, _: Given) -> Iterator[Result]:
        what = "server cursors (sp_cursor...)"
        raise errors.StandInLimitError(what)
        yield

    _OWN: ClassVar[dict[str, Callable[["Procedures", Given], Iterator[Result]]]] = {
        "sp_executesql": _execute_sql,
        "sp_prepare": _prepare,
        "sp_prepexec": _prepare_and_execute,
        "sp_prepexecrpc": _prepare_and_call,
        "sp_execute": _execute,
        "sp_unprepare": _unprepare,
        "sp_describe_undeclared_parameters": _describe_parameters,
        "sp_describe_first_result_set": _describe_columns,
        "sp_rename": _rename,
        **dict.fromkeys(("sp_cursoropen", "sp_cursorprepare", "sp_cursorexecute", "sp_cursorprepexec"), _cursor),
        **dict.fromkeys(("sp_cursorfetch", "sp_cursorclose"), _cursor),
    }


def _parameters_of(found: Sequence[Any]) -> list[Any]:
    made = []
    for place, one in enumerate(found):
        before = found[place - 1].token_type if place else None
        twice = place > 1 and found[place - 2].token_type is TokenType.PARAMETER
        if before is TokenType.PARAMETER and not twice and one.token_type is not TokenType.PARAMETER:
            made.append(one)
    return made


def _declared(text_of: Any) -> list[tuple[str, Kind]]:
    """Reads a list of parameters such as `@P1 int, @P2 nvarchar(20)`."""
    made = []
    for name, spelt in _DECLARED.findall(str(text_of or "")):
        try:
            kind = kind_of(re.sub(r"[\s\[\]]", "", spelt))
        except KeyError as native:
            raise errors.SqlError(
                2715, f"Column, parameter, or variable {name}: Cannot find data type {spelt}."
            ) from native
        made.append((name.lower(), kind))
    return made


def _as_declared(given: Value, kind: Kind) -> Value:
    return Value(kind, converted(given.value, given.kind, kind))


def _wire(kind: Kind) -> tuple[int, int]:
    size = 65535 if kind.length == MAX else byte_length(kind)
    return type_info(kind)[0], size
