"""Places that moved: carried over by rule where a commune stayed whole, decided by a person where it was split."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.registration.commands.registry import Words, handler
from services.registration.domain.placing import Became, Site, chosen
from services.registration.domain.producer import Producer
from services.registration.domain.product import Product
from shared import units
from shared.eventstore.commands import Command, Session


def became_of(site: Site, on: date) -> Became:
    """What has become of a place by the day `on`: one commune, or all candidates of a split."""
    found = [] if on <= site.known_on else units.successors("commune", site.commune, site.known_on, on)
    above = [(province.code, one.code) for one in found if (province := units.province_of(one.code, on))]
    return Became(was=site, candidates=tuple(sorted(above)))


def carry(thing: Producer | Product, session: Session) -> None:
    """Brings a place up to the map of the day, before anything new begins there. Raises PlaceToChoose."""
    became = became_of(thing.site, session.when.on)
    now = became.by_rule()
    if now:
        thing.move_to(now, became, chosen=False, reason="", when=session.when)


class PlaceProduct(Command):
    """A person decides to which part of a split commune a product belongs; a wrong one may be put right."""

    product_id: UUID
    commune: str = Field(
        pattern="^[0-9]{5}$", description="một trong các xã giữ phần của xã cũ / one of the candidates"
    )
    reason: Words


@handler
async def place_product(command: PlaceProduct, session: Session) -> None:
    decide(await session.load(Product, command.product_id), command.commune, command.reason, session)


class PlaceProducer(Command):
    """The same for a producer: where its next ideas are registered."""

    producer_id: UUID
    commune: str = Field(
        pattern="^[0-9]{5}$", description="một trong các xã giữ phần của xã cũ / one of the candidates"
    )
    reason: Words


@handler
async def place_producer(command: PlaceProducer, session: Session) -> None:
    decide(await session.load(Producer, command.producer_id), command.commune, command.reason, session)


def decide(thing: Producer | Product, commune: str, reason: str, session: Session) -> None:
    became, place = chosen(commune, (became_of(thing.site, session.when.on), thing.became))
    thing.move_to(place, became, chosen=True, reason=reason, when=session.when)
    session.save(thing, province=place[0], commune=place[1])
