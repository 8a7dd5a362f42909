"""Product story (câu chuyện sản phẩm): written by the producer, reviewed and published by the agency."""

from datetime import date
from typing import Literal, Self
from uuid import UUID, uuid5

from services.promotion.domain.listing import Listing
from services.promotion.domain.refusals import DateGoesBack
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment, Refusal, Value

STORIES = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b73746f72")  # namespace of the ids that follow from products

State = Literal["written", "returned", "accepted", "published"]


class AlreadyReviewed(Refusal):
    rule = "story-already-reviewed"
    vi = "Câu chuyện này đã được thẩm định (đang ở bước {state})."
    en = "This story was reviewed already (it is {state})."


class NotAccepted(Refusal):
    rule = "story-not-accepted"
    vi = "Chỉ công bố câu chuyện đã được thẩm định đạt (đang ở bước {state})."
    en = "Only a story that was accepted in review is published (it is {state})."


class Tale(Value):
    """Title and text of a story."""

    title: str
    text: str


class Story(AboutProduct):
    """One product's story in all its versions; what was published stays until a later version is."""

    TOPIC = "promotion.Story"

    class Written(BegunAbout):
        TOPIC = "promotion.StoryWritten"
        tale: Tale

    class Rewritten(ChangedAbout):
        TOPIC = "promotion.StoryRewritten"
        tale: Tale

    class Reviewed(ChangedAbout):
        TOPIC = "promotion.StoryReviewed"
        opinion: str
        accepted: bool

    class Published(ChangedAbout):
        TOPIC = "promotion.StoryPublished"
        tale: Tale

    @staticmethod
    def id_of(product_id: UUID) -> UUID:
        return uuid5(STORIES, str(product_id))

    @classmethod
    def write(cls, tale: Tale, listing: Listing, when: Moment) -> Self:
        """The first version. Raises NotListed."""
        listing.require_listed(when.on, "product_id")
        about, ruleset = listing.about, listing.ruleset
        return cls._create(
            cls.Written, id=cls.id_of(about.product.id), when=when, about=about, ruleset=ruleset, tale=tale
        )

    @event(Written)
    def __init__(self, about: About, ruleset: str, tale: Tale, legal_date: date) -> None:
        self.about = about
        self.ruleset = ruleset
        self.tale = tale
        self.state: State = "written"
        self.last = legal_date

    def rewrite(self, tale: Tale, listing: Listing, when: Moment) -> None:
        """A later version, to be reviewed anew. Raises NotListed, DateGoesBack."""
        listing.require_listed(when.on, "product_id")
        self._in_order(when)
        self.trigger_event(self.Rewritten, when=when, about=listing.about, ruleset=listing.ruleset, tale=tale)

    @event(Rewritten)
    def _rewritten(self, about: About, ruleset: str, tale: Tale, legal_date: date) -> None:
        self.about = about
        self.ruleset = ruleset
        self.tale = tale
        self.state = "written"
        self.last = legal_date

    def review(self, opinion: str, accepted: bool, when: Moment) -> None:
        """The agency's opinion on the version before it. Raises AlreadyReviewed, DateGoesBack."""
        if self.state != "written":
            raise AlreadyReviewed(state=self.state)
        self._in_order(when)
        self.trigger_event(self.Reviewed, when=when, opinion=opinion, accepted=accepted)

    @event(Reviewed)
    def _reviewed(self, accepted: bool, legal_date: date) -> None:
        self.state = "accepted" if accepted else "returned"
        self.last = legal_date

    def publish(self, listing: Listing, when: Moment) -> None:
        """Said to everyone, while the product is listed. Raises NotAccepted, NotListed, DateGoesBack."""
        if self.state != "accepted":
            raise NotAccepted(state=self.state)
        listing.require_listed(when.on, "product_id")
        self._in_order(when)
        facts = {"about": listing.about, "ruleset": listing.ruleset, "tale": self.tale}
        self.trigger_event(self.Published, when=when, **facts)

    @event(Published)
    def _published(self, about: About, ruleset: str, legal_date: date) -> None:
        self.about = about
        self.ruleset = ruleset
        self.state = "published"
        self.last = legal_date

    def _in_order(self, when: Moment) -> None:
        if when.on < self.last:
            raise DateGoesBack(field="on", on=when.on, last=self.last)
