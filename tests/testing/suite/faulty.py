"""For each check a plugin, or a fake, that breaks its promise, made from the good one; and a word of the complaint."""

import decimal
import json
import logging
import socket
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from crossdock import AuthError, ConfigError, Field, Finding, Rows, Setting, TransientError, hookimpl

from .sample import CUSTOMERS, PRODUCTS, Sample, SampleFake, system_of


class Faulty(NamedTuple):
    """What a check must find broken."""

    plugin: object
    complaint: str
    """Part of the reason it must give."""
    fake: object = SampleFake()


FAULTY = {}
"""By the check that must catch it."""


def breaks(check, complaint, fake=None):
    """Puts a plugin class down as the one that a check must catch."""

    def put(kind):
        FAULTY[check] = Faulty(kind(), complaint, fake or SampleFake())
        return kind

    return put


def manifest_with(**changed):
    """A plugin whose manifest differs."""
    return type("Sample", (Sample,), {"manifest": replace(Sample.manifest, **changed)})


def maps_of(*maps):
    """A plugin with other field maps."""
    return type("Sample", (Sample,), {"maps": maps})


# Loading


@breaks("it_loads", "read_product")
class Misspelt(Sample):
    @hookimpl
    def read_product(self, session, read):
        return ()


@breaks("hooks_have_no_defaults", "'session' a default")
class Default(Sample):
    @hookimpl
    def read_products(self, session=None, read=None):
        return ()


@breaks("hooks_that_are_methods_have_self", "add `self`")
class NoSelf(Sample):
    @hookimpl
    def check(session):  # noqa: N805  # the fault
        return [Finding("reachable", "ok", "The ERP answers.")]


@breaks("hooks_are_marked", "read_customers is not marked")
class Unmarked(Sample):
    def read_customers(self, session, read):
        return ()


@breaks("it_says_the_same_each_time", "in a session")
class Moody(Sample):
    @hookimpl
    def open_session(self, config, memory):
        self.maps = (PRODUCTS,)
        return super().open_session(config, memory)


breaks("the_manifest_is_sensible", "lower case")(manifest_with(name="Sample ERP"))
breaks("settings_are_explained", "line of help")(
    manifest_with(settings=(*Sample.manifest.settings, Setting("depth", "", kind="integer")))
)
breaks("secrets_are_marked", "looks like a credential")(
    manifest_with(settings=(*Sample.manifest.settings, Setting("api_key", "key of the reader")))
)


class SettingFake(SampleFake):
    @contextmanager
    def start(self, folder):
        with super().start(folder) as settings:
            yield settings | {"colour": "red"}


breaks("the_fake_gives_known_settings", "['colour']", SettingFake())(Sample)


# Field maps

breaks("every_map_is_valid", "mapped twice")(
    maps_of(replace(PRODUCTS, fields=(*PRODUCTS.fields, Field("title", "code"))), CUSTOMERS)
)
breaks("every_map_has_its_hook", "no hook read_customers")(type("Sample", (Sample,), {"read_customers": None}))


class MoreBadRows(SampleFake):
    BAD_ROWS = MappingProxyType({})


breaks("every_map_maps_its_rows", "title: is empty", MoreBadRows())(Sample)


class EmptyColumnFake(SampleFake):
    @contextmanager
    def start(self, folder):
        with super().start(folder) as settings:
            for row in system_of(settings).rows["products"]:
                row["qty"] = None
            yield settings


breaks("the_sample_shows_every_column", "comes from 'qty'", EmptyColumnFake())(Sample)


@breaks("only_mapped_columns_are_read", "['internal']")
class Everything(Sample):
    def names(self, system, stream, fields):
        return (*super().names(system, stream, fields), "internal")


@breaks("times_have_a_zone", "none in the rows")
class Naive(Sample):
    def values(self, row, names):
        return tuple(row[name].replace(tzinfo=None) if name == "changed" else row[name] for name in names)


# Full reads


@breaks("a_second_read_gives_the_same_rows", "rows changed")
class Counting(Sample):
    count = 0

    def values(self, row, names):
        self.count += 1
        return tuple(self.count if name == "qty" else row[name] for name in names)


@breaks("pages_keep_to_their_size", "a page of 3 rows")
class LargerPages(Sample):
    def read(self, session, stream, read):
        return super().read(session, stream, replace(read, page_size=read.page_size + 1))


@breaks("every_row_comes_at_any_page_size", "rows are lost in pages of")
class LastRowLost(Sample):
    def finished(self, page):
        return replace(page, rows=page.rows[:-1]) if len(page.rows) == 7 else page


