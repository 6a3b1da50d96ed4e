"""Reading an OData service of every version: whole, what changed, single items, and only what is mapped."""

import pytest

from crossdock import ConfigError, Field, FieldMap, Json, Read, Table
from crossdock.fieldmap.compile import Mapper
from crossdock.testing.http_standin import Given
from crossdock.toolkit.odata import EntitySet, ODataSource

from .conftest import FIELDS, PRODUCTS, codes_of, item, opened, service, serving

VERSIONS = (2, 3, 4)
WAYS = ("link", "skip", "key")


def source(version=4, **entities):
    """A source of products."""
    return ODataSource("erp", "ERP", (PRODUCTS,), sets={"products": EntitySet(**entities)}, version=version)


def read(session, plugin, since=None, fields=PRODUCTS, **told):
    """The pages of a read."""
    return list(plugin.read_products(session=session, read=Read(fields=fields, since=since, **told)))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30])
def test_every_row_comes_once(version, by, count):
    """In every version, however it is paged: each row once, in the order of the key, at most a page at once."""
    plugin = source(version, by=by)
    with serving(plugin, service(count, version=version)) as (_, session):
        pages = read(session, plugin, page_size=7)
    assert codes_of(pages) == [f"C'{number:03}" for number in range(1, count + 1)]
    assert all(len(page.rows) <= 7 for page in pages)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("by", WAYS)
def test_a_read_goes_on_behind_any_page(version, by):
    """From each page's cursor, in a new session, exactly the rows that had not come yet are read first."""
    plugin = source(version, by=by)
    with serving(plugin, service(25, version=version)) as (server, session):
        pages = read(session, plugin, page_size=10)
        for number, page in enumerate(pages[:-1], 1):
            with opened(plugin, server.url) as again:
                rest = codes_of(read(again, plugin, page.cursor, page_size=10))
            there = codes_of(pages[number:])
            assert rest[: len(there)] == there


@pytest.mark.parametrize("version", VERSIONS)
def test_rows_are_plain_and_hold_what_is_mapped(version):
    """A row has the mapped properties and nothing else: no note of the service, no property that nobody asked for."""
    plugin = source(version)
    with serving(plugin, service(1, version=version)) as (server, session):
        ((row,),) = (page.rows for page in read(session, plugin))
    assert sorted(row) == ["ItemCode", "ItemName", "ItemPrices", "Stock", "UpdateDate"]
    assert server.asked()[-1].query["$select"] == "ItemCode,ItemName,ItemPrices,Stock,UpdateDate"
    mapped = Mapper(PRODUCTS, None, 1).map(row)
    assert b"9.5" in mapped[-1]
    assert b"\xa201\xa15" in mapped[-1]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("by", WAYS)
def test_what_changed_is_read(version, by):
    """The next read gives what has a later stamp or none, and no other; rows at the very stamp come again."""
    answers, plugin = service(25, version=version), source(version, by=by)
    for number, one in enumerate(answers.sets["Items"], 1):
        one["UpdateDate"] = f"2026-01-{number:02}T10:00:00Z"
    with serving(plugin, answers) as (_, session):
        full = read(session, plugin)
        answers.sets["Items"][2]["UpdateDate"] = "2026-02-01T00:00:01Z"
        answers.sets["Items"].append(item(40, changed=None))
        changed = read(session, plugin, full[-1].cursor)
        nothing = read(session, plugin, changed[-1].cursor)
    assert codes_of(changed) == ["C'040", "C'003", "C'025"]
    assert codes_of(nothing) == ["C'040", "C'003"]


def test_the_overlap_reaches_back():
    """A row written late under an older stamp is read as long as the overlap reaches it."""
    answers, plugin = service(2), source(has_unstamped=False)
    with serving(plugin, answers, overlap_s=120) as (_, session):
        full = read(session, plugin)
        answers.sets["Items"].append(item(3, changed="2026-01-01T09:58:00Z"))
        answers.sets["Items"].append(item(4, changed="2026-01-01T09:57:59Z"))
        assert codes_of(read(session, plugin, full[-1].cursor)) == ["C'001", "C'002", "C'003"]


