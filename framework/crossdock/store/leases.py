"""Leases: one run a lane, and a fence that stops the run that lost its lane."""

import os
import platform
import uuid
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from crossdock.contract import FenceLostError, LaneBusyError
from crossdock.store.open import Store, Transaction
from crossdock.store.schema import lease

TTL_S = 60.0
"""Seconds that a lease holds without being renewed."""
MADE_UP = 1 << 40
"""The bit that is set in a network card's number that `uuid` made up."""


class Holder(Struct, frozen=True):
    """A process that may hold leases."""

    machine: str
    """Name, then what stands for the space in which process numbers are unique."""
    pid: int
    started_at: float
    token: str

    def text(self) -> str:
        """Gives the form that is stored and shown."""
        return f"{self.machine}|{self.pid}|{self.started_at}|{self.token}"


def this_process() -> Holder:
    """Gives this process as a holder; each call is a holder of its own."""
    import psutil  # noqa: PLC0415  # only who takes leases needs it

    started = psutil.Process().create_time()
    return Holder(f"{platform.node()}/{_process_space()}", os.getpid(), started, uuid.uuid4().hex[:12])


def _process_space() -> str:
    """Gives what two processes share only if each can see whether the other runs.

    On Linux that is one boot of the kernel and one namespace of process numbers: containers differ in it even where
    they have the name and address of their machine. Elsewhere it is the network card; where `uuid` made its number up,
    which it does anew in each process, the machine's name must do.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        card = uuid.getnode()
        return "" if card & MADE_UP else f"{card:x}"


def is_gone(text: str, here: Holder) -> bool:
    """Says whether a holder was a process of this machine that no longer runs."""
    import psutil  # noqa: PLC0415  # only who takes leases needs it

    machine, pid, started, _ = text.split("|")
    if machine != here.machine:
        return False
    try:
        process = psutil.Process(int(pid))
        is_another = abs(process.create_time() - float(started)) > 1
        return bool(is_another or process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False


class Lease:
    """A lane held by one run."""

    def __init__(self, store: Store, lane: str, holder: Holder, fence: int) -> None:
        """Takes what `take` worked out."""
        self.store, self.lane, self.holder, self.fence = store, lane, holder.text(), fence

    def renew(self, transaction: Transaction) -> None:
        """Renews within a transaction that writes; every write of a run begins with it.

        Raises:
            FenceLostError: another run has the lane.
        """
        query = "UPDATE lease SET expires_at = ? WHERE lane = ? AND fence = ? AND holder = ?"
        if transaction.change(query, transaction.now() + TTL_S, self.lane, self.fence, self.holder) != 1:
            message = f"lane {self.lane}: another run took over; this one stops"
            raise FenceLostError(message)

    def keep(self) -> None:
        """Renews in a transaction of its own, while a run waits."""
        with self.store.write() as transaction:
            self.renew(transaction)

    def release(self) -> None:
        """Gives the lane back; harmless where it is lost already."""
        with self.store.write() as transaction:
            transaction.change(
                "UPDATE lease SET holder = NULL, expires_at = 0 WHERE lane = ? AND fence = ?", self.lane, self.fence
            )


def take(store: Store, lane: str, holder: Holder, gone: Callable[[str, Holder], bool] = is_gone) -> Lease:
    """Takes a lane: free, expired, or held by a process of this machine that is gone.

    Raises:
        LaneBusyError: another run holds it; the text says who and until when.
    """
    with store.write() as transaction:
        now = transaction.now()
        found = transaction.execute(select(lease).where(lease.c.lane == lane).with_for_update()).first()
        if found is None:
            fence = 1
            row = {"lane": lane, "holder": holder.text(), "fence": fence, "expires_at": now + TTL_S}
            try:
                transaction.execute(insert(lease).values(row))
            except IntegrityError as error:
                message = f"lane {lane} was just taken by another run"
                raise LaneBusyError(message) from error
            return Lease(store, lane, holder, fence)
        if found.holder is not None and found.expires_at > now and not gone(found.holder, holder):
            machine, pid, *_ = found.holder.split("|")
            message = (
                f"lane {lane} is held by process {pid} on {machine.partition('/')[0]}, at work or heard of "
                f"{max(0, int(now + TTL_S - found.expires_at))} s ago; wait for it or end it"
            )
            raise LaneBusyError(message)
        fence = int(found.fence) + 1
        values = {"holder": holder.text(), "fence": fence, "expires_at": now + TTL_S}
        transaction.execute(update(lease).where(lease.c.lane == lane).values(values))
    return Lease(store, lane, holder, fence)
