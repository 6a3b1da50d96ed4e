"""Taking a query's WITH out of it, for databases that allow one only at the beginning of the whole statement."""

from itertools import pairwise
from typing import NamedTuple

import sqlglot  # loads with the first query, not with the plugin


class Parted(NamedTuple):
    """A query in two pieces of its own text."""

    tables: str
    """`WITH a AS (...), b AS (...)` and a blank. Empty: it has none."""
    body: str
    """The SELECT that uses them."""


def part_with(query: str, grammar: str) -> Parted:
    """Cuts a query before its main SELECT.

    Both pieces are the operator's own text, so nothing is lost in writing it anew.

    Args:
        query: one SELECT that has passed the guard.
        grammar: sqlglot's name of the database.
    """
    tokens = sqlglot.tokenize(query, read=grammar or None)
    if not tokens or tokens[0].token_type.name != "WITH":
        return Parted("", query)
    depth = 0
    for before, token in pairwise(tokens):
        kind = token.token_type.name
        starts = kind == "SELECT" or (kind == "L_PAREN" and before.token_type.name == "R_PAREN")
        if depth == 0 and starts:
            return Parted(query[: token.start].rstrip() + " ", query[token.start :])
        depth += {"L_PAREN": 1, "R_PAREN": -1}.get(kind, 0)
    return Parted("", query)
