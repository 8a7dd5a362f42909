"""Renewals (26/2026 art. 7.6): written opinions, a meeting where they differ, five stars passed on by the province."""

from typing import Any

import pytest

from services.evaluation.domain import following
from services.evaluation.domain import refusals as no
from services.evaluation.domain.assessment import Assessment
from services.evaluation.policy import on_certificate_issued, on_certificate_replaced, on_dossier_forwarded
from services.evaluation.published import PUBLISHED
from shared.contracts import evaluation as said
from shared.contracts.certification import CertificateIssued, CertificateReplaced
from shared.contracts.envelope import Envelope
from shared.contracts.registration import DossierForwarded
from tests.evaluating import (
    GARLIC,
    RULES,
    advise,
    advised,
    asked_in_writing,
    ballots,
    decide,
    decision,
    form,
    national_round,
    opened,
    present,
    renewal,
    sent,
    sitting,
    vote,
)
from tests.given import an_id, given, on

SHEET = RULES.sheet("10")
NINE = [f"51-{n}" for n in range(1, 10)]
SEVEN = NINE[:7]


def last(assessment: Assessment) -> Any:
    return assessment.pending_events[-1]


def opine(assessment: Assessment, filled: list[Any], against: tuple[str, ...] = ()) -> Assessment:
    """Each of those who were asked gives an opinion in writing."""
    for member, options in zip(present(assessment), filled, strict=False):
        assessment.cast(
            member, member, options, SHEET, simulated=True, when=on("2026-07-24"), agree=member not in against
        )
    return assessment


def met(assessment: Assessment, day: str = "2026-07-29") -> Assessment:
    assessment.hold_session(form(), SEVEN, RULES, on(day))
    return assessment


# --- outside the rounds, in writing ---


def test_a_renewal_goes_to_the_council_without_a_round() -> None:
    assessment = renewal(3)
    assessment.receive(on("2026-07-02"))
    advise(assessment, "2026-07-15")
    event = given(assessment).when(lambda a: a.send(form(), None, on("2026-07-22"))).then(Assessment.SentToCouncil)
    assert event.sending.round_id is None


def test_a_first_dossier_does_not() -> None:
    assert (
        given(advised()).refuses(no.RoundMissing, lambda a: a.send(form(), None, on("2026-09-11"))).article == "Điều 5"
    )


def test_a_renewal_is_decided_by_written_opinions_that_agree() -> None:
    agreed = opine(asked_in_writing(), ballots("66", 3, 7))
    event = given(agreed).when(lambda a: decide(a, "2026-07-30")).then(Assessment.Decided)
    assert (event.mode, event.round_id, event.turn) == ("written", None, 1)
    contract = PUBLISHED(event)
    assert isinstance(contract, said.ProductScored)
    assert (contract.kind, contract.round, contract.ballots, contract.star_after_gates) == ("renewal", None, 7, 3)
    assert contract.again is False


def test_only_renewals_are_decided_in_writing() -> None:
    refusal = given(sent()).refuses(
        no.NotARenewal, lambda a: a.hold_session(form(), NINE, RULES, on("2026-09-15"), "written")
    )
    assert (refusal.field, refusal.article) == ("mode", "Điều 7.6")


def test_a_quorum_is_asked_in_writing_as_well() -> None:
    assessment = renewal(3)
    assessment.receive(on("2026-07-02"))
    advise(assessment, "2026-07-15").send(form(), None, on("2026-07-22"))
    case = given(assessment)
    case.refuses(no.NoQuorum, lambda a: a.hold_session(form(), NINE[:6], RULES, on("2026-07-24"), "written"))
    case.refuses(no.ChairAbsent, lambda a: a.hold_session(form(), NINE[1:], RULES, on("2026-07-24"), "written"))


def test_a_council_may_meet_on_a_renewal_at_once() -> None:
    assessment = renewal(3)
    assessment.receive(on("2026-07-02"))
    advise(assessment, "2026-07-15").send(form(), None, on("2026-07-22"))
    event = last(decide(vote(met(assessment), ballots("66", 3, 7), "2026-07-29"), "2026-07-29"))
    assert event.mode == "meeting"


# --- differing opinions ---


def test_one_disagreement_in_writing_calls_for_a_meeting() -> None:
    differ = opine(asked_in_writing(), ballots("66", 3, 7), against=("51-2",))
    refusal = given(differ).refuses(no.WrittenOpinionsDisagree, lambda a: decide(a, "2026-07-30"))
    assert (refusal.rule, refusal.article) == ("written-opinions-disagree", "Điều 7.6")
    assert refusal.have["offices"] == "Sở số 2"


def test_opinions_too_far_apart_call_for_a_meeting() -> None:
    differ = opine(asked_in_writing(4), ballots("72", 4, 7, spread=12))
    refusal = given(differ).refuses(no.WrittenOpinionsDisagree, lambda a: decide(a, "2026-07-30"))
    assert (refusal.have["spread"], refusal.have["allowed"]) == (12, 10)


