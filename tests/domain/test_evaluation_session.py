"""From the dossier's arrival to the members' ballots (26/2026 art. 5, 7.2–7.3)."""

from typing import Any

import pytest

from services.evaluation.domain import refusals as no
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.round import RoundClosed
from services.evaluation.policy import on_dossier_forwarded
from services.evaluation.published import PUBLISHED
from shared.auth.permissions import Place
from shared.contracts import evaluation as said
from shared.contracts.envelope import Envelope
from shared.contracts.registration import DossierForwarded
from shared.regulation.bylaw import Bylaw
from tests.evaluating import (
    CHAIR,
    GARLIC,
    RULES,
    SAT,
    advise,
    advised,
    arrived,
    ballots,
    form,
    open_round,
    opened,
    referred,
    sent,
    sitting,
)
from tests.given import an_id, given, on

SHEET = RULES.sheet("10")
NINE = [f"51-{n}" for n in range(1, 10)]

# --- reception ---


def test_a_forwarded_dossier_begins_the_assessment_of_the_first_deciding_level() -> None:
    assessment = arrived()
    assert (assessment.level, assessment.state) == ("province", "arrived")
    assert given(assessment).aggregate.place == Place(province="51", commune="21548", producer=str(GARLIC.producer.id))


def test_the_policy_makes_the_same_assessment_of_the_same_message_every_time() -> None:
    fact = DossierForwarded(
        product=GARLIC.product, producer=GARLIC.producer, province="51", commune="21548", ruleset="qd-26-2026",
        legal_date=on("2026-07-22").on, dossier_id=an_id("dossier"), kind="first", submitted_on=on("2026-07-06").on,
        evidence=[],
    )  # fmt: skip
    envelope = Envelope(
        id="registration:9", type=fact.type_name(), source="/ocop/registration", subject=str(an_id("dossier")),
        time=on("2026-07-22").at, dataschema="/s.json", key=str(GARLIC.product.id), data={},
    )  # fmt: skip
    first, second = on_dossier_forwarded(fact, envelope), on_dossier_forwarded(fact, envelope)
    assert first == second
    assert (first.dossier_id, first.on, first.about) == (an_id("dossier"), on("2026-07-22").on, GARLIC)


def test_the_agency_takes_up_a_dossier_and_that_is_said() -> None:
    event = given(arrived()).when(lambda a: a.receive(on("2026-07-23"))).then(Assessment.Opened)
    contract = PUBLISHED(event)
    assert isinstance(contract, said.AssessmentOpened)
    assert (contract.dossier_id, contract.level, contract.own) == (an_id("dossier"), "province", False)


def test_a_dossier_is_taken_up_once() -> None:
    given(opened()).refuses(no.NotArrived, lambda a: a.receive(on("2026-07-24")))


def test_the_advisory_team_reports_on_a_dossier_once() -> None:
    given(opened()).when(lambda a: advise(a, "2026-08-25")).then(Assessment.AdviceReported)
    given(advised()).refuses(no.NotOpened, lambda a: advise(a, "2026-08-26"))


def test_the_advisory_team_does_not_report_before_reception() -> None:
    given(arrived()).refuses(no.NotOpened, lambda a: advise(a, "2026-08-25"))


# --- sending to the council ---


def send(assessment: Assessment, **facts: Any) -> None:
    council, in_round = facts.get("council", form()), facts.get("in_round", open_round())
    assessment.send(council, in_round, on("2026-09-11"))


def test_a_dossier_goes_to_the_council_after_the_report() -> None:
    given(advised()).when(send).then(Assessment.SentToCouncil)
    given(opened()).refuses(no.AdviceMissing, send)


def test_a_dossier_goes_to_the_council_once() -> None:
    given(sent()).refuses(no.AdviceMissing, send)


def test_a_dossier_does_not_go_to_another_provinces_council() -> None:
    given(advised()).refuses(no.WrongCouncil, lambda a: send(a, council=form("42")))


def test_a_dossier_of_a_province_does_not_go_to_the_council_of_the_centre() -> None:
    given(advised()).refuses(no.WrongCouncil, lambda a: send(a, council=form("TW", 11)))


def test_a_dossier_is_not_assessed_in_another_provinces_round() -> None:
    given(advised()).refuses(no.WrongRound, lambda a: send(a, in_round=open_round(province="42")))


def test_a_dossier_is_assessed_in_a_round() -> None:
    given(advised()).refuses(no.RoundMissing, lambda a: send(a, in_round=None))


def test_a_closed_round_takes_no_dossier() -> None:
    shut = open_round()
    shut.close(on("2026-09-10"))
    given(advised()).refuses(RoundClosed, lambda a: send(a, in_round=shut))


@pytest.mark.parametrize("last", ["2026-07-22", "2026-07-31"])
def test_a_dossier_proposed_by_the_last_day_is_in_time(last: str) -> None:
    given(advised()).when(lambda a: send(a, in_round=open_round(proposals_last=on(last).on)))


def test_a_dossier_proposed_after_the_last_day_waits_for_the_next_round() -> None:
    late = open_round(proposals_last=on("2026-07-21").on)
    refusal = given(advised()).refuses(no.ProposalsClosed, lambda a: send(a, in_round=late))
    assert (refusal.rule, refusal.article) == ("proposals-closed", "Điều 5")


