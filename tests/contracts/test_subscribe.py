"""Those who subscribe as `docs/how-to/subscribe.md` shows have every certificate, then the live stream: no gap, no double.

Each example runs as its page says against a real broker, while the register goes on speaking: in transactions, some of
which are aborted or open, with messages delivered again and types that nobody knows.
"""

import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from ocop.native.kafka import java
from services.certification.domain.recognition import Recognition
from shared.bus.telling import partition_of
from shared.bus.topics import make_topics
from shared.bus.wire import to_kafka
from shared.contracts.envelope import Envelope
from shared.contracts.topics import CERTIFICATES, TOPICS
from shared.values import Decision
from tests import certifying
from tests.certifying import CHAIRMAN, RULES, decision
from tests.debian import need
from tests.given import about, on
from tests.kafka import broker_in, started
from tests.saying import Recorder

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
SECONDS = 90
CLOSING_SECONDS = 2
OPEN_SECONDS = 4  # an example has begun to read by then
CONCLUSION = Decision(number="45/KL-QLTT", date=date(2027, 2, 1), authority="Chi cục Quản lý thị trường")
EVENTS = TOPICS["certification"]
STATE = "state"


def command(example: str) -> list[str]:
    """What runs an example. Raises NoProgram, KafkaMissing."""
    file = str(HOW_TO / "subscribe" / example)
    if example.endswith(".java"):
        need("javac", "default-jdk-headless")
        return [*java(), "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", file]
    if example.endswith(".sh"):
        need("kcat", "kcat")
        need("jq", "jq")
        return ["bash", file]
    return [sys.executable, file]


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


# --- the register, as it speaks ---


class Voice:
    """What a relay does, and what may befall it. `said`: the positions at which each certificate changed."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self.producer, self.prefix, self.recorder = producer, prefix, Recorder()
        self.said: dict[str, list[int]] = defaultdict(list)
        self.states: dict[tuple[str, int], str] = {}
        self.products: list[Recognition] = []
        self.last: list[Envelope] = []

    def number(self, n: int) -> str:
        return f"{self.prefix}-{n:05}"

    def new(self) -> Recognition:
        """A product with its first certificate."""
        n = len(self.products) + 1
        facts = about(f"Sản phẩm {self.prefix} {n}", code=f"51-21548-{n}-2026")
        recognition = Recognition.open(facts, RULES.id, on("2026-09-20"))
        recognition.propose(certifying.proposal(3), facts, RULES, on("2026-09-20"))
        certifying.issue(recognition, number=self.number(n), day="2026-09-25")
        self.products.append(recognition)
        return recognition

    def upgrade(self, n: int) -> Recognition:
        recognition = self.products[n]
        result = certifying.proposal(4, assessment="upgrade", kind="upgrade")
        recognition.propose(result, recognition.about, RULES, on("2026-11-02"))
        certifying.issue(recognition, number=f"{self.number(n + 1)}-4", day="2026-12-18", assessment="upgrade")
        return recognition

    def revoke(self, n: int) -> Recognition:
        recognition = self.products[n]
        recognition.revoke(
            recognition.certificates[-1].number, "c", decision("2027-02-10"), inspection=None, conclusion=CONCLUSION,
            role=CHAIRMAN, ruleset=RULES, when=on("2027-02-10"),
        )  # fmt: skip
        return recognition

    async def messages(self, *recognitions: Recognition) -> list[tuple[str, Envelope]]:
        said = [envelope for recognition in recognitions for envelope in self.recorder.record(recognition)]
        self.last = said
        for envelope in said:
            self.said[envelope.data["number"]].append(envelope.position)
        states = await self.recorder.states(said)
        for state in states:
            self.states[state.data["number"], state.position] = state.data["status"]
        return [(EVENTS.name, e) for e in said] + [(CERTIFICATES.name, s) for s in states]

    async def send(self, messages: list[tuple[str, Envelope]], by: AIOKafkaProducer | None = None) -> None:
        producer = by or self.producer
        for topic, envelope in messages:
            message = to_kafka(envelope)
            await producer.send(topic, message.value, key=message.key, headers=message.headers)
        await producer.flush()

    async def say(self, *recognitions: Recognition) -> None:
        """As ever; but a first try is aborted, and afterwards all is delivered again, with something unknown."""
        messages = await self.messages(*recognitions)
        await self.producer.begin_transaction()
        await self.send([*messages, *((topic, ghost(envelope)) for topic, envelope in messages)])
        await self.producer.abort_transaction()
        for again in (messages, [*messages, *map(unknown, self.last)]):
            async with self.producer.transaction():
                await self.send(again)


def ghost(envelope: Envelope) -> Envelope:
    """What was never said in the end."""
    number = f"{envelope.data['number']}-GHOST"
    return envelope.model_copy(update={"data": envelope.data | {"number": number, "certificate_id": number}})


def unknown(envelope: Envelope) -> tuple[str, Envelope]:
    data = {"gold": envelope.data["number"]}
    return EVENTS.name, envelope.model_copy(update={"type": "vn.ocop.CertificateGilded.v1", "data": data})


@asynccontextmanager
async def speaking(bootstrap: str, name: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=name, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


# --- those who listen ---


class Heard:
    """What a subscriber told of our certificates: number -> [(what, status or day, position)], in its order."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.told: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        self.live = asyncio.Event()

    def take(self, *words: object) -> None:
        what, *facts = map(str, words)
        if what == "live":
            self.live.set()
        elif facts[0].startswith(f"{self.prefix}-"):
            assert (what == STATE) != self.live.is_set()
            self.told[facts[0]].append((what, facts[1], int(facts[2])))

    async def read(self, lines: asyncio.StreamReader) -> None:
        async for line in lines:
            self.take(*line.decode().rstrip("\n").split("\t"))

    async def until(self, number: str) -> None:
        while number not in self.told:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def subscribed(example: str, bootstrap: str, prefix: str) -> AsyncIterator[Heard]:
    """An example at work as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *command(example), bootstrap, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert process.stdout
    heard = Heard(prefix)
    reading = asyncio.create_task(heard.read(process.stdout))
    try:
        yield heard
        assert process.returncode is None, "a subscriber goes on listening"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await reading


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
