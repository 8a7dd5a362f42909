"""Periodic reports (báo cáo định kỳ): issued once, with the day they are of and what was known when they were issued."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from services.programme.domain.plan import Plan
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, event
from shared.values import Moment, Refusal, Value


class ReportOfFuture(Refusal):
    rule = "report-of-the-future"
    vi = "Ngày số liệu {on} chưa đến (hôm nay là {today})."
    en = "The report's day {on} has not come yet (today is {today})."


class ReportBeforePlan(Refusal):
    rule = "report-before-the-plan"
    vi = "Ngày số liệu {on} trước kỳ kế hoạch (từ {period_from})."
    en = "The report's day {on} is before the plan's period (from {period_from})."


class Issue(Value):
    """What makes figures a document (30/2020/NĐ-CP, Điều 8): number and sign, place, the office that signs, who gets it.

    `above`: the agency over the one that issues; `signs`: the lines over the signature, such as "TM. UỶ BAN NHÂN DÂN" and
    "CHỦ TỊCH". No person's name: the paper is signed by hand or with the office's seal.
    """

    number: str = Field(min_length=1, max_length=100)
    place: str = Field(min_length=1, max_length=100)
    agency: str = Field(min_length=1, max_length=300)
    above: str | None = Field(default=None, max_length=300)
    signs: tuple[str, ...] = Field(min_length=1, max_length=5)
    recipients: tuple[str, ...] = Field(min_length=1, max_length=50)
    duty: str | None = Field(default=None, max_length=100)
    due_on: date | None = None


class Report(Aggregate):
    TOPIC = "programme.Report"

    class Issued(Begun):
        """`on`: the day of the figures, as they were known at `known_at`: later facts never change it.

        `first`: of the period that its duty asks for, where it answers one.
        """

        TOPIC = "programme.ReportIssued"
        plan_id: UUID
        plan_version: int
        province: str
        on: date
        known_at: datetime
        issue: Issue
        first: date | None

    @classmethod
    def issue_of(
        cls, id: UUID, plan: Plan, on: date, issue: Issue, when: Moment, first: date | None = None
    ) -> Self:  # fmt: skip
        """Raises ReportOfFuture, ReportBeforePlan, UnknownDuty."""
        if on > when.on:
            raise ReportOfFuture(field="of_day", on=on, today=when.on)
        if on < plan.plan.period_from:
            raise ReportBeforePlan(field="of_day", on=on, period_from=plan.plan.period_from)
        if issue.duty is not None:
            plan.check_duty(issue.duty)
        return cls._create(
            cls.Issued, id=id, when=when, plan_id=plan.id, plan_version=plan.version, province=plan.plan.province, on=on,
            known_at=max(when.at, plan.modified_on), issue=issue, first=first,
        )  # fmt: skip

    @event(Issued)
    def __init__(self, province: str) -> None:
        self.province = province

    @property
    def place(self) -> Place:
        return Place(province=self.province)
