"""How sure it is that a column fills a hub field, by the words of its name and by its type."""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from crossdock.contract import ColumnShape, TableShape
from crossdock.fieldmap.hub import CODE_FIELD
from crossdock.toolkit.sql.naming import parted
from crossdock.toolkit.sql.proposing.names import shared_beginning, words_of
from crossdock.toolkit.sql.proposing.patterns import ASIDE, SUBJECT, TARGETS, Pattern, Target
from crossdock.toolkit.sql.proposing.words import concepts_of

KINDS = (
    ("time", re.compile(r"date|time|rowversion|year", re.IGNORECASE)),
    ("flag", re.compile(r"bool|^bit\b|tinyint\(1\)", re.IGNORECASE)),
    ("number", re.compile(r"int|num|dec|money|float|real|double|currency|serial|counter", re.IGNORECASE)),
    ("binary", re.compile(r"blob|binary|image|bytea", re.IGNORECASE)),
    ("text", re.compile(r"char|text|clob|string|uuid|uniqueidentifier|json|name|memo|enum", re.IGNORECASE)),
)
"""Kinds of column by the names of types in SQLite, PostgreSQL, MariaDB, SQL Server and ODBC; the first that fits."""
UNKNOWN_WORD = 0.78
"""What is left of a score for each word that is not understood."""
SECOND = 0.97
"""What is left for a number in the name, so that `Name1` comes before `Name2`."""
OTHER_KIND = 0.45
"""What is left where the type is another than expected; databases without strict types hold all in text."""
KEY = 0.06
"""What a code gains by being the primary key."""
SHORT = 4
"""Letters up to which a word has no ending to cut off."""
LEAST = 0.4
"""Below this a column is not proposed."""


class Fit(Struct, frozen=True):
    """One column that may fill one hub field."""

    hub: str
    column: str
    score: float
    words: tuple[str, ...]
    """As which its name was read."""


class Guess(Struct, frozen=True):
    """A table as one stream's."""

    stream: str
    table: TableShape
    score: float
    fits: tuple[Fit, ...]
    """The best of each column and hub field, the likeliest first."""

    def best(self, hub: str, without: frozenset[str] = frozenset()) -> Fit | None:
        """Gives the likeliest column of a hub field."""
        return next((one for one in self.fits if one.hub == hub and one.column not in without), None)


def guess(stream: str, table: TableShape, *, is_named: bool = False) -> Guess | None:
    """Reads a table as one stream's.

    Args:
        stream: `products` or `customers`.
        table: a table or view.
        is_named: whether a person says that it is; then a code will do.

    Returns:
        None where no name or key says what the code is, or, unless it is named, what each thing is called.
    """
    fits = sorted(_fits(stream, table), key=lambda one: -one.score)
    if not any(one.hub == CODE_FIELD[stream] for one in fits) and len(table.key) == 1:
        fits.append(Fit(CODE_FIELD[stream], table.key[0], LEAST, words_of(table.key[0])))
    found = Guess(stream, table, 0.0, tuple(fits))
    code = found.best(CODE_FIELD[stream])
    label = found.best("title") if stream == "products" else found.best("company") or found.best("last_name")
    if code is None or (label is None and not is_named):
        return None
    weights = {one.hub: one.weight for one in TARGETS[stream]}
    best: dict[str, Fit] = {}
    for one in fits:
        best.setdefault(one.hub, one)
    evidence = sum(weights[hub] * one.score for hub, one in best.items())
    score = max(0.0, min(0.9, evidence + table_evidence(stream, table)))
    return Guess(stream, table, score, found.fits)


def table_evidence(stream: str, table: TableShape) -> float:
    """Says how much a table's name and size speak for a stream, between -0.6 and 0.3."""
    words = words_of(parted(table.name)[1])
    subject = SUBJECT[stream]
    named = [word for word in words if subject & concepts_of(word)]
    others = [word for word in words if not subject & concepts_of(word)]
    score = 0.25 if named else -0.05
    score -= 0.3 * sum(bool(ASIDE & concepts_of(word)) for word in others)
    score -= 0.03 * sum(not concepts_of(word) for word in others)
    score -= 0.1 if named and all(len(concepts_of(word)) > 1 for word in named) else 0.0
    score -= 0.2 if table.rows == 0 else 0.0
    return max(-0.6, score)


