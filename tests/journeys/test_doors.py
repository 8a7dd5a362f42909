"""Every door of every house: refuses bad input with field, rule and both languages, and writes nothing of it."""

import asyncio
from typing import Any

import httpx
import pytest

from ocop.standalone import ROOMS, Program
from shared.auth.actors import ROLES, Actor, Role
from shared.auth.permissions import granted
from shared.auth.tokens import DEV_TOKEN_LASTS, sign
from shared.clock import machine_time
from tests.given import an_id

PLACES: dict[str, str] = {"producer": str(an_id("producer")), "commune": "21548", "district_chairman": "535"}
NATIONAL = {"ministry", "minister", "clock", "public", "ops"}


def doors() -> list[tuple[str, str, str]]:
    """(house, path, action) of every route that takes a command."""
    found = []
    for name, rooms in ROOMS.items():
        for route in rooms.routes.routes:
            extra = getattr(route, "openapi_extra", None) or {}
            if "x-action" in extra:
                found.append((name, route.path, extra["x-action"]))
    return found


def guarded_doors() -> list[tuple[str, str, str]]:
    """Without those of the public: there no role is wrong, and no token is needed."""
    return [door for door in doors() if "public" not in granted(door[2])]


def token(program: Program, role: Role) -> dict[str, str]:
    key = next(iter(program.houses.values())).key
    place = PLACES.get(role, "TW" if role in NATIONAL else "51")
    return {
        "authorization": f"Bearer {sign(Actor(f'test {role}', role, place), key, machine_time() + DEV_TOKEN_LASTS)}"
    }


def a_role_that_may(action: str) -> Role:
    return sorted(granted(action) - {"clock"})[0]  # type: ignore[return-value]


def a_role_that_may_not(action: str) -> Role:
    return next(role for role in ROLES if role not in granted(action) | {"clock"})


def filled(path: str) -> str:
    return "/".join(str(an_id("nobody")) if part.startswith("{") else part for part in path.split("/"))


async def heads(program: Program) -> dict[str, int]:
    return {name: await house.store.head() for name, house in program.houses.items()}


