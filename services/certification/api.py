"""The doors of certification: who may ask what, and what can be read."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.certification import commands, views
from shared.values import NotFound
from shared.web import Day, Page, Reading, Skip, Stars, reads, takes

ROUTES = APIRouter()


# --- proposal ---


@ROUTES.get("/proposals")
async def proposals(
    province: str | None = None, authority: str | None = None, limit: Page = 100, offset: Skip = 0,
    view: Reading = reads(views.PROPOSALS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Results that await recognition; `authority` is an id of the ruleset."""
    return await view.fetch(view.sql.proposals, province, authority, limit, offset)


# --- certificate ---

takes(ROUTES, "/certificates", commands.IssueCertificate, "certification:issue", status=201)


@ROUTES.get("/certificates")
async def certificates(
    product: UUID | None = None, province: str | None = None, stars: Stars = None, on: Day = None,
    limit: Page = 100, offset: Skip = 0, view: Reading = reads(views.CERTIFICATES),
) -> list[dict[str, Any]]:  # fmt: skip
    """Every certificate ever issued, each with its status on the day."""
    rows = await view.fetch(view.sql.certificates, product, province, stars, limit, offset)
    return [views.detailed(row, on or view.today) for row in rows]


@ROUTES.get("/certificates/{number}")
async def certificate(
    number: str, answer: Response, on: Day = None, view: Reading = reads(views.CERTIFICATES)
) -> dict[str, Any]:
    """What anyone may know of a certificate: its status on the day, and since and until when (26/2026 art. 4.3)."""
    row, day = await found(view, number), on or view.today
    if row is None:
        answer.status_code = 404
        return views.unknown(number, day)
    return views.public(row, day)


@ROUTES.get("/certificates/{number}/details")
async def details(number: str, on: Day = None, view: Reading = reads(views.CERTIFICATES)) -> dict[str, Any]:
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
