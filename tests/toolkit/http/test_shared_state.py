"""What several children share: one of them asks the other system, the rest take what it got."""

import pytest

from crossdock import AuthError, TransientError
from crossdock.contract import LocalMemory
from crossdock.toolkit.http.auth import SharedState
from crossdock.toolkit.http.auth import shared as subject


class Clock:
    """Time that passes only while somebody sleeps, and what happens then."""

    def __init__(self):
        self.now, self.then = 1000.0, lambda: None

    def time(self):
        return self.now

    monotonic = time

    def sleep(self, seconds):
        self.now += seconds
        self.then()


@pytest.fixture
def clock(monkeypatch):
    """The clock that leases go by."""
    clock = Clock()
    monkeypatch.setattr(subject, "time", clock)
    return clock


def key_of(memory, start):
    """The key in the memory that begins so."""
    return next(key for key in memory._values if key.startswith(start))  # noqa: SLF001  # what is looked at


def any_but(refused):
    """Takes every state but the refused one."""
    return lambda state: state != refused


def asking(memory, answers):
    """A state that is got from a list of answers, and how often somebody asked."""
    seen = []

    def obtain(before):
        seen.append(before)
        return answers[len(seen) - 1]

    return SharedState(memory, "me", obtain), seen


def test_what_is_there_is_taken(clock):
    """A state in the memory is taken as it is, by as many as come."""
    memory = LocalMemory()
    first, asked = asking(memory, ["one"])
    second, more = asking(memory, [])
    assert [one.get(is_good=any_but(None)) for one in (first, second, first)] == ["one"] * 3
    assert (asked, more) == ([None], [])


def test_what_came_while_the_lease_was_taken_is_used(clock):
    """Who takes the lease looks once more: what somebody has got just before is used, and nobody is asked."""

    class Racing(LocalMemory):
        def compare_and_set(self, key, expected, value, *, secret):
            if key.startswith("auth-lease:") and value:
                self.set(key.replace("auth-lease:", "auth:"), "theirs", secret=True)
            return super().compare_and_set(key, expected, value, secret=secret)

    state, asked = asking(Racing(), ["mine"])
    assert state.get(is_good=any_but(None)) == "theirs"
    assert asked == []


def test_the_rest_wait_for_the_one_that_asks(clock):
    """While another holds the lease nobody else asks; what it gets is taken."""
    memory = LocalMemory()
    asking(memory, ["old"])[0].get(is_good=any_but(None))
    memory.set(key_of(memory, "auth-lease:"), f"{clock.now + 60} another", secret=False)
    state, asked = asking(memory, ["mine"])

    def then():
        if clock.now > 1010:
            memory.set(key_of(memory, "auth:"), "theirs", secret=True)

    clock.then = then
    assert state.renew(is_good=any_but("old")) == "theirs"
    assert asked == []


def test_a_lease_of_the_dead_runs_out(clock):
    """Where the one that asked has died, another asks once its lease has run out."""
    memory = LocalMemory()
    asking(memory, ["old"])[0].get(is_good=any_but(None))
    memory.set(key_of(memory, "auth-lease:"), f"{clock.now + 60} dead", secret=False)
    state, asked = asking(memory, ["mine"])
    assert state.renew(is_good=any_but("old")) == "mine"
    assert asked == ["old"]
    assert clock.now >= 1060


def test_nobody_waits_for_ever(clock):
    """Where one after the other holds the lease and gets nothing, the wait ends with an error worth another run."""
    memory = LocalMemory()
    asking(memory, ["old"])[0].get(is_good=any_but(None))
    clock.then = lambda: memory.set(key_of(memory, "auth-lease:"), f"{clock.now + 60} another", secret=False)
    clock.then()
    with pytest.raises(TransientError, match="too long"):
        asking(memory, ["mine"])[0].renew(is_good=any_but("old"))


def test_who_fails_lets_others_try(clock):
    """A refusal ends the lease at once, and leaves what was there."""
    memory = LocalMemory()

    def refuse(before):
        message = "no"
        raise AuthError(message)

    with pytest.raises(AuthError):
        SharedState(memory, "me", refuse).get(is_good=any_but(None))
    assert asking(memory, ["mine"])[0].get(is_good=any_but(None)) == "mine"
    assert clock.now == 1000


def test_owners_are_kept_apart(clock):
    """Another user, or another address, has a state of its own; neither shows in the memory's keys."""
    memory = LocalMemory()
    for owner in ("https://a me", "https://a you"):
        SharedState(memory, owner, lambda _, owner=owner: owner).get(is_good=any_but(None))
    keys = [key for key in memory._values if key.startswith("auth:")]  # noqa: SLF001  # what is looked at
    assert len(keys) == 2
    assert not any("me" in key or "https" in key for key in keys)
