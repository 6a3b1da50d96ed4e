"""An ERP of five items in two products and one alone, its feed, and a channel: on SQLite and on PostgreSQL."""

import pytest

from crossdock.testing.ports import CrashingStore, FakeChannel, FakeErp, FakeSource, Feed


@pytest.fixture
def store(store_url):
    """An empty store at whose transactions the host can die."""
    opened = CrashingStore(store_url)
    yield opened
    opened.close()


@pytest.fixture
def erp():
    """Shirts A1 and A2, caps B1 and B2, and the mug C."""
    made = FakeErp()
    for code, group, title in (("A1", "A", "Shirt"), ("A2", "A", "Shirt"), ("B1", "B", "Cap"), ("B2", "B", "Cap")):
        made.put(code, grp=group, title=title)
    made.put("C", title="Mug")
    return made


@pytest.fixture
def source(erp):
    """The ERP as a source."""
    return FakeSource(erp)


@pytest.fixture
def feed(store, source):
    """The lanes of the source."""
    return Feed(store, source)


@pytest.fixture
def hub():
    """A channel."""
    return FakeChannel()


@pytest.fixture
def big(erp):
    """The same ERP with a hundred items more, enough for a mass change."""
    for number in range(100):
        erp.put(f"M{number:03}")
    return erp
