"""Which private events of promotion are said to others, and how."""

from services.promotion.domain.fair import Fair
from services.promotion.domain.listing import Listing
from services.promotion.domain.partner import Partner
from services.promotion.domain.sales_point import SalesPoint
from services.promotion.domain.shelf import Shelf
from services.promotion.domain.story import Story
from shared.contracts import promotion as said
from shared.eventstore.publishing import Published

PUBLISHED = Published("promotion")

# --- catalogue ---


@PUBLISHED.on(Listing.Listed)
def product_listed(e: Listing.Listed) -> said.ProductListed:
    return said.ProductListed(**e.carried(), **e.shown.model_dump())


@PUBLISHED.on(Listing.Delisted)
def product_delisted(e: Listing.Delisted) -> said.ProductDelisted:
    return said.ProductDelisted(**e.carried(), certificate=e.certificate, reason=e.reason)


# --- story, shelf ---


@PUBLISHED.on(Story.Published)
def story_published(e: Story.Published) -> said.StoryPublished:
    return said.StoryPublished(**e.carried(), title=e.tale.title, text=e.tale.text)


@PUBLISHED.on(Shelf.Opened)
def shelf_opened(e: Shelf.Opened) -> said.ShelfOpened:
    return said.ShelfOpened(**e.carried(), shelf_id=e.originator_id, platform=e.platform, link=e.link)


@PUBLISHED.on(Shelf.Closed)
def shelf_closed(e: Shelf.Closed) -> said.ShelfClosed:
    return said.ShelfClosed(**e.carried(), shelf_id=e.originator_id)


# --- sales point ---


@PUBLISHED.on(SalesPoint.Opened)
def sales_point_opened(e: SalesPoint.Opened) -> said.SalesPointOpened:
    point = e.point
    return said.SalesPointOpened(
        legal_date=e.legal_date, sales_point_id=e.originator_id, name=point.name, province=point.province,
        commune=point.commune, area_m2=point.area_m2, products=[product.id for product in e.products],
    )  # fmt: skip


@PUBLISHED.on(SalesPoint.Closed)
def sales_point_closed(e: SalesPoint.Closed) -> said.SalesPointClosed:
    return said.SalesPointClosed(
        legal_date=e.legal_date, sales_point_id=e.originator_id, name=e.point.name, province=e.point.province,
        commune=e.point.commune, reason=e.reason,
    )  # fmt: skip


# --- fair, partner ---


@PUBLISHED.on(Fair.Held)
def fair_held(e: Fair.Held) -> said.FairHeld:
    return said.FairHeld(
        legal_date=e.legal_date, fair_id=e.originator_id, name=e.name, province=e.province, commune=e.commune,
        until=e.until, products=[product.id for product in e.products],
    )  # fmt: skip


@PUBLISHED.on(Partner.Joined)
def partner_joined(e: Partner.Joined) -> said.PartnerJoined:
    return said.PartnerJoined(
        legal_date=e.legal_date, partner_id=e.originator_id, name=e.name, kind=e.kind, province=e.province
    )
