"""What a district had while there were districts: a council, a dossier before it, and a result of three stars to certify."""

from datetime import date
from typing import Any

from ocop.standalone import Program
from services.certification.domain.proposal import Proposal
from services.certification.domain.recognition import Recognition
from services.certification.domain.result import Result
from services.evaluation.domain.assessment import Assessment
from shared.regulation.rulesets import load
from shared.values import About, ProducerRef, ProductRef
from tests import evaluating
from tests.given import an_id, on
from tests.whole import begin

DISTRICT, ANOTHER = "535", "524"  # huyện Ba Tơ and huyện Bình Sơn of Quảng Ngãi
RULES = load("qd-148-2023")
DAY = "2024-06-12"
DECISION = {"number": "1/QĐ", "date": DAY, "authority": "UBND huyện"}
QUE = About(
    product=ProductRef(id=an_id("Quế Ba Tơ"), code="51-535-21484-1-2024", name="Quế Ba Tơ", set="", group="food"),
    producer=ProducerRef(id=an_id("producer of Quế Ba Tơ"), name="Hợp tác xã Quế", kind="cooperative"),
    province="51", commune="21484",
)  # fmt: skip


async def made(program: Program) -> dict[str, Any]:
    """Path parameter or field -> value, for whoever acts in the district on a day of its time."""
    council = evaluating.form(level="district", district=DISTRICT, ruleset=RULES, when=on("2024-05-02"))
    assessment = Assessment.arrive(
        an_id("district assessment"), about=QUE, ruleset=RULES, dossier_id=an_id("district dossier"), kind="first",
        evidence=0, forwarded_on=on("2024-05-20").on, when=on("2024-05-20"), district=DISTRICT,
    )  # fmt: skip
    assessment.receive(on("2024-05-21"))
    proposal = Proposal(
        assessment_id=an_id("district result"), dossier_id=an_id("district dossier"), level="district", stars=3,
        kind="first", scored_on=date(2024, 6, 3), simulated=False,
    )  # fmt: skip
    recognition = Recognition.open(QUE, RULES.id, on("2024-06-03"))
    recognition.propose(proposal, QUE, RULES, on("2024-06-03"))
    result = Result.hear(proposal.assessment_id, QUE, RULES.id, on("2024-06-03"))
    await begin(program, "evaluation", council, assessment)
    await begin(program, "certification", recognition, result)
    return {
        "on": DAY, "decision": DECISION, "level": "district", "province": "51", "district": DISTRICT,
        "council_id": council.id, "assessment_id": assessment.id, "product_id": QUE.product.id,
    }  # fmt: skip
