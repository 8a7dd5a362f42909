"""The bylaw of a council (quy chế hoạt động): what the decision leaves to it, with the usual answers as defaults."""

from typing import Literal

from pydantic import Field

from shared.values import Value


class Bylaw(Value):
    """Settings of one council. Percent, points, days and working days; the national rules are not among them.

    `gates_on`: a star's minima are read on the council's agreed options, or `each_ballot`: met only if every ballot
    meets them. Everything else of a result is the same under both. `seasonal`: a product of a season may be assessed
    outside the rounds, with the reason.
    """

    quorum_percent: int = Field(75, ge=1, le=100)
    chair_present: bool = True
    spread: int = Field(10, ge=0, le=100)
    average: Literal["arithmetic_mean"] = "arithmetic_mean"
    gates_on: Literal["agreed_option", "each_ballot"] = "agreed_option"
    sealed_until: Literal["session_closed"] = "session_closed"
    secretary_scores: bool = False
    members_get_dossier_working_days: int = Field(1, ge=0)
    appeal_days: int = Field(30, ge=1)
    complaint_working_days: int = Field(10, ge=1)
    addition_working_days: int = Field(10, ge=1)
    seasonal: bool = False

    def quorum(self, members: int) -> int:
        """The least number of members who must be present, of `members` in all; part of a person counts as one."""
        return -(-members * self.quorum_percent // 100)

    def has_quorum(self, present: int, members: int, chair_is_present: bool) -> bool:
        """Whether a session may decide: enough members, and the chair among them where the bylaw asks for it."""
        return present >= self.quorum(members) and (chair_is_present or not self.chair_present)

    def too_far_apart(self, spread: int | float) -> bool:
        """Whether the highest and lowest ballot differ by more points than allowed: discuss and score again."""
        return spread > self.spread
