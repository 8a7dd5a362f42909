"""Contracts said again to one consumer: all that it asked for, in order, marked, and nobody else hears of it."""

import asyncio
import gc
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from ocop.databases import HouseDatabase
from shared.bus.onkafka import OnKafka
from shared.bus.reactions import Policy
from shared.bus.reading import reading
from shared.bus.replaying import (
    Interrupted,
    NotAConsumer,
    Span,
    ToKafka,
    replay,
    span_of,
    to_kafka_topic,
    topic_of,
)
from shared.bus.telling import partition_of
from shared.bus.wire import from_kafka
from shared.clock import Clock
from shared.contracts.topics import ALL_TOPICS, HOUSES
from shared.house import House, running
from tests.bus.two_houses import (
    HEARER,
    PUBLISHED,
    TELLER,
    WAIT_SECONDS,
    Faults,
    count,
    heard_all,
    house_on,
    numbers_of,
    on_topic,
    policy_of,
    until,
)
from tests.holding import held_and_dead

Two = dict[str, HouseDatabase]
DAYS = ("2026-06-01", "2026-06-02", "2026-06-04")


@pytest.fixture
async def teller(two: Two) -> AsyncIterator[House]:
    """It opens three counters on each of three days and adds to each: positions 1–27, nine of each day."""
    async with house_on(two[TELLER], TELLER, Policy(TELLER)) as house:
        for day in DAYS:
            house.clock = Clock(lambda day=day: datetime.fromisoformat(f"{day}T03:00:00").replace(tzinfo=UTC))
            for number in range(3):
                await count(house, f"{day}/{number}", 1, 2, first=True)
        yield house


@pytest.fixture
def consumer() -> str:
    """A name that no other test has used on this broker."""
    return f"nong-san-{uuid4().hex[:12]}"


async def read(bootstrap: str, consumer: str) -> list[ConsumerRecord]:
    """Everything written on the consumer's topic and committed, partition after partition."""
    topic, found = topic_of(consumer), []
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    async with reading(bootstrap) as reader, reading(bootstrap, "read_uncommitted") as written:
        reader.assign(partitions)
        ends = await written.end_offsets(partitions)
        async with asyncio.timeout(WAIT_SECONDS):
            while any([await reader.position(p) < end for p, end in ends.items()]):
                for records in (await reader.getmany(timeout_ms=50)).values():
                    found += records
    return sorted(found, key=lambda record: (record.partition, record.offset))


def positions(records: list[ConsumerRecord]) -> list[int]:
    return sorted(int(dict(record.headers)["ce_id"].decode().partition(":")[2]) for record in records)


async def said_again(
    house: House, bootstrap: str, consumer: str, span: Span, types: set[str] | None = None
) -> tuple[int, UUID]:
    id = uuid4()
    async with to_kafka_topic(bootstrap, consumer, id) as topic:
        return await replay(house.store, PUBLISHED, span, types, topic), id


# --- what is said ---


async def test_everything_is_said_again_with_its_own_id_in_order_and_marked(
    teller: House, kafka: str, consumer: str
) -> None:
    said, id = await said_again(teller, kafka, consumer, await span_of(teller.store, 1, None))
    records = await read(kafka, consumer)
    assert said == len(records) == 27
    assert positions(records) == list(range(1, 28))
    by_key: dict[bytes | None, list[int]] = defaultdict(list)
    for record in records:
        headers = dict(record.headers)
        assert (headers["ce_replay"], headers["ce_replayid"].decode()) == (b"true", str(id))
        assert record.partition == partition_of(record.key, 12)
        envelope = from_kafka(record.key, record.value, record.headers)
        assert envelope.house == TELLER
        by_key[record.key].append(envelope.position)
    assert len(by_key) == 9
    assert all(found == sorted(found) for found in by_key.values())


async def test_it_is_what_was_said_the_first_time(teller: House, topics: str, consumer: str) -> None:
    async with running(teller.wake.listen, *OnKafka(teller, topics).tasks()), asyncio.timeout(WAIT_SECONDS):
        while len(await on_topic(topics)) < 27:
            await asyncio.sleep(0.05)
    await said_again(teller, topics, consumer, await span_of(teller.store, 1, None))
    again = [(r.partition, dict(r.headers)["ce_id"].decode(), r.key.decode()) for r in await read(topics, consumer)]
    assert again == await on_topic(topics)


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        (5, 7, (5, 7)), (26, None, (26, 27)), (28, None, None), (1, 400, (1, 27)), (9, 3, None),
        (date(2026, 6, 2), None, (10, 27)), (date(2026, 6, 2), date(2026, 6, 2), (10, 18)),
        (date(2026, 6, 3), date(2026, 6, 3), None), (date(2026, 5, 1), date(2026, 6, 1), (1, 9)),
        (date(2026, 6, 5), None, None), (12, date(2026, 6, 3), (12, 18)),
    ],
    ids=str,
)  # fmt: skip
async def test_both_ends_are_included_whether_positions_or_days(
    begin: int | date, end: int | date | None, said: tuple[int, int] | None, teller: House
) -> None:
    kept = Kept()
    span = await span_of(teller.store, begin, end)
    reached: list[int] = []
    await replay(teller.store, PUBLISHED, span, None, kept, reached.append)
    assert kept.positions == (list(range(said[0], said[1] + 1)) if said else [])
    assert reached == sorted(reached)
    assert reached[-1] - (span.first - 1) == span.length


