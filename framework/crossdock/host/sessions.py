"""Opening a configured connection: the child, its settings, its effective maps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from crossdock.contract import ConfigError, LocalMemory, Memory
from crossdock.fieldmap import FieldMap, FieldMapError
from crossdock.fieldmap.override import override
from crossdock.host.child_port import ChildPort, Opening
from crossdock.host.config import Configuration, ConnectionConfig
from crossdock.host.settings import resolve_settings
from crossdock.store import Store
from crossdock.store.connections import find_connection
from crossdock.store.memory import StoredMemory

READ_HOOKS = {"products": "read_products", "customers": "read_customers"}


@contextmanager
def opened(
    configuration: Configuration, name: str, store: Store | None, on_wait: Callable[[], None] = lambda: None
) -> Iterator[ChildPort]:
    """Opens a connection in a child of its own, closed at the end.

    Raises:
        ConnectionSetupError, TransientError, PluginError: with the connection's name in front.
    """
    connection = configuration.connection(name)
    with ChildPort(connection.plugin, _memory(store, connection), on_wait, configuration.secret_variables()) as port:
        settings, secrets = resolve_settings(connection, port.manifest, configuration.folder)
        maps = effective_maps(connection, port.declared, port.hooks)
        port.open(
            Opening(
                connection=name, settings=settings, secrets=secrets, maps=tuple(maps), transforms=connection.transforms
            )
        )
        yield port


def _memory(store: Store | None, connection: ConnectionConfig) -> Memory:
    """Gives the connection's memory, in this process alone where no lane made the connection: a look writes nothing."""
    if store is None:
        return LocalMemory()
    with store.read() as transaction:
        number = find_connection(transaction, connection.name)
        if number is None and connection.was is not None:
            number = find_connection(transaction, connection.was)
    return LocalMemory() if number is None else StoredMemory(store, number)


def effective_maps(
    connection: ConnectionConfig, declared: tuple[FieldMap, ...], hooks: tuple[str, ...]
) -> list[FieldMap]:
    """Merges the operator's maps into the declared ones.

    Raises:
        ConfigError: a map that cannot work, or one for a stream that the plugin cannot read.
    """
    by_stream: Mapping[str, FieldMap] = {one.stream: one for one in declared}
    maps = []
    for stream, hook in READ_HOOKS.items():
        section: dict[str, Any] = connection.streams.get(stream, {})
        if section and hook not in hooks:
            message = f"[connections.{connection.name}.{stream}]: plugin {connection.plugin!r} does not read {stream}"
            raise ConfigError(message)
        if hook not in hooks or not (section or stream in by_stream):
            continue
        try:
            maps.append(override(stream, by_stream.get(stream), section).data())
        except FieldMapError as error:
            message = f"[connections.{connection.name}.{stream}]: {error}"
            raise ConfigError(message) from error
    return maps
