"""The eventsourcing library's own PostgreSQL recorder on our table: it reads everything; its writes are refused by privilege."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import orjson
import pytest
from eventsourcing.application import Repository
from eventsourcing.persistence import EventStore, IntegrityError, ProgrammingError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import get_topic

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from ocop.standalone import ROOMS
from shared.clock import Clock
from shared.eventstore.bridge import Bridge
from shared.eventstore.fsck import Findings, check_events
from shared.eventstore.library import StoreApplicationRecorder
from shared.eventstore.mapper import EventMapper
from tests.given import an_id
from tests.store.counter import HOUSE, Counter

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden")
HOW_TO = ROOT / "docs" / "how-to" / "read-with-eventsourcing.md"
WRITING = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
STATEMENTS = [
    "INSERT INTO events SELECT * FROM events",
    "INSERT INTO requests SELECT * FROM requests",
    "INSERT INTO head SELECT * FROM head",
    *(f"UPDATE {table} SET position = 1" for table in ("requests", "head")),
    "UPDATE events SET topic = 'x'",
    *(f"{verb} {table}" for table in ("events", "requests", "head") for verb in ("DELETE FROM", "TRUNCATE", "DROP TABLE")),
    "SELECT FROM head FOR UPDATE",
    "BEGIN; LOCK TABLE events IN EXCLUSIVE MODE",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "CREATE OR REPLACE FUNCTION append() RETURNS void LANGUAGE sql AS ''",
    "ALTER FUNCTION append SECURITY INVOKER",
]  # fmt: skip


def library(dsn: str, **settings: Any) -> PostgresDatastore:
    """The library's way to the database of a DSN."""
    where = parts(dsn)
    return PostgresDatastore(
        dbname=where["PGDATABASE"], host=where["PGHOST"], port=where["PGPORT"], user=where["PGUSER"],
        password=where["PGPASSWORD"], pool_size=2, **settings,
    )  # fmt: skip


def parts(dsn: str) -> dict[str, str]:
    url = urlsplit(dsn)
    place = parse_qs(url.query)
    return {
        "PGHOST": place["host"][0], "PGPORT": place["port"][0], "PGDATABASE": url.path[1:],
        "PGUSER": unquote(url.username or ""), "PGPASSWORD": unquote(url.password or ""),
    }  # fmt: skip


@pytest.fixture
def reading(migrated: HouseDatabase) -> Iterator[PostgresApplicationRecorder]:
    """The library's recorder, as the role that serves."""
    with library(migrated.server_dsn) as datastore:
        yield PostgresApplicationRecorder(datastore, events_table_name="events")


def execute(dsn: str, *statements: str) -> None:
    async def executed() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(executed())


def fetch(dsn: str, statement: str, *arguments: object) -> Any:
    async def fetched() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement, *arguments)
        finally:
            await connection.close()

    return asyncio.run(fetched())


def appended(bridge: Bridge, made: Counter, request: str) -> None:
    """As a command of the house does it."""
    append = bridge.store.append(made.collect_events(), request=request, fingerprint=b"", answer=None, metadata="{}")
    assert bridge.wait(append).kind == "ok"


# --- it reads ---


def test_it_reads_events_in_commit_order_and_by_aggregate(
    reading: PostgresApplicationRecorder, bridge: Bridge, clock: Clock
) -> None:
    one, other = (Counter.open(an_id(name), name, clock.now()) for name in ("one", "other"))
    appended(bridge, one, "1")
    appended(bridge, other, "2")
    one.add(7, clock.now())
    appended(bridge, one, "3")
    notifications = reading.select_notifications(start=None, limit=10)
    assert [(n.id, n.originator_id, n.originator_version) for n in notifications] == [
        (1, one.id, 1), (2, other.id, 1), (3, one.id, 2)
    ]  # fmt: skip
    assert reading.max_notification_id() == 3
    assert [n.id for n in reading.select_notifications(2, 10, topics=[Counter.Opened.TOPIC])] == [2]
    feed = bridge.wait(bridge.store.feed(0))
    assert [EventMapper().to_domain_event(n) for n in notifications] == [recorded.event for recorded in feed]
    found = Repository(EventStore(EventMapper(), reading)).get(one.id)
    assert isinstance(found, Counter)
    assert (found.total, found.version) == (7, 2)


