"""`crossdock brakes`: mass changes wait for a person, whose word is carried out to the letter."""

import pytest

MASS = "UPDATE item SET status = 'discontinued' WHERE id BETWEEN 51 AND 90"
REPRICED = "UPDATE item SET price_retail = price_retail * 3 WHERE id BETWEEN 51 AND 90"
ONE = 60


def holds(shop):
    """Gives what is held, by where it is held."""
    return {one["channel"] or "source": one for one in shop.told("brakes", "list")["holds"]}


def price_of(shop, item):
    """Gives an item's code and price in the ERP."""
    return shop.erp("SELECT code, price_retail FROM item WHERE id = ?", item)[0]


def test_a_mass_deactivation_waits_and_is_approved(sound_shop):
    """A mass deactivation is held in every channel, shown with what it would do, and approved reaches the hub."""
    shop, before = sound_shop, sound_shop.on_hub()
    shop.erp(MASS)
    shop.erp("UPDATE item SET qty_cpt = 500, qty_jhb = 0, reserved = 0 WHERE id = 1")
    shop.sync(code=1)
    assert set(shop.on_hub()) == set(before)
    assert shop.on_hub()["TSH001-S-RED"]["qty"] == 500
    found = holds(shop)
    assert set(found) == {"hub", "out"}
    assert found["hub"]["items"] == found["hub"]["counts"]["deactivated"] == 40
    assert found["hub"]["examples"][0]["has"] == {"active": True}
    assert found["hub"]["examples"][0]["gets"] == {"active": False}
    assert shop.told("brakes", "approve", str(found["hub"]["id"]))["decided"][0]["done"] == 40
    summary = shop.sync(code=1)
    assert shop.sent(summary) == 40
    assert set(shop.on_hub()) == shop.in_erp()
    assert set(holds(shop)) == {"out"}


def test_the_list_is_readable(sound_shop):
    """The list says where, why, how long, and what a few items have and would get."""
    sound_shop.erp(REPRICED)
    sound_shop.sync(code=1)
    said = " ".join(sound_shop.run("brakes", "list").output.split())
    for words in ("from erp to hub", "40 re-priced", "would get", "and 37 more", "crossdock brakes approve ID"):
        assert words in said


def test_an_empty_table_takes_nothing_off_sale_until_a_person_says_so(sound_shop):
    """A source that reads as empty is held; approved, every channel is told once, and no brake stops it again."""
    shop, before = sound_shop, sound_shop.on_hub()
    shop.erp("DELETE FROM item")
    shop.sync(code=1)
    assert set(shop.on_hub()) == set(before)
    found = holds(shop)
    assert set(found) == {"source"}
    assert found["source"]["items"] == len(before)
    told = shop.told("brakes", "approve", "--all")
    assert told["decided"] == [{"id": found["source"]["id"], "done": len(before), "changed": 0}]
    summary = shop.sync()
    assert shop.sent(summary) == shop.sent(summary, "out") == len(before)
    assert shop.on_hub() == {}
    assert holds(shop) == {}
    assert shop.store("SELECT count(*) FROM listing") == [(0,)]


def test_many_missing_items_are_approved_for_every_channel(sound_shop):
    """Missing items that a person lets go leave the hub, all others stay, and the next sync has nothing to do."""
    shop = sound_shop
    shop.erp("DELETE FROM item WHERE id BETWEEN 51 AND 90")
    shop.sync(code=1)
    assert shop.told("brakes", "approve", "--all")["decided"][0]["done"] == 40
    shop.sync()
    assert set(shop.on_hub()) == shop.in_erp()
    assert shop.sent(shop.sync()) == 0


def test_missing_items_that_are_rejected_stay_until_they_come_back(sound_shop):
    """Rejected, missing items stay on sale and stop no later sync, and one that comes back changed is told."""
    shop, before = sound_shop, sound_shop.on_hub()
    rows = shop.erp("SELECT id, status FROM item WHERE id BETWEEN 51 AND 90")
    shop.erp("CREATE TABLE kept AS SELECT * FROM item WHERE id = ?", ONE)
    shop.erp("DELETE FROM item WHERE id BETWEEN 51 AND 90")
    shop.sync(code=1)
    assert shop.told("brakes", "reject", "--all")["decided"][0]["done"] == len(rows)
    shop.sync()
    assert holds(shop) == {}
    assert set(shop.on_hub()) == set(before)
    names = ", ".join(row[1] for row in shop.erp("PRAGMA table_info(item)"))
    shop.erp(f"INSERT INTO item ({names}) SELECT {names} FROM kept")  # noqa: S608  # the table's own columns
    shop.erp("UPDATE item SET price_retail = 77 WHERE id = ?", ONE)
    shop.sync()
    assert shop.on_hub()[price_of(shop, ONE)[0]]["price"] == 77
    assert len(shop.on_hub()) == len(before)


