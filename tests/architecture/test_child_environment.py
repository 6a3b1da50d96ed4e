"""A child needs the base dependencies and one plugin: proved where nothing else is installed."""

import contextlib
import importlib.metadata
import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from crossdock.wire import Pipe, frames

PLUGIN = "crossdock-flat-file"
HOST_ONLY = ("alembic", "click", "httpx", "keyring", "pyodbc", "rich", "sqlalchemy")


def needed_by(name):
    """Names of a distribution and of all that it needs without any extra."""
    found, left = set(), [name]
    while left:
        if (one := left.pop()) not in found:
            found.add(one)
            asked = [Requirement(text) for text in importlib.metadata.requires(one) or ()]
            left += [need.name for need in asked if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def copy_distribution(name, site):
    """Installs a distribution by copying its files from the running environment, so nothing is downloaded."""
    for file in importlib.metadata.files(name):
        if file.parts[0] != ".." and file.suffix != ".pyc":
            target = site / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), target)


def run(python, code):
    """What a line of code prints in that environment."""
    return subprocess.run([python, "-I", "-c", code], check=True, capture_output=True, text=True).stdout.strip()


@contextlib.contextmanager
def started(python):
    """A child and the pipe to it; the child is ended, whatever happens."""
    command = [python, "-I", "-m", "crossdock.child", "flat-file"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            pipe = Pipe(child.stdout, child.stdin, frames.child_frames)
            pipe.start()
            yield child, pipe
        finally:
            child.kill()


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of an environment that holds the flat-file plugin, what it needs, and no more."""
    folder = tmp_path_factory.mktemp("child")
    builder = venv.EnvBuilder(symlinks=os.name != "nt")
    builder.create(folder)
    python = builder.ensure_directories(folder).env_exe
    site = Path(run(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    for name in needed_by(PLUGIN):
        copy_distribution(name, site)
    return python


def test_no_part_of_the_host_is_there(python):
    """The environment of this file proves something: it lacks all that only the host or a toolkit needs."""
    code = f"from importlib.util import find_spec; print([one for one in {HOST_ONLY!r} if find_spec(one)])"
    assert run(python, code) == "[]"


def test_a_plugin_runs_without_the_host(python, tmp_path):
    """Where only the base dependencies are installed, a child says what its plugin is, opens it and reads a file."""
    products = tmp_path / "products.csv"
    columns = ["source_product_code", "source_variant_code", "title", "sku"]
    products.write_text(f"{','.join(columns)}\nA,A-1,Shoe,A-1\n", encoding="utf-8")
    with started(python) as (child, pipe):
        hello = pipe.receive(30)
        assert isinstance(hello, frames.Hello), hello
        assert hello.manifest.name == "flat-file"
        pipe.send(frames.Open("files", {"path": str(products)}, (), hello.maps))
        assert isinstance(opened := pipe.receive(30), frames.Opened), opened
        pipe.send(frames.ReadPages("products", None, 100, None, None, direct=True))
        assert isinstance(page := pipe.receive(30), frames.Mapped), page
        assert [mapped[2] for mapped in page.rows] == ["A-1"]
        assert isinstance(done := pipe.receive(30), frames.Done), done
        pipe.send(frames.Bye())
        assert child.wait(30) == 0
