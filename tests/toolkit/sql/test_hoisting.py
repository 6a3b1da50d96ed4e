"""A query's WITH is taken out where a database wants it in front of the whole statement."""

import pytest

from crossdock.toolkit.sql.hoisting import part_with


@pytest.mark.parametrize(
    ("query", "tables", "body"),
    [
        ("SELECT a FROM t", "", "SELECT a FROM t"),
        ("WITH x AS (SELECT 1 AS a) SELECT a FROM x", "WITH x AS (SELECT 1 AS a) ", "SELECT a FROM x"),
        (
            "WITH x (a, b) AS (SELECT 1, (2)), y AS (SELECT * FROM x)\nSELECT * FROM y -- all",
            "WITH x (a, b) AS (SELECT 1, (2)), y AS (SELECT * FROM x) ",
            "SELECT * FROM y -- all",
        ),
        ("WITH x AS (SELECT 1 AS a) (SELECT a FROM x)", "WITH x AS (SELECT 1 AS a) ", "(SELECT a FROM x)"),
        ("WITH [)] AS (SELECT ')' AS a) SELECT 1 AS b", "WITH [)] AS (SELECT ')' AS a) ", "SELECT 1 AS b"),
    ],
)
def test_a_query_is_cut_before_its_main_select(query, tables, body):
    """Both pieces are the text as written; brackets in names, texts and column lists mislead nobody."""
    assert part_with(query, "tsql") == (tables, body)
