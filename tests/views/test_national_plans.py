"""How PostgreSQL counts: only the facts of the kind asked for are read, and a certificate's row once."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import pytest

from ocop.postgres import Server
from services.certification.main import HOUSE as CERTIFICATION
from services.programme.main import HOUSE as PROGRAMME
from services.programme.views.measures import MEASURES, What
from services.programme.views.nation import FACTS, Scope
from shared.eventstore.migrate import migrate
from tests.postgres import fresh_database

TODAY = date(2026, 12, 1)
MANY = """
    INSERT INTO views.registered
    SELECT what, n::text, n, '2026-06-01'::date + n % 400, 'qd-26-2026', '51', '21548', 'food', NULL, 'cooperative', NULL,
           'x', NULL, NULL, NULL, known_since(now()), NULL
    FROM unnest($1::text[]) what, generate_series(1, 2000) n
"""
CERTIFICATES = """
    INSERT INTO certificates (number, certificate_id, product_id, product_name, set, "group", producer_id, producer_name,
        producer_kind, province, commune, stars, issued_on, expires_on, decision, kind, simulated, ruleset, map_on, known)
    SELECT 'GCN-51-2026-' || lpad(n::text, 5, '0'), gen_random_uuid(), gen_random_uuid(), '', '', '', gen_random_uuid(), '',
        '', '51', '', 3, '2026-09-01', '2029-09-01', '{}', '', false, '', '2026-09-01', known_since('2026-09-01Z')
    FROM generate_series(1, 5000) n
"""


@pytest.fixture
async def full(postgres: Server) -> AsyncIterator[asyncpg.Connection]:
    """Programme's tables with many facts of every kind of registration, and no certificate."""
    async with fresh_database(postgres, "programme") as database:
        await migrate(database.owner_dsn, database.server_role, PROGRAMME.room)
        connection = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": "views,public"})
        try:
            await connection.execute(MANY, [what for what in MEASURES if MEASURES[what].source == "registration"])
            await connection.execute("ANALYZE views.registered")
            yield connection
        finally:
            await connection.close()


@pytest.fixture
async def certified(postgres: Server) -> AsyncIterator[asyncpg.Connection]:
    """Certification's table with many certificates, each of which was once something else."""
    async with fresh_database(postgres, "certification") as database:
        await migrate(database.owner_dsn, database.server_role, CERTIFICATION.room)
        connection = await asyncpg.connect(database.owner_dsn, server_settings={"search_path": "views,public"})
        try:
            await connection.execute(CERTIFICATES)
            await connection.execute("UPDATE certificates SET known = known_since('2026-11-01Z', known)")
            await connection.execute("ANALYZE certificates, certificates_was")
            yield connection
        finally:
            await connection.close()


async def plan(connection: asyncpg.Connection, what: What, statement: str, *more: Any) -> str:
    facts, scope = FACTS[MEASURES[what].source], Scope(on=TODAY, today=TODAY, map="today")
    arguments = scope.arguments([what], date(2026, 6, 1))
    return await explained(connection, getattr(facts, statement), *arguments, *more)


async def explained(connection: asyncpg.Connection, statement: str, *arguments: Any) -> str:
    return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *arguments))


async def test_a_count_reads_the_facts_of_its_kind_by_index(full: asyncpg.Connection) -> None:
    found = await plan(full, "dossiers", "counted", "province", False)
    assert "registered_days" in found
    assert "Seq Scan on registered" not in found


async def test_the_list_behind_a_count_does_too(full: asyncpg.Connection) -> None:
    assert "registered_days" in await plan(full, "dossiers", "behind", None, None, None, None, 100, 0, None, None)


async def test_the_first_day_of_a_kind_is_found_without_reading_all(full: asyncpg.Connection) -> None:
    rows = await full.fetch(f"EXPLAIN {FACTS['registration'].since}", ["dossiers"])
    assert any("Index Only Scan" in row[0] and "registered_days" in row[0] for row in rows)


async def test_one_status_of_certificates_reads_their_table_once(full: asyncpg.Connection) -> None:
    found = await plan(full, "certificates_valid", "counted", "stars", False)
    assert found.count(" on recognitions") == 1


async def test_what_was_known_is_counted_by_the_same_indexes(full: asyncpg.Connection) -> None:
    """Nothing is read of the kinds and certificates that are not asked for."""
    scope = Scope(on=TODAY, today=TODAY, map="today").arguments(["dossiers"], date(2026, 6, 1))
    counted = PROGRAMME.room.as_known(FACTS["registration"].counted, len(scope) + 3)
    found = await explained(full, counted, *scope, "province", False, datetime(2026, 10, 1, tzinfo=UTC))
    assert "registered_days" in found
    assert "Seq Scan on registered" not in found.replace("registered_was", "")
    assert all(table not in found for table in ("assessed", "promoted", "recognitions", "tasks"))


async def test_a_certificate_of_an_instant_is_found_by_its_number(certified: asyncpg.Connection) -> None:
    statement = CERTIFICATION.room.as_known(CERTIFICATION.room.sql.certificate, 2)
    found = await explained(certified, statement, "GCN-51-2026-00001", datetime(2026, 10, 1, tzinfo=UTC))
    assert "certificates_pkey" in found
    assert "certificates_was_key" in found
    assert "Seq Scan" not in found
