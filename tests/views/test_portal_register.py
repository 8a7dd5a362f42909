"""The portal's own register: it answers as certification would, is never a second behind, and does not grow without end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date, timedelta
from typing import Any

import httpx
import orjson
import pytest

from ocop.postgres import Server
from services.certification.domain.recognition import Recognition
from services.certification.main import HOUSE as CERTIFICATION
from services.portal.main import portal_app
from services.portal.views.houses import HouseSilent
from services.portal.views.register import FRESH_SECONDS, Register
from shared.clock import Clock
from shared.contracts.topics import HOUSES
from shared.house import House
from tests import certifying
from tests.certifying import FIRST, RULES, SECOND, decision
from tests.given import an_id, on
from tests.houses import at_work
from tests.issuing import KEY
from tests.postgres import fresh_database
from tests.views.reading import JSON
from tests.views.test_portal_pages import (
    EXPIRED,
    EXTENDED,
    OLD,
    REVOKED,
    earlier,
    expired,
    extended,
    named,
    revoked,
    upgraded,
)

TODAY = date(2027, 2, 1)
DAY = timedelta(days=1)
NUMBERS = (FIRST, SECOND, REVOKED, EXTENDED, OLD, EXPIRED)
UNKNOWN = "GCN-51-2026-99999"
DEADLINE_SECONDS = 20


async def nothing(_: str) -> None:
    """What happens on the way, usually."""


class Line(httpx.AsyncBaseTransport):
    """The way to certification, which a test may cut or make wait; it notes what was asked."""

    def __init__(self, app: Any) -> None:
        self._to = httpx.ASGITransport(app)
        self.asked: list[str] = []
        self.cut = False
        self.before = self.after = nothing

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.cut:
            raise httpx.ConnectError("cut")
        await self.before(request.url.path)
        answer = await self._to.handle_async_request(request)
        await self.after(request.url.path)
        return answer

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self, base_url="http://certification")


class Watch:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


class Scene:
    """Certification at work and a portal that follows it when a test says so, each over a line of its own."""

    def __init__(self, house: House) -> None:
        self.house, self.clock, self.watch = house, house.clock, Watch()
        app = house.app()
        self.line, self.asking = Line(app), Line(app)  # of the register itself, and for those who ask
        self.clients = dict.fromkeys(HOUSES, self.asking.client())
        self.register = self.following()
        self.portal = httpx.AsyncClient(
            transport=httpx.ASGITransport(portal_app(self.clients, self.clock, register=self.register)),
            base_url="http://ocop.example", headers=JSON,
        )  # fmt: skip

    def following(self, **more: Any) -> Register:
        return Register(self.clients, self.line.client(), self.clock.today, clock=self.watch, **more)

    async def heard(self, register: Register | None = None) -> None:
        """Returns when the register has heard all that certification has said."""
        following = register or self.register
        head = await self.house.store.head()
        task = asyncio.ensure_future(following.follow())
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                while following.heard is None or following.heard < head or following.fresh_day() is None:
                    await asyncio.sleep(0.005)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def own(self, number: str, day: date | None = None) -> tuple[int, Any]:
        """What certification itself answers."""
        answer = await self.asking.client().get(
            f"/certificates/{number}", params={"on": day.isoformat()} if day else {}
        )
        return answer.status_code, answer.json()

    async def says(self, *recognitions: Recognition) -> None:
        """Stores what was said, and returns when certification's own views show it."""
        said = [event for recognition in recognitions for event in recognition.collect_events()]
        name = f"{len(self.line.asked)} {await self.house.store.head()}"
        await self.house.store.append(said, request=name, fingerprint=b"", metadata="{}", answer="{}")
        await self.settled()

    async def settled(self) -> None:
        """Returns when certification's clock has nothing to do and its own views show all that was said."""
        quiet = 0
        async with asyncio.timeout(DEADLINE_SECONDS):
            while quiet < 2:
                head = await self.house.store.head()
                for view in self.house.room.own:
                    await self.house.freshness.wait(view, f"certification:{head}")
                quiet = 0 if await self.house.ticking.waiting() or await self.house.store.head() > head else quiet + 1
                await asyncio.sleep(0.002)

    async def lookup(self, number: str, **query: str) -> httpx.Response:
        return await self.portal.get(f"/c/{number}", params=query)


@pytest.fixture
async def scene(postgres: Server) -> AsyncIterator[Scene]:
    clock = Clock()
    clock.play(TODAY)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh_database(postgres, "certification"))
        house, _ = await stack.enter_async_context(at_work(CERTIFICATION, database, KEY, clock=clock))
        made = Scene(house)
        await made.says(
            upgraded(), revoked(), extended(), expired(), earlier(named("Chè", 5), OLD, "2024-05-10", "2027-05-10")
        )
        yield made


