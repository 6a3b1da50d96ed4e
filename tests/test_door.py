"""The door, `crossdock`, is what authors of plugins learn: small, sorted, and exactly what it says."""

from types import ModuleType

import crossdock
from crossdock import contract, fieldmap, records

MOST = 45


def test_the_door_is_sorted():
    """A reader finds a name in `crossdock.__all__` where the alphabet puts it, once."""
    assert crossdock.__all__ == sorted(set(crossdock.__all__))


def test_the_door_stays_small():
    """An author never has more than 45 names to learn."""
    assert len(crossdock.__all__) <= MOST


def test_the_door_says_what_it_exports():
    """Every public name that the door imports stands in `__all__`, and no other does."""
    public = {
        name for name, one in vars(crossdock).items() if not name.startswith("_") and not isinstance(one, ModuleType)
    }
    assert public == set(crossdock.__all__)


def test_the_door_invents_nothing():
    """Each name of the door is the very one of the floor below, so that an author's isinstance holds everywhere."""
    below = {**vars(records), **vars(fieldmap), **vars(contract)}
    assert [name for name in crossdock.__all__ if getattr(crossdock, name) is not below.get(name)] == []
