"""The nation: every kind of fact counted by one dimension, on a day, by either map."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, Request, Response

from services.programme.api.routes import ROUTES, Row
from services.programme.views import nation
from services.programme.views.measures import Dimension as NationalDimension
from services.programme.views.measures import What
from services.programme.views.nation import CYCLE_OF, FACTS, Scope, Unassigned
from shared.asof import KnownAt
from shared.eventstore.views import View
from shared.units import Map
from shared.web import After, Day, Page, Reading, Skip, told_as_known

# --- the nation ---

Year = Annotated[int | None, Query(ge=1900, le=2999, description="năm của việc được tính / of the facts counted")]
ByMap = Annotated[
    Map,
    Query(description="bản đồ hành chính: của ngày ghi nhận / hôm nay; the map of the day of each fact, or today's"),
]
KnownOn = Annotated[
    Day, Query(description="map=day: ngày của bản đồ có mã tỉnh, xã / the day whose map the codes are of; default: on")
]


async def scope_of(
    request: Request, on: Day = None, year: Year = None, province: str | None = None, map: ByMap = "today",
    known_on: KnownOn = None, known_at: KnownAt = None,
) -> Scope:  # fmt: skip
    today = Reading(request.app.state.house, known_at).today
    return Scope(
        on=on or today, today=today, map=map, year=year, province=province, known_on=known_on, known_at=known_at
    )


class OfOne(NamedTuple):
    """What is counted, and the house's facts to count it from."""

    what: What
    view: Reading


class Fresh:
    """Waits for `after` where it is a position of a house whose facts are asked for."""

    def __init__(self, house: Any, after: str | None, known_at: datetime | None) -> None:
        self._house, self._after, self._known_at = house, after, known_at

    async def of(self, views: tuple[View, ...]) -> Reading:
        await asyncio.gather(*(self._house.freshness.wait(view, self._after) for view in views))
        return Reading(self._house, self._known_at)


async def fresh_of(request: Request, answer: Response, after: After = None, known_at: KnownAt = None) -> Fresh:
    house = request.app.state.house
    told_as_known(house, answer, known_at)
    return Fresh(house, after, known_at)


FRESH = Depends(fresh_of)


async def of_one(what: What = "certificates_valid", fresh: Fresh = FRESH) -> OfOne:
    return OfOne(what, await fresh.of(FACTS[nation.MEASURES[what].source].views))


async def of_all(fresh: Fresh = FRESH) -> Reading:
    return await fresh.of(tuple(view for source in CYCLE_OF for view in FACTS[source].views))


@ROUTES.get("/national")
async def national(
    by: NationalDimension = "province", commune: str | None = None, limit: Page = 100, offset: Skip = 0,
    scope: Scope = Depends(scope_of), one: OfOne = Depends(of_one),
) -> Row:  # fmt: skip
    """How many there are of one kind of fact on a day, by one dimension: `what` is counted as its `definition` says.

    `year`: only facts of that year. `map=today` carries every place over to today's map; what lay in a unit that was split has
    no commune of today (`unassigned`), and is counted under its province. `map=day` keeps the places of the day of each fact.
    Each number has the `list` behind it, with as many rows. `limit` and `offset` are of `values`; totals are of all.
    """
    (what, view), within = one, replace(scope, commune=commune)
    measure = nation.check(what, by=by, commune=commune)
    rows = await view.fetch(*await asked(view, "counted", [what], within, by, scope.map == "day"))
    whole = nation.counted(what, by, within, rows, slice(offset, offset + limit))
    return {**shown(scope), "commune": commune, "what": what, "by": by, "counted_by": measure.by, **whole}


@ROUTES.get("/national/list")
async def behind_national(
    commune: str | None = None, group: str | None = None,
    stars: Annotated[int | None, Query(ge=0, le=5, description="0: không đạt hạng / none")] = None,
    producer_kind: str | None = None, unassigned: Unassigned | None = None, confidence: str | None = None,
    source: str | None = None, limit: Page = 100, offset: Skip = 0,
    scope: Scope = Depends(scope_of), one: OfOne = Depends(of_one),
) -> list[Row]:  # fmt: skip
    """The facts that a number of `/national` counts: as many rows as the number says.

    `province` and `commune` are the codes of the day of the map `map_on`, `in_province` and `in_commune` those on the map asked
    for; `candidates`: the communes of today that hold a part of it. `unassigned`: only those without a single one of today.
    """
    (what, view), within = one, replace(scope, commune=commune)
    nation.check(
        what,
        commune=commune,
        group=group,
        stars=stars,
        producer_kind=producer_kind,
        confidence=confidence,
        source=source,
    )
    wanted = (group, stars, producer_kind, unassigned, limit, offset, confidence, source)
    rows = await view.fetch(*await asked(view, "behind", [what], within, *wanted))
    return [nation.with_candidates(scope, row) for row in rows]


@ROUTES.get("/national/cycle")
async def national_cycle(scope: Scope = Depends(scope_of), view: Reading = Depends(of_all)) -> Row:
    """The yearly cycle, stage after stage, by province and year, each stage with its definition.

    The list behind a number is `/national/list` with the stage as `what`, and its `province`, `year` and `known_on`.
    """
    questions = [await asked(view, "cycle", whats, scope, scope.map == "day") for whats in CYCLE_OF.values()]
    found = await asyncio.gather(*(view.fetch(*question) for question in questions))
    return {**shown(scope), **nation.cycle(scope, [row for rows in found for row in rows])}


async def asked(view: Reading, statement: str, whats: list[What], scope: Scope, *more: Any) -> tuple[Any, ...]:
    """A statement over the facts of one house with its arguments."""
    facts = FACTS[nation.MEASURES[whats[0]].source]
    since = await view.value(facts.since, whats)
    return (getattr(facts, statement), *scope.arguments(whats, since), *more)


def shown(scope: Scope) -> Row:
    return {
        "on": scope.on, "year": scope.year, "province": scope.province, "map": scope.map, "known_on": scope.known_on,
        "today": scope.today,
    }  # fmt: skip
