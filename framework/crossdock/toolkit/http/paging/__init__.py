"""How systems cut what they have into pages; each kind is data, and its next step is the place to go on from."""

from crossdock.toolkit.http.paging.counted import Offsets, PageNumbers, SinglePage
from crossdock.toolkit.http.paging.guard import PageGuard
from crossdock.toolkit.http.paging.links import BodyLink, LinkHeader
from crossdock.toolkit.http.paging.marked import CursorMark, KeyMark
from crossdock.toolkit.http.paging.step import Answer, Paging, Step, value_at

__all__ = [
    "Answer",
    "BodyLink",
    "CursorMark",
    "KeyMark",
    "LinkHeader",
    "Offsets",
    "PageGuard",
    "PageNumbers",
    "Paging",
    "SinglePage",
    "Step",
    "value_at",
]
