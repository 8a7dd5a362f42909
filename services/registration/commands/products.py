"""What can be asked about products: entered with an approved plan, or with an earlier recognition."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.registration.commands.registry import check_kind, check_place, handler
from services.registration.domain.held import Held
from services.registration.domain.idea import Idea
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared.eventstore.commands import Command, Session
from shared.regulation.rulesets import in_force
from shared.values import About, Decision, ProducerRef, ProductRef, Refusal


class AlreadyThere(Refusal):
    rule = "product-already-registered"
    vi = "Sản phẩm {id} đã có trong sổ."
    en = "Product {id} is in the register already."


class RegisterProduct(Command):
    """The agency enters the product of an approved plan; it keeps the id that the idea gave it."""

    plan_id: UUID


@handler
async def register_product(command: RegisterProduct, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    idea = await session.load(Idea, plan.idea_id)
    session.save(Product.register(plan, session.when, idea.known_on), id=plan.about.product.id)


class RecordedProducer(ProducerRef):
    """A producer by the id that all its recorded products share, and its registered trading name."""

    name: str = Field(min_length=1, max_length=300)


class RecordRecognition(Command):
    """The agency takes an earlier recognition into the register, with product and producer where they are new.

    `id` is the product's; `ruleset` that of the decision, an id only; place codes are today's; `issued_on` and
    `expires_on` are the certificate's first and last day, 36 months apart.
    """

    id: UUID
    producer: RecordedProducer
    product_name: str = Field(min_length=1, max_length=300)
    set: str = Field(pattern="^[0-9]{2}$", description="bộ sản phẩm / product set of the ruleset in force")
    province: str = Field(pattern="^[0-9]{2}$")
    commune: str = Field(pattern="^[0-9]{5}$")
    code: str | None = Field(default=None, min_length=1, max_length=40)
    ruleset: str = Field(max_length=40)
    number: str | None = Field(default=None, min_length=1, max_length=100)
    stars: int = Field(ge=3, le=5)
    decision: Decision
    issued_on: date
    expires_on: date
    simulated: bool = False


@handler
async def record_recognition(command: RecordRecognition, session: Session) -> None:
    on, rules = session.when.on, in_force(session.when.on)
    check_place(command.province, command.commune, on)
    check_kind(rules, command.producer.kind, "producer.kind")
    if await session.find(Product, command.id):
        raise AlreadyThere(field="id", id=command.id)
    ref = ProducerRef(**command.producer.model_dump())
    producer = await session.find(Producer, ref.id)
    if producer:
        producer.require_same(ref)
    else:
        producer = Producer.record(ref, province=command.province, commune=command.commune, when=session.when)
    product = ProductRef(
        id=command.id, code=command.code, name=command.product_name, set=command.set, group=rules.group_of(command.set)
    )
    recorded = Product.record(
        about=About(product=product, producer=ref, province=command.province, commune=command.commune),
        ruleset=command.ruleset, decision=command.decision, simulated=command.simulated, when=session.when,
        certificate=Held(
            number=command.number, stars=command.stars, issued_on=command.issued_on, expires_on=command.expires_on
        ),
    )  # fmt: skip
    session.save(producer, recorded, id=command.id)