def assert_problem(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert {"type", "title", "status", "detail", "rule", "article", "errors"} <= set(problem)
    assert problem["status"] == answer.status_code
    for error in problem["errors"]:
        assert {"field", "rule", "message_vi", "message_en"} == set(error)
        assert error["message_vi"]
        assert error["message_en"]
    return problem


def test_every_house_that_takes_commands_has_doors() -> None:
    assert {house for house, _, _ in doors()} == set(ROOMS)


@pytest.mark.parametrize(("house", "path", "action"), guarded_doors(), ids=lambda value: str(value))
async def test_a_door_refuses_whoever_shows_no_token(
    house: str, path: str, action: str, program: httpx.AsyncClient
) -> None:
    assert assert_problem(await program.post(f"/{house}{filled(path)}", json={}))["status"] == 401


@pytest.mark.parametrize(("house", "path", "action"), doors(), ids=lambda value: str(value))
async def test_a_door_names_each_field_that_is_wrong_and_writes_nothing(
    house: str, path: str, action: str, program: httpx.AsyncClient, played: Program
) -> None:
    before = await heads(played)
    headers = token(played, a_role_that_may(action))
    url = f"/{house}{filled(path)}"
    unknown = assert_problem(await program.post(url, json={"no_such_field": 1}, headers=headers))
    assert unknown["status"] == 422
    assert "no_such_field" in {error["field"] for error in unknown["errors"]}
    for body in (b"{", b"[]", b'"x"', b"\xff\xfe"):
        assert assert_problem(await program.post(url, content=body, headers=headers))["status"] == 422
    assert await heads(played) == before


@pytest.mark.parametrize(("house", "path", "action"), guarded_doors(), ids=lambda value: str(value))
async def test_a_door_refuses_a_role_that_may_not(
    house: str, path: str, action: str, program: httpx.AsyncClient, played: Program
) -> None:
    """Also before it says whether the thing exists."""
    answer = await program.post(f"/{house}{filled(path)}", json={}, headers=token(played, a_role_that_may_not(action)))
    assert assert_problem(answer)["status"] == 403


async def test_an_unknown_aggregate_is_404_with_its_kind(program: httpx.AsyncClient, played: Program) -> None:
    url = f"/registration/ideas/{an_id('nobody')}/acceptance"
    problem = assert_problem(await program.post(url, json={}, headers=token(played, "agency")))
    assert (problem["status"], problem["rule"]) == (404, "not-found")


async def test_a_refusal_names_the_article(program: httpx.AsyncClient, played: Program) -> None:
    body = {
        "name": "x", "kind": "giant", "province": "51", "commune": "21548", "registration_number": "1",
        "representative": dict.fromkeys(("name", "gender", "ethnicity", "phone", "email"), "x"),
        "id": str(an_id("producer")),
    }  # fmt: skip
    problem = assert_problem(
        await program.post("/registration/producers", json=body, headers=token(played, "producer"))
    )
    assert (problem["rule"], problem["article"]) == ("unknown-producer-kind", "Điều 2.3")
    wrong_place = {**body, "kind": "household", "province": "42"}
    problem = assert_problem(
        await program.post("/registration/producers", json=wrong_place, headers=token(played, "producer"))
    )
    assert problem["errors"][0]["field"] == "commune"


async def test_a_legal_date_in_the_future_is_refused(program: httpx.AsyncClient, played: Program) -> None:
    url = f"/registration/ideas/{an_id('nobody')}/acceptance"
    problem = assert_problem(await program.post(url, json={"on": "2099-01-01"}, headers=token(played, "agency")))
    assert problem["rule"] == "date-in-future"


async def test_a_token_that_was_tampered_with_is_refused(program: httpx.AsyncClient, played: Program) -> None:
    header = token(played, "agency")["authorization"]
    bad = {"authorization": header[:-4] + "AAAA"}
    url = f"/registration/ideas/{an_id('nobody')}/acceptance"
    assert assert_problem(await program.post(url, json={}, headers=bad))["status"] == 401


async def test_a_text_with_nul_is_refused_where_it_stands(program: httpx.AsyncClient, played: Program) -> None:
    """JSON carries U+0000 and PostgreSQL's text does not: stored, it would stop every view of the house."""
    headers = token(played, "producer")
    body = b'{"summary": {"description": "a\\u0000b"}}'
    problem = assert_problem(await program.post("/registration/ideas", content=body, headers=headers))
    assert [(e["field"], e["rule"]) for e in problem["errors"]] == [("summary.description", "nul-in-text")]
    literal = await program.post("/registration/ideas", content=body.replace(b"\\u", b"\\\\u"), headers=headers)
    assert "nul-in-text" not in {e["rule"] for e in assert_problem(literal)["errors"]}
    for house in ROOMS:
        answer = await program.get(f"/{house}/events", params={"province": "a\0"})
        assert assert_problem(answer)["status"] == 422


# --- positions ---


async def test_after_waits_for_the_view_and_ends_in_412_when_it_does_not_come(
    program: httpx.AsyncClient, played: Program
) -> None:
    head = await played.houses["registration"].store.head()
    reached = await program.get("/registration/ideas", params={"after": f"registration:{head}"})
    assert reached.status_code == 200
    behind = await program.get("/registration/ideas", params={"after": f"registration:{head + 1}"})
    assert assert_problem(behind)["rule"] == "view-behind"
    assert behind.status_code == 412


@pytest.mark.parametrize("after", ["x", "registration", "nowhere:1", "registration:-1", "registration:1.5", ":1"])
async def test_a_malformed_position_is_422(after: str, program: httpx.AsyncClient) -> None:
    answer = await program.get("/registration/ideas", params={"after": after})
    assert assert_problem(answer)["status"] == 422


# --- feed ---


async def walked(program: httpx.AsyncClient, path: str, **query: str) -> tuple[list[dict[str, Any]], str]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = (await program.get(path, params={"limit": "100", **query, **after})).json()
        found += page["events"]
        after = {"after": page["next"]}
        if not page["events"]:
            return found, page["next"]


async def test_the_feed_walks_through_everything_once_in_each_houses_order(
    program: httpx.AsyncClient, played: Program
) -> None:
    events, cursor = await walked(program, "/events")
    ids = [e["id"] for e in events]
    assert len(ids) == len(set(ids))
    for house in played.houses:
        own = [int(i.split(":")[1]) for i in ids if i.startswith(f"{house}:")]
        assert own == sorted(own)
        alone, _ = await walked(program, f"/{house}/events")
        assert [e["id"] for e in alone] == [i for i in ids if i.startswith(f"{house}:")]
    assert all(c.isalnum() or c in "._~-" for c in cursor)
    again = (await program.get("/events", params={"after": cursor})).json()
    assert again == {"events": [], "next": cursor}


async def test_the_feed_is_filtered_by_type_and_province(program: httpx.AsyncClient) -> None:
    events, _ = await walked(program, "/events", types="CertificateIssued,IdeaRegistered", province="42")
    assert {e["type"].split(".")[2] for e in events} == {"CertificateIssued", "IdeaRegistered"}
    assert {e["data"]["province"] for e in events} == {"42"}


@pytest.mark.parametrize("query", [{"wait": "6"}, {"limit": "0"}, {"limit": "1001"}, {"after": "not a cursor!"}])
@pytest.mark.parametrize("path", ["/events", "/evaluation/events"])
async def test_a_feed_asked_wrongly_is_422(path: str, query: dict[str, str], program: httpx.AsyncClient) -> None:
    assert assert_problem(await program.get(path, params=query))["status"] == 422


async def test_a_waiting_reader_hears_what_is_said_meanwhile(program: httpx.AsyncClient, played: Program) -> None:
    cursor = (await walked(program, "/registration/events"))[1]
    waiting = asyncio.create_task(program.get("/registration/events", params={"after": cursor, "wait": "5"}))
    body = {
        "id": str(an_id("producer")), "name": "Hộ mới (minh họa)", "kind": "household", "province": "51",
        "commune": "21548", "registration_number": "1",
        "representative": dict.fromkeys(("name", "gender", "ethnicity", "phone", "email"), "x"),
    }  # fmt: skip
    headers = {**token(played, "producer"), "idempotency-key": "a new producer"}
    written = await program.post("/registration/producers", json=body, headers=headers)
    assert written.status_code == 201, written.text
    assert written.headers["ocop-position"] == written.json()["position"]
    heard = (await waiting).json()
    assert [e["type"] for e in heard["events"]] == ["vn.ocop.ProducerRegistered.v1"]
    assert heard["events"][0]["id"] == written.json()["position"]
    repeated = await program.post("/registration/producers", json=body, headers=headers)
    assert (repeated.status_code, repeated.json()) == (201, written.json())
    other = await program.post("/registration/producers", json={**body, "name": "y"}, headers=headers)
    assert assert_problem(other)["rule"] == "idempotency-key-reused"


async def test_every_schema_that_an_event_names_is_served(program: httpx.AsyncClient) -> None:
    events, _ = await walked(program, "/events")
    for schema in {e["dataschema"] for e in events}:
        answer = await program.get(schema)
        assert answer.status_code == 200, schema
        assert answer.json()["type"] == "object"


@pytest.mark.parametrize("house", sorted(ROOMS))
async def test_every_house_serves_its_openapi(house: str, program: httpx.AsyncClient) -> None:
    assert (await program.get(f"/{house}/openapi.json")).json()["openapi"].startswith("3.")
    assert (await program.get(f"/{house}/docs")).status_code == 200
