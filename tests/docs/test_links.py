"""A reader who follows a link arrives."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "plugins").glob("*/README.md"),
        *(ROOT / "plugins").glob("*/docs/*.md"),
    ]
)
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)


def text_of(page):
    """A page without its blocks of code."""
    return FENCE.sub("", page.read_text("utf-8"))


def anchors(page):
    """The anchors of a page's headings, as the public forges make them."""
    found: list[str] = []
    for title in HEADING.findall(text_of(page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.append(slug if slug not in found else f"{slug}-{found.count(slug)}")
    return found


def links():
    """Every link of every page."""
    return [(page.relative_to(ROOT).as_posix(), target) for page in PAGES for target in LINK.findall(text_of(page))]


def test_links_are_found():
    """The test below has something to look at."""
    assert len(links()) > 30


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_link_leads_somewhere(page, target):
    """Every relative link leads to a file of this repository, and every anchor to a heading in it."""
    if "://" in target or target.startswith("mailto:"):
        return
    path, _, anchor = target.partition("#")
    there = (ROOT / page).parent / path if path else ROOT / page
    assert there.exists(), f"{page}: {target}"
    assert there.resolve().is_relative_to(ROOT), f"{page}: {target} leaves the repository"
    if anchor:
        assert anchor in anchors(there), f"{page}: {target}"


def test_every_page_can_be_reached():
    """From the README or the index a reader comes to every page of docs/."""
    reached, left = set(), [ROOT / "README.md", ROOT / "docs" / "index.md"]
    while left:
        page = left.pop()
        if page in reached or page.suffix != ".md" or not page.is_file():
            continue
        reached.add(page)
        targets = (one.partition("#")[0] for one in LINK.findall(text_of(page)) if "://" not in one)
        left += [(page.parent / one).resolve() for one in targets if one]
    pages = {page for page in (ROOT / "docs").rglob("*.md") if "changelog.d" not in page.parts}
    assert sorted(page.relative_to(ROOT).as_posix() for page in pages - reached) == []
