"""Recognitions with a past, for the tests of certification."""

from datetime import date

from services.certification.domain.certificate import Certificate, Kind
from services.certification.domain.proposal import Proposal
from services.certification.domain.recognition import Recognition
from shared.regulation.rulesets import load
from shared.values import About, Decision
from tests.given import about, an_id, on

RULES = load("qd-26-2026")
GARLIC = about(code="51-21548-1-2026")
CHAIRMAN, MINISTER = "province_chairman", "minister"
FIRST = "GCN-51-2026-00001"
SECOND = "GCN-51-2026-00002"


def proposal(
    stars: int = 4, *, assessment: str = "assessment", level: str = "province", kind: Kind = "first",
    scored: str = "2026-09-20", again: bool = False,
) -> Proposal:  # fmt: skip
    return Proposal(
        assessment_id=an_id(assessment), dossier_id=an_id("dossier"), level=level, stars=stars, kind=kind,
        scored_on=date.fromisoformat(scored), simulated=False, again=again,
    )  # fmt: skip


def proposed(result: Proposal | None = None, facts: About = GARLIC) -> Recognition:
    recognition = Recognition.open(facts, RULES.id, on("2026-09-20"))
    recognition.propose(result or proposal(), facts, RULES, on("2026-09-20"))
    return recognition


def decision(day: str) -> Decision:
    return Decision(number="12/QĐ-UBND", date=date.fromisoformat(day), authority="Chủ tịch UBND tỉnh Quảng Ngãi")


def issue(
    recognition: Recognition, *, number: str = FIRST, day: str = "2026-10-01", role: str = CHAIRMAN,
    assessment: str = "assessment",
) -> Certificate:  # fmt: skip
    return recognition.issue(an_id(assessment), number, decision(day), role=role, ruleset=RULES, when=on(day))


def certified(stars: int = 3, *, day: str = "2026-09-25", number: str = FIRST) -> Recognition:
    """A product recognised on a first dossier."""
    recognition = proposed(proposal(stars))
    issue(recognition, number=number, day=day, role=MINISTER if stars == 5 else CHAIRMAN)
    return recognition


def recorded(
    issued: str, expires: str, *, stars: int = 3, taken_in: str = "2026-05-25", number: str = "GCN-51-2023-00001"
) -> Recognition:
    """A product recognised under an earlier decision, whose data are not in the program."""
    recognition = Recognition.open(GARLIC, "qd-148-2023", on(issued))
    record(recognition, issued, expires, stars=stars, taken_in=taken_in, number=number)
    return recognition


def record(
    recognition: Recognition, issued: str, expires: str, *, stars: int = 3, taken_in: str = "2026-05-25",
    number: str = "GCN-51-2023-00001",
) -> None:  # fmt: skip
    certificate = Certificate(
        number=number, stars=stars, issued_on=date.fromisoformat(issued), expires_on=date.fromisoformat(expires)
    )
    recognition.record(
        certificate, decision(issued), about=GARLIC, ruleset="qd-148-2023", printed=None,
        recorded_on=date.fromisoformat(taken_in), simulated=True, when=on(issued),
    )  # fmt: skip


def propose(recognition: Recognition, result: Proposal) -> None:
    day = result.scored_on.isoformat()
    recognition.propose(result, GARLIC, RULES, on(day))
