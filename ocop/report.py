"""`ocop report`: a plan's report of a day, on the data of a stopped or running program."""

import asyncio
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from ocop.inspect import Opened, console, looking
from ocop.standalone import ROOMS
from services.programme.views.papers.formats import Format, file_name, rendered
from services.programme.views.reports import Question, answered
from shared.house import House
from shared.plans import plan_id_of
from shared.values import Refusal
from shared.web import Reading

HOUSE = "programme"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; `out`: the file to write, by default a name of its own, and for JSON standard output."""

    plan: str
    on: date
    format: Format
    out: Path | None
    known_at: str | None
    draft: bool


def print_report(data: Path, wanted: Wanted) -> int:
    """Returns the exit status: 0 written, 1 where there is no such plan, 2 where the question is none."""
    try:
        asked = Question(UUID(str(plan_id_of(wanted.plan))), wanted.on, wanted.draft, instant(wanted.known_at))
    except ValueError as error:
        console.print(f"--plan, --known-at: {error}")
        return 2

    async def work(opened: Opened) -> int:
        house = House(ROOMS[HOUSE], "", await opened.clock(), None)
        house.store = opened.stores[HOUSE]
        try:
            report = await answered(lambda known_at: Reading(house, known_at), asked, house.clock.now().at)
        except Refusal as refusal:
            console.print(f"{refusal.message_vi} / {refusal.message_en}")
            return 1
        content = await rendered(report, wanted.format)
        if wanted.out is None and wanted.format == "json":
            sys.stdout.buffer.write(content)
            return 0
        out = wanted.out or Path(file_name(report, wanted.format))
        await asyncio.to_thread(out.write_bytes, content)
        console.print(f"{out}: {len(content)} byte")
        return 0

    return looking(data, work)


def instant(given: str | None) -> datetime | None:
    """Raises ValueError where it has no time zone: nobody would know which instant it is."""
    if given is None:
        return None
    at = datetime.fromisoformat(given)
    if at.tzinfo is None:
        raise ValueError(given)
    return at
