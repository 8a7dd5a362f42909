"""Checkpoints: what a house's hash chain was at a position on a day, signed, kept as events of the house and offline.

The chain shows that no event was changed by someone who did not compute it anew; whoever may write to the database could.
A signed hash that was carried away cannot be computed anew: it catches also a chain rewritten from end to end.

Every house has one aggregate of them, alike but for its topics, made here. They are private: nothing is said of them.
"""

import base64
import binascii
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from cryptography.exceptions import InvalidSignature
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import Field

from shared.auth.tokens import ALGORITHM
from shared.contracts.topics import HOUSES
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment, Value

IDS = UUID("c4ec0c4e-9f0e-5b0a-8a51-6f636f702e76")  # namespace of the aggregates' ids
FORM = "ocop-checkpoint-v1"
SIGNED_FACTS = ("position", "hash", "signature", "key_id", "public_key")


class Checkpoint(Value):
    """At `position` the chain of the house had this hash (hex); `day` is the legal date on which it was signed.

    `signature` (Ed25519) and `public_key` are base64url; `key_id` is the key's thumbprint (RFC 7638).
    """

    house: str
    day: date
    position: int = Field(ge=1)
    hash: str = Field(pattern="^[0-9a-f]{64}$")
    signature: str
    key_id: str
    public_key: str

    @classmethod
    def sign(cls, house: str, day: date, position: int, hash: bytes, key: OKPKey) -> Self:
        signature = key.private_key.sign(signed_text(house, day, position, hash.hex()))
        public = key.as_dict(private=False)["x"]
        return cls(
            house=house, day=day, position=position, hash=hash.hex(), signature=text_of(signature),
            key_id=key.thumbprint(), public_key=str(public),
        )  # fmt: skip

    @property
    def genuine(self) -> bool:
        """Whether the key it names signed exactly this. Whose key that is, the text cannot tell: compare `key_id`."""
        try:
            key = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": self.public_key})
            text = signed_text(self.house, self.day, self.position, self.hash)
            key.public_key.verify(bytes_of(self.signature), text)  # type: ignore[union-attr]
        except (InvalidSignature, JoseError, ValueError):
            return False
        return key.thumbprint() == self.key_id


def signed_text(house: str, day: date, position: int, hash: str) -> bytes:
    """What is signed: five lines, so that a signature made here means nothing anywhere else."""
    return "\n".join([FORM, house, day.isoformat(), str(position), hash]).encode()


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error


# --- the aggregate of each house ---


class Checkpoints(Aggregate):
    """What the aggregates of the houses have in common; `of` makes the first, `make` adds to it."""

    CheckpointsBegun: ClassVar[type[Any]]
    CheckpointMade: ClassVar[type[Any]]

    @classmethod
    def of(cls, house: str, when: Moment) -> Self:
        return cls._create(cls.CheckpointsBegun, id=checkpoints_id(house), when=when)

    def make(self, checkpoint: Checkpoint, when: Moment) -> None:
        """`when.on` is the checkpoint's day."""
        facts = checkpoint.model_dump(exclude={"house", "day"})
        self.trigger_event(self.CheckpointMade, when=when, **facts)


def checkpoints_id(house: str) -> UUID:
    """The id of a house's aggregate: the same for ever."""
    return uuid5(IDS, house)


def _aggregate_of(house: str) -> type[Checkpoints]:
    """The aggregate with topics of its own: a stored event finds its class in whatever process imports this module."""

    class OfHouse(Checkpoints):
        TOPIC = f"{house}.Checkpoints"

        class CheckpointsBegun(Begun):
            TOPIC = f"{house}.CheckpointsBegun"

        class CheckpointMade(Changed):
            TOPIC = f"{house}.CheckpointMade"
            position: int
            hash: str
            signature: str
            key_id: str
            public_key: str

            @property
            def checkpoint(self) -> Checkpoint:
                """Raises pydantic's ValidationError where the stored facts cannot be any."""
                facts = {name: getattr(self, name) for name in SIGNED_FACTS}
                return Checkpoint(house=house, day=self.legal_date, **facts)

        @event(CheckpointsBegun)
        def __init__(self) -> None:
            """Nothing is decided here by what was before: the facts are in the events."""

    return OfHouse


CHECKPOINTS = {house: _aggregate_of(house) for house in HOUSES}
