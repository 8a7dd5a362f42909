"""A council's result as certification heard it: of which product an assessment is. Its proposal stands in the recognition."""

from typing import Self
from uuid import UUID, uuid5

from shared.eventstore.aggregate import AboutProduct, BegunAbout, event
from shared.values import About, Moment

RESULTS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b72657375")  # namespace of the ids that follow from assessments


class Result(AboutProduct):
    """Kept apart from the recognition, whose id follows from the product: people name a result by its assessment."""

    TOPIC = "certification.Result"

    class Heard(BegunAbout):
        TOPIC = "certification.ResultHeard"
        assessment_id: UUID

    @staticmethod
    def id_of(assessment_id: UUID) -> UUID:
        return uuid5(RESULTS, str(assessment_id))

    @classmethod
    def hear(cls, assessment_id: UUID, about: About, ruleset: str, when: Moment) -> Self:
        return cls._create(
            cls.Heard, id=cls.id_of(assessment_id), when=when, about=about, ruleset=ruleset, assessment_id=assessment_id
        )

    @event(Heard)
    def __init__(self, about: About, ruleset: str, assessment_id: UUID) -> None:
        self.about = about
        self.ruleset = ruleset
        self.assessment_id = assessment_id
