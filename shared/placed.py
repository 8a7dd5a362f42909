"""Lists by place: a province or a commune by today's map, or by the map of a day."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request

from shared import units
from shared.web import Day

ByMap = Annotated[
    Literal["today", "day"],
    Query(
        description="bản đồ hành chính: hôm nay / của ngày từng việc; today's map, or the map of the day of each fact"
    ),
]
KnownOn = Annotated[
    Day,
    Query(description="map=day: ngày của bản đồ có mã tỉnh, xã / the day whose map the codes are of; default: today"),
]


@dataclass(frozen=True, slots=True)
class Where:
    """A province and a commune as six arguments of a list: of each the codes, and the days on which they mean it."""

    arguments: tuple[Any, ...]


async def where(
    request: Request,
    province: str | None = None,
    commune: str | None = None,
    map: ByMap = "today",
    known_on: KnownOn = None,
) -> Where:
    """A dependency: which places a list is asked for. By today's map what has since become a part of a place lies in it."""
    today = request.app.state.house.clock.today()
    found: list[Any] = []
    for level, code in (("province", province), ("commune", commune)):
        if code is None:
            found += [None, None, None]
            continue
        lies = units.within(level, code, today) if map == "today" else units.same_land(level, code, known_on or today)
        found += [list(column) for column in zip(*lies, strict=True)] or [[], [], []]
    return Where(tuple(found))


IN_PLACE = Depends(where)
ANYWHERE = Where((None,) * 6)
