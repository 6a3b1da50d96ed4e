"""The statement guard: one SELECT passes, nothing else does.

The read-only session is the lock on the door; this is the look through the spy-hole. A query is read as its database
would read it, and refused unless it is one SELECT made of nothing but what is known to read. What cannot be read is
refused too, and so is what two readers might understand differently. docs/explanation/the-guard.md says what it can
and cannot do, with figures.

Loads sqlglot, so whoever needs it imports it late.
"""

from functools import lru_cache
from typing import Any, NoReturn

import sqlglot
from sqlglot.errors import SqlglotError

from crossdock.contract import ConfigError
from crossdock.toolkit.sql.guard import letters, shapes
from crossdock.toolkit.sql.guard.acting import known
from crossdock.toolkit.sql.guard.letters import Words

__all__ = ["guard_select"]

SHOWN = 200
"""Characters of a refused query in the message."""


def no_acting_functions(words: Words) -> str | None:
    """No function is called that is known to do more than read; by its name as written, whatever the parser makes."""
    functions, tables, _ = known(words.grammar)
    for name in letters.called(words):
        if does := functions.does(name) or tables.does(name):
            return f"the function {name} {does}"
    return None


WORD_RULES = [
    letters.no_nul,
    letters.plain_between,
    letters.firm_quotes,
    letters.no_escaped_names,
    letters.begins_as_select,
    letters.one_statement,
    no_acting_functions,
]
"""What is asked of a query's letters; each gives what it found, or None."""
TREE_RULES = [
    shapes.is_select,
    shapes.only_known_kinds,
    shapes.no_acting_words,
    shapes.no_other_servers,
    shapes.no_acting_tables,
]
"""What is asked of its tree."""


@lru_cache(maxsize=256)
def guard_select(query: str, dialect: str) -> str:
    """Gives the query, cut at its closing semicolon, where it is one SELECT that only reads.

    A query is parsed once in a process; passing again costs a look-up.

    Args:
        query: what the operator or the plugin wrote.
        dialect: sqlglot's name of the database; empty: no particular one, for which the rules of all are joined.

    Raises:
        ConfigError: it is not, with what was found and what to do.
    """
    words = letters.cut(query, dialect)
    found = "it cannot be understood" if words is None else judge(words)
    if words is None or found:
        _refuse(found or "", query)
    return query[: words.end]


def judge(words: Words) -> str | None:
    """Says what is wrong with a query. None: nothing."""
    found = next(filter(None, (rule(words) for rule in WORD_RULES)), None)
    if found:
        return found
    tree = _parse(words)
    if tree is None:
        return "it cannot be understood"
    return next(filter(None, (rule(tree, words.grammar) for rule in TREE_RULES)), None)


def _parse(words: Words) -> Any:  # sqlglot's root class was renamed between versions
    """Gives the one statement's tree. None: there is none, or not one alone."""
    try:
        found = sqlglot.parse(words.query, read=words.grammar or None)
    except (SqlglotError, RecursionError):
        return None
    statements = [one for one in found if one is not None and one.key != "semicolon"]
    return statements[0] if len(statements) == 1 else None


def _refuse(why: str, query: str) -> NoReturn:
    text = " ".join(query.split())
    shown = text if len(text) < SHOWN else text[:SHOWN] + "…"
    message = f"the query is refused: {why}. Give one SELECT that only reads: {shown!r}"
    raise ConfigError(message)
