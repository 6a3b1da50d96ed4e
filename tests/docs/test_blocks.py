"""What the docs show is what happens: Python runs, commands answer as printed, configurations are accepted.

A page with Python in it is followed as a reader would: a block whose first line is a comment with a file's
name is saved under it, all others are run, and every `$` line of a console block is typed. Lines below it
must come out in that order; a line `…` stands for any others.
"""

import ast
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from crossdock.child.load import Plugin, find_plugin
from crossdock.fieldmap import FieldMapError
from crossdock.fieldmap.override import override
from crossdock.host.config import TOP_KEYS, read_configuration, unknown_key

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "plugins").glob("*/README.md"),
        *(ROOT / "plugins").glob("*/docs/*.md"),
    ]
)
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# ([\w./-]+\.(?:py|toml))\n")
TIMEOUT_S = 120


def blocks(page):
    """Every block of a page: language and text, its margin taken off."""
    for margin, language, body in FENCE.findall(page.read_text("utf-8")):
        yield language, "".join(line.removeprefix(margin) for line in body.splitlines(keepends=True))


def name_of(page):
    """A page as a reader names it."""
    return page.relative_to(ROOT).as_posix()


PLUGINS = ROOT / "plugins"
WITH_PYTHON = [page for page in PAGES if any(language == "python" for language, _ in blocks(page))]
RUNNABLE = [page for page in WITH_PYTHON if not page.is_relative_to(PLUGINS)]
TOML = [(page, text) for page in PAGES for language, text in blocks(page) if language == "toml"]


class Reader:
    """Someone who follows one page in an empty folder."""

    def __init__(self, folder):
        """Takes the folder; what is saved in it can be imported, as after `pip install -e .`."""
        self.folder = folder
        scripts = Path(sys.executable).parent
        path = os.pathsep.join([str(scripts), os.environ["PATH"]])
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": str(folder), "COLUMNS": "100", "NO_COLOR": "1"}
        self.environment |= {"CROSSDOCK_HOME": str(folder), "PYTHONUTF8": "1"}

    def follow(self, language, text):
        """Does what one block says."""
        named = NAMED.match(text)
        if named:
            self.save(named[1], text)
        elif language == "python":
            self.run([sys.executable, "-c", text])
        if language == "console":
            self.type(text)

    def save(self, name, text):
        """Saves a file; a pyproject.toml is installed as `pip install -e .` would."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if name == "pyproject.toml":
            self.install(tomllib.loads(text)["project"])
        elif name.endswith(".py"):
            self.run([sys.executable, "-m", "py_compile", name])

    def install(self, project):
        """Leaves the marks by which an installed distribution is found."""
        folder = self.folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", "utf-8"
        )
        points = project["entry-points"]["crossdock"]
        lines = "".join(f"{name} = {target}\n" for name, target in points.items())
        (folder / "entry_points.txt").write_text("[crossdock]\n" + lines, "utf-8")

    def type(self, text):
        """Types the commands of a console block and compares what comes."""
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            words = shlex.split(command.partition(" #")[0])
            if words[:2] == ["pip", "install"]:
                continue
            words = [sys.executable, *words[1:]] if words[0] == "python" else words
            words = (
                [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words[1:]]
                if words[0] == "pytest"
                else words
            )
            self.compare(command, expected, self.run(words))

    def run(self, words):
        """Runs one command; gives what it said."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
        assert done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def compare(self, command, expected, said):
        """Makes sure that every expected line came, in order."""
        left = [line.rstrip() for line in said.splitlines()]
        for line in expected.splitlines():
            wanted = line.rstrip()
            if wanted in ("", "…"):
                continue
            assert wanted in left, f"$ {command}\nshould say {wanted!r}, but said:\n{said}"
            left = left[left.index(wanted) + 1 :]


def test_pages_to_run_are_found():
    """The tests of this file have something to look at."""
    assert ROOT / "docs" / "tutorial.md" in RUNNABLE
    assert len(TOML) > 10


@pytest.mark.parametrize("page", RUNNABLE, ids=name_of)
def test_page_works_as_written(page, tmp_path):
    """A reader who saves, runs and types what a page says sees what it says."""
    reader = Reader(tmp_path)
    for language, text in blocks(page):
        reader.follow(language, text)


@pytest.mark.parametrize("page", [page for page in WITH_PYTHON if page not in RUNNABLE], ids=name_of)
def test_imports_of_a_plugins_page_exist(page):
    """What a plugin's page imports is there; the page shows a set-up that is not, so nothing else is run."""
    for language, text in blocks(page):
        if language == "python":
            found = [
                ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)
            ]
            subprocess.run([sys.executable, "-c", "\n".join(found)], check=True, timeout=TIMEOUT_S)


@pytest.mark.parametrize(
    ("page", "text"), TOML, ids=[f"{name_of(page)}-{number}" for number, (page, _) in enumerate(TOML)]
)
def test_configuration_is_accepted(page, text, tmp_path):
    """Every piece of `crossdock.toml` in the docs is TOML with keys, hub fields and settings that exist."""
    data = tomllib.loads(text)
    if not set(data) & set(TOP_KEYS):
        return
    path = tmp_path / "crossdock.toml"
    path.write_text(text + completion(data, page), "utf-8")
    configuration = read_configuration(path)
    for name, given in data.get("connections", {}).items():
        if page not in RUNNABLE:
            check_connection(configuration.connection(name), whole="plugin" in given)


def completion(data, page):
    """What a fragment leaves out: the plugin of a connection, and the connections that a sync names."""
    own = page.relative_to(ROOT).parts[1] if page.is_relative_to(PLUGINS) else "custom-database"
    connections = data.get("connections", {})
    lines = [f'plugin = "{own}"' if "plugin" not in one else "" for one in connections.values()]
    assert len(connections) == 1 or not any(lines), "a fragment shows one connection, or all of them whole"
    missing = {one for sync in data.get("syncs", {}).values() for one in (sync["source"], *sync["channels"])} - set(
        connections
    )
    stubs = [f'[connections.{one}]\nplugin = "stub"' for one in sorted(missing)]
    return "".join(
        f"\n[connections.{name}]\n{line}\n" for name, line in zip(connections, lines, strict=True) if line
    ) + "\n".join(stubs)


def check_connection(connection, *, whole):
    """Holds a connection against its plugin, as the host does when it opens it; a fragment may lack required fields."""
    plugin = Plugin(find_plugin(connection.plugin))
    known = [one.name for one in plugin.manifest.settings]
    for key in connection.settings:
        assert key in known, unknown_key(connection.name, key, known)
    declared = {one.stream: one for one in plugin.maps}
    for stream, section in connection.streams.items():
        try:
            override(stream, declared.get(stream), section)
        except FieldMapError as error:
            if whole or "not mapped but required" not in str(error):
                raise