@breaks("reads_end_at_the_edge_of_a_page", "4 rows in pages of 4 came as 3")
class EdgeLost(Sample):
    def finished(self, page):
        is_edge = len(page.rows) == 4 and "begin" in json.loads(page.cursor) and "key" not in json.loads(page.cursor)
        return replace(page, rows=page.rows[:-1]) if is_edge else page


@breaks("a_read_goes_on_from_every_page", "are lost")
class CursorAhead(Sample):
    def middle(self, begin, place, high):
        return super().middle(begin, (place[0] + timedelta(hours=1, minutes=1), place[1]), high)


@breaks("cursors_are_short_text", "too long")
class LongCursor(Sample):
    def middle(self, begin, place, high):
        return super().middle(begin, place, high) + " " * 5000


@breaks("pages_given_stay_as_they_are", "page 1 changed")
class SameList(Sample):
    def read(self, session, stream, read):
        rows = []
        for page in super().read(session, stream, read):
            rows[:] = page.rows
            yield replace(page, rows=rows)


@breaks("rows_fit_their_columns", "comes twice")
class ColumnTwice(Sample):
    def finished(self, page):
        return Rows([(*row, 1) for row in page.rows], page.cursor, (*page.columns, page.columns[0]))


@breaks("rows_hold_plain_values", "not the driver's objects")
class DriverObjects(Sample):
    def values(self, row, names):
        return tuple(threading.Event() if name == "qty" else row[name] for name in names)


@breaks("codes_are_read_alone", "others came too")
class AllCodes(Sample):
    def by_code(self, session, stream, read):
        return None if read.codes and "no such code" not in read.codes else []


@breaks("strange_codes_find_nothing", "rows came")
class NoCodesAreAll(Sample):
    def by_code(self, session, stream, read):
        return super().by_code(session, stream, read) if read.codes else None


@breaks("limit_is_kept", "gave 2")
class LimitPerPage(Sample):
    def read(self, session, stream, read):
        return super().read(session, stream, replace(read, limit=None if read.limit is None else read.limit + 1))


@breaks("a_read_left_halfway_harms_no_other", "halfway")
class OneReader(Sample):
    def pages(self, session, stream, read, names):
        busy, session.busy = getattr(session, "busy", False), True
        if busy:
            return
        yield from super().pages(session, stream, read, names)
        session.busy = False


@breaks("two_sessions_read_side_by_side", "were lost in one of them")
class SharedPlace(Sample):
    last = None

    def pages(self, session, stream, read, names):
        for page in super().pages(session, stream, read, names):
            if self.last is not None and self.last is not session:
                return
            self.last = session
            yield page
        self.last = None


# Incremental reads


@breaks("an_incremental_read_can_go_on", "every read would be full")
class NoCursor(Sample):
    def end(self, high, begin):
        return None


@breaks("a_change_is_seen", "changed after the read before")
class SeesNothing(Sample):
    def wanted(self, begin, place):
        return super().wanted(begin and begin + timedelta(days=1), place)


@breaks("an_incremental_read_is_small", "came again")
class AllAgain(Sample):
    def end(self, high, begin):
        return json.dumps({"begin": None})


@breaks("a_late_commit_is_seen", "committed now")
class NoOverlap(Sample):
    def end(self, high, begin):
        return json.dumps({"begin": high.isoformat()})


@breaks("equal_stamps_lose_nothing", "cut pages by stamp and key")
class ByStampAlone(Sample):
    def wanted(self, begin, place):
        return lambda row: (begin is None or row["changed"] >= begin) and (place is None or row["changed"] > place[0])


@breaks("a_clock_ahead_hides_nothing", "stamped tomorrow")
class TrustsTheClock(Sample):
    def high(self, session, stream):
        return max(row["changed"] for row in session.system.rows[stream])


@breaks("a_change_in_mid_read_is_seen", "before the read ended")
class HighAtTheEnd(Sample):
    def pages(self, session, stream, read, names):
        given = set()
        for page in super().pages(session, stream, read, names):
            rows = [row for row in page.rows if row[0] not in given]
            given |= {row[0] for row in rows}
            yield replace(page, rows=rows, cursor=json.dumps({"begin": "9999-01-01T00:00:00+00:00"}))


# Errors


@breaks("an_unknown_column_is_a_setting_error", "no error")
class IgnoresColumns(Sample):
    def names(self, system, stream, fields):
        with suppress(ConfigError):
            return super().names(system, stream, fields)
        return (*super().names(system, stream, self.maps[0 if stream == "products" else 1]), fields.fields[-1].column)

    def values(self, row, names):
        return tuple(row.get(name) for name in names)


