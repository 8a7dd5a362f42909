"""The doors of evaluation: who may ask what, and what can be read."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query

from services.evaluation import commands, views
from shared.auth.actors import Actor
from shared.auth.permissions import require
from shared.values import NotFound, Refusal
from shared.web import Reading, officer, reads, takes

ROUTES = APIRouter()
PAGE = Annotated[int, Query(ge=1, le=1000)]
SKIP = Annotated[int, Query(ge=0, le=10_000_000)]
READ = "evaluation:read-internal"


class BallotsSealed(Refusal):
    rule = "ballots-sealed"
    article = "Quy chế Hội đồng"
    vi = "Phiếu đánh giá được niêm phong đến khi hội đồng quyết định."
    en = "Ballots are sealed until the council has decided."


# --- round ---

takes(ROUTES, "/rounds", commands.OpenRound, "evaluation:open-round", status=201)
takes(ROUTES, "/rounds/{round_id}/closing", commands.CloseRound, "evaluation:close-round")


@ROUTES.get("/rounds")
async def rounds(
    level: str | None = None, province: str | None = None, state: str | None = None, limit: PAGE = 100,
    offset: SKIP = 0, view: Reading = reads(views.ROUNDS),
) -> list[dict[str, Any]]:  # fmt: skip
    return await view.fetch(view.sql.rounds, level, province, state, limit, offset)


@ROUTES.get("/rounds/{round_id}")
async def one_round(round_id: UUID, view: Reading = reads(views.ROUNDS)) -> dict[str, Any]:
    return found(await view.row(view.sql.round, round_id), "round", round_id)


# --- council ---

takes(ROUTES, "/councils", commands.FormCouncil, "evaluation:form-council", status=201)


@ROUTES.get("/councils")
async def councils(
    level: str | None = None, province: str | None = None, limit: PAGE = 100, offset: SKIP = 0,
    view: Reading = reads(views.COUNCILS),
) -> list[dict[str, Any]]:  # fmt: skip
    rows = await view.fetch(view.sql.councils, level, province, limit, offset)
    return [opened(row, "decision") for row in rows]


@ROUTES.get("/councils/{council_id}")
async def council(council_id: UUID, view: Reading = reads(views.COUNCILS)) -> dict[str, Any]:
    """Members and secretary by office; names are not public."""
    row = found(await view.row(view.sql.council, council_id), "council", council_id)
    return opened(row, "decision", "seats", "secretary", "team_offices", "bylaw")


# --- assessment: reception, session, what follows ---

takes(ROUTES, "/assessments/{assessment_id}/receipt", commands.ReceiveDossier, "evaluation:receive-dossier")
takes(ROUTES, "/assessments/{assessment_id}/advice", commands.ReportAdvice, "evaluation:report-advice")
takes(ROUTES, "/assessments/{assessment_id}/sending", commands.SendToCouncil, "evaluation:send-dossiers")
takes(ROUTES, "/assessments/{assessment_id}/session", commands.HoldSession, "evaluation:hold-session")
takes(ROUTES, "/assessments/{assessment_id}/ballots", commands.CastBallot, "evaluation:cast-ballot")
takes(ROUTES, "/assessments/{assessment_id}/decision", commands.Decide, "evaluation:decide")
takes(ROUTES, "/assessments/{assessment_id}/approval", commands.ApproveResult, "evaluation:approve-result")
takes(ROUTES, "/assessments/{assessment_id}/referral", commands.ReferDossier, "evaluation:refer")
takes(ROUTES, "/assessments/{assessment_id}/non-recognition", commands.NotRecognise, "certification:not-recognise")
takes(ROUTES, "/assessments/{assessment_id}/return", commands.ReturnResult, "evaluation:return-result")
takes(
    ROUTES, "/assessments/{assessment_id}/own-assessment", commands.OpenOwnAssessment,
    "evaluation:open-own-assessment", status=201,
)  # fmt: skip


@ROUTES.get("/assessments")
async def assessments(
    dossier: UUID | None = None, product: UUID | None = None, province: str | None = None, state: str | None = None,
    level: str | None = None, round_id: Annotated[UUID | None, Query(alias="round")] = None, limit: PAGE = 100,
    offset: SKIP = 0, view: Reading = reads(views.ASSESSMENTS),
) -> list[dict[str, Any]]:  # fmt: skip
    """Oldest first."""
    rows = await view.fetch(view.sql.assessments, dossier, product, province, state, level, round_id, limit, offset)
    return [opened(row, "improve") for row in rows]


@ROUTES.get("/assessments/{assessment_id}")
async def assessment(assessment_id: UUID, view: Reading = reads(views.ASSESSMENTS)) -> dict[str, Any]:
    row = found(await view.row(view.sql.assessment, assessment_id), "assessment", assessment_id)
    return opened(row, "improve")


@ROUTES.get("/assessments/{assessment_id}/result")
async def result(assessment_id: UUID, view: Reading = reads(views.RESULTS)) -> dict[str, Any]:
    """The council's decision, explained criterion by criterion in the sheet's own words."""
    return views.explained(found(await view.row(view.sql.result_of, assessment_id), "result", assessment_id))


@ROUTES.get("/assessments/{assessment_id}/ballots")
async def ballots(
    assessment_id: UUID, actor: Actor = officer(READ), view: Reading = reads(views.BALLOTS)
) -> list[dict[str, Any]]:
    """Who ticked what, by office, for officers of the place. Raises BallotsSealed before the council has decided."""
    sitting = found(await view.row(view.sql.sitting_of, assessment_id), "session", assessment_id)
    require(actor, READ, views.place_of_sitting(sitting))
    if sitting["decided_on"] is None:
        raise BallotsSealed()
    return [opened(row, "options") for row in await view.fetch(view.sql.ballots_of, assessment_id)]


@ROUTES.get("/counts")
async def counts(view: Reading = reads(views.ASSESSMENTS)) -> dict[str, Any]:
    """How many rounds, councils and assessments there are, and how far these have come."""
    return found(await view.row(view.sql.counts), "counts", "")


def opened(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    """A row with its JSON columns read."""
    return row | {column: row[column] and orjson.loads(row[column]) for column in columns}


def found(row: dict[str, Any] | None, what: str, id: object) -> dict[str, Any]:
    if row is None:
        raise NotFound(what=what, id=id)
    return row
