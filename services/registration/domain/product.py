"""Product and its code. Registration alone owns a product's name and code; both never change hands."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.registration.domain.held import Held, Kind, admitted
from services.registration.domain.placing import Became, Site
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.recorded import check_recognition
from shared.auth.permissions import Place
from shared.eventstore.aggregate import AboutProduct, Aggregate, Begun, BegunAbout, Changed, ChangedAbout, event
from shared.regulation.rulesets import Ruleset
from shared.values import About, Decision, Moment, Refusal

NUMBERS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b636f6465")  # namespace of the communes' running numbers


class DossierUnderWay(Refusal):
    rule = "dossier-under-way"
    vi = "Sản phẩm đang có hồ sơ {dossier} chưa có kết quả."
    en = "The product has dossier {dossier} under way."


class HasASet(Refusal):
    rule = "product-has-a-set"
    article = "Phụ lục I"
    vi = "Sản phẩm đã thuộc bộ {set}."
    en = "The product is of set {set} already."


class Product(AboutProduct):
    TOPIC = "registration.Product"

    class Registered(BegunAbout):
        """`known_on`: the day whose map its place is of, that of its idea; null: its own legal date."""

        TOPIC = "registration.ProductRegistered"
        plan_id: UUID
        known_on: date | None = None

    class Recorded(BegunAbout):
        """An earlier recognition brought the product into the register; `ruleset` is that of its decision, an id only."""

        TOPIC = "registration.RecognitionRecorded"
        certificate: Held
        decision: Decision
        simulated: bool

    class CodeGiven(ChangedAbout):
        TOPIC = "registration.ProductCodeGiven"
        code: str

    class Placed(ChangedAbout):
        """Its place by the map of the legal date: carried over by rule, or chosen by a person among a split's candidates."""

        TOPIC = "registration.ProductPlaced"
        became: Became
        chosen: bool
        reason: str

    class Classified(ChangedAbout):
        """Its set under rules that have sets, where the rules of its beginning had none."""

        TOPIC = "registration.ProductClassified"

    class DossierOpened(ChangedAbout):
        TOPIC = "registration.ProductDossierOpened"
        dossier_id: UUID

    class DossierClosed(ChangedAbout):
        TOPIC = "registration.ProductDossierClosed"
        dossier_id: UUID

    class CertificateNoted(ChangedAbout):
        """What certification did with the product's certificate."""

        TOPIC = "registration.ProductCertificateNoted"
        certificate: Held

    @classmethod
    def register(cls, plan: BusinessPlan, when: Moment, known_on: date | None = None) -> Self:
        """The product has the id that its idea gave it. Raises plan's NotApproved."""
        plan.require_approved()
        return cls._create(
            cls.Registered, id=plan.about.product.id, when=when, about=plan.about, ruleset=plan.ruleset, plan_id=plan.id,
            known_on=known_on,
        )  # fmt: skip

    @classmethod
    def record(
        cls, *, about: About, ruleset: str, certificate: Held, decision: Decision, simulated: bool, when: Moment
    ) -> Self:
        """An earlier recognition is taken in, by the day of its recording. Raises the refusals of `check_recognition`."""
        check_recognition(ruleset, decision, certificate.issued_on, certificate.expires_on, when.on)
        return cls._create(
            cls.Recorded, id=about.product.id, when=when, about=about, ruleset=ruleset, certificate=certificate,
            decision=decision, simulated=simulated,
        )  # fmt: skip

    @event(Registered)
    def __init__(
        self, about: About, ruleset: str, legal_date: date, plan_id: UUID | None = None,
        certificate: Held | None = None, known_on: date | None = None,
    ) -> None:  # fmt: skip
        self.about = about
        self.known_on = known_on or legal_date
        self.became: Became | None = None
        self.ruleset = ruleset
        self.plan_id = plan_id  # null where an earlier recognition was recorded
        self.certificate = certificate
        self.open_dossier: UUID | None = None
        self.last_dossier: UUID | None = None

    # --- place and set ---

    @property
    def site(self) -> Site:
        return Site(province=self.about.province, commune=self.about.commune, known_on=self.known_on)

    def move_to(self, place: tuple[str, str], became: Became, *, chosen: bool, reason: str, when: Moment) -> None:
        """Its place of this day on."""
        about = self.about.model_copy(update={"province": place[0], "commune": place[1]})
        self.trigger_event(self.Placed, when=when, about=about, became=became, chosen=chosen, reason=reason)

    @event(Placed)
    def _placed(self, about: About, became: Became, legal_date: date) -> None:
        self.about = about
        self.became = became
        self.known_on = legal_date

    def classify(self, set_no: str, ruleset: Ruleset, when: Moment) -> None:
        """The set of a product that has none yet. Raises UnknownSheet, HasASet."""
        if self.about.product.set not in {"", set_no}:
            raise HasASet(field="set", set=self.about.product.set)
        if not self.about.product.set:
            update = {"set": set_no, "group": ruleset.group_of(set_no)}
            about = self.about.model_copy(update={"product": self.about.product.model_copy(update=update)})
            self.trigger_event(self.Classified, when=when, about=about, ruleset=ruleset.id)

    @event(Classified)
    def _classified(self, about: About) -> None:
        self.about = about

    # --- dossier ---

    def open(self, dossier_id: UUID, when: Moment) -> None:
        """One dossier at a time is under way for a product. Raises DossierUnderWay."""
        if self.open_dossier:
            raise DossierUnderWay(field="product_id", dossier=self.open_dossier)
        self.trigger_event(self.DossierOpened, when=when, dossier_id=dossier_id)

    @event(DossierOpened)
    def _opened(self, dossier_id: UUID) -> None:
        self.open_dossier = dossier_id
        self.last_dossier = dossier_id

    def reopen(self, dossier_id: UUID, when: Moment) -> None:
        """A dossier that had its result is assessed again; one that was filed meanwhile stays the one under way."""
        if self.open_dossier is None:
            self.trigger_event(self.DossierOpened, when=when, dossier_id=dossier_id)

    def close(self, dossier_id: UUID, when: Moment) -> None:
        """The dossier has its result; one that is not under way changes nothing."""
        if self.open_dossier == dossier_id:
            self.trigger_event(self.DossierClosed, when=when, dossier_id=dossier_id)

    @event(DossierClosed)
    def _closed(self) -> None:
        self.open_dossier = None

    # --- certificate ---

    def admit(self, kind: Kind, ruleset: Ruleset, on: date) -> str | None:
        """Whether a dossier of this kind may be filed that day; raises as `admitted`, returns the article that admits."""
        return admitted(kind, self.certificate, ruleset, on)

    def stars_on(self, on: date) -> int | None:
        """The stars that it holds that day; null without a certificate in force."""
        return self.certificate.stars if self.certificate and self.certificate.in_force(on) else None

    def note(self, certificate: Held, when: Moment) -> None:
        """A certificate was issued; one that is older than what it holds changes nothing."""
        known = self.certificate
        if known is None or known.issued_on <= certificate.issued_on:
            self.trigger_event(self.CertificateNoted, when=when, certificate=certificate)

    def note_extension(self, number: str, until: date, when: Moment) -> None:
        """Its certificate lives on until the outcome of its renewal (art. 12.3), at most until that day."""
        self._note_of(number, {"until": until}, when)

    def note_end(self, number: str, ended_on: date, when: Moment) -> None:
        """Its certificate expired or was revoked: `ended_on` is the first day on which it no longer holds."""
        self._note_of(number, {"ended_on": ended_on}, when)

    def _note_of(self, number: str, facts: dict[str, date], when: Moment) -> None:
        """Of a certificate that is no longer the last, nothing needs to be known."""
        if self.certificate and self.certificate.number == number:
            certificate = self.certificate.model_copy(update=facts)
            self.trigger_event(self.CertificateNoted, when=when, certificate=certificate)

    @event(CertificateNoted)
    def _certificate_noted(self, certificate: Held) -> None:
        self.certificate = certificate

    # --- code ---

    def give_code(self, code: str, when: Moment) -> None:
        """The code of the first forwarding; upgrade and renewal keep it."""
        self.trigger_event(self.CodeGiven, when=when, code=code)

    @event(CodeGiven)
    def _code_given(self, code: str) -> None:
        self.about = self.about.model_copy(update={"product": self.about.product.model_copy(update={"code": code})})


