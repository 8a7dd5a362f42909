"""Steps of registration: producers, ideas, business plans, dossiers, earlier recognitions."""

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ocop.season import people
from ocop.season.acts.hands import (
    RULESET,
    Acts,
    ballots_of,
    commune,
    decision,
    dossier_id,
    producer,
    province,
    sheet_of,
)
from ocop.season.script import Line, Score, Step
from shared.regulation.rulesets import load

if TYPE_CHECKING:
    from ocop.season.play import Player

ACTS = Acts()
PAPERS = {
    "EV01": ("giay-dang-ky-kinh-doanh", "Giấy đăng ký kinh doanh"),
    "EV03": ("nguon-goc-nguyen-lieu", "Nguồn gốc nguyên liệu"),
    "EV05": ("danh-sach-lao-dong", "Danh sách lao động"),
    "EV11": ("cong-bo-chat-luong", "Tài liệu công bố chất lượng"),
    "EV12": ("phieu-kiem-nghiem", "Phiếu kiểm nghiệm"),
    "EV13": ("ma-so-ma-vach", "Mã số mã vạch, tem truy xuất"),
    "EV14": ("he-thong-quan-ly-chat-luong", "Chứng nhận hệ thống quản lý chất lượng"),
    "EV20": ("kiem-tra-dinh-ky", "Hồ sơ kiểm tra, kiểm nghiệm định kỳ"),
}
ALWAYS = ("EV01", "EV03", "EV05", "EV11", "EV12", "EV13")  # what every dossier of the season holds
RENEWED = ("EV12",)  # what a later dossier has anew
TYPICAL = {3: Fraction(60), 4: Fraction(75), 5: Fraction(92)}  # where no council of the season will say
DECIDED_UNDER = ((date(2023, 2, 24), "qd-1048-2019"), (date(2025, 7, 6), "qd-148-2023"))  # before that day
LAST_OLD_RULESET = "qd-148-2023+1489"


# --- producer and idea ---


@ACTS.act
async def producer_registered(player: "Player", line: Line, step: Step) -> None:
    p = line.product
    body = {
        "id": player.id_of(p.owner), "name": p.producer, "kind": p.producer_kind, "province": p.province,
        "commune": p.commune, "registration_number": f"{p.province}-{p.commune}-minh-hoa",
        "representative": people.representative(p.key),
    }  # fmt: skip
    await producer(player, line, step, "/producers", body)


@ACTS.act
async def producer_verified(player: "Player", line: Line, step: Step) -> None:
    await commune(player, line, step, f"/producers/{player.id_of(line.product.owner)}/verification", {})


def summary(line: Line, more: str = "") -> dict[str, str]:
    p = line.product
    return {
        "description": f"{p.name}: sản phẩm của {p.producer}", "raw_material": "Nguyên liệu tại địa phương",
        "local_character": f"Gắn với địa danh và cách làm của địa phương{more}",
    }  # fmt: skip


@ACTS.act
async def idea_registered(player: "Player", line: Line, step: Step) -> None:
    p = line.product
    body = {
        "id": player.id_of(f"{p.key}/idea"), "producer_id": player.id_of(p.owner), "product_name": p.name,
        "set": p.set, "summary": summary(line),
    }  # fmt: skip
    await producer(player, line, step, "/ideas", body)


def idea(player: "Player", line: Line) -> str:
    return f"/ideas/{player.id_of(f'{line.product.key}/idea')}"


@ACTS.act
async def idea_returned(player: "Player", line: Line, step: Step) -> None:
    await commune(player, line, step, f"{idea(player, line)}/return", {"guidance": step.facts["guidance_vi"]})


@ACTS.act
async def idea_sent_again(player: "Player", line: Line, step: Step) -> None:
    asked = line.before(step, "idea_returned")[-1].facts["guidance_vi"]
    body = {"summary": summary(line, f"; đã bổ sung theo hướng dẫn: {asked}")}
    await producer(player, line, step, f"{idea(player, line)}/resubmission", body)


@ACTS.act
async def idea_withdrawn(player: "Player", line: Line, step: Step) -> None:
    await producer(player, line, step, f"{idea(player, line)}/withdrawal", {"reason": step.facts["reason_vi"]})


@ACTS.act
async def idea_screened(player: "Player", line: Line, step: Step) -> None:
    body = {"opinion": "Ý tưởng phù hợp, đề nghị tỉnh chấp nhận"}
    await commune(player, line, step, f"{idea(player, line)}/screening", body)


@ACTS.act
async def idea_accepted(player: "Player", line: Line, step: Step) -> None:
    await province(player, line, step, "registration", f"{idea(player, line)}/acceptance", {})


# --- business plan and product ---