def test_every_kind_of_event_of_every_house_is_read_and_understood(
    reading: PostgresApplicationRecorder, bridge: Bridge
) -> None:
    assert ROOMS
    samples = {file.stem.rpartition(".v")[0]: orjson.loads(file.read_bytes()) for file in sorted(GOLDEN.glob("*.json"))}
    written = [StoredEvent(uuid4(), 1, topic, orjson.dumps(sample["state"])) for topic, sample in samples.items()]
    ids = StoreApplicationRecorder(bridge).insert_events(written)
    read = reading.select_notifications(start=1, limit=len(written))
    assert [n.id for n in read] == ids
    plain = [StoredEvent(n.originator_id, n.originator_version, n.topic, n.state) for n in read]
    assert plain == written
    understood = EventStore(EventMapper(), reading)
    for event in written:
        [found] = understood.get(event.originator_id)
        assert found == EventMapper().to_domain_event(event)
        assert get_topic(type(found)) == event.topic


def test_its_subscription_is_woken_by_what_we_append(
    reading: PostgresApplicationRecorder, bridge: Bridge, clock: Clock
) -> None:
    with reading.subscribe() as subscription:
        for position in range(1, 4):
            appended(bridge, Counter.open(uuid4(), "one", clock.now()), f"{position}")
            assert next(subscription).id == position


# --- its writes are refused ---


def by_the_owner(dsn: str) -> None:
    """What the library needs to write: its types and its function, as somebody with the right would make them."""
    with library(dsn, enable_db_functions=True) as datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
        recorder.create_table()


@pytest.mark.parametrize("functions", [False, True], ids=["plain", "with its database functions"])
def test_its_inserts_are_refused_by_privilege(functions: bool, bridge: Bridge, migrated: HouseDatabase) -> None:
    by_the_owner(migrated.owner_dsn)
    event = StoredEvent(uuid4(), 1, "test.Said", b"{}")
    with library(migrated.server_dsn, enable_db_functions=functions) as datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
        with pytest.raises(ProgrammingError, match="permission denied for table events"):
            recorder.insert_events([event])
        assert recorder.max_notification_id() is None
    assert StoreApplicationRecorder(bridge).insert_events([event]) == [1]


@pytest.mark.parametrize("functions", [False, True], ids=["plain", "with its database functions"])
def test_not_even_the_owner_writes_past_the_chain_with_it(functions: bool, migrated: HouseDatabase) -> None:
    by_the_owner(migrated.owner_dsn)
    with library(migrated.owner_dsn, enable_db_functions=functions) as datastore:
        recorder = PostgresApplicationRecorder(datastore, events_table_name="events")
        with pytest.raises(IntegrityError, match="not-null"):
            recorder.insert_events([StoredEvent(uuid4(), 1, "test.Said", b"{}")])


def test_it_can_make_no_table_or_type_of_its_own(reading: PostgresApplicationRecorder) -> None:
    with pytest.raises(ProgrammingError, match="permission denied for schema public"):
        reading.create_table()


# --- nothing but append() writes ---


def test_the_serving_role_has_no_right_on_the_audit_trail_but_to_read_it(migrated: HouseDatabase) -> None:
    for table in ("events", "requests", "head"):
        for right in WRITING:
            asked = "SELECT has_table_privilege($1, $2, $3)"
            assert fetch(migrated.server_dsn, asked, migrated.server_role, table, right) is False, (table, right)
        for right in ("INSERT", "UPDATE", "REFERENCES"):
            asked = "SELECT has_any_column_privilege($1, $2, $3)"
            assert fetch(migrated.server_dsn, asked, migrated.server_role, table, right) is False, (table, right)
        assert fetch(migrated.server_dsn, f"SELECT count(*) FROM {table}") is not None


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_serving_role_is_refused(statement: str, migrated: HouseDatabase) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        execute(migrated.server_dsn, statement)


