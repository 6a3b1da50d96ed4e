"""What `propose_maps` of a SQL source does: known systems first, then the likeliest tables by the names of columns."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Select, literal_column, select

from crossdock.contract import ConfigError, CrossdockError, Proposal, TableShape
from crossdock.fieldmap import Table
from crossdock.toolkit.sql.naming import parted
from crossdock.toolkit.sql.proposing.assembling import proposal_of
from crossdock.toolkit.sql.proposing.guessing import Guess, guess, table_evidence
from crossdock.toolkit.sql.proposing.known import known_maps, marking_tables
from crossdock.toolkit.sql.proposing.patterns import SUBJECT
from crossdock.toolkit.sql.proposing.systems import SYSTEMS
from crossdock.toolkit.sql.schema import look_at
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import clause

LOOKED_AT = 400
"""Tables whose columns are read; where there are more, those whose names say most."""
SAMPLED = 200
"""Rows of a table that are looked at."""
TABLES = 3
"""Guesses for a stream whose tables are sampled; the likeliest is proposed first."""
LEAST = 0.3
"""Below this a table is not proposed unless a person named it."""


def propose_maps(session: SqlSession, tables: Mapping[str, str]) -> list[Proposal]:
    """Proposes maps, the likeliest first.

    Args:
        session: an open session.
        tables: stream to the table or view that a person has named for it.

    Raises:
        ConfigError: a named table is not there, or nothing in it can be a code.
        TransientError, ConnectionSetupError: the database did not answer, or not to this login.
    """
    all_names: list[str] = []

    def choose(names: list[str]) -> list[str]:
        all_names.extend(names)
        return _chosen(names, tables.values())

    shapes = look_at(session, choose)
    named = {stream: _named(stream, name, shapes, all_names) for stream, name in tables.items()}
    known = [one for one in known_maps(SYSTEMS, shapes) if one.map.stream not in named]
    found = [*known]
    for stream in SUBJECT:
        if not any(one.map.stream == stream for one in known):
            candidates = [named[stream]] if stream in named else shapes
            found += _guessed(session, stream, candidates, is_named=stream in named)
    return sorted(found, key=lambda one: -one.sureness)


def _chosen(names: Sequence[str], named: Any) -> list[str]:
    """Chooses whose columns to read: all of a small schema, what known systems read, what is named as a stream is."""
    marking = marking_tables(SYSTEMS)
    asked = {str(one).lower() for one in named}
    sure = [one for one in names if parted(one.lower())[1] in marking or _spellings(one) & asked]
    rest = sorted(set(names) - set(sure), key=lambda one: (-_promise(one), one))
    return [*sure, *rest[: max(0, LOOKED_AT - len(sure))]]


def _promise(name: str) -> float:
    return max(table_evidence(stream, TableShape(name)) for stream in SUBJECT)


def _named(stream: str, name: str, shapes: Sequence[TableShape], names: Sequence[str]) -> TableShape:
    found = next((one for one in shapes if name.lower() in _spellings(one.name)), None)
    if found is None:
        near = get_close_matches(name, names, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        message = f"there is no table or view {name!r} for {stream}{hint}"
        raise ConfigError(message)
    return found


def _spellings(name: str) -> set[str]:
    """Gives how a person may write a table's name: a dot within it need not be in quotes to be found."""
    schema, last = parted(name.lower())
    return {name.lower(), last if schema is None else f"{schema}.{last}"}


def _guessed(session: SqlSession, stream: str, shapes: Sequence[TableShape], *, is_named: bool) -> Iterator[Proposal]:
    guesses = [found for one in shapes if (found := guess(stream, one, is_named=is_named)) is not None]
    if is_named and not guesses:
        message = f"no column of {shapes[0].name!r} looks like a code of {stream}: write the field map by hand"
        raise ConfigError(message)
    best = sorted(guesses, key=lambda one: (-one.score, one.table.name))[:TABLES]
    for one in best:
        if is_named or (one.score >= LEAST and not _is_rather_another(one)):
            proposal = proposal_of(one, _sample(session, one))
            if proposal is not None:
                yield proposal


def _is_rather_another(one: Guess) -> bool:
    """Says whether the table reads better as another stream's."""
    others = (guess(stream, one.table) for stream in SUBJECT if stream != one.stream)
    return any(other is not None and other.score > one.score for other in others)


def _sample(session: SqlSession, one: Guess) -> list[dict[str, Any]] | None:
    """Reads the first rows; None where they cannot be read, or there are none."""
    statement: Select[Any] = (
        select(literal_column("*")).select_from(clause(session, Table(one.table.name))).limit(SAMPLED)
    )
    try:
        names, rows = session.fetch_named(statement)
    except CrossdockError:  # a view that fails is no proposal's end: the names still say what they say
        return None
    return [dict(zip(names, row, strict=True)) for row in rows] or None
