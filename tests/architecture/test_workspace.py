"""Adding a plugin is one folder: each folder has the same shape, and all of them fit the framework in this tree."""

import ast
import importlib
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(found.parent for kind in ("plugins", "templates") for found in ROOT.glob(f"{kind}/*/pyproject.toml"))
each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}/{folder.name}")


def project_of(folder):
    """The table `[project]` of a distribution."""
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def package_of(folder):
    """The importable package of a plugin."""
    return folder / project_of(folder)["name"].replace("-", "_")


def test_plugins_are_found():
    """The other tests of this file have something to look at."""
    assert [folder for folder in FOLDERS if folder.parent.name == "plugins"]


def test_every_folder_is_a_distribution():
    """No code under plugins/ or templates/ is left out for want of a pyproject.toml."""
    kinds = [ROOT / kind for kind in ("plugins", "templates")]
    folders = {kind / path.relative_to(kind).parts[0] for kind in kinds for path in kind.rglob("*.py")}
    assert sorted(folders) == FOLDERS


@each_folder
def test_python_range_and_licence_agree(folder):
    """A plugin runs wherever the framework runs, under the same licence."""
    ours, theirs = project_of(ROOT), project_of(folder)
    assert (theirs["requires-python"], theirs["license"]) == (ours["requires-python"], ours["license"])


@each_folder
def test_framework_range(folder):
    """A plugin asks for a range of the framework that holds the version in this tree and ends before the next break."""
    asked = [Requirement(one) for one in project_of(folder)["dependencies"]]
    (framework,) = [one for one in asked if one.name == "crossdock"]
    assert framework.specifier.contains(project_of(ROOT)["version"])
    assert {one.operator for one in framework.specifier} == {">=", "<"}


@each_folder
def test_names_follow_the_folder(folder):
    """Folder, distribution, package and entry point of a plugin carry one name."""
    project = project_of(folder)
    ((name, target),) = project["entry-points"]["crossdock"].items()
    assert project["name"] == f"crossdock-{name}"
    assert target.partition(":")[0] == package_of(folder).name
    assert folder.name == name or folder.parent.name == "templates"


@each_folder
def test_files_are_where_a_reader_looks(folder):
    """Whoever has read one plugin finds everything in the next: the same files in the same places."""
    package = package_of(folder)
    wanted = [folder / "README.md", package / "__init__.py", package / "fake.py", package / "py.typed"]
    assert [path.relative_to(ROOT).as_posix() for path in wanted if not path.is_file()] == []
    assert list(folder.glob("docs/*.md"))
    assert list(folder.glob("tests/test_*.py"))


@each_folder
def test_features_say_what_is_not_done(folder):
    """The features of a plugin tell an operator in words what it does not do."""
    plugin = importlib.import_module(package_of(folder).name).plugin
    features = " ".join(plugin.describe().features)
    assert re.search(r"\b([Dd]oes not|[Dd]o not|[Nn]ever|cannot)\b", features), features


@each_folder
def test_field_maps_stand_in_one_file(folder):
    """A plugin declares its field maps in fields.py and nowhere else in its package."""
    declaring = {
        path.relative_to(package_of(folder)).as_posix()
        for path in package_of(folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "FieldMap"
    }
    assert declaring <= {"fields.py"}


def test_changelog_fragments_have_a_known_kind():
    """The next release picks up every change note: its name is NUMBER.KIND.md with a kind from pyproject.toml."""
    towncrier = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["towncrier"]
    kinds = {kind["directory"] for kind in towncrier["type"]}
    fragments = [path.name for path in (ROOT / towncrier["directory"]).iterdir()]
    assert [name for name in fragments if name.split(".")[1:] not in [[kind, "md"] for kind in kinds]] == []


def test_lock_is_for_everyone():
    """The lock names no index and no path, and every package in it carries a hash."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not [word for word in ("://", "--index", "--find-links", "file:", " @ ") if word in lock]
    packages = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(packages) > 40
    assert [line for line in packages if "==" not in line or not line.endswith("\\")] == []
