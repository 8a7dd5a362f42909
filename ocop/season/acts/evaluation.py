"""Steps of evaluation: rounds and councils, a dossier at the agency, and what follows a council's result."""

from typing import TYPE_CHECKING, Any

from ocop.season import people
from ocop.season.acts.hands import (
    TW,
    Acts,
    authority,
    authority_name,
    council_id,
    decision,
    dossier_id,
    level_of,
    producer,
    round_id,
    signed,
)
from ocop.season.script import MINISTRY, Line, Season, Step

if TYPE_CHECKING:
    from ocop.season.play import Player

ACTS = Acts()
NUMBERS = {"extra": "extra", "second": 2, "national": 2}  # of the rounds of art. 5; an extra one has none
SAME_DOSSIER = "same dossier assessed again"
OWN = "own assessment"


# --- rounds and councils ---


def opening(season: Season) -> list[Step]:
    """Councils formed, rounds opened and closed: what no single product does, before the products of the day."""
    steps = []
    for place, council in season.councils.items():
        steps.append(Step(f"season:council:{place}", council["formed"], "council_formed", "", {"place": place}))
        for name in season.rounds:
            if name in council:
                facts = {"place": place, "round": name}
                for do, day in (("round_opened", "opened"), ("round_closed", "closed")):
                    steps.append(Step(f"season:{do}:{place}:{name}", council[name][day], do, "", facts))
    return steps


@ACTS.act
async def council_formed(player: "Player", _: None, step: Step) -> None:
    place = step.facts["place"]
    facts = player.season.councils[place]
    level, where, role = level_of(place)
    body = {
        "id": council_id(player, place), "level": level, "province": where,
        "decision": decision(f"QĐ-HĐ-{where}", facts["formed"], authority_name(where)), "bylaw": {},
        "members": people.council(place),
        "secretary": {"id": f"{place}-thu-ky", "office_vi": "Thư ký hội đồng", "name": people.name(f"{place}/sec")},
        "team": facts["team"],
    }  # fmt: skip
    chairman = "minister" if role == MINISTRY else "province_chairman"
    await player.post("evaluation", "/councils", role=chairman, place=where, key=step.key, body=body)


@ACTS.act
async def round_opened(player: "Player", _: None, step: Step) -> None:
    place, name = step.facts["place"], step.facts["round"]
    level, where, role = level_of(place)
    terms = player.season.rounds[name]
    body = {
        "id": round_id(player, place, name), "level": level, "province": where, "name": name,
        "year": terms["proposals_last"].year, "number": NUMBERS[name], "basis": terms["by"],
        "proposals_last": str(terms["proposals_last"]), "done_last": str(terms["done_last"]),
    }  # fmt: skip
    await player.post("evaluation", "/rounds", role=role, place=where, key=step.key, body=body)


@ACTS.act
async def round_closed(player: "Player", _: None, step: Step) -> None:
    place, name = step.facts["place"], step.facts["round"]
    _, where, role = level_of(place)
    path = f"/rounds/{round_id(player, place, name)}/closing"
    await player.post("evaluation", path, role=role, place=where, key=step.key, body={})


# --- a dossier at the agency ---


@ACTS.act
async def dossier_received(player: "Player", line: Line, step: Step) -> None:
    """A forwarded or referred dossier; or the same one anew, by the province's own will or because it must."""
    note, key = step.facts.get("note", ""), line.product.key
    if note.startswith(OWN):
        await on_assessment(player, line, step, "own-assessment", {"id": player.id_of(f"{key}/own")}, level="national")
    elif note == SAME_DOSSIER:
        await on_assessment(player, line, step, "reassessment", {"id": player.id_of(f"{key}/again")})
    else:
        await on_assessment(player, line, step, "receipt", {})


@ACTS.act
async def site_checked(player: "Player", line: Line, step: Step) -> None:
    body = {"reason": step.facts["reason_vi"], "findings": "Nhà xưởng mở rộng, quy trình giữ nguyên"}
    await on_assessment(player, line, step, "site-check", body)


@ACTS.act
async def advisory_report(player: "Player", line: Line, step: Step) -> None:
    body = {"report": "Hồ sơ đủ thành phần, minh chứng khớp với sản phẩm", "proposal": "Đề nghị hội đồng đánh giá"}
    await on_assessment(player, line, step, "advice", body)


# --- what follows a result ---


@ACTS.act
async def result_approved(player: "Player", line: Line, step: Step) -> None:
    await on_assessment(player, line, step, "approval", {"decision": signed(step, line, "KQ")})


@ACTS.act
async def not_recognised(player: "Player", line: Line, step: Step) -> None:
    await on_assessment(player, line, step, "non-recognition", {"decision": signed(step, line, "KQ")})


@ACTS.act
async def referred(player: "Player", line: Line, step: Step) -> None:
    await on_assessment(player, line, step, "referral", {})


@ACTS.act
async def result_returned(player: "Player", line: Line, step: Step) -> None:
    await on_assessment(player, line, step, "return", {"improve": step.facts.get("improve", [])})


@ACTS.act
async def redo_demanded(player: "Player", line: Line, step: Step) -> None:
    body = {"reason": f"{step.facts['reason_vi']} ({step.facts['rule']})"}
    await on_assessment(player, line, step, "redo-demand", body, level="province")


@ACTS.act
async def assessment_annulled(player: "Player", line: Line, step: Step) -> None:
    reason = line.before(step, "redo_demanded")[-1].facts["reason_vi"]
    await on_assessment(player, line, step, "annulment", {"decision": signed(step, line, "HB"), "reason": reason})


# --- appeal ---


@ACTS.act
async def appeal_lodged(player: "Player", line: Line, step: Step) -> None:
    found = await assessment(player, line, step, "province")
    body = {
        "id": player.id_of(f"{line.product.key}/appeal"), "assessment_id": found["id"],
        "criteria": step.facts["about"], "reason": "Minh chứng có trong hồ sơ nhưng chưa được tính điểm",
    }  # fmt: skip
    await producer(player, line, step, "/appeals", body, house="evaluation")


@ACTS.act
async def appeal_decided(player: "Player", line: Line, step: Step) -> None:
    upheld = step.facts["upheld"]
    answer = "Minh chứng có trong hồ sơ; hồ sơ được đánh giá lại" if upheld else "Kết quả đánh giá đúng với minh chứng"
    body = {"upheld": upheld, "decision": signed(step, line, "KN"), "answer": answer}
    path = f"/appeals/{player.id_of(f'{line.product.key}/appeal')}/decision"
    await authority(player, line, step, "evaluation", path, body)


# --- the assessment that a step is about ---


async def on_assessment(
    player: "Player", line: Line, step: Step, what: str, body: dict[str, Any], *, level: str | None = None
) -> None:
    """A step on the assessment of a level, by default of whom the step names."""
    found = await assessment(player, line, step, level or ("national" if step.by == MINISTRY else "province"))
    place = TW if step.by == MINISTRY else line.product.province
    path = f"/assessments/{found['id']}/{what}"
    await player.post("evaluation", path, role=step.by, place=place, key=step.key, body=body)


async def assessment(player: "Player", line: Line, step: Step, level: str) -> dict[str, Any]:
    """The newest assessment of the product's newest dossier at a level."""
    rows = await player.get("evaluation", "/assessments", dossier=dossier_id(player, line, step), level=level)
    return rows[-1]
