"""Who may do what, where: one table of role x action, and one rule of places.

A row says which roles may do an action. Where they may do it follows from the actor's own place: a producer with its
own things, a commune in its commune, a district in its communes and with what is its own, the others in their province,
and with the place "TW" anywhere. What depends on the facts (stars decide between chairman and minister, a member must sit
on the council) is decided in the domain.

A thing bears the codes of its legal date. Whoever holds its whole area today may act on it too; a code that only the old
map has is good for legal dates of that map alone (shared/units.py).
"""

from dataclasses import dataclass
from datetime import date

from shared import units
from shared.auth.actors import NATIONAL, Actor, Role

OFFICERS = "commune agency advisory_team secretary member chair province_chairman ministry minister inspector"
READ_INTERNAL = "read-internal"
READ_AGGREGATE = "read-aggregate"  # as it stood at some time, with all that it remembers
READ_LETTERS, DECIDE_LETTERS = "read-letters", "decide-letters"  # messages that a house could not take

TABLE = {
    # --- reading what is not public; the system's own work ---
    f"*:{READ_INTERNAL}": OFFICERS,
    f"*:{READ_AGGREGATE}": "agency province_chairman ministry minister inspector",
    "*:react": "clock",
    "*:due": "clock",
    f"*:{READ_LETTERS}": "ops ministry",
    f"*:{DECIDE_LETTERS}": "ops ministry",
    # --- registration ---
    "registration:register-producer": "producer",
    "registration:verify-producer": "commune",
    "registration:register-idea": "producer",
    "registration:screen-idea": "commune",
    "registration:accept-idea": "agency",
    "registration:return-idea": "commune agency",
    "registration:resubmit-idea": "producer",
    "registration:withdraw-idea": "producer",
    "registration:submit-plan": "producer",
    "registration:return-plan": "agency",
    "registration:resubmit-plan": "producer",
    "registration:approve-plan": "agency",
    "registration:register-product": "agency",
    "registration:place": "agency",
    "registration:report-progress": "producer",
    "registration:record-recognition": "agency",
    "registration:import-register": "agency ministry",
    "registration:send-evidence": "producer",
    "registration:submit-dossier": "producer",
    "registration:return-dossier": "commune",
    "registration:complete-dossier": "producer",
    "registration:forward-dossier": "commune agency",
    "registration:request-addition": "advisory_team agency ministry",
    "registration:supply-addition": "producer",
    # --- evaluation (26/2026 arts. 5, 7) ---
    "evaluation:open-round": "agency ministry",
    "evaluation:close-round": "agency ministry",
    "evaluation:amend-bylaw": "district_chairman province_chairman minister",
    "evaluation:form-council": "district_chairman province_chairman minister",
    "evaluation:receive-dossier": "agency ministry",
    "evaluation:declare-conflict": "member chair",
    "evaluation:check-site": "agency ministry",
    "evaluation:report-advice": "advisory_team agency ministry",
    "evaluation:send-dossiers": "secretary ministry",
    "evaluation:hold-session": "secretary chair ministry",
    "evaluation:adjourn-session": "secretary chair",
    "evaluation:cast-ballot": "member chair",
    "evaluation:count-ballots": "chair",
    "evaluation:decide": "chair ministry",
    "evaluation:approve-result": "district_chairman province_chairman",
    "evaluation:refer": "agency",
    "evaluation:return-result": "agency ministry",
    "evaluation:open-own-assessment": "agency",
    "evaluation:demand-redo": "ministry",
    "evaluation:annul": "province_chairman",
    "evaluation:reassess": "agency ministry",
    "evaluation:lodge-appeal": "producer",
    "evaluation:decide-appeal": "province_chairman minister",
    # --- certification ---
    "certification:issue": "district_chairman province_chairman minister",
    "certification:not-recognise": "district_chairman province_chairman minister",
    "certification:fail-upgrade": "agency",
    "certification:open-inspection": "inspector ministry",
    "certification:draw-samples": "inspector ministry",
    "certification:conclude-inspection": "inspector ministry",
    "certification:report-mending": "producer",
    "certification:confirm-production-stop": "commune",
    "certification:revoke": "province_chairman minister",
    "certification:withdraw": "province_chairman minister",
    "certification:complain": "public",
    "certification:answer-complaint": "agency",
    # --- promotion ---
    "promotion:write-story": "producer",
    "promotion:review-story": "agency",
    "promotion:publish-story": "agency",
    "promotion:open-shelf": "producer",
    "promotion:close-shelf": "producer",
    "promotion:open-sales-point": "agency",
    "promotion:close-sales-point": "agency",
    "promotion:hold-fair": "agency",
    "promotion:register-partner": "agency",
    # --- programme ---
    "programme:publish-plan": "province_chairman",
    "programme:report-task": "agency",
    "programme:hold-training": "agency",
    "programme:tell-units-merged": "ministry",
    "programme:report-figure": "agency",
    "programme:keep-list": "agency",
    "programme:issue-report": "agency province_chairman",
}
GRANTS: dict[str, frozenset[str]] = {action: frozenset(roles.split()) for action, roles in TABLE.items()}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing is (codes of province and commune) and whose (producer's id); "" = not bound to one.

    `district`: of what is a district's own; what lies in a commune of a district it reaches by that.
    """

    province: str = ""
    commune: str = ""
    producer: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """The legal date of an action, whose map the codes of the thing are of, and the day on which it is asked for."""

    on: date
    today: date


NOWHERE = Place()


class Forbidden(Exception):
    """This role may not do this action in this place."""

    def __init__(self, action: str, role: Role, place: Place) -> None:
        self.action, self.role, self.place = action, role, place
        super().__init__(f"{role} may not {action} at {place}")


def may(actor: Actor, action: str, place: Place, days: Days | None = None) -> bool:
    """Whether the actor may do `<house>:<verb>` with a thing at this place; what is not granted is refused.

    Without days the codes are compared as they are.
    """
    return actor.role in granted(action) and reaches(actor, action, place, days)


def require(actor: Actor, action: str, place: Place, days: Days | None = None) -> None:
    """Raises Forbidden unless the actor may."""
    if not may(actor, action, place, days):
        raise Forbidden(action, actor.role, place)


def granted(action: str) -> frozenset[str]:
    """The roles that the table names for an action, by its own row and by the rows of its house and its verb."""
    house, _, verb = action.partition(":")
    return GRANTS.get(action, NOBODY) | GRANTS.get(f"{house}:*", NOBODY) | GRANTS.get(f"*:{verb}", NOBODY)


def reaches(actor: Actor, action: str, place: Place, days: Days | None = None) -> bool:
    """Whether the place is the actor's own. A list that is bound to no place may be read by whoever may read at all."""
    if place == NOWHERE and action.endswith(f":{READ_INTERNAL}"):
        return True
    match actor.role:
        case "producer":
            return actor.place == place.producer
        case "commune":
            return holds("commune", actor.place, place.commune, days)
        case _ if actor.place == NATIONAL:
            return True
        case _ if units.level_of(actor.place) == "district":
            return days is not None and in_district(actor.place, place, days)
        case _:
            return holds("province", actor.place, place.province, days)


def holds(level: units.Level, mine: str, theirs: str, days: Days | None) -> bool:
    """Whether a unit is, or holds all of, the one whose code of its day a thing bears."""
    if not theirs or days is None:
        return mine == theirs != ""
    if mine == theirs:
        return any(units.unit(level, mine, day) for day in (days.today, days.on))
    return units.became(level, theirs, days.on, days.today) == mine


def in_district(district: str, place: Place, days: Days) -> bool:
    """Whether a thing is a district's own, or lies in one of its communes; there were districts until 30 June 2025."""
    if place.district:
        return district == place.district and units.unit("district", district, days.on) is not None
    found = units.district_of(place.commune, days.on)
    return found is not None and found.code == district
