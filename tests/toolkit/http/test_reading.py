"""Reading an API: what changed, single items, and what a network does to it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import msgspec
import pytest

from crossdock import AuthError, ConfigError, Field, FieldMap, Json, Many, Read, Table, TransientError
from crossdock.fieldmap.override import override
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.toolkit.http import BodyLink, ChangedSince, HttpClient, HttpSettings, PageNumbers, Resource
from crossdock.toolkit.http.reading import read_place

from .conftest import PRODUCTS, codes_of, opened, source_of

PAGES = PageNumbers(size="size")
CHANGING = Resource(
    path="pages", rows="items", paging=PAGES, since=ChangedSince(param="since", form="epoch"), page_size=10
)
SOURCE = source_of(CHANGING)


def read(server, since=None, source=SOURCE, **told):
    """The pages of a read in a session of its own."""
    with opened(source, server.url, overlap_s=told.pop("overlap_s", 0)) as session:
        return list(source.read_products(session=session, read=Read(fields=PRODUCTS, since=since, **told)))


def began(page):
    """When a read began, in whole seconds since 1970."""
    return int(read_place(page.cursor).began.timestamp())


def test_what_changed_is_asked_for(server, shop):
    """The read after a full one asks for what changed since that one began, by the other system's clock."""
    for number in range(1, 31):
        shop.put(number)
    full = read(server)
    shop.put(7, changed=began(full[-1]) + 1)
    assert codes_of(read(server, full[-1].cursor)) == ["C007"]
    assert len(codes_of(full)) == 30


def test_rows_written_late_come_within_the_overlap(server, shop):
    """A row that was written later than its stamp says is read, as long as the overlap reaches it."""
    shop.put(1)
    full = read(server)
    shop.put(2, changed=began(full[-1]) - 100)
    assert codes_of(read(server, full[-1].cursor, overlap_s=99)) == []
    assert codes_of(read(server, full[-1].cursor, overlap_s=101)) == ["C002"]


def test_what_changes_during_a_read_comes_with_the_next(server, shop):
    """A row that changes on a page already read is not lost between two reads."""
    for number in range(1, 31):
        shop.put(number)
    with opened(SOURCE, server.url, overlap_s=0) as session:
        pages = SOURCE.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))
        first = next(pages)
        shop.put(1, changed=began(first))
        last = list(pages)[-1]
    assert codes_of(read(server, last.cursor)) == ["C001"]


def test_the_next_read_begins_where_the_last_one_began(shop):
    """In a read that takes long, the first answer's clock counts, not the last one's."""
    for number in range(1, 31):
        shop.put(number)
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)
    minutes = iter(range(100))

    def answer(asked):
        given = shop(asked)
        date = format_datetime(start + timedelta(minutes=next(minutes)), usegmt=True)
        return Given(given.status, given.body, {"Date": date})

    with HttpStandIn(answer) as server, opened(SOURCE, server.url, overlap_s=0) as session:
        pages = SOURCE.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))
        next(pages)
        shop.put(1, changed=int(start.timestamp()) + 30)
        last = list(pages)[-1]
        again = list(SOURCE.read_products(session=session, read=Read(fields=PRODUCTS, since=last.cursor)))
    assert codes_of(again) == ["C001"]


def test_a_read_that_goes_on_reads_what_changed_meanwhile(server, shop):
    """Broken off after a page, the read goes on there, and then reads what has changed since it began."""
    for number in range(1, 31):
        shop.put(number)
    with opened(SOURCE, server.url, overlap_s=0) as session:
        first = next(iter(SOURCE.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))))
    shop.put(2, changed=began(first) + 5)
    rest = codes_of(read(server, first.cursor))
    assert rest == [*(f"C{number:03}" for number in range(11, 31)), "C002"]


def test_without_a_changed_value_every_read_is_full(server, shop):
    """Where the field map names no `changed`, the parameter is never sent."""
    shop.put(1)
    plain = FieldMap("products", Table("items", key="id"), PRODUCTS.fields)
    with opened(SOURCE, server.url) as session:
        first = list(SOURCE.read_products(session=session, read=Read(fields=plain)))
        again = list(SOURCE.read_products(session=session, read=Read(fields=plain, since=first[-1].cursor)))
    assert codes_of(again) == ["C001"]
    assert not any("since" in one.query for one in server.asked())


