"""XML is read element by element, flat in memory, and nothing in it can reach out or blow up."""

import subprocess
import sys
import tracemalloc
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock import ConfigError, Field, FieldMap, Json, TransientError
from crossdock.fieldmap.compile import Mapper
from crossdock.toolkit.files import LINE, open_xml
from crossdock.toolkit.files import xml as subject

SHOP = """<?xml version="1.0" encoding="utf-8"?>
<shop xmlns="https://shop.example/feed" xmlns:g="https://g.example">
  <head><title>not a row where rows are named</title></head>
  <item id="7">
    <g:name lang="en">Mug &amp; lid</g:name>
    <price>89</price>
    <empty/>
    <pictures><picture>a.jpg</picture><picture>b.jpg</picture></pictures>
    <item><price>1</price></item>
  </item>
  <list><item id="8"><price><![CDATA[9 < 10]]></price></item></list>
</shop>
"""


@pytest.fixture
def written(tmp_path):
    """Writes a file and gives its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "feed.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def rows_of(path, **told):
    """All rows of a file."""
    with open_xml(path, **told) as rows:
        return list(rows)


def test_elements_become_rows(written):
    """Named elements are rows wherever they are; children, attributes, texts and repetitions are found by name."""
    assert rows_of(written(SHOP), element="item") == [
        {
            LINE: 4,
            "@id": "7",
            "name": {"@lang": "en", "#text": "Mug & lid"},
            "price": "89",
            "empty": None,
            "pictures": {"picture": ["a.jpg", "b.jpg"]},
            "item": {"price": "1"},
        },
        {LINE: 11, "@id": "8", "price": "9 < 10"},
    ]


def test_without_a_name_the_children_of_the_outermost_are_rows(written):
    """Where no element is named, each child of the outermost one is a row."""
    assert [sorted(row) for row in rows_of(written(SHOP))] == [
        ["_line", "title"],
        ["@id", "_line", "empty", "item", "name", "pictures", "price"],
        ["_line", "item"],
    ]


def test_what_may_repeat_is_always_a_list(written):
    """A child that is declared a list is one, also where it comes once."""
    text = "<r><i><v>1</v></i><i><v>1</v><v>2</v></i><i/></r>"
    assert [row.get("v") for row in rows_of(written(text), lists=["v"])] == [["1"], ["1", "2"], None]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_file_says_its_encoding(written, encoding):
    """A file is read in the encoding that it declares or marks."""
    text = f"<?xml version='1.0' encoding='{encoding.removesuffix('-sig')}'?><r><i>Käse</i></r>"
    assert rows_of(written(text, encoding))[0]["#text"] == "Käse"


def test_rows_are_mapped_by_path(written):
    """Variants inside products, attributes and lists of one are reached by the paths of a field map."""
    text = """<feed><product code="SHOE"><name lang="en">Shoe</name><variants>
      <variant code="8"><price list="retail">90</price><price list="trade">70</price></variant></variants></product>
      <product code="BOOT"><name lang="en">Boot</name><variants>
      <variant code="9"><price list="trade">99</price></variant></variants></product></feed>"""
    code = 'join(\'-\', [parent."@code", "@code"])'
    fields = (
        Field("source_product_code", 'parent."@code"'),
        Field("source_variant_code", code),
        Field("title", 'parent.name."#text"'),
        Field("variants.sku", code),
        Field("variants.price_tiers.*", 'price[].{tier: "@list", price: "#text"}'),
    )
    mapper = Mapper(FieldMap("products", Json(each="variants.variant"), fields), None, 1)
    inside = mapper.expand(rows_of(written(text), lists=["variant", "price"]))
    assert mapper.identify(inside)[0] == ["SHOE-8", "BOOT-9"]
    assert b"\xa6retail\xa290\xa5trade\xa270" in mapper.map(inside[0])[-1]
    assert b"\xa5trade\xa299" in mapper.map(inside[1])[-1]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "entities that grow": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r><i>&l9;</i></r>',
    "one large entity, often": f'<!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]><r><i>{"&a;" * 1000}</i></r>',
    "a local file": '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><i>&a;</i></r>',
    "an address": '<!DOCTYPE r [<!ENTITY a SYSTEM "http://127.0.0.1:9/x">]><r><i>&a;</i></r>',
    "a document type elsewhere": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r><i/></r>',
    "a parameter entity": '<!DOCTYPE r [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x"> %a;]><r><i/></r>',
    "a plain document type": "<!DOCTYPE r><r><i/></r>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_document_types_are_refused(written, name):
    """Whatever a document type declares, the file is refused at it, and the error says what to do."""
    with pytest.raises(ConfigError, match="take the DOCTYPE out"):
        rows_of(written(HOSTILE[name]))


def test_depth_is_limited(written):
    """Elements within elements end somewhere."""
    with pytest.raises(ConfigError, match="deep"):
        rows_of(written("<r>" + "<i>" * 1000 + "</i>" * 1000 + "</r>"))


@pytest.mark.parametrize(
    "row",
    ["<i>{}</i>".format("x" * 2000), "<i " + "a='{}'/>".format("x" * 2000), "<i>" + "<a/>" * 2000 + "</i>"],
    ids=["text", "attribute", "elements"],
)
def test_the_size_of_a_row_is_limited(written, monkeypatch, row):
    """Neither text nor attributes nor elements make a row larger than the limit."""
    monkeypatch.setattr(subject, "MOST_ROW", 1000)
    with pytest.raises(ConfigError, match="1000 characters"):
        rows_of(written(f"<r>{row}</r>"))


@pytest.mark.parametrize("start", ["<i a='", "<!--", "<?x "])
def test_a_tag_that_does_not_end_is_not_waited_for(written, monkeypatch, start):
    """A tag, comment or instruction without an end does not fill the memory."""
    monkeypatch.setattr(subject, "MOST_ROW", 1000)
    with pytest.raises(ConfigError, match="more than 1000 bytes"):
        rows_of(written(f"<r>{start}" + "x" * 1_000_000))


def test_long_files_of_short_rows_are_no_long_tags(written, monkeypatch):
    """However long a file is, with texts and comments between its rows, the limit is for one row and one tag."""
    monkeypatch.setattr(subject, "MOST_ROW", 1000)
    text = "<r>" + "<i>1</i>\n<!-- one -->between the rows " * 50_000 + "</r>"
    assert len(rows_of(written(text))) == 50_000


@pytest.mark.parametrize(
    "text", ["", "no xml", "<r><i>1</i>", "<r><i>1</j></r>", "<r/><r/>", "<r>&nbsp;</r>", b"<r>\xff</r>"]
)
def test_what_is_not_well_formed_is_worth_another_try(written, text):
    """A file that ends too early or is broken may be half written: the error says where, and is worth another run."""
    with pytest.raises(TransientError, match=r"line \d+: not well-formed"):
        rows_of(written(text))


def test_rows_before_a_fault_are_given(written):
    """What is whole before the fault was given by then; a reader decides what to make of it."""
    path = written("<r>" + "<i>1</i>" * 20_000 + "<i>")
    with open_xml(path) as rows:
        seen = [next(rows) for _ in range(10_000)]
        with pytest.raises(TransientError):
            list(rows)
    assert len(seen) == 10_000


def test_a_missing_file_is_said(tmp_path):
    """A file that is not there is an error of the settings with its whole path."""
    with pytest.raises(ConfigError, match="there is no file"):
        rows_of(tmp_path / "none.xml")


def test_memory_does_not_grow_with_the_file(tmp_path):
    """Ten times the rows take no more memory."""
    peaks = []
    for count in (2_000, 20_000):
        path = tmp_path / f"{count}.xml"
        path.write_text("<r>" + "<i><a>text of some length</a><b>more of it</b></i>" * count + "</r>")
        tracemalloc.start()
        with open_xml(path) as rows:
            assert sum(1 for _ in rows) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_no_other_parser_is_loaded():
    """Reading needs nothing that resolves entities by itself."""
    code = "import sys, crossdock.toolkit.files; assert not {'xml.sax', 'xml.dom', 'lxml'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


SAFE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufffe\uffff"))


@settings(deadline=None)
@given(text=SAFE, attribute=SAFE)
def test_texts_come_as_they_are(tmp_path_factory, text, attribute):
    """Any text, escaped as XML wants it, comes back, without blanks around it."""
    path = tmp_path_factory.mktemp("xml") / "feed.xml"
    path.write_text(f"<r><i a={quoteattr(attribute)}><b>{escape(text)}</b></i></r>", encoding="utf-8", newline="")
    ((row,),) = (rows_of(path),)
    assert (row["b"] or "") == text.strip()
    assert row["@a"] == attribute
