"""Clocks that jump, machines that start anew, hosts that take turns: the settle window stays what it is."""

import pytest

from crossdock.orders.lane import MARGIN_S
from crossdock.testing.orders_world import WINDOW_S


@pytest.fixture
def world(world_of, order):
    """A world with one order whose document is on its way, and commits late."""
    made = world_of()
    made.erps[0].faults.append("late")
    made.shop.place(order())
    made.intake()
    made.raise_()
    return made


def state(world):
    """The document's state, after a run."""
    world.raise_()
    return world.documents()[0].state


@pytest.mark.parametrize("jump", [-86400.0, 86400.0, 10**9])
def test_a_clock_that_is_set_neither_shortens_nor_lengthens_the_window(world, jump):
    """On one machine between two starts only the time that really passed counts."""
    world.clock.jump(jump)
    assert state(world) == "unknown"
    world.clock.advance(WINDOW_S)
    assert state(world) == "raised"
    assert world.erps[0].calls == 1


@pytest.mark.parametrize("jump", [-86400.0, 0.0, MARGIN_S / 2])
def test_a_machine_that_started_anew_waits_the_window_once_more(world, jump):
    """Its clock that nobody can set began at nothing, so it counts from its own start."""
    world.clock.jump(jump)
    world.clock.advance(WINDOW_S / 2)
    world.reboot()
    assert state(world) == "unknown"
    world.clock.advance(WINDOW_S / 2)
    assert state(world) == "unknown"
    world.clock.advance(WINDOW_S / 2)
    assert state(world) == "raised"
    assert world.erps[0].calls == 1


def test_hosts_that_take_turns_come_to_an_end(world):
    """Each host that takes over counts anew, but not for ever: in the end the store's clock decides."""
    turns = 0
    while state(world) == "unknown":
        world.reboot()
        world.clock.advance(WINDOW_S / 2)
        turns += 1
        assert turns < 2 * (MARGIN_S + WINDOW_S) / WINDOW_S + 2
    assert (world.documents()[0].state, world.erps[0].calls) == ("raised", 1)


def test_a_new_customer_has_the_same_window(world_of, order):
    """What holds for a document holds for an account that was being created."""
    world = world_of(create_customers=True)
    world.erps[0].customer_faults.append("late")
    world.shop.place(order())
    world.intake()
    world.raise_()
    world.reboot()
    world.raise_()
    world.clock.advance(WINDOW_S)
    world.raise_()
    assert (world.documents()[0].state, list(world.erps[0].customers)) == ("raised", ["D0001"])
