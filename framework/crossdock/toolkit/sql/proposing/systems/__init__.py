"""Systems whose tables are known: one file each, data only. A new one is one more file and one more name here."""

from crossdock.toolkit.sql.proposing.known import KnownSystem
from crossdock.toolkit.sql.proposing.systems import (
    ledgersmb,
    odoo,
    sage_200_evolution,
    sap_business_one,
    tryton,
)

SYSTEMS: tuple[KnownSystem, ...] = tuple(
    one.SYSTEM for one in (ledgersmb, odoo, sage_200_evolution, sap_business_one, tryton)
)
