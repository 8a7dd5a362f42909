"""What is said on the bus: a contract in a CloudEvents 1.0 envelope. One event, one id, for ever."""

from datetime import date, datetime
from typing import Any, ClassVar, Self, cast
from uuid import UUID, uuid5

import orjson
from pydantic import BaseModel, ConfigDict

from shared.values import About, ProducerRef, ProductRef, Value

IDS = UUID("0c0b5a6e-7d0e-5e0f-9a51-6f636f702e76")  # namespace of ids derived from messages

EXTENSIONS = ("province", "ruleset", "legaldate", "correlationid", "causationid", "traceparent")


class Said(Value):
    """What is said in public. Adding an optional field is allowed within a version; anything else is a new version."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    HOUSE: ClassVar[str]
    VERSION: ClassVar[int] = 1

    @classmethod
    def type_name(cls) -> str:
        """`vn.ocop.CertificateIssued.v1`"""
        return f"vn.ocop.{cls.__name__}.v{cls.VERSION}"

    @classmethod
    def model_validate(cls, obj: Any, **how: Any) -> Self:
        """Passes over what it does not know also in the values inside, which elsewhere refuse it: it may be of a later year."""
        return super().model_validate(obj, **{"extra": "ignore", **how})


class Contract(Said):
    """A public fact."""

    legal_date: date


class State(Said):
    """What facts have led to: the latest message of a key takes the place of those before. `position`: as of which fact."""

    position: int

    @property
    def key(self) -> str:
        """What the message is kept by."""
        raise NotImplementedError


def kinds_of(house: str, base: type[Said]) -> dict[str, type[Said]]:
    """The kinds of `base` that a house says, by their type's last parts: `CertificateIssued.v1`."""
    found: dict[str, type[Said]] = {}
    for kind in base.__subclasses__():
        if getattr(kind, "HOUSE", None) == house and not kind.__name__.startswith("_"):
            found[f"{kind.__name__}.v{kind.VERSION}"] = kind
        found |= kinds_of(house, kind)
    return found


def contracts_of(house: str) -> dict[str, type[Contract]]:
    """The facts that a house says on its topic."""
    return cast(dict[str, type[Contract]], kinds_of(house, Contract))


def states_of(house: str) -> dict[str, type[State]]:
    """The states that a house says on a compacted topic."""
    return cast(dict[str, type[State]], kinds_of(house, State))


class ProductContract(Contract):
    """A public fact about a product; place codes are those of the legal date."""

    product: ProductRef
    producer: ProducerRef
    province: str
    commune: str
    ruleset: str

    @property
    def about(self) -> About:
        return About(product=self.product, producer=self.producer, province=self.province, commune=self.commune)


def as_utc(instant: datetime) -> str:
    """`2026-06-01T02:00:00Z`, with microseconds where there are any."""
    # Every message has one: isoformat took 1.6 us where this took 1.0.
    return orjson.dumps(instant, option=orjson.OPT_UTC_Z)[1:-1].decode()


class Envelope(BaseModel):
    """Attributes as in CloudEvents, without their prefix; `key` orders messages, `data` is the contract's JSON."""

    model_config = ConfigDict(frozen=True)

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    dataschema: str
    key: str
    data: dict[str, Any]
    province: str | None = None
    ruleset: str | None = None
    legaldate: date | None = None
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None

    @property
    def house(self) -> str:
        return self.id.partition(":")[0]

    @property
    def position(self) -> int:
        return int(self.id.partition(":")[2])

    @property
    def name(self) -> str:
        """`CertificateIssued`"""
        return self.type.split(".")[2]

    def derived_id(self, what: str) -> UUID:
        """The id of what a reaction makes of this message: the same at every delivery."""
        return uuid5(IDS, f"{self.id}/{what}")

    def structured(self) -> dict[str, Any]:
        """CloudEvents JSON format; extensions that are not known are left out."""
        facts = {"id": self.id, "type": self.type, "source": self.source, "subject": self.subject}
        found = {name: value for name in EXTENSIONS if (value := getattr(self, name)) is not None}
        return {
            "specversion": "1.0", "datacontenttype": "application/json", **facts,
            "time": as_utc(self.time), "dataschema": self.dataschema,
            **{name: str(value) for name, value in found.items()}, "data": self.data,
        }  # fmt: skip

    def json_text(self) -> str:
        return orjson.dumps(self.model_dump(mode="json")).decode()