def _fits(stream: str, table: TableShape) -> Iterator[Fit]:
    beginning = shared_beginning([one.name for one in table.columns])
    own = frozenset(map(_stem, words_of(parted(table.name)[1])))
    for column in table.columns:
        name = column.name
        cut = name[len(beginning) :] if name.startswith(beginning) and len(name) > len(beginning) else name
        words = words_of(cut)
        for target in TARGETS[stream]:
            score = max(_score(target, words), _without_own(target, words, own)) * _kind_factor(target, column)
            score = (
                min(1.0, score + KEY) if score and target.hub == CODE_FIELD[stream] and table.key == (name,) else score
            )
            if score >= LEAST:
                yield Fit(target.hub, name, round(score, 3), words)


def _without_own(target: Target, words: tuple[str, ...], own: frozenset[str]) -> float:
    """Scores the name without the words that it shares with its table's, as `ProductName` in `Product`."""
    rest = tuple(one for one in words if _stem(one) not in own)
    return 0.99 * _score(target, rest) if rest and rest != words else 0.0


def _stem(word: str) -> str:
    """Gives a word without the ending of a plural."""
    return word.removesuffix("en").removesuffix("s") if len(word) > SHORT else word


@lru_cache(maxsize=200_000)
def _score(target: Target, words: tuple[str, ...]) -> float:
    return max((_pattern_score(one, words) for one in target.patterns), default=0.0)


def _pattern_score(pattern: Pattern, words: tuple[str, ...]) -> float:
    """Gives the pattern's score less what its other words take away; 0 where it does not fit."""
    left = list(words)
    for need in pattern.needs:
        found = next((one for one in sorted(left, key=_meanings) if need in concepts_of(one)), None)
        if found is None:
            return 0.0
        left.remove(found)
    score = pattern.score
    for word in left:
        concepts = concepts_of(word)
        if concepts & pattern.may:
            continue
        if concepts & pattern.never:
            return 0.0
        score *= _number_factor(word) if word.isdigit() else UNKNOWN_WORD
    return score


def _meanings(word: str) -> int:
    """Sorts words of one meaning before those of several."""
    return len(concepts_of(word))


def _number_factor(word: str) -> float:
    return 1.0 if word in ("0", "1", "01") else SECOND ** min(int(word[:3]), 12) * 0.9


def kind_of(column: ColumnShape) -> str:
    """Gives a column's kind by its type's name, empty for one that is not known."""
    return next((kind for kind, names in KINDS if names.search(column.type)), "")


def _kind_factor(target: Target, column: ColumnShape) -> float:
    kind = kind_of(column)
    if kind == "binary" or (kind == "time" and "time" not in target.kinds):
        return 0.0
    if kind in target.kinds or not kind:
        first = "number" if target.hub in NUMBERS else kind
        return 1.0 if kind in (first, "") else OTHER_KIND * 1.4
    return OTHER_KIND


NUMBERS = frozenset({"variants.qty", "variants.price", "variants.grams"})
"""Hub fields that are numbers: a text column may hold them, but is less likely to."""


def looks_like_time_of_change(table: TableShape) -> list[str]:
    """Gives columns whose names and types say that they hold when a row was changed."""
    return [
        one.name
        for one in table.columns
        if any("changed" in concepts_of(word) for word in words_of(one.name)) and kind_of(one) == "time"
    ]


def held_back(table: TableShape) -> list[str]:
    """Gives number columns for what of the stock is promised to somebody already."""
    return [
        one.name
        for one in table.columns
        if kind_of(one) == "number" and _is_held(frozenset().union(*map(concepts_of, words_of(one.name))))
    ]


def _is_held(concepts: frozenset[str]) -> bool:
    return "held" in concepts and not concepts & {"price", "cost", "time", "inactive", "id"}
