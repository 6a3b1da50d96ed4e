"""What only looks writes nothing, and what a plugin warns of is heard."""

import pytest

from crossdock.host import replay

WARNING = """
import logging
def clean(record):
    logging.getLogger("acme").warning("two\\nlines of %s", "warning")
    return record
"""


@pytest.mark.parametrize(
    "words", [("sync", "--dry-run"), ("preview", "erp", "products"), ("connections", "check", "hub")]
)
def test_a_look_writes_nothing(shop, words):
    """A dry run, a preview and a check leave no row in the store, not even of the connection."""
    shop.run(*words)
    assert shop.store("SELECT * FROM connection") == []
    assert shop.store("SELECT * FROM memory") == []


def test_a_look_shares_the_token_of_a_connection_in_use(shop):
    """Once a sync has made the connection, a check uses the token that is kept and logs in no second time."""
    shop.sync()
    kept = shop.store("SELECT key, value FROM memory")
    assert kept
    assert shop.run("connections", "check", "hub").exit_code == 0
    assert shop.store("SELECT key, value FROM memory") == kept


def test_all_means_all(shop, monkeypatch):
    """With --all every row that is set aside is tried, however many there are."""
    shop.sync()
    monkeypatch.setattr(replay, "LISTED", 3)
    told = shop.told("quarantine", "replay", "--all", code=1)
    assert [one["key"] for one in told["rows"]] == ["41", "43", "44", "45"]


def test_what_a_plugin_warns_of_is_heard(lone_shop, monkeypatch):
    """A warning in a plugin's process comes out on standard error, a line each, and never on standard output."""
    (lone_shop.home / "acme_rules.py").write_text(WARNING, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(lone_shop.home))
    lone_shop.edit('plugin = "demo-erp"', 'plugin = "demo-erp"\ntransforms = ["acme_rules:clean"]')
    result = lone_shop.run("preview", "erp", "products", "--limit", "1", "--json")
    assert result.exit_code == 0, result.output
    assert "demo-erp: warning: two lines of warning\n" in result.stderr
    assert "warning" not in result.stdout