@pytest.mark.parametrize("stamp", ["2026-01-31", "2026-01-31T00:00:00Z"])
def test_a_stamp_of_whole_days_reaches_back_a_day(stamp):
    """Where stamps tell the day alone, what changed later that day is read, and so is what was written at its end."""
    answers, plugin = service(0), source(has_unstamped=False, changed_type="Edm.String")
    earlier = stamp.replace("31", "30")
    answers.sets["Items"] = [item(1, changed=stamp), item(2, changed="2026-01-02" + stamp[10:])]
    with serving(plugin, answers, overlap_s=60) as (_, session):
        full = read(session, plugin)
        answers.sets["Items"] += [item(3, changed=stamp), item(4, changed=earlier)]
        assert codes_of(read(session, plugin, full[-1].cursor)) == ["C'001", "C'003", "C'004"]


def test_a_stamp_of_the_future_hides_nothing():
    """One row stamped in the year 2099 does not keep what changes until then from being read."""
    answers, plugin = service(1), source(has_unstamped=False)
    answers.sets["Items"].append(item(2, changed="2099-01-01T00:00:00Z"))
    with serving(plugin, answers, overlap_s=120) as (_, session):
        full = read(session, plugin)
        answers.sets["Items"][0]["UpdateDate"] = "2098-01-01T00:00:00Z"
        assert "C'001" in codes_of(read(session, plugin, full[-1].cursor))


def test_what_changes_during_a_read_comes_with_the_next():
    """A row that changes on a page already read is not lost between two reads."""
    answers, plugin = service(25), source()
    with serving(plugin, answers) as (_, session):
        pages = plugin.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))
        next(pages)
        answers.sets["Items"][0]["UpdateDate"] = "2026-01-01T10:00:01Z"
        answers.sets["Items"][24]["UpdateDate"] = "2026-01-01T10:00:02Z"
        last = list(pages)[-1]
        assert codes_of(read(session, plugin, last.cursor))[0] == "C'001"


def test_a_read_that_goes_on_reads_what_changed_meanwhile():
    """Broken off in mid-page, the read goes on there and then reads what has changed since it began."""
    answers, plugin = service(15), source(has_unstamped=False)
    for one in answers.sets["Items"][1:]:
        one["UpdateDate"] = "2025-01-01T10:00:00Z"
    with serving(plugin, answers) as (_, session):
        first = next(iter(plugin.read_products(session=session, read=Read(fields=PRODUCTS, page_size=10))))
        answers.sets["Items"][4]["UpdateDate"] = "2026-06-01T00:00:01Z"
        rest = codes_of(read(session, plugin, first.cursor, page_size=10))
    assert rest == [*(f"C'{number:03}" for number in range(11, 16)), "C'001", "C'005"]


def test_single_items_are_read_by_code():
    """Codes with quotes in them, many at once and some that are gone: just the items asked for."""
    plugin = source(only="ItemName eq 'Thing'")
    codes = [f"C'{number:03}" for number in range(1, 60, 2)]
    with serving(plugin, service(50)) as (server, session):
        assert codes_of(read(session, plugin, codes=tuple(codes))) == codes[:25]
    assert len(server.asked()) == 3


def test_an_item_inside_another_is_found_by_its_code():
    """Where the code is inside a list, all is looked through and the entities that hold it come."""
    fields = (Field("source_variant_code", "WarehouseCode"), Field("title", "parent.ItemName"))
    nested = FieldMap("products", Json(each="Stock"), fields)
    answers, plugin = service(12), source(name="Items")
    answers.sets["Items"][6]["Stock"] = [{"WarehouseCode": "X"}]
    with serving(plugin, answers) as (server, session):
        pages = read(session, plugin, fields=nested, codes=("X",))
    assert sum(len(page.rows) for page in pages) == 1
    assert server.asked()[0].query["$select"] == "ItemName,Stock"


