"""Fair (hội chợ): some days on which listed products are shown, also those of other provinces."""

from collections.abc import Sequence
from datetime import date
from typing import Self
from uuid import UUID

from services.promotion.domain.listing import Listing
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, event
from shared.values import Moment, ProductRef, Refusal


class EndsBeforeItBegins(Refusal):
    rule = "fair-ends-before-it-begins"
    vi = "Ngày cuối của hội chợ ({until}) trước ngày đầu ({on})."
    en = "The fair's last day ({until}) is before its first ({on})."


class Fair(Aggregate):
    TOPIC = "promotion.Fair"

    class Held(Begun):
        """Its legal date is the first day, `until` the last."""

        TOPIC = "promotion.FairHeld"
        name: str
        province: str
        commune: str
        until: date
        products: tuple[ProductRef, ...]

    @classmethod
    def hold(
        cls, id: UUID, *, name: str, province: str, commune: str, until: date, listings: Sequence[Listing], when: Moment
    ) -> Self:  # fmt: skip
        """Products: each listed on the first day. Raises EndsBeforeItBegins, NotListed."""
        if until < when.on:
            raise EndsBeforeItBegins(field="until", until=until, on=when.on)
        for listing in listings:
            listing.require_listed(when.on, "products")
        products = tuple(listing.about.product for listing in listings)
        return cls._create(
            cls.Held, id=id, when=when, name=name, province=province, commune=commune, until=until, products=products
        )

    @event(Held)
    def __init__(self, province: str, commune: str) -> None:
        self.province = province
        self.commune = commune

    @property
    def place(self) -> Place:
        return Place(province=self.province, commune=self.commune)
