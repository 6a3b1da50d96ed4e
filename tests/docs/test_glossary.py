"""One word for each idea: the glossary has every word that state and contract use, and its other words stay unused."""

import re
from pathlib import Path

import pytest

from crossdock.host.config import STREAMS
from crossdock.store import schema

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "plugins").glob("*/README.md"),
        *(ROOT / "plugins").glob("*/docs/*.md"),
    ]
)
ROW = re.compile(r"^\| \*\*(.+?)\*\* \| (.+?) \| (.*?) ?\|$", re.MULTILINE)
CODE = re.compile(r"^( *)```.*?^\1```|`[^`\n]*`|<!--.*?-->|\]\([^)]*\)", re.MULTILINE | re.DOTALL)
NOT_WORDS = {"document_event": "document event", "hold_item": "hold", "orders": "order", "owner": "claim"}
"""Tables whose word in the glossary is another."""


def terms():
    """The glossary's terms: meaning, and the words not to be used for it."""
    found = {}
    for names, meaning, never in ROW.findall(GLOSSARY.read_text("utf-8")):
        for name in names.split(", "):
            found[name] = (meaning, [one.strip() for one in never.split(",") if one.strip()])
    return found


def prose(page):
    """A page's text without code."""
    return CODE.sub(" ", page.read_text("utf-8"))


def test_glossary_is_read():
    """The other tests of this file have something to look at."""
    assert len(terms()) > 40
    assert [never for _, never in terms().values() if never]


@pytest.mark.parametrize("table", [*schema.metadata.tables, *STREAMS, "plugin", "session", "brake", "lane", "fence"])
def test_words_of_the_store_are_explained(table):
    """Whoever opens the store finds the name of each table and stream in the glossary."""
    assert NOT_WORDS.get(table, table) in terms()


@pytest.mark.parametrize("term", terms())
def test_term_is_in_use(term):
    """The glossary explains no word that nobody uses: each occurs in another page or in the framework."""
    word = re.compile(rf"\b{re.escape(term)}(s|es)?\b".replace(r"\ ", r"[ _]?"), re.IGNORECASE)
    others = [page for page in PAGES if page != GLOSSARY]
    places = (path for path in [*others, *(ROOT / "framework").rglob("*.py")])
    assert any(word.search(path.read_text("utf-8")) for path in places)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page != GLOSSARY], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_words_that_mislead_are_not_used(page):
    """No page says in prose what the glossary's last column rules out; code and commands may."""
    never = [word for _, words in terms().values() for word in words]
    text = prose(page)
    assert [word for word in never if re.search(rf"\b{re.escape(word)}s?\b", text, re.IGNORECASE)] == []
