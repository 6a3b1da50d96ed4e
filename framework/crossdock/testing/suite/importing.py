"""Imports one plugin in a process of its own and says what it did; run as a script, by `loading`."""

import contextlib
import importlib
import io
import json
import os
import sys
import threading
from typing import Any

DRIVERS = (
    "httpx",
    "httpcore",
    "oracledb",
    "psycopg",
    "psycopg2",
    "pymysql",
    "pyodbc",
    "requests",
    "sqlalchemy",
    "urllib3",
)
"""Libraries that load with a session."""
WATCHED = ("socket.", "sqlite3.connect", "subprocess.", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.system")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """What the interpreter was asked to do while it is on."""

    def __init__(self) -> None:
        """Starts off."""
        self.done: list[str] = []
        self.is_on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Sees one event of the interpreter; its names are those of Python's audit events."""
        if not self.is_on:
            return
        if event.startswith(WATCHED) or (event == "open" and _is_writing(arguments)):
            self.done.append(f"{event} {str(arguments[0])[:80] if arguments else ''}")


def look(module: str) -> dict[str, Any]:
    """Imports a module, and asks the plugin in it what it is."""
    import crossdock.child.load  # noqa: F401, PLC0415  # what every child has before a plugin comes

    watch, printed, error = Watch(), io.StringIO(), ""
    before = set(sys.modules)
    threads = set(threading.enumerate())
    sys.addaudithook(watch)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        watch.is_on = True
        try:
            _ask(importlib.import_module(module))
        except Exception as raised:  # noqa: BLE001  # said to who asked
            error = f"{type(raised).__name__}: {raised}"
        watch.is_on = False
    new = {name.split(".")[0] for name in set(sys.modules) - before}
    return {
        "error": error,
        "done": watch.done,
        "drivers": sorted(new & set(DRIVERS)),
        "threads": [one.name for one in set(threading.enumerate()) - threads],
        "printed": printed.getvalue(),
    }


def _ask(module: Any) -> None:
    plugin = getattr(module, "plugin", module)
    for hook in ("describe", "field_maps"):
        if hasattr(plugin, hook):
            getattr(plugin, hook)()


def _is_writing(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = (*arguments, None, None, None)[:3]
    return any(letter in str(mode or "") for letter in "wax+") or bool(int(flags or 0) & WRITING)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.path[:] = given["path"]
    print(json.dumps(look(given["module"])))  # noqa: T201  # the answer
