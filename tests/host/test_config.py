"""`crossdock.toml`: whatever is wrong in it is said with its place, and what it must be."""

import pytest
from sqlalchemy import make_url

from crossdock.contract import ConfigError
from crossdock.host.config import read_configuration
from crossdock.host.home import open_store

SOUND = """
[connections.erp]
plugin = "demo-erp"

[connections.hub]
plugin = "stock2shop"

[syncs.main]
source = "erp"
channels = ["hub"]
"""
PLANTED = "hunter2-planted"


@pytest.fixture
def read(tmp_path):
    """Gives a reader of a configuration's text."""

    def reader(text):
        path = tmp_path / "crossdock.toml"
        path.write_text(text, "utf-8")
        return read_configuration(path)

    return reader


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("connections = 3", r"\[connections\] must be a table"),
        ("syncs = 'x'", r"\[syncs\] must be a table"),
        ("orders = 'x'", r"\[orders\] must be a table"),
        ("store = 'x'", r"\[store\] must be a table"),
        ("[store]\nurl = 5", r"\[store\]: url must be text"),
        ("[store]\npassword = { env = 'X' }", "password needs url"),
        ("[store]\nulr = 'x'", "did you mean 'url'"),
        ("[connections]\nerp = 3", r"\[connections.erp\]: needs plugin"),
        ("[syncs]\nmain = 3", r"\[syncs.main\] must be a table"),
        (SOUND.replace('["hub"]', '"hub"'), r"\[syncs.main\]: needs source = .* and channels = \["),
        (SOUND.replace('["hub"]', "[1]"), r"\[syncs.main\]: needs source"),
        (SOUND.replace('source = "erp"', 'source = ["erp"]'), r"\[syncs.main\]: needs source"),
        (SOUND + 'streams = "products"', r"\[syncs.main\]: streams must be a list"),
        (SOUND + "views = 3", r"\[syncs.main\].views must be a table"),
        (SOUND + "views.hub = 3", r"\[syncs.main\].views.hub must be a table"),
        (SOUND + 'views.hub.only = "x"', r"\[syncs.main\].views.hub.only must be a table"),
        (SOUND + "views.hub.only.tags = 3", r"\[syncs.main\].views.hub: Expected"),
        (SOUND + "brake = 3", r"\[syncs.main\].brake must be a table"),
        (SOUND.replace("[connections.hub]", "products = 3\n[connections.hub]"), "products must be a table"),
    ],
)
def test_a_wrong_shape_is_said_with_its_place(read, text, says):
    """A value of the wrong shape is an error of the configuration that names where it is."""
    with pytest.raises(ConfigError, match=says):
        read(text)


def test_two_syncs_of_one_source_and_channel(read):
    """Two syncs that fill the same stream of a channel from one source are refused; apart they are not."""
    other = '\n[syncs.other]\nsource = "erp"\nchannels = ["hub"]\nstreams = ["{}"]\n'
    assert set(read(SOUND + other.format("customers")).syncs) == {"main", "other"}
    with pytest.raises(ConfigError, match=r"\[syncs.other\]: products of 'erp' go to 'hub' by \[syncs.main\] already"):
        read(SOUND + other.format("products"))


@pytest.mark.parametrize(
    "url",
    [f"postgresql+psycopg://me:{PLANTED}@127.0.0.1:port/store", f"no address {PLANTED}"],
    ids=["port", "no URL"],
)
def test_an_address_that_cannot_be_read(read, tmp_path, url):
    """A store's address that is none is an error of the configuration, and is not shown."""
    with pytest.raises(ConfigError, match="url cannot be read") as refused:
        open_store(read(f'[store]\nurl = "{url}"'), tmp_path)
    assert PLANTED not in str(refused.value)


def test_the_stores_password_is_kept_elsewhere(read, tmp_path, monkeypatch):
    """The password beside the store's address is resolved, put into it, kept from the children, and never shown."""
    monkeypatch.setenv("STORE_PASSWORD", PLANTED + "@/:")
    text = '[store]\nurl = "postgresql+psycopg://me@127.0.0.1:9/store"\npassword = {{ {} = "{}" }}'
    configuration = read(text.format("env", "STORE_PASSWORD"))
    assert "STORE_PASSWORD" in configuration.secret_variables()
    with pytest.raises(ConfigError, match=r"me:\*\*\*@127.0.0.1:9/store cannot be opened") as refused:
        open_store(configuration, tmp_path)
    assert PLANTED not in str(refused.value)
    with pytest.raises(ConfigError, match=r"\[store\]: password is not there; write the secret into"):
        open_store(read(text.format("file", "nowhere")), tmp_path)
    with pytest.raises(ConfigError, match="no use for an SQLite file"):
        open_store(read('[store]\nurl = "sqlite:///x.db"\npassword = "x"'), tmp_path)


@pytest.mark.postgres
def test_a_store_with_its_password_beside_it(read, tmp_path, store_url):
    """A store is opened with a password that is kept in a file."""
    if store_url.startswith("sqlite"):
        pytest.skip("an SQLite file has no password")
    url = make_url(store_url)
    (tmp_path / "password").write_text(f"{url.password}\n", "utf-8")
    bare = url._replace(password=None).render_as_string()
    store = open_store(read(f'[store]\nurl = "{bare}"\npassword = {{ file = "password" }}'), tmp_path)
    assert not store.is_sqlite
    store.close()
