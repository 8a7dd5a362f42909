"""Roles and databases of the houses: who reaches what, and that preparing again changes nothing."""

import base64
import hashlib
import hmac
import re
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest

from ocop.databases import HouseDatabase, prepare
from ocop.postgres import Server
from tests.postgres import fresh_database


async def whoami(dsn: str) -> tuple[str, str]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("SELECT current_user"), await connection.fetchval("SELECT current_database()")
    finally:
        await connection.close()


async def test_each_house_has_a_database_an_owner_and_a_server_role(postgres: Server) -> None:
    prepared = await prepare(postgres, ["evaluation", "promotion"])
    for house, database in prepared.items():
        assert await whoami(database.owner_dsn) == (f"{house}_owner", f"ocop_{house}")
        assert await whoami(database.server_dsn) == (database.server_role, f"ocop_{house}")


async def test_preparing_again_changes_nothing(postgres: Server) -> None:
    assert await prepare(postgres, ["evaluation"]) == await prepare(postgres, ["evaluation"])


async def test_no_house_reaches_the_database_of_another(postgres: Server) -> None:
    prepared = await prepare(postgres, ["evaluation", "promotion"])
    trespass = prepared["promotion"].server_dsn.replace("/ocop_promotion", "/ocop_evaluation")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await whoami(trespass)


async def test_the_serving_role_makes_no_tables(database: HouseDatabase) -> None:
    connection = await asyncpg.connect(database.server_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (n int)")
    finally:
        await connection.close()


async def test_vietnamese_text_is_kept_and_lower_cased_by_every_server_alike(database: HouseDatabase) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        assert await connection.fetchval("SELECT lower('ĐƯỜNG THỐT NỐT')") == "đường thốt nốt"
    finally:
        await connection.close()


async def test_a_database_is_copied_from_a_template(postgres: Server, database: HouseDatabase) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    await connection.execute("CREATE TABLE copied (n int)")
    await connection.close()
    async with fresh_database(postgres, template=database.name) as copy:
        connection = await asyncpg.connect(copy.owner_dsn)
        assert await connection.fetchval("SELECT count(*) FROM copied") == 0
        await connection.close()


async def test_behind_a_password_each_role_has_one_that_all_programs_know(postgres: Server) -> None:
    guarded = Server(postgres.admin_dsn.replace("ocop@", "ocop:m%40nager@"))
    first = (await prepare(guarded, ["evaluation"]))["evaluation"]
    assert (await prepare(guarded, ["evaluation"]))["evaluation"] == first
    passwords = {urlsplit(dsn).password for dsn in (first.owner_dsn, first.server_dsn)}
    assert len(passwords) == 2
    assert None not in passwords
    assert await whoami(first.server_dsn) == ("evaluation_server", "ocop_evaluation")


async def test_a_house_serves_with_the_password_it_was_given_and_its_owner_with_another(postgres: Server) -> None:
    guarded = Server(postgres.admin_dsn.replace("ocop@", "ocop:manager@"))
    derived = await prepare(guarded, ["evaluation", "promotion"])
    given = await prepare(guarded, ["evaluation", "promotion"], {"evaluation": "chọn/@riêng"})
    assert unquote(urlsplit(given["evaluation"].server_dsn).password or "") == "chọn/@riêng"
    assert given["evaluation"].owner_dsn == derived["evaluation"].owner_dsn
    assert given["promotion"] == derived["promotion"]
    assert await kept(postgres, "evaluation_server") != await kept(postgres, "promotion_server")
    assert verifies("chọn/@riêng", await kept(postgres, "evaluation_server"))


async def kept(server: Server, role: str) -> str:
    """What PostgreSQL keeps of a role's password (RFC 5803)."""
    connection = await asyncpg.connect(server.admin_dsn)
    try:
        return await connection.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", role)
    finally:
        await connection.close()


def verifies(password: str, verifier: str) -> bool:
    """Whether this is the password (RFC 5802: StoredKey = H(HMAC(SaltedPassword, "Client Key")))."""
    rounds, salt, stored = re.fullmatch(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):.*", verifier).groups()
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    return hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest() == base64.b64decode(stored)
