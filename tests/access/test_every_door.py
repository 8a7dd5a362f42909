"""Every route x every role, from the route tables and the table of permissions: a new route without a rule fails here."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from ocop.postgres import Server
from ocop.standalone import Program
from shared.auth.actors import ROLES
from shared.auth.permissions import GRANTS, granted
from shared.contracts.topics import HOUSES
from tests.access import doors
from tests.access.doors import COMMANDS, DOORS, GUARDED_DOORS, Door
from tests.access.sampling import DAY, DECISION, body_of
from tests.district import DISTRICT
from tests.given import an_id
from tests.things import CENTRE, PRODUCER, Ids, elsewhere, here, made
from tests.whole import bearer, browser_on, on_new_databases, shown

TODAY = "2027-03-20"
NOT_TOLD = {401, 403}
SEATS = [
    {"id": f"nguoi-{n}", "office_vi": f"Sở {n}", "name": "x", "seat": "chair" if n == 1 else "member"} for n in range(3)
]
USUAL = {
    "decision": DECISION, "conclusion": DECISION, "province": "51", "commune": "21548", "set": "10",
    "platform": "Sàn", "link": "https://san.example/toi", "rules": {},
}  # fmt: skip
BODIES: dict[str, dict[str, Any]] = {  # what a door needs besides, to come as far as the question where
    "/registration/producers": {"id": PRODUCER, "kind": "cooperative"},
    "/registration/recognitions": {
        "id": str(an_id("an earlier product")),
        "producer": {"id": PRODUCER, "name": "HTX", "kind": "cooperative"},
        "ruleset": "qd-148-2023",
        "issued_on": "2024-11-10",
        "expires_on": "2027-11-10",
        "decision": DECISION | {"date": "2024-11-10"},
        "stars": 3,
        "simulated": True,
    },
    "/evaluation/rounds": {"proposals_last": "2027-04-09", "done_last": "2027-05-28", "year": 2027, "number": "extra"},
    "/evaluation/councils": {"members": SEATS, "secretary": {"id": "thu-ky", "office_vi": "Sở", "name": "x"}},
    "/promotion/fairs": {"until": "2027-04-01"},
    "/promotion/partners": {"kind": "retail"},
    "/programme/plans": {"period_from": "2027-01-01", "period_to": "2027-12-31", "targets": []},
    "/programme/plans/{plan_id}/versions": {"period_from": "2027-01-01", "period_to": "2027-12-31", "targets": []},
}
QUERIES = {  # what a door asks for in its query
    ("POST", "/registration/imports"): {"name": "so.xlsx", "province": "51"},
    ("POST", "/registration/imports/{import_id}/undoing"): {"reason": "nhập nhầm tệp của tỉnh khác"},
}


class Walk:
    """The program with one thing of every kind, and whoever asks for it."""

    def __init__(self, program: Program, client: httpx.AsyncClient, ids: dict[str, Ids]) -> None:
        self.program, self.client, self.ids = program, client, ids

    def known(self, door: Door, place: str) -> Ids:
        """Path parameters and fields, with the centre's or the district's own things for those who act there."""
        usual, asked = USUAL | self.ids.get(door.house, {}), BODIES.get(door.path, {})
        if place == DISTRICT:
            return usual | asked | self.ids[DISTRICT]
        own = self.ids[CENTRE] if place == CENTRE and door.house == "evaluation" else {}
        return usual | own | asked

    async def ask(
        self, door: Door, headers: dict[str, str], place: str = "51", content: bytes | None = None, **query: str
    ) -> int:
        """The status of the answer, to a body that the schema takes unless `content` is another."""
        known = self.known(door, place)
        path = door.path
        for name, value in known.items():
            path = path.replace(f"{{{name}}}", str(value))
        assert "{" not in path, f"no {door.path} among the things"
        given: dict[str, Any] = {"content": content} if content is not None else {}
        if content is None and door.body is not None:
            texts = {name: str(value) if hasattr(value, "hex") else value for name, value in known.items()}
            given = {"json": body_of(door.body, texts)}
        params = QUERIES.get((door.method, door.path), {}) | query
        answer = await self.client.request(door.method, path, headers=headers, params=params, **given)
        assert answer.status_code < 500, answer.text
        self.answer = answer
        return answer.status_code


@pytest.fixture(scope="module")
async def walk(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Walk]:
    folder = tmp_path_factory.mktemp("evidence")
    async with on_new_databases(postgres, folder, hearing=False) as program, browser_on(program) as client:
        ids = await made(program, client)
        program.clock.play(date.fromisoformat(TODAY))
        await shown(program)
        yield Walk(program, client, ids)


def each(found: list[Door]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("door", found, ids=str)


# --- the rules themselves ---


@each(DOORS)
def test_every_route_is_guarded_by_a_row_of_the_table_or_open_to_anyone_for_a_reason(door: Door) -> None:
    reason = (doors.OPEN if door.method == "GET" else doors.OPEN_TO_SEND).get(door.path)
    if door.action is None:
        assert reason, f"{door} has no rule: give it a row of the table, or say in tests/access/doors.py why it is open"
    else:
        assert not reason
        assert granted(door.action), f"{door} asks for {door.action}, which nobody is granted"


def test_every_row_of_the_table_guards_a_door_and_no_reason_is_given_for_a_route_that_is_not_there() -> None:
    found = {(door.method, door.path) for door in DOORS}
    asked = {door.action for door in GUARDED_DOORS} | {extra.get("x-action") for _, _, extra in doors.FOUND}
    assert {action for action in GRANTS if not action.startswith("*")} <= asked
    assert {("GET", path) for path in doors.OPEN} <= found
    assert {("POST", path) for path in doors.OPEN_TO_SEND} <= found
    assert doors.GUARDED.keys() <= found


def test_what_is_sent_by_anyone_is_granted_to_the_public_and_to_nobody_else() -> None:
    actions = {extra["x-action"] for method, path, extra in doors.FOUND if path in doors.OPEN_TO_SEND and extra}
    assert actions
    assert all(granted(action) == {"public"} for action in actions)


# --- without a token ---


@each([door for door in DOORS if door.action is None])
async def test_an_open_route_asks_nobody_who_they_are(door: Door, walk: Walk) -> None:
    nothing = an_id("nothing")
    known = {"product_id": nothing} | walk.ids.get(door.house, {})
    if "{name}" in door.path or door.house not in HOUSES:
        ids = dict.fromkeys(("product_id", "assessment_id", "round_id", "plan_id"), nothing)
        known = ids | {"name": "ProductScored", "number": "GCN-51-2026-00001", "reference": "PA-AAAAAAAAAA",
                       "form": "csv", "dataset": "products"}  # fmt: skip
    path = door.path
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", str(value))
    assert "{" not in path
    answer = await walk.client.request(door.method, path)
    assert answer.status_code not in {401, 403, 405}
    assert answer.status_code < 500 or door.path == "/readyz"


@each(GUARDED_DOORS)
@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic dXNlcjpwYXNz"])
async def test_whoever_shows_no_token_is_told_so_before_what_they_sent_is_read(
    door: Door, header: str | None, walk: Walk
) -> None:
    headers = {"authorization": header} if header else {}
    assert await walk.ask(door, headers) == 401
    assert await walk.ask(door, headers, content=b"{ no JSON", limit="none", on="never", after="x") == 401


# --- every role ---


@each(GUARDED_DOORS)
async def test_a_role_that_the_table_does_not_name_is_refused_before_what_it_sent_is_read(
    door: Door, walk: Walk
) -> None:
    assert door.action
    for role in sorted(set(ROLES) - granted(door.action)):
        expected = 401 if role == "clock" else 403  # the system's own work never comes in by a door
        headers = bearer(role, here(role))
        assert await walk.ask(door, headers, here(role)) == expected, role
        garbage = await walk.ask(door, headers, here(role), b"{ no JSON", limit="none", on="never", after="x")
        assert garbage == expected, role


@each(GUARDED_DOORS)
async def test_a_role_that_the_table_names_is_heard_where_it_acts(door: Door, walk: Walk) -> None:
    assert door.action
    for role in sorted(granted(door.action) - {"clock"}):
        status = await walk.ask(door, bearer(role, here(role)), here(role))
        assert status not in NOT_TOLD, (role, walk.answer.text)
        assert status != 404, (role, walk.answer.text)
        assert status != 422 or walk.answer.json()["rule"] != "invalid-input", (role, walk.answer.text)


BOUND = [door for door in GUARDED_DOORS if door in COMMANDS or door.path in doors.OF_A_PLACE]


@each(BOUND)
async def test_a_role_that_the_table_names_is_refused_elsewhere(door: Door, walk: Walk) -> None:
    assert door.action
    others = {role: place for role in sorted(granted(door.action)) if (place := elsewhere(role))}
    for role, place in others.items():
        assert await walk.ask(door, bearer(role, place)) == 403, (role, walk.answer.text)


OF_THE_CENTRE = {"evaluation:demand-redo", "evaluation:decide-letters"}


@each([door for door in COMMANDS if door.house == "evaluation" and door.action not in OF_THE_CENTRE])
async def test_the_centre_does_not_act_for_a_province(door: Door, walk: Walk) -> None:
    """It assesses at its own level only; demanding that a province does it again is its work there (art. 10.1.b).

    So are the messages that the house could not take: they are of no place.
    """
    assert door.action
    for role in sorted(granted(door.action) - {"producer", "agency", "province_chairman", "district_chairman"}):
        assert await walk.ask(door, bearer(role, CENTRE)) == 403, (role, walk.answer.text)


# --- what the day of the test has to do with it: nothing ---


def test_the_bodies_are_of_days_that_have_come() -> None:
    assert DAY < TODAY
