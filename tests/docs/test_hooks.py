"""Whoever reads the page of the hooks can write a plugin: every hook is there, exactly as the code has it."""

import ast
import inspect
import re
from pathlib import Path

import pluggy
import pytest

from crossdock.contract import hooks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "hooks.md"
HEADING = re.compile(r"^### `(.+)`$", re.MULTILINE)
MOST_LINES = 300


def hooks_of_the_code():
    """Names of all hooks, asked of pluggy."""
    manager = pluggy.PluginManager("crossdock")
    manager.add_hookspecs(hooks)
    return [name for name, one in vars(manager.hook).items() if isinstance(one, pluggy.HookCaller)]


def definition(name):
    """A hook's definition in the source, which keeps its annotations as written."""
    tree = ast.parse(inspect.getsource(hooks))
    return next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)


def documented():
    """Signatures in the page's headings by name."""
    return {found.partition("(")[0]: found for found in HEADING.findall(PAGE.read_text("utf-8"))}


def test_hooks_are_found():
    """The other tests of this file have something to look at."""
    assert {"describe", "read_products", "write_products", "write_order"} <= set(hooks_of_the_code())


@pytest.mark.parametrize("name", hooks_of_the_code())
def test_hook_has_a_section_with_its_signature(name):
    """Each hook has a section whose heading is its signature, arguments and types included."""
    assert name in documented(), "run: python tests/docs/generate.py"
    told = ast.parse(f"def {documented()[name]}: ...").body[0]
    real = definition(name)
    assert ast.unparse(told.args) == ast.unparse(real.args), "run: python tests/docs/generate.py"
    assert ast.unparse(told.returns) == ast.unparse(real.returns), "run: python tests/docs/generate.py"


def test_no_hook_is_made_up():
    """The page has no section about a hook that does not exist."""
    assert sorted(documented()) == sorted(hooks_of_the_code())


@pytest.mark.parametrize("name", hooks_of_the_code())
def test_hook_says_what_it_is_for(name):
    """Each hook is fully typed and its docstring begins with a whole sentence."""
    found = definition(name)
    assert found.returns is not None
    assert all(one.annotation is not None for one in found.args.args)
    assert (ast.get_docstring(found) or "").partition("\n\n")[0].endswith(".")


def test_hooks_have_no_defaults():
    """No hook has a default value: pluggy would pass the caller's in one version and the plugin's in another."""
    assert [name for name in hooks_of_the_code() if definition(name).args.defaults] == []


def test_the_contract_is_one_page():
    """The file of the hooks stays short enough to be read in one go."""
    assert len(inspect.getsource(hooks).splitlines()) < MOST_LINES
