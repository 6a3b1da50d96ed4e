"""A batch at work: one statement after the other, each carried out where it belongs."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from sqlglot import exp

from crossdock.testing.sqlserver import errors, tokens
from crossdock.testing.sqlserver.catalogue import Routine
from crossdock.testing.sqlserver.defining import define, define_routine
from crossdock.testing.sqlserver.errors import SqlError
from crossdock.testing.sqlserver.faults import Fault
from crossdock.testing.sqlserver.grammar import Statement, parsed, statements, unknown
from crossdock.testing.sqlserver.kinds import INT, Kind
from crossdock.testing.sqlserver.results import Result, Value
from crossdock.testing.sqlserver.session import (
    READ_COMMITTED,
    READ_UNCOMMITTED,
    REPEATABLE_READ,
    SERIALIZABLE,
    SNAPSHOT,
    CutError,
    Session,
)
from crossdock.testing.sqlserver.storing import converted
from crossdock.testing.sqlserver.translate import Context
from crossdock.testing.sqlserver.translate.context import Scope
from crossdock.testing.sqlserver.translate.expressions import Expressions, kind_of_node
from crossdock.testing.sqlserver.translate.queries import translate
from crossdock.testing.sqlserver.writing_rows import evaluated, write

Call = Callable[[Session, str, Sequence[tuple[str, Value]]], Iterator[Result]]
_LEVELS = {
    "READ UNCOMMITTED": READ_UNCOMMITTED,
    "READ COMMITTED": READ_COMMITTED,
    "REPEATABLE READ": REPEATABLE_READ,
    "SERIALIZABLE": SERIALIZABLE,
    "SNAPSHOT": SNAPSHOT,
}
_IF_OPEN = re.compile(r"\s*IF\s+@@TRANCOUNT\s*>\s*0\s+(?P<then>.*)", re.IGNORECASE | re.DOTALL)
_DELAY = re.compile(r"\s*WAITFOR\s+DELAY\s+N?'(\d+):(\d+):(\d+(?:\.\d+)?)'\s*", re.IGNORECASE)
_HARMLESS = frozenset(
    [
        "ANSI_NULLS",
        "ANSI_NULL_DFLT_ON",
        "ANSI_PADDING",
        "ANSI_WARNINGS",
        "ANSI_DEFAULTS",
        "ARITHABORT",
        "CONCAT_NULL_YIELDS_NULL",
        "CURSOR_CLOSE_ON_COMMIT",
        "NUMERIC_ROUNDABORT",
        "QUOTED_IDENTIFIER",
        "TEXTSIZE",
        "DATEFORMAT",
        "LANGUAGE",
        "DEADLOCK_PRIORITY",
        "DATEFIRST",
        "FMTONLY",
        "ROWCOUNT",
        "QUERY_GOVERNOR_COST_LIMIT",
        "STATISTICS",
        "NO_BROWSETABLE",
        "CONTEXT_INFO",
    ]
)
_WRITES = {"INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP"}
_FORBIDDEN = {"GRANT", "REVOKE", "DENY", "BACKUP", "RESTORE", "DBCC", "SHUTDOWN", "KILL", "RECONFIGURE", "BULK"}


class Batch:
    """Runs batches of one session."""

    def __init__(self, session: Session, call: Call) -> None:
        """Takes the session, and what carries out EXEC."""
        self.session, self.call = session, call

    def run(self, text: str, given: Mapping[str, Value] | None = None) -> Iterator[Result]:
        """Runs a batch and gives its results one by one.

        Args:
            text: T-SQL.
            given: parameters, by name with @ in lower case.

        Raises:
            SqlError: refused; what stood before it is done.
            InterruptedStatementError: the client gave up.
            CutError: a fault wants the connection cut.
        """
        before, self.session.variables = self.session.variables, dict(given or {})
        try:
            for place, statement in enumerate(statements(text)):
                yield from self._one(statement, first=place == 0)
        finally:
            self.session.variables = before

    def _one(self, statement: Statement, *, first: bool) -> Iterator[Result]:
        word = statement.words[0]
        fault = self.session.strike(statement.text, writes=word in _WRITES)
        try:
            yield from self._guarded(statement, word, fault, first=first)
            self.session.end_statement()
        except SqlError as trouble:
            self._after(trouble)
            raise
        except GeneratorExit:
            self.session.end_statement()
            raise
        except CutError:
            raise
        except Exception:
            if not self.session.open_transactions:
                self.session.end_transaction(commit=False)
            raise
        if fault is not None:
            raise CutError

    def _guarded(self, statement: Statement, word: str, fault: Fault | None, *, first: bool) -> Iterator[Result]:
        session = self.session
        session.last_error = 0
        inside = session.open_transactions > 0 and session.writing and word in _WRITES
        if inside:
            session.sqlite.execute("SAVEPOINT statement")
        try:
            for result in self._carried_out(statement, word, first=first):
                if fault is None:
                    yield result
                elif fault.kind == "close_after_rows" and result.rows is not None:
                    result.rows = _cut_after(result.rows, fault.rows)
                    yield result
            if inside and session.sqlite.in_transaction:
                session.sqlite.execute("RELEASE statement")
        except SqlError:
            if inside and session.sqlite.in_transaction:
                session.sqlite.execute("ROLLBACK TO statement")
                session.sqlite.execute("RELEASE statement")
            raise

    def _after(self, trouble: SqlError) -> None:
        self.session.last_error = trouble.number
        if trouble.dooms or self.session.aborts or not self.session.open_transactions:
            self.session.end_transaction(commit=False)

    def _carried_out(self, statement: Statement, word: str, *, first: bool) -> Iterator[Result]:
        special = self._SPECIAL.get(word)
        if special is not None:
            yield from special(self, statement)
        elif word in _FORBIDDEN:
            yield from self._forbidden(word)
        elif (
            first
            and re.fullmatch(r"(\[?\w+\]?\.)*\[?\w+\]?(\s+[^=].*)?", statement.text, re.DOTALL)
            and _names_procedure(statement)
        ):
            yield from self._execute(statements(f"EXEC {statement.text}")[0])
        else:
            raise errors.syntax(statement.tokens[0].text)

    # Rows

    def _select(self, statement: Statement) -> Iterator[Result]:
        if "INTO" in statement.words:
            self._refuse_into(statement)
        answer, rows = self.session.query(statement)
        yield Result(tokens.SELECT, answer.columns, rows)

    def _refuse_into(self, statement: Statement) -> None:
        node = parsed(statement)
        into = node.args.get("into")
        if into is None:
            return
        if self.session.login.rights != "owner" and not into.this.this.args.get("temporary"):
            what = "CREATE TABLE"
            raise errors.denied_in_database(what, self.session.database)
        what = "SELECT INTO"
        raise errors.StandInLimitError(what)

    def _with(self, statement: Statement) -> Iterator[Result]:
        node = parsed(statement)
        if isinstance(node, exp.Query):
            yield from self._select(statement)
        else:
            yield from self._write(statement)

    def _write(self, statement: Statement) -> Iterator[Result]:
        result = write(self.session, parsed(statement))
        self.session.row_count = result.count or 0
        yield result

    def _define(self, statement: Statement) -> Iterator[Result]:
        if {"PROC", "PROCEDURE", "FUNCTION"} & set(statement.words[:4]) and statement.words[0] == "CREATE":
            define_routine(self.session, statement.text)
        else:
            define(self.session, parsed(statement))
        yield Result()

    # Procedures and variables

    def _execute(self, statement: Statement) -> Iterator[Result]:
        node = parsed(statement)
        if not isinstance(node, exp.Execute) or not isinstance(node.this, exp.Table):
            raise unknown(node)
        given = []
        for one in node.expressions:
            named = isinstance(one, exp.EQ) and isinstance(one.left, exp.Parameter)
            value, kind = self._value(one.right if named else one)
            given.append((f"@{one.left.name}".lower() if named else "", Value(kind, value)))
        yield from self.call(self.session, node.this.name, given)

    def _value(self, node: exp.Expr) -> tuple[Any, Kind]:
        if isinstance(node, exp.Column) and not node.table and node.name.upper() != "DEFAULT":
            return node.name, Kind("nvarchar", max(len(node.name), 1))  # a bare word is text there
        kinds = {name: one.kind for name, one in self.session.variables.items()}
        walk = Expressions(Context(self.session.catalogue, kinds), Scope(), translate)
        return evaluated(self.session, walk, node)

    def _declare(self, statement: Statement) -> Iterator[Result]:
        node = parsed(statement)
        for item in node.expressions:
            names = item.this if isinstance(item.this, list) else [item.this]
            default, kind = item.args.get("default") or None, kind_of_node(item.args["kind"])
            value, source = self._value(default) if default is not None else (None, INT)
            for name in names:
                self.session.variables[f"@{name.name}".lower()] = Value(kind, converted(value, source, kind))
        yield from ()

    # Transactions

    def _begin(self, statement: Statement) -> Iterator[Result]:
        if len(statement.words) < 2 or statement.words[1] not in {"TRAN", "TRANSACTION"}:  # noqa: PLR2004
            what = "BEGIN ... END"
            raise errors.StandInLimitError(what)
        yield Result(notes=self.session.begin_transaction())

    def _commit(self, _: Statement) -> Iterator[Result]:
        yield Result(notes=self.commit())

    def commit(self) -> bytes:
        """Closes one level of the transaction.

        Raises:
            SqlError: 3902, none is open.
        """
        if not self.session.open_transactions:
            what = "COMMIT"
            raise errors.not_in_transaction(what)
        if self.session.open_transactions > 1:
            self.session.open_transactions -= 1
            return b""
        return self.session.end_transaction(commit=True)

    def _rollback(self, _: Statement) -> Iterator[Result]:
        yield Result(notes=self.rollback())

    def rollback(self) -> bytes:
        """Rolls all back.

        Raises:
            SqlError: 3903, no transaction is open.
        """
        if not self.session.open_transactions:
            what = "ROLLBACK"
            raise errors.not_in_transaction(what)
        return self.session.end_transaction(commit=False)

    def _if(self, statement: Statement) -> Iterator[Result]:
        found = _IF_OPEN.fullmatch(statement.text)
        if found is None:
            what = f"IF other than IF @@TRANCOUNT > 0: {statement.text[:100]}"
            raise errors.StandInLimitError(what)
        if self.session.open_transactions:
            for one in statements(found["then"]):
                yield from self._carried_out(one, one.words[0], first=False)

    # Settings

    def _set(self, statement: Statement) -> Iterator[Result]:
        words = statement.words
        if words[1] in {"@", "PARAMETER"} or statement.text.split()[1].startswith("@"):
            self._assign(statement)
        elif words[1] == "TRANSACTION":
            self._isolate(" ".join(words[4:]))
        elif words[1] == "LOCK_TIMEOUT":
            self.session.lock_timeout_ms = int("".join(words[2:]))
        elif words[1] in {"IMPLICIT_TRANSACTIONS", "XACT_ABORT", "NOCOUNT", "IDENTITY_INSERT"}:
            name = {"IMPLICIT_TRANSACTIONS": "implicit", "XACT_ABORT": "aborts"}.get(words[1], words[1].lower())
            setattr(self.session, name, words[-1] == "ON")
        elif words[1] not in _HARMLESS:
            raise errors.SqlError(195, f"'{statement.tokens[1].text}' is not a recognized SET option.", 15, 5)
        yield from ()

    def _isolate(self, level: str) -> None:
        if level not in _LEVELS:
            raise errors.syntax(level)
        self.session.isolation = _LEVELS[level]

    def _assign(self, statement: Statement) -> None:
        name, _, value = statement.text.partition("=")
        key = name.split()[1].strip().lower()
        if key not in self.session.variables:
            raise errors.no_variable(key)
        node = parsed(statements(f"SELECT {value}")[0]).expressions[0]
        found, kind = self._value(node)
        wanted = self.session.variables[key].kind
        self.session.variables[key] = Value(wanted, converted(found, kind, wanted))

    def _use(self, statement: Statement) -> Iterator[Result]:
        name = statement.tokens[1].text.strip("[]")
        if name.lower() not in {self.session.catalogue.database.lower(), "master"}:
            raise errors.no_database(name)
        old, self.session.database = self.session.database, name
        said = tokens.info(5701, f"Changed database context to '{name}'.")
        yield Result(notes=tokens.environment(1, name, old) + said)

    def _print(self, statement: Statement) -> Iterator[Result]:
        node = parsed(statements(f"SELECT {statement.text[5:]}")[0]).expressions[0]
        yield Result(notes=tokens.info(0, str(self._value(node)[0])))

    def _wait(self, statement: Statement) -> Iterator[Result]:
        found = _DELAY.fullmatch(statement.text)
        if found is None:
            raise errors.StandInLimitError(statement.text[:100])
        self.session.wait(int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]))
        yield Result()

    def _forbidden(self, word: str) -> Iterator[Result]:
        if self.session.login.rights != "owner":
            raise errors.not_allowed()
        what = f"{word} statements"
        raise errors.StandInLimitError(what)
        yield  # a generator, as its siblings

    def run_routine(self, routine: Routine, given: Sequence[tuple[str, Value]]) -> Iterator[Result]:
        """Runs a stored procedure's body.

        Raises:
            SqlError: 229, 201, 8144 or whatever its statements raise.
        """
        if not self.session.login.may("EXECUTE", routine.name):
            what = "EXECUTE"
            raise errors.denied(what, routine.name, self.session.database)
        if len(given) > len(routine.arguments):
            raise errors.too_many_arguments(routine.name)
        values = {name or routine.arguments[place].name.lower(): one for place, (name, one) in enumerate(given)}
        variables = {}
        for argument in routine.arguments:
            key = argument.name.lower()
            if key not in values and argument.default is None:
                raise errors.argument_missing(routine.name, argument.name)
            if key not in values:
                values[key] = self._default(argument.default or "NULL")
            variables[key] = Value(argument.kind, converted(values[key].value, values[key].kind, argument.kind))
        for result in self.run(routine.body, variables):
            result.code = tokens.DONE_IN_PROC
            yield result

    def _default(self, text: str) -> Value:
        value, kind = self._value(parsed(statements(f"SELECT {text}")[0]).expressions[0])
        return Value(kind, value)

    _SPECIAL: ClassVar[dict[str, Callable[["Batch", Statement], Iterator[Result]]]] = {
        "SELECT": _select,
        "(": _select,
        "WITH": _with,
        **dict.fromkeys(("INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE"), _write),
        **dict.fromkeys(("CREATE", "ALTER", "DROP"), _define),
        **dict.fromkeys(("EXEC", "EXECUTE"), _execute),
        "DECLARE": _declare,
        "BEGIN": _begin,
        "COMMIT": _commit,
        "ROLLBACK": _rollback,
        "IF": _if,
        "SET": _set,
        "USE": _use,
        "PRINT": _print,
        "WAITFOR": _wait,
    }


def _names_procedure(statement: Statement) -> bool:
    return statement.words[0].startswith(("SP_", "XP_", "[", "DBO", "SYS")) or len(statement.tokens) == 1


def _cut_after(rows: Iterator[Sequence[Any]], count: int) -> Iterator[Sequence[Any]]:
    for place, row in enumerate(rows):
        if place == count:
            break
        yield row
    raise CutError
