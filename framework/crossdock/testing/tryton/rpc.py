"""Tryton's JSON-RPC, as its own clients speak it.

Paths, envelopes and errors as observed with trytond 8.2.1: `POST /DATABASE/rpc/`, business errors inside an answer with
status 200, numbers and dates in objects with `__class__` (`trytond/protocols/jsonrpc.py`).
"""

import base64
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from types import TracebackType
from typing import Any, Self

import httpx

ANSWER_WITHIN_S = 60.0


class RpcError(Exception):
    """Tryton refused a call, or failed in it.

    Attributes:
        kind: `UserError`, `UserWarning` and the like; the exception's text where it was none of those.
        warning: name by which a warning can be confirmed. None: it is no warning.
    """

    def __init__(self, method: str, error: Any) -> None:
        """Takes the called method and the `error` member of the answer."""
        parts = error if isinstance(error, list) and error else [str(error)]
        self.kind = str(parts[0])
        self.warning = str(parts[1][0]) if self.kind == "UserWarning" else None
        super().__init__(f"{method}: {' '.join(str(part) for part in parts)}")


class Rpc:
    """A user's session with one database.

    Attributes:
        context: sent with every call; `company` and the like.
        url: address of the database's calls.
        user: the user's number.
    """

    def __init__(self, root: str, database: str) -> None:
        """Takes the server's root address and the database's name; `login` comes next."""
        self.url = f"{root}/{database}/rpc/"
        self.context: dict[str, Any] = {}
        self.user = 0
        self._numbers = count(1)
        # A proxy of the machine has nothing to do with loopback.
        self._http = httpx.Client(timeout=ANSWER_WITHIN_S, trust_env=False)

    def __enter__(self) -> Self:
        """Gives itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection; the session stays until Tryton forgets it."""
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def login(self, user: str, password: str) -> None:
        """Opens a session.

        Raises:
            httpx.HTTPStatusError: wrong name or password (401).
        """
        self.user, token, *_ = self._post("common.db.login", [user, {"password": password}, "en"])
        secret = base64.b64encode(f"{user}:{self.user}:{token}".encode()).decode("ascii")
        self._http.headers["Authorization"] = f"Session {secret}"
        self.context = dict(self("model.res.user.get_preferences", True))  # noqa: FBT003  # Tryton's own argument

    def __call__(self, method: str, *params: Any, **context: Any) -> Any:
        """Calls a method of Tryton's, such as `model.party.party.create`.

        Args:
            method: kind, name and method.
            params: its arguments without the context. Decimals, dates and times travel as such.
            context: added to the session's context for this call.

        Returns:
            What it answered, decimals, dates and times as such.

        Raises:
            RpcError: a refusal, a warning or a fault of Tryton's.
            httpx.HTTPError: the server does not answer, or not this user.
        """
        return self._post(method, [*params, {**self.context, **context}])

    def confirmed(self, method: str, *params: Any) -> Any:
        """Calls a method as a user does who answers yes to every warning, once; else as a plain call."""
        answered = set()
        while True:
            try:
                return self(method, *params)
            except RpcError as error:
                if error.warning is None or error.warning in answered:
                    raise
                answered.add(error.warning)
                self("model.res.user.warning.create", [{"name": error.warning, "user": self.user}])

    def _post(self, method: str, params: list[Any]) -> Any:
        body = json.dumps({"id": next(self._numbers), "method": method, "params": params}, default=_encoded)
        answer = self._http.post(self.url, content=body, headers={"Content-Type": "application/json"})
        answer.raise_for_status()
        told = json.loads(answer.content, object_hook=_decoded)
        if "error" in told:
            raise RpcError(method, told["error"])
        return told["result"]


def _encoded(value: Any) -> dict[str, Any]:
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime):
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {"__class__": "datetime", **{name: getattr(value, name) for name in names}}
    if isinstance(value, date):
        return {"__class__": "date", **{name: getattr(value, name) for name in ("year", "month", "day")}}
    message = f"Tryton's calls take no {type(value).__name__}"
    raise TypeError(message)


def _decoded(value: dict[str, Any]) -> Any:
    kind = value.get("__class__")
    if kind is None:
        return value
    told: Mapping[str, Any] = {name: one for name, one in value.items() if name != "__class__"}
    if kind == "Decimal":
        return Decimal(told["decimal"])
    if kind == "datetime":
        return datetime(**told)  # noqa: DTZ001  # Tryton's times are UTC without saying so
    if kind == "date":
        return date(**told)
    return value
