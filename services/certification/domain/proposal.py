"""Proposal: a council's result that awaits the authority's decision (26/2026 art. 4.1), and who that authority is."""

from datetime import date
from typing import Any
from uuid import UUID

from services.certification.domain.certificate import Held, Kind
from services.certification.domain.refusals import (
    BelowRecognition,
    UpgradeNotHigher,
    WrongAuthority,
    WrongRevokingAuthority,
)
from shared.regulation.rulesets import Ruleset
from shared.values import Value

MINISTER = "minister"
NATIONAL = "TW"
ROLE_OF = {  # authority of the ruleset -> role
    "district_chairman": "district_chairman", "provincial_chairman": "province_chairman", MINISTER: "minister",
}  # fmt: skip


class Proposal(Value):
    """A council's result; `scored_on` is its legal date.

    `again`: the same dossier was assessed anew, after an appeal that was upheld or an annulment.
    """

    assessment_id: UUID
    dossier_id: UUID
    level: str
    stars: int
    kind: Kind
    scored_on: date
    simulated: bool
    again: bool = False

    @property
    def may_replace(self) -> bool:
        """Whether it can take the place of a certificate in force."""
        return self.kind != "first" or self.again


def as_never_again(facts: dict[str, Any]) -> None:
    """Upcasts events stored before a dossier could be assessed anew."""
    facts["proposal"] = {**facts["proposal"], "again": False}


def series_of(stars: int, ruleset: Ruleset, province: str) -> str:
    """Whose running numbers certificates of this star take: the province's code, or TW."""
    return NATIONAL if ruleset.authority_for(stars) == MINISTER else province


def require_authority(stars: int, role: str, ruleset: Ruleset) -> None:
    """By the stars alone (art. 4.1): so the province also certifies a central result below 90 (art. 7.4.g).

    Raises BelowRecognition, WrongAuthority.
    """
    authority = ruleset.authority_for(stars)
    if authority is None:
        raise BelowRecognition(stars=stars)
    if role != ROLE_OF[authority]:
        named = ruleset.authority(authority)
        raise WrongAuthority(stars=stars, authority_vi=named.vi, authority_en=named.en)


def require_revoking_authority(stars: int, role: str, ruleset: Ruleset) -> None:
    """Who recognises a star also revokes it (arts. 4.1, 8.2). Raises WrongRevokingAuthority."""
    authority = ruleset.authority_for(stars)
    if authority is None or role != ROLE_OF[authority]:
        named = ruleset.revoking_authority(stars)
        raise WrongRevokingAuthority(stars=stars, authority_vi=named.vi, authority_en=named.en)


def require_higher(proposal: Proposal, held: Held) -> None:
    """An upgrade replaces a certificate in force only with more stars (art. 7.5). Raises UpgradeNotHigher."""
    if proposal.kind == "upgrade" and proposal.stars <= held.stars:
        raise UpgradeNotHigher(field="assessment_id", stars=proposal.stars, number=held.number, held=held.stars)
