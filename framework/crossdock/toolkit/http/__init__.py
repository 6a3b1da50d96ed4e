"""JSON over HTTP for connectors: limits kept, failures named, secrets hidden.

`HttpClient(HttpSettings(base_url="https://erp.example/api", rate_per_s=3), secrets=[key])` is all that a
plugin needs; `get`, `get_bytes`, `post` and `request` raise the framework's errors. httpx is loaded at the
first call. `RestSource` is a whole plugin; `auth` and `paging` have what is declared about a system.
"""

from crossdock.toolkit.http.answers import Reply, seconds_to_wait
from crossdock.toolkit.http.auth import (
    Basic,
    Bearer,
    ClientCredentials,
    NoAuth,
    OAuth1,
    QueryKey,
    RefreshToken,
    SessionCookie,
    Together,
)
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.credential import Credential
from crossdock.toolkit.http.limiter import RateLimiter
from crossdock.toolkit.http.paging import BodyLink, CursorMark, KeyMark, LinkHeader, Offsets, PageNumbers, SinglePage
from crossdock.toolkit.http.resource import ChangedSince, Resource
from crossdock.toolkit.http.session import RestSession
from crossdock.toolkit.http.settings import HttpSettings
from crossdock.toolkit.http.source import RestSource

__all__ = [
    "Basic",
    "Bearer",
    "BodyLink",
    "ChangedSince",
    "ClientCredentials",
    "Credential",
    "CursorMark",
    "HttpClient",
    "HttpSettings",
    "KeyMark",
    "LinkHeader",
    "NoAuth",
    "OAuth1",
    "Offsets",
    "PageNumbers",
    "QueryKey",
    "RateLimiter",
    "RefreshToken",
    "Reply",
    "Resource",
    "RestSession",
    "RestSource",
    "SessionCookie",
    "SinglePage",
    "Together",
    "seconds_to_wait",
]
