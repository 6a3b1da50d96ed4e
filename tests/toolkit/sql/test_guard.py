"""One SELECT passes the statement guard; nothing that writes, locks, waits or reaches out does.

The statements stand in `corpus/`, by database and family. What becomes of them at the other fences: test_fences.py.
"""

import runpy
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, literal_column, select, text

from crossdock import ConfigError, Table
from crossdock.toolkit.sql import guard
from crossdock.toolkit.sql.guard import acting, guard_select, letters, shapes
from crossdock.toolkit.sql.shape import clause

CORPUS = runpy.run_path(str(Path(__file__).parent / "corpus" / "reading.py"))
GRAMMARS = CORPUS["GRAMMARS"]
HOSTILE = [(GRAMMARS[name], one) for name in GRAMMARS for one in CORPUS["statements"](name, "hostile")]
HARMLESS = [(GRAMMARS[name], one) for name in GRAMMARS for one in CORPUS["statements"](name, "harmless")]
each_corpus = pytest.mark.parametrize("corpus", GRAMMARS)


def passes(query, grammar):
    """Whether a statement gets through the rules as they are now."""
    words = letters.cut(query, grammar)
    return words is not None and guard.judge(words) is None


@each_corpus
def test_the_corpus_is_large_enough(corpus):
    """For each database there are at least 220 hostile statements and 60 harmless ones, all different."""
    hostile, harmless = (CORPUS["statements"](corpus, part) for part in ("hostile", "harmless"))
    assert len(set(hostile)) == len(hostile) >= 220
    assert len(set(harmless)) == len(harmless) >= 60


@each_corpus
def test_hostile_statements_are_refused(corpus):
    """Whatever is not one reading SELECT is a ConfigError that says so, before any database sees it."""
    for statement in CORPUS["statements"](corpus, "hostile"):
        with pytest.raises(ConfigError, match="the query is refused"):
            guard_select(statement, GRAMMARS[corpus])


@each_corpus
def test_harmless_statements_pass(corpus):
    """A SELECT that only reads passes as it was written, cut at its closing semicolon."""
    for statement in CORPUS["statements"](corpus, "harmless"):
        passed = guard_select(statement, GRAMMARS[corpus])
        assert statement.startswith(passed)
        assert statement[len(passed) :].startswith(";") or passed == statement


def test_an_unknown_grammar_gets_the_rules_of_all():
    """For a database that the guard does not know, what is hostile to any known one is refused."""
    dollars = {"SELECT $$never closed", "SELECT $1"}  # names, to all but PostgreSQL
    assert {one for _, one in HOSTILE if passes(one, "")} == dollars


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT utl_http.request('http://127.0.0.1/') FROM dual",
        "SELECT dbms_xmlquery.getxml('DELETE FROM item') FROM dual",
        "SELECT sys.dbms_lock.sleep(5) FROM dual",
        "SELECT httpuritype('http://127.0.0.1/') FROM dual",
        "SELECT seq.nextval FROM dual",
        "SELECT * FROM item FOR UPDATE",
        "CALL touch_all()",
    ],
)
def test_other_databases_have_acting_functions_too(statement):
    """What is known of databases without a list of their own is refused where the grammar is not known."""
    with pytest.raises(ConfigError, match="the query is refused"):
        guard_select(statement, "")


@pytest.mark.parametrize("rule", [*guard.WORD_RULES, *guard.TREE_RULES], ids=lambda rule: rule.__name__)
def test_no_rule_is_superfluous(monkeypatch, rule):
    """Without any one of the guard's rules a hostile statement of the corpus gets through."""
    monkeypatch.setattr(guard, "WORD_RULES", [one for one in guard.WORD_RULES if one is not rule])
    monkeypatch.setattr(guard, "TREE_RULES", [one for one in guard.TREE_RULES if one is not rule])
    assert any(passes(statement, grammar) for grammar, statement in HOSTILE)


