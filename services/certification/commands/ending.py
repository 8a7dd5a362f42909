"""What the calendar does to a certificate, and how it is revoked or withdrawn."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import Field

from services.certification.commands.registry import (
    SignedDecision,
    day_of,
    handler,
    recognition_behind,
    rules,
)
from services.certification.domain.certificate import EXPIRY, EXTENSION, RENEWAL_DUE
from services.certification.domain.inspection import Inspection
from services.certification.domain.recognition import Recognition
from services.certification.domain.revocation import Basis
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import in_force

REMINDERS = RENEWAL_DUE  # limit -> days before the last
CLOCK_TURNS = (EXPIRY, EXTENSION)  # limits

# --- renewal, extension, expiry ---


class RemindOfRenewal(Command):
    """So many days before a certificate's last day its producer is reminded; said by the timer."""

    product_id: UUID
    certificate_id: UUID
    days: int


@handler
async def remind_of_renewal(command: RemindOfRenewal, session: Session) -> None:
    recognition = await session.load(Recognition, Recognition.id_of(command.product_id))
    recognition.remind(command.certificate_id, command.days, in_force(session.when.on), session.when)
    session.save(recognition)


class TurnCertificate(Command):
    """The day after a certificate's last: it expires, or is extended by art. 12.3; said by the timer."""

    product_id: UUID


@handler
async def turn_certificate(command: TurnCertificate, session: Session) -> None:
    recognition = await session.load(Recognition, Recognition.id_of(command.product_id))
    recognition.turn(in_force(session.when.on), session.when)
    session.save(recognition)


class FileRenewal(Command):
    """A renewal came in whose window could not be kept (art. 12.3); said by the policy."""

    product_id: UUID
    dossier_id: UUID
    admitted_by: str


@handler
async def file_renewal(command: FileRenewal, session: Session) -> None:
    recognition = await session.find(Recognition, Recognition.id_of(command.product_id))
    if recognition:
        recognition.file_renewal(command.dossier_id, command.admitted_by, in_force(session.when.on), session.when)
        session.save(recognition)


class FailRenewal(Command):
    """A renewal ended without recognition; an extension that waited for it ends too. Said by the policy."""

    product_id: UUID
    dossier_id: UUID


@handler
async def fail_renewal(command: FailRenewal, session: Session) -> None:
    recognition = await session.find(Recognition, Recognition.id_of(command.product_id))
    if recognition:
        recognition.fail_renewal(command.dossier_id, in_force(session.when.on), session.when)
        session.save(recognition)


# --- revocation ---


class ConfirmProductionStop(Command):
    """The commune confirms that the producer no longer produces (art. 8.4)."""

    number: str
    account: str = Field(min_length=1, max_length=2000)


@handler
async def confirm_production_stop(command: ConfirmProductionStop, session: Session) -> None:
    recognition = await recognition_behind(command.number, session)
    recognition.confirm_production_stop(command.number, command.account, in_force(session.when.on), session.when)
    session.save(recognition)


class RevokeCertificate(Command):
    """The chairman (3, 4 stars) or the minister (5) revokes a certificate by a ground of art. 8.1, from the decision's day.

    It rests on the inspection `inspection_id`, on the commune's word that production stopped, or on `conclusion`, an
    authority's.
    """

    number: str
    ground: str = Field(min_length=1, max_length=10)
    decision: SignedDecision
    inspection_id: UUID | None = None
    conclusion: SignedDecision | None = None


@handler
async def revoke_certificate(command: RevokeCertificate, session: Session) -> None:
    when = replace(session.when, on=day_of(command.decision, command.on, session.when.on))
    recognition = await recognition_behind(command.number, session)
    ruleset = in_force(when.on)
    recognition.turn(rules(recognition.ruleset, when.on), when)
    inspection = await session.load(Inspection, command.inspection_id) if command.inspection_id else None
    basis = recognition.revoke(
        command.number, command.ground, command.decision, inspection=inspection, conclusion=command.conclusion,
        role=session.request.actor.role, ruleset=ruleset, when=when,
    )  # fmt: skip
    session.save(recognition, **answered(command.number, command.ground, basis, command.decision.date))


class WithdrawRecognition(Command):
    """A wrong recognition is withdrawn after its assessment was annulled on the ministry's demand (art. 10.1.b)."""

    number: str
    decision: SignedDecision
    reason: str = Field(min_length=1, max_length=2000)


@handler
async def withdraw_recognition(command: WithdrawRecognition, session: Session) -> None:
    when = replace(session.when, on=day_of(command.decision, command.on, session.when.on))
    recognition = await recognition_behind(command.number, session)
    basis = recognition.withdraw(
        command.number, command.decision, command.reason, role=session.request.actor.role, ruleset=in_force(when.on),
        when=when,
    )  # fmt: skip
    session.save(recognition, **answered(command.number, "10.1b", basis, command.decision.date))


def answered(number: str, ground: str, basis: Basis, effective_on: Any) -> dict[str, Any]:
    return {"number": number, "ground": ground, "concluded_on": basis.concluded_on, "effective_on": effective_on}
