"""The files beside the pages: each is asked for by an address that says what is in it, and may be kept for ever."""

import base64
import hashlib
from functools import cache
from pathlib import Path

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

STATIC = Path(__file__).parent.parent / "static"
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def address(name: str) -> str:
    """As `/static/ocop.css?v=1f0c…`: another text is another address."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


@cache
def integrity(name: str) -> str:
    """What a browser holds a script against before it runs it."""
    digest = hashlib.sha384((STATIC / name).read_bytes()).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"


class Kept(StaticFiles):
    """Files; what is asked for by its version does not change."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200 and scope["query_string"].startswith(b"v="):
            response.headers["Cache-Control"] = FOR_EVER
        return response


def files() -> ASGIApp:
    return GZipMiddleware(Kept(directory=STATIC), minimum_size=500)
