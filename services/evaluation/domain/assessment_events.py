"""What happens to an assessment, as it is stored. A field that came later says by its upcaster what was so before."""

from datetime import date
from typing import Any
from uuid import UUID

from services.evaluation.domain.council import Seat
from services.evaluation.domain.outcome import Outcome, Points
from services.evaluation.domain.sitting import Sending
from services.evaluation.domain.voting import Count, Mode
from shared.eventstore.aggregate import BegunAbout, ChangedAbout
from shared.sealing import Sealed
from shared.values import Decision

# --- reception ---


class Arrived(BegunAbout):
    """A dossier is on its way to this level: forwarded by the commune, referred from below, or taken up anew.

    `stars_held`: of the certificate that an upgrade or a renewal starts from. `passes_to`: the level that decides, where
    this one only reports and sends on. `advised`: a report is in the file already. `again`: annulled or appealed before.
    `conflicts`: members who declared a conflict on this dossier earlier. `district`: whose council assesses, where one
    does. `left_over`: the product was assessed or recognised before and holds no certificate.
    """

    TOPIC = "evaluation.AssessmentArrived"
    class_version = 2
    dossier_id: UUID
    kind: str
    level: str
    basis: str
    own: bool
    evidence: int
    forwarded_on: date
    referred_on: date | None
    follows: UUID | None
    stars_held: int | None
    passes_to: str | None
    advised: bool
    again: bool
    conflicts: tuple[str, ...]
    district: str | None = None
    left_over: bool = False

    @staticmethod
    def upcast_v1_v2(facts: dict[str, Any]) -> None:
        facts.update(stars_held=None, passes_to=None, advised=False, again=False, conflicts=())


class ConflictDeclared(ChangedAbout):
    """A member said what ties it to the producer; the reason is personal and sealed with the member's key."""

    TOPIC = "evaluation.ConflictDeclared"
    council_id: UUID
    member: Seat
    reason: Sealed[str]


class Opened(ChangedAbout):
    """The agency took it up; `kind` is null in what was stored before it was said here."""

    TOPIC = "evaluation.AssessmentOpened"
    class_version = 2
    dossier_id: UUID
    kind: str | None
    level: str
    basis: str
    own: bool
    again: bool
    advised: bool
    passes_to: str | None

    @staticmethod
    def upcast_v1_v2(facts: dict[str, Any]) -> None:
        facts.update(kind=None, again=False, advised=False, passes_to=None)


class SiteChecked(ChangedAbout):
    TOPIC = "evaluation.SiteChecked"
    reason: str
    findings: str


class AdviceReported(ChangedAbout):
    TOPIC = "evaluation.AdviceReported"
    report: str
    findings: tuple[str, ...]
    proposal: str


# --- council's session ---


class SentToCouncil(ChangedAbout):
    """`members`: how many got the dossier; null in what was stored before they were counted."""

    TOPIC = "evaluation.SentToCouncil"
    class_version = 3
    sending: Sending
    members: int | None

    @staticmethod
    def upcast_v1_v2(facts: dict[str, Any]) -> None:
        facts.update(members=None)

    @staticmethod
    def upcast_v2_v3(facts: dict[str, Any]) -> None:
        sending = facts["sending"]
        facts["sending"] = {**sending, "season": None, "bylaw": {**sending["bylaw"], "seasonal": False}}


class SessionAdjourned(ChangedAbout):
    """Too few came; the session was put off `to` another day."""

    TOPIC = "evaluation.SessionAdjourned"
    level: str
    present: tuple[Seat, ...]
    members: int
    to: date


class SessionHeld(ChangedAbout):
    TOPIC = "evaluation.SessionHeld"
    class_version = 2
    level: str
    present: tuple[Seat, ...]
    mode: Mode
    turn: int

    @staticmethod
    def upcast_v1_v2(facts: dict[str, Any]) -> None:
        facts.update(mode="meeting", turn=1)


class BallotCast(ChangedAbout):
    """`options` on a sheet; `parts`, the part totals, where of the rules only the frame is known."""

    TOPIC = "evaluation.BallotCast"
    class_version = 2
    member: Seat
    options: dict[str, int | None]
    simulated: bool
    turn: int
    agree: bool
    parts: dict[str, Points] | None = None

    @staticmethod
    def upcast_v1_v2(facts: dict[str, Any]) -> None:
        facts.update(turn=1, agree=True)


class BallotsCounted(ChangedAbout):
    """A turn of ballots was opened and decides nothing: discussed, then scored again or taken to a meeting."""

    TOPIC = "evaluation.BallotsCounted"
    count: Count
    discussion: str


class Decided(ChangedAbout):
    """`recorded`: nobody certifies under these rules; the stars stand as the council found them."""

    TOPIC = "evaluation.AssessmentDecided"
    class_version = 2
    dossier_id: UUID
    kind: str
    level: str
    round_id: UUID | None
    outcome: Outcome
    sent_up_to: str | None
    simulated: bool
    mode: Mode
    turn: int
    again: bool
    recorded: bool = False

    @staticmethod
    def upcast_v1_v2(facts: dict[str, Any]) -> None:
        facts.update(mode="meeting", turn=1, again=False)


# --- what follows ---


class ResultApproved(ChangedAbout):
    TOPIC = "evaluation.ResultApproved"
    decision: Decision


class Referred(ChangedAbout):
    TOPIC = "evaluation.AssessmentReferred"
    dossier_id: UUID
    level: str
    to_level: str
    next_assessment_id: UUID


class NotRecognised(ChangedAbout):
    TOPIC = "evaluation.NotRecognised"
    decision: Decision


class ResultReturned(ChangedAbout):
    TOPIC = "evaluation.ResultReturned"
    improve: tuple[str, ...]
    note: str


class TakenBack(ChangedAbout):
    """The province assesses on its own what the centre returned (art. 7.4.g)."""

    TOPIC = "evaluation.AssessmentTakenBack"
    own_assessment_id: UUID


class Certified(ChangedAbout):
    """The renewal ended with a certificate; heard from the certification house."""

    TOPIC = "evaluation.AssessmentCertified"
    number: str


# --- annulment ---


class Annulled(ChangedAbout):
    TOPIC = "evaluation.AssessmentAnnulled"
    dossier_id: UUID
    level: str
    reason: str
    decision: Decision
