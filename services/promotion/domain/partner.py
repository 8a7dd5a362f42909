"""Partner (hệ thống đối tác): an organisation that works with producers, by kind."""

from typing import Literal, Self
from uuid import UUID

from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, event
from shared.values import Moment

Kind = Literal["inputs", "processing", "retail", "investors", "science", "media", "banks", "international"]


class Partner(Aggregate):
    TOPIC = "promotion.Partner"

    class Joined(Begun):
        TOPIC = "promotion.PartnerJoined"
        name: str
        kind: Kind
        province: str

    @classmethod
    def join(cls, id: UUID, *, name: str, kind: Kind, province: str, when: Moment) -> Self:
        return cls._create(cls.Joined, id=id, when=when, name=name, kind=kind, province=province)

    @event(Joined)
    def __init__(self, province: str) -> None:
        self.province = province

    @property
    def place(self) -> Place:
        return Place(province=self.province)
