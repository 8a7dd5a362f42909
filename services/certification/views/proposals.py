"""Results that await recognition."""

from services.certification.domain.recognition import Recognition
from services.certification.views.tables import HOUSE, SQL, Changes, map_day
from shared.eventstore.views import Change, View
from shared.regulation.rulesets import load

PROPOSALS = View("proposals", ["proposals"], HOUSE)


@PROPOSALS.on(Recognition.Proposed)
def proposed(e: Recognition.Proposed) -> Changes:
    a, p = e.about, e.proposal
    authority = load(e.ruleset).authority_for(p.stars)
    yield Change(
        SQL.proposed,
        (a.product.id, a.product.code, a.product.name, a.product.set, a.product.group, a.producer.id, a.producer.name,
         a.province, a.commune, p.stars, authority, p.level, p.assessment_id, p.dossier_id, p.kind, p.simulated,
         e.ruleset, p.scored_on, p.again, map_day(a, p.scored_on)),
    )  # fmt: skip


@PROPOSALS.on(Recognition.CertificateIssued, Recognition.CertificateReplaced, Recognition.UpgradeFailed)
def settled(e: Recognition.CertificateIssued | Recognition.CertificateReplaced | Recognition.UpgradeFailed) -> Changes:
    yield Change(SQL.settled, (e.proposal.assessment_id,))


@PROPOSALS.on(Recognition.ResultAnnulled)
def annulled(e: Recognition.ResultAnnulled) -> Changes:
    yield Change(SQL.settled, (e.assessment_id,))
