"""The doors of programme: what can be read across provinces. Every number comes with its definition and its list."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.programme import views
from shared.web import Day, Page, Reading, Skip, Stars, reads

ROUTES = APIRouter()


# --- recognition ---


@ROUTES.get("/recognised")
async def recognised(
    by: views.Dimension = "province", on: Day = None, province: str | None = None,
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
    count: views.Count = "valid", on: Day = None, province: str | None = None, commune: str | None = None,
    group: str | None = None, set: Annotated[str | None, Query()] = None, stars: Stars = None,
    producer_kind: str | None = None, limit: Page = 100, offset: Skip = 0, view: Reading = reads(views.RECOGNITIONS),
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
