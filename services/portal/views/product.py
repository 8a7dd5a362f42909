"""The page of a product: what it is, what happened to it on which day, and how its score came about."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.portal.views import certificate, words
from services.portal.views.houses import Houses
from services.portal.views.words import Text
from shared.regulation.rulesets import load
from shared.regulation.sheets import Sheet

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline; `told` is what the fact says besides, `link` where to read on."""

    on: str
    what: Text
    told: Text | None = None
    link: str | None = None


async def product(houses: Houses, product_id: str) -> dict[str, Any]:
    """All that the houses know of a product. Raises HouseSaid (404 for an unknown one), HouseSilent."""
    found, said, assessments, certificates, listing = await asyncio.gather(
        houses.get("registration", "products", product_id),
        houses.get("registration", "products", product_id, "timeline"),
        houses.get("evaluation", "assessments", product=product_id),
        houses.get("certification", "certificates", product=product_id),
        houses.find("promotion", "catalogue", product_id),
    )
    results = await asyncio.gather(*(result_of(houses, row) for row in assessments))
    certificates = [certificate.shown(row) for row in certificates]
    return {
        "product": found,
        "place": words.place(found["commune"], found["province"], found["registered_on"]),
        "certificates": certificates[::-1],
        "listing": listing,
        "happenings": timeline(said, assessments, certificates, listing),
        "results": [result for result in results if result][::-1],
        "simulated": any(row["simulated"] for row in [*assessments, *certificates]),
    }


async def result_of(houses: Houses, assessment: Row) -> Row | None:
    """The result of a decided assessment, ready to be read; None while there is none."""
    if assessment["decided_on"] is None:
        return None
    found = await houses.get("evaluation", "assessments", assessment["id"], "result")
    sheet = load(found["ruleset"]).sheet(found["set"])
    return found | {
        "level": words.known(words.LEVELS, found["level"]),
        "outcome": words.known(words.OUTCOMES, found["outcome"]),
        "own": assessment["own"],
        "sent_up_to": found["sent_up_to"] and words.known(words.LEVELS, found["sent_up_to"]),
        "parts": [part | {"criteria": criteria_of(found, part["part"])} for part in found["parts"]],
        "next": found["next"] | {"missing": [gate | {"enough": enough(sheet, gate)} for gate in found["next"]["missing"]]},
        "gates_missed": [gate | {"enough": enough(sheet, gate)} for gate in found["gates_missed"]],
    }  # fmt: skip


def criteria_of(result: Row, part: str) -> list[Row]:
    """The criteria of a part, each with the gate that holds it back, if one does."""
    missed = {gate["criterion"]: gate for gate in result["gates_missed"]}
    return [row | {"gate": missed.get(row["criterion"])} for row in result["criteria"] if row["part"] == part]


def enough(sheet: Sheet, gate: Row) -> Text | None:
    """The lowest option of the sheet that reaches a gate."""
    options = sheet.criteria[gate["criterion"]].options
    reaching = sorted((option for option in options if option.points >= gate["need"]), key=lambda option: option.points)
    return Text(reaching[0].label_vi, reaching[0].label_en) if reaching else None


# --- timeline ---


def timeline(said: list[Row], assessments: list[Row], certificates: list[Row], listing: Row | None) -> list[Happening]:
    """Everything that happened, oldest first; on one day in the order of the cycle."""
    happenings = [*registered(said)]
    for row in assessments:
        happenings += assessed(row)
    for row in certificates:
        happenings += certified(row)
    if listing:
        what = Text("Sản phẩm vào danh mục quảng bá", "The product is listed in the catalogue")
        happenings.append(Happening(listing["listed_on"], what))
    return sorted(happenings, key=lambda happening: happening.on)


def registered(said: list[Row]) -> Iterator[Happening]:
    for row in said:
        yield Happening(row["on"], words.known(words.STEPS, row["what"]), told(row["facts"]))


def told(facts: Row) -> Text | None:
    """What a step of registration says besides: code, decision, progress, opinion or kind of dossier."""
    match facts:
        case {"decision": dict() as decision}:
            return Text(words.decision(decision), f"Decision {decision['number']}, {words.day(decision['date'])}")
        case {"done_percent": int() as percent}:
            return Text(f"Đã thực hiện {percent}%", f"{percent}% carried out")
        case {"opinion": str() as opinion}:
            return Text(f"“{opinion}”", "")
        case {"code": str() as code}:
            return Text(code, "")
        case {"kind": str() as kind}:
            return words.dossier_kind(kind)
    return None


ASSESSED = {
    "received_on": Text("Tiếp nhận hồ sơ", "Dossier received"),
    "advised_on": Text("Tổ tư vấn báo cáo", "Advisory team reported"),
    "sent_on": Text("Hồ sơ gửi đến thành viên hội đồng", "Dossier sent to the council's members"),
    "session_on": Text("Hội đồng họp, chấm điểm", "The council sat and scored"),
    "decided_on": Text("Hội đồng kết luận", "The council decided"),
    "approved_on": Text("Phê duyệt kết quả để gửi lên cấp trên", "Result approved, to be sent up"),
    "sent_up_on": Text("Gửi hồ sơ lên Trung ương", "Dossier sent up to the ministry"),
    "not_recognised_on": Text("Quyết định không công nhận", "Decision not to recognise"),
    "returned_on": Text("Trả kết quả", "Result returned"),
}


def assessed(row: Row) -> Iterator[Happening]:
    """The steps that an assessment has come to, by its level."""
    level = words.known(words.LEVELS, row["level"])
    for column, what in ASSESSED.items():
        if row[column]:
            told_besides = outcome_of(row) if column == "decided_on" else None
            link = f"#result-{row['id']}" if column == "decided_on" else None
            yield Happening(row[column], Text(f"{what.vi} ({level.vi})", f"{what.en} ({level.en})"), told_besides, link)


def outcome_of(row: Row) -> Text:
    """As `82,5 điểm, 4 sao`, or how else it ended."""
    outcome = words.known(words.OUTCOMES, row["outcome"])
    if row["average"] is None or row["outcome"] != "ranked":
        return outcome
    points = words.cut(row["average"])
    return Text(f"{points} điểm, {row['stars']} sao", f"{points} points, {row['stars']} stars")


def certified(row: Row) -> Iterator[Happening]:
    """The issue of a certificate, and what became of it until today."""
    link = f"/c/{row['number']}"
    issued = Text(f"Cấp giấy chứng nhận {row['stars']} sao", f"{row['stars']}-star certificate issued")
    yield Happening(row["issued_on"], issued, Text(words.decision(row["decision"]), row["number"]), link)
    if row["status"] not in {"valid", "not-yet-valid"} and row["since"]:
        yield Happening(row["since"], Text(f"Giấy chứng nhận: {row['state'].vi}", f"Certificate: {row['state'].en}"),
                        certificate.reason(row) if row["reason"] else None, link)  # fmt: skip
