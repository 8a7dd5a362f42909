"""Council (hội đồng đánh giá, phân hạng; 26/2026 art. 7.3.b, 7.4.b): members by office, bylaw, advisory team."""

from collections import Counter
from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field

from services.evaluation.domain.level import check_level, place_of
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.regulation.bylaw import Bylaw
from shared.regulation.rulesets import Ruleset
from shared.sealing import Sealed
from shared.values import Decision, Moment, Refusal, Value

FEWEST_MEMBERS = 3


class NoChair(Refusal):
    rule = "council-without-chair"
    article = "Điều 7.3.b"
    vi = "Hội đồng phải có Chủ tịch."
    en = "A council needs a chair."


class TwoChairs(Refusal):
    rule = "council-with-several-chairs"
    article = "Điều 7.3.b"
    vi = "Hội đồng chỉ có một Chủ tịch, không phải {chairs}."
    en = "A council has one chair, not {chairs}."


class MemberTwice(Refusal):
    rule = "council-member-twice"
    vi = "Thành viên {member} được ghi hai lần."
    en = "Member {member} is listed twice."


class SecretaryIsMember(Refusal):
    rule = "secretary-is-member"
    vi = "Thư ký không chấm điểm nên không là thành viên, trừ khi quy chế cho phép."
    en = "The secretary does not score and so is no member, unless the bylaw says otherwise."


class CouncilTooSmall(Refusal):
    rule = "council-too-small"
    vi = "Hội đồng có ít nhất {least} thành viên, không phải {members}."
    en = "A council has at least {least} members, not {members}."


class AmendedBackwards(Refusal):
    rule = "bylaw-amended-backwards"
    article = "Quy chế Hội đồng"
    vi = "Quy chế có hiệu lực từ ngày {last} không sửa đổi lùi về ngày {on}."
    en = "A bylaw in force since {last} is not amended back to {on}."


class Office(Value):
    """An office (cơ quan, chức vụ) as people know it; it is public, the name of its holder is not."""

    office_vi: str = Field(min_length=1, max_length=300)
    office_en: str | None = Field(default=None, max_length=300)


class Seat(Office):
    """A place in the council; `id` is the actor id of whoever holds it."""

    id: str = Field(min_length=1, max_length=200)
    seat: Literal["chair", "member"] = "member"


class Member(Seat):
    """A member with the name, sealed."""

    name: Sealed[str]

    @property
    def public(self) -> Seat:
        return Seat(**self.model_dump(exclude={"name"}))


class Secretary(Office):
    """The secretary (thư ký) prepares the sessions."""

    id: str = Field(min_length=1, max_length=200)
    name: Sealed[str]


class Team(Value):
    """The advisory team (tổ tư vấn): how many persons, from which offices."""

    size: int = Field(ge=1)
    offices: tuple[Office, ...] = ()


def of_no_season(facts: dict[str, Any]) -> None:
    """Upcasts events stored before a bylaw spoke of seasonal products."""
    facts["bylaw"] = {**facts["bylaw"], "seasonal": False}


class Council(Aggregate):
    TOPIC = "evaluation.Council"

    class Formed(Begun):
        TOPIC = "evaluation.CouncilFormed"
        class_version = 2
        level: str
        province: str | None
        decision: Decision
        bylaw: Bylaw
        members: tuple[Member, ...]
        secretary: Secretary
        team: Team
        ruleset: str
        district: str | None = None

        upcast_v1_v2 = staticmethod(of_no_season)

    class BylawAmended(Changed):
        """Other settings from its legal date on; what was sent to the council before keeps the earlier ones."""

        TOPIC = "evaluation.BylawAmended"
        class_version = 2
        bylaw: Bylaw
        decision: Decision

        upcast_v1_v2 = staticmethod(of_no_season)

    @classmethod
    def form(
        cls, id: UUID, *, level: str, province: str | None, decision: Decision, bylaw: Bylaw,
        members: tuple[Member, ...], secretary: Secretary, team: Team, ruleset: Ruleset, when: Moment,
        district: str | None = None,
    ) -> Self:  # fmt: skip
        """Raises UnknownLevel, WrongProvince, WrongDistrict, CouncilTooSmall, MemberTwice, NoChair, TwoChairs,
        SecretaryIsMember.
        """
        check_level(ruleset, level, province, district)
        check_members(members, secretary.id, bylaw)
        return cls._create(
            cls.Formed, id=id, when=when, level=level, province=province, decision=decision, bylaw=bylaw,
            members=members, secretary=secretary, team=team, ruleset=ruleset.id, district=district,
        )  # fmt: skip

    @event(Formed)
    def __init__(
        self, level: str, province: str | None, bylaw: Bylaw, members: tuple[Member, ...], secretary: Secretary,
        legal_date: date, district: str | None = None,
    ) -> None:  # fmt: skip
        self.level = level
        self.province = province
        self.district = district
        self.bylaws = ((legal_date, bylaw),)
        self.seats = {member.id: member.public for member in members}
        self.secretary = secretary.id

    def bylaw_on(self, day: date) -> Bylaw:
        """The settings in force on a day; the first ones for a day before the council was formed."""
        came = [bylaw for since, bylaw in self.bylaws if since <= day]
        return came[-1] if came else self.bylaws[0][1]

    def amend_bylaw(self, bylaw: Bylaw, decision: Decision, when: Moment) -> None:
        """Raises SecretaryIsMember, AmendedBackwards."""
        if not bylaw.secretary_scores and self.secretary in self.seats:
            raise SecretaryIsMember(field="bylaw.secretary_scores")
        last = self.bylaws[-1][0]
        if when.on < last:
            raise AmendedBackwards(field="on", last=last, on=when.on)
        self.trigger_event(self.BylawAmended, when=when, bylaw=bylaw, decision=decision)

    @event(BylawAmended)
    def _amended(self, bylaw: Bylaw, legal_date: date) -> None:
        self.bylaws = (*self.bylaws, (legal_date, bylaw))

    @property
    def place(self) -> Place:
        return place_of(self.level, self.province, district=self.district)


def check_members(members: tuple[Member, ...], secretary: str, bylaw: Bylaw) -> None:
    """Raises CouncilTooSmall, MemberTwice, NoChair, TwoChairs, SecretaryIsMember."""
    if len(members) < FEWEST_MEMBERS:
        raise CouncilTooSmall(field="members", least=FEWEST_MEMBERS, members=len(members))
    member, times = Counter(one.id for one in members).most_common(1)[0]
    if times > 1:
        raise MemberTwice(field="members", member=member)
    chairs = sum(one.seat == "chair" for one in members)
    if chairs == 0:
        raise NoChair(field="members")
    if chairs > 1:
        raise TwoChairs(field="members", chairs=chairs)
    if not bylaw.secretary_scores and any(one.id == secretary for one in members):
        raise SecretaryIsMember(field="secretary.id")
