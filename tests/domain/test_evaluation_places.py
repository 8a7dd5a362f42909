"""Who acts where: a province on its own assessments, the centre on the national ones, from reception to return."""

from typing import Any
from uuid import UUID

import pytest

from services.evaluation.commands import appeals, councils, following, reception, session
from services.evaluation.commands.desk import COMMANDS
from services.evaluation.domain import following as steps
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.refusals import NotYourBallot
from services.evaluation.domain.round import Round
from shared.auth.actors import Actor, Role
from shared.auth.permissions import Forbidden
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.commands import Command, Request, Session
from tests.evaluating import (
    CHAIR,
    GARLIC,
    advised,
    arrived,
    ballots,
    decided,
    decision,
    form,
    national,
    open_round,
    opened,
    referred,
    returned,
    review_of,
    sitting,
)
from tests.given import an_id, on

ADVICE = {"report": "Đủ", "proposal": "Đánh giá"}


class Kept:
    """Stands for the store: the aggregates that a command finds."""

    def __init__(self, *aggregates: Aggregate) -> None:
        self._by_id = {aggregate.id: aggregate for aggregate in aggregates}

    async def load(self, cls: type[Aggregate], id: UUID) -> Aggregate | None:
        found = self._by_id.get(id)
        return found if isinstance(found, cls) else None


async def act(
    command: type[Command], action: str, actor: Actor, assessment: Assessment, *others: Aggregate, **facts: Any
) -> Session:
    asked = Request(id="r", actor=actor, action=action, correlation="r")
    work: Any = Session(Kept(assessment, *others), asked, on("2027-03-10"))  # type: ignore[arg-type]
    handler = COMMANDS.handlers[command]
    await handler(command.model_validate({"assessment_id": assessment.id, **facts}), work)
    return work


def who(role: Role, place: str, name: str = "somebody") -> Actor:
    return Actor(name, role, place)


def receive(actor: Actor, assessment: Assessment) -> Any:
    return act(reception.ReceiveDossier, "evaluation:receive-dossier", actor, assessment)


# --- reception ---


async def test_the_provinces_agency_receives_what_its_communes_forward() -> None:
    assessment = arrived()
    await receive(who("agency", "51"), assessment)
    assert assessment.state == "opened"


@pytest.mark.parametrize(("role", "place"), [("agency", "42"), ("ministry", "TW")])
async def test_nobody_else_receives_it(role: Role, place: str) -> None:
    with pytest.raises(Forbidden):
        await receive(who(role, place), arrived())


async def test_the_ministry_receives_what_is_referred() -> None:
    _, following = referred()
    await receive(who("ministry", "TW"), following)
    assert following.state == "opened"


@pytest.mark.parametrize("place", ["51", "42"])
async def test_a_province_does_not_receive_what_is_referred(place: str) -> None:
    _, following = referred()
    with pytest.raises(Forbidden):
        await receive(who("agency", place), following)


async def test_the_agency_may_lay_down_the_file_for_the_centre() -> None:
    province = decided("93", 5)
    steps.approve_result(province, decision(), on("2026-09-25"))
    work = await act(following.ReferDossier, "evaluation:refer", who("agency", "51"), province)
    assert [type(e) for e in work.events()][-2:] == [Assessment.Referred, Assessment.Arrived]


# --- session ---


@pytest.mark.parametrize(("role", "place"), [("advisory_team", "42"), ("advisory_team", "TW"), ("ministry", "TW")])
async def test_an_advisory_team_reports_on_its_own_level_and_place(role: Role, place: str) -> None:
    with pytest.raises(Forbidden):
        await act(reception.ReportAdvice, "evaluation:report-advice", who(role, place), opened(), **ADVICE)


@pytest.mark.parametrize("role", ["advisory_team", "ministry"])
async def test_the_centres_team_reports_at_the_centre(role: Role) -> None:
    _, following = referred()
    following.receive(on("2027-01-18"))
    await act(reception.ReportAdvice, "evaluation:report-advice", who(role, "TW"), following, **ADVICE)
    assert following.state == "advised"


async def test_a_provinces_team_does_not_report_at_the_centre() -> None:
    _, following = referred()
    following.receive(on("2027-01-18"))
    with pytest.raises(Forbidden):
        await act(reception.ReportAdvice, "evaluation:report-advice", who("advisory_team", "51"), following, **ADVICE)


async def test_a_member_casts_a_ballot_under_the_own_name_only() -> None:
    facts = {"member_id": CHAIR, "options": ballots("75", 4)[0]}
    assessment = sitting()
    await act(session.CastBallot, "evaluation:cast-ballot", who("chair", "51", CHAIR), assessment, **facts)
    assert list(assessment.turn.ballots) == [CHAIR]
    with pytest.raises(NotYourBallot):
        await act(session.CastBallot, "evaluation:cast-ballot", who("member", "51", "51-2"), sitting(), **facts)


@pytest.mark.parametrize(("role", "place"), [("chair", "TW"), ("ministry", "TW"), ("chair", "42")])
async def test_the_centre_does_not_decide_for_a_province(role: Role, place: str) -> None:
    with pytest.raises(Forbidden):
        await act(session.Decide, "evaluation:decide", who(role, place), sitting(), declared=[{"id": "E1"}])


