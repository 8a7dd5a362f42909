"""The doors of certification: who may ask what, and what can be read."""

import re
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from services.certification import commands, views
from shared.values import NotFound
from shared.web import Reading, reads, takes

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

# --- proposal ---


@ROUTES.get("/proposals")
async def proposals(
    province: str | None = None, authority: str | None = None, limit: PAGE = 100, offset: SKIP = 0,
    view: Reading = reads(views.PROPOSALS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Results that await recognition; `authority` is an id of the ruleset."""
    return await view.fetch(view.sql.proposals, province, authority, limit, offset)


# --- certificate ---

takes(ROUTES, "/certificates", commands.IssueCertificate, "certification:issue", status=201)


@ROUTES.get("/certificates")
async def certificates(
    product: UUID | None = None, province: str | None = None, stars: STARS = None, on: DAY = None,
    limit: PAGE = 100, offset: SKIP = 0, view: Reading = reads(views.CERTIFICATES),
) -> list[dict[str, Any]]:  # fmt: skip
    """Every certificate ever issued, each with its status on the day."""
    rows = await view.fetch(view.sql.certificates, product, province, stars, limit, offset)
    return [views.detailed(row, on or view.today) for row in rows]


@ROUTES.get("/certificates/{number}")
async def certificate(
    number: str, answer: Response, on: DAY = None, view: Reading = reads(views.CERTIFICATES)
) -> dict[str, Any]:
    """What anyone may know of a certificate: its status on the day, and since and until when (26/2026 art. 4.3)."""
    row, day = await found(view, number), on or view.today
    if row is None:
        answer.status_code = 404
        return views.unknown(number, day)
    return views.public(row, day)


@ROUTES.get("/certificates/{number}/details")
async def details(number: str, on: DAY = None, view: Reading = reads(views.CERTIFICATES)) -> dict[str, Any]:
    row = await found(view, number)
    if row is None:
        raise NotFound(what="certificate", id=number)
    return views.detailed(row, on or view.today)


async def found(view: Reading, number: str) -> dict[str, Any] | None:
    """A number comes from whoever scans or types it; PostgreSQL takes no NUL in a text."""
    return await view.row(view.sql.certificate, number) if number.isprintable() else None


@ROUTES.get("/counts")
async def counts(_: Reading = reads(views.PROPOSALS), view: Reading = reads(views.CERTIFICATES)) -> dict[str, Any]:
    """How many results await recognition, and how many certificates were ever issued."""
    return (await view.fetch(view.sql.counts))[0]
