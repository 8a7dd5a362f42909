"""Producer (chủ thể OCOP, 26/2026 art. 2.3): who makes the product."""

from datetime import date
from typing import Self
from uuid import UUID

from services.registration.domain.placing import Became, Site
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.sealing import Sealed
from shared.values import Moment, ProducerRef, Refusal, Value


class AlreadyVerified(Refusal):
    rule = "producer-already-verified"
    vi = "Chủ thể này đã được xã xác nhận."
    en = "The commune has already verified this producer."


class NotVerified(Refusal):
    rule = "producer-not-verified"
    article = "Điều 2.3"
    vi = "Chủ thể chưa được xã xác nhận nên chưa đăng ký được ý tưởng."
    en = "The producer is not verified by its commune yet, so it cannot register an idea."


class RecordedOtherwise(Refusal):
    rule = "producer-recorded-otherwise"
    article = "Điều 2.3"
    vi = "Mã chủ thể này đã ghi là {name} ({kind})."
    en = "The producer of this id is in the register as {name} ({kind})."


class Representative(Value):
    """The legal representative: personal data, sealed."""

    name: Sealed[str]
    gender: Sealed[str]
    ethnicity: Sealed[str]
    phone: Sealed[str]
    email: Sealed[str]


class Producer(Aggregate):
    TOPIC = "registration.Producer"

    class Registered(Begun):
        TOPIC = "registration.ProducerRegistered"
        producer: ProducerRef
        province: str
        commune: str
        registration_number: str
        representative: Representative

    class Verified(Changed):
        TOPIC = "registration.ProducerVerified"
        producer: ProducerRef
        province: str
        commune: str

    class Recorded(Begun):
        """Known by an earlier recognition, so verified; without any person."""

        TOPIC = "registration.ProducerRecorded"
        producer: ProducerRef
        province: str
        commune: str
        verified: bool = True

    class Placed(Changed):
        """Its place by the map of the legal date: carried over by rule, or chosen by a person among a split's candidates."""

        TOPIC = "registration.ProducerPlaced"
        producer: ProducerRef
        province: str
        commune: str
        became: Became
        chosen: bool
        reason: str

    @classmethod
    def register(
        cls, id: UUID, *, name: str, kind: str, province: str, commune: str, registration_number: str,
        representative: Representative, when: Moment,
    ) -> Self:  # fmt: skip
        return cls._create(
            cls.Registered, id=id, when=when, producer=ProducerRef(id=id, name=name, kind=kind), province=province,
            commune=commune, registration_number=registration_number, representative=representative,
        )  # fmt: skip

    @classmethod
    def record(cls, ref: ProducerRef, *, province: str, commune: str, when: Moment) -> Self:
        """Taken into the register with an earlier recognition."""
        return cls._create(cls.Recorded, id=ref.id, when=when, producer=ref, province=province, commune=commune)

    @event(Registered)
    def __init__(
        self, producer: ProducerRef, province: str, commune: str, legal_date: date, verified: bool = False
    ) -> None:
        self.producer = producer
        self.province = province
        self.commune = commune
        self.known_on = legal_date
        self.became: Became | None = None
        self.verified = verified

    @property
    def place(self) -> Place:
        return Place(province=self.province, commune=self.commune, producer=str(self.id))

    @property
    def site(self) -> Site:
        return Site(province=self.province, commune=self.commune, known_on=self.known_on)

    def move_to(self, place: tuple[str, str], became: Became, *, chosen: bool, reason: str, when: Moment) -> None:
        """Its place of this day on."""
        self.trigger_event(
            self.Placed, when=when, producer=self.producer, province=place[0], commune=place[1], became=became,
            chosen=chosen, reason=reason,
        )  # fmt: skip

    @event(Placed)
    def _placed(self, province: str, commune: str, became: Became, legal_date: date) -> None:
        self.province = province
        self.commune = commune
        self.became = became
        self.known_on = legal_date

    def require_same(self, producer: ProducerRef) -> None:
        """Several recorded products share one producer, which has one name. Raises RecordedOtherwise."""
        if self.producer != producer:
            raise RecordedOtherwise(field="producer", name=self.producer.name, kind=self.producer.kind)

    def verify(self, when: Moment) -> None:
        """The commune confirms that the producer is what it says. Raises AlreadyVerified."""
        if self.verified:
            raise AlreadyVerified()
        self.trigger_event(
            self.Verified, when=when, producer=self.producer, province=self.province, commune=self.commune
        )

    @event(Verified)
    def _verified(self) -> None:
        self.verified = True
