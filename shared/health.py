"""Whether a process lives and whether it gets on: not that something is there, but that it moves while there is work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.logs import log
from shared.metrics import READY, REGISTRY

CHECK_SECONDS = 2.0
STILL_SECONDS = 30.0  # a reader that has work and has not moved for so long is stuck

Check = Callable[[], Awaitable[list[str]]]
Clock = Callable[[], float]


class Progress:
    """Readers and how far they have come: one that is behind and does not move is told."""

    def __init__(self, still_seconds: float = STILL_SECONDS, clock: Clock = time.monotonic) -> None:
        self._still, self._clock = still_seconds, clock
        self._moved: dict[str, tuple[int, float]] = {}

    def stuck(self, positions: Mapping[str, tuple[int, int]]) -> list[str]:
        """`positions`: by reader, where it is and where it should be."""
        now, found = self._clock(), []
        for reader, (at, end) in positions.items():
            before = self._moved.get(reader)
            if before is None or before[0] != at or at >= end:
                self._moved[reader] = (at, now)
            elif now - before[1] > self._still:
                found.append(f"{reader} stands at {at} of {end}")
        return found


class Health:
    """What a process says of itself: `/livez` while its tasks run, `/readyz` while no check finds anything."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._details: dict[str, Check] = {}
        self.dead: list[str] = []  # tasks that ended by themselves

    def check(self, name: str, check: Check) -> None:
        """`check` returns what is wrong, in words for operators."""
        self._checks[name] = check

    def detail(self, name: str, check: Check) -> None:
        """`check` returns what does not go as it should while the process itself is whole."""
        self._details[name] = check

    async def degraded(self) -> list[str]:
        """What waits for a person; no other process would do better, so it says nothing about being ready."""
        found = await asyncio.gather(*(self._one(name, check) for name, check in self._details.items()))
        return [text for texts in found for text in texts]

    async def behind(self) -> list[str]:
        """What is wrong now; a check that fails or hangs says so itself."""
        found = await asyncio.gather(*(self._one(name, check) for name, check in self._checks.items()))
        for name, texts in zip(self._checks, found, strict=True):
            READY.labels(name).set(not texts)
        return [*self.dead, *(text for texts in found for text in texts)]

    async def _one(self, name: str, check: Check) -> list[str]:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await check()
        except TimeoutError:
            return [f"{name}: no answer within {CHECK_SECONDS:.0f} s"]
        except Exception as error:
            log.warning("check-failed", check=name, error=error)
            return [f"{name}: {type(error).__name__}"]


def health_routes(health: Health) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/livez")
    async def livez() -> JSONResponse:
        return JSONResponse({"live": not health.dead, "dead": health.dead}, 503 if health.dead else 200)

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        behind = await health.behind()
        degraded = await health.degraded()
        return JSONResponse({"ready": not behind, "behind": behind, "degraded": degraded}, 503 if behind else 200)

    @routes.get("/metrics")
    async def metrics() -> PlainTextResponse:
        await health.behind()  # sets `ocop_ready`
        return PlainTextResponse(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return routes
