"""One token for all children of a connection, kept by the host."""

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from crossdock.host.child_port import ChildPort, Opening
from crossdock.host.config import read_configuration
from crossdock.host.settings import resolve_settings
from crossdock.records import Product, Variant
from crossdock.store import Store
from crossdock.store.connections import connection_id
from crossdock.store.memory import StoredMemory
from crossdock.testing.hub import StandInHub

BATCHES = 50


@pytest.fixture
def hub():
    """A stand-in hub that allows as many requests as come."""
    with StandInHub(rate=10_000, open_rate=10_000) as hub:
        yield hub


@pytest.fixture
def opened(tmp_path, hub, store_url, monkeypatch):
    """Makes open children of one hub connection, each with the memory that the store keeps."""
    monkeypatch.setenv("HUB_PASSWORD", "secret")
    (tmp_path / "crossdock.toml").write_text(
        f'[connections.hub]\nplugin = "stock2shop"\nurl = "{hub.url}/v1"\nusername = "agent@client"\n'
        'password = { env = "HUB_PASSWORD" }\nsource_id = 57\n'
    )
    configuration = read_configuration(tmp_path / "crossdock.toml")
    store = Store(store_url)
    with store.write() as transaction:
        number = connection_id(transaction, "hub", "stock2shop")
    ports = []

    def make():
        port = ChildPort("stock2shop", StoredMemory(store, number))
        ports.append(port)
        settings, secrets = resolve_settings(configuration.connection("hub"), port.manifest, tmp_path)
        port.open(Opening(connection="hub", settings=settings, secrets=secrets, maps=()))
        return port

    yield make
    for port in ports:
        port.close()
    store.close()


def send(port, name):
    """Sends one item a batch; gives the number acknowledged."""
    sent = 0
    for number in range(BATCHES):
        code = f"{name}{number}"
        product = msgspec.msgpack.encode(Product(source_product_code=code, title="T"))
        variant = msgspec.msgpack.encode(Variant(source_variant_code=code, sku=code))
        port.deliver("products", number, [(msgspec.Raw(product), ((msgspec.Raw(variant),),))])
        _, count, results = port.results()
        assert results is None, results
        sent += count
    return sent


def test_two_children_at_work_log_in_once(opened, hub):
    """Two processes of one connection send 100 requests on a single login."""
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda name: send(opened(), name), ("A", "B")))
    assert sent == [BATCHES, BATCHES]
    assert hub.state()["queued_entries"] == 2 * BATCHES
    assert hub.logins == 1


def test_a_refused_token_is_renewed_once(opened, hub):
    """When the hub drops its tokens in mid-work, one child logs in again and the other takes that token."""
    first, second = opened(), opened()
    hub.drop_tokens()
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(send, (first, second), ("A", "B")))
    assert sent == [BATCHES, BATCHES]
    assert hub.logins == 2