class CommuneNumbers(Aggregate):
    """The running numbers that one commune gives in one year, restarting each year (setting)."""

    TOPIC = "registration.CommuneNumbers"

    class Opened(Begun):
        TOPIC = "registration.CommuneNumbersOpened"
        province: str
        commune: str
        year: int

    class Allocated(Changed):
        TOPIC = "registration.ProductNumberAllocated"
        product_id: UUID
        number: int

    @staticmethod
    def id_of(commune: str, year: int) -> UUID:
        return uuid5(NUMBERS, f"{commune}/{year}")

    @classmethod
    def open(cls, province: str, commune: str, year: int, when: Moment) -> Self:
        return cls._create(
            cls.Opened, id=cls.id_of(commune, year), when=when, province=province, commune=commune, year=year
        )

    @event(Opened)
    def __init__(self, province: str, commune: str, year: int) -> None:
        self.province = province
        self.commune = commune
        self.year = year
        self.last = 0

    @property
    def place(self) -> Place:
        return Place(province=self.province, commune=self.commune)

    def allocate(self, product_id: UUID, when: Moment, district: str | None = None) -> str:
        """The next code: province, commune, running number without leading zeros, year (Annex II, head of each sheet).

        Until 30 June 2025 the district stood between province and commune; such a code is kept for ever.
        """
        self.trigger_event(self.Allocated, when=when, product_id=product_id, number=self.last + 1)
        places = (self.province, district, self.commune) if district else (self.province, self.commune)
        return "-".join([*places, str(self.last), str(self.year)])

    @event(Allocated)
    def _allocated(self, number: int) -> None:
        self.last = number


def year_of_round(ruleset: Ruleset, on: date) -> int:
    """The year of the province's round that a proposal of this day goes to (26/2026 art. 5.1); else the day's own."""
    last = max((term.proposals_last(on.year) for term in ruleset.round_terms("province")), default=on)
    return on.year if on <= last else on.year + 1