@pytest.mark.parametrize("kind", sorted(shapes.ACTING_KINDS))
def test_no_acting_kind_is_superfluous(monkeypatch, kind):
    """Without any one of the refused kinds a hostile statement of the corpus gets through."""
    monkeypatch.setattr(shapes, "ACTING_KINDS", shapes.ACTING_KINDS - {kind})
    assert any(passes(statement, grammar) for grammar, statement in HOSTILE)


@pytest.mark.parametrize("kind", sorted(shapes.KINDS))
def test_no_kind_is_allowed_in_vain(monkeypatch, kind):
    """Without any one of the allowed kinds a harmless statement of the corpus is refused."""
    monkeypatch.setattr(shapes, "KINDS", shapes.KINDS - {kind})
    assert any(not passes(statement, grammar) for grammar, statement in HARMLESS)


@pytest.mark.parametrize("grammar", acting.GRAMMARS)
def test_no_acting_name_is_superfluous(monkeypatch, grammar):
    """Without any one name of the lists a hostile statement that has it gets through."""
    whole, idle = acting.GRAMMARS[grammar], []
    for part, groups in whole._asdict().items():
        for number, group in enumerate(groups):
            for name in group.names.split():
                left = " ".join(one for one in group.names.split() if one != name)
                lesser = (*groups[:number], group._replace(names=left), *groups[number + 1 :])
                monkeypatch.setitem(acting.GRAMMARS, grammar, whole._replace(**{part: lesser}))
                acting.known.cache_clear()
                if not any(passes(one, grammar) for one in having(name, grammar, part)):
                    idle.append(f"{part}: {name}")
    monkeypatch.undo()
    acting.known.cache_clear()
    assert idle == []


def having(name, grammar, part):
    """Hostile statements with a name in them; for a word that begins a statement, it where a name may stand."""
    said = name.rstrip("*").rpartition(".")[2]
    yield from (one for known, one in HOSTILE if known == grammar and said in one.lower())
    if part == "words":
        yield from (f"SELECT id FROM item {name}", f"SELECT id AS {name} FROM item")  # noqa: S608  # never run


def test_a_name_that_only_looks_is_let_through():
    """Every exception of a list is needed: its beginning acts, and a query may call it."""
    functions, _, _ = acting.known("postgres")
    starts = tuple(start for start, _ in functions.beginnings)
    assert [one for one in sorted(acting.ONLY_LOOK) if not one.startswith(starts)] == []
    assert [one for one in sorted(acting.ONLY_LOOK) if not passes(f"SELECT {one}(1)", "postgres")] == []


CALM = {
    "amvalidate", "clock_timestamp", "current_query", "currval", "gen_random_uuid", "lastval", "random", "timeofday",
    "txid_status",
}  # fmt: skip
"""PostgreSQL marks these volatile because their answer changes; they change nothing (its manual, by name)."""


@pytest.mark.postgres
def test_every_volatile_function_of_postgres_is_known(postgres_url):
    """Each function that PostgreSQL itself calls volatile is refused, or named as one that only looks."""
    asked = """SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND provolatile = 'v' AND NOT 'internal'::regtype = ANY (proargtypes) AND prorettype <> 'trigger'::regtype"""
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        names = set(connection.execute(text(asked)).scalars())
    engine.dispose()
    assert len(names) > 100
    functions, _, _ = acting.known("postgres")
    assert [one for one in sorted(names - CALM - acting.ONLY_LOOK) if functions.does(one) is None] == []


