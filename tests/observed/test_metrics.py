"""Metrics as Prometheus reads them: well named, described, true, and never more series than are declared."""

import asyncio
import random
import subprocess
import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from ocop.reference import metrics as reference
from ocop.standalone import Program
from shared.auth.actors import Actor
from shared.bus.reactions import Policy, Reactions
from shared.clock import Clock
from shared.contracts.envelope import Envelope
from shared.eventstore.commands import Request
from shared.eventstore.store import EventStore
from shared.eventstore.views import Fact, Stretch, advance
from shared.eventstore.watching import MOST_ENDS, Lag, Watching
from shared.measures import OTHER, Label
from shared.metrics import (
    COMMANDS,
    CONSUMER_LAG,
    DECLARED,
    DELIVERED,
    DOSSIERS,
    HTTP_REQUESTS,
    HTTP_SECONDS,
    REGISTRY,
    RELAY_FAILURES,
    UNKNOWN_ROUTE,
)  # fmt: skip
from tests.given import an_id
from tests.observed.series import counted, value
from tests.opened import opened
from tests.promtool import promtool
from tests.store import counter
from tests.store.counter import COMMANDS as COUNTING
from tests.store.counter import COUNTERS, HOUSE, ROOM, Add, OpenCounter
from tests.whole import bearer, browser_on, on_new_databases

ACTOR = Actor("someone", "agency", "51")


@pytest.fixture
async def store(database: HouseDatabase) -> AsyncIterator[EventStore]:
    async with opened(database, ROOM) as store:
        yield store


@pytest.fixture(scope="module")
async def program(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Program]:
    async with on_new_databases(postgres, tmp_path_factory.mktemp("evidence")) as program:
        yield program


def request(id: str) -> Request:
    return Request(id=id, actor=ACTOR, action="count", correlation=id)


# --- as Prometheus and people read them ---


async def test_promtool_finds_nothing_wrong_with_what_a_program_at_work_says(program: Program) -> None:
    async with browser_on(program) as browser:
        for path in ("/", "/registration/producers", "/registration/nothing", "/events"):
            await browser.get(path)
        said = await browser.get("/metrics")
    assert said.headers["content-type"].startswith("text/plain; version=")
    checked = await asyncio.to_thread(
        subprocess.run, [promtool(), "check", "metrics"], input=said.text, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
    for name in ("ocop_http_requests_total{", "process_resident_memory_bytes ", "python_info{", "ocop_build_info{"):
        assert f"\n{name}" in said.text


def test_the_reference_is_made_of_the_declarations() -> None:
    assert reference.FILE.read_text(encoding="utf-8") == reference.text(), "python -m ocop.reference.metrics"


def test_every_metric_on_the_registry_is_declared_or_of_the_process_itself() -> None:
    declared = {measure.name.removesuffix("_total") for measure in DECLARED.all} | {"process", "python"}
    for family in REGISTRY.collect():
        assert family.name in declared or family.name.split("_")[0] in {"process", "python"}
        assert family.name in declared or not family.name.startswith("ocop")


# --- the store ---


async def test_events_stored_are_counted_once_and_the_queue_is_empty_afterwards(store: EventStore) -> None:
    before = value("ocop_appended_events_total", house=HOUSE)
    asked = [
        COUNTING.execute(OpenCounter(id=an_id(str(n)), name=str(n)), request(f"open {n}"), store, Clock())
        for n in range(40)
    ]
    await asyncio.gather(*asked)
    again = await COUNTING.execute(OpenCounter(id=an_id("0"), name="0"), request("open 0"), store, Clock())
    assert again.repeated
    assert value("ocop_appended_events_total", house=HOUSE) - before == 40
    assert value("ocop_append_queue", house=HOUSE) == 0


async def test_a_view_that_stands_still_is_seen_to_fall_behind_and_to_catch_up(store: EventStore) -> None:
    watching = Watching(store, [COUNTERS])
    labels = {"house": HOUSE, "view": "counters", "source": HOUSE}
    for n in range(4):
        await COUNTING.execute(OpenCounter(id=an_id(str(n)), name=str(n)), request(f"open {n}"), store, Clock())
    await watching.look()
    first = time.monotonic()
    await asyncio.sleep(0.05)
    await watching.look()
    assert value("ocop_view_lag_events", **labels) == 4
    assert 0.05 <= value("ocop_view_lag_seconds", **labels) < time.monotonic() - first + 0.05
    assert value("ocop_rebuild_progress_ratio", house=HOUSE, view="counters") == 0
    facts = [Fact(r.position, r.event, HOUSE) for r in await store.feed(0, 3)]
    await advance(store.pool, COUNTERS, [Stretch(HOUSE, facts, 3)])
    await watching.look()
    assert value("ocop_view_lag_events", **labels) == 1
    assert value("ocop_rebuild_progress_ratio", house=HOUSE, view="counters") == 0.75
    await advance(store.pool, COUNTERS, [Stretch(HOUSE, [], 4)])
    await watching.look()
    assert value("ocop_view_position", **labels) == watching.head == 4
    assert value("ocop_view_lag_events", **labels) == value("ocop_view_lag_seconds", **labels) == 0
    assert value("ocop_rebuild_progress_ratio", house=HOUSE, view="counters") == 1


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(1, 60)), max_size=60))
def test_the_seconds_behind_are_those_since_the_first_lacking_event_was_seen(
    steps: list[tuple[int, int, int]],
) -> None:
    """`steps`: how many events came, how many the reader took at most, how many seconds passed."""
    lag, at, end, now = Lag(), 0, 0, 0.0
    seen: dict[int, float] = {}
    for came, took, seconds in steps:
        now += seconds
        seen |= dict.fromkeys(range(end + 1, end + came + 1), now)
        end += came
        at = min(end, at + took)
        assert lag.seen(at, end, now) == (end - at, now - seen[at + 1] if at < end else 0.0)


