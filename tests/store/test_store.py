"""Memory, quarantine, checkpoints and positions: kept as they were given, on both databases."""

import threading

import pytest

from crossdock.store import Store, checkpoints, quarantine
from crossdock.store.checkpoints import Checkpoint, Position
from crossdock.store.connections import connection_id, stream_id
from crossdock.store.memory import StoredMemory
from crossdock.store.quarantine import Quarantined


@pytest.fixture
def store(store_url):
    """An empty store."""
    opened = Store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def stream(store):
    """A stream's number."""
    with store.write() as transaction:
        return stream_id(transaction, connection_id(transaction, "erp", "fake"), "products")


def test_memory_survives_and_belongs_to_one_connection(store, store_url):
    """A value is there for another process, and for no other connection."""
    StoredMemory(store, 1).set("token", "abc", secret=True)
    other = Store(store_url)
    assert StoredMemory(other, 1).get("token") == "abc"
    assert StoredMemory(other, 2).get("token") is None
    other.close()


def test_memory_changes_only_what_is_expected(store):
    """A value that is not the expected one stays."""
    memory = StoredMemory(store, 1)
    assert memory.compare_and_set("token", None, "a", secret=True)
    assert not memory.compare_and_set("token", None, "b", secret=True)
    assert memory.compare_and_set("token", "a", "c", secret=True)
    assert memory.get("token") == "c"


def test_two_at_once_change_memory_one_after_the_other(store):
    """Counting up by compare-and-set from two threads loses no step."""
    memory, wins = StoredMemory(store, 1), []

    def count():
        for _ in range(20):
            while True:
                old = memory.get("count")
                if memory.compare_and_set("count", old, str(int(old or 0) + 1), secret=False):
                    wins.append(1)
                    break

    threads = [threading.Thread(target=count) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert memory.get("count") == "40"
    assert len(wins) == 40


def test_a_quarantined_row_keeps_the_time_it_first_came(store, stream):
    """The same row again keeps its place; it is found by key and by code, and forgotten once it is mapped."""
    first, second = (
        Quarantined("k1", "A", '"A"', "title", "is empty", "hint", "{}"),
        Quarantined("k2", None, None, None, "x", None, "{}"),
    )
    with store.write() as transaction:
        quarantine.set_aside(transaction, stream, [first], 1.0)
        quarantine.set_aside(transaction, stream, [second], 2.0)
        quarantine.set_aside(transaction, stream, [first._replace(reason="is worse")], 3.0)
    with store.read() as transaction:
        assert [one.reason for one in quarantine.listed(transaction, stream)] == ["is worse", "x"]
        assert quarantine.find(transaction, stream, "A") == quarantine.find(transaction, stream, "k1")
    with store.write() as transaction:
        quarantine.forget_before(transaction, stream, 3.0)
        assert [one.row_key for one in quarantine.listed(transaction, stream)] == ["k1"]
        quarantine.released(transaction, stream, ["A"])
        assert quarantine.listed(transaction, stream) == []


def test_checkpoints_and_positions_are_kept(store, stream):
    """What was kept last is what is read, and before anything was kept there is an empty one."""
    with store.write() as transaction:
        channel = connection_id(transaction, "hub", "fake")
        assert checkpoints.checkpoint(transaction, stream) == Checkpoint()
        assert checkpoints.position(transaction, channel, stream) == Position(channel)
        for number in (1, 2):
            checkpoints.save_checkpoint(transaction, stream, Checkpoint(f"c{number}", "map", 1.0, 2.0, "stopped"))
            checkpoints.save_position(transaction, stream, Position(channel, number, view_hash="view", claimed=True))
    with store.read() as transaction:
        assert checkpoints.checkpoint(transaction, stream) == Checkpoint("c2", "map", 1.0, 2.0, "stopped")
        assert checkpoints.position(transaction, channel, stream) == Position(
            channel, 2, view_hash="view", claimed=True
        )


def test_a_transaction_that_fails_leaves_nothing(store):
    """Whatever is raised inside a transaction takes all of it back, and the store goes on."""
    with pytest.raises(ZeroDivisionError), store.write() as transaction:  # noqa: PT012  # what came before is taken back
        connection_id(transaction, "erp", "fake")
        raise ZeroDivisionError
    with store.write() as transaction:
        assert transaction.rows("SELECT * FROM connection") == []
        assert connection_id(transaction, "erp", "fake") == connection_id(transaction, "erp", "fake")
