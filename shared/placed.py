"""Lists by place: a province or a commune by today's map, or by the map of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from shared import units
from shared.auth.actors import NATIONAL
from shared.units import DAY, Level, Map
from shared.web import Day

ByMap = Annotated[
    Map,
    Query(
        description="bản đồ hành chính: hôm nay / của ngày từng việc; today's map, or the map of the day of each fact"
    ),
]
KnownOn = Annotated[
    Day,
    Query(description="map=day: ngày của bản đồ có mã tỉnh, xã / the day whose map the codes are of; default: today"),
]


NOT_ASKED = (None, None)


@dataclass(frozen=True, slots=True)
class Where:
    """Places as arguments of a list, two for each level: their codes, and of each code all days on which it means them."""

    arguments: tuple[Any, ...]


def meaning(
    level: Level, code: str | None, today: date, map: Map = "today", known_on: date | None = None
) -> tuple[Any, Any]:
    """A place as the last arguments of `lies_in`. By today's map what has since become a part of it lies in it."""
    if code is None:
        return NOT_ASKED
    lies = units.within(level, code, today) if map == "today" else units.same_land(level, code, known_on or today)
    days: dict[str, list[tuple[date, date]]] = {}
    for one, since, until in lies:
        days.setdefault(one, []).append((since, until - DAY))  # a range of two days holds both
    return list(days), [tuple(ranges) for ranges in days.values()]


async def where(
    request: Request,
    province: str | None = None,
    commune: str | None = None,
    map: ByMap = "today",
    known_on: KnownOn = None,
) -> Where:
    """A dependency: which places a list is asked for."""
    today = request.app.state.house.clock.today()
    asked: tuple[tuple[Level, str | None], ...] = (("province", province), ("commune", commune))
    return Where(tuple(part for level, code in asked for part in meaning(level, code, today, map, known_on)))


async def province_where(
    request: Request, province: str | None = None, map: ByMap = "today", known_on: KnownOn = None
) -> Where:
    """A dependency: the same of a list whose rows are of provinces."""
    return Where(meaning("province", province, request.app.state.house.clock.today(), map, known_on))


def of_office(place: str, today: date) -> Where:
    """What lies in an actor's own place: a province, a commune, or everything."""
    if place == NATIONAL:
        return ANYWHERE
    if units.unit("province", place, today):
        return Where((*meaning("province", place, today), *NOT_ASKED))
    return Where((*NOT_ASKED, *meaning("commune", place, today)))


IN_PLACE, IN_PROVINCE = Depends(where), Depends(province_where)
ANYWHERE, ANY_PROVINCE = Where(NOT_ASKED * 2), Where(NOT_ASKED)