def test_written_opinions_are_not_scored_again_in_writing() -> None:
    differ = opine(asked_in_writing(4), ballots("72", 4, 7, spread=12))
    given(differ).refuses(no.MeetingNeeded, lambda a: a.count_ballots(RULES, "Trao đổi", on("2026-07-28")))


def test_the_meeting_opens_the_written_opinions_keeps_them_and_scores_anew() -> None:
    case = given(opine(asked_in_writing(4), ballots("72", 4, 7, spread=12), against=("51-5",)))
    case.when(met).then(Assessment.BallotsCounted, Assessment.SessionHeld)
    count = case.said[0].count
    assert (count.mode, count.average, count.spread, count.against) == ("written", 72, 12, ("51-5",))
    assert (case.aggregate.turn.number, case.aggregate.turn.mode) == (2, "meeting")
    event = last(decide(vote(case.aggregate, ballots("71", 4, 7), "2026-07-29"), "2026-07-29"))
    assert (event.mode, event.turn, event.outcome.average) == ("meeting", 2, 71)


def test_a_council_meets_where_an_opinion_does_not_come() -> None:
    silent = opine(asked_in_writing(), ballots("66", 3, 7)[:5])
    case = given(silent)
    case.refuses(no.BallotsMissing, lambda a: decide(a, "2026-07-30"))
    case.when(met).then(Assessment.BallotsCounted, Assessment.SessionHeld)


def test_a_council_does_not_meet_on_opinions_that_agree() -> None:
    agreed = opine(asked_in_writing(), ballots("66", 3, 7))
    assert given(agreed).refuses(no.OpinionsAgree, met).rule == "written-opinions-agree"


def test_opinions_are_asked_for_in_writing_once() -> None:
    given(asked_in_writing()).refuses(
        no.NotSent, lambda a: a.hold_session(form(), SEVEN, RULES, on("2026-07-28"), "written")
    )


def test_a_disagreement_is_written_down_only_in_writing() -> None:
    options = ballots("66", 3, 9)[0]
    refusal = given(sitting()).refuses(
        no.OpinionNotInWriting,
        lambda a: a.cast("51-2", "51-2", options, SHEET, simulated=False, when=on("2026-09-15"), agree=False),
    )
    assert refusal.field == "agree"


# --- a look at the place ---


def check_site(assessment: Assessment) -> None:
    assessment.check_site("Quy mô sản xuất thay đổi lớn", "Nhà xưởng mới, đủ điều kiện", on("2026-07-10"))


def test_a_renewals_place_is_looked_at_before_the_council_has_it() -> None:
    assessment = renewal(4)
    assessment.receive(on("2026-07-02"))
    event = given(assessment).when(check_site).then(Assessment.SiteChecked)
    assert PUBLISHED(event) is None


def test_the_place_is_looked_at_for_renewals_only_and_in_time() -> None:
    assert given(opened()).refuses(no.NotARenewal, check_site).have["kind"] == "first"
    given(renewal(4)).refuses(no.NotOpened, check_site)
    given(asked_in_writing()).refuses(no.NotOpened, check_site)


# --- five stars: the province only reports and sends on ---


def passed_on() -> tuple[Assessment, Assessment]:
    province = renewal(5, "2027-01-19")
    advise(province, "2027-01-26")
    return province, following.refer(province, RULES, on("2027-01-28"))


def test_a_province_reports_on_five_stars_without_taking_them_up_and_sends_them_on() -> None:
    case = given(renewal(5))
    case.when(lambda a: advise(a, "2026-07-08")).then(Assessment.AdviceReported)
    event = case.when(lambda a: following.refer(a, RULES, on("2026-07-15"))).then(Assessment.Referred)
    contract = PUBLISHED(event)
    assert isinstance(contract, said.AssessmentReferred)
    assert (contract.level, contract.to_level) == ("province", "national")


def test_a_province_may_take_five_stars_up_before_it_reports() -> None:
    case = given(renewal(5))
    case.when(lambda a: a.receive(on("2026-07-06"))).then(Assessment.Opened)
    case.when(check_site).then(Assessment.SiteChecked)
    case.when(lambda a: advise(a, "2026-07-08")).then(Assessment.AdviceReported)


def test_a_province_does_not_lay_five_stars_before_its_council() -> None:
    reported = advise(renewal(5), "2026-07-08")
    refusal = given(reported).refuses(no.OnlyPassesOn, lambda a: a.send(form(), None, on("2026-07-09")))
    assert (refusal.rule, refusal.have["level"]) == ("renewal-decided-above", "national")


def test_a_province_sends_five_stars_on_after_its_report() -> None:
    given(renewal(5)).refuses(no.NotApproved, lambda a: following.refer(a, RULES, on("2026-07-08")))


