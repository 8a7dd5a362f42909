"""Personal data is sealed with a key per person before it is stored or hashed: erasing the key erases the person."""

import base64
import os
from collections.abc import Sequence
from typing import Generic, TypeVar
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.eventstore.sql import STORE
from shared.values import Value

T = TypeVar("T")
NONCE_BYTES = 12


class Sealed(Value, Generic[T]):
    """A personal value that only the person's key opens; `box` is base64 of nonce and ciphertext (AES-GCM)."""

    person: UUID
    box: str


class Erased(LookupError):
    """The person's key is gone, and with it what it opened."""


async def seal(connection: asyncpg.Connection | asyncpg.Pool, person: UUID, text: str) -> Sealed[str]:
    """Seals a text for a person, whose key is made at first use. The key is kept apart from the events."""
    [sealed] = await seal_all(connection, person, [text])
    return sealed


async def seal_all(
    connection: asyncpg.Connection | asyncpg.Pool, person: UUID, texts: Sequence[str]
) -> list[Sealed[str]]:  # fmt: skip
    """Seals several texts for one person, whose key is asked for once."""
    await connection.execute(STORE.make_person_key, person, os.urandom(32))
    key = AESGCM(await connection.fetchval(STORE.person_key, person))
    return [Sealed[str](person=person, box=boxed(key, person, text)) for text in texts]


def boxed(key: AESGCM, person: UUID, text: str) -> str:
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + key.encrypt(nonce, text.encode(), person.bytes)).decode()


async def unseal(connection: asyncpg.Connection | asyncpg.Pool, sealed: Sealed[str]) -> str:
    """The text; raises Erased."""
    key = await connection.fetchval(STORE.person_key, sealed.person)
    if key is None:
        raise Erased(str(sealed.person))
    box = base64.b64decode(sealed.box)
    return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], sealed.person.bytes).decode()
