"""The home page: the yearly cycle as a loop of steps, each with what the houses count there today."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from services.portal.views.houses import Houses

Row = dict[str, Any]
HOUSES = ("registration", "evaluation", "certification", "promotion", "programme")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the cycle: which words and drawing it has, how many stand there, and how many came further."""

    name: str
    count: int
    further: int
    link: str | None = None


async def home(houses: Houses, today: date) -> Row:
    """The counts of every house."""
    answers = await asyncio.gather(*(houses.common(house, "counts") for house in HOUSES))
    counts = dict(zip(HOUSES, answers, strict=True))
    return {"steps": steps(counts), "recognised": counts["programme"], "counts": counts,
            "half_year": today + timedelta(days=180)}  # fmt: skip


def steps(counts: dict[str, Row]) -> list[Step]:
    """The eight steps of the yearly cycle, from the idea to the renewal that begins it again."""
    r, e, c, p = (counts[house] for house in HOUSES[:4])
    return [
        Step("idea", r["ideas"], r["ideas_accepted"]),
        Step("plan", r["plans"], r["plans_approved"]),
        Step("dossier", r["dossiers"], r["dossiers_forwarded"], "/dossiers"),
        Step("assessment", e["assessments"], e["decided"], "/rounds"),
        Step("certificate", c["certificates"], c["in_force"], "/dashboard"),
        Step("promotion", p["listed"], p["provinces"], "/products"),
        Step("inspection", c["inspections"], c["revoked"], "/developers#feed"),
        Step("renewal", c["ending_180"], c["renewed"], "/expiring"),
    ]
