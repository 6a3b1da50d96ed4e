"""The ERPs that stand on SQL Server, over its wire and its drivers: recognised, read and mapped from a plain login."""

import pytest

from crossdock import Config, Read
from crossdock.child.offer import Reading
from crossdock.child.transform import Transforms
from crossdock.contract import LocalMemory
from crossdock.testing import sqlserver
from crossdock.testing.sqlserver.tables import sage_200_evolution, sap_business_one
from crossdock.toolkit.sql import SqlSource

SYSTEMS = {"Sage 200 Evolution": sage_200_evolution, "SAP Business One": sap_business_one}
pytestmark = pytest.mark.odbc


@pytest.fixture(params=["freetds", "microsoft"])
def driver(request, odbc_driver):
    """Each driver for SQL Server that is here."""
    return odbc_driver(request.param)


@pytest.fixture(params=SYSTEMS)
def company(request, tmp_path, driver):
    """A company's database behind a driver, and the name of its system."""
    tables = SYSTEMS[request.param]
    with sqlserver.start(tmp_path, tables.SCHEMA, rows=tables.rows()) as server:
        where, _, password = server.odbc(driver).rpartition(";PWD=")
        config = Config({"odbc": where, "password": password}, frozenset({"password"}))
        source = SqlSource("erp", "ERP")
        with source.open_session(config=config, memory=LocalMemory()) as session:
            yield request.param, tables.rows(), source, session


def test_tables_come_with_columns_keys_and_estimates(company):
    """Names, types, keys and numbers of rows are those of the database, without a scan."""
    _, rows, source, session = company
    found = {one.name: one for one in source.list_tables(session=session, pattern=None, limit=100)}
    assert {name: found[name].rows for name in rows} == {name: len(some) for name, some in rows.items()}
    main = found["StkItem" if "StkItem" in found else "OITM"]
    assert main.key == (main.columns[0].name,)
    assert any("char(" in one.type for one in main.columns)


def test_the_system_is_recognised_and_its_rows_are_mapped(company):
    """Both streams are read by the known map; only a row that has no name cannot be mapped, and says so."""
    title, rows, source, session = company
    proposals = source.propose_maps(session=session, tables={})
    assert [(one.map.stream, one.system) for one in proposals] == [("products", title), ("customers", title)]
    for one in proposals:
        pages = source.read_products(session=session, read=Read(fields=one.map, page_size=7))
        shown = list(Reading(one.map, 0, Transforms(()), print).shown(pages))
        mapped = [record for _, record, reason in shown if reason is None]
        assert {reason for _, _, reason in shown if reason} <= {"title: is empty"}
        assert len(mapped) >= 0.9 * len(shown) > 20
    assert sum(len(some) for some in rows.values()) > 100
