"""Steps of certification: certificates, inspections, revocation, complaints."""

from typing import TYPE_CHECKING, Any

from ocop.season.acts.hands import Acts, authority, commune, producer, province, signed
from ocop.season.script import Line, Step

if TYPE_CHECKING:
    from ocop.season.play import Player

ACTS = Acts()
HOUSE = "certification"
NOTHING_FOUND = "none"


# --- certificate ---


async def proposal(player: "Player", line: Line) -> str:
    """The assessment whose result awaits its certificate."""
    product = player.product(line.product.key)
    rows = await player.get(HOUSE, "/proposals", province=line.product.province, limit="1000")
    [assessment_id] = [row["assessment_id"] for row in rows if row["product_id"] == product]
    return assessment_id


@ACTS.act
async def certificate_issued(player: "Player", line: Line, step: Step) -> None:
    """One door for both: whether it replaces another is for the house to know, and what it says must be as told."""
    body = {
        "product_id": player.product(line.product.key), "assessment_id": await proposal(player, line),
        "decision": signed(step, line, "CN"),
    }  # fmt: skip
    await authority(player, line, step, HOUSE, "/certificates", body)


ACTS["certificate_replaced"] = certificate_issued


@ACTS.act
async def upgrade_failed(player: "Player", line: Line, step: Step) -> None:
    path = f"/proposals/{await proposal(player, line)}/upgrade-failure"
    body = {"note": "Kết quả chưa cao hơn hạng sao đang có; giấy chứng nhận giữ nguyên"}
    await province(player, line, step, HOUSE, path, body)


async def number(player: "Player", line: Line) -> str:
    """The product's newest certificate."""
    rows = await player.get(HOUSE, "/certificates", product=player.product(line.product.key))
    return rows[-1]["number"]


@ACTS.act
async def production_stop_confirmed(player: "Player", line: Line, step: Step) -> None:
    path = f"/certificates/{await number(player, line)}/production-stop"
    body = {"account": "Chủ thể đã ngừng sản xuất sản phẩm này từ đầu năm"}
    await commune(player, line, step, path, body, house=HOUSE)


@ACTS.act
async def revoked(player: "Player", line: Line, step: Step) -> None:
    """On the ground that an inspection found, or on the commune's word."""
    found = [s for s in line.before(step, "inspection_concluded") if s.facts.get("ground") == step.facts["ground"]]
    body = {
        "ground": step.facts["ground"], "decision": signed(step, line, "TH"),
        "inspection_id": inspection_id(player, line, found[-1]) if found else None,
    }  # fmt: skip
    await authority(player, line, step, HOUSE, f"/certificates/{await number(player, line)}/revocation", body)


@ACTS.act
async def recognition_withdrawn(player: "Player", line: Line, step: Step) -> None:
    reason = line.before(step, "redo_demanded")[-1].facts["reason_vi"]
    body = {"decision": signed(step, line, "TH"), "reason": reason}
    await authority(player, line, step, HOUSE, f"/certificates/{await number(player, line)}/withdrawal", body)


# --- inspection ---


def inspection_id(player: "Player", line: Line, step: Step) -> str:
    """A product's inspections are counted by their openings up to this step."""
    opened = len(line.before(step, "inspection_opened")) + (step.do == "inspection_opened")
    return player.id_of(f"{line.product.key}/inspection/{opened}")


@ACTS.act
async def inspection_opened(player: "Player", line: Line, step: Step) -> None:
    body = {
        "id": inspection_id(player, line, step), "product_id": player.product(line.product.key),
        "kind": step.facts["kind"], "reason": step.facts.get("reason_vi", ""),
        "with_agencies": step.facts.get("with", []),
    }  # fmt: skip
    await authority(player, line, step, HOUSE, "/inspections", body)


@ACTS.act
async def samples_drawn(player: "Player", line: Line, step: Step) -> None:
    body = {"count": step.facts["count"], "note": "Lấy mẫu tại cơ sở, có biên bản"}
    await authority(player, line, step, HOUSE, f"/inspections/{inspection_id(player, line, step)}/samples", body)


@ACTS.act
async def inspection_concluded(player: "Player", line: Line, step: Step) -> None:
    finding = step.facts["finding"]
    body: dict[str, Any] = {
        "finding": None if finding == NOTHING_FOUND else FINDINGS_VI[finding], "ground": step.facts.get("ground"),
        "mend_by": str(step.facts["mend_by"]) if "mend_by" in step.facts else None,
    }  # fmt: skip
    await authority(player, line, step, HOUSE, f"/inspections/{inspection_id(player, line, step)}/conclusion", body)


FINDINGS_VI = {
    "label lacks the makers' lot number": "Nhãn chưa ghi số lô của người làm",
    "declared quality not kept": "Sản phẩm không đạt chất lượng đã công bố",
}


@ACTS.act
async def defect_mended(player: "Player", line: Line, step: Step) -> None:
    body = {"account": "Đã in lại nhãn có số lô"}
    path = f"/inspections/{inspection_id(player, line, step)}/mending"
    await producer(player, line, step, path, body, house=HOUSE)


# --- complaint ---


async def complain(player: "Player", line: Line, step: Step) -> str:
    """Anyone complains from the certificate's page; asked again, the door answers as the first time."""
    body = {"text": step.facts["about_vi"], "contact": "0000000000"}
    path = f"/certificates/{await number(player, line)}/complaints"
    answer = await player.post(HOUSE, path, role=None, place="", key=step.key, body=body)
    return answer["reference"]


@ACTS.act
async def complaint_made(player: "Player", line: Line, step: Step) -> None:
    await complain(player, line, step)


@ACTS.act
async def complaint_answered(player: "Player", line: Line, step: Step) -> None:
    reference = await complain(player, line, line.before(step, "complaint_made")[-1])
    path = f"/complaints/{reference}/answer"
    await province(player, line, step, HOUSE, path, {"answer": step.facts["answer_vi"]})