def plan(player: "Player", line: Line) -> str:
    return f"/plans/{player.id_of(f'{line.product.key}/plan')}"


@ACTS.act
async def plan_submitted(player: "Player", line: Line, step: Step) -> None:
    """For the first time, or again after a return."""
    key, returned = line.product.key, line.before(step, "plan_returned")
    content = {
        "situation": "Sản xuất quy mô nhỏ, bán trong tỉnh", "means": "Vốn tự có và nhà xưởng hiện có",
        "support_asked": "Thiết kế bao bì, kiểm nghiệm", "revenue_first_year": 500_000_000,
        "revenue_third_year": 2_000_000_000,
    }  # fmt: skip
    if returned:
        content["means"] = f"Vốn tự có và nhà xưởng hiện có; {returned[-1].facts['guidance_vi']}"
        await producer(player, line, step, f"{plan(player, line)}/resubmission", {"content": content})
        return
    body = {"id": player.id_of(f"{key}/plan"), "idea_id": player.id_of(f"{key}/idea"), "content": content}
    await producer(player, line, step, "/plans", body)


@ACTS.act
async def plan_returned(player: "Player", line: Line, step: Step) -> None:
    body = {"guidance": step.facts["guidance_vi"]}
    await province(player, line, step, "registration", f"{plan(player, line)}/return", body)


@ACTS.act
async def plan_approved(player: "Player", line: Line, step: Step) -> None:
    body = {"decision": decision(f"PA-{line.product.key}", step.day, "Cơ quan tham mưu quản lý OCOP cấp tỉnh")}
    await province(player, line, step, "registration", f"{plan(player, line)}/approval", body)


@ACTS.act
async def product_registered(player: "Player", line: Line, step: Step) -> None:
    body = {"plan_id": player.id_of(f"{line.product.key}/plan")}
    await province(player, line, step, "registration", "/products", body)


@ACTS.act
async def plan_progress(player: "Player", line: Line, step: Step) -> None:
    body = {
        "done_percent": step.facts.get("done_percent", 80), "account": "Đã sản xuất thử và hoàn thiện nhãn",
        "support_received": step.facts.get("support_vi", ""),
    }  # fmt: skip
    await producer(player, line, step, f"{plan(player, line)}/progress", body)


# --- an earlier recognition ---


@ACTS.act
async def recognition_recorded(player: "Player", line: Line, step: Step) -> None:
    """The certificate began on the day of the decision: 36 months before its last day, as the register's rows say."""
    p = line.product
    assert p.earlier is not None
    body = {
        "id": player.product(p.key),
        "producer": {"id": player.id_of(p.owner), "name": p.producer, "kind": p.producer_kind},
        "product_name": p.name, "set": p.set, "province": p.province, "commune": p.commune, "code": None,
        "ruleset": decided_under(p.earlier.decided), "number": None, "stars": p.earlier.stars,
        "decision": decision(f"CN-cu-{p.key}", p.earlier.decided, p.earlier.authority),
        "issued_on": str(p.earlier.decided), "expires_on": str(p.earlier.expires), "simulated": True,
    }  # fmt: skip
    await province(player, line, step, "registration", "/recognitions", body)


def decided_under(day: date) -> str:
    """The ruleset of a recognition of the time before; its data are not needed, its id is kept."""
    return next((ruleset for before, ruleset in DECIDED_UNDER if day < before), LAST_OLD_RULESET)


# --- dossier ---


@ACTS.act
async def dossier_submitted(player: "Player", line: Line, step: Step) -> None:
    body = await filed(player, line, step, dossier_id(player, line, step))
    await producer(player, line, step, "/dossiers", body)


@ACTS.act
async def renewal_refused(player: "Player", line: Line, step: Step) -> None:
    """A renewal outside its window: the register says no and names the article."""
    body = await filed(player, line, step, player.id_of(f"{step.key}/dossier"))
    owner = player.id_of(line.product.owner)
    await player.refused(
        "registration", "/dossiers", role="producer", place=owner, key=step.key, body=body, article=step.facts["rule"]
    )  # fmt: skip


async def filed(player: "Player", line: Line, step: Step, id: str) -> dict[str, Any]:
    """A dossier; where the register has an earlier one, only what is not as it was there."""
    earlier = line.before(step, "dossier_submitted")
    missing = {kind for returned in line.after(step, "dossier_returned")[:1] for kind in returned.facts["missing"]}
    kinds = [kind for kind in ALWAYS if kind not in missing]
    body = {
        "id": id, "product_id": player.product(line.product.key), "kind": step.facts["kind"],
        "form_02": {
            "self_assessment": own_ticks(line, step), "labourers": 12, "local_labourers": 10,
            "revenue_last_year": 900_000_000 + 150_000_000 * len(earlier),
        },
        "evidence": await papers(player, line, kinds, len(earlier) if earlier else 0),
    }  # fmt: skip
    if not earlier:
        name = line.product.name
        body["form_01"] = {"product_description": name, "output_per_year": "12 tấn", "market": "Trong và ngoài tỉnh"}
        if "changed" in step.facts:  # there is nothing to compare with, so the producer says it
            body["changed"] = step.facts["changed"]
    return body