def test_what_a_lag_remembers_is_bounded_and_it_still_knows_since_when() -> None:
    lag = Lag()
    for second in range(10 * MOST_ENDS):
        events, seconds = lag.seen(0, second + 1, float(second))
        assert (events, seconds) == (second + 1, second)
        assert len(lag._ends) <= MOST_ENDS + 1


# --- never more series than are declared ---


def words(count: int) -> list[str]:
    chance = random.Random(5)
    return ["".join(chance.choices("abcdefghijklmnop-{}/%é", k=12)) for _ in range(count)]


def grew(before: dict[str, int]) -> dict[str, int]:
    """The families that have more series than before."""
    now = counted()
    return {name: now[name] - before.get(name, 0) for name in now if now[name] > before.get(name, 0)}


async def test_addresses_and_methods_that_nobody_knows_make_no_series_of_their_own(program: Program) -> None:
    async with browser_on(program) as browser:

        async def flood(odd: list[str]) -> None:
            for word in odd:
                await browser.get(f"/{word}")
                await browser.get(f"/registration/{word}", headers=bearer("agency", "51"))
                await browser.get(f"/c/{word}", headers={"accept": "application/json"})
                await browser.get(f"/registration/dossiers/{uuid4()}", headers=bearer("agency", "51"))
                await browser.request(word.replace("/", "").upper() or "X", "/registration/dossiers")
                await browser.get(f"/{word}/events")

        await flood([*words(3), "x/", "x//y", "x{y}", "%2e%2e", "%00"])
        before = HTTP_REQUESTS.series()
        await flood(words(60)[3:])
    assert HTTP_REQUESTS.series() == before
    said = {route for _, _, route, _ in HTTP_REQUESTS.series()}
    assert UNKNOWN_ROUTE in said
    assert not {word for word in words(60) for route in said if word in route}


