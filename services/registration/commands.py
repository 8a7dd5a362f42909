"""What can be asked of the registration house: load, decide, save."""

import asyncio
from typing import Literal
from uuid import UUID

from pydantic import Field, SecretStr

from services.registration.domain.dossier import Dossier, Evidence, Form01, Form02, Form03
from services.registration.domain.idea import Idea, Summary, product_of
from services.registration.domain.plan import BusinessPlan, Content
from services.registration.domain.producer import Producer, Representative
from services.registration.domain.product import CommuneNumbers, Product, year_of_round
from shared.eventstore.commands import Command, Commands, Session
from shared.evidence import kept_size
from shared.regulation.rulesets import Ruleset, in_force, load
from shared.sealing import Sealed, seal
from shared.units import commune
from shared.values import About, Decision, ProducerRef, ProductRef, Refusal, Value

COMMANDS = Commands("registration")
handler = COMMANDS.handler


class WrongPlace(Refusal):
    rule = "commune-not-in-province"
    article = "19/2025/QĐ-TTg"
    vi = "Xã {commune} không thuộc tỉnh {province} vào ngày {on}."
    en = "Commune {commune} is not in province {province} on {on}."


class UnknownKind(Refusal):
    rule = "unknown-producer-kind"
    article = "Điều 2.3"
    vi = "Bộ quy tắc không có loại chủ thể {kind}."
    en = "The ruleset has no producer kind {kind}."


class KindNotAllowed(Refusal):
    rule = "producer-kind-not-allowed"
    article = "Điều 2.3"
    vi = "Loại chủ thể {kind} không được tham gia với bộ sản phẩm {set}."
    en = "A producer of kind {kind} may not take part with product set {set}."


# --- producer ---


class Person(Value):
    """The legal representative, in clear only on the way in: sealed before it is stored, masked wherever it is shown."""

    name: SecretStr = Field(min_length=1, max_length=100)
    gender: SecretStr
    ethnicity: SecretStr
    phone: SecretStr
    email: SecretStr


class RegisterProducer(Command):
    """A producer comes into the register (26/2026 art. 2.3)."""

    id: UUID
    name: str = Field(min_length=1, max_length=300)
    kind: str
    province: str = Field(pattern="^[0-9]{2}$")
    commune: str = Field(pattern="^[0-9]{5}$")
    registration_number: str = Field(min_length=1, max_length=50)
    representative: Person


@handler
async def register_producer(command: RegisterProducer, session: Session) -> None:
    on = session.when.on
    place = commune(command.commune, on)
    if place is None or place.parent != command.province:
        raise WrongPlace(field="commune", commune=command.commune, province=command.province, on=on)
    check_kind(in_force(on), command.kind)
    producer = Producer.register(
        command.id, name=command.name, kind=command.kind, province=command.province, commune=command.commune,
        registration_number=command.registration_number,
        representative=await sealed(command.representative, command.id, session), when=session.when,
    )  # fmt: skip
    session.save(producer, id=command.id)


def check_kind(ruleset: Ruleset, kind: str) -> None:
    """Raises UnknownKind."""
    known = {named.id for named in (*ruleset.producers.types, *ruleset.producers.tourism_also)}
    if kind not in known:
        raise UnknownKind(field="kind", kind=kind)


async def sealed(person: Person, producer_id: UUID, session: Session) -> Representative:
    facts: dict[str, Sealed[str]] = {}
    for field in Person.model_fields:
        text = getattr(person, field).get_secret_value()
        facts[field] = await seal(session.store.pool, producer_id, text)
    return Representative(**facts)


class VerifyProducer(Command):
    """The commune confirms a producer."""

    producer_id: UUID


@handler
async def verify_producer(command: VerifyProducer, session: Session) -> None:
    producer = await session.load(Producer, command.producer_id)
    producer.verify(session.when)
    session.save(producer)


# --- idea ---


class RegisterIdea(Command):
    """A verified producer registers a product idea; the product's id is given here and never changes."""

    id: UUID
    producer_id: UUID
    product_name: str = Field(min_length=1, max_length=300)
    set: str = Field(pattern="^[0-9]{2}$", description="bộ sản phẩm / product set of the ruleset")
    summary: Summary


@handler
async def register_idea(command: RegisterIdea, session: Session) -> None:
    ruleset = in_force(session.when.on)
    producer = await session.load(Producer, command.producer_id)
    ref = producer.producer
    check_set(ruleset, command.set, ref)
    about = About(
        product=ProductRef(
            id=product_of(command.id), name=command.product_name, set=command.set, group=ruleset.group_of(command.set)
        ),
        producer=ref,
        province=producer.province,
        commune=producer.commune,
    )
    idea = Idea.register(
        command.id, producer=producer, about=about, ruleset=ruleset.id, summary=command.summary, when=session.when
    )
    session.save(idea, id=command.id, product_id=about.product.id)


