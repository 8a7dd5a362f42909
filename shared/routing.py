"""Finds a house's route by the segments of its path, and lets commands in by a door of their own.

A house has some forty routes. The framework asks each in turn by a regular expression, and twice where a router is
included; then it wraps every request for dependencies that a command does not have. That was half of a command's cost.
"""

from collections.abc import Iterable, Sequence

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

Mask = tuple[bool, ...]  # which segments of a path are fixed text


class CommandRoute(APIRoute):
    """A route whose endpoint takes the request as it came and answers it: documented like any other, called directly."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self.methods:
            await super().handle(scope, receive, send)
            return
        response = await self.endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


class Straight(BaseRoute):
    """Stands before the routes of an app; whatever it does not find is asked of them as ever."""

    path, methods = "", frozenset[str]()  # of no place of its own

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._routes: dict[tuple[str, Mask, tuple[str, ...]], APIRoute] = {}  # by method and fixed segments
        self._masks: dict[int, list[Mask]] = {}  # by the number of segments, those with most fixed text first
        for route in routes:
            if isinstance(route, APIRoute):
                self._add(route)

    def _add(self, route: APIRoute) -> None:
        segments = route.path.split("/")
        mask = tuple("{" not in segment for segment in segments)
        if any(":" in segment for segment, fixed in zip(segments, mask, strict=True) if not fixed):
            return  # a parameter that may be more than one segment, or converted
        masks = self._masks.setdefault(len(segments), [])
        if mask not in masks:
            masks.append(mask)
            masks.sort(key=sum, reverse=True)
        for method in route.methods:
            self._routes.setdefault((method, mask, kept(segments, mask, fixed=True)), route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http":
            return Match.NONE, {}
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        segments = (path[len(root) :] if root and path.startswith(f"{root}/") else path).split("/")
        for mask in self._masks.get(len(segments), ()):
            route = self._routes.get((scope["method"], mask, kept(segments, mask, fixed=True)))
            given = kept(segments, mask, fixed=False)
            if route and all(given):
                params = dict(zip(route.param_convertors, given, strict=True))
                return Match.FULL, {"endpoint": route.endpoint, "path_params": params, "route": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)


def kept(segments: Sequence[str], mask: Mask, *, fixed: bool) -> tuple[str, ...]:
    """The segments that are fixed text, or those that are not."""
    return tuple([segment for segment, is_fixed in zip(segments, mask, strict=True) if is_fixed is fixed])
