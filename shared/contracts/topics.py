"""The topics of the bus: a topic is a reviewed record. Created from this table by a command, never by the broker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    owner: str
    partitions: int = 12
    retention: str = "unlimited"


HOUSES = ("registration", "evaluation", "certification", "promotion", "programme")
TOPICS = {house: Topic(f"ocop.{house}", owner=house) for house in HOUSES}
