"""The page of a product: what it is, where it is found, what happened to it on which day, how its score came about."""

import asyncio
from typing import Any

from services.portal.views import certificate, words
from services.portal.views.houses import Houses
from services.portal.views.results import explained
from services.portal.views.timeline import timeline
from services.portal.views.words import Text

Row = dict[str, Any]


async def product(houses: Houses, product_id: str) -> Row:
    """All that the houses know of a product, one question to each. Raises HouseSaid (404 for an unknown one), HouseSilent."""
    file, assessments, certificates, offered = await asyncio.gather(
        houses.get("registration", "products", product_id, "file"),
        houses.get("evaluation", "products", product_id, "results"),
        houses.get("certification", "certificates", product=product_id),
        houses.get("promotion", "products", product_id, "offers"),
    )
    found, certificates = file["product"], [certificate.shown(row) for row in certificates]
    results = [result for row in assessments if (result := explained(row))][::-1]
    return offered | {
        "product": found,
        "place": words.place(found["commune"], found["province"], found["registered_on"]),
        "certificates": certificates[::-1],
        "current": next((row for row in certificates[::-1] if row["in_force"]), None),
        "dossiers": [dossier_of(row) for row in file["dossiers"]][::-1],
        "happenings": timeline(file["timeline"], assessments, certificates, offered),
        "result": next((result for result in results if not result["annulled_on"]), None),
        "results": results,
        "simulated": any(row["simulated"] for row in [*assessments, *certificates]),
        "shelves_open": [row for row in offered["shelves"] if row["closed_on"] is None],
        "sales_points_open": [row for row in offered["sales_points"] if row["closed_on"] is None],
    }  # fmt: skip


def dossier_of(dossier: Row) -> Row:
    """A dossier in words; one that starts from an earlier certificate with what changed (26/2026 art. 7.5, 7.6)."""
    ruleset, changed = dossier["ruleset"], dossier["changed"]
    return dossier | {
        "kind_name": words.dossier_kind(dossier["kind"], ruleset),
        "state_name": words.known(words.DOSSIER_STATES, dossier["state"]),
        "asked": words.papers(dossier["missing"] or dossier["wants"] or [], ruleset),
        "changed": None if dossier["kind"] == "first" else changed | {
            "criteria": [row | {"label": criterion_of(dossier, row["criterion"])} for row in changed["criteria"]],
            "added": words.papers([paper["kind"] for paper in changed["evidence_added"]], ruleset),
            "removed": words.papers([paper["kind"] for paper in changed["evidence_removed"]], ruleset),
        },
    }  # fmt: skip


def criterion_of(dossier: Row, code: str) -> Text:
    """What a criterion of the dossier's sheet asks."""
    found = words.ruleset_of(dossier["ruleset"]).sheet(dossier["set"]).criteria.get(code)
    return Text(found.label_vi, found.label_en) if found else Text(code, code)
