"""The small store that all children of a connection share; the host keeps it."""

from typing import Protocol


class Memory(Protocol):
    """Tokens, rotating refresh tokens, ERP sessions: durable before a call returns."""

    def get(self, key: str) -> str | None:
        """Gives the value, None where there is none."""
        ...

    def set(self, key: str, value: str, *, secret: bool) -> None:  # nothing here is shown
        """Keeps a value; a secret one is never shown."""
        ...

    def compare_and_set(self, key: str, expected: str | None, value: str, *, secret: bool) -> bool:
        """Keeps the value only where the present one is `expected`; says whether it did."""
        ...


class LocalMemory:
    """A memory within one process, for tests and for a child outside a host."""

    def __init__(self) -> None:
        """Starts empty."""
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Gives the value, None where there is none."""
        return self._values.get(key)

    def set(self, key: str, value: str, *, secret: bool) -> None:  # nothing here is shown
        """Keeps a value."""
        self._values[key] = value

    def compare_and_set(self, key: str, expected: str | None, value: str, *, secret: bool) -> bool:
        """Keeps the value only where the present one is `expected`."""
        if self._values.get(key) != expected:
            return False
        self.set(key, value, secret=secret)
        return True
