"""Business plan (phương án sản xuất kinh doanh): submitted for an accepted idea, approved, carried out."""

from typing import Self
from uuid import UUID

from pydantic import Field

from services.registration.domain.idea import Idea
from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.values import About, Decision, Moment, Refusal, Value


class NotSubmitted(Refusal):
    rule = "plan-not-awaiting-decision"
    vi = "Phương án đang ở bước {state}, không phải bước chờ quyết định."
    en = "The business plan is {state}, not awaiting a decision."


class NotReturned(Refusal):
    rule = "plan-not-returned"
    vi = "Phương án đang ở bước {state}, không phải bước trả lại để sửa."
    en = "The business plan is {state}; it was not returned to be put right."


class NotApproved(Refusal):
    rule = "plan-not-approved"
    vi = "Phương án chưa được chấp thuận."
    en = "The business plan is not approved yet."


class ProgressWentBack(Refusal):
    rule = "progress-went-back"
    vi = "Đã báo cáo {reported}%; tiến độ không thể lùi về {done}%."
    en = "{reported}% was reported before; progress cannot go back to {done}%."


class Content(Value):
    """What a plan must state: the present situation, the means, the support asked for (money in đồng)."""

    situation: str = Field(min_length=1)
    means: str = Field(min_length=1)
    support_asked: str = ""
    revenue_first_year: int = Field(ge=0)
    revenue_third_year: int = Field(ge=0)


class BusinessPlan(AboutProduct):
    TOPIC = "registration.BusinessPlan"

    class Submitted(BegunAbout):
        TOPIC = "registration.PlanSubmitted"
        idea_id: UUID
        content: Content

    class Approved(ChangedAbout):
        TOPIC = "registration.PlanApproved"
        decision: Decision

    class Returned(ChangedAbout):
        TOPIC = "registration.PlanReturned"
        idea_id: UUID
        guidance: str

    class SubmittedAgain(ChangedAbout):
        TOPIC = "registration.PlanSubmittedAgain"
        idea_id: UUID
        content: Content

    class ProgressReported(ChangedAbout):
        TOPIC = "registration.PlanProgressReported"
        done_percent: int
        account: str
        support_received: str

    @classmethod
    def submit(cls, id: UUID, *, idea: Idea, content: Content, when: Moment) -> Self:
        """Raises idea's NotAccepted."""
        idea.require_accepted()
        return cls._create(
            cls.Submitted, id=id, when=when, about=idea.about, ruleset=idea.ruleset, idea_id=idea.id, content=content
        )

    @event(Submitted)
    def __init__(self, about: About, ruleset: str, idea_id: UUID) -> None:
        self.about = about
        self.ruleset = ruleset
        self.idea_id = idea_id
        self.state = "submitted"
        self.done_percent = 0

    def approve(self, decision: Decision, when: Moment) -> None:
        """Raises NotSubmitted."""
        self._require_submitted()
        self.trigger_event(self.Approved, when=when, decision=decision)

    @event(Approved)
    def _approved(self) -> None:
        self.state = "approved"

    def send_back(self, guidance: str, when: Moment) -> None:
        """The authority says what is to be put right. Raises NotSubmitted."""
        self._require_submitted()
        self.trigger_event(self.Returned, when=when, idea_id=self.idea_id, guidance=guidance)

    @event(Returned)
    def _returned(self) -> None:
        self.state = "returned"

    def send_again(self, content: Content, when: Moment) -> None:
        """Put right, it awaits a decision anew. Raises NotReturned."""
        if self.state != "returned":
            raise NotReturned(state=self.state)
        self.trigger_event(self.SubmittedAgain, when=when, idea_id=self.idea_id, content=content)

    @event(SubmittedAgain)
    def _submitted_again(self) -> None:
        self.state = "submitted"

    def _require_submitted(self) -> None:
        if self.state != "submitted":
            raise NotSubmitted(state=self.state)

    def report_progress(self, done_percent: int, account: str, support_received: str, when: Moment) -> None:
        """Percent of the plan that is carried out. Raises NotApproved, ProgressWentBack."""
        self.require_approved()
        if done_percent < self.done_percent:
            raise ProgressWentBack(field="done_percent", reported=self.done_percent, done=done_percent)
        self.trigger_event(
            self.ProgressReported, when=when, done_percent=done_percent, account=account,
            support_received=support_received,
        )  # fmt: skip

    @event(ProgressReported)
    def _progress_reported(self, done_percent: int) -> None:
        self.done_percent = done_percent

    def require_approved(self) -> None:
        """Raises NotApproved."""
        if self.state != "approved":
            raise NotApproved(field="plan_id")
