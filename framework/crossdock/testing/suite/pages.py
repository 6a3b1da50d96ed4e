"""Checks of full reads: pages, ends, cursors, single items."""

from itertools import zip_longest
from typing import Any

import msgspec

from crossdock.contract import Rows
from crossdock.testing.suite.bench import READ_HOOKS, SMALL, Bench, Got, is_nested
from crossdock.testing.suite.checks import NotApplicableError, check_of, expect

MOST_CURSORS = 12
"""Cursors of a read that are tried; more would prove no more."""
LONGEST_CURSOR = 4096
"""Characters of a cursor; beyond that, something is kept in it that belongs elsewhere."""
STRANGE_TEXTS: tuple[tuple[Any, ...], ...] = (
    ("no such code",),
    ("' OR '1'='1",),
    ("x'); DROP TABLE y; --", "%", '"'),
    (),
)
STRANGE_NUMBERS: tuple[tuple[Any, ...], ...] = ((-987_654_321,), ())
"""Codes that no row has, by the type of the others: a database that is strict about types takes no text for numbers."""
FILLED = 4
"""Rows a page where the fake is filled to the brim of pages."""


def a_second_read_gives_the_same_rows(bench: Bench) -> None:
    """The same rows come on a second read, in another session and in the same one."""
    for stream in bench.maps:
        first = sorted(one[:2] for one in bench.some(stream).all)
        with bench.session() as session:
            for again in ("a second session", "the same session"):
                second = sorted(one[:2] for one in bench.read(stream, session=session).all)
                expect(
                    second == first,
                    f"{READ_HOOKS[stream]}: read again in {again}, nothing changed in between, rows differ: "
                    f"{_difference(first, second)}; keep nothing of a read in the session, and no present time in rows",
                )


def pages_keep_to_their_size(bench: Bench) -> None:
    """No page has more rows than were asked for."""
    for stream in bench.maps:
        for page in bench.some(stream, page_size=SMALL).pages:
            expect(
                len(page.rows) <= SMALL,
                f"{READ_HOOKS[stream]}: a page of {len(page.rows)} rows where `read.page_size` is {SMALL}",
            )


def every_row_comes_at_any_page_size(bench: Bench) -> None:
    """All rows come and the read ends, be a page one row, one row less than all, all, or one more."""
    with bench.session() as session:
        for stream in bench.maps:
            whole = bench.some(stream, session=session)
            for size in sorted({1, max(1, whole.count - 1), whole.count, whole.count + 1}):
                lost = distinct(whole) - distinct(bench.read(stream, session=session, page_size=size))
                expect(
                    not lost,
                    f"{READ_HOOKS[stream]}: {len(lost)} of {whole.count} rows are lost in pages of {size}, "
                    f"{min(lost)[0] if lost else ''} among them; look at where a page ends",
                )


def reads_end_at_the_edge_of_a_page(bench: Bench) -> None:
    """An empty table, one row, exactly a page, two pages, and a page and one row more are read whole."""
    fill = bench.offered("fill", "which sets the number of rows")
    with bench.session() as session:
        for stream in bench.maps:
            for count in (0, 1, FILLED, FILLED + 1, FILLED * 2):
                fill(bench.settings, stream, count)
                got = bench.read(stream, session=session, page_size=FILLED)
                expect(
                    got.count >= len(got.identities) == count,
                    f"{READ_HOOKS[stream]}: {count} rows in pages of {FILLED} came as {got.count}",
                )


