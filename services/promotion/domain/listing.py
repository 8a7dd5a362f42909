"""Listing (26/2026: quảng bá, xúc tiến thương mại): a certified product in the catalogue."""

from datetime import date
from typing import Literal, Self
from uuid import UUID, uuid5

from services.promotion.domain.refusals import NotListed
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment, Refusal, Value

LISTINGS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b6c697374")  # namespace of the ids that follow from products

Reason = Literal["expired", "revoked"]


class AlreadyListed(Refusal):
    rule = "product-already-listed"
    vi = "Sản phẩm đã có trong danh mục với giấy chứng nhận {certificate}."
    en = "The product is in the catalogue already with certificate {certificate}."


class NotShown(Refusal):
    rule = "certificate-not-shown"
    vi = "Danh mục không giới thiệu sản phẩm với giấy chứng nhận {certificate}."
    en = "The catalogue does not show the product with certificate {certificate}."


class Shown(Value):
    """The certificate under which a product is shown; `expires_on` is its last day."""

    certificate: str
    stars: int
    expires_on: date
    simulated: bool


class Stay(Value):
    """A stretch of time in the catalogue, from `begins` to the day before `ends`; null while it lasts."""

    begins: date
    ends: date | None = None

    def holds(self, on: date) -> bool:
        return self.begins <= on and (self.ends is None or on < self.ends)


class Listing(AboutProduct):
    """One product's place in the catalogue, through all its certificates."""

    TOPIC = "promotion.Listing"

    class Opened(BegunAbout):
        TOPIC = "promotion.ListingOpened"

    class Listed(ChangedAbout):
        TOPIC = "promotion.ProductListed"
        shown: Shown

    class Prolonged(ChangedAbout):
        """The certificate is valid past its last day, through `until` at most (art. 12.3)."""

        TOPIC = "promotion.ListingProlonged"
        certificate: str
        until: date

    class Delisted(ChangedAbout):
        """Its legal date is the first day on which the product is not shown."""

        TOPIC = "promotion.ProductDelisted"
        certificate: str
        reason: Reason

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
        self.stays: tuple[Stay, ...] = ()

    def shows(self, certificate: str) -> bool:
        """Whether the product is shown now, under this certificate."""
        return self.shown is not None and self.shown.certificate == certificate

    def listed_on(self, on: date) -> bool:
        """Whether the product stands in the catalogue on a day."""
        return any(stay.holds(on) for stay in self.stays)

    def require_listed(self, on: date, field: str) -> None:
        """Raises NotListed."""
        if not self.listed_on(on):
            raise NotListed(field=field, product=self.about.product.name, on=on)

    def show(self, shown: Shown, about: About, ruleset: str, when: Moment) -> None:
        """A later certificate takes the place of the one shown so far. Raises AlreadyListed."""
        if self.shows(shown.certificate):
            raise AlreadyListed(certificate=shown.certificate)
        self.trigger_event(self.Listed, when=when, about=about, ruleset=ruleset, shown=shown)

    @event(Listed)
    def _listed(self, about: About, ruleset: str, shown: Shown, legal_date: date) -> None:
        self.about = about
        self.ruleset = ruleset
        self.stays = self.stays if self.shown else (*self.stays, Stay(begins=legal_date))
        self.shown = shown

    def prolong(self, certificate: str, until: date, when: Moment) -> None:
        """The product stays while the renewal of its certificate is decided (art. 12.3). Raises NotShown."""
        self._require_shown(certificate)
        self.trigger_event(self.Prolonged, when=when, certificate=certificate, until=until)

    def delist(self, certificate: str, reason: Reason, when: Moment) -> None:
        """The certificate under which the product is shown ended without another. Raises NotShown."""
        self._require_shown(certificate)
        self.trigger_event(self.Delisted, when=when, certificate=certificate, reason=reason)

    @event(Delisted)
    def _delisted(self, legal_date: date) -> None:
        self.stays = (*self.stays[:-1], Stay(begins=self.stays[-1].begins, ends=legal_date))
        self.shown = None

    def _require_shown(self, certificate: str) -> None:
        if not self.shows(certificate):
            raise NotShown(certificate=certificate)
