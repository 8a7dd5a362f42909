"""The review of a result: the appeals against it, the ministry's demand, and by what it was taken anew, once."""

from typing import Self
from uuid import UUID, uuid5

from services.evaluation.domain import refusals as no
from services.evaluation.domain.level import place_of
from shared.auth.permissions import Place
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Moment


class Review(AboutProduct):
    """One per assessment, begun when its result is first called into question."""

    TOPIC = "evaluation.Review"

    class Begun(BegunAbout):
        TOPIC = "evaluation.ReviewBegun"
        assessment_id: UUID
        level: str
        district: str | None = None

    class Contested(ChangedAbout):
        TOPIC = "evaluation.ResultContested"
        appeal_id: UUID

    class AppealAnswered(ChangedAbout):
        TOPIC = "evaluation.ResultAppealAnswered"
        assessment_id: UUID
        level: str
        appeal_id: UUID
        upheld: bool

    class RedoDemanded(ChangedAbout):
        """The ministry asks the province to assess again (art. 10.1.b)."""

        TOPIC = "evaluation.RedoDemanded"
        assessment_id: UUID
        reason: str

    class Redone(ChangedAbout):
        """The same dossier is assessed anew by `next_assessment_id`."""

        TOPIC = "evaluation.ResultRedone"
        assessment_id: UUID
        next_assessment_id: UUID

    @staticmethod
    def id_of(assessment_id: UUID) -> UUID:
        return uuid5(assessment_id, "review")

    @classmethod
    def begin(
        cls, assessment_id: UUID, *, about: About, ruleset: str, level: str, when: Moment, district: str | None = None
    ) -> Self:
        return cls._create(
            cls.Begun, id=cls.id_of(assessment_id), when=when, about=about, ruleset=ruleset,
            assessment_id=assessment_id, level=level, district=district,
        )  # fmt: skip

    @event(Begun)
    def __init__(
        self, about: About, ruleset: str, assessment_id: UUID, level: str, district: str | None = None
    ) -> None:
        self.about = about
        self.ruleset = ruleset
        self.assessment_id = assessment_id
        self.level = level
        self.district = district
        self.appeal: UUID | None = None
        self.upheld = False
        self.demanded = False
        self.redone_by: UUID | None = None

    @property
    def place(self) -> Place:
        return place_of(self.level, self.about.province, self.about.commune, str(self.about.producer.id), self.district)

    def contest(self, appeal_id: UUID, when: Moment) -> None:
        """The producer appeals. Raises BeingRedone, AppealOpen."""
        self._require_not_upheld()
        if self.appeal:
            raise no.AppealOpen(field="assessment_id")
        self.trigger_event(self.Contested, when=when, appeal_id=appeal_id)

    def _require_not_upheld(self) -> None:
        if self.upheld:
            raise no.BeingRedone()

    @event(Contested)
    def _contested(self, appeal_id: UUID) -> None:
        self.appeal = appeal_id

    def answer(self, appeal_id: UUID, upheld: bool, when: Moment) -> None:
        """The open appeal has its answer."""
        self.trigger_event(
            self.AppealAnswered, when=when, assessment_id=self.assessment_id, level=self.level, appeal_id=appeal_id,
            upheld=upheld,
        )  # fmt: skip

    @event(AppealAnswered)
    def _answered(self, upheld: bool) -> None:
        self.appeal = None
        self.upheld = self.upheld or upheld

    def demand(self, reason: str, when: Moment) -> None:
        """Raises BeingRedone, DemandedAlready."""
        self._require_not_upheld()
        if self.demanded:
            raise no.DemandedAlready()
        self.trigger_event(self.RedoDemanded, when=when, assessment_id=self.assessment_id, reason=reason)

    @event(RedoDemanded)
    def _demanded(self) -> None:
        self.demanded = True

    def redo(self, next_id: UUID, *, annulled: bool, when: Moment) -> None:
        """Raises RedoneAlready, NothingToRedo."""
        if self.redone_by:
            raise no.RedoneAlready(assessment=self.redone_by)
        if not annulled and not self.upheld:
            raise no.NothingToRedo()
        self.trigger_event(self.Redone, when=when, assessment_id=self.assessment_id, next_assessment_id=next_id)

    @event(Redone)
    def _redone(self, next_assessment_id: UUID) -> None:
        self.redone_by = next_assessment_id
