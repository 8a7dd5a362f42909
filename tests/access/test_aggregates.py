"""Aggregates as they stood, at the doors: who may look at whose, and what nobody is shown."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from ocop.postgres import Server
from ocop.standalone import ROOMS, Program
from services.certification.domain.numbers import PrintedNumber
from shared.auth.actors import Role
from shared.eventstore.aggregate import Aggregate
from shared.eventstore.store import EventStore
from tests.given import on
from tests.things import CENTRE, NATIONAL, Ids, made
from tests.whole import bearer, begin, browser_on, on_new_databases, shown

Who = tuple[Role, str]
AGENCY: Who = ("agency", "51")
MINISTRY: Who = ("ministry", CENTRE)


class Desk:
    """Asks for aggregates as whoever it takes."""

    def __init__(self, program: Program, client: httpx.AsyncClient, ids: dict[str, Ids]) -> None:
        self.program, self.client, self.ids = program, client, ids

    async def ask(self, house: str, name: str, id: Any, who: Who = AGENCY, **query: str) -> httpx.Response:
        path = f"/{house}/aggregates/{name}/{id}"
        return await self.client.get(path, params=query, headers=bearer(*who))

    async def seen(self, house: str, name: str, id: Any, who: Who = AGENCY, **query: str) -> dict[str, Any]:
        answer = await self.ask(house, name, id, who, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
async def desk(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("evidence")
    async with on_new_databases(postgres, folder, hearing=False) as program, browser_on(program) as client:
        ids = await made(program, client)
        await shown(program)
        yield Desk(program, client, ids)


async def everything(store: EventStore) -> set[UUID]:
    return {recorded.event.originator_id for recorded in await store.feed(0, 10_000)}


@pytest.mark.parametrize("house", sorted(ROOMS))
async def test_every_aggregate_of_every_house_is_shown_to_the_ministry_and_says_nothing_sealed(
    desk: Desk, house: str
) -> None:
    store, names = desk.program.houses[house].store, set[str]()
    for id in await everything(store):
        aggregate = await store.load(Aggregate, id)
        assert aggregate is not None
        name = type(aggregate).__name__
        answer = await desk.ask(house, name, id, MINISTRY)
        assert answer.status_code == 200, answer.text
        names.add(name)
        assert '"box"' not in answer.text
        assert answer.json()["version"] == aggregate.version
    assert names


async def test_it_stands_as_its_facts_of_the_day_made_it(desk: Desk) -> None:
    id = desk.ids["evaluation"]["assessment_id"]
    now = await desk.seen("evaluation", "Assessment", id)
    assert now["state"]["state"] == "decided"
    facts = await desk.program.houses["evaluation"].store.history(id)
    for fact in facts:
        on = fact.event.legal_date.isoformat()
        then = await desk.seen("evaluation", "assessment", id, on=on)
        assert then["legal_date"] <= on
        up_to = await desk.seen("evaluation", "assessment", id, position=f"evaluation:{fact.position}")
        assert up_to["version"] == fact.event.originator_version
    assert (await desk.ask("evaluation", "assessment", id, on="2000-01-01")).status_code == 404


async def test_ballots_are_withheld_as_long_as_they_were_sealed(desk: Desk) -> None:
    id, withheld, cast = desk.ids["evaluation"]["assessment_id"], {"withheld": True}, 0
    for fact in await desk.program.houses["evaluation"].store.history(id):
        then = await desk.seen("evaluation", "assessment", id, position=f"evaluation:{fact.position}")
        turn, state = then["state"]["turn"], then["state"]["state"]
        cast += type(fact.event).__name__ == "BallotCast"
        if state == "in-session":
            assert turn["ballots"] == (withheld if cast else {})
        elif state == "decided":
            assert len(turn["ballots"]) == cast == 9
    assert state == "decided"


@pytest.mark.parametrize(
    ("who", "status"),
    [(AGENCY, 200), (("province_chairman", "51"), 200), (("inspector", "51"), 200), (MINISTRY, 200),
     (("agency", "42"), 403), (("province_chairman", "42"), 403), (("commune", "21548"), 403), (("member", "51"), 403),
     (("chair", "51"), 403), (("secretary", "51"), 403), (("public", "TW"), 403), (("ops", "TW"), 403)],
)  # fmt: skip
async def test_those_look_who_supervise_its_place(desk: Desk, who: Who, status: int) -> None:
    for house, name in (("registration", "producer"), ("evaluation", "assessment"), ("programme", "plan")):
        id = desk.ids[house][f"{name}_id"]
        assert (await desk.ask(house, name, id, who)).status_code == status


async def test_what_the_centre_has_or_what_is_of_no_place_the_centre_alone_sees(desk: Desk) -> None:
    printed = PrintedNumber.take("OCOP-12.2023", UUID(int=1), on("2026-06-01"))
    await begin(desk.program, "certification", printed)
    for house, name, id in (("evaluation", "assessment", NATIONAL), ("certification", "printed-number", printed.id)):
        assert (await desk.ask(house, name, id)).status_code == 403
        assert (await desk.ask(house, name, id, MINISTRY)).status_code == 200


async def test_a_provinces_own_running_numbers_it_sees_and_no_other_province(desk: Desk) -> None:
    feed = await desk.program.houses["certification"].store.feed(0, 1000)
    (numbers,) = (
        r.event.originator_id for r in feed if type(r.event).TOPIC == "certification.CertificateNumbersOpened"
    )
    assert (await desk.ask("certification", "CertificateNumbers", numbers)).status_code == 200
    assert (await desk.ask("certification", "CertificateNumbers", numbers, ("agency", "42"))).status_code == 403


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [({"on": "10/11/2026"}, "on", "date-parsing"), ({"known_at": "2026-11-10"}, "known_at", "instant-parsing"),
     ({"known_at": "2999-01-01T00:00:00Z"}, "known_at", "known-at-in-future"),
     ({"position": "41"}, "position", "position-malformed"),
     ({"position": "certification:41"}, "position", "position-malformed"),
     ({"position": "evaluation:-1"}, "position", "position-malformed")],
)  # fmt: skip
async def test_what_is_no_time_is_refused_with_its_rule(
    desk: Desk, query: dict[str, str], field: str, rule: str
) -> None:
    answer = await desk.ask("evaluation", "assessment", desk.ids["evaluation"]["assessment_id"], **query)
    assert answer.status_code == 422
    assert [(e["field"], e["rule"]) for e in answer.json()["errors"]] == [(field, rule)]


async def test_another_name_or_id_is_not_found_and_no_id_is_refused(desk: Desk) -> None:
    id = desk.ids["evaluation"]["assessment_id"]
    for name, asked, status in (("dossier", id, 404), ("assessment", UUID(int=7), 404), ("assessment", "x", 422)):
        assert (await desk.ask("evaluation", name, asked, MINISTRY)).status_code == status
