"""Leases: one run a lane, taken over from the dead, and a fence against those that come back."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from crossdock.contract import FenceLostError, LaneBusyError
from crossdock.store import Store, leases
from crossdock.store.leases import Holder, take, this_process


@pytest.fixture
def store(store_url):
    """An empty store."""
    opened = Store(store_url)
    yield opened
    opened.close()


def test_a_lane_that_is_held_says_by_whom(store):
    """The error names process, machine and how long ago it was heard of."""
    held = take(store, "read(erp)", this_process())
    with pytest.raises(LaneBusyError, match=rf"held by process {os.getpid()} on .* s ago; wait for it or end it"):
        take(store, "read(erp)", this_process())
    assert take(store, "deliver(hub)", this_process()).fence == 1
    held.release()
    assert take(store, "read(erp)", this_process()).fence == 2


def test_a_dead_holder_on_this_machine_is_replaced_at_once(store):
    """A lease whose process is gone, or whose number another process has now, is no obstacle."""
    here = this_process()
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    started = psutil.Process(process.pid).create_time()
    take(store, "read(erp)", Holder(here.machine, process.pid, started, "token"))
    with pytest.raises(LaneBusyError):
        take(store, "read(erp)", here)
    process.communicate()
    assert take(store, "read(erp)", Holder(here.machine, os.getpid(), here.started_at - 100, "older")).fence == 2
    assert take(store, "read(erp)", here).fence == 3


def test_a_holder_elsewhere_is_waited_for_until_it_expires(store):
    """Nobody can see whether a process of another machine lives: its time must run out."""
    here = this_process()
    take(store, "read(erp)", Holder("elsewhere", 1, 0.0, "token"))
    with pytest.raises(LaneBusyError, match="on elsewhere"):
        take(store, "read(erp)", here)
    with store.write() as transaction:
        transaction.change("UPDATE lease SET expires_at = ? WHERE lane = ?", transaction.now() - 1, "read(erp)")
    assert take(store, "read(erp)", here).fence == 2


def test_who_lost_the_lane_can_write_nothing(store):
    """A write that begins with the lost fence is rolled back; giving the lane back harms nobody."""
    first = take(store, "read(erp)", this_process())
    second = take(store, "read(erp)", this_process(), lambda *_: True)
    with pytest.raises(FenceLostError), store.write() as transaction:  # noqa: PT012  # the write before it must go too
        transaction.change("INSERT INTO connection (name, plugin) VALUES (?, ?)", "a", "b")
        first.renew(transaction)
    with store.read() as transaction:
        assert transaction.rows("SELECT * FROM connection") == []
    first.release()
    second.keep()


@pytest.mark.skipif(sys.platform == "win32", reason="an ended process leaves nothing there")
def test_an_ended_process_that_nobody_waited_for_is_gone(store):
    """A zombie holds no lane, though the system still lists it."""
    here = this_process()
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    there = psutil.Process(process.pid)
    take(store, "read(erp)", Holder(here.machine, process.pid, there.create_time(), "token"))
    process.stdin.close()
    while there.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert take(store, "read(erp)", here).fence == 2
    process.wait()


def test_a_process_is_known_by_its_machine():
    """Another process on this machine names the machine as this one does."""
    code = "from crossdock.store.leases import this_process; print(this_process().machine)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == this_process().machine


def test_a_network_card_that_is_made_up_names_no_machine(monkeypatch):
    """Where there is nothing else, the number that `uuid` makes up anew in each process is left out."""
    monkeypatch.setattr(leases.Path, "read_text", lambda *_: (_ for _ in ()).throw(OSError()))
    monkeypatch.setattr(leases.uuid, "getnode", lambda: 0x0123456789AB)
    assert this_process().machine.endswith("/")
    monkeypatch.setattr(leases.uuid, "getnode", lambda: 0x0023456789AB)
    assert this_process().machine.endswith("/23456789ab")
