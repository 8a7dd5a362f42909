"""Proves a house's hash chain: reads what the events hold, computes every hash itself, and names the first bad event.

Beside a running program: events never change, so each page is a statement of its own and holds nothing back. Memory does
not grow with the store. Hashes are computed here and not by the database, which is what is judged.
"""

import hashlib
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg
from eventsourcing.utils import TopicError

from shared.eventstore.checkpoints import Checkpoint, checkpoints_id
from shared.eventstore.mapper import EventMapper
from shared.eventstore.sql import CHECKPOINT, PROOF

BEGINNING = hashlib.sha256(b"").digest()  # the hash before the first event
PAGE = 50_000  # events of one statement
Tell = Callable[[int], None]

# PostgreSQL's binary COPY: a header, then of each row the number of its columns and each column behind its length.
HEADER_BYTES = 19
ROW = struct.Struct(">HIqI32sI")  # 3 columns; 8, the position; 32, the hash; the length of the body that follows
HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Bad:
    """The first bad event; `aggregate` and `version` are None where there is none at the position."""

    position: int
    why: str
    aggregate: UUID | None = None
    version: int | None = None

    def __str__(self) -> str:
        whose = "" if self.aggregate is None else f" (aggregate {self.aggregate}, version {self.version})"
        return f"the chain breaks at position {self.position}{whose}: {self.why}"


class Chain:
    """Takes rows of the statement `chain` as PostgreSQL sends them, and follows the hashes.

    `wanted`: positions whose hashes are kept in `hashes`, as far as they are reached.
    """

    def __init__(self, after: int, digest: bytes, wanted: Sequence[int] = (), tell: Tell = lambda _: None) -> None:
        self.at, self.digest = after, digest
        self.bad: Bad | None = None
        self.hashes: dict[int, bytes] = {}
        self._wanted = sorted(set(wanted), reverse=True)
        self._tell = tell
        self._rest, self._begins = b"", True

    def begin_page(self) -> None:
        self._rest, self._begins = b"", True

    async def take(self, data: bytes) -> None:
        """One piece of a page's bytes, cut anywhere."""
        data, before = self._rest + data, self.at
        start = 0
        if self._begins:
            if len(data) < HEADER_BYTES:
                self._rest = data
                return
            start, self._begins = HEADER_BYTES, False
        if self.bad is None:
            self._rest = data[self._follow(data, start) :]
            self._tell(self.at - before)

    def _follow(self, data: bytes, start: int) -> int:
        """Follows whole rows from an offset on; returns where the first one begins that is not whole, or is bad."""
        sha256, unpack, row_bytes, size = hashlib.sha256, ROW.unpack_from, ROW.size, len(data)
        digest, at, wanted = self.digest, self.at, self._wanted[-1] if self._wanted else 0
        while start + row_bytes <= size:
            _, _, position, hash_bytes, stored, length = unpack(data, start)
            if position != at + 1:
                self.bad = Bad(at + 1, f"there is no such event, the next one is {position}")
                break
            begin = start + row_bytes
            end = begin + length
            if end > size and hash_bytes == HASH_BYTES:
                break
            computed = sha256(digest + data[begin:end]).digest()
            if computed != stored:
                self.bad = Bad(position, "it is not what was recorded there")
                break
            digest, at, start = computed, position, end
            if at == wanted:
                self.hashes[at] = digest
                self._wanted.pop()
                wanted = self._wanted[-1] if self._wanted else 0
        self.digest, self.at = digest, at
        return start


# --- a house ---


@dataclass(slots=True)
class Proof:
    """What was looked at of a house, from position `first` to `upto`, and what is wrong with it.

    `given`: the hash before `first` that was taken as it stands, None at the beginning. `keys`: how many checkpoints each
    key has signed, in the store and in the copies.
    """

    house: str
    first: int
    upto: int
    head: int
    given: bytes | None
    hash: bytes = b""
    events: int = 0
    bad: Bad | None = None
    findings: list[str] = field(default_factory=list)
    stored: int = 0
    copies: int = 0
    keys: dict[str, int] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return self.bad is None and not self.findings