# --- what follows ---


async def test_the_ministry_returns_its_result() -> None:
    assessment = national("957/11", 4)
    await act(following.ReturnResult, "evaluation:return-result", who("ministry", "TW"), assessment)
    assert assessment.state == "returned"


async def test_a_province_does_not_return_the_ministrys_result() -> None:
    with pytest.raises(Forbidden):
        await act(following.ReturnResult, "evaluation:return-result", who("agency", "51"), national("957/11", 4))


async def test_the_province_assesses_on_its_own_what_came_back_to_it() -> None:
    work = await act(
        following.OpenOwnAssessment, "evaluation:open-own-assessment", who("agency", "51"), returned("957/11", 4),
        id=an_id("own"),
    )  # fmt: skip
    assert work.answer == {"id": an_id("own")}


async def test_another_province_does_not() -> None:
    with pytest.raises(Forbidden):
        await act(
            following.OpenOwnAssessment, "evaluation:open-own-assessment", who("agency", "42"),
            returned("957/11", 4), id=an_id("own"),
        )  # fmt: skip


# --- a result called into question ---


@pytest.mark.parametrize(("owner", "may"), [(str(GARLIC.producer.id), True), (str(an_id("another")), False)])
async def test_a_producer_appeals_for_the_own_product_only(owner: str, may: bool) -> None:
    facts = {"id": an_id("appeal"), "criteria": ["3.5"], "reason": "Có nhãn hiệu"}
    lodging = act(appeals.LodgeAppeal, "evaluation:lodge-appeal", who("producer", owner), decided("629/9", 3), **facts)
    if not may:
        with pytest.raises(Forbidden):
            await lodging
        return
    assert (await lodging).answer["reference"] == "KN-51-2027-0001"


async def test_the_centre_demands_and_the_province_annuls() -> None:
    result = decided("73", 4)
    demand = {"reason": "Không khai báo"}
    review = review_of(result)
    await act(following.DemandRedo, "evaluation:demand-redo", who("ministry", "TW"), result, review, **demand)
    assert review.demanded
    facts = {"decision": decision(), "reason": "Bộ yêu cầu"}
    await act(following.AnnulAssessment, "evaluation:annul", who("province_chairman", "51"), result, review, **facts)
    assert result.state == "annulled"
    with pytest.raises(Forbidden):
        await act(following.Reassess, "evaluation:reassess", who("ministry", "TW"), result, review, id=an_id("anew"))
    work = await act(following.Reassess, "evaluation:reassess", who("agency", "51"), result, review, id=an_id("anew"))
    assert work.answer == {"id": an_id("anew")}


async def test_another_province_does_not_annul() -> None:
    result = decided("73", 4)
    facts = {"decision": decision(), "reason": "Bộ yêu cầu"}
    with pytest.raises(Forbidden):
        await act(following.AnnulAssessment, "evaluation:annul", who("province_chairman", "42"), result, **facts)


# --- rounds ---


@pytest.mark.parametrize(("role", "place"), [("agency", "42"), ("ministry", "TW")])
async def test_a_round_is_closed_by_its_own_agency(role: Role, place: str) -> None:
    found = open_round()
    asked = Request(id="r", actor=who(role, place), action="evaluation:close-round", correlation="r")
    work = Session(Kept(found), asked, on("2026-09-30"))  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        await councils.close_round(councils.CloseRound(round_id=found.id), work)


@pytest.mark.parametrize("province", [None, "TW"])
async def test_the_ministry_opens_a_round_of_the_centre(province: str | None) -> None:
    asked = Request(id="r", actor=who("ministry", "TW"), action="evaluation:open-round", correlation="r")
    work = Session(Kept(), asked, on("2027-01-04"))  # type: ignore[arg-type]
    command = councils.OpenRound(
        id=an_id("round"), level="national", province=province, name="Trung ương", year=2027, number=2,
        proposals_last=on("2027-01-29").on, done_last=on("2027-03-29").on, basis="Điều 5.2",
    )  # fmt: skip
    await councils.open_round(command, work)
    (event,) = work.events()
    assert isinstance(event, Round.Opened)
    assert event.facts.province is None


async def test_a_round_of_a_province_that_does_not_exist_is_refused() -> None:
    asked = Request(id="r", actor=who("agency", "03"), action="evaluation:open-round", correlation="r")
    work = Session(Kept(), asked, on("2026-06-15"))  # type: ignore[arg-type]
    command = councils.OpenRound(
        id=an_id("round"), level="province", province="03", name="Đợt", year=2026, basis="Quy chế",
        proposals_last=on("2026-07-31").on, done_last=on("2026-09-30").on,
    )  # fmt: skip
    with pytest.raises(councils.UnknownProvince) as caught:
        await councils.open_round(command, work)
    assert caught.value.field == "province"


async def test_a_secretary_sends_only_to_the_own_council() -> None:
    council, in_round = form("42"), open_round()
    with pytest.raises(Forbidden):
        await act(
            session.SendToCouncil, "evaluation:send-dossiers", who("secretary", "51"), advised(), council, in_round,
            council_id=council.id, round_id=in_round.id,
        )  # fmt: skip
