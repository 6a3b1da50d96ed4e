"""Who may import whom across distributions, and what stays unloaded. The floors within the framework: import-linter."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import crossdock

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(found.parent for kind in ("plugins", "templates") for found in ROOT.glob(f"{kind}/*/pyproject.toml"))
HEAVY = {"sqlalchemy", "httpx", "pyodbc", "alembic", "rich", "keyring", "sqlglot"}


def crossdock_imports(path):
    """Each dotted name of the framework or of any plugin that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
            if node.module == "crossdock":  # a name of the door, or a floor behind it
                names = [f"crossdock.{alias.name}" for alias in node.names if alias.name not in crossdock.__all__]
        yield from (name for name in names if name.startswith("crossdock"))


def is_allowed(name, path, own):
    """Whether a file of a plugin may import this name."""
    tried_out = path.name == "fake.py" or "tests" in path.parts  # a stand-in may stand on the framework's own
    rooms = {"crossdock.toolkit", own} | ({"crossdock.testing"} if tried_out else set())
    return name == "crossdock" or any(name == room or name.startswith(f"{room}.") for room in rooms)


def load(code):
    """Runs code in a new interpreter and gives the top-level names of what it has loaded."""
    report = "\nimport json, sys\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code + report], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_plugins_use_only_the_door(folder):
    """A plugin imports the door and the toolkit, its tests and fake also crossdock.testing; no plugin, no floor."""
    (own,) = [found.parent.name for found in folder.glob("crossdock_*/__init__.py")]
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in folder.rglob("*.py")
        for name in crossdock_imports(path)
        if not is_allowed(name, path.relative_to(folder), own)
    ]
    assert found == []


def test_framework_names_no_plugin():
    """Adding or removing an ERP changes no file of the framework: it imports no plugin."""
    packages = {found.parent.name for folder in FOLDERS for found in folder.glob("crossdock_*/__init__.py")}
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in (ROOT / "framework").rglob("*.py")
        for name in crossdock_imports(path)
        if name.partition(".")[0] in packages
    ]
    assert found == []


@pytest.mark.parametrize("module", ["crossdock", "crossdock.contract", "crossdock.child"])
def test_a_child_stays_light(module):
    """Importing the door, the contract or the child loads no database, HTTP or command-line library."""
    assert load(f"import {module}") & (HEAVY | {"click"}) == set()


def test_help_stays_light():
    """`crossdock --help` answers at once: it loads click, and no database, HTTP or other library of the host."""
    code = (
        "import contextlib, io, sys\n"
        "from crossdock.cli import main\n"
        "sys.argv = ['crossdock', '--help']\n"
        "said = io.StringIO()\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(said):\n"
        "    main()\n"
        "assert 'sync' in said.getvalue(), said.getvalue()\n"
    )
    assert load(code) & HEAVY == set()
