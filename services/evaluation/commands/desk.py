"""What the commands of evaluation share: the table of handlers, who may act at which level, the fields' types."""

from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID, uuid5

from pydantic import AfterValidator, Field, StrictInt

from services.evaluation.domain.assessment import Assessment
from services.evaluation.domain.level import CENTRE, DISTRICT, NATIONAL
from services.evaluation.domain.review import Review
from shared import units
from shared.auth.permissions import Forbidden, Place
from shared.eventstore.commands import Commands, Session
from shared.regulation.frames import PartTotals
from shared.regulation.law import exact
from shared.sealing import Sealed, seal

COMMANDS = Commands("evaluation")
handler = COMMANDS.handler
PERSONS = UUID("5f7b2f6e-4c0d-5a39-9b59-6f636f707073")  # namespace of the keys of members and secretaries
Province = Annotated[
    str | None,
    Field(default=None, pattern="^([0-9]{2}|TW)$", description="mã tỉnh; trung ương: null hoặc TW / null: the centre"),
    AfterValidator(lambda code: None if code == CENTRE else code),
]
District = Annotated[
    str | None,
    Field(default=None, pattern="^[0-9]{3}$", description="mã huyện, đến 30/6/2025 / a district's council, until then"),
]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Parts = Annotated[
    dict[str, Decimal] | None,
    Field(default=None, max_length=3, description="khung cũ: tổng điểm phần A, B, C / older rules: part totals"),
]
Options = Annotated[
    dict[str, StrictInt | None], Field(max_length=200, description="tiêu chí: phương án / criterion: option from 1")
]


def own_level(session: Session, level: str) -> None:
    """The centre acts at its own level only: it may look into a province, not assess for it; a district likewise, whose
    products a province assesses after it. Raises Forbidden.
    """
    asked = session.request
    acts_at = {CENTRE: NATIONAL}.get(asked.actor.place) or units.level_of(asked.actor.place)
    if acts_at in (NATIONAL, DISTRICT) and acts_at != level:
        raise Forbidden(asked.action, asked.actor.role, Place())


def exactly(parts: dict[str, Decimal] | None) -> PartTotals | None:
    """Part totals as they are scored: whole points as int, others as fractions."""
    return parts and {code: exact(Fraction(points)) for code, points in parts.items()}


async def assessment_of(session: Session, assessment_id: UUID) -> Assessment:
    """Raises NotFound, or Forbidden where the asker may not do this with this assessment."""
    assessment = await session.load(Assessment, assessment_id)
    own_level(session, assessment.level)
    return assessment


async def review_of(session: Session, assessment: Assessment) -> Review | None:
    """The review of its result, if that was ever called into question."""
    return await session.find(Review, Review.id_of(assessment.id))


async def review_begun(session: Session, assessment: Assessment) -> Review:
    """The same, begun where there is none yet."""
    return await review_of(session, assessment) or Review.begin(
        assessment.id, about=assessment.about, ruleset=assessment.ruleset, level=assessment.level, when=session.when,
        district=assessment.district,
    )  # fmt: skip


async def sealed(actor_id: str, text: str, session: Session) -> Sealed[str]:
    """A text about a member or secretary, sealed with that person's key."""
    return await seal(session.store.pool, uuid5(PERSONS, actor_id), text)
