"""Floor 3: what is kept between runs, on SQLite or PostgreSQL."""

from crossdock.store.open import Store, Transaction

__all__ = ["Store", "Transaction"]
