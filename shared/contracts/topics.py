"""The topics of the bus: a topic is a reviewed record. Created from this table by a command, never by the broker."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Topic:
    """`kept`: the broker keeps every message for ever; `compacted`: the last of each key; `passing`: each for a month."""

    name: str
    owner: str  # the house that alone writes it; "relays" where each house's relay writes its own partition
    key: str
    holds: str
    partitions: int = 12
    cleanup: Literal["kept", "compacted", "passing"] = "kept"
    public: bool = True


HOUSES = ("registration", "evaluation", "certification", "promotion", "programme")
TOPICS = {
    house: Topic(f"ocop.{house}", owner=house, key="product id, or the aggregate's id", holds="contracts")
    for house in HOUSES
}
CERTIFICATES = Topic(
    "ocop.certificates", owner="certification", key="certificate id", cleanup="compacted",
    holds="CertificateState: the latest state of each certificate",
)  # fmt: skip
# How far each house's topic has come: what a house said up to which of its positions. Houses alone read it (ADR 0006).
MARKS = Topic(
    "ocop.marks", owner="relays", key="house", holds="marks of the relays", partitions=len(HOUSES), cleanup="compacted",
    public=False,
)  # fmt: skip
ALL_TOPICS = (*TOPICS.values(), CERTIFICATES, MARKS)
