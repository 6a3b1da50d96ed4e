"""Names say what is inside, and nothing is left for later without a home."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMELESS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc"}
OURS = ("framework", "plugins", "templates", "tests", "docs")
TEXT = {".py", ".md", ".toml", ".yml", ".json", ".sql", ".html", ".xml", ".csv"}
LATER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")


def files():
    """Every file of ours, without what tools leave behind."""
    for kind in OURS:
        found = (path for path in sorted((ROOT / kind).rglob("*")) if path.is_file())
        yield from (path for path in found if "__pycache__" not in path.parts)


def test_modules_have_a_subject():
    """No module or package is named after having no subject."""
    parts = {path: {path.stem, *path.relative_to(ROOT).parts[:-1]} for path in files() if path.suffix == ".py"}
    assert parts
    assert [path.relative_to(ROOT).as_posix() for path, names in parts.items() if names & NAMELESS] == []


def test_nothing_is_put_off_in_a_comment():
    """Work left over stands in the issue tracker, not in a mark that nobody reads."""
    marks = [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()}"
        for path in files()
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LATER.search(line)
    ]
    assert marks == []
