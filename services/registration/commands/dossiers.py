"""What can be asked about dossiers: filed, checked by the commune, added to while they are assessed."""

import asyncio
from uuid import UUID

from pydantic import Field

from services.registration.commands.placing import carry
from services.registration.commands.registry import Words, handler
from services.registration.domain.dossier import ADDITION_LIMIT, Dossier
from services.registration.domain.held import Kind
from services.registration.domain.papers import Evidence, Form01, Form02, Form03
from services.registration.domain.product import CommuneNumbers, Product, year_of_round
from shared import units
from shared.eventstore.commands import Command, Session
from shared.evidence import kept_size
from shared.regulation import limits
from shared.regulation.rulesets import in_force, load
from shared.values import Refusal

MOST_PAPERS = 200
MOST_KINDS = 50


class EvidenceNotKept(Refusal):
    rule = "evidence-not-kept"
    article = "Điều 7.1"
    vi = "Chưa có minh chứng {sha256} với {size} byte; gửi tệp trước rồi nộp hồ sơ."
    en = "No evidence {sha256} of {size} bytes is kept; send the file first, then file the dossier."


async def check_kept(evidence: tuple[Evidence, ...], session: Session) -> None:
    """Raises EvidenceNotKept."""
    sizes = await asyncio.gather(*(kept_size(session.files, paper.sha256) for paper in evidence))
    for i, (paper, size) in enumerate(zip(evidence, sizes, strict=True)):
        if size != paper.size:
            raise EvidenceNotKept(field=f"evidence[{i}].sha256", sha256=paper.sha256, size=paper.size)


# --- filing ---


class SubmitDossier(Command):
    """A producer files a dossier with its commune: forms 01 and 02 with evidence (26/2026 art. 6.1, 7.1).

    What is left out is taken from the product's last dossier. `changed`: criteria that the producer says have changed,
    beside those whose own tick differs from the last dossier. `set`: of a product that began under older rules without one.
    """

    id: UUID
    product_id: UUID
    kind: Kind = "first"
    set: str | None = Field(default=None, pattern="^[0-9]{2}$", description="bộ sản phẩm / product set of the ruleset")
    form_01: Form01 | None = None
    form_02: Form02 | None = None
    evidence: tuple[Evidence, ...] | None = Field(default=None, max_length=MOST_PAPERS)
    changed: tuple[str, ...] = Field(default=(), max_length=100)


@handler
async def submit_dossier(command: SubmitDossier, session: Session) -> None:
    product = await session.load(Product, command.product_id)
    await check_kept(command.evidence or (), session)
    previous = await session.load(Dossier, product.last_dossier) if product.last_dossier else None
    ruleset = in_force(session.when.on)
    carry(product, session)
    if command.set:
        product.classify(command.set, ruleset, session.when)
    dossier = Dossier.submit(
        command.id, product=product, ruleset=ruleset, kind=command.kind, form_01=command.form_01,
        form_02=command.form_02, evidence=command.evidence, changed=command.changed, previous=previous,
        when=session.when,
    )  # fmt: skip
    product.open(command.id, session.when)
    session.save(dossier, product, id=command.id)


# --- the commune's check ---


class ReturnDossier(Command):
    """The commune gives a dossier back that lacks papers (kinds of evidence of the ruleset)."""

    dossier_id: UUID
    missing: tuple[str, ...] = Field(max_length=MOST_KINDS)
    note: Words


@handler
async def return_dossier(command: ReturnDossier, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    dossier.send_back(command.missing, command.note, load(dossier.ruleset), session.when)
    session.save(dossier)


class CompleteDossier(Command):
    """The producer adds what the commune found missing; the first filing still counts for the window."""

    dossier_id: UUID
    evidence: tuple[Evidence, ...] = Field(max_length=MOST_PAPERS)
    form_02: Form02 | None = None


@handler
async def complete_dossier(command: CompleteDossier, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    await check_kept(command.evidence, session)
    dossier.complete(command.evidence, command.form_02, load(dossier.ruleset), session.when)
    session.save(dossier)


class ForwardDossier(Command):
    """The commune's check with form 03 and letter of proposal; the product gets its code at the first forwarding.

    Under rules without a step of the commune (before 24/2/2023) the district's agency takes the dossier in, without the form.
    """

    dossier_id: UUID
    form_03: Form03 | None = None


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
        district = units.district_of(about.commune, when.on)
        code = numbers.allocate(product.id, when, district and district.code)
        product.give_code(code, when)
        session.save(numbers, product)
    dossier.forward(code, command.form_03, ruleset, when, by_commune=session.request.actor.role == "commune")
    session.save(dossier, code=code)


# --- more papers while it is assessed ---


class RequestAddition(Command):
    """Team, agency or ministry asks for more papers (kinds of evidence), to be handed in within the bylaw's limit."""

    dossier_id: UUID
    wants: tuple[str, ...] = Field(max_length=MOST_KINDS)
    note: Words


@handler
async def request_addition(command: RequestAddition, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    due_on = limits.due(ADDITION_LIMIT, session.when.on, dossier.ruleset)
    dossier.request_addition(command.wants, command.note, due_on, load(dossier.ruleset), session.when)
    session.save(dossier, due_on=due_on)


class SupplyAddition(Command):
    """The producer hands in what was asked for, or more of its own while the dossier is assessed."""

    dossier_id: UUID
    evidence: tuple[Evidence, ...] = Field(min_length=1, max_length=MOST_PAPERS)


@handler
async def supply_addition(command: SupplyAddition, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    await check_kept(command.evidence, session)
    dossier.supply(command.evidence, load(dossier.ruleset), session.when)
    session.save(dossier)