async def papers(player: "Player", line: Line, kinds: list[str], later: int = 0) -> list[dict[str, Any]]:
    """Sends the papers of these kinds; of a `later` dossier some are new."""
    p, sent = line.product, []
    for kind in kinds:
        name, title = PAPERS[kind]
        edition = f"\nBản {later + 1}" if later and kind in RENEWED else ""
        content = f"{title}\n{p.producer}\n{p.name}{edition}\nTài liệu mô phỏng, không phải giấy tờ thật.\n".encode()
        kept = await player.send_file(content, place=player.id_of(p.owner))
        sent.append({**kept, "type": "text/plain", "name": f"{name}.txt", "kind": kind})
    return sent


def own_ticks(line: Line, step: Step) -> dict[str, int]:
    """What the producer ticks itself: as the first member of the council that comes will see it.

    An upgrade differs from the dossier before in the criteria that it names, and in nothing else.
    """
    coming = [s for s in line.after(step, "council_decided") if s.score]
    score = coming[0].score if coming else None
    if score is None or not score.ballots:
        stars = line.end["stars"] if line.end.get("stars") else 3
        score = Score(1, TYPICAL[stars], stars, (), (), None, "ranked", (), ())
    ballot = (ballots_of(line, coming[0] if coming else step, score))[0]
    ticks = {code: option for code, option in ballot.items() if option}
    earlier, changed = line.before(step, "dossier_submitted"), step.facts.get("changed")
    if not earlier or not changed:
        return ticks
    before = own_ticks(line, earlier[-1])
    return before | {code: other_option(line, code, before.get(code), ticks.get(code)) for code in changed}


def other_option(line: Line, code: str, before: int | None, wanted: int | None) -> int:
    """The option wanted, if it is another one than before; otherwise the next one, or the one below."""
    if wanted and wanted != before:
        return wanted
    options = [option.opt for option in sheet_of(line.product.set).criteria[code].options]
    at = options.index(before) if before in options else -1
    return options[at + 1] if at + 1 < len(options) else options[at - 1]


def dossier(player: "Player", line: Line, step: Step) -> str:
    return f"/dossiers/{dossier_id(player, line, step)}"


@ACTS.act
async def dossier_returned(player: "Player", line: Line, step: Step) -> None:
    missing = step.facts["missing"]
    names = ", ".join(PAPERS[kind][1].lower() for kind in missing)
    body = {"missing": missing, "note": f"Hồ sơ còn thiếu: {names}"}
    await commune(player, line, step, f"{dossier(player, line, step)}/return", body)


@ACTS.act
async def dossier_completed(player: "Player", line: Line, step: Step) -> None:
    body = {"evidence": await papers(player, line, step.facts["adds"])}
    await producer(player, line, step, f"{dossier(player, line, step)}/completion", body)


@ACTS.act
async def dossier_forwarded(player: "Player", line: Line, step: Step) -> None:
    form_03 = {
        "local_origin": "Nguyên liệu chính lấy tại xã", "local_labour": "Lao động chủ yếu là người trong xã",
        "origin_of_idea": "Ý tưởng từ nghề của địa phương", "local_identity": "Mang bản sắc của địa phương",
        "letter_number": f"ĐN-{line.product.commune}-{step.day:%Y%m%d}",
        "samples": load(RULESET).samples_for(line.product.set),
    }  # fmt: skip
    await commune(player, line, step, f"{dossier(player, line, step)}/forwarding", {"form_03": form_03})


@ACTS.act
async def addition_requested(player: "Player", line: Line, step: Step) -> None:
    body = {"wants": step.facts["wants"], "note": step.facts["note_vi"]}
    await province(player, line, step, "registration", f"{dossier(player, line, step)}/additions", body)


@ACTS.act
async def addition_supplied(player: "Player", line: Line, step: Step) -> None:
    """What was asked for, or what the producer adds by itself while the dossier is being assessed."""
    asked = line.before(step, "addition_requested")
    kinds = step.facts["adds"] if "adds" in step.facts else asked[-1].facts["wants"]
    body = {"evidence": await papers(player, line, kinds, 1)}
    await producer(player, line, step, f"{dossier(player, line, step)}/supplement", body)
