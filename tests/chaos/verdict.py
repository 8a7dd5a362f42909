"""What must hold at the end of a trial, each question with the findings that answer it: none, or what is wrong."""

import asyncio
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable

import asyncpg
import httpx
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.bus.wire import from_kafka
from shared.contracts.envelope import Envelope
from shared.contracts.topics import CERTIFICATES, HOUSES, TOPICS, Topic
from tests.chaos.flood import STRANGE_KEY
from tests.chaos.scene import GUEST_NAME, Scene
from tests.journeys.told import Row, essence
from tests.native.running import ROOT

CALM_SECONDS = 180  # the longest pause of a retry is a minute
FSCK_SECONDS = 300
READ_SECONDS = 120
MOST = 10  # findings of one kind that are shown
LAGS = re.compile(
    r"^(ocop_(?:relay_lag_events|consumer_lag_messages|view_lag_events|held_messages)\{.*\}) ([0-9.e+]+)$", re.M
)
Said = dict[str, list[Envelope]]
Essence = Counter[tuple[str, ...]]


async def verdict(scene: Scene, undisturbed: Essence) -> dict[str, list[str]]:
    """By question; every list is empty where all is well."""
    found = {"calm again without a hand's help": await calm(scene)}
    said = {house: await said_by(scene, house) for house in HOUSES}
    questions: dict[str, Callable[[], Awaitable[Iterable[str]]]] = {
        "every acknowledged command once": lambda: acknowledged_once(scene),
        "every contract on its topic once, in order per key": lambda: on_topics(scene, said),
        "dead letters are the malformed messages": lambda: dead_letters(scene),
        "no certificate twice": lambda: certificates(scene, said),
        "the last state of a certificate is its page": lambda: states(scene),
        "the same said as undisturbed": lambda: the_same(said, undisturbed),
        "deliveries, timers, chains and views whole": lambda: fsck(scene),
    }
    for question, answer in questions.items():
        found[question] = shortened(list(await answer()))
    return found


def shortened(findings: list[str]) -> list[str]:
    more = len(findings) - MOST
    return [*findings[:MOST], f"… and {more} more"] if more > 0 else findings


# --- lag zero, everybody ready ---


async def calm(scene: Scene) -> list[str]:
    """Everybody ready, nobody behind, nothing held but what was thrown; asked until it is so, twice."""
    deadline, quiet, behind = time.monotonic() + CALM_SECONDS, 0, ["nobody was asked"]
    begun = time.monotonic()
    while quiet < 2:
        if time.monotonic() > deadline:
            return shortened(behind)
        try:
            behind = [*await not_ready(scene), *await still_behind(scene)]
        except (httpx.TransportError, asyncpg.PostgresError, OSError) as error:
            behind = [repr(error)]
        quiet = 0 if behind else quiet + 1
        await asyncio.sleep(0.5)
    scene.tell(f"calm after {time.monotonic() - begun:.1f} s")
    return []


async def not_ready(scene: Scene) -> list[str]:
    found = []
    async with httpx.AsyncClient(timeout=10) as client:
        for port in scene.native.addresses.all_ports:
            answer = await client.get(f"http://127.0.0.1:{port}/readyz")
            if answer.status_code != httpx.codes.OK:
                found.append(f"port {port}: {answer.text}")
        for house in HOUSES:
            metrics = (await client.get(f"http://127.0.0.1:{scene.native.addresses.worker(house)}/metrics")).text
            found += [f"{name} is {value}" for name, value in LAGS.findall(metrics) if lags(name, float(value))]
    return found


def lags(name: str, value: float) -> bool:
    """Dead letters are asked for elsewhere."""
    return value > 0 and 'state="dead"' not in name


async def still_behind(scene: Scene) -> list[str]:
    assert scene.company
    behind = await scene.company.behind()
    held = await scene.company.held()
    return [*behind, *(f"{house}: held and dead {counts}" for house, counts in held.items())]


# --- commands ---


async def acknowledged_once(scene: Scene) -> list[str]:
    """What was acknowledged stands in the inbox at that very position, and each request's events stand together once."""
    found = list(scene.ledger.wrong)
    for house, database in scene.databases.items():
        connection = await asyncpg.connect(database.owner_dsn)
        try:
            inbox = {row["id"]: row["position"] for row in await connection.fetch("SELECT id, position FROM requests")}
            appended = await connection.fetch(
                "SELECT metadata->>'request' AS id, min(notification_id) AS first, max(notification_id) AS last, "
                "count(*) AS events FROM events GROUP BY 1"
            )
        finally:
            await connection.close()
        for (of, key), position in scene.ledger.acknowledged.items():
            if of == house and position != f"{house}:{inbox.get(key)}":
                found.append(f"{key} was acknowledged at {position}; the inbox has {inbox.get(key)}")
        for id, first, last, events in appended:
            if last - first + 1 != events or inbox.get(id) != last:
                found.append(f"{house}: {id} has {events} events from {first} to {last}; the inbox has {inbox.get(id)}")
    return found


# --- topics ---


async def said_by(scene: Scene, house: str) -> list[Envelope]:
    """Every contract of a house's store, in order."""
    from ocop.inspect import Opened  # what fsck compares with

    assert scene.company
    stores = {name: one.store for name, one in scene.company.houses.items()}
    return await Opened(scene.databases, stores).said(house)


