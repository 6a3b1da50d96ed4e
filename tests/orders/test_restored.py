"""A store put back from a backup: what was sent in the lost time is found, not sent again."""

from datetime import UTC, datetime

import pytest

from crossdock.host.orders_marks import MarksFile
from crossdock.orders.restored import Mark
from crossdock.testing.orders_world import WINDOW_S, OrderWorld, Setup


@pytest.fixture
def world_of(tmp_path):
    """Makes a world on a file of its own."""
    made = []

    def make(key):
        made.append(OrderWorld(tmp_path, Setup((key,))))
        return made[-1]

    yield make
    for world in made:
        world.store.close()


def moment(world):
    """Now, as a channel writes it."""
    return datetime.fromtimestamp(world.clock.wall, UTC).isoformat()


def lose_time(world, order, fault="ok"):
    """Backs the store up, raises an order, and puts the older store back."""
    world.back_up()
    world.shop.place(order(ordered_at=moment(world)))
    world.intake()
    world.erps[0].faults.append(fault)
    world.raise_()
    world.put_back()
    world.intake()


@pytest.mark.parametrize("fault", ["ok", "late"])
@pytest.mark.parametrize("key", ["enforced", "searchable"])
def test_what_was_sent_is_found(world_of, order, key, fault):
    """The order waits until the ERP can no longer commit what the lost time sent, then its document is adopted."""
    world = world_of(key)
    lose_time(world, order, fault)
    assert world.raise_().summary.waiting == 1
    world.clock.advance(WINDOW_S)
    assert world.raise_().summary.adopted == 1
    world.confirm()
    assert (world.erps[0].calls, world.examine()) == (1, [])


def test_where_nothing_can_be_looked_up_a_person_is_asked_once(world_of, order):
    """In class neither the order is parked; after a person's retry it is sent."""
    world = world_of("neither")
    lose_time(world, order, "never")
    assert world.raise_().summary.parked == 1
    assert "put back from a backup" in world.documents()[0].reason
    world.finish()
    assert (len(world.erps[0].documents), world.examine()) == (1, [])


def test_later_orders_do_not_wait(world_of, order):
    """An order placed well after the store was put back goes straight through."""
    world = world_of("neither")
    lose_time(world, order)
    world.raise_()
    world.clock.advance(7200)
    world.shop.place(order("2", ordered_at=moment(world), customer={"email": "new@shop.example"}))
    world.intake()
    world.raise_()
    assert [one.state for one in world.documents()] == ["parked", "raised"]


def test_shipments_of_the_lost_time_are_told(world_of, order):
    """What was shipped before the document was found again reaches the shop all the same."""
    world = world_of("searchable")
    lose_time(world, order)
    world.erps[0].ship(world.erps[0].documents[0])
    world.raise_()
    world.clock.advance(WINDOW_S)
    world.raise_()
    world.confirm()
    assert list(world.shop.shipped) == ["SO00001/1"]


def test_marks_are_kept_in_files_beside_the_store(tmp_path):
    """A mark is read as it was written, one for each target; a torn file is no mark."""
    marks = MarksFile(tmp_path)
    assert marks.read(1) is None
    marks.write(1, Mark(5, 7, 1700000000.123456))
    marks.write(2, Mark(6, 8, 0.1))
    assert (marks.read(1), marks.read(2)) == (Mark(5, 7, 1700000000.123456), Mark(6, 8, 0.1))
    (tmp_path / "orders.marks.1").write_text("[5,")
    assert marks.read(1) is None