FRAGMENTS = [
    ";", ",", "(", ")", "'", '"', "`", "[", "]", "--", "/*", "*/", "\\'", "''", "x", "1", "AS", "]]", "/* ; */", "\0",
    "-- ;\n", "\r", "\f", "\v", "\u00a0", "DELETE FROM item", "INTO copied", "RETURNING id", "; DELETE FROM item",
    ", load_extension('x') AS y", "load_extension('x'),", "OR load_extension ('x')", "OR \"load_extension\"('x')",
    "1 AS [a]], load_extension('x') AS [b],", "/* /* */ , load_extension('x') -- */\n",
    "'\\', load_extension('x'), '\\',", "-- \r, load_extension('x')\n",
    "FROM pragma_user_version", "UNION SELECT 1", "WITH a AS (SELECT 1)", "ATTACH 'x' AS y",
]  # fmt: skip
"""What queries are broken with, between two of their words."""
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
KEEPING = {"load_extension": "loads code"}
"""A function that SQLite has and that acts."""
BROKEN = st.tuples(
    st.sampled_from([one for grammar, one in HARMLESS if grammar == "sqlite"]),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(FRAGMENTS)), min_size=1, max_size=4),
)


@given(BROKEN)
@settings(max_examples=600, deadline=None)
def test_sqlite_agrees_with_the_guard(broken):
    """Whatever passes is, to SQLite's own parser too, one statement that reads, or none that it understands."""
    statement, pieces = broken
    for at, piece in pieces:
        words = statement.split(" ")
        words.insert(at % (len(words) + 1), piece)
        statement = " ".join(words)
    with suppress(ConfigError):
        passed = guard_select(statement, "sqlite")
        assert acts_in_sqlite(passed) <= READING, statement


def acts_in_sqlite(statement):
    """What SQLite would do to run a statement, as it tells its authorizer; it is only explained, never run."""
    acts = set()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            "CREATE TABLE item (id, code, name, price, changed); CREATE TABLE stock (item_id, qty)"
        )
        connection.execute("SELECT * FROM json_each('[]')")  # its first use declares it, which counts as writing
        connection.set_authorizer(lambda act, _, name, *__: acts.add(KEEPING.get(name, act)) or sqlite3.SQLITE_OK)
        try:
            connection.execute(f"EXPLAIN {statement}")
        except sqlite3.ProgrammingError as error:
            acts.add(str(error))
        except sqlite3.Error:
            pass
    return acts


def test_text_survives_the_brackets(company):
    """Colons, percent signs and quotes inside a query's texts come back as they were written."""
    with company.session() as session:
        query = clause(session, Table(query="select '12:30 :x' as a, 'it''s 100 %' as b  -- :so"))
        assert session.fetch(select(literal_column("*")).select_from(query)) == [("12:30 :x", "it's 100 %")]


@pytest.mark.parametrize(
    "query", ["(" * 20_000, "SELECT " + "(" * 3_000 + "1" + ")" * 3_000, "SELECT " + "- " * 9_000 + "1"]
)
def test_endless_nesting_is_refused(query):
    """A query nested too deep to be parsed is refused like any other that cannot be understood."""
    with pytest.raises(ConfigError, match=r"cannot be understood|begins with"):
        guard_select(query, "tsql")


def test_a_refusal_says_why_and_what_to_do():
    """The message names what was found and shows the query's beginning, never all of a long one."""
    with pytest.raises(ConfigError) as caught:
        guard_select(f"SELECT nextval('s'), '{'x' * 1000}'", "postgres")
    said = str(caught.value)
    assert "the function nextval takes a number from a sequence" in said
    assert "Give one SELECT that only reads" in said
    assert len(said) < 500


def test_a_pass_is_remembered(monkeypatch):
    """A query is parsed once in a process, so a page costs no parsing."""
    parsed, real = [], sqlglot.parse
    monkeypatch.setattr(sqlglot, "parse", lambda query, **how: parsed.append(query) or real(query, **how))
    for _ in range(50):
        guard_select("select 'remembered' as a", "sqlite")
    assert parsed == ["select 'remembered' as a"]


def test_the_guard_loads_its_parser_late():
    """Importing the toolkit loads neither SQLAlchemy nor sqlglot nor a driver."""
    code = "import sys, crossdock.toolkit.sql; print(sorted({'sqlalchemy', 'sqlglot', 'psycopg'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
