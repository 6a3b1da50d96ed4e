"""Paging by a link to the next page, in the `Link` header or in the answer's body."""

from dataclasses import dataclass
from urllib.parse import urljoin

from crossdock.toolkit.http.paging.step import Answer, Step, Value


@dataclass(frozen=True, kw_only=True)
class LinkHeader:
    """`Link: <…>; rel="next"` (RFC 8288), as WooCommerce, Shopify and GitHub have it."""

    size: str | None = None
    """Parameter with the rows a page. None: the system decides."""
    rel: str = "next"
    """Name of the link."""

    def first(self, size: int) -> Step:
        """Asks for the size."""
        return Step(_sized(self.size, size))

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Follows the link."""
        del step
        link = answer.reply.links.get(self.rel)
        return None if link is None else Step(link=urljoin(answer.reply.url, link))


@dataclass(frozen=True, kw_only=True)
class BodyLink:
    """A link in the body, such as `{"next": "https://…"}`; one without a host starts from the page's own address."""

    at: str
    """Path of the link (JMESPath). Nothing or an empty text there: the last page."""
    size: str | None = None
    """Parameter with the rows a page. None: the system decides."""

    def first(self, size: int) -> Step:
        """Asks for the size."""
        return Step(_sized(self.size, size))

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Follows the link."""
        del step
        link = answer.at(self.at)
        return Step(link=urljoin(answer.reply.url, link)) if isinstance(link, str) and link else None


def _sized(name: str | None, size: int) -> dict[str, Value]:
    return {name: size} if name else {}
