"""Finding one plugin by its entry point and checking it against the contract."""

import inspect
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from crossdock.contract import CONTRACT_VERSION, ConfigError, Manifest, PluginError, hooks
from crossdock.fieldmap import FieldMap, FieldMapError
from crossdock.fieldmap.compile import check_converters

GROUP = "crossdock"


class Plugin:
    """One loaded plugin behind its own plugin manager."""

    def __init__(self, entry: EntryPoint) -> None:
        """Imports the plugin and checks its hooks.

        Raises:
            PluginError: it cannot be imported or breaks the contract; the text says whose move it is.
        """
        self.name = entry.name
        self.version = entry.dist.version if entry.dist else "0"
        self._manager = pluggy.PluginManager("crossdock")
        self._manager.add_hookspecs(hooks)
        found = self._import(entry)
        try:
            self._manager.register(found, name=entry.name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise self.blame(hook="", what=str(error)) from error
        self._check_signatures()
        self.hooks = tuple(sorted(one.name for one in self._callers() if one.get_hookimpls()))
        if "describe" not in self.hooks:
            raise self.blame(hook="describe", what="is missing; every plugin describes itself")
        self.manifest = self._described()
        if self.manifest.contract != CONTRACT_VERSION:
            built = self.manifest.contract
            raise self.blame(hook="describe", what=f"was built for contract {built}, this is {CONTRACT_VERSION}")
        self.maps = tuple(self._maps())

    def _described(self) -> Manifest:
        hook = "describe"
        try:
            found = self.call(hook)
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
            raise self.blame(hook, message) from error
        if not isinstance(found, Manifest):
            message = f"gave {type(found).__name__}, not a Manifest"
            raise self.blame(hook, message)
        return found

    def call(self, hook: str, **arguments: Any) -> Any:
        """Calls one hook.

        Raises:
            PluginError: the plugin does not implement it.
        """
        if hook not in getattr(self, "hooks", (hook,)):
            raise self.blame(hook=hook, what="is not implemented by this plugin")
        return getattr(self._manager.hook, hook)(**arguments)

    def blame(self, hook: str, what: str) -> PluginError:
        """Makes the error that says which plugin and hook broke the contract."""
        return PluginError(f"plugin {self.name!r}{f', hook {hook}' if hook else ''}: {what}", self.name, hook)

    def _import(self, entry: EntryPoint) -> Any:
        try:
            return entry.load()
        except Exception as error:
            raise self.blame(hook="", what=f"cannot be imported: {type(error).__name__}: {error}") from error

    def _callers(self) -> Sequence[pluggy.HookCaller]:
        found = (getattr(self._manager.hook, name, None) for name in vars(hooks))
        return [one for one in found if isinstance(one, pluggy.HookCaller)]

    def _check_signatures(self) -> None:
        for caller in self._callers():
            for one in caller.get_hookimpls():
                for argument in inspect.signature(one.function).parameters.values():
                    if argument.default is not inspect.Parameter.empty:
                        raise self.blame(hook=caller.name, what=f"gives {argument.name!r} a default; hooks have none")

    def _maps(self) -> Sequence[FieldMap]:
        maps: Sequence[FieldMap] = self.call("field_maps") if "field_maps" in self.hooks else ()
        try:
            for one in maps:
                check_converters(one)
        except FieldMapError as error:
            raise self.blame(hook="field_maps", what=str(error)) from error
        return maps


def find_plugin(name: str) -> EntryPoint:
    """Finds the entry point of a plugin.

    Raises:
        ConfigError: no installed distribution offers it.
    """
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        cure = "Install it, or correct `plugin = ` in crossdock.toml"
        message = f"no plugin named {name!r} is installed; installed: {known}. {cure}"
        raise ConfigError(message)
    return found[name]
