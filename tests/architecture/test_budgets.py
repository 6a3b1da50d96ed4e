"""The size of things. A budget may be broken with `# budget: reason` on the line of the `def`, or atop the file."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for kind in ("framework", "plugins", "templates")
    for path in (ROOT / kind).rglob("*.py")
    if "tests" not in path.relative_to(ROOT).parts
)
TESTS = sorted(
    path
    for kind in ("tests", "plugins", "templates")
    for path in (ROOT / kind).rglob("*.py")
    if "tests" in path.relative_to(ROOT).parts
)
EXCUSE = "# budget: "
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(path):
    """Each function of a file, methods and inner ones included, with the line it starts on."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, FUNCTION):
            yield node, lines[node.lineno - 1]


def length_of(function):
    """Lines from `def` to the end, docstring left out."""
    first = function.body[0]
    docstring = first.end_lineno - first.lineno + 1 if ast.get_docstring(function) is not None else 0
    return function.end_lineno - function.lineno + 1 - docstring


def place(path, function):
    """Where to look, as an editor understands it."""
    return f"{path.relative_to(ROOT).as_posix()}:{function.lineno} {function.name}"


def test_nine_of_ten_functions_fit_a_glance():
    """At least nine of ten functions have at most 25 lines."""
    lengths = sorted(length_of(function) for path in SOURCES for function, _ in functions_of(path))
    assert lengths[int(len(lengths) * 0.9)] <= 25


def test_no_function_outgrows_the_screen():
    """No function has more than 50 lines, tests included."""
    long = [
        f"{place(path, function)}: {length_of(function)} lines"
        for path in SOURCES + TESTS
        for function, line in functions_of(path)
        if length_of(function) > 50 and EXCUSE not in line
    ]
    assert long == []


def test_no_file_outgrows_its_subject():
    """No file has more than 500 lines, tests included."""
    texts = {path: path.read_text(encoding="utf-8").splitlines() for path in SOURCES + TESTS}
    long = [
        f"{path.relative_to(ROOT).as_posix()}: {len(lines)} lines"
        for path, lines in texts.items()
        if len(lines) > 500 and not lines[0].startswith(EXCUSE)
    ]
    assert long == []


def test_every_function_says_what_it_returns():
    """Every function outside the tests has a return annotation."""
    silent = [
        place(path, function) for path in SOURCES for function, _ in functions_of(path) if function.returns is None
    ]
    assert silent == []


def test_every_test_states_its_promise():
    """Every test has a docstring whose first line is a whole sentence."""
    mute = [
        place(path, function)
        for path in TESTS
        if path.name.startswith("test_")
        for function, _ in functions_of(path)
        if function.name.startswith("test_")
        and not (ast.get_docstring(function) or "").partition("\n\n")[0].rstrip().endswith((".", "?", "!"))
    ]
    assert mute == []
