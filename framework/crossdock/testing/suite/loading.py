"""Checks of what a plugin is before anything is opened: hooks, manifest, settings, import."""

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crossdock.contract import Setting, hooks
from crossdock.testing.suite.bench import Bench
from crossdock.testing.suite.checks import NotApplicableError, check_of, expect

HOOKS = tuple(name for name, one in vars(hooks).items() if hasattr(one, "crossdock_spec"))
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SECRETS = re.compile(r"(^|_)(password|passwd|pwd|secret|token|api_?key|private_key)($|_)")
"""Names of settings that are credentials, whatever they are said to be."""
KINDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "choice": (str,),
    "path": (str,),
    "url": (str,),
    "integer": (int,),
    "number": (int, float),
    "flag": (bool,),
}
"""Types of a setting's value by its kind."""
IMPORT_S = 30.0
"""Seconds after which an import that does not end is given up."""
LOOKING = Path(__file__).with_name("importing.py")
"""Script that imports a module in a process of its own and says what happened."""


def it_loads(bench: Bench) -> None:
    """It loads: every hook is spelt as the contract spells it, with arguments of the contract, for its version."""
    expect(bench.plugin.hooks, "there is no hook")


def hooks_have_no_defaults(bench: Bench) -> None:
    """No hook gives an argument a default: versions of pluggy differ in what they do with it."""
    for name, hook in _hooks_of(bench.object):
        for argument in inspect.signature(hook).parameters.values():
            expect(
                argument.default is inspect.Parameter.empty,
                f"{name} gives {argument.name!r} a default; take it away",
            )


def hooks_that_are_methods_have_self(bench: Bench) -> None:
    """A hook that is a method takes `self` first, else the session would arrive in its place."""
    for name, hook in _hooks_of(bench.object):
        if inspect.ismethod(hook):
            first = next(iter(inspect.signature(hook.__func__).parameters), "")
            expect(first in ("self", "cls"), f"{name} is a method whose first argument is {first!r}: add `self`")


def hooks_are_marked(bench: Bench) -> None:
    """What has the name of a hook is marked with `hookimpl`, else nobody would call it."""
    for name in HOOKS:
        found = inspect.getattr_static(bench.object, name, None)
        expect(
            not callable(found) or hasattr(getattr(bench.object, name), "crossdock_impl"),
            f"{name} is not marked: put @hookimpl on it, or give it another name",
        )


def it_says_the_same_each_time(bench: Bench) -> None:
    """`describe` and `field_maps` say the same each time they are asked, before and after a session."""
    before = _said(bench)
    expect(_said(bench) == before, "describe or field_maps answer differently when asked again; make them pure")
    with bench.session():
        expect(_said(bench) == before, "describe or field_maps answer differently in a session; make them pure")
    expect(_said(bench) == before, "describe or field_maps answer differently after a session; make them pure")


def the_manifest_is_sensible(bench: Bench) -> None:
    """The manifest names the plugin as its entry point does, has a title and features, and numbers that can be."""
    one = bench.plugin.manifest
    expect(NAME.fullmatch(one.name), f"describe: the name {one.name!r} is not lower case with hyphens, as in acme-erp")
    expect(one.title.strip() and one.title == one.title.strip(), "describe: the title is empty, or has blanks around")
    expect(one.features, "describe: `features` is empty: say what it does and does not do, a sentence each")
    for feature in one.features:
        expect(feature.endswith("."), f"describe: the feature {feature!r} is no sentence: end it with a full stop")
    numbers = {
        "reference_length": one.reference_length,
        "batch_size": one.batch_size,
        "max_commit_delay_s": one.max_commit_delay_s,
        "rate_per_s": 1 if one.rate_per_s is None else one.rate_per_s,
        "sessions": 1 if one.sessions is None else one.sessions,
    }
    for name, number in numbers.items():
        expect(number > 0, f"describe: {name} is {number}; it must be more than 0")
    known = {setting.name for setting in one.settings}
    for host in one.hosts:
        expect(host in known, f"describe: `hosts` names {host!r}, which is no setting")


def settings_are_explained(bench: Bench) -> None:
    """Each setting has a name of its own, a line of help, a known kind, and a default of that kind or none."""
    names = [one.name for one in bench.plugin.manifest.settings]
    for one in bench.plugin.manifest.settings:
        where = f"describe: setting {one.name!r}"
        expect(names.count(one.name) == 1, f"{where} is declared twice")
        expect(one.name.isidentifier() and one.name.islower(), f"{where}: write it as a lower-case word, as in my_url")
        expect(one.help.strip() and "\n" not in one.help, f"{where} needs one line of help")
        expect(one.kind in KINDS, f"{where}: there is no kind {one.kind!r}; there are {', '.join(KINDS)}")
        expect(
            bool(one.choices) == (one.kind == "choice"),
            f"{where}: `choices` belong to the kind `choice`, and to it only",
        )
        _expect_default(where, one)


