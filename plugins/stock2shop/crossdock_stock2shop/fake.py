"""The hub's stand-in as a process of its own: something to deliver to without the vendor."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from crossdock.testing.hub import started_process

USERNAME, PASSWORD, SOURCE_ID = "agent@client", "secret", 57
RATE = 1000
"""Requests a second that the stand-in takes: it is in no hurry to limit anyone."""


def settings(url: str, folder: Path) -> Mapping[str, str | int]:
    """Gives the settings of a connection to a stand-in at an address; customers go to a file in the folder."""
    return {
        "url": f"{url}/v1",
        "username": USERNAME,
        "password": PASSWORD,
        "source_id": SOURCE_ID,
        "customers_path": str(folder / "customers.csv"),
        "rate": RATE,
    }


@contextmanager
def start(folder: Path) -> Iterator[Mapping[str, str | int]]:
    """Starts a stand-in and gives the settings of a connection to it."""
    limits = [f"--rate={RATE}", f"--open-rate={RATE}"]
    user = [f"--user={USERNAME}={PASSWORD}", f"--source-id={SOURCE_ID}"]
    with started_process(*limits, *user) as url:
        yield settings(url, folder)
