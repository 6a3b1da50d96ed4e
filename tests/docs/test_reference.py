"""The pages in `docs/reference/` are what the code gives today."""

import runpy
from pathlib import Path

import pytest

MAKER = runpy.run_path(str(Path(__file__).with_name("generate.py")))
FOLDER = MAKER["REFERENCE"]


@pytest.fixture(scope="module")
def generated():
    """The pages as the code gives them now."""
    return MAKER["generated"]()


@pytest.mark.parametrize("name", ["hooks.md", "errors.md", "commands.md", "configuration.md", "field-map.md"])
def test_page_is_up_to_date(generated, name):
    """A committed reference page equals what its generator makes of the code."""
    committed = (FOLDER / name).read_text("utf-8")
    assert committed == generated[name], f"docs/reference/{name} is stale; run: {MAKER['COMMAND']}"


def test_every_page_is_generated(generated):
    """Nobody writes a page into the generated folder by hand."""
    assert {path.name for path in FOLDER.iterdir()} == set(generated)
