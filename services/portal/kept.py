"""Pages that many ask for: made once, and given to whoever asks for the same within a second, or while nothing has changed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.views.changes import Changes
from services.portal.views.freshness import Asked
from services.portal.views.rendering import SHARED, Pages, reads_html

MOST = 2000  # pages, of about 6 kB packed
LONGEST_QUERY = 500

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it was sent, with the route that made it, and when somebody asked for it."""

    asked: Asked
    route: Any
    start: Message
    body: Message


class KeptPages:
    """ASGI middleware: keeps pages that say of themselves that they may be shared. Whoever names a position is not given one."""

    def __init__(
        self, app: ASGIApp, pages: Pages, changes: Changes, *, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self.app, self._pages, self._changes, self._clock = app, pages, changes, clock
        self._kept: dict[Key, Kept] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self._key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        now = Asked(self._clock(), self._changes.since())
        kept = self._kept.get(key)
        if kept and kept.asked.holds(now):
            scope["route"] = kept.route
            await send(kept.start)
            await send(kept.body)
            return
        await self.app(scope, receive, self._keeping(scope, key, now, send))

    def _key(self, scope: Scope) -> Key | None:
        """By what a page differs; None for what is never kept."""
        if scope["type"] != "http" or scope["method"] != "GET" or len(scope["query_string"]) > LONGEST_QUERY:
            return None
        request = Request(scope)
        headers = request.headers
        if not reads_html(headers.get("accept")) or {"after", "lang"} & request.query_params.keys():
            return None
        packs = "gzip" in headers.get("accept-encoding", "")
        return scope["path"], scope["query_string"], self._pages.base(request), self._pages.language(request), packs

    def _keeping(self, scope: Scope, key: Key, now: Asked, send: Send) -> Send:
        """Passes an answer on, and keeps it where it is a page in one piece that may be shared."""
        start: Message = {}

        async def sending(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif not message.get("more_body") and start["status"] == 200 and SHARED in start["headers"]:
                self._keep(key, Kept(now, scope.get("route"), start, message))
            await send(message)

        return sending

    def _keep(self, key: Key, page: Kept) -> None:
        if len(self._kept) >= MOST:
            self._kept = {k: kept for k, kept in self._kept.items() if kept.asked.holds(page.asked)}
        if len(self._kept) < MOST:
            self._kept[key] = page
