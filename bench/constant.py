"""The peer of `lookup`: a bare FastAPI route that answers ready bytes, served as the program's own processes are."""

import asyncio

import click
import uvloop
from fastapi import FastAPI, Response

from shared.serving import first_of, listening, stopped_by_signal

PATH = "/constant"


def constant_app(size: int) -> FastAPI:
    """One route without parameters; the answer is JSON of so many bytes."""
    app = FastAPI()
    body = b'"' + b"x" * (size - 2) + b'"'

    @app.get(PATH)
    async def constant() -> Response:
        return Response(body, media_type="application/json")

    return app


async def serve(app: FastAPI, host: str, port: int) -> None:
    stop = stopped_by_signal()
    async with listening(app, host, port) as server:
        await first_of(asyncio.ensure_future(stop.wait()), server)


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, required=True)
@click.option("--size", type=click.IntRange(min=2), required=True)
def run(host: str, port: int, size: int) -> None:
    uvloop.run(serve(constant_app(size), host, port))


if __name__ == "__main__":
    run()
