"""The doors of programme: what can be read across provinces. Every number comes with its definition and its list."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from services.programme import views
from shared.web import Reading, reads

ROUTES = APIRouter()
PAGE = Annotated[int, Query(ge=1, le=1000)]
SKIP = Annotated[int, Query(ge=0, le=10_000_000)]
STARS = Annotated[int | None, Query(ge=1, le=5)]
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def as_written(given: object) -> object:
    """Only YYYY-MM-DD: pydantic alone would also read a bare number as seconds since 1970."""
    if isinstance(given, str) and not WRITTEN.fullmatch(given):
        raise PydanticCustomError("date_parsing", "Input should be a date YYYY-MM-DD")
    return given


DAY = Annotated[date | None, BeforeValidator(as_written), Query(description="YYYY-MM-DD, mặc định hôm nay / today")]

# --- recognition ---


@ROUTES.get("/recognised")
async def recognised(
    by: views.Dimension = "province", on: DAY = None, province: str | None = None,
    view: Reading = reads(views.RECOGNITIONS),
) -> dict[str, Any]:  # fmt: skip
    """Recognised products on a day, by one dimension: valid that day, and ever recognised, each with its definition."""
    day = on or view.today
    valid = await view.fetch(view.sql.counted, day, True, by, province)
    ever = await view.fetch(view.sql.counted, day, False, by, province)
    return {
        "on": day, "by": by, "province": province, "valid": views.counted("valid", by, valid),
        "ever": views.counted("ever", by, ever),
    }  # fmt: skip


@ROUTES.get("/recognised/list")
async def behind(
    count: views.Count = "valid", on: DAY = None, province: str | None = None, commune: str | None = None,
    group: str | None = None, set: Annotated[str | None, Query()] = None, stars: STARS = None,
    producer_kind: str | None = None, limit: PAGE = 100, offset: SKIP = 0, view: Reading = reads(views.RECOGNITIONS),
) -> list[dict[str, Any]]:  # fmt: skip
    """The products that a number of `/recognised` counts: as many rows as the number says."""
    return await view.fetch(
        view.sql.behind, on or view.today, count == "valid", province, commune, group, set, stars, producer_kind,
        limit, offset,
    )  # fmt: skip


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.RECOGNITIONS)) -> dict[str, Any]:
    """Products with a certificate valid today, and ever recognised until today."""
    return (await view.fetch(view.sql.counts, view.today))[0]
