"""Reads the corpora beside it: statements in named families, for each database."""

from pathlib import Path

FOLDER = Path(__file__).parent
GRAMMARS = {"sqlite": "sqlite", "postgresql": "postgres", "mariadb": "mysql", "tsql": "tsql"}
"""sqlglot's name of the grammar, by the corpus's."""
SHOWN = str.maketrans({"␊": "\n", "␍": "\r", "␀": "\0", "⍽": "\u00a0"})
"""Characters that an editor would not show, and what stands for them."""


def families(corpus: str, part: str) -> dict[str, list[str]]:
    """Statements of a part (hostile, beyond the parser, harmless) by their family, in the order of the file."""
    found: dict[str, list[str]] = {}
    here, family = "", ""
    for line in (FOLDER / f"{corpus}.sql").read_text("utf-8").split("\n"):
        if line.startswith("=== "):
            here = line.removeprefix("=== ")
        elif line.startswith("--- "):
            family = line.removeprefix("--- ")
        elif here == part and line:
            found.setdefault(family, []).append(line.translate(SHOWN))
    return found


def statements(corpus: str, part: str) -> list[str]:
    """All statements of a part."""
    return [one for family in families(corpus, part).values() for one in family]
