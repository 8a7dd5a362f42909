"""What was recognised: counts with their definitions, and the lists behind them."""

import asyncio
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator

from services.programme.api.routes import ROUTES, Row
from services.programme.views.overview import MONTHS, overviewed, span_of, with_total
from services.programme.views.recognitions import (
    BEHIND,
    BY_MONTH,
    COUNTED,
    ENDING,
    OVERVIEW,
    RECOGNITIONS,
    Count,
    Dimension,
    counted,
    named_on,
    places_on,
)
from shared.units import Map
from shared.web import Day, Page, Reading, Skip, Stars, as_written, reads

# --- recognition ---

RecognisedMap = Annotated[
    Map, Query(description="bản đồ hành chính: của ngày cấp / hôm nay; the map of the day of issue, or today's")
]


@ROUTES.get("/recognised")
async def recognised(
    by: Dimension = "province", on: Day = None, province: str | None = None, map: RecognisedMap = "day",
    view: Reading = reads(RECOGNITIONS),
) -> Row:  # fmt: skip
    """Recognised products on a day, by one dimension: valid that day, and ever recognised, each with its definition.

    `map`: places as on the day of issue, or carried over to today's map; there a commune that was split has no single place.
    """
    day, places = on or view.today, await recognised_places(view, map)
    valid = await view.fetch(COUNTED, day, True, by, province, *places)
    ever = await view.fetch(COUNTED, day, False, by, province, *places)
    return {
        "on": day, "by": by, "province": province, "map": map, "valid": counted("valid", by, valid, map, view.today),
        "ever": counted("ever", by, ever, map, view.today),
    }  # fmt: skip


async def recognised_places(view: Reading, map: Map) -> tuple[Any, ...]:
    return places_on(map, await view.value(view.sql.certified_since, ["certificates"]), view.today)


@ROUTES.get("/recognised/list")
async def behind(
    count: Count = "valid", on: Day = None, province: str | None = None, commune: str | None = None,
    group: str | None = None, set: Annotated[str | None, Query()] = None, stars: Stars = None,
    producer_kind: str | None = None, year: Annotated[int | None, Query(ge=1900, le=2999)] = None,
    map: RecognisedMap = "day", limit: Page = 100, offset: Skip = 0, view: Reading = reads(RECOGNITIONS),
) -> list[Row]:  # fmt: skip
    """The products that a number of `/recognised` counts: as many rows as the number says.

    `valid_to` is the certificate's last day as things stand; `ended_by` what ended it before its dates did. `in_province` and
    `in_commune` are the places on the map asked for.
    """
    return await view.fetch(
        BEHIND, on or view.today, count == "valid", province, commune, group, set, stars, producer_kind, limit, offset,
        year, *await recognised_places(view, map),
    )  # fmt: skip


@ROUTES.get("/recognised/overview")
async def overview(
    on: Day = None, province: str | None = None, map: RecognisedMap = "day", view: Reading = reads(RECOGNITIONS)
) -> Row:  # fmt: skip
    """What a dashboard shows, in one answer: recognised products by every dimension, and certificates month by month.

    The list behind a count is `/recognised/list`, behind a month's `ending` it is `/recognised/ending`.
    """
    day, places = on or view.today, await recognised_places(view, map)
    found, months = await asyncio.gather(
        view.fetch(OVERVIEW, day, province, *places), view.fetch(BY_MONTH, day, province, *span_of(day), *places)
    )
    rows = named_on(found, map, view.today)
    return {"on": day, "province": province, "map": map, **overviewed(rows), "months": months, "months_mean": MONTHS}


@ROUTES.get("/recognised/ending")
async def ending(
    since: Annotated[date, BeforeValidator(as_written), Query(description="YYYY-MM-DD")],
    until: Annotated[date, BeforeValidator(as_written), Query(description="YYYY-MM-DD")],
    on: Day = None, province: str | None = None, map: RecognisedMap = "day", limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(RECOGNITIONS),
) -> Row:  # fmt: skip
    """Certificates valid on the day whose last day lies between two days, both included; the earliest first."""
    day = on or view.today
    places = await recognised_places(view, map)
    total, rows = with_total(await view.fetch(ENDING, day, province, since, until, limit, offset, *places))
    return {"on": day, "province": province, "map": map, "since": since, "until": until, "total": total, "rows": rows}


@ROUTES.get("/counts")
async def counts(view: Reading = reads(RECOGNITIONS)) -> Row:
    """Products with a certificate valid today, and ever recognised until today."""
    return (await view.fetch(view.sql.counts, view.today))[0]
