"""Whoever may do everything in the database changes what is stored: each way is caught, and its first bad event named."""

import hashlib
import pickle
from typing import Any

import asyncpg
import orjson
import pytest
from joserfc.jwk import OKPKey

from shared.auth.tokens import ALGORITHM
from shared.clock import Clock
from shared.eventstore import proving
from shared.eventstore.checkpointing import Checkpointing
from shared.eventstore.checkpoints import Checkpoint
from shared.eventstore.proving import Chain, prove
from shared.eventstore.store import EventStore
from tests.given import an_id
from tests.store.counter import HOUSE
from tests.store.test_checkpoints import DAY, KEY, made
from tests.store.timed import Machine, a_counter

COUNTERS = 9  # on each of two days: positions 1–9, a checkpoint at 10 and 11, 12–20, a checkpoint at 21
END = 21
OTHER_KEY = OKPKey.generate_key(ALGORITHM)
# Computes every hash anew, as someone would who knows how: the chain is whole again.
FORGE = """
DO $$ DECLARE e record; h bytea := sha256(''); BEGIN
    FOR e IN SELECT * FROM events ORDER BY notification_id LOOP
        h := sha256(h || chained(e.originator_id, e.originator_version, e.topic, e.state, e.recorded_at, e.legal_date,
                                 e.metadata::text));
        UPDATE events SET hash = h WHERE notification_id = e.notification_id;
    END LOOP;
    UPDATE head SET hash = h, position = (SELECT max(notification_id) FROM events);
END $$
"""
# One hole is closed by moving what is behind it: twice, since positions are unique at every moment.
CLOSE_UP = """
UPDATE events SET notification_id = -notification_id WHERE notification_id > {0};
UPDATE events SET notification_id = -notification_id - 1 WHERE notification_id < 0;
"""
SWAP = """
UPDATE events SET notification_id = -1 WHERE notification_id = 4;
UPDATE events SET notification_id = 4 WHERE notification_id = 7;
UPDATE events SET notification_id = 7 WHERE notification_id = -1;
"""
CUT = "DELETE FROM events WHERE notification_id > {0}"
CUT_WITH_HEAD = CUT + "; UPDATE head SET position = {0}, hash = (SELECT hash FROM events WHERE notification_id = {0})"


@pytest.fixture
async def copies(store: EventStore, clock: Clock, machine: Machine) -> list[Checkpoint]:
    """Two days of events, and the checkpoints of them as they were carried away."""
    checkpointing = Checkpointing(store, clock, KEY)
    for day in range(2):
        for number in range(COUNTERS):
            await a_counter(store, clock, f"{day}-{number}")
        machine.at += DAY
        assert await checkpointing.make()
    assert await store.head() == END
    return await made(store)


def whose(number: int) -> Any:
    return an_id(f"0-{number - 1}")


# --- what is whole ---


async def test_a_store_that_nobody_touched_is_whole(owner: asyncpg.Connection, copies: list[Checkpoint]) -> None:
    for kept in ([], copies):
        proof = await prove(owner, HOUSE, copies=kept)
        assert proof.whole, proof
        assert (proof.events, proof.stored, proof.copies, proof.given) == (END, 2, len(kept), None)
        assert proof.keys == {KEY.thumbprint(): 2 + len(kept)}


@pytest.mark.usefixtures("store")
async def test_an_empty_store_is_whole(owner: asyncpg.Connection) -> None:
    assert (await prove(owner, HOUSE)).whole


