"""What can be asked about product ideas."""

from uuid import UUID

from pydantic import Field

from services.registration.commands.placing import carry
from services.registration.commands.registry import Words, classified, handler
from services.registration.domain.idea import Idea, Summary, product_of
from services.registration.domain.producer import Producer
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import in_force
from shared.values import About, ProductRef, Refusal


class KindNotAllowed(Refusal):
    rule = "producer-kind-not-allowed"
    article = "Điều 2.3"
    vi = "Loại chủ thể {kind} không được tham gia với bộ sản phẩm {set}."
    en = "A producer of kind {kind} may not take part with product set {set}."


class RegisterIdea(Command):
    """A verified producer registers a product idea; the product's id is given here and never changes."""

    id: UUID
    producer_id: UUID
    product_name: str = Field(min_length=1, max_length=300)
    set: str | None = Field(default=None, pattern="^[0-9]{2}$", description="bộ sản phẩm / product set of the ruleset")
    group: str | None = Field(
        default=None, description="nhóm, khi bộ quy tắc không có bộ / group, where there are no sets"
    )
    summary: Summary


@handler
async def register_idea(command: RegisterIdea, session: Session) -> None:
    ruleset = in_force(session.when.on)
    producer = await session.load(Producer, command.producer_id)
    carry(producer, session)
    ref = producer.producer
    group = classified(ruleset, command.set, command.group)
    if not ruleset.producer_kind_allowed_in(ref.kind, group):
        raise KindNotAllowed(field="producer_id", kind=ref.kind, set=command.set or group)
    about = About(
        product=ProductRef(id=product_of(command.id), name=command.product_name, set=command.set or "", group=group),
        producer=ref,
        province=producer.province,
        commune=producer.commune,
    )
    idea = Idea.register(
        command.id, producer=producer, about=about, ruleset=ruleset.id, summary=command.summary, when=session.when
    )
    moved = (producer,) if producer.pending_events else ()
    session.save(idea, *moved, id=command.id, product_id=about.product.id)


class ScreenIdea(Command):
    """The commune screens an idea and passes it on."""

    idea_id: UUID
    opinion: str = Field(min_length=1, max_length=2000)


@handler
async def screen_idea(command: ScreenIdea, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    idea.screen(command.opinion, session.when)
    session.save(idea)


class AcceptIdea(Command):
    """The province's agency accepts a screened idea."""

    idea_id: UUID


@handler
async def accept_idea(command: AcceptIdea, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    idea.accept(session.when)
    session.save(idea)


class ReturnIdea(Command):
    """Commune or agency returns an idea with what is to be put right."""

    idea_id: UUID
    guidance: Words


@handler
async def return_idea(command: ReturnIdea, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    idea.send_back(command.guidance, session.when)
    session.save(idea)


class ResubmitIdea(Command):
    """The producer sends a returned idea again, put right; what went before is kept."""

    idea_id: UUID
    summary: Summary


@handler
async def resubmit_idea(command: ResubmitIdea, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    idea.send_again(command.summary, session.when)
    session.save(idea)


class WithdrawIdea(Command):
    """The producer takes its idea back before it is accepted."""

    idea_id: UUID
    reason: Words


@handler
async def withdraw_idea(command: WithdrawIdea, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    idea.withdraw(command.reason, session.when)
    session.save(idea)