def test_what_changed_around_rows_is_read():
    """Where rows are inside the entities, what changed is asked of the entities, in the order of their key."""
    fields = (Field("source_variant_code", "WarehouseCode"), Field("title", "parent.ItemName"))
    nested = FieldMap("products", Json(each="Stock", key="parent.ItemCode", changed="UpdateDate"), fields)
    answers, plugin = service(12), source(name="Items", key="ItemCode", has_unstamped=False)
    with serving(plugin, answers) as (server, session):
        full = read(session, plugin, fields=nested)
        answers.sets["Items"][5]["UpdateDate"] = "2026-01-02T00:00:01Z"
        changed = read(session, plugin, full[-1].cursor, fields=nested)
        again = read(session, plugin, changed[-1].cursor, fields=nested)
    assert len(codes_of(full)) == 12
    assert codes_of(again) == ["C'006"]
    assert server.asked()[-1].query["$select"] == "ItemCode,ItemName,Stock,UpdateDate"
    assert server.asked()[-1].query["$orderby"] == "ItemCode"


def test_a_limit_asks_for_no_more():
    """A preview of three rows asks for three."""
    plugin = source()
    with serving(plugin, service(30)) as (server, session):
        assert len(codes_of(read(session, plugin, limit=3))) == 3
    assert server.asked()[-1].headers["prefer"] == "odata.maxpagesize=3"


def test_navigations_are_brought_along():
    """A navigation property comes only where it is declared, and is mapped like a list of the row."""
    for version in VERSIONS:
        answers = service(3, version=version, navigations=("Stock",))
        plugin = source(version, expand=("Stock",))
        with serving(plugin, answers) as (_, session):
            assert read(session, plugin)[0].rows[0]["Stock"] == [{"WarehouseCode": "01", "InStock": 5}]


def test_an_operator_may_name_another_set():
    """The entity set is the map's table, so that a site's own name for it needs no other plugin."""
    answers = service(2)
    answers.sets["ItemList"] = answers.sets.pop("Items")
    answers.keys["ItemList"] = "ItemCode"
    plugin = source()
    fields = FieldMap("products", Table("ItemList", key="ItemCode"), FIELDS)
    with serving(plugin, answers) as (_, session):
        assert len(codes_of(read(session, plugin, fields=fields))) == 2


def test_a_set_below_a_company_is_found():
    """A path that a setting completes works, links without a host included: they start from the service's root."""
    answers, plugin = service(25), source(name="companies({company})/items")
    answers.sets["companies(a%20b)/items"] = answers.sets.pop("Items")
    answers.keys["companies(a%20b)/items"] = "ItemCode"
    with serving(plugin, answers, company="a b") as (_, session):
        assert len(codes_of(read(session, plugin))) == 25


def test_no_set_is_a_settings_error():
    """A map without a table's name says what is missing."""
    fields = FieldMap("products", Table(key="ItemCode"), FIELDS)
    with serving(source(), service(1)) as (_, session), pytest.raises(ConfigError, match="names the entity set"):
        read(session, source(), fields=fields)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_refused_query_says_why(version):
    """A property that the service has not is an error with the service's own words."""
    fields = FieldMap("products", Table("Items", key="ItemCode"), (*FIELDS, Field("vendor", "Maker")))
    plugin = source(version)
    with serving(plugin, service(1, version=version)) as (_, session), pytest.raises(ConfigError, match="Maker"):
        read(session, plugin, fields=fields)


@pytest.mark.parametrize("fault", ["close", "lose_answer", "not_json", "cut", "status"])
def test_a_fault_in_mid_read_loses_and_doubles_nothing(fault):
    """Whatever happens to a page's first try, the rows are the same."""
    plugin = source()
    with serving(plugin, service(30)) as (server, session):
        server.fail(fault, skip=2)
        assert codes_of(read(session, plugin)) == [f"C'{number:03}" for number in range(1, 31)]


def test_a_link_to_another_host_is_refused():
    """A next link that leads elsewhere is not followed."""
    answer = Given(200, {"value": [item(1)], "@odata.nextLink": "https://evil.example/Items?$skiptoken=1"})
    plugin = source()
    with serving(plugin, lambda _: answer) as (_, session), pytest.raises(ConfigError, match=r"evil\.example"):
        read(session, plugin, fields=FieldMap("products", Table("Items"), FIELDS))
