"""What does not belong on a topic, in thousands: unreadable, of unknown types, and of known types without their facts."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from shared.bus.wire import Headers
from shared.contracts.topics import CERTIFICATES, MARKS, TOPICS

STRANGE_KEY = "chaos/"  # begins the keys of messages that hold others of their key up
FAR_AWAY = 10**17  # a position that no house reaches: it must move nobody there
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Message:
    """`letter`: the id of the dead letter that it must become; None where that is its place on the topic."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    letter: str | None = None


@dataclass(frozen=True, slots=True)
class Strange:
    """A message that was thrown: on whose topic, the type that a consumer sees (None: none), its dead letter's id."""

    house: str
    type: str | None
    letter: str


@dataclass
class Flood:
    """Everything that was thrown, and where it came to lie."""

    strange: list[Strange] = field(default_factory=list)
    places: set[tuple[str, int, int]] = field(default_factory=set)  # (topic, partition, offset)

    def dead_letters(self, source: str, types: frozenset[str]) -> set[str]:
        """The ids that a consumer of a house's topic which reads these types must have put aside."""
        mine = (strange for strange in self.strange if strange.house == source)
        return {strange.letter for strange in mine if strange.type is None or strange.type in types}

    async def throw(
        self, bootstrap: str, house: str, number: int, types: list[str], keys: list[str], dice: random.Random
    ) -> None:
        """So many messages on one house's topic. `types`: those that it says; `keys`: its own, also used by strangers."""
        topic = TOPICS[house]
        async with throwing(bootstrap) as producer:
            for first in range(0, number, AT_ONCE):
                count = min(AT_ONCE, number - first)
                made = [strange(house, len(self.strange) + n, types, keys, dice) for n in range(count)]
                sent = [
                    await producer.send(topic.name, m.value, m.key, dice.randrange(topic.partitions), headers=m.headers)
                    for m in made
                ]
                for message, record in zip(made, await asyncio.gather(*sent), strict=True):
                    place = (record.topic, record.partition, record.offset)
                    self.places.add(place)
                    letter = message.letter or "/".join(map(str, place))
                    self.strange.append(Strange(house, type_of(message), letter))

    async def throw_beside(self, bootstrap: str, number: int, dice: random.Random) -> None:
        """Garbage on the two compacted topics; a key it has to have there."""
        async with throwing(bootstrap) as producer:
            for topic in (CERTIFICATES, MARKS):
                for _ in range(number):
                    value = dice.choice([None, b"", b"[]", b"{", b"17", b'{"upto": "far"}', dice.randbytes(40)])
                    partition, key = dice.randrange(topic.partitions), f"{STRANGE_KEY}{dice.randrange(100)}".encode()
                    record = await producer.send_and_wait(topic.name, value, key, partition)
                    self.places.add((record.topic, record.partition, record.offset))


@asynccontextmanager
async def throwing(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    """Whoever may write to topics and should not; nothing of it arrives twice."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=5)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


# --- one message ---


def type_of(message: Message) -> str | None:
    """As a consumer sees it: the last header of that name, if it is text."""
    found = [value for name, value in message.headers if name == "ce_type"]
    try:
        return found[-1].decode() if found else None
    except UnicodeDecodeError:
        return None


def strange(house: str, number: int, types: list[str], keys: list[str], dice: random.Random) -> Message:
    """One of many kinds. Keys of the house are used where nobody can tell whose they are."""
    kind = dice.choice((unreadable, unreadable, unknown, unknown, malformed))
    return kind(house, number, types, keys, dice)


def envelope(house: str, number: int, kind: str, **other: str | bytes | None) -> Headers:
    """Headers as of a contract; None leaves one out."""
    given: dict[str, str | bytes | None] = {
        "ce_specversion": "1.0", "ce_id": f"{house}:{FAR_AWAY + number}", "ce_type": kind, "ce_source": f"/ocop/{house}",
        "ce_subject": "x", "ce_time": "2026-06-01T00:00:00Z", "ce_dataschema": "x", "ce_legaldate": "2026-06-01", **other,
    }  # fmt: skip
    return [(name, v if isinstance(v, bytes) else v.encode()) for name, v in given.items() if v is not None]


def unreadable(house: str, number: int, types: list[str], keys: list[str], dice: random.Random) -> Message:
    key, kind = dice.choice(keys).encode(), dice.choice(types)
    other = dice.choice([name for name in TOPICS if name != house])
    headers = envelope(house, number, kind)
    return dice.choice(
        (
            Message(key, dice.randbytes(dice.randrange(200)), []),
            Message(None, b"{}", headers),
            Message(b"", b"{}", headers),
            Message(b"\xff\xfe", b"{}", headers),
            Message(f"{key.decode()}\0".encode(), b"{}", headers),
            Message(key, None, headers),
            Message(key, b"", headers),
            Message(key, b"{", headers),
            Message(key, b"[" * 5000, headers),
            Message(key, b"\xff\xfe{}", headers),
            Message(key, b"[1, 2]", headers),
            Message(key, b'{"name": "a\\u0000b"}', headers),
            Message(key, b"{}", envelope(house, number, kind, ce_id=None)),
            Message(key, b"{}", envelope(house, number, kind, ce_id=f"{house}:-1")),
            Message(key, b"{}", envelope(house, number, kind, ce_id=f"{house}:{10**30}")),
            Message(key, b"{}", envelope(house, number, kind, ce_id=f"{other}:{number}")),
            Message(key, b"{}", envelope(house, number, kind, ce_time="yesterday")),
            Message(key, b"{}", envelope(house, number, kind, ce_legaldate="2026-02-30")),
            Message(key, b"{}", envelope(house, number, kind, ce_type=b"\xff")),
            Message(key, b"{}", envelope(house, number, kind, ce_subject=b"\xc3\x28")),
            Message(key, b"{}", envelope(house, number, kind, ce_subject="a\0b")),
        )
    )


def unknown(house: str, number: int, types: list[str], keys: list[str], dice: random.Random) -> Message:
    """Another program's, or of a version to come; whatever it holds is nobody's business."""
    kind = dice.choice(
        [f"{dice.choice(types)[:-1]}9", "vn.ocop.SomethingLater.v1", "com.example.Other", "", "*" * 3000]
    )
    value = dice.choice([b"{}", b"\xff", None, dice.randbytes(300)])
    return Message(dice.choice(keys).encode(), value, envelope(house, number, kind))


def malformed(house: str, number: int, types: list[str], keys: list[str], dice: random.Random) -> Message:
    """Of a type that the house says, without its facts, at a position far away; with a key that nobody has."""
    value = dice.choice([b"{}", b'{"legal_date": "2026-06-01"}', b'{"legal_date": 5, "product": []}'])
    headers = envelope(house, number, dice.choice(types))
    return Message(f"{STRANGE_KEY}{number}".encode(), value, headers, f"{house}:{FAR_AWAY + number}")
