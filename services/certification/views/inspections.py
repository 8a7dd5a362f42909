"""Inspections of certified products: what was looked at, found, and mended."""

from services.certification.domain.inspection import Inspection
from services.certification.views.tables import HOUSE, SQL, Changes, about_product, map_day
from shared.eventstore.views import Change, View

INSPECTIONS = View("inspections", ["inspections"], HOUSE)


@INSPECTIONS.on(Inspection.Opened)
def opened(e: Inspection.Opened) -> Changes:
    yield Change(
        SQL.inspection_opened,
        (e.originator_id, *about_product(e.about), e.certificate.number, e.certificate.stars, e.kind, e.national,
         e.reason, list(e.with_agencies), e.legal_date, e.ruleset, map_day(e.about, e.legal_date)),
    )  # fmt: skip


@INSPECTIONS.on(Inspection.SamplesDrawn)
def samples_drawn(e: Inspection.SamplesDrawn) -> Changes:
    yield Change(SQL.samples_drawn, (e.originator_id, e.count))


@INSPECTIONS.on(Inspection.Concluded)
def concluded(e: Inspection.Concluded) -> Changes:
    yield Change(SQL.inspection_concluded, (e.originator_id, e.legal_date, e.finding, e.ground, e.mend_by))


@INSPECTIONS.on(Inspection.Mended)
def mended(e: Inspection.Mended) -> Changes:
    yield Change(SQL.inspection_mended, (e.originator_id, e.legal_date, e.account))
