"""Sales point (điểm giới thiệu và bán sản phẩm): opened where it keeps the rules that its province gives it."""

from collections.abc import Sequence
from datetime import date
from typing import Self
from uuid import UUID

from pydantic import Field

from services.promotion.domain.listing import Listing
from services.promotion.domain.refusals import DateGoesBack
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment, ProductRef, Refusal, Value


class TooFewProducts(Refusal):
    rule = "sales-point-min_products"
    vi = "Điểm bán cần ít nhất {need} sản phẩm có trong danh mục ngày {on}, mới có {have}."
    en = "A sales point needs at least {need} products in the catalogue on {on}; there are {have}."


class TooSmall(Refusal):
    rule = "sales-point-min_area_m2"
    vi = "Điểm bán cần ít nhất {need} m², chỉ có {have} m²."
    en = "A sales point needs at least {need} m²; it has {have} m²."


class SalesPointClosed(Refusal):
    rule = "sales-point-already-closed"
    vi = "Điểm bán đã đóng ngày {closed_on}."
    en = "The sales point was closed on {closed_on}."


class Rules(Value):
    """What a province asks of a sales point: products listed on the day of opening, area in m²; 0 = nothing."""

    min_products: int = Field(default=0, ge=0, le=100_000)
    min_area_m2: float = Field(default=0, ge=0, le=10_000_000, allow_inf_nan=False)


class Point(Value):
    """Name, place and size (m²) of a sales point."""

    name: str
    province: str
    commune: str
    area_m2: float


def check_rules(rules: Rules, point: Point, listings: Sequence[Listing], on: date) -> None:
    """Raises TooFewProducts, TooSmall, NotListed."""
    have = sum(listing.listed_on(on) for listing in listings)
    if have < rules.min_products:
        raise TooFewProducts(field="products", need=rules.min_products, have=have, on=on)
    if point.area_m2 < rules.min_area_m2:
        raise TooSmall(field="area_m2", need=rules.min_area_m2, have=point.area_m2)
    for listing in listings:
        listing.require_listed(on, "products")


class SalesPoint(Aggregate):
    TOPIC = "promotion.SalesPoint"

    class Opened(Begun):
        """With the rules it was checked against."""

        TOPIC = "promotion.SalesPointOpened"
        point: Point
        rules: Rules
        products: tuple[ProductRef, ...]

    class Closed(Changed):
        TOPIC = "promotion.SalesPointClosed"
        point: Point
        reason: str

    @classmethod
    def open(cls, id: UUID, point: Point, rules: Rules, listings: Sequence[Listing], when: Moment) -> Self:
        """Products: each listed that day. Raises TooFewProducts, TooSmall, NotListed."""
        check_rules(rules, point, listings, when.on)
        products = tuple(listing.about.product for listing in listings)
        return cls._create(cls.Opened, id=id, when=when, point=point, rules=rules, products=products)

    @event(Opened)
    def __init__(self, point: Point, legal_date: date) -> None:
        self.point = point
        self.opened_on = legal_date
        self.closed_on: date | None = None

    @property
    def place(self) -> Place:
        return Place(province=self.point.province, commune=self.point.commune)

    def close(self, reason: str, when: Moment) -> None:
        """Raises SalesPointClosed, DateGoesBack."""
        if self.closed_on:
            raise SalesPointClosed(closed_on=self.closed_on)
        if when.on < self.opened_on:
            raise DateGoesBack(field="on", on=when.on, last=self.opened_on)
        self.trigger_event(self.Closed, when=when, point=self.point, reason=reason)

    @event(Closed)
    def _closed(self, legal_date: date) -> None:
        self.closed_on = legal_date
