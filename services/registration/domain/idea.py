"""Product idea (ý tưởng sản phẩm): registered by the producer, screened by the commune, accepted by the province."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.registration.domain.producer import NotVerified, Producer
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment, Refusal, Value

PRODUCTS = UUID("70d0c7a1-0c0b-5d0a-8f0e-70726f647563")  # namespace of product ids
UNDER_SCREENING = {"registered", "screened"}


class NotRegistered(Refusal):
    rule = "idea-not-awaiting-screening"
    vi = "Ý tưởng đang ở bước {state}, không phải bước chờ xã sàng lọc."
    en = "The idea is {state}, not awaiting the commune's screening."


class NotScreened(Refusal):
    rule = "idea-not-screened"
    vi = "Ý tưởng đang ở bước {state}; xã chưa sàng lọc hoặc đã có kết quả."
    en = "The idea is {state}; the commune has not screened it or it is settled."


class NotAccepted(Refusal):
    rule = "idea-not-accepted"
    vi = "Ý tưởng chưa được chấp nhận nên chưa nộp được phương án."
    en = "The idea is not accepted yet, so no business plan can be submitted."


class NotUnderScreening(Refusal):
    rule = "idea-not-under-screening"
    vi = "Ý tưởng đang ở bước {state}, không trả lại được."
    en = "The idea is {state} and cannot be returned."


class NotReturned(Refusal):
    rule = "idea-not-returned"
    vi = "Ý tưởng đang ở bước {state}, không phải bước trả lại để sửa."
    en = "The idea is {state}; it was not returned to be put right."


class Settled(Refusal):
    rule = "idea-settled"
    vi = "Ý tưởng đang ở bước {state}, không rút được nữa."
    en = "The idea is {state} and cannot be withdrawn any more."


class Summary(Value):
    """What the registration form of an idea tells."""

    description: str
    raw_material: str
    local_character: str


def product_of(idea_id: UUID) -> UUID:
    """The id of the product that an idea is about: given with the idea, for ever."""
    return uuid5(PRODUCTS, str(idea_id))


class Idea(AboutProduct):
    TOPIC = "registration.Idea"

    class Registered(BegunAbout):
        TOPIC = "registration.IdeaRegistered"
        summary: Summary

    class Screened(ChangedAbout):
        TOPIC = "registration.IdeaScreened"
        opinion: str

    class Accepted(ChangedAbout):
        TOPIC = "registration.IdeaAccepted"

    class Returned(ChangedAbout):
        TOPIC = "registration.IdeaReturned"
        guidance: str

    class SentAgain(ChangedAbout):
        TOPIC = "registration.IdeaSentAgain"
        summary: Summary

    class Withdrawn(ChangedAbout):
        TOPIC = "registration.IdeaWithdrawn"
        reason: str

    @classmethod
    def register(
        cls, id: UUID, *, producer: Producer, about: About, ruleset: str, summary: Summary, when: Moment
    ) -> Self:
        """Raises NotVerified."""
        if not producer.verified:
            raise NotVerified(field="producer_id")
        return cls._create(cls.Registered, id=id, when=when, about=about, ruleset=ruleset, summary=summary)

    @event(Registered)
    def __init__(self, about: About, ruleset: str, legal_date: date) -> None:
        self.about = about
        self.ruleset = ruleset
        self.known_on = legal_date
        self.state = "registered"

    def screen(self, opinion: str, when: Moment) -> None:
        """The commune finds the idea worth pursuing. Raises NotRegistered."""
        if self.state != "registered":
            raise NotRegistered(state=self.state)
        self.trigger_event(self.Screened, when=when, opinion=opinion)

    @event(Screened)
    def _screened(self) -> None:
        self.state = "screened"

    def accept(self, when: Moment) -> None:
        """The province's agency accepts. Raises NotScreened."""
        if self.state != "screened":
            raise NotScreened(state=self.state)
        self.trigger_event(self.Accepted, when=when)

    @event(Accepted)
    def _accepted(self) -> None:
        self.state = "accepted"

    def send_back(self, guidance: str, when: Moment) -> None:
        """Commune or agency says what is to be put right. Raises NotUnderScreening."""
        if self.state not in UNDER_SCREENING:
            raise NotUnderScreening(state=self.state)
        self.trigger_event(self.Returned, when=when, guidance=guidance)

    @event(Returned)
    def _returned(self) -> None:
        self.state = "returned"

    def send_again(self, summary: Summary, when: Moment) -> None:
        """Put right, it goes to the commune anew. Raises NotReturned."""
        if self.state != "returned":
            raise NotReturned(state=self.state)
        self.trigger_event(self.SentAgain, when=when, summary=summary)

    @event(SentAgain)
    def _sent_again(self) -> None:
        self.state = "registered"

    def withdraw(self, reason: str, when: Moment) -> None:
        """The producer takes it back before it is accepted. Raises Settled."""
        if self.state not in UNDER_SCREENING | {"returned"}:
            raise Settled(state=self.state)
        self.trigger_event(self.Withdrawn, when=when, reason=reason)

    @event(Withdrawn)
    def _withdrawn(self) -> None:
        self.state = "withdrawn"

    def require_accepted(self) -> None:
        """Raises NotAccepted."""
        if self.state != "accepted":
            raise NotAccepted(field="idea_id")
