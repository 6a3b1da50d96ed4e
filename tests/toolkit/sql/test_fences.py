"""What each of the three fences stops by itself: parser, read-only session, login without rights.

Every hostile statement of the corpus runs into each of them alone, with the other two taken away, on a real database
(T-SQL: on the stand-in for SQL Server) whose contents are compared before and after. docs/explanation/the-guard.md
shows the outcome by family; its tables are held against what happens here. `CROSSDOCK_WRITE_PAGES=1` in the
environment writes them anew.
"""

import os
import runpy
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from crossdock import ConfigError
from crossdock.toolkit.sql.guard import guard_select

HERE = Path(__file__).parent / "corpus"
CORPUS = runpy.run_path(str(HERE / "reading.py"))
ENGINES = runpy.run_path(str(HERE / "engines.py"))
PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "the-guard.md"
FENCES = ("parser", "session", "rights")
STOPPED, HARMLESS, THROUGH = "stopped", "harmless", "through"
"""It ended in an error; it ran and left nothing behind; it left something behind."""
pytestmark = pytest.mark.timeout(900)  # hundreds of sessions, on a machine that may be busy
MARKS = {
    "sqlite": [],
    "postgresql": [pytest.mark.postgres, pytest.mark.slow],
    "mariadb": [pytest.mark.mariadb, pytest.mark.slow],
    "tsql": [
        pytest.mark.odbc,
        pytest.mark.slow,
        # What the stand-in cannot read may end its thread, and so the connection: refused as well.
        pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
    ],
}
LET_THROUGH = {
    ("postgresql", "session"): {
        "SELECT 1; COMMIT; BEGIN READ WRITE; DELETE FROM item; COMMIT": "may begin a transaction of its own",
    },
    ("postgresql", "rights"): {
        "SELECT lo_creat(-1)": "large objects may be made by everyone",
        "SELECT lo_create(4712)": "the same",
        "SELECT lo_from_bytea(4713, '\\x00')": "the same",
        "ALTER ROLE CURRENT_USER SET default_transaction_read_only = off": "a login may change its own settings",
        "SELECT touch_as_owner(1)": "a function with SECURITY DEFINER acts with its owner's rights",
    },
    ("mariadb", "rights"): {
        "SET PASSWORD = ''": "a login may change its own password",
        "SET DEFAULT ROLE NONE": "a login may change its own settings",
        "SELECT * FROM touching_view": "a view with SQL SECURITY DEFINER acts with its maker's rights",
    },
    ("tsql", "session"): {
        "DELETE FROM item; COMMIT TRANSACTION": "nothing is read-only: COMMIT comes before the roll-back",
    },
    ("sqlite", "rights"): {
        "ATTACH 'other.db' AS other": "a file's rights say nothing of other files",
        "ATTACH 'file:other.db?mode=rwc' AS other": "the same",
        "ATTACH (SELECT 'other.db') AS other": "the same",
        "VACUUM INTO 'copy.db'": "the same",
        "VACUUM main INTO 'copy.db'": "the same",
        "VACUUM INTO (SELECT 'copy' || '.db')": "the same",
    },
}
"""Statements that get through a fence which stands alone, and why; any other is a fault."""


class Outcome(NamedTuple):
    """What became of a statement at each fence."""

    part: str
    family: str
    statement: str
    parser: str
    session: str
    rights: str


@contextmanager
def scratch():
    """A folder that every program of this machine may write to, and the current folder meanwhile."""
    with tempfile.TemporaryDirectory(prefix="crossdock-fences-") as folder:
        inside = Path(folder) / "proof"
        inside.mkdir()
        if sys.platform != "win32":
            Path(folder).chmod(0o755)
            inside.chmod(0o777)
        with chdir(inside):
            yield inside


@pytest.fixture(scope="module", params=[pytest.param(name, marks=marks) for name, marks in MARKS.items()])
def fenced(request, own_database_of):
    """A database with a company's tables, its owner's login and a reader's."""
    _, fixture = ENGINES["ENGINES"][request.param]
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        given = request.getfixturevalue(fixture) if fixture else None
        if request.param == "tsql":
            given = given("freetds")
        elif given:
            given = stack.enter_context(own_database_of(given))
        engine = ENGINES["made"](request.param, folder, given)
        stack.callback(engine.close)
        yield engine


@pytest.fixture(scope="module")
def outcomes(fenced):
    """What became of every statement of the corpus, at each fence alone."""
    found, before = [], fenced.contents()
    for part in ("hostile", "beyond the parser"):
        for family, statements in CORPUS["families"](fenced.corpus, part).items():
            for one in statements:
                adapted, ends = fenced.adapted(one), []
                for run in (fenced.run_in_session, fenced.run_without_rights):
                    end = tried(fenced, run, adapted, before)
                    if end == THROUGH:
                        before = fenced.contents()
                    ends.append(end)
                found.append(Outcome(part, family, one, STOPPED if refused(one, fenced.corpus) else THROUGH, *ends))
    return found


def refused(statement, corpus):
    """Whether the guard refuses a statement."""
    try:
        guard_select(statement, CORPUS["GRAMMARS"][corpus])
    except ConfigError:
        return True
    return False


