"""The record of every run."""

from sqlalchemy import insert, update

from crossdock.store.open import Store
from crossdock.store.schema import run


def begin(store: Store, lane: str, fence: int) -> int:
    """Notes that a run began, and that earlier ones of its lane that never ended have failed."""
    with store.write() as transaction:
        now = transaction.now()
        lost = update(run).where(run.c.lane == lane, run.c.state == "running")
        transaction.execute(lost.values(state="failed", error="ended without a word", ended_at=now))
        row = {"lane": lane, "fence": fence, "state": "running", "started_at": now}
        return int(transaction.execute(insert(run).values(row).returning(run.c.id)).scalar_one())


def end(store: Store, number: int, state: str, counts: str, error: str | None) -> None:
    """Notes how a run ended."""
    with store.write() as transaction:
        values = {"state": state, "counts": counts, "error": error, "ended_at": transaction.now()}
        transaction.execute(update(run).where(run.c.id == number).values(values))
