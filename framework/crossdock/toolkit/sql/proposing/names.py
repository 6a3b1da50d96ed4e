"""Cutting names of tables and columns into words: `cArtikelNr`, `ITEM_CODE` and `artikelnummer` alike."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from crossdock.toolkit.sql.proposing.words import WORDS

SHORTEST = 2
"""Letters of the shortest word that a longer one is cut into."""
HUNGARIAN = frozenset("abcdfinsutkm")
"""Letters that some set before a name to say its type, as in `cName` or `fPrice`."""
SHARED = 0.7
"""Part of a table's columns that must begin alike for their beginning to say nothing."""
PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "o"})
JOINED = {
    ("e", "mail"): "email",
    ("on", "hand"): "onhand",
    ("on", "hold"): "onhold",
    ("time", "stamp"): "timestamp",
    ("ean", "13"): "ean",
}


@lru_cache(maxsize=100_000)
def words_of(name: str) -> tuple[str, ...]:
    """Gives the words of a name in small letters, without accents; a compound of known words is taken apart."""
    plain = unicodedata.normalize("NFKD", name.translate(GERMAN)).encode("ascii", "ignore").decode()
    pieces = [one.lower() for one in PIECES.findall(plain)]
    if len(pieces) > 1 and pieces[0] in HUNGARIAN and len(pieces[0]) == 1 and not plain.isupper():
        pieces = pieces[1:]
    return tuple(_joined([word for one in pieces for word in _parts(one)]))


def _joined(words: list[str]) -> list[str]:
    """Puts words together that mean something only so."""
    found: list[str] = []
    for word in words:
        both = JOINED.get((found[-1], word)) if found else None
        if both:
            found[-1] = both
        else:
            found.append(word)
    return found


@lru_cache(maxsize=20_000)
def _parts(piece: str) -> tuple[str, ...]:
    """Gives the fewest known words that a piece is made of, itself where there are none."""
    if piece in WORDS or not piece.isalpha():
        return (piece,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(piece)
    for end in range(SHORTEST, len(piece) + 1):
        for start in range(end - SHORTEST + 1):
            before, word = best[start], piece[start:end]
            now = best[end]
            if before is not None and word in WORDS and (now is None or len(before) + 1 < len(now)):
                best[end] = (*before, word)
    return best[len(piece)] or (piece,)


def shared_beginning(names: Sequence[str]) -> str:
    """Gives what most columns of a table begin with, up to a `_`, such as `AR_`; empty where they do not."""
    beginnings = Counter(one.partition("_")[0] + "_" for one in names if "_" in one[1:])
    if not beginnings or len(names) < 3:  # noqa: PLR2004  # two columns may begin alike by chance
        return ""
    found, count = beginnings.most_common(1)[0]
    return found if count >= SHARED * len(names) else ""
