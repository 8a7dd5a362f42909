"""A real Prometheus beside the running system, with the project's own rules."""

import asyncio
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from deploy.prometheus.scrape import Target, config
from tests.observed.declared import RULES
from tests.promtool import prometheus

START_SECONDS = 20
POLL_SECONDS = 0.1


class Watching:
    """What Prometheus answers."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def get(self, path: str, **parameters: str) -> Any:
        answer = await self._client.get(f"/api/v1/{path}", params=parameters)
        body = answer.json()
        assert body["status"] == "success", f"{parameters}: {body.get('error')}"
        return body["data"]

    async def series(self, expr: str) -> list[dict[str, Any]]:
        """What an expression gives now: labels under `metric`, and (instant, text) under `value`."""
        data = await self.get("query", query=expr)
        return [{"metric": {}, "value": data["result"]}] if data["resultType"] == "scalar" else data["result"]

    async def down(self, processes: Iterable[str]) -> dict[str, str]:
        """Which of these could not be scraped yet, and why."""
        active = (await self.get("targets", state="active"))["activeTargets"]
        up = {target["labels"]["process"] for target in active if target["health"] == "up"}
        errors = {target["labels"]["process"]: target["lastError"] for target in active}
        return {process: errors.get(process) or "not scraped yet" for process in processes if process not in up}

    async def silent(self, exprs: Iterable[str]) -> list[str]:
        """Those that give nothing."""
        return [expr for expr in exprs if not await self.series(expr)]

    async def calling(self) -> list[str]:
        """Alerts that fire, or will if nothing changes: `<alert> <process or house> <labels>`."""
        found = [alert["labels"] for alert in (await self.get("alerts"))["alerts"]]
        return [f"{labels['alertname']} {labels.get('process') or labels.get('house')} {labels}" for labels in found]


@asynccontextmanager
async def watching(folder: Path, targets: Iterable[Target], every: str = "1s") -> AsyncIterator[Watching]:
    """Prometheus over `targets` until the block ends; its data are in `folder`."""
    port = free_port()
    shutil.copytree(RULES.parent, folder / "rules")
    (folder / "prometheus.yml").write_text(config(targets, every=every), encoding="utf-8")
    process = begun(folder, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            await ready(client, process, folder / "log")
            yield Watching(client)
    finally:
        process.kill()
        process.wait()


def begun(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [
        prometheus(), f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


async def ready(client: httpx.AsyncClient, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if (await client.get("/-/ready")).status_code == 200:
                return
        except httpx.TransportError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Prometheus did not start: {log.read_text()[-2000:]}") from error
        await asyncio.sleep(POLL_SECONDS)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def as_grafana_asks(expr: str, interval: str) -> str:
    """The variables filled in: all houses, and a span that holds some scrapes."""
    filled = expr.replace("$__rate_interval", interval).replace("$house", ".*")
    left = re.findall(r"\$\w+", filled)
    assert not left, f"a variable that nothing fills in: {left}"
    return filled