def test_only_the_serving_role_and_the_owner_may_call_append(migrated: HouseDatabase) -> None:
    asked = "SELECT has_function_privilege($1, oid, 'EXECUTE') FROM pg_proc WHERE proname = 'append'"
    assert fetch(migrated.server_dsn, asked, migrated.server_role) is True
    assert fetch(migrated.server_dsn, asked, "pg_monitor") is False  # as any role that was given nothing


def test_append_writes_to_the_audit_trail_whatever_the_caller_puts_before_it(
    bridge: Bridge, migrated: HouseDatabase, clock: Clock
) -> None:
    """As the owner it must not be led to tables or functions of the caller's choice."""
    execute(
        migrated.owner_dsn,
        "CREATE SCHEMA decoy",
        *(f"CREATE TABLE decoy.{table} (LIKE public.{table})" for table in ("events", "requests", "head")),
        "CREATE FUNCTION decoy.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT ''::bytea $$",
        f"GRANT ALL ON SCHEMA decoy TO {migrated.server_role}",
        f"GRANT ALL ON ALL TABLES IN SCHEMA decoy TO {migrated.server_role}",
    )
    execute(
        migrated.server_dsn,
        f"ALTER ROLE {migrated.server_role} IN DATABASE {migrated.name} SET search_path = decoy, pg_catalog, public",
    )
    with Bridge(bridge.store.house, migrated.server_dsn) as led:
        assert fetch(migrated.server_dsn, "SELECT 'events'::regclass::oid = 'decoy.events'::regclass::oid")
        appended(led, Counter.open(an_id("one"), "one", clock.now()), "1")
    assert bridge.wait(bridge.store.head()) == 1
    assert fetch(migrated.owner_dsn, "SELECT count(*) FROM decoy.events") == 0
    findings = Findings()
    asyncio.run(checked(migrated.owner_dsn, findings))
    assert findings.findings == []


async def checked(dsn: str, findings: Findings) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await check_events(connection, HOUSE, findings)
    finally:
        await connection.close()


# --- the page that says how ---


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", HOW_TO.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def reader(postgres: Server, migrated: HouseDatabase) -> Iterator[dict[str, str]]:
    """The role that the page makes, and where its owner finds the database."""
    admin = urlsplit(postgres.admin_dsn)
    there = urlunsplit(admin._replace(path=f"/{migrated.name}"))
    [sql] = blocks("sql")
    execute(there, sql.replace("ocop_promotion", migrated.name))
    yield {**parts(there), "PGUSER": "reader", "PGPASSWORD": "choose one"}
    execute(there, "DROP OWNED BY reader", "DROP ROLE reader")


def test_the_page_runs_as_it_is_written(bridge: Bridge, migrated: HouseDatabase, reader: dict[str, str]) -> None:
    id = uuid4()
    for version, name in enumerate(("SalesPointOpened", "SalesPointClosed"), 1):
        sample = orjson.loads((GOLDEN / f"promotion.{name}.v1.json").read_bytes())
        event = StoredEvent(id, version, f"promotion.{name}", orjson.dumps(sample["state"]))
        StoreApplicationRecorder(bridge).insert_events([event])
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(blocks("python"))], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, **reader, "OCOP_DATABASE_URL": migrated.server_dsn, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()) == (0, [
        "1 promotion.SalesPointOpened 2026-10-20",
        "2 promotion.SalesPointClosed 2027-02-26",
        "Điểm giới thiệu và bán sản phẩm OCOP Cẩm Thành (minh họa)",
        "None",
        "closed: Hết hạn thuê mặt bằng",
        "written at [3]",
    ]), done.stderr  # fmt: skip
