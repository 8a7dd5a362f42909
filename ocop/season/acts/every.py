"""Every kind of step that somebody acts."""

from ocop.season.acts import certification, council, evaluation, programme, promotion, registration
from ocop.season.acts.hands import Acts

ACTS = Acts(
    registration.ACTS | evaluation.ACTS | council.ACTS | certification.ACTS | promotion.ACTS | programme.ACTS
)  # fmt: skip
