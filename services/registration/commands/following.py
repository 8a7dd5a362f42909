"""What follows from the other houses: a dossier from its assessment, a product from its certificate. Said by the policy."""

from datetime import date
from typing import Literal
from uuid import UUID

from services.registration.commands.registry import handler
from services.registration.domain.dossier import Dossier
from services.registration.domain.held import Held
from services.registration.domain.product import Product
from shared.eventstore.commands import Command, Session

State = Literal[
    "in-assessment", "referred", "recognised", "not-recognised", "stopped", "rejected", "not-assessed", "ranked"
]


class MoveDossier(Command):
    """The dossier follows its assessment; `again`: one that has its result is taken up anew."""

    dossier_id: UUID
    state: State
    again: bool = False


@handler
async def move_dossier(command: MoveDossier, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    product = await session.load(Product, dossier.about.product.id)
    move(dossier, product, command.state, session, again=command.again)
    session.save(dossier, product)


class FollowScore(Command):
    """An upgrade was scored: one that is not above what the product holds has failed, the certificate stays."""

    dossier_id: UUID
    stars: int


@handler
async def follow_score(command: FollowScore, session: Session) -> None:
    dossier = await session.load(Dossier, command.dossier_id)
    product = await session.load(Product, dossier.about.product.id)
    held = product.stars_on(session.when.on)
    if held is not None and command.stars <= held:
        move(dossier, product, "not-recognised", session)
        session.save(dossier, product)


class FollowCertificate(Command):
    """A certificate was issued, alone or in place of another; the dossier that it came from is recognised."""

    product_id: UUID
    number: str
    stars: int
    issued_on: date
    expires_on: date
    dossier_id: UUID | None = None


@handler
async def follow_certificate(command: FollowCertificate, session: Session) -> None:
    product = await session.load(Product, command.product_id)
    certificate = Held(
        number=command.number, stars=command.stars, issued_on=command.issued_on, expires_on=command.expires_on
    )
    product.note(certificate, session.when)
    if command.dossier_id:
        dossier = await session.load(Dossier, command.dossier_id)
        move(dossier, product, "recognised", session)
        session.save(dossier)
    session.save(product)


class FollowExtension(Command):
    """A certificate lives on past its last day, until the outcome of its renewal (art. 12.3)."""

    product_id: UUID
    number: str
    until: date


@handler
async def follow_extension(command: FollowExtension, session: Session) -> None:
    product = await session.load(Product, command.product_id)
    product.note_extension(command.number, command.until, session.when)
    session.save(product)


class FollowEnd(Command):
    """A certificate expired or was revoked; `ended_on` is the first day on which it does not hold."""

    product_id: UUID
    number: str
    ended_on: date


@handler
async def follow_end(command: FollowEnd, session: Session) -> None:
    product = await session.load(Product, command.product_id)
    product.note_end(command.number, command.ended_on, session.when)
    session.save(product)


def move(dossier: Dossier, product: Product, state: State, session: Session, *, again: bool = False) -> None:
    """The dossier's step with what it means for its product: one dossier at a time is under way."""
    was_settled = dossier.settled
    dossier.move(state, session.when, again)
    if dossier.settled:
        product.close(dossier.id, session.when)
    elif was_settled:
        product.reopen(dossier.id, session.when)
