"""A result is proposed, a certificate issued, replaced, or taken in from an earlier recognition."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from pydantic import Field

from services.certification.commands.registry import SignedDecision, day_of, handler, rules
from services.certification.domain.certificate import Certificate
from services.certification.domain.numbers import CertificateNumbers, NumberTaken, PrintedNumber, parsed, safe_in_a_url
from services.certification.domain.proposal import Proposal, series_of
from services.certification.domain.recognition import Recognition
from services.certification.domain.refusals import NoProposal
from services.certification.domain.result import Result
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import in_force, load
from shared.values import About, Decision, Known

# --- proposal ---


class ProposeRecognition(Command):
    """A council's result of three stars or more is laid before the authority; said by the policy."""

    about: About
    ruleset: str
    proposal: Proposal


@handler
async def propose_recognition(command: ProposeRecognition, session: Session) -> None:
    about, when, assessment_id = command.about, session.when, command.proposal.assessment_id
    recognition = await session.find(Recognition, Recognition.id_of(about.product.id))
    recognition = recognition or Recognition.open(about, command.ruleset, when)
    recognition.propose(command.proposal, about, load(command.ruleset), when)
    session.save(recognition)
    if await session.find(Result, Result.id_of(assessment_id)) is None:
        session.save(Result.hear(assessment_id, about, command.ruleset, when))


class NoteAnnulment(Command):
    """An assessment was annulled (art. 10.1.b); said by the policy."""

    product_id: UUID
    assessment_id: UUID


@handler
async def note_annulment(command: NoteAnnulment, session: Session) -> None:
    recognition = await session.find(Recognition, Recognition.id_of(command.product_id))
    if recognition:
        recognition.annul(command.assessment_id, session.when)
        session.save(recognition)


class FailUpgrade(Command):
    """The agency closes an upgrade that did not reach more stars than are held; the certificate stays (art. 7.5)."""

    assessment_id: UUID
    note: str = Field(min_length=1, max_length=2000)


@handler
async def fail_upgrade(command: FailUpgrade, session: Session) -> None:
    result = await session.find(Result, Result.id_of(command.assessment_id))
    if result is None:
        raise NoProposal(field="assessment_id", assessment=command.assessment_id)
    recognition = await session.load(Recognition, Recognition.id_of(result.about.product.id))
    recognition.fail_upgrade(command.assessment_id, command.note, session.when)
    session.save(recognition)


# --- certificate ---


class IssueCertificate(Command):
    """The authority recognises a product and issues its certificate on the day of the decision (26/2026 art. 4).

    An upgrade, a renewal or a result found anew replaces the certificate in force; the answer names it as `replaced`.
    """

    product_id: UUID
    assessment_id: UUID
    decision: SignedDecision


@handler
async def issue_certificate(command: IssueCertificate, session: Session) -> None:
    decision, role = command.decision, session.request.actor.role
    when = replace(session.when, on=day_of(decision, command.on, session.when.on))
    recognition = await session.find(Recognition, Recognition.id_of(command.product_id))
    if recognition is None:
        raise NoProposal(field="assessment_id", assessment=command.assessment_id)
    ruleset = rules(recognition.proposed_under, when.on)
    recognition.turn(in_force(session.when.on), when)
    held = recognition.in_force(when.on)
    issuer = recognition.issuer(command.assessment_id, role, ruleset, when.on)
    numbers = await numbers_of(issuer, when.on.year, session)
    number = numbers.allocate(command.product_id, when)
    certificate = recognition.issue(command.assessment_id, number, decision, role=role, ruleset=ruleset, when=when)
    session.save(
        numbers, recognition, number=certificate.number, certificate_id=certificate.id, stars=certificate.stars,
        issued_on=certificate.issued_on, expires_on=certificate.expires_on, replaced=held.number if held else None,
    )  # fmt: skip


async def numbers_of(issuer: str, year: int, session: Session) -> CertificateNumbers:
    """The running numbers of an issuer and year, opened with the first."""
    numbers = await session.find(CertificateNumbers, CertificateNumbers.id_of(issuer, year))
    return numbers or CertificateNumbers.open(
        issuer, year, replace(session.when, on=max(session.when.on, date(year, 1, 1)))
    )


# --- an earlier recognition ---


class TakeIn(Command):
    """An earlier recognition comes into the register with its own dates; said by the policy.

    `ruleset` is the id under which it was decided; `number` is the certificate's on paper, null where none is known.
    """

    about: About
    ruleset: str
    number: str | None
    stars: int
    decision: Decision
    issued_on: date
    expires_on: date
    recorded_on: date
    simulated: bool
    known: Known | None = None


@handler
async def take_in(command: TakeIn, session: Session) -> None:
    about, when = command.about, session.when
    recognition = await session.find(Recognition, Recognition.id_of(about.product.id))
    recognition = recognition or Recognition.open(about, command.ruleset, when)
    if recognition.knows(command.issued_on, command.stars):
        return
    number, keeper = await number_for(command, session)
    certificate = Certificate(
        number=number, stars=command.stars, issued_on=command.issued_on, expires_on=command.expires_on
    )
    recognition.record(
        certificate, command.decision, about=about, ruleset=command.ruleset, recorded_on=command.recorded_on,
        printed=command.number if command.number != number else None, simulated=command.simulated, when=when,
        known=command.known,
    )  # fmt: skip
    session.save(keeper, recognition)


class TakeBack(Command):
    """An earlier recognition was taken in by mistake; said by the policy."""

    product_id: UUID
    number: str
    reason: str


@handler
async def take_back(command: TakeBack, session: Session) -> None:
    recognition = await session.find(Recognition, Recognition.id_of(command.product_id))
    if recognition:
        recognition.take_back(command.number, command.reason, in_force(session.when.on).id, session.when)
        session.save(recognition)


async def number_for(command: TakeIn, session: Session) -> tuple[str, Aggregate]:
    """The number on paper where it can stand in an address, else the next of the issuing authority's series and year.

    Raises NumberTaken.
    """
    number, product_id, when = command.number, command.about.product.id, session.when
    known = parsed(number) if number else None
    if number and known:
        numbers = await numbers_of(known[0], known[1], session)
        numbers.take(known[2], product_id, when)
        return number, numbers
    if number and safe_in_a_url(number):
        if await session.find(PrintedNumber, PrintedNumber.id_of(number)):
            raise NumberTaken(number=number)
        return number, PrintedNumber.take(number, product_id, when)
    ruleset = rules(command.ruleset, command.recorded_on)
    issuer = series_of(command.stars, ruleset, command.about.province)
    numbers = await numbers_of(issuer, command.issued_on.year, session)
    return numbers.allocate(product_id, when), numbers
