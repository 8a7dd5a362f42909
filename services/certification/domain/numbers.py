"""Numbers of certificates: one running number a year for each province, and one for the ministry."""

import re
from typing import Self
from uuid import UUID, uuid5

from services.certification.domain.certificate import CERTIFICATES
from shared.auth.permissions import Place
from shared.eventstore.aggregate import Aggregate, Begun, Changed, event
from shared.values import Moment, Refusal

NUMBERS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b6763656e")  # namespace of the numbers' ids
OWN_FORM = re.compile(r"GCN-([0-9]{2}|TW)-([0-9]{4})-([0-9]{5})")
IN_A_URL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}")


class NumberTaken(Refusal):
    rule = "certificate-number-taken"
    vi = "Số {number} đã là số giấy chứng nhận của một sản phẩm khác."
    en = "The number {number} is already that of another product's certificate."


def parsed(number: str) -> tuple[str, int, int] | None:
    """(issuer, year, running number) of a number of our own form, null for any other."""
    found = OWN_FORM.fullmatch(number)
    return (found[1], int(found[2]), int(found[3])) if found else None


def safe_in_a_url(number: str) -> bool:
    return IN_A_URL.fullmatch(number) is not None


class CertificateNumbers(Aggregate):
    """The running numbers given in one year in a province, also by its districts then, or at the centre (TW).

    Who may take one is asked of the recognition that it is for.
    """

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
        self.products: dict[int, UUID] = {}

    @property
    def lies_in(self) -> Place:
        """Whoever supervises that place sees them."""
        return Place(province=self.issuer)

    def allocate(self, product_id: UUID, when: Moment) -> str:
        """The next number, safe in a URL: `GCN-51-2026-00001`."""
        self.trigger_event(self.Allocated, when=when, product_id=product_id, number=self.last + 1)
        return f"GCN-{self.issuer}-{self.year}-{self.last:05d}"

    def take(self, number: int, product_id: UUID, when: Moment) -> None:
        """A number that stands on paper already; the next ones run on from the highest. Raises NumberTaken."""
        if number in self.products:
            raise NumberTaken(number=f"GCN-{self.issuer}-{self.year}-{number:05d}")
        self.trigger_event(self.Allocated, when=when, product_id=product_id, number=number)

    @event(Allocated)
    def _allocated(self, product_id: UUID, number: int) -> None:
        self.last = max(self.last, number)
        self.products[number] = product_id


class PrintedNumber(Aggregate):
    """A number that earlier papers gave in another form than ours: whose it is. Its id is that of the certificate."""

    TOPIC = "certification.PrintedNumber"

    class Taken(Begun):
        TOPIC = "certification.PrintedNumberTaken"
        number: str
        product_id: UUID

    @staticmethod
    def id_of(number: str) -> UUID:
        return uuid5(CERTIFICATES, number)

    @classmethod
    def take(cls, number: str, product_id: UUID, when: Moment) -> Self:
        return cls._create(cls.Taken, id=cls.id_of(number), when=when, number=number, product_id=product_id)

    @event(Taken)
    def __init__(self, number: str, product_id: UUID) -> None:
        self.number = number
        self.product_id = product_id
