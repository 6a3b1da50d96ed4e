"""A company of LedgerSMB for tests: its real tables and stored functions on a private PostgreSQL, no program running.

LedgerSMB is an ERP in Perl over PostgreSQL with much of its logic in stored functions; tests fill the tables through
those where there is one, and as its program does where there is none.

    with ledgersmb.start(folder, postgres_url) as erp:
        tent = erp.part("TENT", "Tent", sellprice="1299.90")
        erp.database                       # SQLAlchemy URL of the tables

Nothing of LedgerSMB is part of crossdock: its scripts are unpacked from Debian's package, under their own licence
(GPL 2).
"""

from crossdock.testing.ledgersmb.company import Company, start

__all__ = ["Company", "start"]
