"""What can be asked of the certification house: load, decide, save."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from pydantic import Field

from services.certification.domain.numbers import CertificateNumbers
from services.certification.domain.recognition import NoProposal, Proposal, Recognition
from shared.eventstore.commands import Command, Commands, DateInFuture, Session
from shared.regulation.rulesets import load
from shared.values import About, Decision, Refusal

COMMANDS = Commands("certification")
handler = COMMANDS.handler


class DatesDiffer(Refusal):
    rule = "issued-on-another-day"
    article = "Điều 4.3"
    vi = "Giấy chứng nhận được cấp vào ngày của quyết định ({decided}), không phải ngày {on}."
    en = "A certificate is issued on the day of its decision ({decided}), not on {on}."


# --- proposal ---


class ProposeRecognition(Command):
    """A council's result of three stars or more is laid before the authority; said by the policy."""

    about: About
    ruleset: str
    proposal: Proposal


@handler
async def propose_recognition(command: ProposeRecognition, session: Session) -> None:
    ruleset, about, when = load(command.ruleset), command.about, session.when
    recognition = await session.find(Recognition, Recognition.id_of(about.product.id))
    recognition = recognition or Recognition.open(about, ruleset, when)
    recognition.propose(command.proposal, about, ruleset, when)
    session.save(recognition)


# --- certificate ---


class SignedDecision(Decision):
    """A decision as it stands on paper: number and authority are not blank."""

    number: str = Field(pattern=r"\S", max_length=100)
    authority: str = Field(pattern=r"\S", max_length=300)


class IssueCertificate(Command):
    """The authority recognises a product and issues its certificate on the day of the decision (26/2026 art. 4)."""

    product_id: UUID
    assessment_id: UUID
    decision: SignedDecision


@handler
async def issue_certificate(command: IssueCertificate, session: Session) -> None:
    decision, role = command.decision, session.request.actor.role
    when = replace(session.when, on=day_of_issue(command, session.when.on))
    recognition = await session.find(Recognition, Recognition.id_of(command.product_id))
    if recognition is None:
        raise NoProposal(field="assessment_id", assessment=command.assessment_id)
    ruleset = load(recognition.ruleset)
    issuer = recognition.issuer(command.assessment_id, role, ruleset, when.on)
    numbers = await session.find(CertificateNumbers, CertificateNumbers.id_of(issuer, when.on.year))
    numbers = numbers or CertificateNumbers.open(issuer, when.on.year, when)
    number = numbers.allocate(command.product_id, when)
    certificate = recognition.issue(command.assessment_id, number, decision, role=role, ruleset=ruleset, when=when)
    session.save(
        numbers, recognition, number=certificate.number, certificate_id=certificate.id, stars=certificate.stars,
        issued_on=certificate.issued_on, expires_on=certificate.expires_on,
    )  # fmt: skip


def day_of_issue(command: IssueCertificate, today: date) -> date:
    """The decision's date. Raises DatesDiffer where the command names another legal date, DateInFuture."""
    decided = command.decision.date
    if command.on not in {None, decided}:
        raise DatesDiffer(field="decision.date", decided=decided, on=command.on)
    if decided > today:
        raise DateInFuture(field="decision.date", on=decided, today=today)
    return decided