async def prove(
    connection: asyncpg.Connection, house: str, *, first: int = 1, upto: int | None = None,
    copies: Sequence[Checkpoint] = (), tell: Tell = lambda _: None, begins: Tell = lambda _: None,
) -> Proof:  # fmt: skip
    """Follows the chain from `first` (whose hash before is taken as given) to `upto`, by default the head.

    `copies`: checkpoints kept elsewhere, which the chain must agree with as those kept in the store. `begins` is told how
    many events there will be, `tell` how many more are done.
    """
    ends = await connection.fetchrow(PROOF.ends)
    last = min(ends["position"] if upto is None else upto, ends["position"])
    proof = Proof(house, first, last, ends["position"], given=None)
    begin = await _beginning(connection, proof)
    claims = [*await _stored(connection, proof), *((copy, "the copy") for copy in copies)]
    _count(proof, claims, len(copies))
    begins(max(0, last - first + 1))
    chain = Chain(first - 1, begin, [checkpoint.position for checkpoint, _ in claims], tell)
    if proof.bad is None:
        await _follow(connection, chain, last)
        proof.bad = chain.bad and await _named(connection, chain.bad)
    proof.hash, proof.events = chain.digest, max(0, chain.at - first + 1)
    chain.hashes[first - 1] = begin
    _compare(proof, claims, chain.hashes)
    if proof.bad is None and last == ends["position"]:
        _check_end(proof, ends)
    return proof


async def _beginning(connection: asyncpg.Connection, proof: Proof) -> bytes:
    """The hash before the first event to be looked at."""
    if proof.first == 1 or proof.first > proof.upto:
        return BEGINNING
    proof.given = await connection.fetchval(PROOF.hash_at, proof.first - 1)
    if proof.given is None:
        proof.bad = Bad(proof.first - 1, "there is no such event")
    return proof.given or BEGINNING


async def _follow(connection: asyncpg.Connection, chain: Chain, last: int) -> None:
    while chain.at < last and chain.bad is None:
        upto = min(chain.at + PAGE, last)
        chain.begin_page()
        await connection.copy_from_query(PROOF.chain, chain.at, upto, output=chain.take, format="binary")
        if chain.at < upto and chain.bad is None:
            chain.bad = Bad(chain.at + 1, "there is none, or none that can be read")


async def _named(connection: asyncpg.Connection, bad: Bad) -> Bad:
    """With the aggregate and version of what stands there now."""
    row = await connection.fetchrow(PROOF.event_at, bad.position)
    return replace(bad, aggregate=UUID(int=row[0].int), version=row[1]) if row else bad


def _check_end(proof: Proof, ends: Any) -> None:
    """The chain ends where the head says."""
    if proof.given is None and proof.first > 1:
        return
    if ends["hash"] != proof.hash:
        proof.findings.append(f"the head's hash is not that of the event at position {ends['position']}")
    if (ends["last"] or 0) > ends["position"]:
        proof.findings.append(f"there are events up to {ends['last']}, the head is at {ends['position']}")


# --- checkpoints ---

Claim = tuple[Checkpoint, str]  # with where it stands


async def _stored(connection: asyncpg.Connection, proof: Proof) -> list[Claim]:
    """The checkpoints that are events of the house."""
    mapper, found = EventMapper(), []
    id = checkpoints_id(proof.house)
    for row in await connection.fetch(CHECKPOINT.made, id):
        where = f"the event at position {row['notification_id']}"
        try:
            event: Any = mapper.decode(row["topic"], row["state"], id, row["originator_version"])
            checkpoint = getattr(event, "checkpoint", None)
        except (ValueError, TopicError) as error:
            proof.findings.append(f"{where} is no checkpoint: {error}")
            continue
        if checkpoint is None:
            continue
        found.append((checkpoint, where))
        if checkpoint.position >= row["notification_id"]:
            proof.findings.append(f"{where} is a checkpoint of position {checkpoint.position}, which comes later")
    return found


def _count(proof: Proof, claims: Sequence[Claim], copies: int) -> None:
    proof.stored, proof.copies = len(claims) - copies, copies
    for checkpoint, where in claims:
        proof.keys[checkpoint.key_id] = proof.keys.get(checkpoint.key_id, 0) + 1
        if not checkpoint.genuine:
            proof.findings.append(f"checkpoint of {checkpoint.day} ({where}): nobody has signed this")


def _compare(proof: Proof, claims: Sequence[Claim], hashes: dict[int, bytes]) -> None:
    """Each checkpoint against the chain; one that differs is named with the last position on which all agree."""
    agreed = 0
    for position, of_one in groupby(sorted(claims, key=position_of), key=position_of):
        at_one = list(of_one)
        if position > proof.head:
            differ = [(claim, f"it is of position {position}, the store ends at {proof.head}") for claim in at_one]
        elif position in hashes:
            why = f"position {position} had another hash; what was recorded from position {agreed + 1} on was rewritten"
            differ = [(claim, why) for claim in at_one if claim[0].hash != hashes[position].hex()]
            agreed = agreed if differ else position
        else:
            continue
        proof.findings += [f"checkpoint of {checkpoint.day} ({where}): {why}" for (checkpoint, where), why in differ]


def position_of(claim: Claim) -> int:
    return claim[0].position
