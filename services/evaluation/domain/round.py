"""Assessment round (đợt đánh giá, 26/2026 art. 5): until when dossiers are proposed, until when the council is done."""

from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from services.evaluation.domain.level import check_level, place_of
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.regulation.rulesets import Ruleset
from shared.values import Moment, Refusal, Value


class DatesOutOfOrder(Refusal):
    rule = "round-dates-out-of-order"
    article = "Điều 5"
    vi = "Ngày mở đợt, ngày cuối nhận đề nghị và ngày cuối hoàn thành phải theo thứ tự: {opened}, {proposals}, {done}."
    en = "A round opens, then takes its last proposal, then is done: {opened}, {proposals}, {done} are not in order."


class NoSuchRound(Refusal):
    rule = "round-not-in-law"
    article = "Điều 5"
    vi = "Bộ quy tắc không có đợt {number} ở cấp {level}; đợt thêm theo quy chế ghi là extra."
    en = "The ruleset has no round {number} at level {level}; a round by the bylaw is called extra."


class LaterThanLaw(Refusal):
    rule = "round-later-than-law"
    article = "Điều 5"
    vi = "Đợt {number} năm {year} phải {what_vi} chậm nhất ngày {last}, không thể là {given}."
    en = "Round {number} of {year} has to {what_en} by {last}; {given} is too late."


class RoundClosed(Refusal):
    rule = "round-closed"
    article = "Điều 5"
    vi = "Đợt {name} đã kết thúc."
    en = "Round {name} is closed."


class RoundFacts(Value):
    """Level and province (null: the ministry's) and the last days; `number` is the law's, `extra` by the bylaw.

    `backlog`: for products alone that were assessed or recognised before and hold no certificate (tồn đọng).
    """

    level: str
    province: str | None
    name: str
    year: int
    number: int | Literal["extra"]
    proposals_last: date
    done_last: date
    basis: str
    district: str | None = None
    backlog: bool = False


def of_no_district(facts: dict[str, Any]) -> None:
    """Upcasts events stored before districts and backlog rounds were known."""
    facts["facts"] = {**facts["facts"], "district": None, "backlog": False}


class Round(Aggregate):
    TOPIC = "evaluation.Round"

    class Opened(Begun):
        TOPIC = "evaluation.RoundOpened"
        class_version = 2
        facts: RoundFacts
        ruleset: str

        upcast_v1_v2 = staticmethod(of_no_district)

    class Closed(Changed):
        TOPIC = "evaluation.RoundClosed"
        class_version = 2
        facts: RoundFacts
        ruleset: str

        upcast_v1_v2 = staticmethod(of_no_district)

    @classmethod
    def open(cls, id: UUID, *, facts: RoundFacts, ruleset: Ruleset, when: Moment) -> Self:
        """Raises UnknownLevel, WrongProvince, WrongDistrict, DatesOutOfOrder, NoSuchRound, LaterThanLaw."""
        check_level(ruleset, facts.level, facts.province, facts.district)
        if not when.on <= facts.proposals_last < facts.done_last:
            raise DatesOutOfOrder(
                field="proposals_last", opened=when.on, proposals=facts.proposals_last, done=facts.done_last
            )
        if facts.number != "extra" and ruleset.rounds:
            check_law(ruleset, facts)
        return cls._create(cls.Opened, id=id, when=when, facts=facts, ruleset=ruleset.id)

    @event(Opened)
    def __init__(self, facts: RoundFacts, ruleset: str) -> None:
        self.facts = facts
        self.ruleset = ruleset
        self.state = "open"

    @property
    def place(self) -> Place:
        return place_of(self.facts.level, self.facts.province, district=self.facts.district)

    def close(self, when: Moment) -> None:
        """Raises RoundClosed."""
        self.require_open()
        self.trigger_event(self.Closed, when=when, facts=self.facts, ruleset=self.ruleset)

    @event(Closed)
    def _closed(self) -> None:
        self.state = "closed"

    def require_open(self) -> None:
        """Raises RoundClosed."""
        if self.state != "open":
            raise RoundClosed(field="round_id", name=self.facts.name)


def check_law(ruleset: Ruleset, facts: RoundFacts) -> None:
    """A regular round is not later than the law says. Raises NoSuchRound, LaterThanLaw."""
    term = next((term for term in ruleset.round_terms(facts.level) if term.round == facts.number), None)
    if term is None:
        raise NoSuchRound(field="number", number=facts.number, level=facts.level)
    lasts = {
        "proposals_last": (facts.proposals_last, term.proposals_last(facts.year), "nhận đề nghị", "take proposals"),
        "done_last": (facts.done_last, term.finished_last(facts.year), "hoàn thành", "be done"),
    }
    for field, (given, last, what_vi, what_en) in lasts.items():
        if given > last:
            raise LaterThanLaw(
                field=field, number=facts.number, year=facts.year, last=last, given=given, what_vi=what_vi,
                what_en=what_en,
            )  # fmt: skip