def tried(engine, run, statement, before):
    """Runs a statement and looks at what it left behind; puts that back."""
    end = HARMLESS
    try:
        run(statement)
    except Exception:  # noqa: BLE001  # drivers raise errors of many roots; whatever was raised, the contents decide
        end = STOPPED
    files = engine.appeared()
    for name in files:
        (engine.scratch / name).unlink()
    if files or engine.contents() != before:
        engine.restore()
        return THROUGH
    return end


def test_the_parser_stops_every_hostile_statement(outcomes):
    """No hostile statement of the corpus gets past the parser; what it cannot know is said to be beyond it."""
    assert [one.statement for one in outcomes if (one.part == "hostile") != (one.parser == STOPPED)] == []


@pytest.mark.parametrize("fence", ["session", "rights"])
def test_a_fence_alone_lets_through_only_what_is_known(fenced, outcomes, fence):
    """Without the parser each other fence keeps the data as it was, but for the statements named with their reason."""
    known = LET_THROUGH.get((fenced.corpus, fence), {})
    assert [one.statement for one in outcomes if getattr(one, fence) == THROUGH and one.statement not in known] == []


def test_two_fences_hold_every_hostile_statement(outcomes):
    """No hostile statement hangs on one fence: whatever one lets through, the other two hold."""
    hostile = [one for one in outcomes if one.part == "hostile"]
    assert [one.statement for one in hostile if [getattr(one, fence) for fence in FENCES].count(THROUGH) > 1] == []


def test_the_session_holds_what_the_parser_cannot_know(outcomes):
    """What users wrote themselves, functions and views over them, leaves nothing behind in the session."""
    assert [one.statement for one in outcomes if one.part != "hostile" and one.session == THROUGH] == []


def test_harmless_statements_run(fenced):
    """Every harmless statement of the corpus passes the guard and runs, in the session and for a login that reads."""
    for statement in CORPUS["statements"](fenced.corpus, "harmless"):
        guard_select(statement, CORPUS["GRAMMARS"][fenced.corpus])
        if fenced.stands_in:
            continue
        fenced.run_in_session(fenced.adapted(statement))
        if not statement.startswith("SELECT * FROM calm"):
            fenced.run_without_rights(fenced.adapted(statement))


def test_the_page_tells_what_happened(fenced, outcomes):
    """The table in the-guard.md has the counts of this run; sessions' and rights' of the versions that it names."""
    held_to_page(fenced.corpus, rendered(fenced, outcomes), fenced.title)


def held_to_page(corpus, table, title=""):
    """Compares a table with the page's, or writes it; of another version only what no version changes."""
    begin, end = f"<!-- fences: {corpus} -->", f"<!-- end: {corpus} -->"
    page = PAGE.read_text("utf-8")
    assert page.count(begin) == page.count(end) == 1
    head, _, rest = page.partition(begin)
    shown, _, tail = rest.partition(end)
    if os.environ.get("CROSSDOCK_WRITE_PAGES"):
        PAGE.write_text(f"{head}{begin}\n{table}\n{end}{tail}", "utf-8", newline="\n")
    elif title in shown:
        assert shown.strip() == table
    else:
        assert [counted(line) for line in shown.strip().splitlines()] == [counted(line) for line in table.splitlines()]


def counted(line):
    """What of a row no version changes: family, statements, stopped by the parser."""
    return line.split("|")[:4] if line.startswith("|") and "parser" not in line else ""


def rendered_stand_in(engine, outcomes):
    """The table of a stand-in: how it refuses a statement says little, that nothing was left behind says more."""
    rows = [
        f"| {engine.title}: family | statements | parser stops | session keeps out | rights keep out |",
        "|---|---|---|---|---|",
    ]
    for family in [*dict.fromkeys(one.family for one in outcomes), "**all**"]:
        those = [one for one in outcomes if family in (one.family, "**all**")]
        counts = [len(those), sum(one.parser == STOPPED for one in those)]
        counts += [sum(getattr(one, fence) != THROUGH for one in those) for fence in ("session", "rights")]
        rows.append(f"| {family} | {' | '.join(map(str, counts))} |")
    return "\n".join(rows)


def rendered(engine, outcomes):
    """The table of one database."""
    if engine.stands_in:
        return rendered_stand_in(engine, outcomes)
    rows = [
        f"| {engine.title}: family | statements | parser stops | session: stops · harmless · lets through "
        "| rights: stops · harmless · lets through |",
        "|---|---|---|---|---|",
    ]
    for family in dict.fromkeys(one.family for one in outcomes):
        rows.append(row(family, [one for one in outcomes if one.family == family]))
    return "\n".join([*rows, row("**all**", outcomes)])


def row(title, outcomes):
    """One family's counts."""
    session, rights = (Counter(getattr(one, fence) for one in outcomes) for fence in ("session", "rights"))
    ends = [" · ".join(str(found[end]) for end in (STOPPED, HARMLESS, THROUGH)) for found in (session, rights)]
    parser = sum(one.parser == STOPPED for one in outcomes)
    return f"| {title} | {len(outcomes)} | {parser} | {' | '.join(ends)} |"
