"""`crossdock syncs add`: only what can work is written."""

import tomllib

import pytest

FILE = """
[connections.erp]
plugin = "demo-erp"
path = "erp.db"
[connections.out]
plugin = "flat-file"
path = "out.jsonl"
[connections.lost]
plugin = "not-installed"
"""


@pytest.fixture
def syncs(typed, tmp_path):
    """Adds a sync to a configuration of three connections, one of whose plugins is not there; gives what was said."""
    path = tmp_path / "crossdock.toml"
    path.write_text(FILE, "utf-8")

    def added(*words, code=0, answers=None):
        said = typed("syncs", "add", "main", *words, code=code, answers=answers)
        assert ("syncs" in tomllib.loads(path.read_text("utf-8"))) == (code == 0)
        return said.output

    return added


def test_a_plugin_that_is_not_there_matters_only_where_it_is_named(syncs):
    """A sync between others is added all the same; one of its own says what is missing."""
    assert "not-installed" in syncs("--source", "lost", "--channel", "out", code=1)
    assert "[syncs.main]" in syncs()


def test_one_channel_is_not_asked_for(syncs):
    """Where there is but one source and one channel, nothing is asked."""
    assert "Deliver to" not in syncs(answers=[])


def test_a_sync_without_a_channel_is_not_written(syncs, tmp_path):
    """Who says no to every channel gets no sync that delivers nothing."""
    with (tmp_path / "crossdock.toml").open("a", encoding="utf-8") as file:
        file.write('[connections.more]\nplugin = "flat-file"\npath = "more.jsonl"\n')
    assert "at least one channel" in syncs("--source", "erp", answers=["n", "n"], code=2)


@pytest.mark.parametrize(
    ("source", "channel", "said"), [("erp", "erp", "delivered to"), ("out", "out", "delivered to")]
)
def test_what_cannot_be_is_refused(syncs, source, channel, said):
    """A connection that cannot be delivered to, or is the source itself, is no channel."""
    assert said in syncs("--source", source, "--channel", channel, code=1)


def test_without_connections_it_is_said_what_to_do_first(typed):
    """A sync wants connections: how to add them is said, as is how to add a sync where one is to be run."""
    assert "connections add erp" in typed("connections", "list").output
    assert "crossdock connections add" in typed("syncs", "add", "main", code=1).output
    assert "crossdock syncs add" in typed("sync", code=1).output
    assert "crossdock connections add" in typed("preview", "erp", "products", code=1).output