# --- the same as certification's own answer ---


async def test_on_every_boundary_of_every_state_it_answers_as_certification_does(scene: Scene) -> None:
    await scene.heard()
    states = set()
    for number in NUMBERS:
        told = (await scene.asking.client().get(f"/certificates/{number}/details")).json()
        ends = {
            date.fromisoformat(day) for period in told["history"] for day in (period["since"], period["until"]) if day
        }
        for day in sorted({TODAY} | {end + step for end in ends for step in (-DAY, 0 * DAY, DAY)}):
            status, facts = await scene.register.public(number, day)
            assert (status, facts) == await scene.own(number, day)
            states.add(facts["status"])
    assert states == {"not-yet-valid", "valid", "extended", "expired", "revoked", "replaced"}


async def test_through_the_portal_s_door_the_answer_is_the_same_with_and_without_a_day(scene: Scene) -> None:
    await scene.heard()
    asked = len(scene.asking.asked)
    answers = {number: await scene.lookup(number) for number in (*NUMBERS, UNKNOWN, "x" * 200, "a b", "…")}
    dated = {number: await scene.lookup(number, on="2026-11-10") for number in NUMBERS}
    assert len(scene.asking.asked) == asked
    for number, answer in answers.items():
        assert (answer.status_code, answer.json()) == await scene.own(number)
        assert (answer.headers["content-type"], answer.headers["vary"]) == ("application/json", "Accept")
    for number, answer in dated.items():
        assert (answer.status_code, answer.json()) == await scene.own(number, date(2026, 11, 10))


async def test_another_day_changes_the_answer_without_a_question(scene: Scene) -> None:
    await scene.heard()
    assert (await scene.lookup(OLD)).json()["status"] == "valid"
    scene.clock.play(date(2027, 5, 11))
    await scene.settled()
    await scene.heard()
    asked = len(scene.asking.asked)
    assert (await scene.lookup(OLD)).json()["status"] == "expired"
    assert len(scene.asking.asked) == asked
    assert (await scene.lookup(OLD)).json() == (await scene.own(OLD))[1]


@pytest.mark.parametrize("query", [{"on": "yesterday"}, {"on": "1970"}, {"after": "kitchen:1"}])
async def test_what_is_asked_wrongly_is_refused_as_before(scene: Scene, query: dict[str, str]) -> None:
    await scene.heard()
    answer = await scene.lookup(FIRST, **query)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, next(iter(query)))


async def test_whoever_knows_a_position_is_answered_by_certification_itself(scene: Scene) -> None:
    await scene.heard()
    asked = len(scene.asking.asked)
    head = await scene.house.store.head()
    assert (await scene.lookup(FIRST, after=f"certification:{head}")).status_code == 200
    assert scene.asking.asked[asked:] == [f"/certificates/{FIRST}"]


# --- changes ---


async def test_a_change_is_heard_and_shown(scene: Scene) -> None:
    await scene.heard()
    await scene.says(new_certificate())
    await scene.heard()
    asked = len(scene.asking.asked)
    assert (await scene.lookup("GCN-51-2026-00009")).json()["status"] == "valid"
    assert len(scene.asking.asked) == asked


def new_certificate() -> Recognition:
    facts = named("Mật ong", 9)
    recognition = certifying.proposed(certifying.proposal(3), facts)
    certifying.issue(recognition, number="GCN-51-2026-00009", day="2026-10-01")
    return recognition


async def revoke_second(scene: Scene) -> None:
    """A revocation that the portal has not heard of yet, and that certification's own page shows."""
    recognition = await scene.house.store.load(Recognition, upgraded().id)
    assert recognition
    recognition.confirm_production_stop(SECOND, "Xưởng đã đóng cửa", RULES, on("2027-01-20"))
    recognition.revoke(
        SECOND, "đ", decision("2027-02-01"), inspection=None, conclusion=None, role=certifying.CHAIRMAN, ruleset=RULES,
        when=on("2027-02-01"),
    )  # fmt: skip
    await scene.says(recognition)


async def test_a_second_after_a_revocation_nobody_is_told_the_old_state_even_when_the_portal_heard_nothing(
    scene: Scene,
) -> None:
    await scene.heard()
    scene.line.cut = True
    await revoke_second(scene)
    scene.watch.at += FRESH_SECONDS
    assert (await scene.lookup(SECOND)).json()["status"] == "revoked"
    assert (await scene.lookup(SECOND, on="2027-01-31")).json()["status"] == "valid"


async def test_while_the_portal_hears_nothing_and_certification_does_not_answer_either_it_says_so(scene: Scene) -> None:
    await scene.heard()
    scene.line.cut = scene.asking.cut = True
    assert (await scene.lookup(SECOND)).json()["status"] == "valid"  # as it was less than a second ago
    scene.watch.at += FRESH_SECONDS
    answer = await scene.lookup(SECOND)
    assert (answer.status_code, answer.json()["rule"]) == (503, "house-silent")
    with pytest.raises(HouseSilent):
        await scene.register.public(SECOND, TODAY)


