"""Kinds of authentication: each declares its settings, and becomes the credential of a session."""

from crossdock.toolkit.http.auth.basic import Basic
from crossdock.toolkit.http.auth.bearer import Bearer, QueryKey
from crossdock.toolkit.http.auth.kind import Auth, NoAuth, OpenDoor
from crossdock.toolkit.http.auth.oauth1 import OAuth1
from crossdock.toolkit.http.auth.session_cookie import SessionCookie
from crossdock.toolkit.http.auth.shared import SharedState
from crossdock.toolkit.http.auth.together import Together
from crossdock.toolkit.http.auth.tokens import ClientCredentials, RefreshToken

__all__ = [
    "Auth",
    "Basic",
    "Bearer",
    "ClientCredentials",
    "NoAuth",
    "OAuth1",
    "OpenDoor",
    "QueryKey",
    "RefreshToken",
    "SessionCookie",
    "SharedState",
    "Together",
]
