"""Anyone complains about a certified product, and the agency answers."""

from dataclasses import replace

from pydantic import Field, SecretStr

from services.certification.commands.registry import handler, recognition_behind
from services.certification.domain.complaint import Complaint, reference_of
from shared.calendar import local_date
from shared.eventstore.commands import Command, Session
from shared.regulation import limits
from shared.regulation.rulesets import in_force
from shared.sealing import seal
from shared.values import NotFound


class MakeComplaint(Command):
    """Someone complains about the product of a certificate; no token is needed. The answer names the reference.

    What is written may name people, so that it is sealed like the contact: both can be erased.
    """

    number: str
    text: str = Field(pattern=r"\S", max_length=4000)
    contact: SecretStr | None = Field(None, max_length=200)


@handler
async def make_complaint(command: MakeComplaint, session: Session) -> None:
    recognition = await recognition_behind(command.number, session)
    when = replace(session.when, on=local_date(session.when.at))  # a stranger does not choose the day
    reference, ruleset = reference_of(session.request.id), in_force(when.on)
    person, pool = Complaint.id_of(reference), session.store.pool
    due_on = limits.due("complaint", when.on, ruleset.id)
    contact = command.contact.get_secret_value() if command.contact else ""
    complaint = Complaint.make(
        reference, number=command.number, about=recognition.about, ruleset=ruleset.id,
        text=await seal(pool, person, command.text), contact=await seal(pool, person, contact) if contact else None,
        due_on=due_on, when=when,
    )  # fmt: skip
    session.save(complaint, reference=reference, due_on=due_on)


class AnswerComplaint(Command):
    """The agency answers; whoever has the reference can read it."""

    reference: str
    answer: str = Field(pattern=r"\S", max_length=4000)


@handler
async def answer_complaint(command: AnswerComplaint, session: Session) -> None:
    complaint = await session.find(Complaint, Complaint.id_of(command.reference.upper()))
    if complaint is None:
        raise NotFound(what="complaint", id=command.reference)
    complaint.answer(command.answer, session.when)
    session.save(complaint, reference=complaint.reference)
