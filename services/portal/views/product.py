"""The page of a product: what it is, where it is found, what happened to it on which day, how its score came about."""

import asyncio
from typing import Any

from services.portal.views import certificate, words
from services.portal.views.houses import Houses
from services.portal.views.timeline import timeline
from services.portal.views.words import Text
from shared.regulation.rulesets import load
from shared.regulation.sheets import Sheet

Row = dict[str, Any]


async def product(houses: Houses, product_id: str) -> dict[str, Any]:
    """All that the houses know of a product. Raises HouseSaid (404 for an unknown one), HouseSilent."""
    found, said, assessments, certificates, dossiers, offered = await asyncio.gather(
        houses.get("registration", "products", product_id),
        houses.get("registration", "products", product_id, "timeline"),
        houses.get("evaluation", "assessments", product=product_id),
        houses.get("certification", "certificates", product=product_id),
        houses.get("registration", "dossiers", product=product_id),
        offers(houses, product_id),
    )
    results = await asyncio.gather(*(result_of(houses, row) for row in assessments))
    dossiers = await asyncio.gather(*(dossier_of(houses, row) for row in dossiers))
    certificates = [certificate.shown(row) for row in certificates]
    return offered | {
        "product": found,
        "place": words.place(found["commune"], found["province"], found["registered_on"]),
        "certificates": certificates[::-1],
        "dossiers": dossiers[::-1],
        "happenings": timeline(said, assessments, certificates, offered),
        "results": [result for result in results if result][::-1],
        "simulated": any(row["simulated"] for row in [*assessments, *certificates]),
    }


async def dossier_of(houses: Houses, dossier: Row) -> Row:
    """A dossier in words; one that starts from an earlier certificate with what changed (26/2026 art. 7.5, 7.6)."""
    ruleset, changed = dossier["ruleset"], None
    if dossier["kind"] != "first":
        changed = (await houses.get("registration", "dossiers", dossier["id"]))["changed"]
    return dossier | {
        "kind_name": words.dossier_kind(dossier["kind"], ruleset),
        "state_name": words.known(words.DOSSIER_STATES, dossier["state"]),
        "asked": words.papers(dossier["missing"] or dossier["wants"] or [], ruleset),
        "changed": changed and changed | {
            "criteria": [row | {"label": criterion_of(dossier, row["criterion"])} for row in changed["criteria"]],
            "added": words.papers([paper["kind"] for paper in changed["evidence_added"]], ruleset),
            "removed": words.papers([paper["kind"] for paper in changed["evidence_removed"]], ruleset),
        },
    }  # fmt: skip


def criterion_of(dossier: Row, code: str) -> Text:
    """What a criterion of the dossier's sheet asks."""
    found = words.ruleset_of(dossier["ruleset"]).sheet(dossier["set"]).criteria.get(code)
    return Text(found.label_vi, found.label_en) if found else Text(code, code)


async def offers(houses: Houses, product_id: str) -> Row:
    """Where the product is shown and sold; `story` null while none is published."""
    listings, story, shelves, sales_points, fairs = await asyncio.gather(
        houses.get("promotion", "products", product_id, "listings"),
        houses.find("promotion", "products", product_id, "story"),
        houses.get("promotion", "shelves", product=product_id),
        houses.get("promotion", "sales-points", product=product_id),
        houses.get("promotion", "fairs", product=product_id),
    )
    return {
        "listings": listings, "story": story, "shelves": shelves, "sales_points": sales_points, "fairs": fairs,
        "shelves_open": [row for row in shelves if row["closed_on"] is None],
        "sales_points_open": [row for row in sales_points if row["closed_on"] is None],
    }  # fmt: skip


async def result_of(houses: Houses, assessment: Row) -> Row | None:
    """The result of a decided assessment, ready to be read; None while there is none."""
    if assessment["decided_on"] is None:
        return None
    found = await houses.get("evaluation", "assessments", assessment["id"], "result")
    ruleset = load(found["ruleset"])
    sheet = None if ruleset.is_frame else ruleset.sheet(found["set"])
    return found | {
        "level": words.known(words.LEVELS, found["level"]),
        "outcome": words.known(words.OUTCOMES, found["outcome"]),
        "own": assessment["own"],
        "annulled_on": assessment["annulled_on"],
        "turns": assessment["ballot_rounds"],
        "sent_up_to": found["sent_up_to"] and words.known(words.LEVELS, found["sent_up_to"]),
        "parts": [part | {"criteria": criteria_of(found, part["part"])} for part in found["parts"]],
        "next": found["next"] | {"missing": [gate | {"enough": enough(sheet, gate)} for gate in found["next"]["missing"]]},
        "gates_missed": [gate | {"enough": enough(sheet, gate)} for gate in found["gates_missed"]],
    }  # fmt: skip


def criteria_of(result: Row, part: str) -> list[Row]:
    """The criteria of a part, each with the gate that holds it back, if one does."""
    missed = {gate["criterion"]: gate for gate in result["gates_missed"]}
    return [row | {"gate": missed.get(row["criterion"])} for row in result["criteria"] if row["part"] == part]


def enough(sheet: Sheet | None, gate: Row) -> Text | None:
    """The lowest option of the sheet that reaches a gate."""
    options = sheet.criteria[gate["criterion"]].options if sheet else ()
    reaching = sorted((option for option in options if option.points >= gate["need"]), key=lambda option: option.points)
    return Text(reaching[0].label_vi, reaching[0].label_en) if reaching else None
