"""Product and its code. Registration alone owns a product's name and code; both never change hands."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.registration.domain.earlier import Told, ruleset_of
from services.registration.domain.held import Held, Kind, admitted
from services.registration.domain.placing import Became, Site
from services.registration.domain.plan import BusinessPlan
from services.registration.domain.recorded import check_recognition
from shared.auth.permissions import Place
from shared.eventstore.aggregate import AboutProduct, Aggregate, Begun, BegunAbout, Changed, ChangedAbout, event
from shared.regulation.rulesets import Ruleset
from shared.values import About, Decision, Known, Moment, Refusal

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

    class Entered(BegunAbout):
        """An old register brought it in; what it tells of its recognitions follows."""

        TOPIC = "registration.ProductEntered"
        known: Known

    class EarlierRecorded(ChangedAbout):
        """An earlier recognition whose certificate is known by its day."""

        TOPIC = "registration.EarlierRecognitionRecorded"
        recognition_id: UUID
        certificate: Held
        decision: Decision
        known: Known
        simulated: bool = False

    class EarlierNoted(ChangedAbout):
        """An earlier recognition of which no certificate can be told: its day is not known, or not its own."""

        TOPIC = "registration.EarlierRecognitionNoted"
        recognition_id: UUID
        told: Told
        known: Known

    class EarlierTakenBack(ChangedAbout):
        """It was taken in by mistake; `number` of its certificate, `product_too`: nothing else brought the product in."""

        TOPIC = "registration.EarlierRecognitionTakenBack"
        recognition_id: UUID
        number: str | None
        left: Held | None = None  # the certificate that it then has
        product_too: bool
        reason: str

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
        certificate: Held | None = None, known_on: date | None = None, known: Known | None = None,
    ) -> None:  # fmt: skip
        self.about = about
        self.known_on = known_on or legal_date
        self.became: Became | None = None
        self.ruleset = ruleset
        self.plan_id = plan_id  # null where an earlier recognition was recorded
        self.certificate = certificate
        self.open_dossier: UUID | None = None
        self.last_dossier: UUID | None = None
        self.earlier: dict[UUID, Held | None] = {}  # recognitions that old registers told; null where only noted
        self.times: dict[UUID, int] = {}  # how often each of them was recorded
        self.entered_by_import = known is not None
        self.days = days_of(certificate)

    # --- earlier recognitions ---

    @classmethod
    def enter(cls, about: About, ruleset: str, known: Known, when: Moment) -> Self:
        """Brought in by an old register, on the day of its import."""
        return cls._create(cls.Entered, id=about.product.id, when=when, about=about, ruleset=ruleset, known=known)

    def take_in(self, told: Told, known: Known, when: Moment) -> UUID | None:
        """An earlier recognition comes in by its own day; the id under which it did, null where it was known already.

        It is only noted where no certificate follows from it, or where its days are another's that we do not take it to
        have been replaced by.
        """
        id = told.id(self.id)
        time = self.times.get(id, 0) + 1
        certificate = told.certificate(id, self.about.province, when.on, time)
        if id in self.earlier or (certificate and self._holds(certificate)):
            return None
        if certificate and self._has_room_for(certificate):
            self.trigger_event(
                self.EarlierRecorded, when=when, ruleset=ruleset_of(certificate.issued_on), recognition_id=id,
                certificate=certificate, decision=told.printed, known=known,
            )  # fmt: skip
        else:
            self.trigger_event(self.EarlierNoted, when=when, recognition_id=id, told=told, known=known)
        return id

    def _holds(self, certificate: Held) -> bool:
        return (certificate.issued_on, certificate.stars) in self.days

    def _has_room_for(self, certificate: Held) -> bool:
        """Nothing that is known begins on its days; and no certificate of our own holds on them."""
        others = [held for held in (self.certificate, *self.earlier.values()) if held]
        begins = any(certificate.issued_on <= held.issued_on <= certificate.expires_on for held in others)
        earlier = {held.number for held in self.earlier.values() if held}
        own = self.certificate and self.certificate.number not in earlier and self.certificate
        return not begins and not (own and own.issued_on <= certificate.issued_on <= own.last)

    @event(EarlierRecorded)
    def _earlier_recorded(self, recognition_id: UUID, certificate: Held) -> None:
        self.earlier = {**self.earlier, recognition_id: certificate}
        self.times = {**self.times, recognition_id: self.times.get(recognition_id, 0) + 1}
        self.days |= days_of(certificate)
        if self.certificate is None or self.certificate.issued_on < certificate.issued_on:
            self.certificate = certificate

    @event(EarlierNoted)
    def _earlier_noted(self, recognition_id: UUID) -> None:
        self.earlier = {**self.earlier, recognition_id: None}
        self.times = {**self.times, recognition_id: self.times.get(recognition_id, 0) + 1}

    def take_back(self, recognition_id: UUID, reason: str, when: Moment) -> None:
        """A recognition that was taken in by mistake; one that is not there changes nothing."""
        if recognition_id in self.earlier:
            held, alone = self.earlier[recognition_id], len(self.earlier) == 1 and self.entered_by_import
            left = self.certificate
            if held and left and left.number == held.number:
                others = [other for id, other in self.earlier.items() if other and id != recognition_id]
                left = max(others, key=lambda other: other.issued_on, default=None)
            self.trigger_event(
                self.EarlierTakenBack, when=when, recognition_id=recognition_id, number=held and held.number, left=left,
                product_too=alone and self.last_dossier is None, reason=reason,
            )  # fmt: skip

    @event(EarlierTakenBack)
    def _earlier_taken_back(self, recognition_id: UUID, left: Held | None) -> None:
        self.days -= days_of(self.earlier[recognition_id])
        self.earlier = {id: held for id, held in self.earlier.items() if id != recognition_id}
        self.certificate = left

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
        self.days |= days_of(certificate)
        self.certificate = certificate

    # --- code ---

    def give_code(self, code: str, when: Moment) -> None:
        """The code of the first forwarding; upgrade and renewal keep it."""
        self.trigger_event(self.CodeGiven, when=when, code=code)

    @event(CodeGiven)
    def _code_given(self, code: str) -> None:
        self.about = self.about.model_copy(update={"product": self.about.product.model_copy(update={"code": code})})


def days_of(certificate: Held | None) -> frozenset[tuple[date, int]]:
    """By what a certificate is known again: its first day and its stars."""
    return frozenset({(certificate.issued_on, certificate.stars)}) if certificate else frozenset()


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
