"""The drawn tree of errors is the tree of classes, in the module and on its page."""

import re
from pathlib import Path

import pytest

from crossdock.contract import errors

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"
BRANCH = re.compile(r"^([\s│├└─]*)(\w+Error)\b", re.MULTILINE)


def drawn(text):
    """Pairs of class and parent in a drawn tree."""
    found, above = set(), []
    for indent, name in BRANCH.findall(text):
        depth = len(indent.strip("\n")) // 4
        above[depth:] = [name]
        found.add((name, above[depth - 1] if depth else None))
    return found


def real():
    """Pairs of class and parent in the code."""
    root = errors.CrossdockError
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, root)]
    return {(one.__name__, None if one is root else one.__base__.__name__) for one in kinds}


def tree_of_the_module():
    """The tree in the module's docstring, its margin taken off."""
    return "\n".join(line.removeprefix("    ") for line in errors.__doc__.splitlines())


def tree_of_the_page():
    """The tree in the page's block of text."""
    return PAGE.read_text("utf-8").partition("```text\n")[2].partition("```")[0]


@pytest.mark.parametrize("text", [tree_of_the_module(), tree_of_the_page()], ids=["module", "page"])
def test_tree_equals_the_classes(text):
    """Who descends from whom is the same in the drawing and in the code, and no class is left out."""
    assert drawn(text) == real()


def test_errors_of_a_child_are_known_to_the_host():
    """Every error that a plugin may raise crosses to the host as itself; host-only ones do not come from a child."""
    host_only = {"CrossdockError", "LaneBusyError", "FenceLostError"}
    assert set(errors.KINDS) == {name for name, _ in real()} - host_only
