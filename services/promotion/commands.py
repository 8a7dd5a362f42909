"""What can be asked of the promotion house: load, decide, save."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.promotion.domain.fair import Fair
from services.promotion.domain.listing import Listing, Reason, Shown
from services.promotion.domain.partner import Kind, Partner
from services.promotion.domain.refusals import NotListed
from services.promotion.domain.sales_point import Point, Rules, SalesPoint
from services.promotion.domain.shelf import Shelf
from services.promotion.domain.story import Story, Tale
from shared import units
from shared.eventstore.commands import Command, Commands, Session
from shared.values import About, Refusal

COMMANDS = Commands("promotion")
handler = COMMANDS.handler

Name = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Province = Annotated[str, Field(pattern="^[0-9]{2}$", description="mã tỉnh / code of the province")]
Commune = Annotated[str, Field(pattern="^[0-9]{5}$", description="mã xã / code of the commune")]
Products = Annotated[tuple[UUID, ...], Field(max_length=10_000)]


class WrongPlace(Refusal):
    rule = "commune-not-in-province"
    article = "19/2025/QĐ-TTg"
    vi = "Xã {commune} không thuộc tỉnh {province} vào ngày {on}."
    en = "Commune {commune} is not in province {province} on {on}."


class UnknownProvince(Refusal):
    rule = "unknown-province"
    article = "19/2025/QĐ-TTg"
    vi = "Không có tỉnh mã {province} vào ngày {on}."
    en = "There is no province {province} on {on}."


def check_commune(commune: str, province: str, on: date) -> None:
    """Raises WrongPlace."""
    above = units.province_of(commune, on)
    if above is None or above.code != province:
        raise WrongPlace(field="commune", commune=commune, province=province, on=on)


async def listings_of(session: Session, products: Sequence[UUID]) -> list[Listing]:
    """The listings of these products, each once, of whatever province: who shows them need not be theirs.

    Raises NotListed for a product that was never in the catalogue.
    """
    found = [(id, await session.store.load(Listing, Listing.id_of(id))) for id in dict.fromkeys(products)]
    for id, listing in found:
        if listing is None:
            raise NotListed(field="products", product=id, on=session.when.on)
    return [listing for _, listing in found if listing]


async def own_listing(session: Session, product_id: UUID) -> Listing:
    """Raises NotListed, or Forbidden where the product is not the asker's."""
    listing = await session.find(Listing, Listing.id_of(product_id))
    if listing is None:
        raise NotListed(field="product_id", product=product_id, on=session.when.on)
    return listing


# --- catalogue: said by the policy ---


class ListProduct(Command):
    """A product comes into the catalogue with its certificate, or is shown under its next one."""

    about: About
    ruleset: str
    shown: Shown


@handler
async def list_product(command: ListProduct, session: Session) -> None:
    about, ruleset, when = command.about, command.ruleset, session.when
    listing = await session.find(Listing, Listing.id_of(about.product.id))
    listing = listing or Listing.open(about, ruleset, when)
    listing.show(command.shown, about, ruleset, when)
    session.save(listing)


class ProlongListing(Command):
    """A product stays in the catalogue while its renewal is decided (26/2026 art. 12.3)."""

    product_id: UUID
    certificate: str
    until: date


@handler
async def prolong_listing(command: ProlongListing, session: Session) -> None:
    if listing := await shown_under(command.certificate, command.product_id, session):
        listing.prolong(command.certificate, command.until, session.when)
        session.save(listing)


class DelistProduct(Command):
    """A product leaves the catalogue, unless it is shown under another certificate by now, or never was."""

    product_id: UUID
    certificate: str
    reason: Reason


@handler
async def delist_product(command: DelistProduct, session: Session) -> None:
    if listing := await shown_under(command.certificate, command.product_id, session):
        listing.delist(command.certificate, command.reason, session.when)
        session.save(listing)


async def shown_under(certificate: str, product_id: UUID, session: Session) -> Listing | None:
    listing = await session.find(Listing, Listing.id_of(product_id))
    return listing if listing and listing.shows(certificate) else None


# --- story ---


