"""The plugin reads any database by what the operator wrote; it is ten lines at most itself."""

import ast
from pathlib import Path

import crossdock_custom_database
import pytest
from crossdock_custom_database import plugin
from crossdock_custom_database.fake import start

from crossdock import Config, Field, FieldMap, Read, Table


@pytest.fixture
def settings(tmp_path):
    """A connection's section of `crossdock.toml`."""
    with start(tmp_path) as section:
        yield section


def to_map(stream, section):
    """The map that the section's table and fields say."""
    fields = [
        Field(hub, **value) if isinstance(value, dict) else Field(hub, value)
        for hub, value in section["fields"].items()
    ]
    return FieldMap(stream, Table(section["table"], section["key"], section.get("changed")), fields)


def test_it_reads_products_and_customers(settings):
    """Both streams come as the operator's sections say, column by column."""
    streams = (("products", plugin.read_products, 5), ("customers", plugin.read_customers, 3))
    with plugin.open_session(config=Config({"url": settings["url"]}), memory=None) as session:
        for stream, read_rows, expected in streams:
            fields = to_map(stream, settings[stream])
            pages = list(read_rows(session=session, read=Read(fields=fields, page_size=2)))
            assert sum(len(page.rows) for page in pages) == expected
            mapped = {column for field in fields.fields for column in field.columns if not column.endswith("*")}
            assert mapped <= set(pages[0].columns)


def test_it_declares_no_map():
    """Nobody but the operator knows the tables."""
    assert plugin.field_maps() == ()
    assert plugin.describe().name == "custom-database"


def test_it_warns_of_a_login_that_could_write(settings):
    """A file that may be written is said to be so, and the session refuses to write all the same."""
    with plugin.open_session(config=Config({"url": settings["url"]}), memory=None) as session:
        levels = {finding.code: finding.level for finding in plugin.check(session=session, maps=())}
    assert {name: levels[name] for name in ("reachable", "read_only_session")} == {
        "reachable": "ok",
        "read_only_session": "ok",
    }
    assert levels["login_can_write"] == "warning"


def test_it_stays_small():
    """What a SQL plugin has to write fits into ten lines of code."""
    source = Path(crossdock_custom_database.__file__).read_text(encoding="utf-8")
    kept = [node for node in ast.parse(source).body if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)]
    assert sum(node.end_lineno - node.lineno + 1 for node in kept) <= 10
