"""A connection that can do more than it is used for: what nobody uses need not be set up."""

import tomllib

import pytest

GOODS = "source_product_code,source_variant_code,title,sku,qty,price\nA,A,Axe,A,3,4.5\n"
WORDS = ("connections", "add", "erp", "--plugin", "flat-file", "--as", "source", "--set", "path=goods.csv")
SYNC = '\n[connections.out]\nplugin = "flat-file"\npath = "o.jsonl"\n[syncs.main]\nsource = "erp"\nchannels = ["out"]\n'


@pytest.fixture
def goods(tmp_path):
    """A file with products."""
    (tmp_path / "goods.csv").write_text(GOODS, "utf-8")


@pytest.mark.usefixtures("goods")
def test_a_source_of_products_alone_is_added(typed, tmp_path):
    """A plugin that could read customers too is added without a place for them; that there is none is a warning."""
    said = " ".join(typed(*WORDS).output.split())
    assert "warning config no file for customers" in said
    assert "no sync carries it yet" in said
    assert "Written: [connections.erp]" in said
    with (tmp_path / "crossdock.toml").open("a", encoding="utf-8") as file:
        file.write(SYNC)
    typed("connections", "check", "erp")


@pytest.mark.usefixtures("goods")
def test_what_a_sync_carries_must_work(typed, tmp_path):
    """The same is an error where a sync wants customers of it."""
    typed(*WORDS)
    with (tmp_path / "crossdock.toml").open("a", encoding="utf-8") as file:
        file.write(SYNC + 'streams = ["products", "customers"]\n')
    assert "error" in typed("connections", "check", "erp", code=1).output


def test_a_source_that_gives_nothing_is_not_added(typed, tmp_path):
    """Where no stream can be read at all, each is an error, and nothing is written."""
    assert "Nothing was written" in typed(*WORDS, code=1).output
    assert tomllib.loads((tmp_path / "crossdock.toml").read_text("utf-8")) == {}