async def test_when_it_hears_again_it_answers_by_itself_with_what_happened_meanwhile(scene: Scene) -> None:
    await scene.heard()
    scene.watch.at += FRESH_SECONDS
    await revoke_second(scene)
    await scene.heard()
    asked = len(scene.asking.asked)
    assert (await scene.lookup(SECOND)).json()["status"] == "revoked"
    assert len(scene.asking.asked) == asked


async def test_an_answer_of_the_feed_that_took_long_does_not_make_old_states_new(scene: Scene) -> None:
    """What counts is when it was asked: an event may have been stored since."""
    await scene.heard()
    scene.watch.at += FRESH_SECONDS

    async def slowly(path: str) -> None:
        if path == "/events":
            scene.watch.at += FRESH_SECONDS

    scene.line.before = slowly
    task = asyncio.ensure_future(scene.register.follow())
    asked = scene.line.asked.count("/events")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while scene.line.asked.count("/events") < asked + 3:
            assert scene.register.fresh_day() is None
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_without_a_day_that_is_sure_certification_is_asked(scene: Scene) -> None:
    register = Register(scene.clients, scene.line.client(), lambda: None, clock=scene.watch)
    task = asyncio.ensure_future(register.follow())
    async with asyncio.timeout(DEADLINE_SECONDS):
        while register.heard is None:
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert register.ready(FIRST) is None
    assert await register.public(FIRST, None) == await scene.own(FIRST)


# --- memory ---


async def test_it_holds_no_more_than_it_may_and_asks_for_the_others(scene: Scene) -> None:
    register = scene.following(most=3)
    await scene.heard(register)
    for number in (*NUMBERS, *NUMBERS):
        assert await register.public(number, None) == await scene.own(number)
        assert register.kept == 3


async def test_what_was_asked_for_last_is_kept(scene: Scene) -> None:
    register = scene.following(most=3)
    await scene.heard(register)
    for number in (FIRST, SECOND, REVOKED):
        await register.public(number, None)
    assert register.ready(FIRST) is not None
    await register.public(OLD, None)  # takes the place of the second
    assert [register.ready(number) is not None for number in (FIRST, SECOND, REVOKED, OLD)] == [True, False, True, True]


async def test_numbers_that_nobody_has_take_no_memory_and_are_asked_for_only_where_some_are_not_kept(
    scene: Scene,
) -> None:
    await scene.heard()
    asked = len(scene.asking.asked)
    for n in range(2000):
        assert (await scene.register.public(f"GCN-99-2026-{n:05}", None))[0] == 404
    assert (scene.register.kept, len(scene.asking.asked)) == (len(NUMBERS), asked)
    partial = scene.following(most=3)
    await scene.heard(partial)
    assert await partial.public(UNKNOWN, None) == await scene.own(UNKNOWN)
    assert partial.kept == 3


async def test_what_is_looked_up_while_a_change_is_on_its_way_is_not_kept(scene: Scene) -> None:
    register = scene.following(most=1)
    await scene.heard(register)

    async def overtaken(path: str) -> None:
        """The answer is made, and before it arrives the revocation is said and heard."""
        scene.asking.after = nothing
        await revoke_second(scene)
        await scene.heard(register)

    scene.asking.after = overtaken
    assert (await register.public(SECOND, None))[1]["status"] == "valid"
    answer = register.ready(SECOND)
    assert answer is not None
    assert orjson.loads(answer.body["body"])["status"] == "revoked"


# --- certification's side of it ---


async def test_all_certificates_are_given_in_pages_and_those_of_a_product_together(scene: Scene) -> None:
    client, found, beyond = scene.line.client(), [], ""
    while True:
        page = (await client.get("/histories", params={"beyond": beyond, "limit": 2})).json()
        found += [told["number"] for told in page["certificates"]]
        if len(page["certificates"]) < 2:
            break
        beyond = found[-1]
    assert found == sorted(NUMBERS)
    assert page["position"] == await scene.house.store.head()
    of_one = (await client.get("/histories", params={"product": str(certifying.GARLIC.product.id)})).json()
    assert [told["number"] for told in of_one["certificates"]] == [FIRST, SECOND]
    assert (await client.get("/histories", params={"product": str(an_id("nothing"))})).json()["certificates"] == []
    assert (await client.get("/histories", params={"number": UNKNOWN})).json()["certificates"] == []
    assert (await client.get("/histories", params={"product": "x"})).status_code == 422
    assert (
        orjson.loads((await client.get("/histories", params={"number": OLD})).content)["certificates"][0]["number"]
        == OLD
    )
