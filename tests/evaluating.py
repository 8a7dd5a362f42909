"""What the tests of evaluation begin from: a council, a round, and an assessment brought to any of its steps."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ocop.season.ballots import Filled, make_ballots
from services.evaluation.domain import following
from services.evaluation.domain.appeal import Appeal
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.council import Council, Member, Secretary, Team
from services.evaluation.domain.review import Review
from services.evaluation.domain.round import Round, RoundFacts
from shared.regulation.bylaw import Bylaw
from shared.regulation.rulesets import load
from shared.sealing import Sealed
from shared.values import About, Decision
from tests.given import about, an_id, on

RULES = load("qd-26-2026")
GARLIC = about(set="10", code="51-21548-1-2026")
WATER = about("Nước minh họa", set="16", code="51-21548-2-2026")
CHAIR = "51-1"
SAT = "2026-09-15"


def decision(day: str = "2026-09-25") -> Decision:
    return Decision(number="1/QĐ-UBND", date=on(day).on, authority="Chủ tịch UBND tỉnh")


def sealed(name: str) -> Sealed[str]:
    return Sealed[str](person=an_id(name), box="c2VhbGVk")


def members(many: int, place: str = "51") -> tuple[Member, ...]:
    """The chair first; `51-1`, `51-2`, …"""
    return tuple(
        Member(
            id=f"{place}-{n}", office_vi=f"Sở số {n}", seat="chair" if n == 1 else "member", name=sealed(f"{place}-{n}")
        )
        for n in range(1, many + 1)
    )


def form(place: str = "51", many: int = 9, **other: Any) -> Council:
    national = place == "TW"
    facts = {
        "level": "national" if national else "province", "province": None if national else place,
        "decision": decision("2026-06-12"), "bylaw": Bylaw(), "members": members(many, place), "ruleset": RULES,
        "secretary": Secretary(id=f"{place}-thu-ky", office_vi="Thư ký", name=sealed("secretary")),
        "team": Team(size=7), "when": on("2026-06-12"),
    } | other  # fmt: skip
    return Council.form(an_id(f"council {facts.get('district') or place}"), **facts)


def round_facts(**other: Any) -> RoundFacts:
    facts = {
        "level": "province", "province": "51", "name": "Đợt bổ sung 2026", "year": 2026, "number": "extra",
        "proposals_last": on("2026-07-31").on, "done_last": on("2026-09-30").on, "basis": "Quy chế Hội đồng",
    } | other  # fmt: skip
    return RoundFacts.model_validate(facts)


def open_round(day: str = "2026-06-15", **other: Any) -> Round:
    facts = round_facts(**other)
    return Round.open(an_id(f"round {facts.name}"), facts=facts, ruleset=RULES, when=on(day))


def national_round() -> Round:
    return open_round(
        "2027-01-04", level="national", province=None, name="Trung ương", year=2027, number=2,
        proposals_last=on("2027-01-29").on, done_last=on("2027-03-29").on,
    )  # fmt: skip


def ballots(average: str, star: int | None, many: int = 9, of: About = GARLIC, **other: Any) -> list[Filled]:
    """Ballots with this exact average and star on the product's sheet."""
    sheet = RULES.sheet(of.product.set)
    return make_ballots(sheet, ballots=many, average=Fraction(average), star=star, seed=average, **other)


# --- an assessment at each step ---


def arrived(of: About = GARLIC, forwarded: str = "2026-07-22") -> Assessment:
    return Assessment.arrive(
        an_id("assessment"), about=of, ruleset=RULES, dossier_id=an_id("dossier"), kind="first", evidence=6,
        forwarded_on=on(forwarded).on, when=on(forwarded),
    )  # fmt: skip


def opened(of: About = GARLIC) -> Assessment:
    assessment = arrived(of)
    assessment.receive(on("2026-07-23"))
    return assessment


def advised(of: About = GARLIC) -> Assessment:
    return advise(opened(of), "2026-08-25")


def advise(assessment: Assessment, day: str) -> Assessment:
    assessment.report_advice("Hồ sơ đủ thành phần", ("Nhãn rõ",), "Đề nghị đánh giá", on(day))
    return assessment


