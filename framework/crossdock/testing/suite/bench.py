"""The bench on which a plugin is tried: its hooks, its fake in a folder, and reads whose rows can be compared."""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Self

from crossdock.child.load import GROUP, Plugin
from crossdock.contract import Config, Read, Rows
from crossdock.contract.memory import LocalMemory
from crossdock.fieldmap import FieldMap, Json
from crossdock.fieldmap.compile import Mapper
from crossdock.fieldmap.hub import CODE_FIELD
from crossdock.fieldmap.override import override
from crossdock.testing.suite.checks import NotApplicableError, expect
from crossdock.testing.suite.fakes import Settings

READ_HOOKS = {"products": "read_products", "customers": "read_customers"}
MOST_PAGES = 20_000
"""A fake has nowhere near so many: a read that gives more does not end."""
TRIES = 3
"""Times that a toolkit tries a call which may be repeated."""
SMALL = 2
"""Rows a page where many pages are wanted of a few rows."""


def _is_importable(module: str) -> bool:
    """Whether another process could import a module; pytest may have loaded a test file by its path alone."""
    finders = [one.find_spec for one in sys.meta_path if hasattr(one, "find_spec")]
    name, path = "", None
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        spec = next(filter(None, (find(name, path) for find in finders)), None)
        if spec is None:
            return False
        path = spec.submodule_search_locations
    return True


class Known(NamedTuple):
    """One row, so that it can be compared."""

    identity: str
    """Key where the map names one, else the code."""
    row_hash: int
    """Hash of the row as it was read."""
    native: Any
    """Native code. None: unreadable."""


@dataclass(frozen=True)
class Got:
    """What a read gave."""

    pages: list[Rows]
    """As the hook gave them."""
    rows: list[list[Known]]
    """Page by page; where the map says `each`, the rows within."""

    @property
    def all(self) -> list[Known]:
        """All rows in their order."""
        return [one for page in self.rows for one in page]

    @property
    def identities(self) -> set[str]:
        """Identities of all rows."""
        return {one.identity for one in self.all}

    @property
    def count(self) -> int:
        """Rows as the hook gave them, those that came twice counted twice."""
        return sum(len(page.rows) for page in self.pages)

    @property
    def codes(self) -> list[Any]:
        """Native codes that exactly one row has, in the order of the rows."""
        found = [one.native for one in self.all if one.native not in (None, "")]
        return [one for one in found if found.count(one) == 1]


class _InHand(EntryPoint):
    """An entry point of a plugin that is there already."""

    def load(self) -> Any:
        """Gives the plugin."""
        return vars(self)["plugin"]


