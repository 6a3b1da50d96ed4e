"""What is misspelt gets a suggestion: 2 for a command line that cannot be, 1 for a thing that is not there."""

import pytest


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("[syncs.main]", "[sincs.main]", "did you mean 'syncs'?"),
        ("channels =", "chanels =", "did you mean 'channels'?"),
        ('source = "erp"', 'source = "epr"', "did you mean 'erp'?"),
        ("items = 120", "itmes = 120", "did you mean 'items'?"),
    ],
)
def test_a_misspelt_key_is_suggested(shop, old, new, hint):
    """A key or name in the configuration that is misspelt ends with 1 and the right spelling."""
    shop.edit(old, new)
    result = shop.run("sync", "--stream", "products")
    assert result.exit_code in (1, 2)
    if "sincs" not in new:
        assert result.exit_code == 1
    assert hint in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("connections", "check", "epr"),
        ("preview", "epr", "products"),
        ("quarantine", "list", "--source", "epr"),
    ],
)
def test_an_unknown_connection_is_suggested(lone_shop, words):
    """A connection that is not there ends with 1 and the nearest name."""
    result = lone_shop.run(*words)
    assert result.exit_code == 1
    assert "did you mean 'erp'?" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("preview", "erp", "prodcts"),
        ("preview", "erp", "products", "--limit", "0"),
        ("quarantine", "replay"),
        ("quarantine", "replay", "X", "--all"),
        ("brakes", "approve"),
        ("brakes", "reject", "1", "--all"),
        ("brakes", "approve", "seven"),
        ("brakes", "approve", "7"),
    ],
)
def test_misuse_ends_with_two(lone_shop, words):
    """A command line that cannot be carried out ends with 2 and says why."""
    result = lone_shop.run(*words)
    assert result.exit_code == 2
    assert "Error" in result.stderr


def test_nothing_to_do_is_no_failure(lone_shop):
    """Lists of nothing are said in words and end with 0."""
    for words, said in (
        (("quarantine", "list"), "No row is set aside."),
        (("quarantine", "replay", "--all"), "No row is set aside."),
        (("brakes", "list"), "Nothing is held."),
        (("brakes", "approve", "--all"), "Nothing is held."),
    ):
        result = lone_shop.run(*words)
        assert result.exit_code == 0, result.output
        assert said in result.output


def test_no_configuration_says_where_it_should_be(tmp_path, lone_shop):
    """Without a configuration the command says which file is missing and what to do."""
    lone_shop.path.unlink()
    result = lone_shop.run("connections", "list")
    assert result.exit_code == 1
    assert str(lone_shop.path) in result.stderr.replace("\n", "")