def secrets_are_marked(bench: Bench) -> None:
    """A setting that is a credential is marked `secret`, so that nobody writes it into a file or a log."""
    for one in bench.plugin.manifest.settings:
        is_named_so = SECRETS.search(one.name) and one.kind in ("text", "choice")
        expect(one.secret or not is_named_so, f"describe: setting {one.name!r} looks like a credential: secret=True")
        expect(not one.secret or one.default is None, f"describe: the secret {one.name!r} must not have a default")


def the_fake_gives_known_settings(bench: Bench) -> None:
    """The fake's settings are declared in the manifest, and all that are required are among them."""
    known = {one.name for one in bench.plugin.manifest.settings}
    more = set(bench.settings) - known - {"products", "customers"}
    expect(not more, f"the fake gives the settings {sorted(more)}, which the manifest does not declare")
    for one in bench.plugin.manifest.settings:
        expect(
            not one.required or one.name in bench.settings, f"the fake does not give {one.name!r}, which is required"
        )
        value = bench.settings.get(one.name)
        expect(
            value is None or _is_of(one.kind, value),
            f"the fake gives {one.name!r} as {type(value).__name__}, which is not of the kind {one.kind!r}",
        )


def nothing_happens_at_import(bench: Bench) -> None:
    """Importing the plugin and asking what it is opens no file or connection, loads no driver, starts nothing."""
    if bench.module is None:
        message = "the plugin is made in the test itself, not in a module that can be imported"
        raise NotApplicableError(message)
    found = _imported(bench.module)
    expect(not found["error"], f"importing {bench.module}: {found['error']}")
    expect(not found["done"], f"importing {bench.module} or asking it to describe itself did {found['done'][:3]}")
    expect(not found["drivers"], f"importing {bench.module} loads {found['drivers']}: import them in open_session")
    expect(not found["threads"], f"importing {bench.module} starts threads: {found['threads']}")
    expect(not found["printed"], f"importing {bench.module} prints {found['printed'][:80]!r}")


def it_imports_no_other_plugin(bench: Bench) -> None:
    """Its files import no other plugin, and of the framework only `crossdock` and `crossdock.toolkit`."""
    if bench.module is None or (spec := find_spec(bench.module.split(".")[0])) is None or spec.origin is None:
        message = "the plugin is made in the test itself, not in a module that can be imported"
        raise NotApplicableError(message)
    own, origin = bench.module.split(".")[0], Path(spec.origin)
    files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    for path in files:
        allowed = ("crossdock.toolkit", *(("crossdock.testing",) if path.name == "fake.py" else ()))
        for name in _imports(path):
            is_ours = name.startswith("crossdock") and name.split(".")[0] != own
            is_allowed = name == "crossdock" or any(name == one or name.startswith(f"{one}.") for one in allowed)
            expect(not is_ours or is_allowed, f"{path.name} imports {name}; a plugin knows `crossdock` and its toolkit")


def _hooks_of(plugin: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in HOOKS:
        found = getattr(plugin, name, None)
        if callable(found):
            yield name, found


def _said(bench: Bench) -> tuple[Any, ...]:
    maps = bench.plugin.call("field_maps") if "field_maps" in bench.plugin.hooks else ()
    return bench.plugin.call("describe"), tuple(one.data() for one in maps)


def _expect_default(where: str, one: Setting) -> None:
    if one.default is None:
        return
    expect(not one.required, f"{where} is required and has a default: it can be only one of them")
    expect(_is_of(one.kind, one.default), f"{where}: the default {one.default!r} is not of the kind {one.kind!r}")
    expect(not one.choices or one.default in one.choices, f"{where}: the default {one.default!r} is no choice")


def _is_of(kind: str, value: Any) -> bool:
    return isinstance(value, KINDS.get(kind, (object,))) and (isinstance(value, bool) is (kind == "flag"))


def _imported(module: str) -> dict[str, Any]:
    given = json.dumps({"module": module, "path": sys.path})
    command = [sys.executable, "-B", "-I", str(LOOKING), given]
    try:
        done = subprocess.run(command, capture_output=True, timeout=IMPORT_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return {"error": f"it did not end within {IMPORT_S:g} s"}
    if done.returncode:
        return {"error": done.stderr.decode(errors="replace")[-500:]}
    found: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    return found


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


CHECKS = tuple(
    map(
        check_of,
        (
            it_loads,
            hooks_have_no_defaults,
            hooks_that_are_methods_have_self,
            hooks_are_marked,
            it_says_the_same_each_time,
            the_manifest_is_sensible,
            settings_are_explained,
            secrets_are_marked,
            the_fake_gives_known_settings,
            nothing_happens_at_import,
            it_imports_no_other_plugin,
        ),
    )
)
"""In the order in which they are run."""