class Kept:
    def __init__(self) -> None:
        self.positions: list[int] = []

    async def say(self, envelopes) -> None:  # type: ignore[no-untyped-def]
        self.positions += [envelope.position for envelope in envelopes]


async def test_only_the_types_asked_for_are_said(teller: House) -> None:
    kept = Kept()
    said = await replay(teller.store, PUBLISHED, await span_of(teller.store, 1, None), {"_Opened"}, kept)
    assert (said, kept.positions) == (9, [1, 4, 7, 10, 13, 16, 19, 22, 25])


# --- whom it does not disturb ---


async def test_nobody_else_hears_of_it_and_no_position_moves(
    teller: House, two: Two, topics: str, consumer: str
) -> None:
    async with house_on(two[HEARER], HEARER, policy_of(Faults())) as hearer:
        tasks = [*OnKafka(teller, topics).tasks(), *OnKafka(hearer, topics).tasks()]
        async with running(teller.wake.listen, hearer.wake.listen, *tasks):
            await heard_all(teller, hearer)
            await until(lambda: all_told(teller, hearer))
            before = [await standing(house) for house in (teller, hearer)]
            messages = await on_topic(topics)
            for _ in range(2):
                await said_again(teller, topics, consumer, await span_of(teller.store, 1, None))
            assert await on_topic(topics) == messages
            assert [await standing(house) for house in (teller, hearer)] == before
            await count(teller, "afterwards", 3, first=True)  # what is said now is heard behind whatever was said again
            await heard_all(teller, hearer)
        assert [await numbers_of(hearer, name) for name in ("2026-06-01/0", "afterwards")] == [[1, 2], [3]]
        assert (await hearer.store.head(), await held_and_dead(hearer.store)) == (29, (0, 0))
    assert len(await read(topics, consumer)) == 54


async def all_told(*houses: House) -> bool:
    """The relays have come to the ends of their stores, too."""
    return all([await house.store.position("relay", house.name) == await house.store.head() for house in houses])


async def standing(house: House) -> tuple[object, object]:
    requests = await house.store.pool.fetchval("SELECT count(*) FROM requests")
    return await house.store.standing(), requests


async def test_two_consumers_have_topics_of_their_own(teller: House, kafka: str, consumer: str) -> None:
    await said_again(teller, kafka, consumer, Span(1, 3))
    await said_again(teller, kafka, f"{consumer}-2", Span(10, 10))
    assert positions(await read(kafka, consumer)) == [1, 2, 3]
    assert positions(await read(kafka, f"{consumer}-2")) == [10]


async def test_a_second_replay_to_the_same_consumer_ends_the_first(teller: House, kafka: str, consumer: str) -> None:
    """Two orders on one topic would be none."""

    async def first() -> None:
        async with to_kafka_topic(kafka, consumer, uuid4()) as topic:
            await replay(teller.store, PUBLISHED, Span(1, 3), None, topic)
            await said_again(teller, kafka, consumer, Span(1, 5))
            await replay(teller.store, PUBLISHED, Span(4, 9), None, topic)

    with pytest.raises(Interrupted):
        await first()
    gc.collect()  # the driver's own futures say once more that they failed: now, and not within whatever runs later
    assert positions(await read(kafka, consumer)) == [1, 1, 2, 2, 3, 3, 4, 5]


async def test_a_broker_that_is_not_there_is_said_so(consumer: str) -> None:
    async def to_nobody() -> None:
        async with to_kafka_topic("127.0.0.1:1", consumer, uuid4()) as topic:
            assert isinstance(topic, ToKafka)

    with pytest.raises(Interrupted, match=r"Kafka 127\.0\.0\.1:1"):
        await to_nobody()


# --- who it may be ---


@pytest.mark.parametrize("name", [*HOUSES, "portal", "relay", "", "Trang", "a b", "-a", "a-", "ă", "a" * 64, "../x"])
def test_a_name_of_the_registers_own_or_no_name_at_all_is_refused(name: str) -> None:
    with pytest.raises(NotAConsumer):
        topic_of(name)


@pytest.mark.parametrize("name", ["a", "so-cong-thuong-51", "x" * 63])
def test_a_replay_never_goes_to_a_topic_of_the_bus(name: str) -> None:
    assert topic_of(name).name == f"ocop.replay.{name}"
    assert topic_of(name).name not in {topic.name for topic in ALL_TOPICS}
