"""An incremental read misses no change: not one made during a read, committed late, or stamped equally."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crossdock.contract import Read

OTHERS = (
    "postgres",
    "mariadb",
    "sqlite-odbc",
    "postgres-odbc",
    "mariadb-odbc",
    "sqlserver-freetds",
    "sqlserver-microsoft",
)
START = datetime.fromisoformat("2026-01-31 23:50:00")
OVERLAP_S = 120
CHANGE = 'UPDATE "Item" SET "Code" = :code, "Changed" = :changed WHERE "Id" = :id'


class Clerk:
    """Works in the ERP while it is read; stamps as a slow transaction would, up to the overlap too early."""

    def __init__(self, company):
        self.company, self.now, self.number = company, START, 0
        company.run('DELETE FROM "Item"')

    def do(self, item, wait_s, late_s):
        """Changes an item, or adds it, with a stamp that lies a little back."""
        self.now += timedelta(seconds=wait_s)
        self.number += 1
        row = {"id": item, "code": f"V{self.number}", "changed": self.now - timedelta(seconds=late_s)}
        self.company.run('DELETE FROM "Item" WHERE "Id" = :id', {"id": item})
        self.company.run('INSERT INTO "Item" ("Id", "Code", "Changed") VALUES (:id, :code, :changed)', row)

    def items(self):
        """What the ERP has."""
        with self.company.session() as session:
            return dict(session.fetch(text(self.company.quoted('SELECT "Id", "Code" FROM "Item"'))))


DEEDS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 400), st.integers(0, OVERLAP_S)), max_size=6)
RUNS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9), st.lists(DEEDS, max_size=4)), min_size=1, max_size=4)


def all_is_known(company, make_map, first, runs):
    """Reads while the clerk works, run after run, and compares what was read with what there is."""
    clerk, fields = Clerk(company), make_map(key="Id", changed="Changed")
    known, cursor = {}, None
    for deed in first:
        clerk.do(*deed)
    for size, pages_kept, meanwhile in [*runs, (3, 999, [])]:
        with company.session(overlap_s=OVERLAP_S) as session:
            pages = company.source.read_products(
                session=session, read=Read(fields=fields, since=cursor, page_size=size)
            )
            for number, page in enumerate(islice(pages, pages_kept)):
                known |= {key: code for code, key, _ in page.rows}
                cursor = page.cursor
                for deed in meanwhile[number] if number < len(meanwhile) else ():
                    clerk.do(*deed)
    for page in company.pages(fields, since=cursor):  # begun when all was done: resumed or not, it must know all
        known |= {key: code for code, key, _ in page.rows}
    assert known == clerk.items()


again = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.engines("sqlite")
@settings(again, max_examples=40)
@given(first=DEEDS, runs=RUNS)
def test_no_change_is_missed(company, make_map, first, runs):
    """Runs that break off anywhere while items change, also late and at one instant, know all of them in the end."""
    all_is_known(company, make_map, first, runs)


@pytest.mark.engines(*OTHERS)
@settings(again, max_examples=10)
@given(first=DEEDS, runs=RUNS)
def test_no_change_is_missed_elsewhere(company, make_map, first, runs):
    """The same holds on every other engine and driver, in fewer examples, since each takes longer."""
    all_is_known(company, make_map, first, runs)


def last_cursor(company, fields, **how):
    """The cursor that a whole read leaves."""
    return list(company.pages(fields, **how))[-1].cursor


def test_only_what_changed_comes(company, make_map):
    """After a full read the next one gives the overlap and what is new, not the rest."""
    fields = make_map(key="Id", changed="Changed")
    company.add(*((number, "old", START + timedelta(seconds=number)) for number in range(1000)))
    cursor = last_cursor(company, fields, page_size=300)
    assert {row[1] for row in company.rows(fields, since=cursor)} == set(range(879, 1000))
    company.run(CHANGE, {"code": "new", "changed": START + timedelta(hours=1), "id": 5})
    rows = company.rows(fields, since=cursor)
    assert {row[1] for row in rows} == {5, *range(879, 1000)}
    assert {row[1]: row[0] for row in rows}[5] == "new"


def test_a_full_read_keeps_the_stamp_of_its_beginning(company, make_map):
    """What changes while a full read goes on, behind its back too, is in the next read."""
    fields = make_map(key="Id", changed="Changed")
    company.add(*((number, "old", START) for number in range(10)))
    with company.session() as session:
        pages = company.source.read_products(session=session, read=Read(fields=fields, page_size=4))
        next(pages)
        company.run(CHANGE, {"code": "new", "changed": START + timedelta(seconds=1), "id": 0})
        cursor = list(pages)[-1].cursor
    assert ("new", 0) in [row[:2] for row in company.rows(fields, since=cursor)]


def test_many_rows_of_one_instant_are_paged_by_key(company, make_map):
    """A bulk change gives thousands of rows one stamp: pages go on by key within it."""
    fields = make_map(key="Id", changed="Changed")
    company.add(*((number, "old", START) for number in range(50)))
    cursor = last_cursor(company, fields)
    pages = list(company.pages(fields, since=cursor, page_size=7))
    assert [row[1] for page in pages for row in page.rows] == list(range(50))
    resumed = company.rows(fields, since=pages[2].cursor, page_size=7)
    assert [row[1] for row in resumed][:29] == list(range(21, 50))


@pytest.mark.parametrize("kept", [1, 2, 4])
def test_a_resumed_read_ends_with_what_is_there(company, make_map, kept):
    """What changed since a read broke off is in the read that goes on from it, wherever it broke off."""
    fields = make_map(key="Id", changed="Changed")
    company.add((0, "unstamped"), (1, "unstamped"), *((number, "old", START) for number in range(2, 10)))
    cursor = last_cursor(company, fields)
    broken_off = list(islice(company.pages(fields, since=cursor, page_size=2), kept))
    company.run(CHANGE, {"code": "new", "changed": START + timedelta(hours=1), "id": 9})
    company.run(CHANGE, {"code": "late", "changed": START - timedelta(seconds=OVERLAP_S), "id": 2})
    company.run(CHANGE, {"code": "new", "changed": None, "id": 0})
    resumed = list(company.pages(fields, since=broken_off[-1].cursor, page_size=2))
    assert {("new", 9), ("late", 2), ("new", 0)} <= {row[:2] for page in resumed for row in page.rows}
    following = company.rows(fields, since=resumed[-1].cursor)
    assert {row[1] for row in following} == {0, 1, 9}


def test_a_resumed_full_read_ends_with_what_is_there(company, make_map):
    """What changed behind a full read that broke off is in the read that goes on from it, and its limit holds."""
    fields = make_map(key="Id", changed="Changed")
    company.add(*((number, "old", START) for number in range(6)))
    cursor = next(company.pages(fields, page_size=2)).cursor
    company.run(CHANGE, {"code": "new", "changed": START + timedelta(hours=1), "id": 0})
    assert ("new", 0) in {row[:2] for row in company.rows(fields, since=cursor, page_size=2)}
    assert len(company.rows(fields, since=cursor, page_size=2, limit=4)) == 4
    assert len(company.rows(fields, since=cursor, page_size=2, limit=5)) == 5


def test_rows_without_a_stamp_always_come(company, make_map):
    """A row whose change column is NULL, new or old, is in every incremental read."""
    fields = make_map(key="Id", changed="Changed")
    company.add((1, "A", START), (2, "B"))
    cursor = last_cursor(company, fields)
    company.add((3, "C"))
    assert sorted(row[1] for row in company.rows(fields, since=cursor, page_size=1)) == [1, 2, 3]


def test_an_empty_table_gives_a_cursor_too(company, make_map):
    """The first read of an empty table leaves a place from which everything new is read."""
    fields = make_map(key="Id", changed="Changed")
    cursor = last_cursor(company, fields)
    company.add((1, "A", START), (2, "B"))
    assert sorted(row[1] for row in company.rows(fields, since=cursor)) == [1, 2]
    assert last_cursor(company, fields, since=cursor) is not None


def test_without_a_change_column_the_next_read_is_full(company, make_map):
    """The last cursor of a read without `changed` leads to all rows again, never to none."""
    company.add((1, "A"), (2, "B"))
    assert len(company.rows(make_map(), since=last_cursor(company, make_map()))) == 2


@pytest.mark.parametrize("years", [1, 50])
def test_a_stamp_in_the_future_hides_nothing(company, make_map, years):
    """One row stamped by a wrong clock does not make the next reads begin in the future."""
    fields = make_map(key="Id", changed="Changed")
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    company.add((1, "A", now - timedelta(days=9)), (2, "B", now + timedelta(days=366 * years)))
    cursor = last_cursor(company, fields)
    company.run(CHANGE, {"code": "new", "changed": now + timedelta(seconds=1), "id": 1})
    assert "new" in [row[0] for row in company.rows(fields, since=cursor)]


def test_a_counter_has_no_window(company, make_map):
    """A change column that counts is read from its last value on, that value included."""
    company.run('CREATE TABLE counted (k INTEGER PRIMARY KEY, "Code" VARCHAR(9), version BIGINT)')
    for number in range(1, 9):
        company.run("INSERT INTO counted VALUES (:n, 'x', :n)", {"n": number})
    fields = make_map(name="counted", key="k", changed="version")
    assert [row[1] for row in company.rows(fields, since=last_cursor(company, fields))] == [8]


@pytest.mark.engines("postgres")
def test_a_stamp_of_infinity_hides_nothing(company, make_map):
    """PostgreSQL's `infinity` is later than every stamp to come, and does not make the next reads begin there."""
    fields = make_map("Code", changed="Changed")
    company.add((1, "old", START))
    company.run("""INSERT INTO "Item" ("Id", "Code", "Changed") VALUES (2, 'endless', 'infinity')""")
    cursor = list(company.pages(fields))[-1].cursor
    company.add((3, "new", datetime.now()))  # noqa: DTZ005  # as the ERP stamps
    assert {"new", "endless"} <= {row[0] for row in company.rows(fields, since=cursor)}
