"""What the letters of a query must be like, so that the parser and the database cut them into the same words.

A guard is beaten where the two disagree: about the end of a text, of a comment, of a name. sqlglot's words are
therefore held against patterns of our own, and what two readers could take differently is refused, however harmless.
"""

import re
from collections.abc import Iterator
from typing import Any

import sqlglot
from msgspec import Struct
from sqlglot.errors import SqlglotError

SINGLE, DOUBLE = r"'(?:[^']|'')*'", r'"(?:[^"]|"")*"'
BACKTICK, BRACKETS, DOLLAR = r"`(?:[^`]|``)*`", r"\[(?:[^\]]|\]\])*\]", r"\$(\w*)\$.*?\$\1\$"
FIRM = r"(?:[^'\\]|''|\\(?!'))*'"
"""The rest of a text in which no backslash stands before a quote: it ends there, whether backslashes count or not."""
QUOTED: dict[str, tuple[str, ...]] = {
    "sqlite": (SINGLE, DOUBLE, BACKTICK, r"\[[^\]]*\]", rf"[xX]{SINGLE}"),
    # Backslashes count in E'' always and in '' where standard_conforming_strings is off (manual, 4.1.2.1).
    "postgres": (f"'{FIRM}", DOUBLE, rf"(?:[bBxXnN]|[uU]&)'{FIRM}", r"[eE]'(?:[^'\\]|''|\\.)*'", DOLLAR),
    # Backslashes do not count under NO_BACKSLASH_ESCAPES, nor within "" under ANSI_QUOTES (MariaDB, SQL_MODE).
    "mysql": (f"[bBxXnN]?'{FIRM}", r'"(?:[^"\\]|""|\\(?!"))*"', BACKTICK),
    "tsql": (rf"[nN]?{SINGLE}", DOUBLE, BRACKETS),
}
"""All kinds of quotes, by grammar."""
ANY_QUOTED = (f"'{FIRM}", DOUBLE)
"""For a grammar that is not known."""

BLANK = r"[ \t\r\n\f]"
LINE = r"[^\r\n]*(?:\r?\n|\Z)"
"""A lone carriage return ends a comment for some readers only."""
BLOCK = r"/\*(?![!+]|M!)(?:(?!/\*|\*/).)*\*/"
"""Neither one within another, nor one that a server executes or takes for a hint (MariaDB, Comment Syntax)."""
PLAIN, SPACED = rf"--{LINE}", rf"--(?={BLANK}|\Z){LINE}"
"""MariaDB takes `--` for two minus signs where no blank follows."""
BETWEEN = {
    "": re.compile(rf"(?:{BLANK}|{SPACED}|{BLOCK})*", re.DOTALL),
    **dict.fromkeys(("sqlite", "postgres", "tsql"), re.compile(rf"(?:{BLANK}|{PLAIN}|{BLOCK})*", re.DOTALL)),
    "mysql": re.compile(rf"(?:{BLANK}|{SPACED}|\#{LINE}|{BLOCK})*", re.DOTALL),
}
"""What may stand between two words."""
HAS_QUOTE = re.compile(r"['\"`\[]")
NAME = re.compile(r"""[\w$#@]+|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[(?:[^\]]|\]\])*\]""")


class Words(Struct, frozen=True):
    """A query, cut into words."""

    query: str
    """As it was written."""
    grammar: str
    """sqlglot's name of it; empty: no particular one."""
    tokens: tuple[Any, ...]  # sqlglot's own, which has no base class in common between its builds
    """sqlglot's tokens."""

    def text(self, number: int) -> str:
        """Gives a word as it was written."""
        return self.query[self.tokens[number].start : self.tokens[number].end + 1]

    @property
    def end(self) -> int:
        """Where the first statement ends: its semicolon, or the end of the text."""
        return next((one.start for one in self.tokens if one.token_type.name == "SEMICOLON"), len(self.query))


def cut(query: str, grammar: str) -> Words | None:
    """Cuts a query into words. None: that cannot be done."""
    try:
        return Words(query, grammar, tuple(sqlglot.tokenize(query, read=grammar or None)))
    except SqlglotError:
        return None


def no_nul(words: Words) -> str | None:
    """A text that ends at a NUL for one reader goes on for another."""
    return "it holds a NUL character" if "\0" in words.query else None


def plain_between(words: Words) -> str | None:
    """Between words there are blanks and plain comments, and nothing else."""
    pattern = BETWEEN.get(words.grammar, BETWEEN[""])
    if all(pattern.fullmatch(gap) for gap in _gaps(words)):
        return None
    return (
        "between its words there is more than blanks and plain comments, such as a comment within a comment, one that "
        "the server executes, or an unusual blank"
    )


def _gaps(words: Words) -> Iterator[str]:
    at = 0
    for token in words.tokens:
        yield words.query[at : token.start]
        at = token.end + 1
    yield words.query[at:]


def firm_quotes(words: Words) -> str | None:
    """Every quoted text and name ends where each of the database's settings would end it."""
    patterns = QUOTED.get(words.grammar, ANY_QUOTED)
    for number, token in enumerate(words.tokens):
        text = words.text(number)
        quoted = token.token_type.name == "HEREDOC_STRING" or (len(text) > 1 and HAS_QUOTE.search(text))
        if quoted and not any(re.fullmatch(one, text, re.DOTALL) for one in patterns):
            return "in a text or name a backslash or bracket stands before the quote: write a quote twice instead"
    return None


def no_escaped_names(words: Words) -> str | None:
    r"""No name is written with escapes, as `U&"\0061"` (PostgreSQL manual, 4.1.1): it would hide what it names."""
    if words.grammar not in ("postgres", ""):
        return None
    for number in range(len(words.tokens) - 2):
        start, end = words.tokens[number].start, words.tokens[number + 2].start + 1
        if words.query[start:end].lower() == 'u&"':
            return 'it holds a name written with escapes (U&"...")'
    return None


def begins_as_select(words: Words) -> str | None:
    """The first word is SELECT or WITH, brackets aside."""
    first = next((text for text in map(words.text, range(len(words.tokens))) if text != "("), "")
    return None if first.upper() in ("SELECT", "WITH") else f"it begins with {first.upper() or 'nothing'}, not SELECT"


def one_statement(words: Words) -> str | None:
    """Nothing but semicolons stands behind the first semicolon."""
    kinds = [token.token_type.name for token in words.tokens]
    behind = kinds[kinds.index("SEMICOLON") :] if "SEMICOLON" in kinds else []
    return "it holds more than one statement" if set(behind) - {"SEMICOLON"} else None


def called(words: Words) -> Iterator[str]:
    """Gives each name before a bracket, without its quotes, with and without the name before its dot."""
    texts = [words.text(number) for number in range(len(words.tokens))]
    for number, text in enumerate(texts[:-1]):
        if texts[number + 1] != "(" or not NAME.fullmatch(text):
            continue
        yield _bare(text)
        if number > 1 and texts[number - 1] == ".":
            yield f"{_bare(texts[number - 2])}.{_bare(text)}"


def _bare(name: str) -> str:
    if name[0] in '"`[':
        end = "]" if name[0] == "[" else name[0]
        return name[1:-1].replace(end * 2, end)
    return name
