"""The statement guard: one SELECT passes, nothing else does.

The read-only session is the lock on the door; this is the look through the spy-hole. A query is
parsed as its database would parse it, and refused unless it is one SELECT in which nothing writes, locks, or
calls a function known to act on the world. What cannot be parsed is refused too.
"""

from functools import lru_cache
from typing import Any, NoReturn

import sqlglot  # loads with the first query, not with the plugin
from sqlglot import exp  # loads with the first query, not with the plugin
from sqlglot.errors import SqlglotError  # the same

from crossdock.contract import ConfigError

ACTING_PREFIXES = (
    "pg_", "lo_", "dblink", "xp_", "sp_", "query_to_xml", "cursor_to_xml", "table_to_xml", "schema_to_xml",
    "database_to_xml", "crosstab", "utl_", "dbms_",
)  # fmt: skip
"""Beginnings of names of functions that write, wait, lock, read files or run text as SQL."""
HARMLESS = frozenset(
    {"pg_typeof", "pg_size_pretty", "pg_column_size", "pg_client_encoding", "pg_backend_pid", "pg_is_in_recovery"}
)
"""Functions that begin so and only look."""
ACTING_NAMES = """
    nextval setval next_value_for set_config lowrite loread ts_stat ts_rewrite txid_current connectby
    load_extension writefile readfile edit fts3_tokenizer zipfile sqlar_compress
    sleep benchmark load_file get_lock release_lock release_all_locks master_pos_wait
    openrowset openquery opendatasource
"""
ACTING = frozenset(ACTING_NAMES.split())
"""Other functions of that kind, whatever the database."""
LOCKING_HINTS = frozenset({"UPDLOCK", "XLOCK", "TABLOCK", "TABLOCKX", "HOLDLOCK", "SERIALIZABLE", "REPEATABLEREAD"})
"""SQL Server's table hints that hold locks."""
SHOWN = 200
"""Characters of a refused query in the message."""


@lru_cache(maxsize=256)
def guard_select(query: str, dialect: str) -> str:
    """Gives the query, cut at its closing semicolon, where it is one SELECT that only reads.

    A query is parsed once in a process; passing again costs a look-up.

    Args:
        query: what the operator or the plugin wrote.
        dialect: sqlglot's name of the database; empty: no particular one.

    Raises:
        ConfigError: it is not, with what was found and what to do.
    """
    end = _end(query, dialect)
    statement = _parse(query, dialect)
    found = _shape(statement) or next(filter(None, map(_refusal, statement.walk())), None)
    if found:
        _refuse(found, query)
    return query[:end]


def _end(query: str, dialect: str) -> int:
    """Finds the first semicolon outside of texts and comments, the query's length where there is none.

    Refuses comments that one parser may end elsewhere than another, or that a server executes.
    """
    try:
        tokens = sqlglot.tokenize(query, read=dialect or None)
    except SqlglotError:
        _refuse("it cannot be understood", query)
    for comment in (comment for token in tokens for comment in token.comments):
        if "/*" in comment or comment.startswith(("!", "M!", "+")):
            _refuse("it has a comment within a comment, or one that a server executes", query)
    return next((token.start for token in tokens if token.token_type.name == "SEMICOLON"), len(query))


def _parse(query: str, dialect: str) -> Any:  # sqlglot's root class was renamed between versions
    try:
        found = sqlglot.parse(query, read=dialect or None)
    except SqlglotError:
        _refuse("it cannot be understood", query)
    statements = [one for one in found if one is not None and one.key != "semicolon"]
    if len(statements) != 1:
        _refuse(f"it holds {len(statements)} statements", query)
    return statements[0]


def _refuse(why: str, query: str) -> NoReturn:
    text = " ".join(query.split())
    shown = text if len(text) < SHOWN else text[:SHOWN] + "…"
    message = f"the query is refused: {why}. Give one SELECT that only reads: {shown!r}"
    raise ConfigError(message)


def _shape(statement: exp.Expression) -> str | None:
    inner = statement.unnest() if isinstance(statement, exp.Subquery) else statement
    if not isinstance(inner, exp.Select | exp.SetOperation):
        return f"it is {_kind(statement)}, not a SELECT"
    return None if inner.selects else "it selects nothing"


def _refusal(node: exp.Expression) -> str | None:
    found = None
    if isinstance(node, exp.DML | exp.DDL | exp.Command):
        found = f"it holds {_kind(node)}"
    elif isinstance(node, exp.Into):
        found = "SELECT INTO makes a table"
    elif isinstance(node, exp.Lock) or _holds_locks(node):
        found = "it locks rows"
    elif isinstance(node, exp.Func) and _acts(node):
        found = f"the function {_function(node)} does more than read"
    return found


def _holds_locks(node: exp.Expression) -> bool:
    return node.key == "withtablehint" and bool(LOCKING_HINTS & {one.name.upper() for one in node.expressions})


def _function(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _acts(node: exp.Func) -> bool:
    name = _function(node)
    return name in ACTING or (name.startswith(ACTING_PREFIXES) and name not in HARMLESS)


def _kind(node: exp.Expression) -> str:
    return node.key.upper()
