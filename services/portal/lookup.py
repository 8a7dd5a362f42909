"""The short way to a certificate: an answer that lies ready is sent without the portal's routes."""

from functools import lru_cache

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from services.portal.views.register import Ready, Register
from services.portal.views.rendering import wants_json

UNDER = "/c/"
PAPER = ".pdf"
LONGEST_ACCEPT = 200  # of those whose meaning is remembered


class Lookup:
    """ASGI middleware before `route`, which documents what is answered here and answers everything else itself."""

    def __init__(self, app: ASGIApp, register: Register, route: BaseRoute) -> None:
        self.app, self.register, self.route = app, register, route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._ready(scope)
        if answer is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = self.route
        await send(answer.start)
        await send(answer.body)

    def _ready(self, scope: Scope) -> Ready | None:
        """The JSON of a number today, where nothing else is asked and nobody else has to be."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
            return None
        path: str = scope["path"]
        number = path[len(UNDER) :]
        if not path.startswith(UNDER) or not number or "/" in number or number.endswith(PAPER):
            return None
        return self.register.ready(number) if asks_json(scope) else None


def asks_json(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"accept":
            return as_json(value) if len(value) <= LONGEST_ACCEPT else wants_json(value.decode("latin-1"))
    return False


@lru_cache(maxsize=256)
def as_json(accept: bytes) -> bool:
    return wants_json(accept.decode("latin-1"))
