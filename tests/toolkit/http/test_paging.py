"""Every way of paging gives every row once, can be gone on from after any page, and is found out when it lies."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock import ConfigError, Read
from crossdock.testing.http_standin import Given, HttpStandIn
from crossdock.toolkit.http import (
    BodyLink,
    CursorMark,
    KeyMark,
    LinkHeader,
    Offsets,
    PageNumbers,
    QueryKey,
    Resource,
    SinglePage,
)

from .conftest import MOST, PRODUCTS, Shop, codes_of, opened, source_of

WAYS = {
    "header": Resource(path="header", paging=LinkHeader(size="size")),
    "body": Resource(path="body", rows="items", paging=BodyLink(at="next", size="size")),
    "cursor": Resource(path="cursor", rows="items", paging=CursorMark(at="meta.next", size="size")),
    "pages": Resource(path="pages", rows="items", paging=PageNumbers(size="size")),
    "pages and a total": Resource(path="pages", rows="items", paging=PageNumbers(size="size", total="total")),
    "offset": Resource(path="offset", rows="items", paging=Offsets()),
    "offset and a total": Resource(path="offset", rows="items", paging=Offsets(total="total")),
    "key": Resource(path="key", rows="items", paging=KeyMark(after_key="after", size="size")),
    "single": Resource(path="all", rows="items", paging=SinglePage()),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [0, 1, MOST - 1, MOST, MOST + 1, 3 * MOST])
def test_every_row_comes_once(way, count):
    """None, one, a page less one, a page, a page and one, three pages: each row comes once, at most a page at once."""
    shop = Shop(count)
    with HttpStandIn(shop) as server, opened(source_of(WAYS[way]), server.url) as session:
        pages = list(source_of(WAYS[way]).read_products(session=session, read=Read(fields=PRODUCTS, page_size=7)))
    assert codes_of(pages) == [f"C{number:03}" for number in range(1, count + 1)]
    assert all(len(page.rows) <= 7 for page in pages)


@pytest.mark.parametrize("way", WAYS)
def test_a_read_goes_on_behind_any_page(way):
    """From each page's cursor, in a new session, exactly the rows that had not come yet are read first."""
    shop, source = Shop(25), source_of(WAYS[way])
    with HttpStandIn(shop) as server:
        with opened(source, server.url) as session:
            pages = list(source.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10)))
        for number, page in enumerate(pages[:-1], 1):
            if page.cursor is None:
                continue
            with opened(source, server.url) as session:
                read = Read(fields=PRODUCTS, page_size=10, since=page.cursor)
                rest = codes_of(source.read_products(session=session, read=read))
            assert rest[: 25 - len(codes_of(pages[:number]))] == codes_of(pages[number:])


def test_a_system_that_gives_less_than_asked_for_is_read_to_its_end():
    """Asked for 50 rows a page, a system that never gives more than 10 does not seem to end after the first."""
    resource = Resource(path="pages", rows="items", paging=PageNumbers(size="size"), page_size=50)
    with HttpStandIn(Shop(25)) as server, opened(source_of(resource), server.url) as session:
        assert len(codes_of(source_of(resource).read_products(session=session, read=Read(fields=PRODUCTS)))) == 25


@pytest.mark.parametrize("way", ["pages and a total", "offset and a total"])
def test_rows_that_go_in_mid_read_take_no_others_along(way):
    """When rows of an early page are deleted meanwhile, those that move up are read all the same."""
    shop, source = Shop(40), source_of(WAYS[way])
    with HttpStandIn(shop) as server, opened(source, server.url) as session:
        pages = source.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))
        seen = [*codes_of([next(pages)]), *codes_of([next(pages)])]
        for number in (3, 4, 5):
            del shop.items[number]
        seen += codes_of(pages)
    assert {one["code"] for one in shop.items.values()} <= set(seen)


def test_the_same_page_twice_is_found_out():
    """A system that passes over the page's number is not read for ever, and the error says what is wrong."""
    resource = Resource(path="x", paging=PageNumbers(page="p"))
    with HttpStandIn(lambda _: Given(200, [{"id": 1}])) as server, opened(source_of(resource), server.url) as session:
        pages = source_of(resource).read_products(session=session, read=Read(fields=PRODUCTS))
        with pytest.raises(ConfigError, match="the same page came twice"):
            list(pages)
    assert len(server.asked()) == 2


def test_a_circle_of_links_is_found_out():
    """Links that lead back to where the read has been end it."""

    def answer(asked):
        number = int(asked.query.get("n", 0))
        return Given(200, {"rows": [{"id": number}], "next": f"/x?n={(number + 1) % 3}"})

    resource = Resource(path="x?n=0", rows="rows", paging=BodyLink(at="next"))
    with HttpStandIn(answer) as server, opened(source_of(resource), server.url) as session:
        pages = source_of(resource).read_products(session=session, read=Read(fields=PRODUCTS))
        with pytest.raises(ConfigError, match="circle"):
            list(pages)
    assert len(server.asked()) <= 4


def test_pages_without_rows_end():
    """A cursor that is always followed by another and never by a row ends with an error, not never."""
    resource = Resource(path="x", rows="rows", paging=CursorMark(at="next"))
    count = iter(range(1000))
    with (
        HttpStandIn(lambda _: Given(200, {"rows": [], "next": next(count)})) as server,
        opened(source_of(resource), server.url) as session,
        pytest.raises(ConfigError, match="do not end"),
    ):
        list(source_of(resource).read_products(session=session, read=Read(fields=PRODUCTS)))


@pytest.mark.parametrize("link", ["https://evil.example/x", "//evil.example/x", "ftp://127.0.0.1/x"])
def test_links_to_elsewhere_are_not_followed(link):
    """A link to another host, however written, is refused, and nothing is sent there."""
    resource = Resource(path="x", rows="rows", paging=BodyLink(at="next"))
    answer = Given(200, {"rows": [{"id": 1}], "next": link})
    with HttpStandIn(lambda _: answer) as server, opened(source_of(resource), server.url) as session:
        pages = source_of(resource).read_products(session=session, read=Read(fields=PRODUCTS))
        next(pages)
        with pytest.raises(ConfigError, match="refused to"):
            next(pages)


def test_a_key_in_the_query_stays_out_of_cursors(memory):
    """A system that puts our key into its links finds it in every call, and nobody finds it in a cursor."""

    def answer(asked):
        assert asked.query["apikey"] == "k3y"
        at = int(asked.query.get("at", 0))
        return Given(200, {"rows": [{"code": at}], "next": f"/x?apikey=k3y&at={at + 1}" if at < 3 else None})

    source = source_of(Resource(path="x", rows="rows", paging=BodyLink(at="next")), auth=QueryKey())
    with HttpStandIn(answer) as server, opened(source, server.url, memory, api_key="k3y") as session:
        pages = list(source.read_products(session=session, read=Read(fields=PRODUCTS)))
    assert codes_of(pages) == [0, 1, 2, 3]
    assert not any("k3y" in page.cursor for page in pages)
    assert urlsplit(server.url).hostname == "127.0.0.1"


@given(cursor=st.text(max_size=40))
def test_strange_cursors_are_refused(cursor):
    """Whatever is given for a cursor, the answer is a place or an error that says what to do."""
    from crossdock.toolkit.http.reading import read_place  # noqa: PLC0415  # what is looked at

    try:
        read_place(cursor)
    except ConfigError as error:
        assert "--full" in str(error)  # noqa: PT017  # most texts are refused, not all need be
