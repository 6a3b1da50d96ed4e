"""Checks of incremental reads: a cursor never hides a change, whatever clock and commits do."""

from collections.abc import Callable, Sequence
from typing import Any

from crossdock.testing.suite.bench import READ_HOOKS, SMALL, Bench
from crossdock.testing.suite.checks import NotApplicableError, check_of, expect

LATE_S, AHEAD_S, AWAY_S = -5.0, 86_400.0, -259_200.0
"""A change committed some seconds late; a clock a day ahead; changes days ago, that no overlap covers,
nor a column that holds dates only."""
MOST_CURSORS = 12
"""Cursors of a read that are tried; more would prove no more."""
ALIKE = 5
"""Rows changed in one statement, with one stamp."""
Touch = Callable[[Sequence[Any], float], None]


def an_incremental_read_can_go_on(bench: Bench) -> None:
    """Where the map names a change column, the last page of a full read has a cursor, and a read goes on from it."""
    for stream in _incremental(bench):
        cursor = _end(bench, stream, since=None)
        _end(bench, stream, since=cursor)


def a_change_is_seen(bench: Bench) -> None:
    """What changed after a read comes with the next one, and again with the one after what changed then."""
    for stream in _incremental(bench):
        touch, codes = _touch(bench, stream), bench.some(stream).codes
        cursor = _end(bench, stream, since=None)
        for code in (codes[0], codes[-1]):
            touch([code], 0.0)
            cursor = _expect_seen(bench, stream, cursor, [code], "changed after the read before")


def an_incremental_read_is_small(bench: Bench) -> None:
    """What has not changed for long does not come with an incremental read, else it would be a full one."""
    for stream in _incremental(bench):
        touch, got = _touch(bench, stream), bench.some(stream)
        touch(got.codes[1:], AWAY_S)
        touch(got.codes[:1], 0.0)
        cursor = _end(bench, stream, since=None)
        came = {one.native for one in bench.read(stream, since=cursor).all}
        again = came & set(got.codes[1:])
        expect(
            not again,
            f"{READ_HOOKS[stream]}: {len(again)} rows that changed days before the last read came again; "
            "begin a little before the highest stamp that was seen",
        )


def a_late_commit_is_seen(bench: Bench) -> None:
    """A change that was committed after the read, with a stamp from before it, comes with the next one."""
    for stream in _incremental(bench):
        touch, codes = _touch(bench, stream), bench.some(stream).codes
        touch(codes[:1], 0.0)
        cursor = _end(bench, stream, since=None)
        for _ in ("after a full read", "after an incremental one"):
            touch(codes[-1:], LATE_S)
            cursor = _expect_seen(bench, stream, cursor, codes[-1:], f"stamped {-LATE_S:g} s ago but committed now")


def equal_stamps_lose_nothing(bench: Bench) -> None:
    """Rows changed at the same moment all come, though they fill several pages, from whatever page a read goes on."""
    for stream in _incremental(bench):
        touch, codes = _touch(bench, stream), bench.some(stream).codes[:ALIKE]
        cursor = _end(bench, stream, since=None)
        touch(codes, 0.0)
        for since in (cursor, None):
            _expect_from_every_page(bench, stream, since, codes)


def a_clock_ahead_hides_nothing(bench: Bench) -> None:
    """One row stamped in the future does not hide what changes until then."""
    for stream in _incremental(bench):
        touch, codes = _touch(bench, stream), bench.some(stream).codes
        touch(codes[:1], AHEAD_S)
        cursor = _end(bench, stream, since=None)
        touch(codes[-1:], 0.0)
        _expect_seen(bench, stream, cursor, codes[-1:], "changed now, while another row is stamped tomorrow")


def a_change_in_mid_read_is_seen(bench: Bench) -> None:
    """A row that changes while a read is under way comes with this read or the next one, as it is then."""
    for stream in _incremental(bench):
        touch, codes = _touch(bench, stream), bench.some(stream).codes
        with bench.session() as session:
            pages = bench.pages(session, stream, page_size=1)
            first = [next(pages)]
            touch(codes[:1], 0.0)
            cursor = [*first, *pages][-1].cursor
        expect(cursor is not None, f"{READ_HOOKS[stream]}: the last page has no cursor")
        _expect_seen(bench, stream, cursor, codes[:1], "changed after its page was given, before the read ended")


def _incremental(bench: Bench) -> list[str]:
    found = [stream for stream, fields in bench.maps.items() if fields.is_incremental]
    if not found:
        message = "no map names a change column: every read is full"
        raise NotApplicableError(message)
    return found


def _touch(bench: Bench, stream: str) -> Touch:
    change = bench.offered("touch", "which changes rows")

    def touch(codes: Sequence[Any], seconds: float) -> None:
        change(bench.settings, stream, codes, seconds)

    return touch


def _end(bench: Bench, stream: str, since: str | None) -> str:
    pages = bench.read(stream, since=since).pages
    cursor = pages[-1].cursor if pages else since
    expect(
        cursor is not None,
        f"{READ_HOOKS[stream]}: the map names a change column, but the last page has no cursor: every read would be "
        "full; give one, or take `changed` out of the map",
    )
    return str(cursor)


def _expect_seen(bench: Bench, stream: str, since: str | None, codes: Sequence[Any], what: str) -> str:
    got = bench.read(stream, since=since)
    lost = set(codes) - {one.native for one in got.all}
    expect(not lost, f"{READ_HOOKS[stream]}: the row {next(iter(lost), '')!r}, {what}, did not come")
    return (got.pages[-1].cursor if got.pages else None) or str(since)


def _expect_from_every_page(bench: Bench, stream: str, since: str | None, codes: Sequence[Any]) -> None:
    with bench.session() as session:
        whole = bench.read(stream, session=session, since=since, page_size=SMALL)
        rests = [(0, whole)]
        for number, page in list(enumerate(whole.pages, 1))[:: 1 + len(whole.pages) // MOST_CURSORS]:
            if page.cursor is not None:
                rests.append((number, bench.read(stream, session=session, since=page.cursor, page_size=SMALL)))
    for number, rest in rests:
        before = [one for page in whole.rows[:number] for one in page]
        lost = set(codes) - {one.native for one in (*before, *rest.all)}
        expect(
            not lost,
            f"{READ_HOOKS[stream]}: of {len(codes)} rows with one stamp, {len(lost)} are lost when read in pages of "
            f"{SMALL} and gone on after page {number}; cut pages by stamp and key",
        )


CHECKS = tuple(
    map(
        check_of,
        (
            an_incremental_read_can_go_on,
            a_change_is_seen,
            an_incremental_read_is_small,
            a_late_commit_is_seen,
            equal_stamps_lose_nothing,
            a_clock_ahead_hides_nothing,
            a_change_in_mid_read_is_seen,
        ),
    )
)
"""In the order in which they are run."""
