"""One feed over all houses: a cursor with a position per house, and events merged by the time they were recorded."""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from services.portal.views.houses import Houses
from shared.contracts.topics import HOUSES
from shared.values import Refusal

Positions = dict[str, int]
Page = dict[str, Any]  # {"events", "next"}, of one house or of all
PART = re.compile(r"([a-z]+)-(0|[1-9][0-9]{0,17})", re.ASCII)


class MalformedCursor(Refusal):
    rule = "cursor-malformed"
    vi = "Con trỏ {after} không hợp lệ."
    en = "The cursor {after} is not valid."


def encoded(positions: Mapping[str, int]) -> str:
    """`registration-12.evaluation-5.…`: always every house, always in the same order."""
    return ".".join(f"{house}-{positions.get(house, 0)}" for house in HOUSES)


def decoded(cursor: str | None) -> Positions:
    """A house that the cursor does not name is read from its beginning. Raises MalformedCursor."""
    positions = dict.fromkeys(HOUSES, 0)
    named = set()
    for part in cursor.split(".") if cursor else ():
        match = PART.fullmatch(part)
        if not match or match[1] not in positions or match[1] in named:
            raise MalformedCursor(field="after", after=cursor)
        named.add(match[1])
        positions[match[1]] = int(match[2])
    return positions


def merged(pages: Mapping[str, Page], positions: Positions, limit: int) -> tuple[list[dict[str, Any]], Positions]:
    """The first `limit` events by time, each house's own order kept, and the positions up to which they were told.

    A house of which something was left over goes on after its last event told; the others after what they looked at.
    """
    queues = [pages[house]["events"] for house in HOUSES]
    told = list(islice(merge(*queues, key=moment), limit))
    reached = dict(positions)
    for house in HOUSES:
        own = [event for event in told if event["id"].startswith(f"{house}:")]
        if len(own) == len(pages[house]["events"]):
            reached[house] = int(pages[house]["next"])
        elif own:
            reached[house] = int(own[-1]["id"].partition(":")[2])
    return told, reached


def moment(event: dict[str, Any]) -> str:
    """When it was recorded, as a text that sorts: UTC without its `Z`, so that a whole second is before its parts."""
    return event["time"][:-1]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events an asker wants, as each house's own feed takes it."""

    types: str | None = None
    province: str | None = None
    product: str | None = None


async def read(houses: Houses, after: str | None, wanted: Wanted, limit: int, wait: float) -> Page:
    """Up to `limit` events after a cursor; with nothing there, waits up to `wait` seconds. Raises MalformedCursor."""
    positions = decoded(after)
    until = time.monotonic() + wait
    pages = await _enough(houses, positions, wanted, limit)
    while not any(page["events"] for page in pages.values()) and (left := until - time.monotonic()) > 0:
        pages = dict(zip(HOUSES, await _first(houses, positions, wanted, limit, left), strict=True))
    told, reached = merged(pages, positions, limit)
    return {"events": told, "next": encoded(reached)}


async def _enough(houses: Houses, positions: Positions, wanted: Wanted, limit: int) -> dict[str, Page]:
    """Of every house as much as the first `limit` events by time may take: its equal share, then more of the one that
    was read least far, as long as what it says next may come before the last one told.
    """
    share = -(-limit // len(HOUSES))
    first = await asyncio.gather(*(_page(houses, house, positions, wanted, share, 0) for house in HOUSES))
    pages = dict(zip(HOUSES, first, strict=True))
    going_on = {house for house, page in pages.items() if len(page["events"]) == share}
    while going_on:
        house = min(going_on, key=lambda house: moment(pages[house]["events"][-1]))
        told, _ = merged(pages, positions, limit)
        if len(told) == limit and moment(pages[house]["events"][-1]) > moment(told[-1]):
            break
        page = await _page(houses, house, {house: pages[house]["next"]}, wanted, share, 0)
        pages[house] = {"events": pages[house]["events"] + page["events"], "next": page["next"]}
        if len(page["events"]) < share:
            going_on.remove(house)
    return pages


async def _page(
    houses: Houses, house: str, positions: Mapping[str, Any], wanted: Wanted, limit: int, wait: float
) -> Page:  # fmt: skip
    return await houses.get(
        house, "events", after=positions[house], limit=limit, wait=f"{wait:.3f}", types=wanted.types,
        province=wanted.province, product=wanted.product,
    )  # fmt: skip


async def _first(
    houses: Houses, positions: Positions, wanted: Wanted, limit: int, wait: float
) -> Sequence[Page]:  # fmt: skip
    """Asks all houses to wait, and answers as soon as one has something; the others are then where they were."""
    tasks = [asyncio.ensure_future(_page(houses, house, positions, wanted, limit, wait)) for house in HOUSES]
    try:
        waiting = set(tasks)
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if any(task.result()["events"] for task in done):
                break
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    unmoved = {house: {"events": [], "next": str(positions[house])} for house in HOUSES}
    return [unmoved[house] if task.cancelled() else task.result() for house, task in zip(HOUSES, tasks, strict=True)]
