"""An HTTP server inside a program that decides itself when and in which order things end."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM)
SHUTDOWN_SECONDS = 5


class Server(uvicorn.Server):
    """The HTTP server without signal handlers of its own: the program decides the order of its end."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: FastAPI, host: str, port: int) -> AsyncIterator[asyncio.Task[None]]:
    """The HTTP server as a task; it finishes the requests under way before the block ends."""
    config = uvicorn.Config(
        app, host=host, port=port, http="httptools", lifespan="off", log_config=None, log_level="warning",
        access_log=False, timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )  # fmt: skip
    server = Server(config)
    task = asyncio.create_task(server.serve(), name="http")
    try:
        yield task
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def first_of(*work: Any) -> Any:
    """The result of whichever ends first; the others are cancelled, and errors come through."""
    tasks = [asyncio.ensure_future(w) for w in work]
    own = [task for task, w in zip(tasks, work, strict=True) if not isinstance(w, asyncio.Task)]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in own:
        if task not in done:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    return next(iter(done)).result()


def stopped_by_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in STOPPING_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
