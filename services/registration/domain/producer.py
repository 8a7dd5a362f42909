"""Producer (chủ thể OCOP, 26/2026 art. 2.3): who makes the product."""

from typing import Self
from uuid import UUID

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
    def __init__(self, producer: ProducerRef, province: str, commune: str, verified: bool = False) -> None:
        self.producer = producer
        self.province = province
        self.commune = commune
        self.verified = verified

    @property
    def place(self) -> Place:
        return Place(province=self.province, commune=self.commune, producer=str(self.id))

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
