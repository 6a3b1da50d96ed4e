"""What a join would take for equal, where its two sides are read by statements of their own.

The rows of a page and their child rows come from two statements, so values of one column go into a condition on
another, and what comes back is matched here. A database compares more than equal bytes: a number with text, `CHAR`
with its blanks cut off, letters whatever their case or accents where the collation says so. Values are therefore
written as the other column's type first; whether trailing blanks and letters' case count is asked of the database,
with a value of the column; and where it gave what is then equal to no value asked for, looser rules hold for the page.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import combinations
from math import isfinite
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, column, select
from sqlalchemy.types import NullType

from crossdock.contract import ConfigError
from crossdock.records import decimal_text
from crossdock.toolkit.sql.session import SqlSession
from crossdock.toolkit.sql.shape import named


class Side:
    """One of the two columns that a join compares."""

    def __init__(self, session: SqlSession, source: FromClause, name: str) -> None:
        """Takes the table or query and the column's name in it."""
        self.session, self.source, self.name = session, source, name
        self.column: ColumnElement[Any] = column(named(name))
        self._sample: Any = None
        self._same: dict[str, bool] = {}

    def alike(self, values: Iterable[Any], other: "Side") -> list[Any]:
        """Gives each value of the other column as this one's type; None for what equals nothing in it.

        That is NULL, a value that cannot be of that type, such as `A1` in a column of numbers, and all while this
        column is empty.
        """
        sample = self.sample()
        if sample is None:
            return [None for _ in values]
        if isinstance(sample, str):
            texts = [value if value is None or isinstance(value, str) else _text(value) for value in values]
            padded = next((text for text in texts if text is not None and text.endswith(" ")), None)
            if padded is not None and other.takes(padded.rstrip(" "), BLANKS):
                return [text and text.rstrip(" ") for text in texts]
            return texts
        if isinstance(sample, int | float | Decimal):
            whole = isinstance(sample, int)
            return [value if type(value) is int else _number(value, whole=whole) for value in values]
        return list(values)

    def sample(self) -> Any:  # whatever the column holds
        """Gives any value of the column, to know its type; None while there is none."""
        if self._sample is None:
            rows = self.session.fetch(self._some().where(self.column.is_not(None)).limit(1))
            self._sample = rows[0][0] if rows else None
        return self._sample

    def takes(self, other: str, what: str) -> bool:
        """Whether the database takes another writing for a value of this column; asked once a kind of writing."""
        if what not in self._same:
            asked = self._some().where(self.column == bindparam("other", other, NullType())).limit(ASKED)
            self._same[what] = False
            with suppress(ConfigError):  # the database's encoding may not have the letter: then it has no equal either
                self._same[what] = any(value != other for (value,) in self.session.fetch(asked))
        return self._same[what]

    def ignored(self) -> frozenset[str]:
        """Finds out in what two equal texts of this column may differ."""
        text = self.sample()
        if not isinstance(text, str):
            return frozenset()
        short = text.rstrip(" ")
        others = {
            BLANKS: short if short != text else f"{text} ",
            LETTERS: text.swapcase(),
            ACCENTS: unicodedata.normalize("NFC", VOWEL.sub(lambda vowel: f"{vowel[0]}\u0301", text, count=1)),
        }
        return frozenset(what for what, other in others.items() if other != text and self.takes(other, what))

    def _some(self) -> Any:
        return select(self.column).select_from(self.source)


def _text(value: Any) -> str:  # whatever the column holds
    return decimal_text(value) if isinstance(value, int | float | Decimal) else str(value)


def _number(value: Any, *, whole: bool) -> Any:  # whatever the column holds
    """Gives a number, None for what is none; a whole one as int, so that an index over whole numbers is of use."""
    if isinstance(value, str):
        if NUMBER.fullmatch(value.strip()) is None:
            return None
        value = Decimal(value.strip())
    if not isinstance(value, float | Decimal):
        return value
    if isfinite(value) and value == int(value):
        return int(value)
    return None if whole else value


NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
"""Text that is a number to every database; `12E45` is rather an article's code, `1_000` a number to Python alone."""
BLANKS, LETTERS, ACCENTS = "blanks", "letters", "accents"
EVERY = [frozenset(some) for count in range(4) for some in combinations((ACCENTS, LETTERS, BLANKS), count)]
"""What two texts may differ in and be equal, from strict to loose."""
VOWEL = re.compile("[aeiouAEIOU]")
ASKED = 1000
"""Rows looked at to see whether two writings are equal."""


def _form(value: Any, ignored: frozenset[str]) -> Any:  # whatever the column holds
    """Gives what equal values have in common."""
    if not ignored or not isinstance(value, str):
        return value
    if ACCENTS in ignored:
        value = "".join(one for one in unicodedata.normalize("NFKD", value) if not unicodedata.combining(one))
    if LETTERS in ignored:
        value = value.casefold()
    return value.rstrip(" ") if BLANKS in ignored else value


def matched(
    found: Mapping[Any, list[Any]], wanted: Sequence[Any], ignored: frozenset[str], name: str
) -> list[list[Any]]:
    """Gives to each wanted value what was found for it, by the strictest rule that leaves nothing over.

    Args:
        found: child rows by the value of the parent that they name.
        wanted: the values that were asked for; nothing belongs to None.
        ignored: in what equal values of the column that was asked may differ.
        name: how messages call that column.

    Raises:
        ConfigError: the database gave a value that resembles none of them.
    """
    if not ignored and found.keys() <= set(wanted):  # most pages
        return [found.get(value, []) for value in wanted]
    for rule in (one for one in EVERY if one >= ignored):
        forms: defaultdict[Any, list[Any]] = defaultdict(list)
        for value, rows in found.items():
            forms[_form(value, rule)].extend(rows)
        known = [_form(value, rule) for value in wanted]
        if forms.keys() <= set(known):
            return [forms.get(value, []) for value in known]
    strange = next(value for value in found if _form(value, EVERY[-1]) not in known)
    message = (
        f"{name} = {strange!r} equals, for the database, one of the parents asked for, but is written like none "
        "of them: let `parent` hold a number or the very same text, or join in a query"
    )
    raise ConfigError(message)
