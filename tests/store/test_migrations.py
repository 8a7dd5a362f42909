"""schema.sql is the truth and equals the sum of the migrations; what older data hold is there afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from ocop.databases import HouseDatabase
from ocop.postgres import Server
from shared.eventstore.migrate import MIGRATIONS, SCHEMA, VERSION, OfLaterVersion, migrate, version_of
from tests.postgres import fresh_database
from tests.store.counter import ROOM

FIRST = MIGRATIONS[1]
CATALOGUE = {
    "columns": """
        SELECT c.relname, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
    """,
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid::regclass::text !~ '^pg_'",
    "functions": "SELECT pg_get_functiondef(oid), proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "relations": """
        SELECT relname, relkind, reloptions, relacl::text FROM pg_class
        WHERE relnamespace::regnamespace::text IN ('public', 'views')
    """,
    "schemas": "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'",
    "rights to come": "SELECT defaclnamespace::regnamespace::text, defaclobjtype, defaclacl::text FROM pg_default_acl",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
}  # fmt: skip
HELD_IN_VERSION_1 = """
INSERT INTO held (consumer, key, id, source, position, envelope, attempts, next_at, reason)
VALUES ('reactions', 'k', $1, 'evaluation', $2, '{"id": "x"}', 0, $3, $4)
"""
HELD_BETWEEN = """
INSERT INTO held (consumer, key, id, source, position, envelope, attempts, reason, kind)
VALUES ('reactions', 'k', 'evaluation:1', 'evaluation', 1, '{}', 0, 'OSError: x', 'refused')
"""
REASONS = [  # as version 1 worded them, and the kind that they are
    ("counter-too-much: More than 1000.", "refused"),
    ("malformed: 1 validation error for _Counted\nnumber\n  Input should be a valid integer", "malformed"),
    ("malformed: 12 validation errors for CertificateIssued\nproduct.id", "malformed"),
    ("queues behind an earlier message", "queued"),
    ("OSError: line down", "failed"),
    ("KeyError: 'x: y'", "failed"),
]


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def catalogue(dsn: str) -> dict[str, list[str]]:
    async with connected(dsn) as connection:
        return {
            what: sorted(str(tuple(row)) for row in await connection.fetch(question))
            for what, question in CATALOGUE.items()
        }


async def of_version_1(database: HouseDatabase) -> None:
    """A database as the first released program made it."""
    async with connected(database.owner_dsn) as owner:
        await owner.execute(FIRST.read_text(encoding="utf-8").replace(":server", database.server_role))
        await owner.execute("CREATE TABLE schema_version (version int NOT NULL, views text NOT NULL)")
        await owner.execute("INSERT INTO schema_version VALUES (1, '')")


async def brought_up(database: HouseDatabase) -> bool:
    return await migrate(database.owner_dsn, database.server_role, ROOM)


async def test_the_migrations_make_what_the_schema_says(postgres: Server) -> None:
    async with fresh_database(postgres) as new, fresh_database(postgres) as old:
        await of_version_1(old)
        assert await catalogue(old.owner_dsn) != await catalogue(new.owner_dsn)
        await brought_up(new)
        await brought_up(old)
        expected, found = await catalogue(new.owner_dsn), await catalogue(old.owner_dsn)
        for what in CATALOGUE:
            assert found[what] == expected[what], what
        assert any("letter_decisions" in row for row in found["relations"])


async def test_what_version_1_held_is_there_with_its_kind(database: HouseDatabase) -> None:
    await of_version_1(database)
    async with connected(database.owner_dsn) as owner:
        at = await owner.fetchval("SELECT now()")
        for position, (reason, _) in enumerate(REASONS):
            await owner.execute(HELD_IN_VERSION_1, f"evaluation:{position}", position, at, reason)
        await owner.execute("INSERT INTO requests VALUES ('a', 'b', 1, '{}')")
        await owner.execute("INSERT INTO positions VALUES ('reactions', 'evaluation', 7)")
    await brought_up(database)
    async with connected(database.server_dsn) as server:
        rows: list[Any] = await server.fetch(
            "SELECT reason, kind, next_at, envelope, held_at FROM held ORDER BY ordinal"
        )
        assert [(row["reason"], row["kind"]) for row in rows] == REASONS
        assert {(row["next_at"], row["envelope"]) for row in rows} == {(at, '{"id": "x"}')}
        assert all(row["held_at"] is not None for row in rows)
        assert await server.fetchval("SELECT count(*) FROM requests") == 1
        assert await server.fetchval("SELECT position FROM positions WHERE source = 'evaluation'") == 7


async def test_a_program_between_the_versions_left_data_that_come_along(database: HouseDatabase) -> None:
    await of_version_1(database)
    async with connected(database.owner_dsn) as owner:
        await owner.execute("ALTER TABLE held ADD COLUMN kind text NOT NULL CHECK (kind <> ''), ADD COLUMN stack text")
        await owner.execute(HELD_BETWEEN)
    await brought_up(database)
    async with connected(database.owner_dsn) as owner:
        assert await owner.fetchval("SELECT kind FROM held") == "refused"
        assert await version_of(owner) == VERSION


async def test_migrating_again_and_by_many_at_once_changes_nothing(database: HouseDatabase) -> None:
    await of_version_1(database)
    made_anew = await asyncio.gather(*(brought_up(database) for _ in range(4)))
    assert sorted(made_anew) == [False, False, False, True]
    before = await catalogue(database.owner_dsn)
    assert await brought_up(database) is False
    assert await catalogue(database.owner_dsn) == before


async def test_a_database_that_is_empty_has_no_version_and_gets_the_last(database: HouseDatabase) -> None:
    async with connected(database.owner_dsn) as owner:
        assert await version_of(owner) is None
    await asyncio.gather(*(brought_up(database) for _ in range(4)))
    async with connected(database.owner_dsn) as owner:
        assert await version_of(owner) == VERSION == max(MIGRATIONS)


async def test_a_database_of_a_later_program_is_left_alone(database: HouseDatabase) -> None:
    await brought_up(database)
    async with connected(database.owner_dsn) as owner:
        await owner.execute("UPDATE schema_version SET version = version + 1, views = 'of later'")
        with pytest.raises(OfLaterVersion, match=f"{VERSION + 1}"):
            await brought_up(database)
        assert await owner.fetchval("SELECT views FROM schema_version") == "of later"


def test_the_migrations_are_numbered_without_a_gap_and_the_schema_has_what_the_last_one_adds() -> None:
    assert sorted(MIGRATIONS) == list(range(1, VERSION + 1))
    assert "CREATE TABLE parked" in SCHEMA.read_text(encoding="utf-8")
