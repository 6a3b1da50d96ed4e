"""A real Tryton for tests: installed once in an environment of its own, served on loopback, gone at the end.

Tryton is an ERP in Python with tables of its own on PostgreSQL or SQLite. Tests read those tables, and change them
through Tryton alone, as its own client does.

    with tryton.start(folder, postgres_url) as erp:
        company = tryton.found_company(erp.rpc, "Cape Outdoor", "ZAR")
        company.goods("Tent", "TENT", price="1299.90")
        erp.database                       # SQLAlchemy URL of the tables
        erp.rpc("model.party.party.search", [], 0, None, None)

Nothing of Tryton is part of crossdock or imported by it: it runs as a program, under its own licence (GPL 3).
"""

from crossdock.testing.tryton.company import Company, found_company
from crossdock.testing.tryton.rpc import Rpc, RpcError
from crossdock.testing.tryton.server import Tryton, start

__all__ = ["Company", "Rpc", "RpcError", "Tryton", "found_company", "start"]
