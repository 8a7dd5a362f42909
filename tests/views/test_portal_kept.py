"""Pages that are made once a second: who is given one, who never is, and what the houses are asked."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import httpx
import orjson
import pytest

from services.portal import kept
from services.portal.main import portal_app
from services.portal.views import changes as portal_changes
from services.portal.views import houses as portal_houses
from services.portal.views.changes import Changes
from services.portal.views.freshness import FRESH_SECONDS
from services.portal.views.houses import Houses, HouseSaid, HouseSilent, Shared
from shared.contracts.topics import HOUSES
from shared.house import running
from tests.views.reading import BROWSER

FOUND = {"total": 0, "rows": [], "read_as": {}}


class Time:
    """A clock that stands."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def today(self) -> date:
        return date(2026, 10, 1)


class House:
    """Answers as one house might, and counts what it is asked besides how far it has come."""

    def __init__(self) -> None:
        self.asked = self.stood = 0
        self.status = 200
        self.head = 1

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/standing":
            self.stood += 1
            return httpx.Response(self.status, content=orjson.dumps({"head": self.head}))
        self.asked += 1
        return httpx.Response(self.status, content=orjson.dumps(FOUND if self.status == 200 else {"rule": "no"}))


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
async def houses(house: House) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(house), base_url="http://house") as answers:
        yield dict.fromkeys(HOUSES, answers)


@pytest.fixture
def changes(houses: dict[str, httpx.AsyncClient], clock: Time) -> Changes:
    return Changes(houses, clock=clock)


@pytest.fixture
async def browser(
    houses: dict[str, httpx.AsyncClient], changes: Changes, clock: Time
) -> AsyncIterator[httpx.AsyncClient]:
    app = portal_app(houses, clock)
    app.user_middleware = [
        one if one.cls is not kept.KeptPages else type(one)(kept.KeptPages, one.args[0], changes, clock=clock)
        for one in app.user_middleware
    ]
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://portal", headers=BROWSER) as client:
        yield client


async def test_a_page_is_made_once_for_all_who_ask_within_a_second(
    browser: httpx.AsyncClient, house: House, clock: Time
) -> None:
    pages = [await browser.get("/products") for _ in range(5)]
    assert house.asked == 1
    assert len({page.text for page in pages}) == 1
    assert pages[1].headers == pages[0].headers
    assert pages[0].headers["cache-control"] == "public, max-age=1"
    clock.now += FRESH_SECONDS
    await browser.get("/products")
    assert house.asked == 2


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/products?q=toi", {}), ("/products?after=promotion:1", {}), ("/products?lang=vi", {}),
        ("/products", {"Accept-Language": "en"}), ("/products", {"Cookie": "lang=en"}), ("/products", {"Host": "elsewhere"}),
        ("/products", {"Accept-Encoding": "identity"}),
    ],
)  # fmt: skip
async def test_another_question_language_or_address_is_another_page(
    browser: httpx.AsyncClient, house: House, path: str, headers: dict[str, str]
) -> None:
    await browser.get("/products")
    await browser.get(path, headers=headers)
    assert house.asked == 2


async def test_whoever_names_a_position_is_never_given_a_page_of_others(
    browser: httpx.AsyncClient, house: House
) -> None:
    for _ in range(3):
        await browser.get("/products?after=promotion:1")
    assert house.asked == 3


async def test_what_went_wrong_is_not_kept(browser: httpx.AsyncClient, house: House) -> None:
    house.status = 500
    assert (await browser.get("/products")).status_code == 503
    house.status = 200
    assert (await browser.get("/products")).status_code == 200


