"""What evaluation does on hearing the other houses: a forwarded dossier begins its assessment."""

from services.evaluation.commands import ExpectDossier
from shared.bus.reactions import Policy
from shared.contracts.envelope import Envelope
from shared.contracts.registration import DossierForwarded
from shared.values import About

POLICY = Policy("evaluation")


@POLICY.on(DossierForwarded)
def on_dossier_forwarded(fact: DossierForwarded, envelope: Envelope) -> ExpectDossier:
    """The assessment waits for the agency to receive the dossier."""
    about = About(product=fact.product, producer=fact.producer, province=fact.province, commune=fact.commune)
    return ExpectDossier(
        id=envelope.derived_id("assessment"), about=about, ruleset=fact.ruleset, dossier_id=fact.dossier_id,
        kind=fact.kind, evidence=len(fact.evidence), on=fact.legal_date,
    )  # fmt: skip
