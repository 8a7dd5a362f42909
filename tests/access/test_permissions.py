"""Who may do what, where: every role at every place against every action of the table."""

from itertools import product

import pytest

from shared.auth.actors import ROLES, Actor, Role
from shared.auth.permissions import GRANTS, NOWHERE, Forbidden, Place, may, require

OURS, THEIRS = "0d8e7a4e-0b0e-4a57-9a34-0f6f3d1f7a01", "5b7f0f1c-5f0a-4c57-8b1f-2a4a9f0d7a02"
HERE = Place(province="51", commune="21548", producer=OURS)
NEXT_COMMUNE = Place(province="51", commune="21025", producer=THEIRS)
NEXT_PROVINCE = Place(province="42", commune="18073", producer=THEIRS)
PROVINCE_WIDE = Place(province="51")  # a round, a council
NATIONAL_ROUND = Place(province="TW")
PLACES = [HERE, NEXT_COMMUNE, NEXT_PROVINCE, PROVINCE_WIDE, NATIONAL_ROUND, NOWHERE]

PROVINCIAL = ("agency", "advisory_team", "secretary", "member", "chair", "province_chairman", "inspector")
NATIONAL = (
    "advisory_team", "secretary", "member", "chair", "ministry", "minister", "inspector", "public", "ops", "clock",
)  # fmt: skip
ACTORS = [
    Actor("a", "producer", OURS),
    Actor("a", "commune", "21548"),
    *(Actor("a", role, "51") for role in PROVINCIAL),
    Actor("a", "district_chairman", "535"),
    *(Actor("a", role, "TW") for role in NATIONAL),
]
REACH = {OURS: [HERE], "21548": [HERE], "51": [HERE, NEXT_COMMUNE, PROVINCE_WIDE], "535": [], "TW": PLACES}

# Who may, told a second time and the other way round: by role, as the law gives each its work.
WORK: dict[Role, set[str]] = {
    "producer": {
        "register-producer", "register-idea", "submit-plan", "report-progress", "submit-dossier", "send-evidence", "lodge-appeal",
        "report-mending", "write-story", "open-shelf", "close-shelf", "resubmit-idea", "withdraw-idea", "resubmit-plan",
        "complete-dossier", "supply-addition",
    },
    "commune": {
        "verify-producer", "screen-idea", "forward-dossier", "confirm-production-stop", "return-idea", "return-dossier",
    },
    "agency": {
        "accept-idea", "approve-plan", "register-product", "open-round", "close-round", "receive-dossier",
        "report-advice", "refer", "return-result", "open-own-assessment", "check-site", "reassess", "fail-upgrade",
        "answer-complaint", "review-story", "publish-story", "open-sales-point", "close-sales-point", "hold-fair",
        "register-partner", "report-task", "hold-training", "return-idea", "return-plan", "record-recognition",
        "request-addition", "forward-dossier", "place", "read-aggregate", "report-figure", "keep-list", "issue-report",
        "import-register",
    },
    "advisory_team": {"report-advice", "request-addition"},
    "secretary": {"send-dossiers", "hold-session", "adjourn-session"},
    "member": {"cast-ballot", "declare-conflict"},
    "chair": {"cast-ballot", "declare-conflict", "hold-session", "adjourn-session", "count-ballots", "decide"},
    "province_chairman": {
        "form-council", "amend-bylaw", "approve-result", "annul", "decide-appeal", "issue", "not-recognise",
        "publish-plan", "revoke", "withdraw", "read-aggregate", "issue-report",
    },
    "district_chairman": {"form-council", "amend-bylaw", "approve-result", "issue", "not-recognise"},
    "ministry": {
        "open-round", "close-round", "receive-dossier", "report-advice", "send-dossiers", "hold-session", "decide",
        "return-result", "check-site", "demand-redo", "reassess", "open-inspection", "draw-samples",
        "conclude-inspection", "request-addition", "tell-units-merged", "read-letters", "decide-letters",
        "read-aggregate", "import-register",
    },
    "minister": {
        "form-council", "amend-bylaw", "decide-appeal", "issue", "not-recognise", "revoke", "withdraw", "read-aggregate",
    },
    "inspector": {"open-inspection", "draw-samples", "conclude-inspection", "read-aggregate"},
    "public": {"complain"},
    "ops": {"read-letters", "decide-letters"},
    "clock": {"react", "due"},
}  # fmt: skip
NO_OFFICER = {"producer", "public", "ops", "clock", "district_chairman"}  # nobody is a district's today
EXAMPLES = {
    "*:read-internal": "registration:read-internal", "*:react": "promotion:react", "*:due": "certification:due",
    "*:read-aggregate": "promotion:read-aggregate",
    "*:read-letters": "programme:read-letters", "*:decide-letters": "evaluation:decide-letters",
}  # fmt: skip
ACTIONS = sorted(EXAMPLES.get(action, action) for action in GRANTS)


def works(role: Role, action: str) -> bool:
    verb = action.partition(":")[2]
    if verb == "read-internal":
        return role not in NO_OFFICER
    return verb in WORK[role]


@pytest.mark.parametrize("action", ACTIONS)
def test_each_role_does_its_own_work_in_its_own_place_and_nothing_else(action: str) -> None:
    for actor, place in product(ACTORS, PLACES):
        in_reach = place in REACH[actor.place] or (action.endswith(":read-internal") and place == NOWHERE)
        expected = works(actor.role, action) and in_reach
        assert may(actor, action, place) is expected, (actor, place)


def test_every_role_of_the_law_is_among_those_tested() -> None:
    assert {actor.role for actor in ACTORS} == set(ROLES) == set(WORK)


def test_every_piece_of_work_told_here_stands_in_the_table() -> None:
    assert {verb for verbs in WORK.values() for verb in verbs} <= {action.partition(":")[2] for action in ACTIONS}


@pytest.mark.parametrize("action", ["registration:no-such-thing", "no-such-house:issue", "issue", "", "registration:*"])
def test_what_the_table_does_not_name_nobody_may_do(action: str) -> None:
    assert not any(may(actor, action, place) for actor, place in product(ACTORS, PLACES))


def test_a_thing_bound_to_no_place_is_not_everyones_thing() -> None:
    local = [actor for actor in ACTORS if actor.place != "TW"]
    commands = [action for action in ACTIONS if not action.endswith(":read-internal")]
    assert not any(may(actor, action, NOWHERE) for actor, action in product(local, commands))


def test_a_refusal_names_action_role_and_place() -> None:
    commune = Actor("a", "commune", "21548")
    require(commune, "registration:forward-dossier", HERE)
    with pytest.raises(Forbidden) as refused:
        require(commune, "registration:forward-dossier", NEXT_COMMUNE)
    assert (refused.value.action, refused.value.role, refused.value.place) == (
        "registration:forward-dossier", "commune", NEXT_COMMUNE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "place"),
    [("commune", "51"), ("agency", "TW"), ("ministry", "51"), ("producer", "51"), ("member", ""), ("king", "TW")],
)
def test_no_actor_stands_in_a_place_that_its_role_does_not_have(role: Role, place: str) -> None:
    with pytest.raises(ValueError, match=r"no place of the role|no such role"):
        Actor("a", role, place)
