"""An inspection is opened, samples are drawn, a conclusion is reached, a defect is mended."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.certification.commands.registry import handler
from services.certification.domain.inspection import Inspection, InspectionKind
from services.certification.domain.recognition import Recognition
from services.certification.domain.revocation import grounds_of
from shared.auth.actors import NATIONAL
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import in_force


class OpenInspection(Command):
    """A certified product is inspected (26/2026 art. 9): by its province, or by the ministry (5 stars, or when needed)."""

    id: UUID
    product_id: UUID
    kind: InspectionKind
    reason: str = Field("", max_length=2000)
    with_agencies: tuple[str, ...] = Field((), max_length=20)


@handler
async def open_inspection(command: OpenInspection, session: Session) -> None:
    when = session.when
    recognition = await session.load(Recognition, Recognition.id_of(command.product_id))
    held = recognition.require_certified(when.on)
    inspection = Inspection.open(
        command.id, about=recognition.about, ruleset=in_force(when.on).id, certificate=held.stated, kind=command.kind,
        national=session.request.actor.place == NATIONAL, reason=command.reason, with_agencies=command.with_agencies,
        when=when,
    )  # fmt: skip
    session.save(inspection, id=command.id, number=held.number)


class DrawSamples(Command):
    """Samples of the product are drawn for a test."""

    inspection_id: UUID
    count: int = Field(ge=1, le=1000)
    note: str = Field("", max_length=2000)


@handler
async def draw_samples(command: DrawSamples, session: Session) -> None:
    inspection = await session.load(Inspection, command.inspection_id)
    inspection.draw_samples(command.count, command.note, session.when)
    session.save(inspection)


class ConcludeInspection(Command):
    """What was found, null for nothing; a ground of art. 8.1 asks for revocation within 15 days, `mend_by` for mending."""

    inspection_id: UUID
    finding: str | None = Field(None, min_length=1, max_length=2000)
    ground: str | None = Field(None, min_length=1, max_length=10)
    mend_by: date | None = None


@handler
async def conclude_inspection(command: ConcludeInspection, session: Session) -> None:
    inspection = await session.load(Inspection, command.inspection_id)
    inspection.conclude(
        finding=command.finding, ground=command.ground, mend_by=command.mend_by,
        grounds=grounds_of(in_force(session.when.on)), when=session.when,
    )  # fmt: skip
    session.save(inspection)


class ReportMending(Command):
    """The producer reports that what an inspection found is mended."""

    inspection_id: UUID
    account: str = Field(min_length=1, max_length=2000)


@handler
async def report_mending(command: ReportMending, session: Session) -> None:
    inspection = await session.load(Inspection, command.inspection_id)
    inspection.mend(command.account, session.when)
    session.save(inspection)
