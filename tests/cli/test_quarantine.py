"""`crossdock quarantine`: rows set aside, tried again once their cause is mended."""

import json

PRICED, NAMELESS = "SCR001-30MM", "SCR001-60MM"


def listed(shop):
    """Gives the rows set aside, by key."""
    return {one["key"]: one for one in shop.told("quarantine", "list")["rows"]}


NO_CODE = "UPDATE item SET code = '' WHERE id = 42"


def test_list_says_why_and_what_to_do(shop):
    """Every row set aside is listed with its field, its reason, a hint and itself."""
    shop.sync()
    rows = listed(shop)
    assert rows["41"]["code"] == PRICED
    assert rows["41"]["field"] == "variants.price"
    assert rows["41"]["row"]["price_retail"] == "POA"
    assert "replay" in rows["41"]["hint"]
    assert shop.told("quarantine", "list", "--stream", "customers")["rows"] == []
    assert "not a number: 'POA'" in " ".join(shop.run("quarantine", "list").output.split())


def test_a_corrected_row_is_replayed_and_delivered(shop):
    """A row corrected in the ERP is mapped, leaves the quarantine and reaches the hub, and no other row is read."""
    shop.sync()
    shop.erp(NO_CODE)
    shop.sync()
    assert PRICED not in shop.on_hub()
    shop.erp("UPDATE item SET price_retail = 71.5 WHERE id = 41")
    shop.erp("UPDATE item SET name = 'Karoo screws, box of 200' WHERE id = 43")
    told = shop.told("quarantine", "replay", PRICED)
    assert [one["state"] for one in told["rows"]] == ["mapped"]
    assert shop.on_hub()[PRICED]["price"] == 71.5
    assert NAMELESS not in shop.on_hub()
    assert set(listed(shop)) == {"42", "43", "44", "45"}
    summary = shop.sync()
    assert summary["streams"]["products"]["written"] == 1


def test_a_row_that_is_bad_still_says_so(shop):
    """A replay of a row that nobody corrected ends with 1 and its reason, and the row stays."""
    shop.sync()
    told = shop.told("quarantine", "replay", "41", code=1)
    assert told["rows"][0]["state"] == "bad"
    assert told["rows"][0]["reason"] == "variants.price: not a number: 'POA'"
    assert "41" in listed(shop)


def test_two_rows_of_one_code(shop):
    """Two rows that claim one code are replayed together, and free of it when one has a code of its own."""
    shop.sync()
    told = shop.told("quarantine", "replay", "DOUBLE-1", code=1)
    assert [one["state"] for one in told["rows"]] == ["bad", "bad"]
    shop.erp("UPDATE item SET code = 'SINGLE-2' WHERE id = 45")
    told = shop.told("quarantine", "replay", "DOUBLE-1")
    assert {one["state"] for one in told["rows"]} == {"mapped"}
    assert "DOUBLE-1" in shop.on_hub()
    assert not {"44", "45"} & set(listed(shop))


def test_a_row_that_left_is_not_found(shop):
    """A row that the source no longer has is said not to be found, and stays until a whole read."""
    shop.sync()
    shop.erp("DELETE FROM item WHERE id = 43")
    told = shop.told("quarantine", "replay", NAMELESS, code=1)
    assert told["rows"][0]["state"] == "not found"


def test_a_row_that_is_left_alone_now_leaves_the_quarantine(shop):
    """A row that the field map leaves alone now is no longer set aside."""
    shop.sync()
    shop.erp("UPDATE item SET status = 'internal' WHERE id = 43")
    told = shop.told("quarantine", "replay", NAMELESS)
    assert told["rows"][0]["state"] == "ignored"
    assert "43" not in listed(shop)


def test_a_row_without_a_code_is_replayed_from_what_is_stored(shop):
    """A row whose code cannot be read is mapped from the stored row; mapped, it goes, and bad, it stays once."""
    shop.sync()
    shop.erp(NO_CODE)
    shop.sync()
    assert shop.told("quarantine", "replay", "42", code=1)["rows"][0]["state"] == "bad"
    assert list(listed(shop)).count("42") == 1
    row = {**listed(shop)["42"]["row"], "code": "FOUND-1"}
    shop.store("UPDATE quarantine SET row = ? WHERE row_key = '42'", json.dumps(row))
    assert shop.told("quarantine", "replay", "42")["rows"][0]["state"] == "mapped"
    assert "42" not in listed(shop)
    assert "FOUND-1" in shop.on_hub()


def test_all_at_once(shop):
    """With --all every row is tried; what is mended goes out, and the rest says why."""
    shop.sync()
    shop.erp(NO_CODE)
    shop.sync()
    shop.erp("UPDATE item SET price_retail = 71.5 WHERE id = 41")
    shop.erp("UPDATE item SET name = 'Karoo screws, box of 200' WHERE id = 43")
    told = shop.told("quarantine", "replay", "--all", code=1)
    states = {one["key"]: one["state"] for one in told["rows"]}
    assert states == {"41": "mapped", "42": "bad", "43": "mapped", "44": "bad", "45": "bad"}
    assert {PRICED, NAMELESS} <= set(shop.on_hub())


def test_an_unknown_key_is_suggested(shop):
    """A key that names no row is misuse, with the nearest that does."""
    shop.sync()
    result = shop.run("quarantine", "replay", "SCR001-30M")
    assert result.exit_code == 2
    assert f"did you mean '{PRICED}'?" in result.stderr


def test_a_hub_that_is_gone_costs_no_row(shop):
    """Where a channel cannot be reached the row is mapped all the same, and the next sync delivers it."""
    shop.sync()
    shop.erp("UPDATE item SET price_retail = 71.5 WHERE id = 41")
    shop.hub.stop()
    told = shop.told("quarantine", "replay", PRICED, code=1)
    assert told["rows"][0]["state"] == "mapped"
    assert "deliver(hub" in told["errors"][0]["lane"]
    shop.hub.start()
    shop.sync()
    assert PRICED in shop.on_hub()