def test_what_changed_around_rows_is_read(server, shop):
    """Where rows are inside others, the outer ones that changed come, whole."""
    for number in range(1, 31):
        shop.put(number)
    nested = FieldMap("products", Json(each="variants", changed="changed"), PRODUCTS.fields)
    with opened(SOURCE, server.url, overlap_s=0) as session:
        full = list(SOURCE.read_products(session=session, read=Read(fields=nested)))
        shop.put(7, changed=began(full[-1]) + 1)
        changed = list(SOURCE.read_products(session=session, read=Read(fields=nested, since=full[-1].cursor)))
    assert codes_of(changed) == ["C007"]


@pytest.mark.parametrize("how", ["item/{code}", "code", None])
def test_single_items_are_read_by_code(server, shop, how):
    """By path, by parameter or by looking through all: just the items asked for, and nothing for one that is gone."""
    for number in range(1, 31):
        shop.put(number)
    resource = Resource(path="pages", rows="items", paging=PAGES, code=how, page_size=10)
    source = source_of(resource)
    assert sorted(codes_of(read(server, source=source, codes=("C003", "C021", "C99", "C0/../x")))) == ["C003", "C021"]


def test_an_item_inside_another_is_found_by_its_code(server, shop):
    """Where rows are inside others, those that hold the code come, whole."""
    nested = FieldMap("products", Json(each="variants"), (Field("source_variant_code", "code"),))
    found = [{"name": "A", "variants": [{"code": "1"}, {"code": "2"}]}, {"name": "B", "variants": [{"code": "3"}]}]
    shop.all = lambda _: Given(200, {"items": found})
    source = source_of(Resource(path="all", rows="items"))
    with opened(source, server.url) as session:
        (page,) = source.read_products(session=session, read=Read(fields=nested, codes=("2",)))
    assert [one["name"] for one in page.rows] == ["A"]


def test_an_operator_may_say_what_changed():
    """`changed` in the connection makes a map of nested rows incremental, as it does with a table."""
    plain = FieldMap("products", Json(each="variants"), PRODUCTS.fields)
    merged = override("products", plain, {"changed": "updated_at"})
    assert (plain.is_incremental, merged.is_incremental) == (False, True)
    assert merged.source == Json(each="variants", changed="updated_at")


def test_a_limit_is_kept(server, shop):
    """No more rows are given than asked for, and no more pages fetched than that takes."""
    for number in range(1, 31):
        shop.put(number)
    assert len(codes_of(read(server, limit=12, page_size=5))) == 12
    assert len(server.asked()) == 3


def test_child_tables_are_refused(server):
    """A map that asks for a child table is told what to do instead."""
    many = Many("variants.price_tiers", Table("prices"), "item", "list", (Field("value", "price"),))
    fields = FieldMap("products", Json(), PRODUCTS.fields, (many,))
    with opened(SOURCE, server.url) as session, pytest.raises(ConfigError, match="by its path"):
        list(SOURCE.read_products(session=session, read=Read(fields=fields)))


def test_numbers_stay_exact(server, shop):
    """A price with more digits than a float holds comes as it was written."""
    shop.all = lambda _: Given(200, b'{"items": [{"code": "1", "price": 12345678901234.123456}]}')
    source = source_of(Resource(path="all", rows="items"))
    ((row,),) = (page.rows for page in read(server, source=source))
    assert str(row["price"]) == "12345678901234.123456"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 429, "retry_after": "0"},
        {"kind": "status", "status": 503},
        {"kind": "close"},
        {"kind": "lose_answer"},
        {"kind": "not_json"},
        {"kind": "cut"},
    ],
    ids=lambda fault: fault["kind"] + str(fault.get("status", "")),
)
def test_a_fault_in_mid_read_loses_and_doubles_nothing(server, shop, fault):
    """Whatever happens to the second page's first try, the rows are the same."""
    for number in range(1, 31):
        shop.put(number)
    server.fail(**fault, skip=1)
    assert codes_of(read(server, page_size=10)) == [f"C{number:03}" for number in range(1, 31)]
    assert len(server.asked()) == 5


def test_a_server_that_stays_down_is_transient(server, shop):
    """After all tries a read ends with an error worth another run."""
    server.fail("status", times=100)
    with pytest.raises(TransientError, match="status 503"):
        read(server)
    assert len(server.asked()) == 5


