"""Shelf: a product sold on an e-commerce platform (sàn thương mại điện tử), with the link to it."""

from datetime import date
from typing import Self
from uuid import UUID

from services.promotion.domain.listing import Listing
from services.promotion.domain.refusals import DateGoesBack
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment, Refusal


class ShelfClosed(Refusal):
    rule = "shelf-already-closed"
    vi = "Gian hàng đã đóng ngày {closed_on}."
    en = "The shelf was closed on {closed_on}."


class Shelf(AboutProduct):
    """One product on one platform, from its opening to its closing."""

    TOPIC = "promotion.Shelf"

    class Opened(BegunAbout):
        TOPIC = "promotion.ShelfOpened"
        platform: str
        link: str

    class Closed(ChangedAbout):
        TOPIC = "promotion.ShelfClosed"

    @classmethod
    def open(cls, id: UUID, *, platform: str, link: str, listing: Listing, when: Moment) -> Self:
        """Raises NotListed."""
        listing.require_listed(when.on, "product_id")
        about, ruleset = listing.about, listing.ruleset
        return cls._create(cls.Opened, id=id, when=when, about=about, ruleset=ruleset, platform=platform, link=link)

    @event(Opened)
    def __init__(self, about: About, ruleset: str, legal_date: date) -> None:
        self.about = about
        self.ruleset = ruleset
        self.opened_on = legal_date
        self.closed_on: date | None = None

    def close(self, when: Moment) -> None:
        """Raises ShelfClosed, DateGoesBack."""
        if self.closed_on:
            raise ShelfClosed(closed_on=self.closed_on)
        if when.on < self.opened_on:
            raise DateGoesBack(field="on", on=when.on, last=self.opened_on)
        self.trigger_event(self.Closed, when=when)

    @event(Closed)
    def _closed(self, legal_date: date) -> None:
        self.closed_on = legal_date
