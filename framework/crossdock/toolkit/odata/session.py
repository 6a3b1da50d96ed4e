"""An open session with an OData service: reads entities, finds a document by our reference, creates one."""

from collections.abc import Sequence
from typing import Any

from crossdock.contract import Config, TransientError
from crossdock.toolkit.http.answers import Reply
from crossdock.toolkit.http.client import HttpClient
from crossdock.toolkit.http.session import PagedRequest, RestSession
from crossdock.toolkit.odata.entity_set import NextLink
from crossdock.toolkit.odata.literals import literal
from crossdock.toolkit.odata.shapes import list_in, plain


class ODataRequest(PagedRequest):
    """A query for entities."""

    def rows_of(self, reply: Reply, body: Any) -> list[Any]:  # whatever the service says
        """Gives the entities of an answer as plain rows.

        Raises:
            TransientError: there is no list of entities in it.
        """
        del reply
        found = list_in(body)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            message = f"{self.path}: there are no entities in the answer"
            raise TransientError(message)
        return [plain(one) for one in found]


class ODataSession(RestSession):
    """A session that knows which version of the protocol it speaks."""

    def __init__(self, http: HttpClient, config: Config, version: int) -> None:
        """Takes the client, the connection's settings and the version of the protocol."""
        super().__init__(http, config)
        self.version = version

    @property
    def root(self) -> str:
        """Address of the service's root, with a slash at its end."""
        return f"{self.http.base_url}/"

    def find(
        self, entities: str, name: str, value: object, *, select: Sequence[str] = (), kind: str | None = None
    ) -> list[Any]:
        """Gives the entities of a set whose property has a value; none: looked, and not there.

        Args:
            entities: path of the set.
            name: the property, such as the one that holds our reference.
            value: what it must be.
            select: properties wanted. Empty: all.
            kind: type of the property. None: as the value looks.
        """
        params = {"$filter": f"{name} eq {literal(value, kind, self.version)}"}
        if select:
            params["$select"] = ",".join(select)
        request = ODataRequest(entities, params=params, paging=NextLink(self.root), size=100)
        return [row for answer, _ in self.answers(request, request.paging.first(100)) for row in answer.rows]

    def create(self, path: str, body: object, deadline_s: float, **more: Any) -> Any:  # what the service answers
        """Posts an entity, once, and gives it as the service has it; errors as in `RestSession.create`."""
        found = super().create(path, body, deadline_s, **more)
        entities = list_in(found)
        return plain(entities[0]) if entities else found
