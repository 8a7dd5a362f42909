"""Listing (26/2026: quảng bá, xúc tiến thương mại): a certified product in the catalogue."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment, Refusal, Value

LISTINGS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b6c697374")  # namespace of the ids that follow from products


class AlreadyListed(Refusal):
    rule = "product-already-listed"
    vi = "Sản phẩm đã có trong danh mục với giấy chứng nhận {certificate}."
    en = "The product is in the catalogue already with certificate {certificate}."


class Shown(Value):
    """The certificate under which a product is shown; `expires_on` is its last day."""

    certificate: str
    stars: int
    expires_on: date
    simulated: bool


class Listing(AboutProduct):
    """One product's place in the catalogue, through all its certificates."""

    TOPIC = "promotion.Listing"

    class Opened(BegunAbout):
        TOPIC = "promotion.ListingOpened"

    class Listed(ChangedAbout):
        TOPIC = "promotion.ProductListed"
        shown: Shown

    @staticmethod
    def id_of(product_id: UUID) -> UUID:
        return uuid5(LISTINGS, str(product_id))

    @classmethod
    def open(cls, about: About, ruleset: str, when: Moment) -> Self:
        return cls._create(cls.Opened, id=cls.id_of(about.product.id), when=when, about=about, ruleset=ruleset)

    @event(Opened)
    def __init__(self, about: About, ruleset: str) -> None:
        self.about = about
        self.ruleset = ruleset
        self.shown: Shown | None = None

    def show(self, shown: Shown, about: About, ruleset: str, when: Moment) -> None:
        """A later certificate takes the place of the one shown so far. Raises AlreadyListed."""
        if self.shown and self.shown.certificate == shown.certificate:
            raise AlreadyListed(certificate=shown.certificate)
        self.trigger_event(self.Listed, when=when, about=about, ruleset=ruleset, shown=shown)

    @event(Listed)
    def _listed(self, about: About, ruleset: str, shown: Shown) -> None:
        self.about = about
        self.ruleset = ruleset
        self.shown = shown
