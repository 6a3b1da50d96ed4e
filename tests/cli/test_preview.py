"""`crossdock preview`: rows beside their records."""


def test_a_row_beside_its_record(lone_shop):
    """Each mapped column stands beside its hub field and what would be sent of it."""
    (one,) = lone_shop.told("preview", "erp", "products", "--limit", "1")["rows"]
    assert one["row"]["code"] == one["record"]["variants"]["sku"] == "TSH001-S-RED"
    assert one["sent"]
    assert one["reason"] is None
    text = lone_shop.run("preview", "erp", "products", "--limit", "1").output
    assert "price_wholesale" in text
    assert "variants.price_tiers.wholesale" in text
    assert "Sent, once a sync reads it" in text


def test_a_bad_row_names_the_hub_field(lone_shop):
    """A row that cannot be mapped is shown with the hub field and the reason, one left alone is said to be."""
    rows = lone_shop.told("preview", "erp", "products", "--limit", "46")["rows"]
    priced, ignored = rows[40], rows[45]
    assert priced["reason"] == "variants.price: not a number: 'POA'"
    assert priced["record"] is None
    assert ignored["ignored"]
    assert not ignored["sent"]
    text = lone_shop.run("preview", "erp", "products", "--limit", "46").output
    assert "because variants.price: not a number: 'POA'" in text
    assert "leaves this row alone" in text


def test_nothing_is_kept(shop):
    """A preview changes nothing: the first sync after it finds everything new."""
    assert shop.run("preview", "erp", "products").exit_code == 0
    assert shop.sync()["streams"]["products"]["written"] > 100


def test_a_channel_that_does_not_read(lone_shop, shop):
    """A connection whose plugin does not read the stream is refused in words."""
    result = shop.run("preview", "hub", "products")
    assert result.exit_code == 1
    assert "does not read products" in result.stderr
