"""T-SQL as sqlglot parses it, with functions left as they are named, and batches cut into statements.

sqlglot reads more than T-SQL. What it would let through of other dialects is refused here by its tokens.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import SqlglotError
from sqlglot.parsers.tsql import TSQLParser

from crossdock.testing.sqlserver.errors import SqlError, StandInLimitError, syntax

_KEPT_PARSERS = ("CAST", "CONVERT", "TRY_CAST", "TRY_CONVERT", "STRING_AGG")
_STARTERS = frozenset(
    [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE",
        "EXEC",
        "EXECUTE",
        "DECLARE",
        "SET",
        "IF",
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVE",
        "USE",
        "PRINT",
        "WAITFOR",
        "CREATE",
        "DROP",
        "ALTER",
        "TRUNCATE",
        "WITH",
        "RAISERROR",
        "THROW",
        "GRANT",
        "REVOKE",
        "DENY",
        "BACKUP",
        "RESTORE",
        "DBCC",
        "SHUTDOWN",
        "KILL",
        "BULK",
        "OPEN",
        "RECONFIGURE",
    ]
)
_NOT_TSQL = {
    TokenType.LIMIT: "LIMIT",
    TokenType.ILIKE: "ILIKE",
    TokenType.NATURAL: "NATURAL",
    TokenType.DCOLON: "::",
    TokenType.DPIPE: "||",
    TokenType.QUALIFY: "QUALIFY",
    TokenType.TRUE: "TRUE",
    TokenType.FALSE: "FALSE",
}
_WRITERS = ("INSERT", "UPDATE", "DELETE")
_NESTED_SETS = {"UNION", "ALL", "EXCEPT", "INTERSECT"}


class PlainParser(TSQLParser):
    """Knows no function by name."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parse for name, parse in TSQLParser.FUNCTION_PARSERS.items() if name in _KEPT_PARSERS
    }


class Plain(TSQL):
    """T-SQL whose functions keep their names, so that ours, not another database's, give them their meaning."""

    class Tokenizer(TSQL.Tokenizer):
        """Leaves apart what the original takes for the same."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            word: kind for word, kind in TSQL.Tokenizer.KEYWORDS.items() if word not in {"REAL", "NTEXT"}
        }

    Parser = PlainParser


class Statement:
    """One statement of a batch."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        """Takes its text and tokens."""
        self.text, self.tokens = text, tokens

    @property
    def words(self) -> tuple[str, ...]:
        """Its words in capitals, for what drivers say in fixed phrases."""
        return tuple(one.text.upper() for one in self.tokens)


@lru_cache(2048)
def statements(batch: str) -> tuple[Statement, ...]:
    """Cuts a batch into its statements, with or without semicolons between.

    Raises:
        SqlError: 102 or 105, it cannot be read.
    """
    try:
        tokens = Plain().tokenize(batch)
    except SqlglotError as native:
        text = "Unclosed quotation mark after the character string ''."
        raise SqlError(105, text, 15) from native
    return tuple(Statement(batch[part[0].start : part[-1].end + 1], part) for part in _parts(tokens))


def _parts(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    said: set[str] = set()
    depth = cases = 0
    for token in tokens:
        ends = token.token_type is TokenType.SEMICOLON and depth == 0
        if part and not _is_whole(part) and (ends or (depth == cases == 0 and _begins(token, part, said))):
            yield part
            part, said = [], set()
        if depth == 0:
            said.add(token.text.upper())
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        cases += (token.token_type is TokenType.CASE) - (cases > 0 and token.token_type is TokenType.END)
        if not ends:
            part.append(token)
    if part:
        yield part


def _is_whole(part: Sequence[Token]) -> bool:
    """Whether the rest of the batch belongs to it: the body of what is created or conditional."""
    words = [one.text.upper() for one in part[:2]]
    return words[0] in {"IF", "WHILE"} or (
        words[0] in {"CREATE", "ALTER"} and words[-1] in {"PROC", "PROCEDURE", "FUNCTION", "TRIGGER"}
    )


def _begins(token: Token, part: Sequence[Token], said: set[str]) -> bool:
    """Whether a word begins the next statement, looking at what stands before it.

    Args:
        token: the word.
        part: the statement so far.
        said: its words outside of parentheses.
    """
    word, before, first = token.text.upper(), part[-1].text.upper(), part[0].text.upper()
    if token.token_type in {TokenType.STRING, TokenType.IDENTIFIER} or word not in _STARTERS or before == ".":
        return False
    granting = first in {"GRANT", "DENY", "REVOKE"}
    inside = {
        "WITH": True,  # a hint, or an option; a query's own WITH follows a semicolon
        "SELECT": before in _NESTED_SETS or (first in {"INSERT", "WITH"} and "SELECT" not in said) or "VIEW" in said,
        "SET": first == "MERGE" or (bool(said & {"UPDATE", "ALTER"}) and "SET" not in said),
        **dict.fromkeys(("ALTER", "DROP"), first == "ALTER"),
        **dict.fromkeys(_WRITERS, first in {"MERGE", "WITH"} or granting or before in {"ON", "FOR", "OF"}),
    }
    return not inside.get(word, granting)


@lru_cache(2048)
def _parsed(text: str) -> exp.Expr:
    try:
        found = sqlglot.parse(text, read=Plain)
    except SqlglotError as native:
        said = getattr(native, "errors", None) or [{}]
        raise syntax(said[0].get("highlight") or "") from native
    except RecursionError as native:
        text = "Some part of your SQL statement is nested too deeply. Rewrite the query or break it up."
        raise SqlError(191, text, 15) from native
    if len(found) != 1 or found[0] is None:
        what = ";"
        raise syntax(what)
    return found[0]


def parsed(statement: Statement) -> exp.Expr:
    """Gives a statement's tree; the caller must not change it.

    Raises:
        SqlError: 102 and the like, it is not T-SQL.
    """
    refuse_strangers(statement.tokens)
    return _parsed(statement.text)


def refuse_strangers(tokens: Sequence[Token]) -> None:
    """Refuses what only other databases understand.

    Raises:
        SqlError: 102, 156 or 153.
    """
    for place, token in enumerate(tokens):
        if token.token_type in _NOT_TSQL and token.text.upper() == _NOT_TSQL[token.token_type]:
            raise (
                SqlError(207, f"Invalid column name '{token.text}'.")
                if token.text.upper() in {"TRUE", "FALSE"}
                else syntax(token.text)
            )
        nothing = token.token_type is TokenType.COMMA and place + 1 < len(tokens)
        if nothing and tokens[place + 1].text.upper() in {"FROM", ")"}:
            raise SqlError(156, f"Incorrect syntax near the keyword '{tokens[place + 1].text}'.", 15)
    words = [one.text.upper() for one in tokens if one.token_type is not TokenType.IDENTIFIER]
    if "FETCH" in words and "OFFSET" not in words:
        text = "Invalid usage of the option FIRST in the FETCH statement."
        raise SqlError(153, text, 15)


def unknown(statement: exp.Expr) -> SqlError:
    """Gives the refusal of a kind of statement that there is no home for."""
    return StandInLimitError(f"statements of the kind {statement.key.upper()}: {statement.sql('tsql')[:200]}")