async def test_commands_refused_by_rules_without_end_are_counted_together(store: EventStore) -> None:
    rules = [f"rule {n}" for n in range(600)]
    for rule in rules:
        COMMANDS.labels(HOUSE, "Add", rule).inc()
    before = counted()
    for rule in rules:
        COMMANDS.labels(HOUSE, "Add", f"more {rule}").inc()
    assert grew(before) == {}
    assert len({outcome for _, _, outcome in COMMANDS.series()}) <= 401
    assert value("ocop_commands_total", house=HOUSE, command="Add", outcome=OTHER) >= 600


async def test_a_refusal_is_counted_under_its_rule_and_not_under_what_was_sent(store: EventStore) -> None:
    await COUNTING.execute(OpenCounter(id=an_id("a"), name="a"), request("open"), store, Clock())

    async def refused(number: int) -> None:
        with pytest.raises(counter.TooMuch):
            await COUNTING.execute(Add(counter_id=an_id("a"), number=number), request(f"add {number}"), store, Clock())

    await refused(1001)
    before = counted()
    for number in range(1002, 1040):
        await refused(number)
    assert grew(before) == {}


async def test_messages_of_unknown_types_and_houses_make_no_series_of_their_own(store: EventStore) -> None:
    reactions = Reactions(Policy(HOUSE), COUNTING, store, Clock(), Actor("policy", "clock", "TW"))

    def message(number: int, word: str) -> Envelope:
        return Envelope(
            id=f"evaluation:{number}", type=f"vn.ocop.{word}.v1", source=f"/ocop/{word}", subject=word,
            time=datetime(2026, 6, 1, tzinfo=UTC), dataschema="x", key=word, province=word[:2],
            data={"legal_date": date(2026, 6, 1).isoformat()},
        )  # fmt: skip

    odd = words(100)
    await reactions.send("evaluation", [message(1, odd[0])], 1)
    DELIVERED.labels("registration.reactions", odd[0], "done")
    before = counted()
    await reactions.send("evaluation", [message(n, word) for n, word in enumerate(odd, 2)], 101)
    for word in odd:
        DELIVERED.labels("registration.reactions", word, "done").inc()
    assert grew(before) == {}


def test_every_label_of_every_metric_takes_hostile_values_without_end_and_stays_within_its_set() -> None:
    odd = [*words(500), *(str(n) for n in range(1000, 1400)), "", "\n", "x" * 5000]
    for measure in DECLARED.all:
        most = 1
        for label in measure.bounds:
            fresh = Label(label.name, label.about, label.values, label.most)
            said = {fresh.bounded(word) for word in odd}
            assert said <= {OTHER} if label.values else len(said) <= label.most + 1
            most *= 1 if label.values else label.most + 1
        assert most < 10**9


def test_a_label_value_outside_of_its_set_is_counted_under_other() -> None:
    for measure, values in (
        (DOSSIERS, ("submitted", "99")), (CONSUMER_LAG, ("somewhere", "somewhere.reactions", "ocop.registration", "12")),
        (RELAY_FAILURES, ("registration", "boom")), (HTTP_SECONDS, ("registration", "BREW", "/events", "999")),
    ):  # fmt: skip
        assert OTHER in measure.bounded(*values)
    assert DOSSIERS.bounded("submitted", "51") == ("submitted", "51")
    assert CONSUMER_LAG.bounded("programme", "programme.registered", "ocop.registration", 11) == (
        "programme", "programme.registered", "ocop.registration", "11",
    )  # fmt: skip
    with pytest.raises(ValueError, match="zip"):
        DOSSIERS.labels("submitted")


async def test_series_of_a_program_at_work_all_lie_within_what_is_declared(program: Program) -> None:
    async with browser_on(program) as browser:
        await browser.get("/registration/producers")
    for measure in DECLARED.all:
        for series in measure.series():
            for label, said in zip(measure.bounds, series, strict=True):
                assert said == OTHER or label.bounded(said) == said