def test_a_rejected_change_stays_until_the_item_changes_again(sound_shop):
    """Rejected, a mass re-pricing is not told; an item that is priced anew after that is."""
    shop, before = sound_shop, sound_shop.on_hub()
    shop.erp(REPRICED)
    shop.sync(code=1)
    shop.told("brakes", "reject", "--all")
    shop.sync()
    assert shop.on_hub() == before
    shop.erp("UPDATE item SET price_retail = 77 WHERE id = ?", ONE)
    shop.sync()
    code, price = price_of(shop, ONE)
    assert shop.on_hub()[code]["price"] == price == 77
    assert {name: one for name, one in shop.on_hub().items() if name != code} == {
        name: one for name, one in before.items() if name != code
    }


def test_an_item_that_changed_since_is_judged_anew(sound_shop):
    """Approve sends exactly what was shown; an item that changed meanwhile is judged by the next sync."""
    shop = sound_shop
    shop.erp(REPRICED)
    shop.sync(code=1)
    hold = holds(shop)["hub"]["id"]
    shop.erp("UPDATE item SET price_retail = 77 WHERE id = ?", ONE)
    shop.store("UPDATE item SET seq = (SELECT seq + 1 FROM stream) WHERE code = ?", price_of(shop, ONE)[0])
    shop.store("UPDATE stream SET seq = seq + 1")
    (told,) = shop.told("brakes", "approve", str(hold))["decided"]
    assert (told["done"], told["changed"]) == (39, 1)
    assert holds(shop)["hub"]["items"] == 1
    shop.run("sync", "--full")
    assert "hub" not in holds(shop)
    there = {code: one["price"] for code, one in shop.on_hub().items()}
    expected = dict(shop.erp("SELECT code, round(price_retail, 2) FROM item WHERE id BETWEEN 51 AND 90"))
    assert {code: round(there[code], 2) for code in expected} == expected


@pytest.mark.parametrize("gone", [False, True], ids=["re-priced", "gone"])
def test_a_persons_word_is_for_what_was_shown(sound_shop, gone):
    """What was approved and changed again in a mass before it was told is held anew."""
    shop, before = sound_shop, sound_shop.on_hub()
    columns = ", ".join(row[1] for row in shop.erp("PRAGMA table_info(item)"))
    shop.erp("CREATE TABLE kept AS SELECT * FROM item WHERE id BETWEEN 51 AND 90")
    shop.erp("DELETE FROM item WHERE id BETWEEN 51 AND 90" if gone else REPRICED)
    shop.sync(code=1)
    shop.told("brakes", "approve", "--all")
    if gone:
        shop.erp(f"INSERT INTO item ({columns}) SELECT {columns} FROM kept")  # noqa: S608  # the table's own columns
    shop.erp("UPDATE item SET price_retail = price_retail * 1000 WHERE id BETWEEN 51 AND 90")
    shop.sync(code=1)
    assert holds(shop)["hub"]["items"] == 40
    assert shop.on_hub() == before


def test_approved_once_is_not_approved_again(sound_shop):
    """A hold that was decided no longer waits: approving it again is misuse that names what does wait."""
    shop = sound_shop
    shop.erp(REPRICED)
    shop.sync(code=1)
    hold = str(holds(shop)["out"]["id"])
    shop.told("brakes", "approve", hold)
    result = shop.run("brakes", "approve", hold)
    assert result.exit_code == 2
    assert str(holds(shop)["hub"]["id"]) in result.stderr


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_what_was_put_back_needs_no_decision(sound_shop, decision):
    """Values that are put back at the source release the hold by themselves."""
    shop, before = sound_shop, sound_shop.on_hub()
    prices = shop.erp("SELECT id, price_retail FROM item WHERE id BETWEEN 51 AND 90")
    shop.erp(REPRICED)
    shop.sync(code=1)
    for item, price in prices:
        shop.erp("UPDATE item SET price_retail = ? WHERE id = ?", price, item)
    shop.sync()
    assert holds(shop) == {}
    assert shop.told("brakes", decision, "--all")["decided"] == []
    assert shop.on_hub() == before