@pytest.mark.parametrize(
    ("first", "upto", "events"), [(1, 5, 5), (5, None, 17), (7, 7, 1), (21, 400, 1), (22, None, 0)]
)
async def test_a_part_is_proved_by_the_hash_before_it(
    first: int, upto: int | None, events: int, owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    proof = await prove(owner, HOUSE, first=first, upto=upto, copies=copies)
    assert proof.whole, proof
    assert proof.events == events
    assert (proof.given is None) is (first == 1 or events == 0)


@pytest.mark.parametrize("page", [1, 2, 5, 20])
async def test_it_is_the_same_whatever_the_pages(
    page: int, owner: asyncpg.Connection, copies: list[Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "PAGE", page)
    told: list[int] = []
    proof = await prove(owner, HOUSE, copies=copies, tell=told.append, begins=lambda total: told.append(-total))
    assert proof.whole
    assert sum(told) == 0
    await owner.execute("UPDATE events SET topic = 'x' WHERE notification_id = 13")
    bad = (await prove(owner, HOUSE)).bad
    assert bad is not None
    assert bad.position == 13


@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("size", [1, 7, 19, 54, 300])
async def test_it_is_the_same_wherever_the_bytes_are_cut(size: int, owner: asyncpg.Connection) -> None:
    whole = bytearray()

    async def keep(data: bytes) -> None:
        whole.extend(data)

    await owner.copy_from_query(proving.PROOF.chain, 0, END, output=keep, format="binary")
    chain = Chain(0, proving.BEGINNING)
    for begin in range(0, len(whole), size):
        await chain.take(bytes(whole[begin : begin + size]))
    assert (chain.at, chain.bad) == (END, None)


async def test_it_works_beside_whoever_appends(
    store: EventStore,
    clock: Clock,
    owner: asyncpg.Connection,
    copies: list[Checkpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(proving, "PAGE", 3)
    follow, pages = owner.copy_from_query, []

    class Beside:
        """Before each page someone appends."""

        fetchrow, fetchval, fetch = owner.fetchrow, owner.fetchval, owner.fetch

        async def copy_from_query(self, *arguments: Any, **how: Any) -> str:
            pages.append(arguments)
            await a_counter(store, clock, f"meanwhile-{len(pages)}")
            return await follow(*arguments, **how)

    proof = await prove(Beside(), HOUSE, copies=copies)  # type: ignore[arg-type]
    assert proof.whole, proof
    assert (proof.events, len(pages), await store.head()) == (END, 7, END + 7)


# --- what is not ---


@pytest.mark.parametrize(
    "change",
    [
        "state = state || ' '", "legal_date = legal_date - 1", "recorded_at = recorded_at + interval '1 microsecond'",
        "metadata = '{}'", "topic = 'registration.Other'", "originator_version = 7", "hash = sha256('')", "hash = 'short'",
    ],
)  # fmt: skip
async def test_a_row_that_was_changed_is_named(
    change: str, owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute(f"UPDATE events SET {change} WHERE notification_id = 5")
    bad = (await prove(owner, HOUSE, copies=copies)).bad
    assert bad is not None
    assert (bad.position, bad.aggregate) == (5, whose(5))
    assert bad.version == (7 if "version" in change else 1)


async def test_a_row_that_was_given_to_another_aggregate_is_named(
    owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute("UPDATE events SET originator_id = $1 WHERE notification_id = 5", an_id("another"))
    bad = (await prove(owner, HOUSE, copies=copies)).bad
    assert bad is not None
    assert (bad.position, bad.aggregate) == (5, an_id("another"))


async def test_two_rows_that_changed_places_are_named(owner: asyncpg.Connection, copies: list[Checkpoint]) -> None:
    await owner.execute(SWAP)
    bad = (await prove(owner, HOUSE, copies=copies)).bad
    assert bad is not None
    assert (bad.position, bad.aggregate) == (4, whose(7))


@pytest.mark.parametrize("closed_up", [False, True])
async def test_a_row_that_was_taken_out_is_named(
    closed_up: bool, owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute("DELETE FROM events WHERE notification_id = 5")
    if closed_up:
        await owner.execute(CLOSE_UP.format(5))
    bad = (await prove(owner, HOUSE, copies=copies)).bad
    assert bad is not None
    assert (bad.position, bad.aggregate) == (5, whose(6) if closed_up else None)


async def test_a_first_row_that_was_taken_out_is_named(owner: asyncpg.Connection, copies: list[Checkpoint]) -> None:
    await owner.execute("DELETE FROM events WHERE notification_id = 1")
    bad = (await prove(owner, HOUSE, copies=copies)).bad
    assert bad is not None
    assert (bad.position, bad.aggregate) == (1, None)


async def test_a_row_put_behind_the_end_is_found(owner: asyncpg.Connection, copies: list[Checkpoint]) -> None:
    await owner.execute(
        "INSERT INTO events SELECT gen_random_uuid(), 1, topic, state, 22, recorded_at, legal_date, metadata, hash "
        "FROM events WHERE notification_id = 20"
    )
    assert "there are events up to 22, the head is at 21" in (await prove(owner, HOUSE, copies=copies)).findings


async def test_rows_taken_off_the_end_are_missed_by_the_head(
    owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute(CUT.format(18))
    bad = (await prove(owner, HOUSE, copies=copies)).bad
    assert bad is not None
    assert bad.position == 19


@pytest.mark.parametrize(("left", "missed"), [(21, 0), (20, 0), (18, 1), (11, 1), (9, 1), (5, 2)])
async def test_a_store_cut_off_or_restored_to_earlier_is_known_by_the_copies(
    left: int, missed: int, owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    """What was recorded after the last checkpoint is covered by the next one."""
    await owner.execute(CUT_WITH_HEAD.format(left))
    assert (await prove(owner, HOUSE)).whole
    proof = await prove(owner, HOUSE, copies=copies)
    assert len([finding for finding in proof.findings if f"the store ends at {left}" in finding]) == missed
    assert proof.whole is (missed == 0)


async def test_a_chain_computed_anew_is_known_by_the_checkpoints(
    owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute("UPDATE events SET legal_date = '2020-01-01' WHERE notification_id = 15")
    await owner.execute(FORGE)
    proof = await prove(owner, HOUSE)
    assert proof.bad is None  # every hash follows from the one before
    [finding] = proof.findings
    assert "position 20 had another hash; what was recorded from position 10 on was rewritten" in finding
    assert copies[1].day.isoformat() in finding


async def test_a_chain_and_its_checkpoints_made_anew_are_known_by_the_copies_alone(
    owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    """Someone has everything but the installation's key and what was carried away."""
    await owner.execute("UPDATE events SET legal_date = '2020-01-01' WHERE notification_id = 3")
    for copy, at in zip(copies, (11, 21), strict=True):
        await owner.execute(FORGE)
        hash = await owner.fetchval("SELECT hash FROM events WHERE notification_id = $1", copy.position)
        forged = Checkpoint.sign(HOUSE, copy.day, copy.position, hash, OTHER_KEY)
        state = orjson.loads(await owner.fetchval("SELECT state FROM events WHERE notification_id = $1", at))
        state |= forged.model_dump(mode="json", exclude={"house", "day"})
        await owner.execute("UPDATE events SET state = $1 WHERE notification_id = $2", orjson.dumps(state), at)
    await owner.execute(FORGE)
    alone = await prove(owner, HOUSE)
    assert alone.whole
    assert alone.keys == {OTHER_KEY.thumbprint(): 2}
    proof = await prove(owner, HOUSE, copies=copies)
    assert proof.bad is None
    assert [finding.split(": ")[1] for finding in proof.findings] == [
        "position 9 had another hash; what was recorded from position 1 on was rewritten",
        "position 20 had another hash; what was recorded from position 1 on was rewritten",
    ]


async def test_a_checkpoint_signed_by_nobody_is_found(owner: asyncpg.Connection, copies: list[Checkpoint]) -> None:
    forged = copies[0].model_copy(update={"position": 8})
    [finding, *_] = (await prove(owner, HOUSE, copies=[forged])).findings
    assert "nobody has signed this" in finding


async def test_a_checkpoint_that_cannot_be_one_is_found(owner: asyncpg.Connection, copies: list[Checkpoint]) -> None:
    await owner.execute("UPDATE events SET state = $1 WHERE notification_id = 11", b"{}")
    await owner.execute(FORGE)
    findings = (await prove(owner, HOUSE)).findings
    assert any(finding.startswith("the event at position 11 is no checkpoint") for finding in findings)


async def test_a_part_begins_only_behind_an_event_that_is_there(
    owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute("DELETE FROM events WHERE notification_id = 5")
    bad = (await prove(owner, HOUSE, first=6, copies=copies)).bad
    assert bad is not None
    assert bad.position == 5


async def test_the_hash_that_a_part_takes_as_given_is_held_against_a_checkpoint_of_it(
    owner: asyncpg.Connection, copies: list[Checkpoint]
) -> None:
    await owner.execute("UPDATE events SET legal_date = '2020-01-01' WHERE notification_id = 3")
    await owner.execute(FORGE)
    proof = await prove(owner, HOUSE, first=copies[0].position + 1, upto=15, copies=copies[:1])
    assert proof.bad is None
    assert any("position 9 had another hash" in finding for finding in proof.findings)


async def test_memory_does_not_grow_with_the_store() -> None:
    """What is kept of a row is gone with the next one, however the rows lie in the bytes that come."""
    chain = Chain(0, proving.BEGINNING)
    await chain.take(bytes(proving.HEADER_BYTES))
    sizes, digest = [], proving.BEGINNING
    for position in range(1, 2001):
        body = position.to_bytes(8, "big") * 50
        digest = hashlib.sha256(digest + body).digest()
        await chain.take(proving.ROW.pack(3, 8, position, 32, digest, len(body)) + body)
        sizes.append(len(pickle.dumps(vars(chain) | {"_tell": None})))
    assert (chain.at, chain.bad) == (2000, None)
    assert max(sizes) - min(sizes) < 16
