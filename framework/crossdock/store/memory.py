"""The connection's memory, durable before a call returns."""

from sqlalchemy import select

from crossdock.store.open import Store, Transaction
from crossdock.store.schema import memory

UPSERT = (
    "INSERT INTO memory (connection, key, value, secret) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (connection, key) DO UPDATE SET value = excluded.value, secret = excluded.secret"
)


class StoredMemory:
    """Implements `contract.Memory` for one connection."""

    def __init__(self, store: Store, connection: int) -> None:
        """Takes the store and the connection's permanent number."""
        self._store, self._connection = store, connection

    def get(self, key: str) -> str | None:
        """Gives the value, None where there is none."""
        with self._store.read() as transaction:
            return self._value(transaction, key)

    def set(self, key: str, value: str, *, secret: bool) -> None:
        """Keeps a value."""
        with self._store.write(durable=True) as transaction:
            transaction.change(UPSERT, self._connection, key, value, secret)

    def compare_and_set(self, key: str, expected: str | None, value: str, *, secret: bool) -> bool:
        """Keeps the value only where the present one is `expected`."""
        with self._store.write(durable=True) as transaction:
            if not transaction.is_sqlite:
                transaction.value("SELECT pg_advisory_xact_lock(727267, ?)", self._connection)
            if self._value(transaction, key) != expected:
                return False
            transaction.change(UPSERT, self._connection, key, value, secret)
            return True

    def _value(self, transaction: Transaction, key: str) -> str | None:
        query = select(memory.c.value).where(memory.c.connection == self._connection, memory.c.key == key)
        found: str | None = transaction.execute(query).scalar()
        return found
