"""Counts what an app answers, by route: once, around everything, without a copy of request or answer."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import problems
from shared.metrics import HTTP_IN_PROGRESS, HTTP_REQUESTS, HTTP_SECONDS, METHODS, UNKNOWN_ROUTE

FAILED = 500


class Measured:
    """ASGI middleware: HTTP metrics of one house or of the portal.

    A query that holds %00 is refused here, because no text of PostgreSQL can be equal to it; where `takes_nul`, it goes
    on to whoever answers it.
    """

    def __init__(self, app: ASGIApp, house: str, *, takes_nul: bool = False) -> None:
        self.app, self.house, self.takes_nul = app, house, takes_nul
        self._in_progress = HTTP_IN_PROGRESS.labels(house)
        self._series: dict[tuple[str, str, int], tuple[Any, Any]] = {}  # as many as the metrics themselves have
        self._series_of("GET", UNKNOWN_ROUTE, FAILED)  # so that a first failure is seen as a rise from 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, root, status = time.perf_counter(), scope.get("root_path", ""), FAILED

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._in_progress.inc()
        try:
            await self._app_for(scope)(scope, receive, noting)
        finally:
            self._in_progress.dec()
            requests, seconds = self._series_of(scope["method"], route_of(scope, root), status)
            requests.inc()
            seconds.observe(time.perf_counter() - begun)

    def _app_for(self, scope: Scope) -> ASGIApp:
        if b"%00" in scope["query_string"] and not self.takes_nul:
            return problems.nul_in("query")
        return self.app

    def _series_of(self, method: str, route: str, status: int) -> tuple[Any, Any]:
        key = (method if method in METHODS else "other", route, status)
        found = self._series.get(key)
        if found is None:
            labels = (self.house, key[0], route, str(status))
            found = self._series[key] = (HTTP_REQUESTS.labels(*labels), HTTP_SECONDS.labels(*labels))
        return found


def route_of(scope: Scope, root: str) -> str:
    """The template of the route that answered; of an app mounted below, only where it is: it counts for itself."""
    below: str = scope.get("root_path", "")
    if below != root:
        return below.removeprefix(root)
    return getattr(scope.get("route"), "path", UNKNOWN_ROUTE)