async def test_no_more_pages_are_kept_than_there_is_room_for(
    browser: httpx.AsyncClient, house: House, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST", 3)
    for n in range(5):
        await browser.get(f"/products?q={n}")
    await browser.get("/products?q=0")
    assert house.asked == 5
    await browser.get("/products?q=4")
    assert house.asked == 6
    clock.now += FRESH_SECONDS
    await browser.get("/products?q=4")
    await browser.get("/products?q=4")
    assert house.asked == 7


async def test_a_page_is_given_as_long_as_nothing_has_changed_and_no_longer(
    browser: httpx.AsyncClient, house: House, clock: Time, changes: Changes
) -> None:
    await changes.look()
    await browser.get("/products")
    for _ in range(5):
        clock.now += FRESH_SECONDS
        await changes.look()
        await browser.get("/products")
    assert house.asked == 1
    clock.now += FRESH_SECONDS
    house.head = 2
    await changes.look()
    await browser.get("/products")
    assert house.asked == 2


async def test_what_may_have_changed_since_the_last_question_is_made_anew(
    browser: httpx.AsyncClient, house: House, clock: Time, changes: Changes
) -> None:
    await browser.get("/products")  # before anything was known
    await changes.look()
    clock.now += FRESH_SECONDS / 2
    await browser.get("/products?q=gom")
    clock.now += FRESH_SECONDS / 2
    assert changes.since() is None
    await browser.get("/products")
    assert house.asked == 3
    house.status = 500
    with pytest.raises(HouseSilent):
        await changes.look()
    assert changes.since() is None


# --- answers that several pages share ---


async def test_an_answer_is_asked_for_once_a_second_and_a_failure_again_at_once(house: House, clock: Time) -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(house), base_url="http://house") as answers:
        shared = Shared(clock=clock)
        houses = Houses(dict.fromkeys(HOUSES, answers), shared=shared)
        for _ in range(3):
            assert await houses.common("promotion", "counts") == FOUND
        assert house.asked == 1
        clock.now += 1.0
        house.status = 404
        for _ in range(2):
            with pytest.raises(HouseSaid):
                await houses.common("promotion", "counts")
        assert house.asked == 3
        waiting = Houses(dict.fromkeys(HOUSES, answers), "promotion:1", shared)
        house.status = 200
        await waiting.common("promotion", "counts")
        await waiting.common("promotion", "counts")
        assert house.asked == 5


async def test_an_answer_holds_while_nothing_has_changed(
    house: House, houses: dict[str, httpx.AsyncClient], changes: Changes, clock: Time
) -> None:
    asking = Houses(houses, shared=Shared(changes.since, clock=clock))
    for _ in range(2):
        await asking.common("promotion", "counts")
        clock.now += FRESH_SECONDS
    assert house.asked == 2  # nobody knew whether anything had
    for _ in range(3):
        await changes.look()
        await asking.common("promotion", "counts")
        clock.now += FRESH_SECONDS
    assert house.asked == 3
    house.head += 1
    await changes.look()
    await asking.common("promotion", "counts")
    assert house.asked == 4


async def test_answers_to_many_questions_are_not_kept_for_ever(
    houses: dict[str, httpx.AsyncClient], changes: Changes, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_houses, "MOST_SHARED", 3)
    shared = Shared(changes.since, clock=clock)
    asking = Houses(houses, shared=shared)
    for number in range(10):
        await changes.look()
        await asking.common("promotion", "counts", province=f"{number}")
        clock.now += FRESH_SECONDS
    assert len(shared._kept) <= 3


async def turns() -> None:
    """Lets everything that waits for nothing outside go on."""
    for _ in range(500):
        await asyncio.sleep(0)


async def test_how_far_houses_are_is_followed_while_somebody_wants_to_know(
    house: House, changes: Changes, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_changes, "ASK_SECONDS", 0)
    async with running(changes.follow):
        await turns()
        assert house.stood == 0
        assert changes.since() is None
        await turns()
        assert house.stood > len(HOUSES)
        assert changes.since() == 1
        clock.now += portal_changes.REST_SECONDS
        await turns()
        stood = house.stood
        await turns()
        assert house.stood == stood
        house.head += 1
        assert changes.since() is None
        await turns()
        assert changes.since() == 2
