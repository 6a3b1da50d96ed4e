"""Databases of ERPs that stand on SQL Server, as far as their tables are publicly known, with sample rows.

    with sqlserver.start(folder, sage_200_evolution.SCHEMA, rows=sage_200_evolution.rows()) as server: ...

Rows are the regular kind and the kinds that bring a sync to its knees: codes with a trailing blank, prices with noise
in the last digit, quantities below zero, texts with line ends, customers without an address.
"""
