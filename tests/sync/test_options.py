"""Options over a whole product: the same ones filled by every variant, no two alike."""

import msgspec
import pytest

from crossdock.fieldmap import Field
from crossdock.testing.ports import PRODUCTS, FakeSource, Feed


@pytest.fixture
def sized(store, erp):
    """The lanes of a source whose `cpt` column holds the size."""
    fields = [one for one in PRODUCTS.fields if one.columns != ("cpt",)]
    options = [Field("options.1", constant="Size"), Field("variants.option1", "cpt")]
    return Feed(store, FakeSource(erp, msgspec.structs.replace(PRODUCTS, fields=[*fields, *options])))


def test_two_variants_alike_are_not_both_sent(sized, erp, hub):
    """The one of the lower code is sent; the other is refused with the reason until the two differ."""
    for code, size in (("A1", "S"), ("A2", "S"), ("B1", "S"), ("B2", "M")):
        erp.put(code, cpt=size)
    sized.read()
    summary = sized.deliver(hub)
    assert (summary.sent, summary.refused) == (4, 1)
    assert set(hub.on_sale()) == {"A1", "B1", "B2", "C"}
    erp.put("A1", cpt="XL")
    sized.sync(hub)
    assert set(hub.on_sale()) == {"A1", "A2", "B1", "B2", "C"}


def test_every_variant_fills_the_same_options(sized, erp, hub):
    """A variant that leaves empty what its product's first one fills is refused."""
    erp.put("A1", cpt="S")
    sized.read()
    assert sized.deliver(hub).refused == 1
    assert "A2" not in hub.on_sale()