async def kept(scene: Scene, topic: Topic) -> list[ConsumerRecord]:
    """Everything committed on a topic, partition after partition, without what was thrown there."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=scene.bootstrap, isolation_level="read_committed", enable_auto_commit=False,
        auto_offset_reset="earliest",
    )  # fmt: skip
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning()
        ends, found = await consumer.end_offsets(partitions), []
        async with asyncio.timeout(READ_SECONDS):
            while any([await consumer.position(p) < end for p, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += [r for r in records if (r.topic, r.partition, r.offset) not in scene.flood.places]
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


async def on_topics(scene: Scene, said: Said) -> list[str]:
    found = []
    for house, envelopes in said.items():
        wanted = {envelope.id: envelope for envelope in envelopes}
        times, order, places = Counter[str](), defaultdict[str, list[int]](list), defaultdict[str, set[int]](set)
        for record in await kept(scene, TOPICS[house]):
            envelope = from_kafka(record.key, record.value, record.headers)
            times[envelope.id] += 1
            order[envelope.key].append(envelope.position)
            places[envelope.key].add(record.partition)
            if envelope != wanted.get(envelope.id):
                found.append(f"{envelope.id} on the topic is not what the store says")
        found += [f"{id} is {times[id]} times on its topic" for id in {*wanted, *times} if times[id] != 1]
        found += [
            f"{house}: {key} is out of order" for key, positions in order.items() if positions != sorted(positions)
        ]
        found += [f"{house}: {key} is in partitions {at}" for key, at in places.items() if len(at) > 1]
    return found


# --- dead letters ---


async def dead_letters(scene: Scene) -> list[str]:
    """Of each house exactly those that it must have put aside; no other message is held."""
    assert scene.company
    found = []
    for name, house in scene.company.houses.items():
        wanted: set[str] = set()
        for source in HOUSES:
            types = [sink.types for of, sink in house.sinks() if of == source]  # type: ignore[attr-defined]
            if types:
                wanted |= scene.flood.dead_letters(source, frozenset[str]().union(*types))
        rows = await house.store.pool.fetch("SELECT id, next_at, reason FROM held")
        there = {row["id"] for row in rows}
        scene.tell(f"{name}: {len(there)} dead letters")
        found += [f"{name}: {id} is no dead letter" for id in sorted(wanted - there)]
        found += [f"{name}: {row['id']} is held: {row['reason'][:200]}" for row in rows if row["id"] not in wanted]
        found += [f"{name}: {row['id']} waits, and is not dead" for row in rows if row["next_at"] is not None]
    return found


# --- certificates ---


async def certificates(scene: Scene, said: Said) -> list[str]:
    """No number twice, no decision twice, and never two certificates of one product in force."""
    assert scene.company
    issued = [e for e in said["certification"] if e.name in ("CertificateIssued", "CertificateReplaced")]
    found = []
    for what in ("number", "certificate_id"):
        times = Counter(envelope.data[what] for envelope in issued)
        found += [f"{what} {value} was given {n} times" for value, n in times.items() if n > 1]
    rows, on = list[Row](), str(scene.until)
    client = scene.company.clients["certification"]
    while page := (
        await client.get("/certificates", params={"on": on, "limit": "500", "offset": str(len(rows))})
    ).json():
        rows += page
    in_force = Counter(row["product"]["id"] for row in rows if row["status"] in ("valid", "extended"))
    found += [f"product {id} has {n} certificates in force" for id, n in in_force.items() if n > 1]
    if len(rows) != len(issued):
        found.append(f"{len(issued)} certificates were said, the view has {len(rows)}")
    return found


async def states(scene: Scene) -> list[str]:
    """What the compacted topic tells of each certificate last is what the portal's page says of that day."""
    last = {r.key: r for r in await kept(scene, CERTIFICATES) if not r.key.startswith(STRANGE_KEY.encode())}
    found = []
    async with scene.native.client() as client:
        for record in last.values():
            state = orjson.loads(record.value or b"{}")
            params, accept = {"on": state["on"]}, {"accept": "application/json"}
            page = (await client.get(f"/c/{state['number']}", params=params, headers=accept)).json()
            if page != {name: value for name, value in state.items() if name in page}:
                found.append(f"{state['number']} on {state['on']}: the topic says {state}, the page {page}")
    assert scene.company
    known = await scene.company.clients["certification"].get("/certificates", params={"limit": "1000"})
    if len(known.json()) != len(last):
        found.append(f"the topic has {len(last)} certificates, certification {len(known.json())}")
    return found


# --- what was said ---


def essence_of(envelopes: Iterable[Envelope]) -> Essence:
    """What was said of the season, whatever run it is of; guests are left out."""
    return Counter(
        essence(envelope.structured())
        for envelope in envelopes
        if (envelope.data.get("producer") or {}).get("name") != GUEST_NAME
    )


async def the_same(said: Said, undisturbed: Essence) -> list[str]:
    found = essence_of(envelope for envelopes in said.values() for envelope in envelopes)
    lacking, too_many = undisturbed - found, found - undisturbed
    return [*(f"lacks {what}" for what in lacking), *(f"has too many of {what}" for what in too_many)]


async def fsck(scene: Scene) -> list[str]:
    command = [sys.executable, "-m", "ocop.cli", "fsck", "--data", str(scene.native.data), "--json"]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, timeout=FSCK_SECONDS)
    try:
        report = orjson.loads(done.stdout)
    except orjson.JSONDecodeError:
        return [f"fsck ended with {done.returncode}: {done.stderr.decode()[-500:]}"]
    scene.tell(f"fsck: {report['checked']}")
    return [] if report["whole"] and not report["findings"] else report["findings"]