def test_a_redirect_to_another_host_gets_no_credential(server, shop):
    """A redirect that leads to another host is not followed."""
    server.fail("redirect", location="http://localhost:1/steal")
    with pytest.raises(ConfigError, match="refused to contact localhost"):
        read(server)


def test_a_named_host_gets_no_credential():
    """A host that the connection names is contacted after a redirect, without the headers meant for the first."""
    with HttpStandIn(lambda _: Given(200, {})) as other, HttpStandIn(lambda _: Given(200, {})) as server:
        server.fail("redirect", location=f"{other.url}/file")
        settings = HttpSettings(base_url=server.url, headers={"X-Api-Key": "s3cret"})
        with HttpClient(settings) as http:
            assert http.get("/file") == {}
    assert "x-api-key" in server.asked()[0].headers
    assert "x-api-key" not in other.asked()[0].headers


@pytest.mark.parametrize(("kind", "told"), [("slow", {"seconds": 5}), ("drip", {"seconds": 0.2})])
def test_a_slow_answer_is_given_up(server, shop, kind, told):
    """Neither silence nor a drip of single bytes holds a read for longer than it is allowed."""
    shop.put(1)
    server.fail(kind, times=100, **told)
    settings = HttpSettings(base_url=server.url, timeout_s=0.3, answer_timeout_s=0.3, attempts=1)
    with HttpClient(settings) as http, pytest.raises(TransientError, match="in time"):
        http.get("/pages")


def test_a_huge_answer_is_not_taken(server, shop):
    """An answer beyond the limit is an error before it is in memory, and the read is not begun again."""
    shop.put(1)
    server.fail("huge", times=100)
    with HttpClient(HttpSettings(base_url=server.url, max_answer_bytes=1_000_000)) as http:
        with pytest.raises(ConfigError, match="more than 1000000 bytes"):
            http.get("/pages")
        assert len(server.asked()) == 1


def test_an_answer_of_another_shape_is_said(server, shop):
    """An answer without a list of objects where the rows should be is an error that says where it looked."""
    source = source_of(Resource(path="all", rows="items", paging=BodyLink(at="next")))
    for wrong in (["a"], {"items": {"a": 1}}, {"items": [1, 2]}):
        shop.all = lambda _, wrong=wrong: Given(200, wrong)
        with pytest.raises(TransientError, match="no list of objects at 'items'"):
            read(server, source=source)


def test_a_question_that_is_refused_needs_a_person(server, shop):
    """A path that is not there, or a query that is not understood, ends the read with the system's reason."""
    with pytest.raises(ConfigError, match="nothing at /nowhere"):
        read(server, source=source_of(Resource(path="nowhere")))


def test_cancelling_ends_a_read(server, shop):
    """After a cancel no further call is made."""
    for number in range(1, 31):
        shop.put(number)
    with opened(SOURCE, server.url) as session:
        pages = SOURCE.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))
        next(pages)
        session.cancel()
        with pytest.raises(TransientError, match="cancelled"):
            next(pages)
    assert len(server.asked()) == 1


def test_check_reads_a_row_and_says_what_came(server, shop):
    """The check reads one row of each stream: there, none to see, or why not."""
    shop.put(1)
    with opened(SOURCE, server.url) as session:
        assert [one.level for one in SOURCE.check(session=session)] == ["ok"]
        shop.items.clear()
        assert [one.level for one in SOURCE.check(session=session)] == ["warning"]
        shop.may = lambda _: Given(403, {"error": "no right to read items"})
        (found,) = SOURCE.check(session=session)
    assert found.level == "error"
    assert "no right to read items" in found.text


def test_a_login_without_the_right_is_said(server, shop):
    """Status 403 is an error of the credential, with the system's reason."""
    shop.may = lambda _: Given(403, {"error": {"code": "Forbidden", "message": "not for you"}})
    with pytest.raises(AuthError, match=r"not for you \(code Forbidden\)"):
        read(server)


def test_cursors_are_plain_text(server, shop):
    """A cursor is JSON, small, and says where a person can see it."""
    shop.put(1)
    (page, *_) = read(server)
    assert msgspec.json.decode(page.cursor)["phase"] in ("full", "done")
