"""A stand-in for the Stock2Shop hub: a real HTTP server on loopback, strict about the contract.

Tests and the demo deliver to it instead of the vendor. It refuses what the documented contract
does not allow, queues what it accepts, and can be told to fail in the ways a network fails.

    with StandInHub(users={"agent@client": "secret"}, source_ids=(57,)) as hub:
        hub.fault(kind="lose_answer", path="/products/queue", times=1)
        ...  # point a client at hub.url + "/v1"
        hub.wait_processed()
        hub.variants(active=True)

`python -m crossdock.testing.hub --port 0` runs the same thing as a process of its own; `started_process` does that
from Python.
"""

from crossdock.testing.hub.faults import Fault
from crossdock.testing.hub.process import started_process
from crossdock.testing.hub.standin import StandInHub

__all__ = ["Fault", "StandInHub", "started_process"]
