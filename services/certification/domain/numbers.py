"""Numbers of certificates: one running number a year for each province, and one for the ministry."""

from typing import Self
from uuid import UUID, uuid5

from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment

NUMBERS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b6763656e")  # namespace of the numbers' ids


class CertificateNumbers(Aggregate):
    """The running numbers that one authority gives in one year; `issuer` is a province's code, or TW."""

    TOPIC = "certification.CertificateNumbers"

    class Opened(Begun):
        TOPIC = "certification.CertificateNumbersOpened"
        issuer: str
        year: int

    class Allocated(Changed):
        TOPIC = "certification.CertificateNumberAllocated"
        product_id: UUID
        number: int

    @staticmethod
    def id_of(issuer: str, year: int) -> UUID:
        return uuid5(NUMBERS, f"{issuer}/{year}")

    @classmethod
    def open(cls, issuer: str, year: int, when: Moment) -> Self:
        return cls._create(cls.Opened, id=cls.id_of(issuer, year), when=when, issuer=issuer, year=year)

    @event(Opened)
    def __init__(self, issuer: str, year: int) -> None:
        self.issuer = issuer
        self.year = year
        self.last = 0

    @property
    def place(self) -> Place:
        return Place(province=self.issuer)

    def allocate(self, product_id: UUID, when: Moment) -> str:
        """The next number, safe in a URL: `GCN-51-2026-00001`."""
        self.trigger_event(self.Allocated, when=when, product_id=product_id, number=self.last + 1)
        return f"GCN-{self.issuer}-{self.year}-{self.last:05d}"

    @event(Allocated)
    def _allocated(self, number: int) -> None:
        self.last = number
