"""A change of the map (sáp nhập, chia tách, đổi loại): told once for its day, the units themselves being data of that day."""

from datetime import date
from typing import Self
from uuid import UUID, uuid5

from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, event
from shared.values import Decision, Moment, Refusal, Value

CHANGES = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b756e6974")  # namespace of the ids that follow from days
CENTRE = "TW"
MOST_TOLD = 1_000


class NoChangeThatDay(Refusal):
    rule = "no-units-changed-that-day"
    article = "19/2025/QĐ-TTg"
    vi = "Danh mục đơn vị hành chính không có thay đổi nào vào ngày {takes_effect}: thêm dữ liệu của ngày đó trước."
    en = "The tables of units have no change on {takes_effect}: add that day's rows to the data first."


class UnitMove(Value):
    """What became of one unit: `partly` where only a part went there."""

    level: str
    old_code: str
    new_code: str
    partly: bool


class UnitChange(Aggregate):
    """One per day of change. Nothing is moved by it: every count reads the map of its day, or carries over to today's."""

    TOPIC = "programme.UnitChange"

    class Told(Begun):
        """`counts`: rows by level; `moves`: all of them, none where they are more than a message should hold."""

        TOPIC = "programme.UnitsMerged"
        takes_effect: date
        decision: Decision
        counts: dict[str, int]
        moves: tuple[UnitMove, ...]

    @staticmethod
    def id_of(day: date) -> UUID:
        return uuid5(CHANGES, day.isoformat())

    @classmethod
    def tell(cls, day: date, decision: Decision, moves: tuple[UnitMove, ...], when: Moment) -> Self:
        """The day may be one to come. Raises NoChangeThatDay."""
        if not moves:
            raise NoChangeThatDay(field="takes_effect", takes_effect=day)
        counts: dict[str, int] = {}
        for move in moves:
            counts[move.level] = counts.get(move.level, 0) + 1
        return cls._create(
            cls.Told, id=cls.id_of(day), when=when, takes_effect=day, decision=decision, counts=counts,
            moves=moves if len(moves) <= MOST_TOLD else (),
        )  # fmt: skip

    @event(Told)
    def __init__(self, takes_effect: date) -> None:
        self.takes_effect = takes_effect

    @property
    def place(self) -> Place:
        return Place(province=CENTRE)