def a_read_goes_on_from_every_page(bench: Bench) -> None:
    """A read that broke off goes on from the cursor of any page, in a new session, and no row is lost."""
    tried = 0
    for stream in bench.maps:
        whole = bench.some(stream, page_size=SMALL)
        places = [number for number, page in enumerate(whole.pages) if page.cursor is not None]
        for number in places[:: max(1, len(places) // MOST_CURSORS)]:
            tried += 1
            rest = bench.read(stream, since=whole.pages[number].cursor, page_size=SMALL)
            before = {one.identity for page in whole.rows[: number + 1] for one in page}
            lost = sorted(whole.identities - before - rest.identities)
            expect(
                not lost,
                f"{READ_HOOKS[stream]}: going on from the cursor of page {number + 1} of {len(whole.pages)}, "
                f"{len(lost)} rows are lost, {lost[0] if lost else ''} among them",
            )
    if not tried:
        message = "pages have no cursor: every run begins anew"
        raise NotApplicableError(message)


def cursors_are_short_text(bench: Bench) -> None:
    """A cursor is a text that can be kept: not empty, not long, nothing but characters."""
    found: list[tuple[str, Any]] = [
        (READ_HOOKS[stream], page.cursor)
        for stream in bench.maps
        for page in bench.some(stream, page_size=SMALL).pages
        if page.cursor is not None
    ]
    if not found:
        message = "pages have no cursor: every run begins anew"
        raise NotApplicableError(message)
    for hook, cursor in found:
        is_text = isinstance(cursor, str) and 0 < len(cursor) <= LONGEST_CURSOR
        expect(is_text, f"{hook}: the cursor {str(cursor)[:40]!r} is {type(cursor).__name__}, empty or too long")
        expect(_survives(cursor), f"{hook}: the cursor {cursor[:40]!r} cannot be written as UTF-8")


def pages_given_stay_as_they_are(bench: Bench) -> None:
    """A page is the framework's own: the plugin does not fill the same list again for the next."""
    for stream in bench.maps:
        with bench.session() as session:
            kept = [(page, repr(page)) for page in bench.pages(session, stream, page_size=1)]
        for number, (page, was) in enumerate(kept, 1):
            expect(
                repr(page) == was,
                f"{READ_HOOKS[stream]}: page {number} changed after it was given; make a new list for each page",
            )


def rows_fit_their_columns(bench: Bench) -> None:
    """Rows are mappings, or have as many values as `Rows.columns` has names, no name twice."""
    with bench.session() as session:
        for stream in bench.maps:
            for page in bench.pages(session, stream):  # looked at before anything is made of them
                _expect_shape(READ_HOOKS[stream], page)


def rows_hold_plain_values(bench: Bench) -> None:
    """What stands in a row can be written as JSON, so that a quarantined row can be kept and shown."""
    write = msgspec.json.Encoder(enc_hook=_plain).encode
    for stream in bench.maps:
        for page in bench.some(stream).pages:
            for row in page.rows:
                try:
                    write(row)
                except (TypeError, ValueError) as error:
                    expect(kept=False, broken=f"{READ_HOOKS[stream]}: {error}; give values, not the driver's objects")


def codes_are_read_alone(bench: Bench) -> None:
    """`read.codes` gives just those items: two of them, one, and none where there is no such code."""
    with bench.session() as session:
        for stream, fields in bench.maps.items():
            got = bench.some(stream, session=session)
            codes = got.codes
            expect(codes, f"{READ_HOOKS[stream]}: no row of the fake has a code of its own")
            for wanted in {tuple(codes[-2:]), (codes[0],), (codes[len(codes) // 2],)}:
                found = bench.read(stream, session=session, codes=wanted)
                missing = set(wanted) - {one.native for one in found.all}
                expect(not missing, f"{READ_HOOKS[stream]}: asked for codes {wanted}, {missing} did not come")
                more = {str(one.native) for one in found.all} - {str(one) for one in wanted}
                expect(
                    is_nested(fields) or not more,
                    f"{READ_HOOKS[stream]}: asked for codes {wanted}, others came too: {sorted(more)[:3]}",
                )


def strange_codes_find_nothing(bench: Bench) -> None:
    """A code that is not there, or is full of quotes, finds nothing and harms nothing; nor does no code at all."""
    with bench.session() as session:
        for stream in bench.maps:
            before = bench.some(stream, session=session)
            for codes in STRANGE_TEXTS if all(isinstance(one, str) for one in before.codes) else STRANGE_NUMBERS:
                found = bench.read(stream, session=session, codes=codes)
                expect(not found.all, f"{READ_HOOKS[stream]}: asked for codes {codes}, {len(found.all)} rows came")
            expect(
                bench.read(stream, session=session).count == before.count,
                f"{READ_HOOKS[stream]}: a strange code changed the table",
            )


def limit_is_kept(bench: Bench) -> None:
    """`read.limit` rows come at most, and as many where there are as many."""
    with bench.session() as session:
        for stream in bench.maps:
            count = bench.some(stream, session=session).count
            for limit in sorted({1, min(3, count), count, count + 5}):
                got = bench.read(stream, session=session, limit=limit, page_size=SMALL)
                expect(
                    got.count == min(limit, count),
                    f"{READ_HOOKS[stream]}: `read.limit` {limit} of {count} rows gave {got.count}",
                )


def a_read_left_halfway_harms_no_other(bench: Bench) -> None:
    """A read that nobody takes to its end leaves the session good for the next one, of another stream too."""
    wholes = {stream: bench.some(stream).count for stream in bench.maps}
    with bench.session() as session:
        for stream in bench.maps:
            next(bench.pages(session, stream, page_size=1), None)
        for stream, count in wholes.items():
            got = bench.read(stream, session=session, page_size=SMALL)
            expect(
                got.count == count,
                f"{READ_HOOKS[stream]}: after a read left halfway in the same session, {got.count} of {count} rows",
            )


def two_sessions_read_side_by_side(bench: Bench) -> None:
    """Two sessions open at once read all rows each, page by page in turn."""
    if bench.plugin.manifest.sessions == 1:
        message = "the manifest allows one session at a time"
        raise NotApplicableError(message)
    for stream in bench.maps:
        whole = distinct(bench.some(stream))
        with bench.session() as one, bench.session() as other:
            reads = (bench.pages(session, stream, page_size=SMALL) for session in (one, other))
            turns = list(zip_longest(*reads))
        for pages in zip(*turns, strict=True):
            lost = whole - distinct(bench.known(stream, [page for page in pages if page is not None]))
            expect(not lost, f"{READ_HOOKS[stream]}: with two sessions open, {len(lost)} rows were lost in one of them")


def _expect_shape(hook: str, page: Rows) -> None:
    columns = page.columns
    if columns is None:
        expect(all(isinstance(row, dict) for row in page.rows), f"{hook}: rows without `columns` must be mappings")
        return
    expect(len(set(columns)) == len(columns), f"{hook}: a column's name comes twice in {columns}")
    for row in page.rows:
        is_fit = not isinstance(row, str | bytes | dict) and len(row) == len(columns)
        expect(is_fit, f"{hook}: a row of {len(row)} values where `columns` has {len(columns)} names")


def _survives(cursor: str) -> bool:
    try:
        return cursor.encode().decode() == cursor
    except UnicodeError:
        return False


def _plain(value: object) -> str:
    """Lets through what the framework writes as text; anything else is an object of the driver's."""
    if type(value).__module__ in ("builtins", "datetime", "decimal", "uuid", "fractions", "ipaddress"):
        return str(value)
    message = f"a value is a {type(value).__module__}.{type(value).__qualname__}"
    raise TypeError(message)


def _difference(first: list[tuple[str, int]], second: list[tuple[str, int]]) -> str:
    one, other = set(first) ^ set(second), len(second) - len(first)
    return f"{other:+d} rows" if other else f"{len(one)} rows changed, {sorted(one)[0][0] if one else ''} among them"


def distinct(got: Got) -> set[tuple[str, int]]:
    """Gives the rows of a read without regard to order and repetition."""
    return {(one.identity, one.row_hash) for one in got.all}


CHECKS = tuple(
    map(
        check_of,
        (
            a_second_read_gives_the_same_rows,
            pages_keep_to_their_size,
            every_row_comes_at_any_page_size,
            reads_end_at_the_edge_of_a_page,
            a_read_goes_on_from_every_page,
            cursors_are_short_text,
            pages_given_stay_as_they_are,
            rows_fit_their_columns,
            rows_hold_plain_values,
            codes_are_read_alone,
            strange_codes_find_nothing,
            limit_is_kept,
            a_read_left_halfway_harms_no_other,
            two_sessions_read_side_by_side,
        ),
    )
)
"""In the order in which they are run."""
