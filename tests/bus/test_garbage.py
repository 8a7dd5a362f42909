"""What does not belong on a topic becomes a dead letter: it moves nobody's position, and nobody waits for it."""

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from ocop.databases import HouseDatabase
from shared.bus.telling import last_mark, read_mark
from shared.bus.wire import Malformed, from_kafka
from shared.contracts.topics import HOUSES, MARKS
from shared.house import House
from tests.bus.two_houses import TELLER, Faults, count, heard_all, hearer_at_work, in_view, throw, until

Two = dict[str, HouseDatabase]
WHOLE = {
    "ce_id": f"{TELLER}:{10**17}", "ce_type": "vn.ocop._Added.v1", "ce_source": f"/ocop/{TELLER}", "ce_subject": "x",
    "ce_time": "2026-06-01T00:00:00Z", "ce_dataschema": "x",
}  # fmt: skip


def headers(**other: str) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in (WHOLE | other).items()]


async def test_what_is_no_contract_moves_no_position_whatever_it_says_of_itself(
    two: Two, topics: str, teller: House
) -> None:
    async with hearer_at_work(two, topics, Faults()) as hearer:
        for number in range(24):
            await throw(
                topics, (b"k%d" % number, b'{"legal_date": "2026-06-01"}', headers(ce_id=f"{TELLER}:{10**17 + number}"))
            )

        async def all_kept() -> bool:
            return await hearer.store.pool.fetchval("SELECT count(*) = 24 FROM held WHERE kind = 'malformed'")

        await until(all_kept)
        for name in "abcdefgh":
            await count(teller, name, 1, 2, first=True)
        await heard_all(teller, hearer)
        for name in "abcdefgh":
            assert await in_view(hearer, name) == [1, 2]


async def test_garbage_among_the_marks_is_passed_over(two: Two, topics: str, teller: House) -> None:
    async with hearer_at_work(two, topics, Faults()) as hearer:
        await count(teller, "a", 1, first=True)
        await heard_all(teller, hearer)
        producer = AIOKafkaProducer(bootstrap_servers=topics)
        await producer.start()
        try:
            for value in (None, b"", b"{", b"[]", b"7", b"{}", b'{"upto": "far"}', b'{"upto": null}', b"\xff"):
                await producer.send_and_wait(MARKS.name, value, b"x", HOUSES.index(TELLER))
        finally:
            await producer.stop()
        assert (await last_mark(topics, TELLER)).upto == await teller.store.head()
        await count(teller, "a", 2)
        await heard_all(teller, hearer)
        assert await in_view(hearer, "a") == [1, 2]


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b"7", b'{"upto": "1"}', b'{"upto": 1.5}', b'{"upto": true}'])
def test_what_is_no_mark_counts_for_nothing(value: bytes | None) -> None:
    assert read_mark(value).upto == 0
    assert read_mark(b'{"upto": 12}').upto == 12


@pytest.mark.parametrize(
    ("key", "value", "subject"),
    [
        (b"a\0b", b"{}", "x"),
        (b"k", b'{"name": "a\\u0000"}', "x"),
        (b"k", b'{"name": "\\\\\\u0000"}', "x"),
        (b"k", b"{}", "a\0"),
    ],
)
def test_a_message_that_no_database_text_can_hold_is_unreadable(key: bytes, value: bytes, subject: str) -> None:
    with pytest.raises(Malformed, match=r"U\+0000"):
        from_kafka(key, value, headers(ce_subject=subject))


def test_text_that_only_looks_like_it_is_text() -> None:
    name = "viết \\u0000 trong tên"
    assert from_kafka(b"k", orjson.dumps({"name": name}), headers()).data == {"name": name}