class WriteStory(Command):
    """The producer tells the story of its listed product, for the first time or anew."""

    product_id: UUID
    title: Name
    text: Text


@handler
async def write_story(command: WriteStory, session: Session) -> None:
    listing = await own_listing(session, command.product_id)
    tale = Tale(title=command.title, text=command.text)
    story = await session.find(Story, Story.id_of(command.product_id))
    if story:
        story.rewrite(tale, listing, session.when)
    else:
        story = Story.write(tale, listing, session.when)
    session.save(story)


class ReviewStory(Command):
    """The agency's opinion: accepted, or returned to be written anew."""

    product_id: UUID
    opinion: Text
    accepted: bool


@handler
async def review_story(command: ReviewStory, session: Session) -> None:
    story = await session.load(Story, Story.id_of(command.product_id))
    story.review(command.opinion, command.accepted, session.when)
    session.save(story)


class PublishStory(Command):
    """An accepted story goes to the public."""

    product_id: UUID


@handler
async def publish_story(command: PublishStory, session: Session) -> None:
    story = await session.load(Story, Story.id_of(command.product_id))
    story.publish(await own_listing(session, command.product_id), session.when)
    session.save(story)


# --- shelf ---


class OpenShelf(Command):
    """A listed product is sold on a platform; `link` leads to it there."""

    id: UUID
    product_id: UUID
    platform: Name
    link: str = Field(pattern=r"^https://[^\s\"'<>\\]+$", max_length=2000)


@handler
async def open_shelf(command: OpenShelf, session: Session) -> None:
    listing = await own_listing(session, command.product_id)
    shelf = Shelf.open(
        command.id, platform=command.platform, link=command.link, listing=listing, when=session.when
    )  # fmt: skip
    session.save(shelf, id=command.id)


class CloseShelf(Command):
    """The product is no longer sold there."""

    shelf_id: UUID


@handler
async def close_shelf(command: CloseShelf, session: Session) -> None:
    shelf = await session.load(Shelf, command.shelf_id)
    shelf.close(session.when)
    session.save(shelf)


# --- sales point ---


class OpenSalesPoint(Command):
    """A point that shows and sells products, checked against the rules that its province gives it."""

    id: UUID
    name: Name
    province: Province
    commune: Commune
    area_m2: float = Field(gt=0, le=10_000_000, allow_inf_nan=False)
    rules: Rules = Rules()
    products: Products


@handler
async def open_sales_point(command: OpenSalesPoint, session: Session) -> None:
    check_commune(command.commune, command.province, session.when.on)
    point = Point(**{field: getattr(command, field) for field in Point.model_fields})
    listings = await listings_of(session, command.products)
    opened = SalesPoint.open(command.id, point, command.rules, listings, session.when)
    session.save(opened, id=command.id)


class CloseSalesPoint(Command):
    """The point was closed, and why."""

    sales_point_id: UUID
    reason: Text


@handler
async def close_sales_point(command: CloseSalesPoint, session: Session) -> None:
    point = await session.load(SalesPoint, command.sales_point_id)
    point.close(command.reason, session.when)
    session.save(point)


# --- fair ---


class HoldFair(Command):
    """A fair from its legal date through `until`, with the products shown there."""

    id: UUID
    name: Name
    province: Province
    commune: Commune
    until: date
    products: Products


@handler
async def hold_fair(command: HoldFair, session: Session) -> None:
    check_commune(command.commune, command.province, session.when.on)
    fair = Fair.hold(
        command.id, name=command.name, province=command.province, commune=command.commune, until=command.until,
        listings=await listings_of(session, command.products), when=session.when,
    )  # fmt: skip
    session.save(fair, id=command.id)


# --- partner ---


class RegisterPartner(Command):
    """An organisation joins the system of partners of a province."""

    id: UUID
    kind: Kind
    name: Name
    province: Province


@handler
async def register_partner(command: RegisterPartner, session: Session) -> None:
    if units.province(command.province, session.when.on) is None:
        raise UnknownProvince(field="province", province=command.province, on=session.when.on)
    facts = {"name": command.name, "kind": command.kind, "province": command.province}
    session.save(Partner.join(command.id, when=session.when, **facts), id=command.id)
