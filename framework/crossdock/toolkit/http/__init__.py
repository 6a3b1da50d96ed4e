"""JSON over HTTP for connectors: limits kept, failures named, secrets hidden.

`HttpClient(HttpSettings(base_url="https://erp.example/api", rate_per_s=3), secrets=[key])` is all that a
plugin needs; `get`, `get_bytes`, `post` and `request` raise the framework's errors. httpx is loaded at the
first call.
"""

from crossdock.toolkit.http.answers import Reply, seconds_to_wait
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.limiter import RateLimiter
from crossdock.toolkit.http.settings import HttpSettings

__all__ = ["HttpClient", "HttpSettings", "RateLimiter", "Reply", "seconds_to_wait"]
