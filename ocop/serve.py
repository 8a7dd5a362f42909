"""Serves the program until told to stop: signals, HTTP server, the season's progress and summary. The database ends last."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import orjson
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ocop.plans import load_plans
from ocop.postgres import DataInUse
from ocop.season.play import OtherSeason, play
from ocop.season.script import Season
from ocop.season.summary import as_json, as_table, summarise
from ocop.standalone import Program, program
from shared import settings
from shared.logs import to_standard_error
from shared.memory import settled
from shared.plans import plan_files
from shared.serving import first_of, listening, stopped_by_signal
from shared.settings import BadSetting

PLAYED = object()
WIDTH = 150  # of the summary where no terminal says its own
console = Console(stderr=True)


def serve(data: Path, host: str, port: int) -> int:
    """Runs until SIGINT or SIGTERM. Returns the exit status."""
    return run(_serve(data, host, port))


def serve_demo(data: Path, host: str, port: int, *, leave: bool, summary: Path | None) -> int:
    """Plays what is left of the season while serving, shows the summary, then serves on unless told to leave."""
    return run(_demo(data, host, port, leave, summary))


def run(work: Coroutine[Any, Any, int]) -> int:
    to_standard_error(logging.WARNING)
    try:
        return uvloop.run(work)
    except (BadSetting, DataInUse, OtherSeason) as error:
        console.print(f"[red]{error}[/]")
        return 1


def at_work(whole: Program) -> None:
    """From now on `/readyz` says ready; what start and season left in memory is no longer searched for garbage."""
    settled()
    whole.ready = True


async def _serve(data: Path, host: str, port: int) -> int:
    stop = stopped_by_signal()
    async with program(settings.read(data)) as whole, listening(whole.app, host, port) as server:
        at_work(whole)
        console.print(f"OCOP: http://{host}:{port}")
        await first_of(stop.wait(), server, whole.gone())
        return ended(stop)


async def _demo(data: Path, host: str, port: int, leave: bool, summary: Path | None) -> int:
    stop = stopped_by_signal()
    async with program(settings.read(data), season=True) as whole, listening(whole.app, host, port) as server:
        season = Season()
        if await first_of(_play(whole, season), stop.wait(), server, whole.gone()) is not PLAYED:
            return ended(stop)
        result = await summarise(whole, season)
        Console(width=None if sys.stdout.isatty() else WIDTH).print(as_table(result))
        if summary:
            await asyncio.to_thread(summary.write_bytes, orjson.dumps(as_json(result), option=orjson.OPT_INDENT_2))
        await load_plans(whole.houses["programme"].store, whole.clock, plan_files())
        await whole.settled()
        at_work(whole)
        show_addresses(host, port, result.example)
        if not leave:
            await first_of(stop.wait(), server, whole.gone())
        return 0 if result.as_told and (leave or stop.is_set()) else ended(stop)


def ended(stop: asyncio.Event) -> int:
    """0 where a person ended it; otherwise says what did."""
    if stop.is_set():
        return 0
    console.print(
        "[red]PostgreSQL hoặc máy chủ HTTP đã dừng; chạy lại để tiếp tục / it stopped; start again to go on[/]"
    )
    return 1


async def _play(whole: Program, season: Season) -> object:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*bar, console=console) as progress:
        task = progress.add_task("Mùa OCOP / the season", total=None)

        def tell(day: object, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=f"Mùa OCOP / the season  {day}")

        await play(whole, season, tell)
    return PLAYED


def show_addresses(host: str, port: int, certificate: str | None) -> None:
    base = f"http://{host}:{port}"
    console.print(f"Trang chủ / home: {base}/")
    if certificate:
        console.print(f"Giấy chứng nhận / a certificate: {base}/c/{certificate}")
    console.print(f"Số liệu / dashboard: {base}/dashboard   ·   API: {base}/registration/docs   ·   {base}/events")
