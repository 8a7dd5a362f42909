"""How each kind of step is acted: which door, by whose hand, with what in it. One function a kind, named after it."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from ocop.season import people
from ocop.season.ballots import make_ballots
from ocop.season.script import Line, Score, Season, Step
from shared.regulation.rulesets import load

if TYPE_CHECKING:
    from ocop.season.play import Player

Act = Callable[["Player", Any, Step], Awaitable[None]]
ACTS: dict[str, Act] = {}
MINISTRY = "ministry"
NUMBERS = {"extra": "extra", "second": 2, "national": 2}  # of the rounds of art. 5; an extra one has none
TW = "TW"
PAPERS = (
    ("EV01", "giay-dang-ky-kinh-doanh.txt", "Giấy đăng ký kinh doanh"),
    ("EV03", "nguon-goc-nguyen-lieu.txt", "Nguồn gốc nguyên liệu"),
    ("EV05", "danh-sach-lao-dong.txt", "Danh sách lao động"),
    ("EV11", "cong-bo-chat-luong.txt", "Tài liệu công bố chất lượng"),
    ("EV12", "phieu-kiem-nghiem.txt", "Phiếu kiểm nghiệm"),
    ("EV13", "ma-so-ma-vach.txt", "Mã số mã vạch, tem truy xuất"),
)


def act(function: Act) -> Act:
    ACTS[function.__name__] = function
    return function


# --- rounds and councils ---


def opening(season: Season) -> list[Step]:
    """Councils formed, rounds opened, dossiers sent to the members, rounds closed: what no single product does."""
    steps = []
    for place, council in season.councils.items():
        steps.append(Step(f"season:council:{place}", council["formed"], "council_formed", "", {"place": place}))
        for name in set(council) & set(season.rounds):
            facts = {"place": place, "round": name}
            for do, day in (("round_opened", "opened"), ("round_closed", "closed")):
                steps.append(Step(f"season:{do}:{place}:{name}", council[name][day], do, "", facts))
    return steps


@act
async def council_formed(player: "Player", _: None, step: Step) -> None:
    place = step.facts["place"]
    facts = player.season.councils[place]
    level, province, role = level_of(place)
    await player.post(
        "evaluation", "/councils", role="minister" if role == "ministry" else "province_chairman", place=province,
        key=step.key,
        body={
            "id": player.id_of(f"council/{place}"), "level": level, "province": province,
            "decision": decision(f"QĐ-HĐ-{province}", facts["formed"], authority(province)),
            "bylaw": {}, "members": people.council(place),
            "secretary": {"id": f"{place}-thu-ky", "office_vi": "Thư ký hội đồng", "name": people.name(f"{place}/sec")},
            "team": facts["team"],
        },
    )  # fmt: skip


@act
async def round_opened(player: "Player", _: None, step: Step) -> None:
    place, name = step.facts["place"], step.facts["round"]
    level, province, role = level_of(place)
    terms = player.season.rounds[name]
    await player.post(
        "evaluation", "/rounds", role=role, place=province, key=step.key,
        body={
            "id": round_id(player, place, name), "level": level, "province": province, "name": name,
            "year": terms["proposals_last"].year, "number": NUMBERS[name], "basis": terms["by"],
            "proposals_last": str(terms["proposals_last"]),
            "done_last": str(terms["done_last"]),
        },
    )  # fmt: skip


@act
async def round_closed(player: "Player", _: None, step: Step) -> None:
    place, name = step.facts["place"], step.facts["round"]
    _, province, role = level_of(place)
    await player.post(
        "evaluation",
        f"/rounds/{round_id(player, place, name)}/closing",
        role=role,
        place=province,
        key=step.key,
        body={},
    )


# --- producer and idea ---


@act
async def producer_registered(player: "Player", line: Line, step: Step) -> None:
    p = line.product
    producer = player.id_of(f"{p.key}/producer")
    await player.post(
        "registration", "/producers", role="producer", place=producer, key=step.key,
        body={
            "id": producer, "name": p.producer, "kind": p.producer_kind, "province": p.province, "commune": p.commune,
            "registration_number": f"{p.province}-{p.commune}-minh-hoa",
            "representative": people.representative(p.key),
        },
    )  # fmt: skip


@act
async def producer_verified(player: "Player", line: Line, step: Step) -> None:
    producer = player.id_of(f"{line.product.key}/producer")
    await commune(player, line, step, f"/producers/{producer}/verification", {})


@act
async def idea_registered(player: "Player", line: Line, step: Step) -> None:
    p = line.product
    body = {
        "id": player.id_of(f"{p.key}/idea"), "producer_id": player.id_of(f"{p.key}/producer"), "product_name": p.name,
        "set": p.set,
        "summary": {
            "description": f"{p.name}: sản phẩm của {p.producer}", "raw_material": "Nguyên liệu tại địa phương",
            "local_character": "Gắn với địa danh và cách làm của địa phương",
        },
    }  # fmt: skip
    await producer(player, line, step, "/ideas", body)


@act
async def idea_screened(player: "Player", line: Line, step: Step) -> None:
    path = f"/ideas/{player.id_of(f'{line.product.key}/idea')}/screening"
    await commune(player, line, step, path, {"opinion": "Ý tưởng phù hợp, đề nghị tỉnh chấp nhận"})


@act
async def idea_accepted(player: "Player", line: Line, step: Step) -> None:
    path = f"/ideas/{player.id_of(f'{line.product.key}/idea')}/acceptance"
    await agency(player, line, step, "registration", path, {})


# --- business plan and product ---


@act
async def plan_submitted(player: "Player", line: Line, step: Step) -> None:
    key = line.product.key
    content = {
        "situation": "Sản xuất quy mô nhỏ, bán trong tỉnh", "means": "Vốn tự có và nhà xưởng hiện có",
        "support_asked": "Thiết kế bao bì, kiểm nghiệm", "revenue_first_year": 500_000_000,
        "revenue_third_year": 2_000_000_000,
    }  # fmt: skip
    body = {"id": player.id_of(f"{key}/plan"), "idea_id": player.id_of(f"{key}/idea"), "content": content}
    await producer(player, line, step, "/plans", body)


@act
async def plan_approved(player: "Player", line: Line, step: Step) -> None:
    path = f"/plans/{player.id_of(f'{line.product.key}/plan')}/approval"
    body = {"decision": decision(f"PA-{line.product.key}", step.day, "Cơ quan tham mưu quản lý OCOP cấp tỉnh")}
    await agency(player, line, step, "registration", path, body)


@act
async def product_registered(player: "Player", line: Line, step: Step) -> None:
    body = {"plan_id": player.id_of(f"{line.product.key}/plan")}
    await agency(player, line, step, "registration", "/products", body)


@act
async def plan_progress(player: "Player", line: Line, step: Step) -> None:
    path = f"/plans/{player.id_of(f'{line.product.key}/plan')}/progress"
    body = {
        "done_percent": step.facts.get("done_percent", 80), "account": "Đã sản xuất thử và hoàn thiện nhãn",
        "support_received": step.facts.get("support_vi", ""),
    }  # fmt: skip
    await producer(player, line, step, path, body)


# --- dossier ---


@act
async def dossier_submitted(player: "Player", line: Line, step: Step) -> None:
    p = line.product
    owner = player.id_of(f"{p.key}/producer")
    papers = []
    for kind, name, title in PAPERS:
        content = f"{title}\n{p.producer}\n{p.name}\nTài liệu mô phỏng, không phải giấy tờ thật.\n".encode()
        kept = await player.send_file(content, place=owner)
        papers.append({**kept, "type": "text/plain", "name": name, "kind": kind})
    ticks = own_ticks(line, step)
    body = {
        "id": dossier_id(player, line, step), "product_id": player.product(p.key), "kind": "first",
        "form_01": {"product_description": p.name, "output_per_year": "12 tấn", "market": "Trong tỉnh và ngoài tỉnh"},
        "form_02": {"self_assessment": ticks, "labourers": 12, "local_labourers": 10, "revenue_last_year": 900_000_000},
        "evidence": papers,
    }  # fmt: skip
    await producer(player, line, step, "/dossiers", body)


@act
async def dossier_forwarded(player: "Player", line: Line, step: Step) -> None:
    path = f"/dossiers/{dossier_id(player, line, step)}/forwarding"
    form_03 = {
        "local_origin": "Nguyên liệu chính lấy tại xã", "local_labour": "Lao động chủ yếu là người trong xã",
        "origin_of_idea": "Ý tưởng từ nghề của địa phương", "local_identity": "Mang bản sắc của địa phương",
        "letter_number": f"ĐN-{line.product.commune}-{step.day:%Y%m%d}",
        "samples": load("qd-26-2026").samples_for(line.product.set),
    }  # fmt: skip
    await commune(player, line, step, path, {"form_03": form_03})


# --- assessment ---


@act
async def dossier_received(player: "Player", line: Line, step: Step) -> None:
    if "own assessment" in step.facts.get("note", ""):
        found = await assessment(player, line, step, level="national")
        await agency(player, line, step, "evaluation", f"/assessments/{found['id']}/own-assessment", {})
        return
    await level_acts(player, line, step, "receipt", {})


@act
async def advisory_report(player: "Player", line: Line, step: Step) -> None:
    body = {"report": "Hồ sơ đủ thành phần, minh chứng khớp với sản phẩm", "proposal": "Đề nghị hội đồng đánh giá"}
    role = "ministry" if step.by == "ministry" else "advisory_team"
    await level_acts(player, line, step, "advice", body, role=role)


@act
async def dossier_sent(player: "Player", line: Line, step: Step) -> None:
    place, name = step.facts["place"], step.facts["round"]
    level, where, _ = level_of(place)
    found = await assessment(player, line, step, level=level)
    body = {
        "council_id": player.id_of(f"council/{place}"),
        "round_id": round_id(player, place, name) if name else None,
    }  # fmt: skip
    await player.post("evaluation", f"/assessments/{found['id']}/sending", role="secretary", place=where, key=step.key,
                      body=body, actor=f"{place}-thu-ky")  # fmt: skip


@act
async def council_decided(player: "Player", line: Line, step: Step) -> None:
    score = step.score
    assert score is not None
    found = await assessment(player, line, step)
    place = MINISTRY if step.by == "ministry" else line.product.province
    where, chair = (TW if place == MINISTRY else place), people.member_id(place, 0)
    path = f"/assessments/{found['id']}"
    members = people.council(place)
    present = [m["id"] for m in members[: score.ballots or len(members)]]
    await player.post("evaluation", f"{path}/session", role="secretary", place=where, key=f"{step.key}/session",
                      body={"present": present}, actor=f"{place}-thu-ky")  # fmt: skip
    for member, options in zip(present, ballots_for(line, step, score), strict=False):
        await player.post(
            "evaluation", f"{path}/ballots", role="chair" if member == chair else "member", place=where,
            key=f"{step.key}/ballot/{member}", actor=member,
            body={"member_id": member, "options": options, "simulated": True},
        )  # fmt: skip
    declared = [{"id": d["id"]} for d in score.declared]
    await player.post("evaluation", f"{path}/decision", role="chair", place=where, key=step.key, actor=chair,
                      body={"declared": declared, "simulated": True})  # fmt: skip


@act
async def result_approved(player: "Player", line: Line, step: Step) -> None:
    await chairman(player, line, step, "approval")


@act
async def not_recognised(player: "Player", line: Line, step: Step) -> None:
    await chairman(player, line, step, "non-recognition")


@act
async def referred(player: "Player", line: Line, step: Step) -> None:
    await level_acts(player, line, step, "referral", {}, level="province")


@act
async def result_returned(player: "Player", line: Line, step: Step) -> None:
    level = "national" if step.by == "ministry" else "province"
    await level_acts(player, line, step, "return", {"improve": step.facts.get("improve", [])}, level=level)


# --- certificate ---


@act
async def certificate_issued(player: "Player", line: Line, step: Step) -> None:
    product = player.product(line.product.key)
    place = TW if step.by == "minister" else line.product.province
    proposals = await player.get("certification", "/proposals", province=line.product.province, limit="1000")
    [proposal] = [p for p in proposals if p["product_id"] == product]
    body = {
        "product_id": product, "assessment_id": proposal["assessment_id"],
        "decision": decision(f"CN-{line.product.key}", step.day, authority(place)),
    }  # fmt: skip
    await player.post("certification", "/certificates", role=step.by, place=place, key=step.key, body=body)


# --- by whose hand ---


async def producer(player: "Player", line: Line, step: Step, path: str, body: dict[str, Any]) -> None:
    owner = player.id_of(f"{line.product.key}/producer")
    await player.post("registration", path, role="producer", place=owner, key=step.key, body=body)


async def commune(player: "Player", line: Line, step: Step, path: str, body: dict[str, Any]) -> None:
    place = line.product.commune
    await player.post("registration", path, role="commune", place=place, key=step.key, body=body)


async def agency(player: "Player", line: Line, step: Step, house: str, path: str, body: dict[str, Any]) -> None:
    await player.post(house, path, role="agency", place=line.product.province, key=step.key, body=body)


async def chairman(player: "Player", line: Line, step: Step, what: str) -> None:
    body = {"decision": decision(f"KQ-{line.product.key}", step.day, authority(line.product.province))}
    await level_acts(player, line, step, what, body, role="province_chairman", level="province")


async def level_acts(
    player: "Player", line: Line, step: Step, what: str, body: dict[str, Any], *, role: str | None = None,
    level: str | None = None,
) -> None:  # fmt: skip
    """A step on the assessment of a level, by that level's people."""
    level = level or ("national" if step.by == "ministry" else "province")
    found = await assessment(player, line, step, level=level)
    role = role or ("ministry" if step.by == "ministry" else "agency")
    place = TW if role == "ministry" else line.product.province
    await player.post(
        "evaluation", f"/assessments/{found['id']}/{what}", role=role, place=place, key=step.key, body=body
    )


