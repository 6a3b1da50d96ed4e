"""Connections and streams by permanent number: names in the configuration may change, these do not."""

from sqlalchemy import insert, select, update

from crossdock.store import schema
from crossdock.store.open import Transaction


def connection_id(transaction: Transaction, name: str, plugin: str, was: str | None = None) -> int:
    """Gives a connection's permanent number, made at its first use.

    Args:
        transaction: one that writes.
        name: its name in the configuration.
        plugin: its plugin.
        was: its name before it was renamed; it keeps its number, and with it all that was read and sent.
    """
    table = schema.connection
    if was is not None and find_connection(transaction, name) is None:
        transaction.execute(update(table).where(table.c.name == was).values(name=name))
    found = transaction.execute(select(table.c.id, table.c.plugin).where(table.c.name == name)).first()
    if found is None:
        made = transaction.execute(insert(table).values(name=name, plugin=plugin).returning(table.c.id))
        return int(made.scalar_one())
    if found.plugin != plugin:
        transaction.execute(update(table).where(table.c.id == found.id).values(plugin=plugin))
    return int(found.id)


def stream_id(transaction: Transaction, source: int, name: str) -> int:
    """Gives a stream's permanent number, made at its first use."""
    table = schema.stream
    query = select(table.c.id).where(table.c.source == source, table.c.name == name)
    found = transaction.execute(query).scalar()
    if found is None:
        found = transaction.execute(insert(table).values(source=source, name=name).returning(table.c.id)).scalar_one()
    return int(found)


def find_connection(transaction: Transaction, name: str) -> int | None:
    """Gives a connection's number, None where it was never used."""
    found = transaction.execute(select(schema.connection.c.id).where(schema.connection.c.name == name)).scalar()
    return None if found is None else int(found)


def streams_of(transaction: Transaction, source: int) -> dict[str, int]:
    """Gives the numbers of a source's streams by name."""
    table = schema.stream
    return {row.name: row.id for row in transaction.execute(select(table).where(table.c.source == source))}


def find_stream(transaction: Transaction, source: int, name: str) -> int | None:
    """Gives a stream's number, None where it was never read."""
    found = transaction.value("SELECT id FROM stream WHERE source = ? AND name = ?", source, name)
    return None if found is None else int(found)