class Bench:
    """One plugin and its fake, started at the first need and stopped at the end; for a `with` block."""

    def __init__(self, plugin: Any, fake: Any) -> None:
        """Takes a plugin's object or module and its fake; starts nothing yet."""
        self.object, self.fake = plugin, fake
        self.memory = LocalMemory()
        self._stack = ExitStack()
        self._plugin: Plugin | None = None
        self._maps: dict[str, FieldMap] | None = None
        self._started: tuple[Path, Settings] | None = None

    def __enter__(self) -> Self:
        """Begins; whoever tries again does so at once."""
        if find_spec("stamina") is not None:
            stamina = import_module("stamina")
            self._stack.enter_context(stamina.set_testing(True, attempts=TRIES))
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the fake and removes its folder."""
        self._stack.close()

    @property
    def name(self) -> str:
        """The plugin's name, as it says it; its type's where it cannot."""
        try:
            return str(self.object.describe().name)
        except Exception:  # noqa: BLE001  # what is wrong with it, the checks of loading say
            return type(self.object).__name__

    @property
    def plugin(self) -> Plugin:
        """The plugin behind its plugin manager.

        Raises:
            PluginError: it cannot be loaded.
        """
        if self._plugin is None:
            entry = _InHand(self.name, f"{self.module or 'unknown'}:plugin", GROUP)
            vars(entry)["plugin"] = self.object
            self._plugin = Plugin(entry)
        return self._plugin

    @property
    def module(self) -> str | None:
        """Module that importing the plugin imports. None: the plugin is not in one of its own."""
        if isinstance(self.object, ModuleType):
            return self.object.__name__
        for entry in entry_points(group=GROUP):
            if entry.name == self.name and entry.load() is self.object:
                return entry.module
        found = type(self.object).__module__
        return None if found.split(".")[0] == "crossdock" or not _is_importable(found) else found

    @property
    def folder(self) -> Path:
        """The running fake's folder."""
        return self._running()[0]

    @property
    def settings(self) -> Settings:
        """What the running fake yielded."""
        return self._running()[1]

    @property
    def config(self) -> dict[str, Any]:
        """The connection's settings, with defaults, without the maps of streams."""
        given = {name: value for name, value in self.settings.items() if name not in READ_HOOKS}
        return {one.name: one.default for one in self.plugin.manifest.settings} | given

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the settings that are credentials."""
        return tuple(one.name for one in self.plugin.manifest.settings if one.secret)

    @property
    def maps(self) -> dict[str, FieldMap]:
        """Effective map of each stream that can be read.

        Raises:
            FieldMapError: a map cannot work.
            BrokenPromiseError: there are hooks that read, and no map for any of them.
            NotApplicableError: nothing can be read.
        """
        if self._maps is None:
            self._maps = self._found_maps()
        return self._maps

    def _found_maps(self) -> dict[str, FieldMap]:
        hooks = [hook for hook in READ_HOOKS.values() if hook in self.plugin.hooks]
        if not hooks:
            message = "neither products nor customers are read"
            raise NotApplicableError(message)
        declared = {one.stream: one for one in self.plugin.maps}
        sections: dict[str, Mapping[str, Any]] = {one: self.settings.get(one, {}) for one in READ_HOOKS}
        found = {
            stream: override(stream, declared.get(stream), sections[stream])
            for stream, hook in READ_HOOKS.items()
            if hook in self.plugin.hooks and (stream in declared or sections[stream])
        }
        expect(found, f"{' and '.join(hooks)}: neither the plugin nor the fake's settings have a field map to read by")
        return found

    def offered(self, name: str, what: str) -> Any:
        """Gives something that a fake may offer.

        Raises:
            NotApplicableError: it does not.
        """
        found = getattr(self.fake, name, None)
        if found is None:
            message = f"the fake has no `{name}`, {what}"
            raise NotApplicableError(message)
        return found

    @contextmanager
    def session(self, **changed: Any) -> Iterator[Any]:
        """Opens a session, some settings changed."""
        config = Config(self.config | changed, frozenset(self.secrets))
        with self.plugin.call("open_session", config=config, memory=self.memory) as session:
            yield session

    def pages(self, session: Any, stream: str, fields: FieldMap | None = None, **asked: Any) -> Iterator[Rows]:
        """Reads a stream in an open session, page by page; what is asked are the fields of `Read`.

        Raises:
            BrokenPromiseError: what the hook gives are no pages, or they do not end.
        """
        hook = READ_HOOKS[stream]
        pages = self.plugin.call(hook, session=session, read=Read(fields=fields or self.maps[stream], **asked))
        expect(pages is not None, f"{hook} gave None: give pages, none at all where there are no rows")
        for number, page in enumerate(pages):
            expect(isinstance(page, Rows), f"{hook} gave {type(page).__name__}: yield Rows, as `read.paged(...)` does")
            expect(number < MOST_PAGES, f"{hook} gave {MOST_PAGES} pages and more: a read must end")
            yield page

    def read(self, stream: str, *, session: Any = None, **asked: Any) -> Got:
        """Reads a stream to its end, in a session of its own where none is given."""
        if session is None:
            with self.session() as opened:
                return self.read(stream, session=opened, **asked)
        return self.known(stream, list(self.pages(session, stream, **asked)), asked.get("fields"))

    def known(self, stream: str, pages: Sequence[Rows], fields: FieldMap | None = None) -> Got:
        """Makes rows comparable."""
        mapper = Rowwise(fields or self.maps[stream])
        return Got(list(pages), [mapper.known(page) for page in pages])

    def some(self, stream: str, **asked: Any) -> Got:
        """Reads a stream whose rows are needed.

        Raises:
            BrokenPromiseError: there is not one; a check would look at nothing.
        """
        got = self.read(stream, **asked)
        expect(got.all, f"{READ_HOOKS[stream]} gave no row: the fake needs sample data for {stream}")
        return got

    def _running(self) -> tuple[Path, Settings]:
        if self._started is None:
            made = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-"))
            folder = Path(made).resolve()
            self._started = folder, dict(self._stack.enter_context(self.fake.start(folder)))
        return self._started


class Rowwise:
    """The mapper of one map, made anew where the columns differ."""

    def __init__(self, fields: FieldMap) -> None:
        """Takes a valid map."""
        self.fields = fields
        self._mappers: dict[tuple[str, ...] | None, Mapper] = {}

    def mapper(self, columns: tuple[str, ...] | None) -> Mapper:
        """Gives the mapper for rows of these columns."""
        if columns not in self._mappers:
            self._mappers[columns] = Mapper(self.fields, columns, 0)
        return self._mappers[columns]

    def known(self, page: Rows) -> list[Known]:
        """Makes the rows of a page comparable."""
        mapper = self.mapper(page.columns)
        rows = mapper.expand(page.rows)
        codes, hashes, identities = mapper.identify(rows)
        names = identities or [str(one) for one in codes]
        code = CODE_FIELD[self.fields.stream]
        natives = [mapper.raw(row, code) for row in rows]
        return list(map(Known, names, hashes, natives))


def is_nested(fields: FieldMap) -> bool:
    """Says whether the rows of a map stand inside others, which are read as a whole."""
    return isinstance(fields.source, Json) and fields.source.each is not None