def check_set(ruleset: Ruleset, set_no: str, producer: ProducerRef) -> None:
    """Raises UnknownSheet, KindNotAllowed (associations and operating centres take part in tourism only)."""
    ruleset.set_entry(set_no)
    if not ruleset.producer_kind_allowed(producer.kind, set_no):
        raise KindNotAllowed(field="producer_id", kind=producer.kind, set=set_no)


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


# --- business plan ---


class SubmitPlan(Command):
    """A business plan for an accepted idea."""

    id: UUID
    idea_id: UUID
    content: Content


@handler
async def submit_plan(command: SubmitPlan, session: Session) -> None:
    idea = await session.load(Idea, command.idea_id)
    session.save(BusinessPlan.submit(command.id, idea=idea, content=command.content, when=session.when), id=command.id)


class ApprovePlan(Command):
    """The authority approves a business plan by a decision."""

    plan_id: UUID
    decision: Decision


@handler
async def approve_plan(command: ApprovePlan, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    plan.approve(command.decision, session.when)
    session.save(plan)


class ReportProgress(Command):
    """How far a business plan is carried out, and what support came."""

    plan_id: UUID
    done_percent: int = Field(ge=0, le=100)
    account: str = Field(min_length=1, max_length=2000)
    support_received: str = Field(default="", max_length=2000)


@handler
async def report_progress(command: ReportProgress, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    plan.report_progress(command.done_percent, command.account, command.support_received, session.when)
    session.save(plan)


# --- product ---


class RegisterProduct(Command):
    """The agency enters the product of an approved plan; it keeps the id that the idea gave it."""

    plan_id: UUID


@handler
async def register_product(command: RegisterProduct, session: Session) -> None:
    plan = await session.load(BusinessPlan, command.plan_id)
    session.save(Product.register(plan, session.when), id=plan.about.product.id)


# --- dossier ---


class EvidenceNotKept(Refusal):
    rule = "evidence-not-kept"
    article = "Điều 7.1"
    vi = "Chưa có minh chứng {sha256} với {size} byte; gửi tệp trước rồi nộp hồ sơ."
    en = "No evidence {sha256} of {size} bytes is kept; send the file first, then file the dossier."


class SubmitDossier(Command):
    """A producer files a dossier with its commune: forms 01 and 02 with evidence (26/2026 art. 6.1, 7.1)."""

    id: UUID
    product_id: UUID
    kind: Literal["first"] = "first"
    form_01: Form01
    form_02: Form02
    evidence: tuple[Evidence, ...] = Field(max_length=200)


@handler
async def submit_dossier(command: SubmitDossier, session: Session) -> None:
    product = await session.load(Product, command.product_id)
    sizes = await asyncio.gather(*(kept_size(session.files, paper.sha256) for paper in command.evidence))
    for i, (paper, size) in enumerate(zip(command.evidence, sizes, strict=True)):
        if size != paper.size:
            raise EvidenceNotKept(field=f"evidence[{i}].sha256", sha256=paper.sha256, size=paper.size)
    product.open(command.id, session.when)
    dossier = Dossier.submit(
        command.id, product=product, ruleset=in_force(session.when.on), kind=command.kind, form_01=command.form_01,
        form_02=command.form_02, evidence=command.evidence, when=session.when,
    )  # fmt: skip
    session.save(dossier, product, id=command.id)


class ForwardDossier(Command):
    """The commune's check with form 03 and letter of proposal; the product gets its code at the first forwarding."""

    dossier_id: UUID
    form_03: Form03


@handler
async def forward_dossier(command: ForwardDossier, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    dossier.require_at_commune()
    ruleset, when = load(dossier.ruleset), session.when
    product = await session.load(Product, dossier.about.product.id)
    code = product.about.product.code
    if code is None:
        about, year = product.about, year_of_round(ruleset, when.on)
        numbers = await session.find(CommuneNumbers, CommuneNumbers.id_of(about.commune, year))
        numbers = numbers or CommuneNumbers.open(about.province, about.commune, year, when)
        code = numbers.allocate(product.id, when)
        product.give_code(code, when)
        session.save(numbers, product)
    dossier.forward(code, command.form_03, ruleset.samples_for(dossier.about.product.set), when)
    session.save(dossier, code=code)


class MoveDossier(Command):
    """The dossier follows its assessment; said by the policy."""

    dossier_id: UUID
    state: Literal["in-assessment", "referred", "recognised", "not-recognised", "stopped", "rejected", "not-assessed"]


@handler
async def move_dossier(command: MoveDossier, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    dossier.move(command.state, session.when)
    session.save(dossier)
    if dossier.settled:
        product = await session.load(Product, dossier.about.product.id)
        product.close(dossier.id, session.when)
        session.save(product)
