"""What the register knew at an instant: each answer of a journey is had again, byte for byte, also of views made again."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple, get_args

import httpx
import pytest

from ocop.postgres import Server
from services.certification.main import HOUSE as CERTIFICATION
from services.programme.views.recognitions import Dimension
from shared.bus.listening import Listening, ToldFacts
from shared.contracts.envelope import as_utc
from shared.contracts.registration import DossierSubmitted, RecognitionRecorded
from shared.eventstore.fsck import Findings, check_views
from shared.eventstore.rebuilding import Rebuild
from shared.eventstore.sources import OwnFacts, Source
from shared.eventstore.views import View
from shared.values import About
from tests.given import about, an_id
from tests.given_facts import Given
from tests.issuing import CHAIRMAN, MINISTER, Register, Who, bearer, carried, decision, opened
from tests.opened import owned

AGENCY: Who = ("agency", "51")
COMMUNE: Who = ("commune", "21548")
STEAM = about("Tinh dầu sả chanh", code="51-21548-1-2023", set="20")  # extended (art. 12.3), then replaced
TEA = about("Trà rừng", code="51-21548-2-2023", set="12")  # expires by the clock
SALT = about("Muối", code="51-21548-1-2026")  # issued, then upgraded
NOODLES = about("Bún", code="51-21548-2-2026", set="06")  # issued, then revoked
PLAN, TASK = str(an_id("plan")), str(an_id("task"))
NUMBERS = ["GCN-TW-2023-00001", "GCN-51-2023-00001", "GCN-TW-2026-00001", "GCN-51-2026-00001", "GCN-51-2026-00002",
           "GCN-51-2026-00003"]  # fmt: skip
LAPSED = "GCN-51-2023-00001"  # the tea's: nothing is said of it that its dates do not say from the first on
TARGETS = [
    {"metric": metric, "comparator": ">=", "value": 2, "by": "2026-12-31"}
    for metric in ("products_recognised_min_star_3", "products_newly_recognised_min_star_3", "share_products_star_4")
]

TARGET = "products_recognised_min_star_3-2026-12-31"

# --- the journey ---


async def recorded(r: Register, facts: About, stars: int, issued: str, expires: str) -> None:
    said = RecognitionRecorded.model_validate(carried(facts, issued) | {
        "ruleset": "qd-148-2023", "number": None, "stars": stars, "decision": decision(issued), "issued_on": issued,
        "expires_on": expires, "recorded_on": "2026-05-25", "simulated": True,
    })  # fmt: skip
    await r.hear(said, facts)


async def earlier(r: Register) -> None:
    await r.day("2026-05-25")
    await recorded(r, STEAM, 5, "2023-07-17", "2026-07-17")
    await recorded(r, TEA, 3, "2023-11-14", "2026-11-14")


async def late(r: Register) -> None:
    """A renewal is filed late and admitted."""
    await r.day("2026-06-08")
    filed = {"dossier_id": an_id("late"), "kind": "renewal", "evidence": [], "admitted_by": "Điều 12.3"}
    await r.hear(DossierSubmitted.model_validate(carried(STEAM, "2026-06-08") | filed), STEAM)


async def planned(r: Register) -> None:
    plan = {
        "id": PLAN, "name": "Kế hoạch OCOP năm 2026 (minh họa)", "province": "51", "period_from": "2026-06-02",
        "period_to": "2026-12-31", "targets": TARGETS, "agencies": [{"id": "dard"}],
        "tasks": [{"id": "k1", "title_vi": "Tập huấn", "kind": "training", "starts": "2026-06-02", "ends": "2026-09-30"}],
        "reporting": [{"id": "r1", "what": "yearly", "every": "year", "due": {"day": 15, "month": 12, "words": "15/12"}}],
    }  # fmt: skip
    await told(r, "/plans", CHAIRMAN, plan)


async def told(r: Register, path: str, who: Who, body: dict[str, Any]) -> None:
    answer = await r.clients["programme"].post(path, json=body, headers=bearer(who))
    assert answer.status_code == 201, answer.text


async def reported(r: Register, percent: int) -> None:
    task = {"name": f"Nhiệm vụ, đã {percent}%", "province": "51", "done_percent": percent, "account": "Đã làm."}
    await told(r, f"/tasks/{TASK}/reports", AGENCY, task)


async def by_hand(r: Register) -> None:
    """A figure of a target, an entry of a list, a report that is issued, a task of the plan."""
    says = {"office": "Sở Nông nghiệp và Môi trường", "source": "Báo cáo 12"}
    await told(r, f"/plans/{PLAN}/targets/{TARGET}/figures", AGENCY, says | {"value": 3})
    entry = {"key": "lang-teng", "name": "Làng Teng"}
    await told(r, "/lists/51/craft_villages/entries", AGENCY, says | {"entry": entry})
    await told(r, f"/plans/{PLAN}/tasks/k1/reports", AGENCY, {"done_percent": 40, "account": "Đã mở lớp."})
    issue = {"number": "1/BC", "place": "Quảng Ngãi", "agency": "Sở", "signs": ["GIÁM ĐỐC"], "recipients": ["UBND tỉnh"],
             "duty": "r1"}  # fmt: skip
    await told(r, f"/plans/{PLAN}/reports", AGENCY, {"issue": issue, "on": "2026-07-20"})


async def trained(r: Register) -> None:
    training = {"subject": "Bao bì", "province": "51", "producers": 20, "officers": 2}
    await told(r, "/trainings", AGENCY, training)


async def renewed(r: Register) -> None:
    await r.score(STEAM, 5, "national", "2026-08-21", kind="renewal", dossier_id=an_id("late"))
    await r.day("2026-08-28")
    assert (await r.issue(STEAM, 5, "2026-08-28", MINISTER)).json()["replaced"] == "GCN-TW-2023-00001"


async def issued(r: Register) -> None:
    for facts in (SALT, NOODLES):
        await r.score(facts, 3, "province", "2026-09-15")
        assert (await r.issue(facts, 3, "2026-09-15")).status_code == 201


async def upgraded(r: Register) -> None:
    await r.score(SALT, 4, "province", "2026-10-18", kind="upgrade")
    assert (await r.issue(SALT, 4, "2026-10-18")).json()["replaced"] == "GCN-51-2026-00001"


async def revoked(r: Register) -> None:
    """Decided on a day of the month before, as it may be written down later."""
    await r.day("2026-12-01")
    stop = await r.ask("/certificates/GCN-51-2026-00002/production-stop", COMMUNE, account="Cơ sở đã đóng cửa")
    assert stop.status_code == 200
    await r.day("2026-12-10")
    basis = {"ground": "đ", "decision": decision("2026-12-10")}
    assert (await r.ask("/certificates/GCN-51-2026-00002/revocation", CHAIRMAN, **basis)).status_code == 200


Step = Callable[[Register], Awaitable[None]]
JOURNEY: list[Step] = [
    earlier, late, planned, lambda r: reported(r, 10), lambda r: r.day("2026-07-18"), renewed, by_hand, issued, trained,
    lambda r: reported(r, 60), upgraded, lambda r: r.day("2026-11-15"), lambda r: reported(r, 100), revoked,
    lambda r: r.day("2027-02-01"),
]  # fmt: skip

# --- what is asked on the way, and again afterwards ---


class Question(NamedTuple):
    house: str
    path: str
    params: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"/{self.house}{self.path}?{'&'.join('='.join(p) for p in self.params)}"


def ask(house: str, path: str, **params: object) -> Question:
    return Question(house, path, tuple((name, str(value)) for name, value in params.items()))


QUESTIONS = [
    *(ask("certification", f"/certificates/{number}{what}") for number in NUMBERS for what in ("", "/details")),
    *(ask("certification", f"/certificates/{number}", on=on)
      for number in NUMBERS if number != LAPSED for on in ("2026-07-18", "2027-01-01")),
    ask("certification", "/certificates", limit=1000), ask("certification", "/certificates", product=SALT.product.id),
    *(ask("programme", "/recognised", by=by) for by in get_args(Dimension)),
    ask("programme", "/recognised", on="2026-08-01"), ask("programme", "/recognised/list", count="ever"),
    ask("programme", "/recognised/list"), ask("programme", "/counts"), ask("programme", "/recognised/overview"),
    ask("programme", "/recognised/ending", since="2029-01-01", until="2030-12-31"),
    *(ask("programme", "/national", what=f"certificates{kind}", by=by)
      for kind in ("", "_valid", "_extended", "_expired", "_revoked", "_replaced") for by in ("province", "commune")),
    ask("programme", "/national", what="certificates_valid", by="stars", on="2026-09-30"),
    ask("programme", "/national", what="trainings", by="year"), ask("programme", "/national", what="tasks_done"),
    ask("programme", "/national/list", what="certificates_valid"), ask("programme", "/national/list", what="tasks"),
    ask("programme", "/national/list", what="certificates_replaced", map="day"),
    ask("programme", "/national/cycle"), ask("programme", "/national/cycle", map="day", year=2026),
    ask("programme", "/plans"), ask("programme", f"/plans/{PLAN}"), ask("programme", f"/plans/{PLAN}", on="2026-09-20"),
    ask("programme", "/tasks"), ask("programme", f"/tasks/{TASK}"), ask("programme", "/trainings"),
    *(ask("programme", f"/plans/{PLAN}/{part}") for part in ("tasks", "duties", "calendar", "file", "reports")),
    ask("programme", f"/plans/{PLAN}/targets/{TARGET}/figures"), ask("programme", "/lists/51"),
    ask("programme", f"/plans/{PLAN}/report", on="2026-07-20"),
]  # fmt: skip


class Said(NamedTuple):
    """What was answered at an instant."""

    at: datetime
    question: Question
    status: int
    body: bytes


class Journey:
    """The register after it, and every answer on the way."""

    def __init__(self, register: Register) -> None:
        self.register, self.said = register, list[Said]()

    async def go(self, step: Step) -> None:
        await step(self.register)
        await self.settled()
        at = self.register.certification.clock.now().at
        for question in QUESTIONS:
            answer = await self.get(question)
            self.said.append(Said(at, question, answer.status_code, answer.content))

    async def get(self, question: Question, **more: str) -> httpx.Response:
        client = self.register.clients[question.house]
        return await client.get(question.path, params=dict(question.params) | more)

    async def settled(self) -> None:
        """Returns when each view has all that its own house and certification said, which alone is relayed."""
        houses = self.register.houses
        for house in houses.values():
            for view in house.room.views:
                if view.source in (house.name, "certification"):
                    await house.freshness.wait(view, f"{view.source}:{await houses[view.source].store.head()}")

    async def differing(self) -> list[str]:
        """The answers that are not had again."""
        found = []
        for at, question, status, body in self.said:
            answer = await self.get(question, known_at=as_utc(at))
            if (answer.status_code, without_instant(answer.content)) != (status, without_instant(body)):
                found.append(f"{question} at {at}: {status} {body!r} is now {answer.status_code} {answer.content!r}")
        return found


def without_instant(body: bytes) -> bytes:
    """Without what the links to lists say besides, and a draft of itself: they are of the same instant."""
    return re.sub(rb'&known_at=[^&"]*|"known_at":"[^"]*"', b"", body)


@pytest.fixture(scope="module")
async def journey(postgres: Server) -> AsyncIterator[Journey]:
    async with AsyncExitStack() as stack:
        journey = Journey(await opened(stack, postgres))
        for step in JOURNEY:
            await journey.go(step)
        yield journey


async def test_every_answer_of_the_journey_is_had_again_byte_for_byte(journey: Journey) -> None:
    assert len(journey.said) == len(JOURNEY) * len(QUESTIONS)
    assert await journey.differing() == []


def test_the_journey_changes_every_answer_that_is_asked_for_again(journey: Journey) -> None:
    """Otherwise to have it again would prove nothing. A number of today alone also changes with the day."""
    for question in QUESTIONS:
        bodies = {said.body for said in journey.said if said.question == question}
        assert len(bodies) > 1, question


async def test_they_are_the_same_of_views_that_were_made_again(journey: Journey) -> None:
    for house in journey.register.houses.values():
        for view in house.room.views:
            database = journey.register.databases[house.name]
            source = source_of(journey.register, house.name, view)
            await Rebuild(database.owner_dsn, house.room, view, source, database.server_role).run()
    assert await journey.differing() == []


async def test_what_was_is_compared_by_fsck(journey: Journey) -> None:
    result = Findings()
    for name, house in journey.register.houses.items():
        async with owned(journey.register.databases[name]) as owner:
            await check_views(owner, house.room, lambda view, n=name: source_of(journey.register, n, view), result)
    assert result.findings == []
    programme = journey.register.houses["programme"].store.pool
    assert await programme.fetchval("SELECT count(*) FROM views.recognitions_was") > 3


def source_of(r: Register, house: str, view: View) -> Source:
    store = r.houses[house].store
    if view.source == house:
        return OwnFacts(store, view)
    if view.source == "certification":
        return ToldFacts(r.certification.store, CERTIFICATION.published, Listening(view, store))
    return Given()  # the other houses have said nothing here


# --- both times at once ---


async def test_a_status_on_a_day_is_what_the_register_then_knew_of_that_day(journey: Journey) -> None:
    async def status(number: str, on: str, known_at: str) -> str:
        question = ask("certification", f"/certificates/{number}", on=on)
        return (await journey.get(question, known_at=known_at)).json()["status"]

    before, after = "2026-12-09T16:59:59Z", "2026-12-10T12:00:00Z"
    assert await status("GCN-51-2026-00002", "2027-01-01", before) == "valid"
    assert await status("GCN-51-2026-00002", "2027-01-01", after) == "revoked"
    assert await status("GCN-51-2026-00002", "2026-12-09", after) == "valid"
    assert await status("GCN-51-2026-00002", "2026-12-09", "2026-09-14T00:00:00Z") == "unknown"
    assert await status("GCN-TW-2023-00001", "2026-07-18", "2026-06-07T00:00:00Z") == "expired"
    assert await status("GCN-TW-2023-00001", "2026-07-18", "2026-06-08T12:00:00Z") == "expired"
    assert await status("GCN-TW-2023-00001", "2026-07-18", "2026-07-18T12:00:00Z") == "extended"


async def test_a_day_that_is_not_named_is_the_day_of_the_instant_in_viet_nam(journey: Journey) -> None:
    question = ask("certification", "/certificates/GCN-51-2026-00001")
    for instant, day in [("2026-10-01T16:59:59.999999Z", "2026-10-01"), ("2026-10-01T17:00:00Z", "2026-10-02"),
                         ("2026-10-02T00:30:00+07:00", "2026-10-02")]:  # fmt: skip
        answer = await journey.get(question, known_at=instant)
        assert answer.json()["on"] == day


async def test_a_number_leads_to_its_list_of_the_same_instant(journey: Journey) -> None:
    for at in ("2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"):
        question = ask("programme", "/national", what="certificates", by="stars", on="2027-02-01")
        found = (await journey.get(question, known_at=at)).json()
        assert found["values"]
        for row in found["values"]:
            listed = (await journey.register.clients["programme"].get(f"/{row['list']}")).json()
            assert len(listed) == row["count"]
    assert found["total"] == 6


async def test_the_head_of_the_answer_tells_the_instant(journey: Journey) -> None:
    at = "2026-09-20T09:00:00+07:00"
    for question in {(q.house, q.path): q for q in QUESTIONS}.values():
        answer = await journey.get(question, known_at=at)
        assert answer.status_code in (200, 404)
        if answer.is_success:
            assert answer.headers["ocop-known-at"] == "2026-09-20T02:00:00Z"
        assert "ocop-known-at" not in (await journey.get(question)).headers


# --- what cannot be asked ---

ASKED = [*{(q.house, q.path): q for q in QUESTIONS}.values()]


@pytest.mark.parametrize("known_at", [
    "2026-09-20", "2026-09-20T02:00:00", "1726797600", "yesterday", "", "2026-09-31T00:00:00Z", "2026-09-20T25:00:00Z",
    "2026-09-20 02:00:00Z", "0001-01-01T00:00:00+14:00", "2026-09-20T02:00:00Z'--",
])  # fmt: skip
async def test_what_is_no_instant_is_refused_with_its_rule(journey: Journey, known_at: str) -> None:
    for question in ASKED:
        answer = await journey.get(question, known_at=known_at)
        assert answer.status_code == 422, question
        assert answer.headers["content-type"] == "application/problem+json"
        (error,) = {(e["field"], e["rule"]) for e in answer.json()["errors"]}
        assert error == ("known_at", "instant-parsing")


async def test_nobody_can_ask_what_is_going_to_be_known(journey: Journey) -> None:
    later = as_utc(datetime.now(UTC) + timedelta(days=3650))
    for question in ASKED:
        answer = await journey.get(question, known_at=later)
        assert (answer.status_code, answer.json()["rule"]) == (422, "known-at-in-future"), question
        assert answer.json()["errors"][0]["field"] == "known_at"


async def test_a_list_that_does_not_remember_says_so_instead_of_answering_for_today(journey: Journey) -> None:
    for path in ("/proposals", "/counts", "/histories"):
        answer = await journey.get(ask("certification", path), known_at="2026-09-20T02:00:00Z")
        assert (answer.status_code, answer.json()["rule"]) == (422, "known-at-not-remembered")


def test_the_questions_are_of_every_door_that_takes_known_at(journey: Journey) -> None:
    asked = {
        re.sub(rf"{PLAN}|{TASK}|{TARGET}|GCN-[^/]*|(?<=/lists/)51", "{}", f"/{q.house}{q.path}") for q in QUESTIONS
    }
    taking = set(chain.from_iterable(
        (f"/{name}{re.sub(r'{[^}]*}', '{}', path)}" for path, item in house.app().openapi()["paths"].items()
         if any(p["name"] == "known_at" for p in item.get("get", {}).get("parameters", [])))
        for name, house in journey.register.houses.items()
    ))  # fmt: skip
    assert {path for path in taking if "/aggregates/" not in path} == asked
