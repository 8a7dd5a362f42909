"""The certification house at work with those that listen to it, over a real PostgreSQL and through their own doors."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import OKPKey

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from services.certification.main import HOUSE as CERTIFICATION
from services.programme.main import HOUSE as PROGRAMME
from services.promotion.main import HOUSE as PROMOTION
from shared.auth.actors import Actor, Role
from shared.auth.tokens import ALGORITHM, sign
from shared.bus.relay import relay
from shared.clock import Clock
from shared.contracts.envelope import Contract, Envelope
from shared.contracts.evaluation import ProductScored
from shared.eventstore.migrate import migrate
from shared.house import House, running
from shared.values import About
from tests.given import an_id, on
from tests.holding import held_and_dead
from tests.postgres import fresh_database

KEY = OKPKey.generate_key(ALGORITHM)
Who = tuple[Role, str]
CHAIRMAN: Who = ("province_chairman", "51")
MINISTER: Who = ("minister", "TW")


class Register:
    """The houses at work; `last` is the last position that certification wrote."""

    def __init__(
        self, houses: dict[str, House], clients: dict[str, httpx.AsyncClient], databases: dict[str, HouseDatabase]
    ) -> None:
        self.houses, self.clients, self.databases = houses, clients, databases
        self.certification, self.scored, self.last = houses["certification"], 0, "certification:0"

    async def get(self, house: str, path: str, **query: Any) -> httpx.Response:
        return await self.clients[house].get(path, params={"after": self.last, **query})

    async def day(self, day: str) -> None:
        """The clock strikes; returns when all that follows from it is done."""
        self.certification.clock.play(date.fromisoformat(day))
        await self.settled()

    async def settled(self) -> None:
        """Returns when certification's views have all there is, nothing is held, and its timer has nothing to do."""
        house, quiet, head = self.certification, 0, 0
        while quiet < 2:
            head = await house.store.head()
            behind = [v for v in house.room.own if await house.store.position(v.reader, house.name) < head]
            held, dead = await held_and_dead(house.store)
            assert not dead
            quiet = 0 if behind or held or await house.ticking.waiting() else quiet + 1
            await asyncio.sleep(0.002)
        self.last = f"certification:{head}"

    async def hear(self, said: Contract, facts: About) -> None:
        """A contract of another house is heard on its legal date, as the relay delivers it."""
        self.scored += 1
        self.heard = Envelope(
            id=f"{said.HOUSE}:{self.scored}", type=said.type_name(), source=f"/ocop/{said.HOUSE}", subject="s",
            time=on(said.legal_date.isoformat()).at, dataschema="/x.json", key=str(facts.product.id),
            data=said.model_dump(mode="json"),
        )  # fmt: skip
        await self.certification.reactions.send(said.HOUSE, [self.heard], self.scored)
        await self.settled()

    async def score(self, facts: About, stars: int, level: str, day: str, **more: Any) -> None:
        """A council's result is heard."""
        await self.day(day)
        said = ProductScored.model_validate(carried(facts, day) | {
            "assessment_id": result_of(facts, stars), "dossier_id": an_id(f"dossier of {facts.product.name}"),
            "level": level, "round": None, "kind": "first", "outcome": "ranked", "average": "70", "average_2dp": 70.0,
            "parts": None, "star_by_band": stars, "star_after_gates": stars, "gates_missed": [], "ballots": 7,
            "spread": 1.0, "recognisable": stars > 2, "sent_up_to": None, "simulated": facts.product.set == "10",
        } | more)  # fmt: skip
        await self.hear(said, facts)

    async def issue(self, facts: About, stars: int, day: str, who: Who = CHAIRMAN) -> httpx.Response:
        """Asked with the same arguments again it has the same Idempotency-Key."""
        return await self.issue_of(facts, result_of(facts, stars), day, who)

    async def issue_of(self, facts: About, assessment: UUID, day: str, who: Who = CHAIRMAN) -> httpx.Response:
        body = {"product_id": str(facts.product.id), "assessment_id": str(assessment), "decision": decision(day)}
        return await self.ask("/certificates", who, key=f"{assessment} {day} {who}", **body)

    async def ask(self, path: str, who: Who | None, *, key: str | None = None, **body: Any) -> httpx.Response:
        """Posts to certification as someone, or without a token."""
        headers = ({"idempotency-key": key} if key else {}) | (bearer(who) if who else {})
        response = await self.clients["certification"].post(path, json=body, headers=headers)
        self.last = response.json().get("position", self.last)
        return response

    async def reading(self, path: str, who: Who, **query: Any) -> httpx.Response:
        """What certification shows to someone."""
        return await self.clients["certification"].get(path, params={"after": self.last, **query}, headers=bearer(who))

    async def read(self, path: str, who: Who, **query: Any) -> Any:
        return (await self.reading(path, who, **query)).json()

    async def page(self, number: str, day: str) -> dict[str, Any]:
        return (await self.get("certification", f"/certificates/{number}", on=day)).json()


def bearer(who: Who) -> dict[str, str]:
    token = sign(Actor("an officer", *who), KEY, datetime.now(UTC) + timedelta(hours=1))
    return {"authorization": f"Bearer {token}"}


def decision(day: str) -> dict[str, str]:
    return {"number": "12/QĐ-UBND", "date": day, "authority": "Chủ tịch UBND tỉnh Quảng Ngãi"}


def carried(facts: About, day: str) -> dict[str, Any]:
    """What every contract about a product carries."""
    return {**facts.model_dump(), "legal_date": date.fromisoformat(day), "ruleset": "qd-26-2026"}


def result_of(facts: About, stars: int) -> UUID:
    return an_id(f"{stars} stars for {facts.product.name}")


async def opened(stack: AsyncExitStack, server: Server) -> Register:
    """The three houses on new databases, certification's contracts relayed to the other two."""
    clock, houses, clients, databases = Clock(), {}, {}, {}
    for rooms in (CERTIFICATION, PROMOTION, PROGRAMME):
        database = await stack.enter_async_context(fresh_database(server, rooms.name))
        await migrate(database.owner_dsn, database.server_role, rooms.room)
        house = House(rooms, database.server_dsn, clock, KEY)
        await house.store.open()
        stack.push_async_callback(house.store.close)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(house.app()), base_url=f"http://{rooms.name}")
        houses[rooms.name], databases[rooms.name] = house, database
        clients[rooms.name] = await stack.enter_async_context(client)
    teller = houses["certification"]
    sinks = [sink for name in ("promotion", "programme") for _, sink in houses[name].sinks()]
    tellings = [lambda s=sink: relay(teller.store, CERTIFICATION.published, s, teller.wake) for sink in sinks]
    await stack.enter_async_context(running(*(task for house in houses.values() for task in house.tasks()), *tellings))
    return Register(houses, clients, databases)