def sent(of: About = GARLIC, council: Council | None = None) -> Assessment:
    assessment = advised(of)
    assessment.send(council or form(), open_round(), on("2026-09-11"))
    return assessment


def sitting(of: About = GARLIC, council: Council | None = None) -> Assessment:
    council = council or form()
    assessment = sent(of, council)
    assessment.hold_session(council, tuple(council.seats), RULES, on(SAT))
    return assessment


def present(assessment: Assessment) -> list[str]:
    """The members who are to cast a ballot now."""
    return [seat.id for seat in assessment.turn.present] if assessment.turn else []


def vote(assessment: Assessment, filled: Sequence[Filled], day: str = SAT) -> Assessment:
    """Everyone present casts a ballot, in the order of seats."""
    sheet = RULES.sheet(assessment.about.product.set)
    for member, options in zip(present(assessment), filled, strict=False):
        assessment.cast(member, member, options, sheet, simulated=True, when=on(day))
    return assessment


def decide(assessment: Assessment, day: str = SAT, **other: Any) -> Assessment:
    assessment.decide(RULES, **({"agreed": None, "declared": (), "simulated": False} | other), when=on(day))
    return assessment


def decided(average: str, star: int | None, of: About = GARLIC, **other: Any) -> Assessment:
    return decide(vote(sitting(of), ballots(average, star, of=of, **other)))


def referred(average: str = "93") -> tuple[Assessment, Assessment]:
    """The province's assessment, and the ministry's that follows it."""
    province = decided(average, 5)
    following.approve_result(province, decision(), on("2026-09-25"))
    return province, following.refer(province, RULES, on("2027-01-15"))


def national(average: str, star: int, **other: Any) -> Assessment:
    """Decided at the centre."""
    _, assessment = referred()
    assessment.receive(on("2027-01-18"))
    council = form("TW", 11)
    advise(assessment, "2027-02-23").send(council, national_round(), on("2027-02-24"))
    assessment.hold_session(council, tuple(council.seats), RULES, on("2027-03-02"))
    return decide(vote(assessment, ballots(average, star, 11, **other), "2027-03-02"), "2027-03-02")


def returned(average: str, star: int, **other: Any) -> Assessment:
    assessment = national(average, star, **other)
    following.return_result(assessment, (), "", RULES.sheet("10"), on("2027-03-09"))
    return assessment


# --- a renewal (26/2026 art. 7.6) ---


def renewal(stars: int, forwarded: str = "2026-07-01") -> Assessment:
    """A certificate of so many stars is to be renewed; the dossier is on its way to the province."""
    return Assessment.arrive(
        an_id("assessment"), about=GARLIC, ruleset=RULES, dossier_id=an_id("dossier"), kind="renewal", evidence=6,
        forwarded_on=on(forwarded).on, when=on(forwarded), stars_held=stars,
    )  # fmt: skip


def asked_in_writing(stars: int = 3) -> Assessment:
    """Seven of nine are asked for their opinion on the renewal."""
    assessment, council = renewal(stars), form()
    assessment.receive(on("2026-07-02"))
    advise(assessment, "2026-07-15").send(council, None, on("2026-07-22"))
    assessment.hold_session(council, list(council.seats)[:7], RULES, on("2026-07-24"), "written")
    return assessment


# --- a result called into question ---


def review_of(assessment: Assessment, day: str = "2026-10-02") -> Review:
    return Review.begin(
        assessment.id, about=assessment.about, ruleset=assessment.ruleset, level=assessment.level, when=on(day)
    )


def lodge(assessment: Assessment, *criteria: str, day: str = "2026-10-02") -> Appeal:
    sheet = RULES.sheet(assessment.about.product.set)
    return Appeal.lodge(
        an_id("appeal"), assessment, reference="KN-51-2026-0001", criteria=criteria or ("3.5",),
        reason="Giấy chứng nhận nhãn hiệu có trong hồ sơ", sheet=sheet, when=on(day),
    )  # fmt: skip
