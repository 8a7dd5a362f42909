"""What the promotion house says. Consumers: the portal's catalogue, subscribers outside."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import Contract, ProductContract

HOUSE = "promotion"


class ProductListed(ProductContract):
    """A certified product stands in the catalogue; `certificate` is its number, `expires_on` that certificate's last day."""

    HOUSE: ClassVar[str] = HOUSE
    stars: int = Field(ge=3, le=5)
    certificate: str
    expires_on: date
    simulated: bool = False


class ProductDelisted(ProductContract):
    """A product left the catalogue: its certificate ended without another."""

    HOUSE: ClassVar[str] = HOUSE
    certificate: str
    reason: Literal["expired", "revoked"]


class StoryPublished(ProductContract):
    """A product's story (câu chuyện sản phẩm) was reviewed and published."""

    HOUSE: ClassVar[str] = HOUSE
    title: str
    text: str


class ShelfOpened(ProductContract):
    """A product is sold on an e-commerce platform."""

    HOUSE: ClassVar[str] = HOUSE
    shelf_id: UUID
    platform: str
    link: str


class ShelfClosed(ProductContract):
    """A product is no longer sold there."""

    HOUSE: ClassVar[str] = HOUSE
    shelf_id: UUID


class SalesPointOpened(Contract):
    """A point that shows and sells products (điểm giới thiệu và bán sản phẩm); `products`: ids of those shown."""

    HOUSE: ClassVar[str] = HOUSE
    sales_point_id: UUID
    name: str
    province: str
    commune: str
    area_m2: float
    products: list[UUID]


class SalesPointClosed(Contract):
    """A sales point was closed."""

    HOUSE: ClassVar[str] = HOUSE
    sales_point_id: UUID
    name: str
    province: str
    commune: str
    reason: str


class FairHeld(Contract):
    """A fair from its legal date through `until`; `products`: ids of those shown there."""

    HOUSE: ClassVar[str] = HOUSE
    fair_id: UUID
    name: str
    province: str
    commune: str
    until: date
    products: list[UUID]


class PartnerJoined(Contract):
    """A partner of the programme (hệ thống đối tác), by kind."""

    HOUSE: ClassVar[str] = HOUSE
    partner_id: UUID
    name: str
    kind: Literal["inputs", "processing", "retail", "investors", "science", "media", "banks", "international"]
    province: str
