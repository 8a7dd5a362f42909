"""Trainings held (tập huấn), and study tours: how many attended, and which producers; no names of people."""

from typing import Literal, Self
from uuid import UUID

from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, event
from shared.values import Moment, Refusal, Value

TrainingKind = Literal["class", "study_tour"]


class NobodyAttended(Refusal):
    rule = "training-without-attendants"
    vi = "Lớp tập huấn không có người tham dự."
    en = "Nobody attended the training."


class MoreThanAttended(Refusal):
    rule = "training-more-than-attended"
    vi = "{part} nêu nhiều người ({count}) hơn số dự ({of})."
    en = "{part} names more ({count}) than attended ({of})."


class OfficersAt(Value):
    """Officers by the level that they work at."""

    province: int = 0
    district: int = 0
    commune: int = 0

    @property
    def total(self) -> int:
        return self.province + self.district + self.commune


class Training(Aggregate):
    TOPIC = "programme.Training"

    class Held(Begun):
        """How many attended; no names of people. `attended`: the producers from which somebody came.

        `province`: its code on the day; `kept_by`: the code of today, of the province that keeps the plan it belongs to.
        """

        TOPIC = "programme.TrainingHeld"
        subject: str
        province: str
        producers: int
        officers: int
        plan_id: UUID | None = None
        line: str | None = None
        kind: TrainingKind = "class"
        leaders: int = 0
        officers_at: OfficersAt | None = None
        attended: tuple[UUID, ...] = ()
        kept_by: str | None = None

    @classmethod
    def hold(
        cls, id: UUID, *, subject: str, province: str, producers: int, officers: int, when: Moment,
        leaders: int = 0, officers_at: OfficersAt | None = None, attended: tuple[UUID, ...] = (),
        plan_id: UUID | None = None, line: str | None = None, kind: TrainingKind = "class", kept_by: str | None = None,
    ) -> Self:  # fmt: skip
        """Raises NobodyAttended, MoreThanAttended."""
        if producers + officers == 0:
            raise NobodyAttended(field="producers")
        limits = (("leaders", leaders, producers), ("attended", len(set(attended)), producers),
                  ("officers_at", officers_at.total if officers_at else 0, officers))  # fmt: skip
        for part, count, of in limits:
            if count > of:
                raise MoreThanAttended(field=part, part=part, count=count, of=of)
        return cls._create(
            cls.Held, id=id, when=when, subject=subject, province=province, producers=producers, officers=officers,
            plan_id=plan_id, line=line, kind=kind, leaders=leaders, officers_at=officers_at, attended=attended,
            kept_by=kept_by,
        )  # fmt: skip

    @event(Held)
    def __init__(self, province: str, kept_by: str | None) -> None:
        self.province = kept_by or province

    @property
    def place(self) -> Place:
        return Place(province=self.province)
