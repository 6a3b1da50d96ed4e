"""Text of an ERP is shown as it is: brackets in it are no markup."""

from rich.console import Console

from crossdock.cli.report import notes
from crossdock.host.config import read_configuration
from crossdock.sync.summary import DeliverySummary, ReadSummary

CLOSING, STYLED = "A[/b]", "BOLT [m8]"


def flat(result):
    """Gives what a command printed, without its line breaks."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return " ".join(result.output.split())


def test_rows_set_aside_show_their_codes(shop):
    """A code with brackets is listed, previewed and replayed as it is."""
    assert shop.run("preview", "erp", "products").exit_code == 0
    shop.erp("UPDATE item SET code = ? WHERE id = 41", CLOSING)
    shop.erp("UPDATE item SET code = ? WHERE id = 43", STYLED)
    shop.sync()
    for words in (
        ("quarantine", "list"),
        ("quarantine", "replay", "--all"),
        ("preview", "erp", "products", "--limit", "46"),
    ):
        said = flat(shop.run(*words))
        assert CLOSING in said, words
        assert STYLED in said, words


def test_held_items_show_their_codes(shop):
    """A code with brackets stands in the list of holds as it is."""
    assert shop.run("preview", "erp", "products").exit_code == 0
    shop.erp("DELETE FROM item WHERE id BETWEEN 41 AND 47")
    shop.erp("UPDATE item SET code = ? WHERE id = 51", CLOSING)
    shop.erp("UPDATE item SET code = ? WHERE id = 52", STYLED)
    shop.sync()
    shop.erp("UPDATE item SET price_retail = price_retail * 3 WHERE id BETWEEN 51 AND 90")
    shop.sync(code=1)
    said = flat(shop.run("brakes", "list"))
    assert CLOSING in said
    assert STYLED in said


def test_names_with_brackets(lone_shop):
    """A name of the configuration with brackets is shown as it is."""
    for old, new in (
        ("[connections.out]", f'[connections."{STYLED}"]'),
        ('"out"', f'"{STYLED}"'),
        ("[syncs.main]", f'[syncs."{CLOSING}"]'),
    ):
        lone_shop.edit(old, new)
    assert STYLED in read_configuration(lone_shop.path).connections
    assert STYLED in flat(lone_shop.run("connections", "list"))
    said = flat(lone_shop.run("sync", "--dry-run"))
    assert f"products to {STYLED}" in said


def test_notes_with_brackets():
    """What needs a person's eye may speak of a code with brackets."""
    console = Console(record=True, width=200)
    for line in notes(
        [ReadSummary("products", sweep_stopped=f"row {CLOSING}")],
        [DeliverySummary(STYLED, "products", excluded=1, disagreeing=1, held=1)],
    ):
        console.print(line)
    said = console.export_text()
    assert CLOSING in said
    assert said.count(STYLED) == 2
    assert "[yellow]" not in said