@breaks("a_strange_cursor_is_refused", "rows were skipped")
class TakesAnyCursor(Sample):
    def pages(self, session, stream, read, names):
        with suppress(ConfigError):
            yield from super().pages(session, stream, read, names)


class WrongClass(Sample):
    def refusal(self, config):
        return TransientError("the ERP refuses the password")


breaks("a_wrong_secret_is_an_auth_error", "not an AuthError")(WrongClass)
breaks("refused_is_told", "not a AuthError")(WrongClass)


class BareErrors(Sample):
    def connect(self, config):
        try:
            return super().connect(config)
        except TransientError as error:
            raise error.__cause__ from None

    def told(self, error):
        return RuntimeError(str(error))


breaks("a_closed_door_is_transient", "ConnectionRefusedError")(BareErrors)
breaks("unreachable_is_told", "ConnectionRefusedError")(BareErrors)
breaks("time_out_is_told", "RuntimeError")(BareErrors)
breaks("not_permitted_is_told", "RuntimeError")(BareErrors)


@breaks("a_wrong_path_is_told", "say it as a ConfigError")
class BarePath(Sample):
    def look_at_certificate(self, config):
        Path(config["certificate"]).read_text(encoding="utf-8")


class EndsQuietly(Sample):
    def ask(self, session, stream, wanted, size):
        with suppress(TransientError):
            return super().ask(session, stream, wanted, size)
        return []


breaks("a_failure_in_mid_read_is_no_end", "raise TransientError")(EndsQuietly)
breaks("bad_data_is_told", "every read ended as if it were whole")(EndsQuietly)


@breaks("rate_limit_is_told", "`retry_after` is None")
class NoRetryAfter(Sample):
    def told(self, error):
        return TransientError(str(error))


@breaks("rows_out_of_order_all_come", "did not come")
class TrustsTheOrder(Sample):
    def sorted(self, found):
        return list({row["id"]: row for row in found}.values())


@breaks("rows_repeated_all_come", "did not come")
class CountsRepeated(Sample):
    def ask(self, session, stream, wanted, size):
        return self.sorted(session.system.query(stream, wanted, size)[:size])


# Conduct


@breaks("secrets_are_never_shown", "a log")
class LogsSecrets(Sample):
    def connect(self, config):
        logging.getLogger("sample").debug("connecting with %s", dict(config))
        return super().connect(config)


@breaks("planted_secrets_are_never_shown", "the text of a AuthError")
class TellsSecrets(Sample):
    def refusal(self, config):
        return AuthError(f"the ERP refuses {config['password']!r}")


@breaks("only_declared_hosts_are_contacted", "hosts")
class CallsHome(Sample):
    def connect(self, config):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", 9), 0.1).close()
        return super().connect(config)


@breaks("nothing_is_printed", "use `logging`")
class Prints(Sample):
    def finished(self, page):
        sys.stdout.write("a page")
        return page


@breaks("check_finds_the_fake_sound", "has the level 'fine'")
class StrangeLevel(Sample):
    @hookimpl
    def check(self, session):
        return [Finding("reachable", "fine", "The ERP answers.")]


@breaks("check_leaves_nothing_behind", "what the system keeps")
class WritesInCheck(Sample):
    @hookimpl
    def check(self, session):
        session.system.trace.append("was here")
        return [Finding("reachable", "ok", "The ERP answers.")]


@breaks("it_unloads_cleanly", "a thread 'left over'")
class LeavesThread(Sample):
    enough = threading.Event()

    def connect(self, config):
        threading.Thread(target=self.enough.wait, args=(30,), name="left over", daemon=True).start()
        return super().connect(config)


@breaks("an_error_passes_through_the_session", "came out as NoneType")
class Swallows(Sample):
    @hookimpl
    @contextmanager
    def open_session(self, config, memory):
        with suppress(Exception), super().open_session(config, memory) as session:
            yield session


@breaks("the_process_stays_as_it_was", "the decimal context")
class SetsDecimals(Sample):
    def connect(self, config):
        decimal.getcontext().prec = 9
        return super().connect(config)


@breaks("memory_is_flat", "make pages one by one")
class AllAtOnce(Sample):
    def read(self, session, stream, read):
        pages = list(super().read(session, stream, read))
        answer = [bytes(500) for page in pages for _ in page.rows]  # a driver's own copy of a whole result
        yield from pages
        del answer
