"""The register as it speaks on a broker, with all that may befall a relay, and the examples of how to subscribe at work."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from aiokafka import AIOKafkaProducer

from ocop.native.kafka import java
from services.certification.domain.recognition import Recognition
from shared.bus.wire import to_kafka
from shared.contracts.envelope import Envelope
from shared.contracts.topics import CERTIFICATES, TOPICS
from shared.values import Decision
from tests import certifying
from tests.certifying import CHAIRMAN, RULES, decision
from tests.debian import need
from tests.given import about, on
from tests.saying import Recorder

HOW_TO = Path(__file__).parents[1] / "docs" / "how-to"
CONCLUSION = Decision(number="45/KL-QLTT", date=date(2027, 2, 1), authority="Chi cục Quản lý thị trường")
EVENTS = TOPICS["certification"]
STATE = "state"

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
