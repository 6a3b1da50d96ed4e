"""Exactly once, whatever happens: seeded scenarios on real SQLite files, with the ERPs' documents as the witness."""

import os

import pytest

from crossdock.testing.orders_clock import Boundaries
from crossdock.testing.orders_plants import PLANTS
from crossdock.testing.orders_scenarios import Scenario
from crossdock.testing.orders_world import Setup

SCENARIOS = int(os.environ.get("CROSSDOCK_SCENARIOS", "2000"))
"""How many seeds are played; `make chaos` plays ten thousand."""
PARTS = 8
ENOUGH = 400
"""Scenarios within which a planted fault must show, and a boundary must be passed."""
STEPS = {
    "Accounts._intend": ("customer_fault",),
    "Accounts._note_left": ("customer_fault", "die", "die"),
    "Accounts._note_needed": (),
    "Accounts._record": ("customer_fault",),
    "Accounts._settle": ("stranger", "stranger"),
    "Confirmer._note_shipments": ("ship", "round"),
    "Confirmer._note_told": (),
    "Guard._note_restored": ("disaster", "disaster"),
    "Raiser._adopt": ("disaster", "disaster"),
    "Raiser._cancel": ("cancel", "cancel", "intake", "raise"),
    "Raiser._doubt": ("fault",),
    "Raiser._intend": (),
    "Raiser._keep": (),
    "Raiser._refused": ("fault",),
    "Raiser._stop": ("reorder",),
    "Raiser._take_back": ("fault",),
    "Raiser._wait": ("outage",),
    "Reader._keep": (),
    "Reader._note_swept": (),
    "Settler._conclude": ("outage",),
    "Accounts._take_over_foreign": ("abandon", "abandon"),
    "Settler._take_over_foreign": ("abandon", "abandon"),
    "Settler._conclude_verifying": ("lie", "lie"),
    "Settler._note_failed": ("outage",),
    "Settler._note_left": ("die", "fault"),
    "Settler._note_seen": (),
    "_keep": ("ship", "round"),
}
"""Every commit of the lanes, each with the moves after which it is passed."""
CALLS = {
    "confirm_order before": (),
    "confirm_order after": (),
    "create_customer before": (),
    "create_customer after": (),
    "find_customer before": (),
    "find_order before": (),
    "find_order after": (),
    "read_orders page": (),
    "write_order before": (),
    "write_order under way": ("fault",),
    "write_order after": (),
    "write_shipments before": ("ship", "round"),
}
PLACES = {f"{step} {when}": moves for step, moves in STEPS.items() for when in ("before", "inside", "after")} | CALLS
AT_THE_DESK = ("retry", "resolve_raised", "resolve_cancelled", "resolve_keep", "resolve_take")
"""What a person does in the end, in one transaction each."""


def played(seed, folder, boundaries=None, *, plant=None, favour=(), setup=None):
    """Plays a scenario in a folder of its own; gives what is wrong with its end, with the way there."""
    own = folder / f"{seed}"
    own.mkdir()
    scenario = Scenario(seed, own, boundaries, setup)
    if plant is not None:
        scenario.plant(plant)
    else:
        scenario.favour(favour)
    wrong = scenario.run()
    for file in own.iterdir():
        file.unlink()
    own.rmdir()
    return [f"seed {seed}, {scenario.world.setup}, {scenario.trail}: {one}" for one in wrong]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_each_document_is_there_exactly_once(tmp_path, part):
    """Whatever dies, is lost, comes late, comes again or is put back: nothing is lost, doubled or left in limbo."""
    boundaries = Boundaries()
    for seed in range(part, SCENARIOS, PARTS):
        boundaries.forget()
        assert played(seed, tmp_path, boundaries) == []
    assert sum(boundaries.died.values()) > SCENARIOS / PARTS / 10
    unknown = {name for name in boundaries.passed if name not in PLACES and not name.startswith(AT_THE_DESK)}
    assert unknown == set(), "a boundary that no test kills at: add it to STEPS or CALLS"


@pytest.mark.slow
@pytest.mark.parametrize("place", STEPS | CALLS)
def test_a_host_may_die_at_every_commit_and_every_call(tmp_path, place):
    """For each named boundary there is a scenario in which the host dies right there, and its end is as good as any."""
    boundaries = Boundaries()
    names = [name for name in PLACES if name == place or name.rpartition(" ")[0] == place]
    creates = "ustomer" in place or "Accounts" in place
    setup = Setup(("searchable",), creates) if creates or "adopt" in place else None
    for seed in range(50_000, 50_000 + ENOUGH):
        boundaries.forget()
        boundaries.doomed.update(name for name in names if not boundaries.died[name])
        assert played(seed, tmp_path, boundaries, favour=(STEPS | CALLS)[place], setup=setup) == []
        if all(boundaries.died[name] for name in names):
            return
    pytest.fail(f"not all of {names} were passed in {ENOUGH} scenarios: {boundaries.died}")


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTS, ids=lambda one: one.name)
def test_a_planted_fault_is_caught(tmp_path, plant):
    """With a fault planted in the program, the same check on the same scenarios finds a document doubled or lost."""
    with plant.patching():
        wrong = next(filter(None, (played(seed, tmp_path, plant=plant) for seed in range(ENOUGH))), [])
    assert any("doubled" in one or "in the ERP" in one or "unknown" in one for one in wrong), "the fault went unnoticed"


@pytest.mark.slow
@pytest.mark.postgres
def test_the_same_on_postgresql(tmp_path, postgres_url, own_database_of):
    """The lanes keep their promise on the other database too, there without backups, which are its own affair."""
    with own_database_of(postgres_url) as url:
        for seed in range(SCENARIOS // 50):
            setup = Setup(("searchable", "neither")[: 1 + seed % 2], seed % 4 == 0, 20, url, str(seed))
            assert played(seed, tmp_path, setup=setup) == []


def test_a_scenario_is_the_same_every_time(tmp_path):
    """A seed plays the same moves to the same end, so that what was found can be found again."""
    trails = []
    for turn in ("one", "two"):
        folder = tmp_path / turn
        folder.mkdir()
        scenario = Scenario(7, folder)
        assert scenario.run() == []
        trails.append((scenario.trail, scenario.world.clock.wall, [erp.documents for erp in scenario.world.erps]))
    assert trails[0] == trails[1]
