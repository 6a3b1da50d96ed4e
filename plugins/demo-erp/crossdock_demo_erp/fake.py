"""A small demo ERP in a folder; the system is its own stand-in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crossdock_demo_erp import erp

ITEMS, SEED = 60, 7


@contextmanager
def start(folder: Path) -> Iterator[dict[str, Any]]:
    """Makes the ERP in a folder and gives the settings of a connection to it."""
    path = folder / "demo-erp.db"
    erp.create(path, ITEMS, SEED)
    yield {"path": str(path), "items": ITEMS, "seed": SEED}