def test_at_the_centre_the_day_of_the_referral_counts_as_the_proposal() -> None:
    _, following = referred()
    assert following.proposed_on == on("2027-01-15").on


# --- session ---


def hold(assessment: Assessment, present: list[str] | None = None, day: str = SAT, many: int = 9) -> None:
    assessment.hold_session(form(many=many), NINE[:many] if present is None else present, RULES, on(day))


def test_seven_of_nine_with_the_chair_are_a_quorum() -> None:
    event = given(sent()).when(lambda a: hold(a, NINE[:7])).then(Assessment.SessionHeld)
    assert [seat.id for seat in event.present] == NINE[:7]


def test_six_of_nine_are_no_quorum() -> None:
    refusal = given(sent()).refuses(no.NoQuorum, lambda a: hold(a, NINE[:6]))
    assert (refusal.have["need"], refusal.have["have"]) == (7, 6)


def test_a_member_named_twice_counts_once() -> None:
    given(sent()).refuses(no.NoQuorum, lambda a: hold(a, [*NINE[:6], NINE[0]]))


def test_a_council_does_not_sit_without_its_chair() -> None:
    given(sent()).refuses(no.ChairAbsent, lambda a: hold(a, NINE[1:]))


def test_a_bylaw_may_let_a_council_sit_without_its_chair() -> None:
    council = form(bylaw=Bylaw(chair_present=False))
    case = given(sent(council=council))
    case.when(lambda a: a.hold_session(council, NINE[1:], RULES, on(SAT))).then(Assessment.SessionHeld)


def test_only_members_are_present() -> None:
    given(sent()).refuses(no.NotAMember, lambda a: hold(a, [*NINE, "51-thu-ky"]))


def test_members_have_the_dossier_a_working_day_before_the_session() -> None:
    # sent on Friday 11 September: Monday 14 is the first working day after it
    given(sent()).when(lambda a: hold(a, day="2026-09-14"))
    given(sent()).refuses(no.SentTooLate, lambda a: hold(a, day="2026-09-13"))


def test_a_bylaw_may_ask_for_no_day_in_between() -> None:
    council = form(bylaw=Bylaw(members_get_dossier_working_days=0))
    case = given(sent(council=council))
    case.when(lambda a: a.hold_session(council, NINE, RULES, on("2026-09-11"))).then(Assessment.SessionHeld)


def test_a_council_sits_until_the_last_day_of_the_round() -> None:
    given(sent()).when(lambda a: hold(a, day="2026-09-30"))
    given(sent()).refuses(no.RoundOver, lambda a: hold(a, day="2026-10-01"))


def test_a_council_sits_only_on_what_was_sent_and_once() -> None:
    given(advised()).refuses(no.NotSent, hold)
    given(sitting()).refuses(no.NotSent, hold)


# --- ballots ---


def cast(assessment: Assessment, member: str = CHAIR, by: str | None = None, **changes: int | None) -> None:
    options = {**ballots("75", 4)[0], **{code.replace("_", "."): option for code, option in changes.items()}}
    assessment.cast(member, by or member, options, SHEET, simulated=False, when=on(SAT))


def test_a_member_casts_the_own_ballot_and_nothing_of_it_is_said() -> None:
    event = given(sitting()).when(cast).then(Assessment.BallotCast)
    assert event.member.office_vi == "Sở số 1"
    assert PUBLISHED(event) is None


def test_nobody_casts_the_ballot_of_another() -> None:
    refusal = given(sitting()).refuses(no.NotYourBallot, lambda a: cast(a, "51-2", by="51-3"))
    assert refusal.rule == "not-your-ballot"


def test_who_is_not_present_does_not_score() -> None:
    few = sent()
    hold(few, NINE[:7])
    given(few).refuses(no.NotPresent, lambda a: cast(a, "51-8"))


def test_a_member_scores_once() -> None:
    once = sitting()
    cast(once)
    given(once).refuses(no.BallotTwice, cast)


def test_there_are_no_ballots_before_the_council_sits() -> None:
    given(sent()).refuses(no.NoSession, cast)


def test_an_option_that_the_sheet_does_not_have_is_refused_with_its_field() -> None:
    refusal = given(sitting()).refuses(no.UnknownOption, lambda a: cast(a, **{"6_1": 9}))
    assert (refusal.field, refusal.rule) == ("options.6.1", "unknown-option")


def test_a_criterion_that_the_sheet_does_not_have_is_refused_with_its_field() -> None:
    refusal = given(sitting()).refuses(no.UnknownCriterion, lambda a: cast(a, **{"99": 1}))
    assert (refusal.field, refusal.rule) == ("options.99", "unknown-criterion")


def test_a_blank_is_refused_where_the_sheet_prints_no_points() -> None:
    code = next(code for code, criterion in SHEET.criteria.items() if criterion.blank == "incomplete")
    refusal = given(sitting()).refuses(no.BlankNotAllowed, lambda a: cast(a, **{code: None}))
    assert (refusal.field, refusal.rule) == (f"options.{code}", "blank-not-allowed")


def test_a_blank_is_taken_where_the_sheet_prints_no_zero() -> None:
    code = next(code for code, criterion in SHEET.criteria.items() if criterion.blank == "zero")
    given(sitting()).when(lambda a: cast(a, **{code: None})).then(Assessment.BallotCast)
