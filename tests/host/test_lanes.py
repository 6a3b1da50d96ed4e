"""Lanes: what a run takes it gives back."""

import pytest

from crossdock.contract import TransientError
from crossdock.host.config import Configuration, ConnectionConfig, SyncConfig
from crossdock.host.lanes import Lanes
from crossdock.store import Store, runs
from crossdock.store.leases import take, this_process
from crossdock.sync.read import Options


@pytest.fixture
def store(store_url):
    """An empty store."""
    opened = Store(store_url)
    yield opened
    opened.close()


def test_a_run_that_cannot_begin_leaves_no_lease(store, tmp_path, monkeypatch):
    """Where the run's record cannot be made the lane is free again at once."""
    sync = SyncConfig(name="main", source="erp", channels=())
    connections = {"erp": ConnectionConfig(name="erp", plugin="demo-erp", settings={}, streams={})}
    lanes = Lanes(Configuration(folder=tmp_path, connections=connections, syncs={"main": sync}), store)

    def full(*_):
        message = "the disk is full"
        raise TransientError(message)

    monkeypatch.setattr(runs, "begin", full)
    with pytest.raises(TransientError, match="full"):
        lanes.read(sync, "products", Options())
    assert take(store, "read(erp, products)", this_process()).fence == 2
