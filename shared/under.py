"""A house under its own name: `/registration/dossiers` is `/dossiers`, whether mounted in one process or behind the portal."""

from starlette.types import ASGIApp, Receive, Scope, Send


class UnderItsName:
    """ASGI middleware: paths may begin with `root`, and addresses that the app makes (its documentation, redirects) do."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app, self.root = app, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            scope["root_path"] = self.root
        await self.app(scope, receive, send)
