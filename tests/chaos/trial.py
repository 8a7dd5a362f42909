"""One trial: a season on the stage, a plan of faults carried out while it is played, and the verdict on what is left."""

import asyncio
import os
import random
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import orjson

from ocop.season.play import steps_of
from ocop.season.script import Season
from ocop.standalone import program
from shared.bus.saying import envelope_of
from shared.settings import Settings
from tests.chaos.faults import Fault
from tests.chaos.scene import Scene, played
from tests.chaos.verdict import Essence, essence_of, verdict
from tests.native.running import ROOT, NativeProgram

REPORTS = ROOT / "var" / "chaos"
FIRST, LAST = 0.03, 0.97  # of the season: when the first and the last fault strike
LATEST = 1.0  # seconds of chance before each fault

Plan = Callable[[random.Random], Sequence[Fault]]


@dataclass
class Report:
    """What `var/chaos/<name>-<seed>.json` holds. `survived`: how many faults of each kind, if nothing was found wrong."""

    name: str
    seed: int
    seconds: float = 0.0
    survived: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    answers: int = 0
    findings: dict[str, list[str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> dict[str, list[str]]:
        return {question: found for question, found in self.findings.items() if found}

    def write(self) -> Path:
        REPORTS.mkdir(parents=True, exist_ok=True)
        path = REPORTS / f"{self.name}-{self.seed}.json"
        path.write_bytes(orjson.dumps(vars(self), option=orjson.OPT_INDENT_2))
        return path


def a_seed() -> int:
    """OCOP_SEED, or one by chance."""
    return int(os.environ.get("OCOP_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


async def undisturbed(folder: Path, season: Season, until: date) -> Essence:
    """What is said in the same season when nothing happens, in one process."""
    async with program(Settings(data=folder, database_url=None, dev=True), season=True) as opened:
        await played(opened, season, until, lambda _: None)
        envelopes = []
        for house in opened.houses.values():
            recorded = await house.store.feed(0, 10**6)
            envelopes += [e for r in recorded if (e := envelope_of(house.name, r, house.rooms.published))]
        return essence_of(envelopes)


async def trial(name: str, folder: Path, until: date | None, plan: Plan) -> Report:
    """Raises AssertionError with the findings, and keeps logs and report of such a run under var/chaos."""
    report, season = Report(name, a_seed()), Season()
    begun = time.monotonic()
    native = NativeProgram(folder / "data", environment={"OCOP_SIMULATED": "1"})
    scene = Scene(native, random.Random(report.seed), season, until or season.last)
    try:
        wanted = await undisturbed(folder / "undisturbed", season, scene.until)
        scene.tell(f"the undisturbed season says {wanted.total()} contracts")
        async with native:
            await native.ready()
            scene.tell("ready")
            async with scene.open():
                await carried_out(scene, plan(scene.dice))
                report.findings = await verdict(scene, wanted)
    except BaseException as error:
        report.findings["the trial itself"] = [repr(error), *(repr(e) for e in getattr(error, "exceptions", ()))]
        raise
    finally:
        report.seconds = round(time.monotonic() - begun, 1)
        report.survived = dict(sorted(scene.survived.items()))
        report.acknowledged, report.answers = len(scene.ledger.acknowledged), scene.ledger.answers
        report.told = scene.told
        path = report.write()
        if report.wrong:
            keep_logs(native, path.with_suffix(""))
    assert not report.wrong, f"OCOP_SEED={report.seed}, {path}: {orjson.dumps(report.wrong, option=2).decode()}"
    return report


async def carried_out(scene: Scene, faults: Sequence[Fault]) -> None:
    """The season is played while faults strike, evenly over it; returns when both are through."""
    share = share_of(scene.season, scene.until)
    async with asyncio.TaskGroup() as group:
        group.create_task(scene.play())
        group.create_task(strike(scene, faults, share))


async def strike(scene: Scene, faults: Sequence[Fault], share: float) -> None:
    for number, fault in enumerate(faults):
        await scene.come_to(share * (FIRST + (LAST - FIRST) * number / len(faults)))
        await asyncio.sleep(scene.dice.uniform(0, LATEST))
        scene.tell(f"{fault.kind} – {fault.what}")
        await fault.do(scene)
        scene.survived[fault.kind] += 1
        scene.tell("  over")


def share_of(season: Season, until: date) -> float:
    """Which part of the season's steps lies before the end of a day."""
    steps = steps_of(season)
    return sum(step.day <= until for _, step in steps) / len(steps)


def keep_logs(native: NativeProgram, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for log in [
        *(native.folder / "log").glob("*.log*"),
        native.folder / "supervisord.log",
        native.data / "postgres.log",
    ]:
        if log.exists():
            shutil.copy(log, folder)
    if native.output.exists():
        shutil.copy(native.output, folder / "native.log")
