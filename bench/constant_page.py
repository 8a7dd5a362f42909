"""The peer of `page`: a bare FastAPI route that renders a constant template and packs it as the program's pages are packed."""

from pathlib import Path

import click
import uvloop
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from bench.constant import serve
from services.portal.views.rendering import packed_for


def constant_app(folder: Path) -> FastAPI:
    """`/{name}` renders `name.html` of the folder, a template without a single place to fill."""
    app = FastAPI()
    env = Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape())

    @app.get("/livez")
    async def livez() -> dict[str, bool]:
        return {"live": True}

    @app.get("/{name}")
    async def constant(name: str, request: Request) -> HTMLResponse:
        text = env.get_template(f"{name}.html").render()
        body, packed = packed_for(request.headers.get("accept-encoding"), text.encode())
        return HTMLResponse(body, headers=packed)

    return app


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, required=True)
@click.option("--folder", type=click.Path(path_type=Path), required=True)
def run(host: str, port: int, folder: Path) -> None:
    uvloop.run(serve(constant_app(folder), host, port))


if __name__ == "__main__":
    run()
