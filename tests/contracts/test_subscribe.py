"""Those who subscribe as `docs/how-to/subscribe.md` shows have every certificate, then the live stream: no gap, no double.

Each example runs as its page says against a real broker, while the register goes on speaking: in transactions, some of
which are aborted or open, with messages delivered again and types that nobody knows.
"""

import asyncio
import importlib.util
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.bus.telling import partition_of
from shared.bus.topics import make_topics
from shared.contracts.topics import CERTIFICATES
from tests.kafka import broker_in, started
from tests.subscribing import EVENTS, HOW_TO, STATE, Heard, Voice, speaking, subscribed

SECONDS = 90
CLOSING_SECONDS = 2
OPEN_SECONDS = 4  # an example has begun to read by then
EXAMPLES = ["subscribe.py", "Subscribe.java", "subscribe.sh"]


@pytest.fixture(scope="module")
async def broker() -> AsyncIterator[str]:
    """A broker of its own: the examples read the register's topics from their beginning."""
    with tempfile.TemporaryDirectory(prefix="ocop-subscribe-") as folder:
        one = broker_in(Path(folder))
        await one.prepare()
        async with started(one):
            await make_topics(one.bootstrap)
            yield one.bootstrap


# --- while it starts ---


def check(heard: Heard, voice: Voice) -> None:
    """Each certificate: its state as of one of its changes, and then every later change once and in order."""
    assert set(heard.told) == set(voice.said), "what was never said, or a gap"
    for number, told in heard.told.items():
        states, events = [one for one in told if one[0] == STATE], [one for one in told if one[0] != STATE]
        assert len(states) <= 1
        assert told == states + events
        since = 0
        for _, status, since in states:
            assert voice.states[number, since] == status
        assert [position for _, _, position in events] == [at for at in voice.said[number] if at > since]


@pytest.mark.parametrize("example", EXAMPLES)
async def test_a_late_subscriber_has_each_certificate_and_then_the_live_stream(example: str, broker: str) -> None:
    prefix = example.replace(".", "-").upper()
    async with (
        asyncio.timeout(SECONDS), speaking(broker, f"relay {prefix}") as producer,
        speaking(broker, f"slow {prefix}") as slow,
    ):  # fmt: skip
        house = Voice(producer, prefix)
        for _ in range(4):
            await house.say(*(house.new() for _ in range(5)))
        await house.say(*(house.upgrade(n) for n in range(4)))
        await house.say(*(house.revoke(n) for n in range(2, 6)))
        await slow.begin_transaction()  # is open while the subscriber asks where everything ends
        await house.send(await house.messages(house.new()), slow)
        async with subscribed(example, broker, prefix) as heard:
            await goes_on(house, heard, slow)
            before = len(house.products)
            await house.say(*(house.revoke(n) for n in range(6, before)))
            await sentinels(house, heard)
            check(heard, house)
            kinds = {what for told in heard.told.values() for what, *_ in told}
            assert kinds >= {STATE, "CertificateRevoked", "CertificateIssued"}


async def goes_on(house: Voice, heard: Heard, slow: AIOKafkaProducer) -> None:
    """The register speaks while the subscriber starts, and the open transaction is committed only after a while."""
    open_until = asyncio.get_running_loop().time() + OPEN_SECONDS
    is_open, n = True, 6
    while is_open or not heard.live.is_set():
        await house.say(house.new(), *([house.upgrade(n)] if n < 12 else []))
        n += 1
        if is_open and asyncio.get_running_loop().time() > open_until:
            await slow.commit_transaction()
            is_open = False


async def sentinels(house: Voice, heard: Heard) -> None:
    """Returns when the subscriber has read to the end: products are certified until each partition had one."""
    partitions = set()
    while len(partitions) < EVENTS.partitions:
        product = house.new()
        await house.say(product)
        partitions.add(partition_of(str(product.about.product.id).encode(), EVENTS.partitions))
        await heard.until(house.number(len(house.products)))


# --- between any two of its steps ---


def example_as_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("subscribe_example", HOW_TO / "subscribe" / "subscribe.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_what_is_said_between_any_two_steps_of_a_subscriber_is_neither_lost_nor_doubled(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the broker has closed a transaction on one topic and is still closing it on the other."""
    example, heard = example_as_module(), Heard("STEPS")
    closing: list[asyncio.Task[None]] = []
    async with (
        asyncio.timeout(SECONDS), speaking(broker, "relay STEPS") as producer, speaking(broker, "slow STEPS") as slow,
    ):  # fmt: skip
        house = Voice(producer, "STEPS")
        changes = iter([lambda: house.revoke(0), lambda: house.upgrade(1)])

        class Interrupted(AIOKafkaConsumer):
            async def end_offsets(self, partitions: Any) -> Any:
                await house.say(house.new())
                if partitions[0].topic == EVENTS.name:
                    closing.append(await half_closed(house, slow))
                found = await super().end_offsets(partitions)
                await house.say(house.new(), next(changes)())
                return found

        await house.say(house.new(), house.new())
        monkeypatch.setattr(example, "AIOKafkaConsumer", Interrupted)
        monkeypatch.setattr(example, "tell", heard.take)
        subscribing = asyncio.create_task(example.subscribe(broker))
        try:
            await heard.live.wait()
            await sentinels(house, heard)
        finally:
            subscribing.cancel()
            await asyncio.gather(subscribing, *closing, return_exceptions=True)
        check(heard, house)


async def half_closed(house: Voice, slow: AIOKafkaProducer) -> asyncio.Task[None]:
    """A contract that is committed, while its state, written before, is committed a while later."""
    messages = await house.messages(house.new())
    await slow.begin_transaction()
    await house.send([one for one in messages if one[0] == CERTIFICATES.name], slow)
    async with house.producer.transaction():
        await house.send([one for one in messages if one[0] == EVENTS.name])

    async def close() -> None:
        await asyncio.sleep(CLOSING_SECONDS)
        await slow.commit_transaction()

    return asyncio.create_task(close())


# --- the page ---


def test_the_programs_on_the_page_are_those_that_run_here() -> None:
    page = (HOW_TO / "subscribe.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```\w+\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    for example in EXAMPLES:
        assert (HOW_TO / "subscribe" / example).read_text(encoding="utf-8") in blocks, example
        assert f"(subscribe/{example})" in page


def test_everything_that_the_page_points_to_is_there() -> None:
    page = (HOW_TO / "subscribe.md").read_text(encoding="utf-8")
    found = re.findall(r"\]\(([^)#]+)\)", page)
    assert len(found) > 5
    assert [target for target in found if not (HOW_TO / target).exists()] == []
