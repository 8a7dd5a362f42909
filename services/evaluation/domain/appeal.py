"""Appeal (khiếu nại kết quả): a producer contests a council's result and gets an answer within the bylaw's term."""

from collections.abc import Sequence
from datetime import date
from typing import Self
from uuid import UUID, uuid5

from services.evaluation.domain import refusals as no
from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.following import require_standing
from services.evaluation.domain.level import CENTRE, NATIONAL, place_of
from services.evaluation.domain.ticking import check_known
from shared.auth.permissions import Place
from shared.calendar import due
from shared.eventstore.aggregate import AboutProduct, Aggregate, Begun, BegunAbout, Changed, ChangedAbout, event
from shared.regulation.sheets import Sheet
from shared.values import About, Decision, Moment

NUMBERS = UUID("0d4a52c8-3a9e-5a51-9d0b-6b6869c3aa75")  # namespace of the references' ids


class AppealNumbers(Aggregate):
    """The running numbers of one authority's appeals in one year; `authority` is a province's code, or TW."""

    TOPIC = "evaluation.AppealNumbers"

    class Opened(Begun):
        TOPIC = "evaluation.AppealNumbersOpened"
        authority: str
        year: int

    class Allocated(Changed):
        TOPIC = "evaluation.AppealNumberAllocated"
        appeal_id: UUID
        number: int

    @staticmethod
    def id_of(authority: str, year: int) -> UUID:
        return uuid5(NUMBERS, f"{authority}/{year}")

    @classmethod
    def open(cls, authority: str, year: int, when: Moment) -> Self:
        return cls._create(cls.Opened, id=cls.id_of(authority, year), when=when, authority=authority, year=year)

    @event(Opened)
    def __init__(self, authority: str, year: int) -> None:
        self.authority = authority
        self.year = year
        self.last = 0

    def allocate(self, appeal_id: UUID, when: Moment) -> str:
        """The next reference, safe in a URL: `KN-51-2026-0001`."""
        self.trigger_event(self.Allocated, when=when, appeal_id=appeal_id, number=self.last + 1)
        return f"KN-{self.authority}-{self.year}-{self.last:04d}"

    @event(Allocated)
    def _allocated(self, number: int) -> None:
        self.last = number


class Appeal(AboutProduct):
    TOPIC = "evaluation.Appeal"

    class Lodged(BegunAbout):
        TOPIC = "evaluation.AppealLodged"
        reference: str
        assessment_id: UUID
        dossier_id: UUID
        level: str
        criteria: tuple[str, ...]
        reason: str
        due_on: date

    class Decided(ChangedAbout):
        TOPIC = "evaluation.AppealDecided"
        reference: str
        assessment_id: UUID
        dossier_id: UUID
        level: str
        upheld: bool
        decision: Decision
        answer: str

    @classmethod
    def lodge(
        cls, id: UUID, against: Assessment, *, reference: str, criteria: Sequence[str], reason: str, sheet: Sheet,
        when: Moment,
    ) -> Self:  # fmt: skip
        """Against a result that stands; to be answered within the days that the council's bylaw gives.

        Raises NotDecided, SentUp, UnknownCriterion.
        """
        require_standing(against)
        check_known(sheet, criteria, "criteria")
        sending = against.sending
        assert sending  # a result comes of a session, and a session of a sending
        return cls._create(
            cls.Lodged, id=id, when=when, about=against.about, ruleset=against.ruleset, reference=reference,
            assessment_id=against.id, dossier_id=against.dossier_id, level=against.level, criteria=tuple(criteria),
            reason=reason, due_on=due(when.on, sending.bylaw.appeal_days, "day"),
        )  # fmt: skip

    @event(Lodged)
    def __init__(
        self, about: About, ruleset: str, reference: str, assessment_id: UUID, dossier_id: UUID, level: str,
        due_on: date,
    ) -> None:  # fmt: skip
        self.about = about
        self.ruleset = ruleset
        self.reference = reference
        self.assessment_id = assessment_id
        self.dossier_id = dossier_id
        self.level = level
        self.due_on = due_on
        self.state = "lodged"

    @property
    def place(self) -> Place:
        return place_of(self.level, self.about.province, self.about.commune, str(self.about.producer.id))

    def decide(self, upheld: bool, decision: Decision, answer: str, when: Moment) -> None:
        """The chairman's answer, also a late one. Raises AppealDecidedAlready."""
        if self.state != "lodged":
            raise no.AppealDecidedAlready(reference=self.reference)
        self.trigger_event(
            self.Decided, when=when, reference=self.reference, assessment_id=self.assessment_id,
            dossier_id=self.dossier_id, level=self.level, upheld=upheld, decision=decision, answer=answer,
        )  # fmt: skip

    @event(Decided)
    def _decided(self, upheld: bool) -> None:
        self.state = "upheld" if upheld else "dismissed"


def authority_of(assessment: Assessment) -> str:
    """Whose numbers an appeal against this result takes: the province's, or the centre's."""
    return CENTRE if assessment.level == NATIONAL else assessment.about.province
