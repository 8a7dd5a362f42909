"""A machine is lost and made again as it was at a time: all is whole, what is lost is named, nothing is said or done twice."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.backup.check import wrong
from ocop.postgres import EmbeddedPostgres, Server
from shared.bus.reactions import READER, Policy
from shared.bus.restored import (
    AtWork,
    Differs,
    hear_again,
    heard_on_kafka,
    loss_of,
    mark_anew,
    settle,
)
from shared.bus.telling import Ahead, KafkaSink
from shared.eventstore.publishing import Published
from shared.eventstore.store import EventStore
from shared.values import Moment
from tests.bus.two_houses import (
    HEARD,
    HEARER,
    PUBLISHED,
    TELLER,
    count,
    fresh_topics,
    heard_all,
    house_on,
    in_view,
    numbers_of,
    on_topic,
    told_all,
    total,
)
from tests.store.restoring import (
    SCRIPTS,
    Machine,
    at_work,
    connection_of,
    databases_on,
    machine,
    not_whole,
    restored,
    script,
    settling,
)

WHY = "the disk of the server broke"
WHEN = Moment(datetime(2026, 6, 2, tzinfo=UTC).date(), datetime(2026, 6, 2, 2, tzinfo=UTC))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not below a folder of the tests' user: the server runs as another."""
    with tempfile.TemporaryDirectory(prefix="ocop-backup-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
async def topics(kafka: str) -> str:
    await fresh_topics(kafka)
    return kafka


@pytest.fixture
async def first(folder: Path) -> AsyncIterator[Machine]:
    async with machine(folder) as made:
        yield made


async def lived(first: Machine, topics: str) -> tuple[Path, str]:
    """A life with a backup in it; returns it, and a time after which things happened that will be lost."""
    async with at_work(first.databases, topics) as (teller, hearer):
        await count(teller, "a", 1, 2, first=True)
        await heard_all(teller, hearer)
        backup = await first.base_backup()
        await count(teller, "a", 3, 4)
        await heard_all(teller, hearer)
        until_time = await first.now()
        await count(teller, "a", 5)
        await count(teller, "b", 7, first=True)
        await heard_all(teller, hearer)
        await told_all(hearer, topics)
        await first.archived()
    return backup, until_time


async def refuses_to_tell(store: EventStore, topics: str, why: str) -> None:
    sink = KafkaSink(store, topics)
    with pytest.raises(Ahead, match=why):
        await sink.position(store.house)
    await sink.close()


async def test_a_restored_register_goes_on_without_loss_or_double_effect_and_names_what_is_lost(
    first: Machine, topics: str
) -> None:
    backup, until_time = await lived(first, topics)
    first.lose()
    async with restored(first, backup, until_time) as second:
        assert await not_whole(second.databases) == []
        async with settling(second.databases[TELLER], TELLER) as store:
            assert await store.head() == 5
            await refuses_to_tell(store, topics, "up to 8, the store ends at 5")
            loss = await loss_of(store, PUBLISHED, *await heard_on_kafka(topics, TELLER))
            assert [(e.id, e.name) for e in loss.lost] == [
                ("registration:6", "_Added"), ("registration:7", "_Opened"), ("registration:8", "_Added"),
            ]  # fmt: skip
            assert (loss.head, loss.told, loss.differs) == (5, 8, [])
            assert await settle(store, loss, WHY, WHEN) == 8
            await mark_anew(store, topics)
        async with settling(second.databases[HEARER], HEARER) as store:
            assert await store.position("reactions", TELLER) == 5
            loss = await loss_of(store, Published(HEARER), *await heard_on_kafka(topics, HEARER))
            assert (loss.positions, loss.lost) == (3, [])  # all private
            await settle(store, loss, WHY, WHEN)
            await mark_anew(store, topics)
            await hear_again(topics, HEARER, [(READER, TELLER), (HEARD.reader, TELLER)])

        async with at_work(second.databases, topics) as (teller, hearer):
            await count(teller, "a", 6)
            await count(teller, "c", 9, first=True)
            await heard_all(teller, hearer)
            assert await numbers_of(teller, "a") == [1, 2, 3, 4, 6]
            assert (await numbers_of(hearer, "a"), await in_view(hearer, "a")) == ([1, 2, 3, 4, 5, 6],) * 2
            assert (await total(hearer, "b"), await total(hearer, "c")) == (7, 9)
        ids = [id for _, id, _ in await on_topic(topics)]
        assert sorted(ids) == [f"{TELLER}:{n}" for n in (1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9)]
        assert await not_whole(second.databases) == []
        async with settling(second.databases[TELLER], TELLER) as store:
            again = await loss_of(store, PUBLISHED, *await heard_on_kafka(topics, TELLER))
            assert again.none


async def test_a_house_that_went_on_before_anybody_asked_is_not_settled_and_tells_nobody(
    first: Machine, topics: str
) -> None:
    backup, until_time = await lived(first, topics)
    first.lose()
    async with restored(first, backup, until_time) as second:
        async with house_on(second.databases[TELLER], TELLER, Policy(TELLER)) as teller:
            await count(teller, "a", 50, 51, 52, 53)
            await refuses_to_tell(teller.store, topics, "another event 8")
        async with settling(second.databases[TELLER], TELLER) as store:
            loss = await loss_of(store, PUBLISHED, *await heard_on_kafka(topics, TELLER))
            assert loss.differs == [f"{TELLER}:{n}" for n in (6, 7, 8)]
            with pytest.raises(Differs):
                await settle(store, loss, WHY, WHEN)
            assert await store.head() == 9


async def test_a_house_at_work_is_not_settled(first: Machine, topics: str) -> None:
    async with at_work(first.databases, topics) as (teller, hearer):
        await count(teller, "a", 1, first=True)
        await heard_all(teller, hearer)
        async with settling(first.databases[TELLER], TELLER) as store:
            loss = await loss_of(store, PUBLISHED, [], 10)
            with pytest.raises(AtWork):
                await settle(store, loss, WHY, WHEN)
            assert await store.head() == 2
        with pytest.raises(AtWork):
            await hear_again(topics, HEARER, [(READER, TELLER), (HEARD.reader, TELLER)])


async def test_a_dump_is_loaded_into_a_fresh_server_as_it_was(first: Machine, topics: str, folder: Path) -> None:
    async with at_work(first.databases, topics) as (teller, hearer):
        await count(teller, "a", 1, 2, 3, first=True)
        await heard_all(teller, hearer)
    dump = await script("dump.sh", connection_of(first.server), folder / "dump", HOUSES=f"{TELLER} {HEARER}")
    fresh = EmbeddedPostgres(folder / "fresh", {"fsync": "off"})
    try:
        server: Server = await fresh.start()
        await databases_on(server, migrated=False)
        await script("load.sh", connection_of(server), dump)
        databases = await databases_on(server)
        assert await not_whole(databases) == []
        async with at_work(databases, topics) as (teller, hearer):
            assert await teller.store.head() == 4
            await count(teller, "a", 4)
            await heard_all(teller, hearer)
            assert await in_view(hearer, "a") == [1, 2, 3, 4]
    finally:
        await fresh.stop()


# --- the scripts by themselves ---


async def run(name: str, *arguments: object) -> int:
    command = [str(SCRIPTS / name), *map(str, arguments)]
    return (await asyncio.to_thread(subprocess.run, command, capture_output=True, check=False)).returncode


async def test_the_archive_keeps_a_file_once_and_never_another_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "wal").mkdir()
    (tmp_path / "one").write_bytes(b"1" * 100)
    (tmp_path / "other").write_bytes(b"2" * 100)
    assert await run("archive.sh", tmp_path / "one", "0001", tmp_path / "wal") == 0
    assert await run("archive.sh", tmp_path / "one", "0001", tmp_path / "wal") == 0
    assert await run("archive.sh", tmp_path / "other", "0001", tmp_path / "wal") == 1
    assert await run("archive.sh", tmp_path / "one", "0001", tmp_path / "not there") != 0
    assert [file.name for file in (tmp_path / "wal").iterdir()] == ["0001"]
    assert (tmp_path / "wal" / "0001").read_bytes() == b"1" * 100


async def test_nothing_is_restored_over_data_or_from_what_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "wal").mkdir()
    (tmp_path / "base").mkdir()
    assert await run("restore.sh", tmp_path / "base", tmp_path / "wal", tmp_path / "data") == 1
    (tmp_path / "base" / "backup_label").write_text("START")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18")
    assert await run("restore.sh", tmp_path / "base", tmp_path / "wal", tmp_path / "data") == 1
    assert await run("restore.sh") == 2
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["PG_VERSION"]


async def test_a_backup_with_a_file_changed_missing_or_too_many_is_not_taken(first: Machine) -> None:
    backup = await first.base_backup()
    assert list(wrong(backup)) == []
    version, extra, gone = backup / "PG_VERSION", backup / "global" / "extra", backup / "pg_hba.conf"
    version.write_text("17\n")
    extra.write_text("x")
    gone.unlink()
    assert sorted(wrong(backup)) == [
        "PG_VERSION is not what was backed up", "global/extra is not in the manifest", "pg_hba.conf is missing",
    ]  # fmt: skip