def test_four_stars_are_the_provinces_own() -> None:
    assert renewal(4).passes_to is None
    given(renewal(4)).refuses(no.NotOpened, lambda a: advise(a, "2026-07-08"))


def test_the_centre_needs_no_second_report_on_a_renewal() -> None:
    _, above = passed_on()
    case = given(above)
    event = case.when(lambda a: a.receive(on("2027-01-29"))).then(Assessment.Opened)
    assert isinstance(PUBLISHED(event), said.AssessmentOpened)
    assert case.aggregate.state == "advised"
    case.refuses(no.NotOpened, lambda a: advise(a, "2027-02-01"))


@pytest.mark.parametrize("in_round", [None, national_round()])
def test_the_centre_decides_in_writing_with_or_without_a_round(in_round: Any) -> None:
    _, above = passed_on()
    council = form("TW", 11)
    above.receive(on("2027-01-29"))
    above.send(council, in_round, on("2027-02-24"))
    above.hold_session(council, tuple(council.seats), RULES, on("2027-02-26"), "written")
    vote(above, ballots("93", 5, 11), "2027-02-26")
    contract = PUBLISHED(given(above).when(lambda a: decide(a, "2027-03-02")).then(Assessment.Decided))
    assert isinstance(contract, said.ProductScored)
    assert (contract.level, contract.star_after_gates, contract.sent_up_to) == ("national", 5, None)
    assert contract.round == (in_round and in_round.id)


def test_a_renewal_that_reaches_ninety_at_the_province_goes_up_with_its_report() -> None:
    high = decide(opine(asked_in_writing(4), ballots("92", 5, 7)), "2026-07-30")
    following.approve_result(high, decision("2026-08-05"), on("2026-08-05"))
    above = following.refer(high, RULES, on("2026-08-06"))
    above.receive(on("2026-08-10"))
    assert (above.level, above.state) == ("national", "advised")


def test_a_first_dossier_is_reported_on_again_at_the_centre() -> None:
    high = decide(vote(sitting(), ballots("93", 5)))
    following.approve_result(high, decision(), on("2026-09-25"))
    above = following.refer(high, RULES, on("2027-01-15"))
    above.receive(on("2027-01-18"))
    assert above.state == "opened"


# --- what comes from the other houses ---


def message(fact: Any, number: int = 9) -> Envelope:
    return Envelope(
        id=f"{fact.HOUSE}:{number}", type=fact.type_name(), source=f"/ocop/{fact.HOUSE}", subject=str(an_id("x")),
        time=on("2026-07-22").at, dataschema="/s.json", key=str(GARLIC.product.id), data={},
    )  # fmt: skip


CARRIED = {"product": GARLIC.product, "producer": GARLIC.producer, "province": "51", "commune": "21548",
           "ruleset": "qd-26-2026"}  # fmt: skip


def test_a_forwarded_renewal_tells_which_stars_are_held() -> None:
    fact = DossierForwarded(
        **CARRIED, legal_date=on("2026-07-01").on, dossier_id=an_id("dossier"), kind="renewal",
        submitted_on=on("2026-06-15").on, evidence=[], stars_held=5,
    )  # fmt: skip
    command = on_dossier_forwarded(fact, message(fact))
    assert (command.kind, command.stars_held) == ("renewal", 5)


def certificate(**other: Any) -> dict[str, Any]:
    return CARRIED | {
        "legal_date": on("2026-08-06").on, "number": "GCN-51-2026-00001", "certificate_id": an_id("certificate"),
        "stars": 3, "issued_on": on("2026-08-06").on, "expires_on": on("2029-08-06").on, "decision": decision(),
        "kind": "renewal", "assessment_id": an_id("assessment"),
    } | other  # fmt: skip


def test_a_new_certificate_ends_the_renewal_whether_it_replaces_or_is_issued() -> None:
    issued = CertificateIssued(**certificate())
    replaced = CertificateReplaced(**certificate(replaces_number="GCN-51-2023-1", replaces_certificate_id=an_id("old")))
    first, second = on_certificate_issued(issued, message(issued)), on_certificate_replaced(replaced, message(replaced))
    assert first == second
    assert first
    assert (first.assessment_id, first.number) == (an_id("assessment"), "GCN-51-2026-00001")


def test_a_certificate_from_before_the_register_ends_nothing() -> None:
    fact = CertificateIssued(**certificate(kind="recorded", assessment_id=None))
    assert on_certificate_issued(fact, message(fact)) is None


def test_the_certificate_is_noted_with_the_result() -> None:
    result = decide(opine(asked_in_writing(), ballots("66", 3, 7)), "2026-07-30")
    case = given(result)
    act = case.when(lambda a: following.note_certificate(a, "GCN-51-2026-00001", on("2026-08-06")))
    assert PUBLISHED(act.then(Assessment.Certified)) is None
