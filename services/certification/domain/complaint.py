"""Complaint (phản ánh) of anyone about a certified product: answered by the province's agency within the bylaw's days."""

import base64
import hashlib
from datetime import date
from typing import Self
from uuid import UUID, uuid5

from shared.eventstore.aggregate import AboutProduct, BegunAbout, ChangedAbout, event
from shared.sealing import Sealed
from shared.values import About, Moment, Refusal

COMPLAINTS = UUID("6f0c1c5f-7a53-5d0a-8f0e-0c0b636f6d70")  # namespace of the ids that follow from references
LENGTH = 10  # characters of 32, fifty bits: not to be guessed, short enough to be read out


class AlreadyAnswered(Refusal):
    rule = "complaint-already-answered"
    vi = "Phản ánh {reference} đã được trả lời ngày {on}."
    en = "Complaint {reference} was answered on {on}."


def reference_of(request: str) -> str:
    """`PA-` and ten characters (A-Z, 2-7) that follow from the request, so that a repeat has the same."""
    return "PA-" + base64.b32encode(hashlib.sha256(request.encode()).digest()).decode()[:LENGTH]


class Complaint(AboutProduct):
    TOPIC = "certification.Complaint"

    class Made(BegunAbout):
        TOPIC = "certification.ComplaintMade"
        reference: str
        number: str
        text: Sealed[str]
        contact: Sealed[str] | None
        due_on: date

    class Answered(ChangedAbout):
        TOPIC = "certification.ComplaintAnswered"
        reference: str
        answer: str

    @staticmethod
    def id_of(reference: str) -> UUID:
        return uuid5(COMPLAINTS, reference)

    @classmethod
    def make(
        cls, reference: str, *, number: str, about: About, ruleset: str, text: Sealed[str], contact: Sealed[str] | None,
        due_on: date, when: Moment,
    ) -> Self:  # fmt: skip
        """`number`: the certificate complained about, in force or not; `due_on`: the last day to answer."""
        return cls._create(
            cls.Made, id=cls.id_of(reference), when=when, about=about, ruleset=ruleset, reference=reference,
            number=number, text=text, contact=contact, due_on=due_on,
        )  # fmt: skip

    @event(Made)
    def __init__(self, about: About, ruleset: str, reference: str) -> None:
        self.about = about
        self.ruleset = ruleset
        self.reference = reference
        self.answered_on: date | None = None

    def answer(self, answer: str, when: Moment) -> None:
        """Raises AlreadyAnswered."""
        if self.answered_on:
            raise AlreadyAnswered(reference=self.reference, on=self.answered_on)
        self.trigger_event(self.Answered, when=when, reference=self.reference, answer=answer)

    @event(Answered)
    def _answered(self, legal_date: date) -> None:
        self.answered_on = legal_date
