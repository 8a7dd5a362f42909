"""Who may do what, where: one table of role x action, and one rule of places.

A row says which roles may do an action. Where they may do it follows from the actor's own place: a producer with its
own things, a commune in its commune, the others in their province, and with the place "TW" anywhere. What depends on
the facts (stars decide between chairman and minister, a member must sit on the council) is decided in the domain.
"""

from dataclasses import dataclass

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
    "registration:report-progress": "producer",
    "registration:record-recognition": "agency",
    "registration:send-evidence": "producer",
    "registration:submit-dossier": "producer",
    "registration:return-dossier": "commune",
    "registration:complete-dossier": "producer",
    "registration:forward-dossier": "commune",
    "registration:request-addition": "advisory_team agency ministry",
    "registration:supply-addition": "producer",
    # --- evaluation (26/2026 arts. 5, 7) ---
    "evaluation:open-round": "agency ministry",
    "evaluation:close-round": "agency ministry",
    "evaluation:amend-bylaw": "province_chairman minister",
    "evaluation:form-council": "province_chairman minister",
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
    "evaluation:approve-result": "province_chairman",
    "evaluation:refer": "agency",
    "evaluation:return-result": "agency ministry",
    "evaluation:open-own-assessment": "agency",
    "evaluation:demand-redo": "ministry",
    "evaluation:annul": "province_chairman",
    "evaluation:reassess": "agency ministry",
    "evaluation:lodge-appeal": "producer",
    "evaluation:decide-appeal": "province_chairman minister",
    # --- certification ---
    "certification:issue": "province_chairman minister",
    "certification:not-recognise": "province_chairman minister",
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
    "programme:report-figure": "agency",
    "programme:keep-list": "agency",
    "programme:issue-report": "agency province_chairman",
}
GRANTS: dict[str, frozenset[str]] = {action: frozenset(roles.split()) for action, roles in TABLE.items()}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing is (codes of province and commune) and whose (producer's id); "" = not bound to one."""

    province: str = ""
    commune: str = ""
    producer: str = ""


NOWHERE = Place()


class Forbidden(Exception):
    """This role may not do this action in this place."""

    def __init__(self, action: str, role: Role, place: Place) -> None:
        self.action, self.role, self.place = action, role, place
        super().__init__(f"{role} may not {action} at {place}")


def may(actor: Actor, action: str, place: Place) -> bool:
    """Whether the actor may do `<house>:<verb>` with a thing at this place; what is not granted is refused."""
    return actor.role in granted(action) and reaches(actor, action, place)


def require(actor: Actor, action: str, place: Place) -> None:
    """Raises Forbidden unless the actor may."""
    if not may(actor, action, place):
        raise Forbidden(action, actor.role, place)


def granted(action: str) -> frozenset[str]:
    """The roles that the table names for an action, by its own row and by the rows of its house and its verb."""
    house, _, verb = action.partition(":")
    return GRANTS.get(action, NOBODY) | GRANTS.get(f"{house}:*", NOBODY) | GRANTS.get(f"*:{verb}", NOBODY)


def reaches(actor: Actor, action: str, place: Place) -> bool:
    """Whether the place is the actor's own. A list that is bound to no place may be read by whoever may read at all."""
    if place == NOWHERE and action.endswith(f":{READ_INTERNAL}"):
        return True
    match actor.role:
        case "producer":
            return actor.place == place.producer
        case "commune":
            return actor.place == place.commune
        case _:
            return actor.place in (NATIONAL, place.province)