async def assessment(player: "Player", line: Line, step: Step, level: str | None = None) -> dict[str, Any]:
    """The newest assessment of the product's newest dossier at a level."""
    level = level or ("national" if step.by == "ministry" else "province")
    rows = await player.get("evaluation", "/assessments", dossier=dossier_id(player, line, step), level=level)
    return rows[-1]


# --- what a step carries ---


def level_of(place: str) -> tuple[str, str, str]:
    """(level, place of authority, role of the agency) of a council's place."""
    return ("national", TW, "ministry") if place == MINISTRY else ("province", place, "agency")


def round_id(player: "Player", place: str, name: str) -> str:
    return player.id_of(f"round/{place}/{name}")


def dossier_id(player: "Player", line: Line, step: Step) -> str:
    """A product's dossiers are counted by their submissions up to this step."""
    number = sum(s.do == "dossier_submitted" and s.day <= step.day for s in line.steps)
    return player.id_of(f"{line.product.key}/dossier/{number}")


def ballots_for(line: Line, step: Step, score: Score) -> list[dict[str, int | None]]:
    if not score.ballots or score.average is None:
        return []
    return make_ballots(
        load("qd-26-2026").sheet(line.product.set), ballots=score.ballots, average=score.average,
        star=score.star if score.outcome == "ranked" else None, missed=list(score.missed),
        missing_for_3=list(score.missing_for_3), spread=score.spread, stopped_at=list(score.at),
        seed=step.key,
    )  # fmt: skip


def own_ticks(line: Line, step: Step) -> dict[str, int]:
    """What the producer ticks itself: as the first member of the council that comes will see it."""
    coming = [s for s in line.steps if s.do == "council_decided" and s.day > step.day and s.score]
    ballots = ballots_for(line, coming[0], coming[0].score) if coming and coming[0].score else []
    return {code: option for code, option in ballots[0].items() if option} if ballots else {}


def decision(number: str, day: date, by: str) -> dict[str, str]:
    return {"number": f"{number}/MP", "date": str(day), "authority": by}


def authority(place: str) -> str:
    return "Bộ trưởng Bộ Nông nghiệp và Môi trường" if place == TW else "Chủ tịch UBND cấp tỉnh"
