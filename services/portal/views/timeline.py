"""What happened to a product, day by day, as the houses tell it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.portal.views import certificate, words
from services.portal.views.words import Text

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline; `told` is what the fact says besides, `link` where to read on; `turn`: things changed here."""

    on: str
    what: Text
    told: Text | None = None
    link: str | None = None
    turn: bool = False


def timeline(said: list[Row], assessments: list[Row], certificates: list[Row], offered: Row) -> list[Happening]:
    """Everything that happened, oldest first; on one day in the order of the cycle."""
    happenings = [*registered(said)]
    for row in assessments:
        happenings += assessed(row)
    for row in certificates:
        happenings += certified(row)
    happenings += promoted(offered)
    return sorted(happenings, key=lambda happening: happening.on)


# --- registration ---


def registered(said: list[Row]) -> Iterator[Happening]:
    for row in said:
        yield Happening(row["on"], words.known(words.STEPS, row["what"]), told(row["facts"]))


def told(facts: Row) -> Text | None:
    """What a step of registration says besides: code, decision, progress, guidance, papers or kind of dossier."""
    match facts:
        case {"certificate": {"stars": int() as stars}}:
            return Text(f"Giấy chứng nhận {stars} sao", f"a certificate of {stars} stars")
        case {"decision": dict() as decision}:
            return words.decided(decision)
        case {"done_percent": int() as percent}:
            return Text(f"Đã thực hiện {percent}%", f"{percent}% carried out")
        case {"missing": list() as kinds} | {"wants": list() as kinds} if kinds:
            return words.papers(kinds)
        case {"guidance": str() as said} | {"opinion": str() as said} | {"reason": str() as said} if said:
            return Text(f"“{said}”", "")
        case {"code": str() as code}:
            return Text(code, "")
        case {"kind": str() as kind}:
            return words.dossier_kind(kind)
    return None


# --- evaluation ---

ASSESSED = {
    "received_on": Text("Tiếp nhận hồ sơ", "Dossier received"),
    "site_checked_on": Text("Kiểm tra thực tế tại cơ sở", "Checked on the spot"),
    "advised_on": Text("Tổ tư vấn báo cáo", "Advisory team reported"),
    "sent_on": Text("Hồ sơ gửi đến thành viên hội đồng", "Dossier sent to the council's members"),
    "session_on": Text("Hội đồng họp, chấm điểm", "The council sat and scored"),
    "decided_on": Text("Hội đồng kết luận", "The council decided"),
    "approved_on": Text("Phê duyệt kết quả để gửi lên cấp trên", "Result approved, to be sent up"),
    "sent_up_on": Text("Gửi hồ sơ lên Trung ương", "Dossier sent up to the ministry"),
    "not_recognised_on": Text("Quyết định không công nhận", "Decision not to recognise"),
    "returned_on": Text("Trả kết quả", "Result returned"),
    "redo_demanded_on": Text(
        "Trung ương yêu cầu đánh giá lại (Điều 10.1.b)", "The ministry demanded a new assessment (art. 10.1.b)"
    ),
    "annulled_on": Text("Hủy kết quả đánh giá", "Result annulled"),
}
IN_WRITING = Text("Hội đồng cho ý kiến bằng văn bản", "The council gave its opinion in writing")


def assessed(row: Row) -> Iterator[Happening]:
    """The steps that an assessment has come to, by its level."""
    level = words.known(words.LEVELS, row["level"])
    where = Text(f"{level.vi}, đánh giá lại", f"{level.en}, anew") if row["again"] else level
    for column, usual in ASSESSED.items():
        if not row[column]:
            continue
        what = IN_WRITING if column == "session_on" and row["mode"] == "written" else usual
        decided = column == "decided_on"
        yield Happening(
            row[column], Text(f"{what.vi} ({where.vi})", f"{what.en} ({where.en})"),
            outcome_of(row) if decided else None, f"/results/{row['id']}" if decided else None, decided,
        )  # fmt: skip


def outcome_of(row: Row) -> Text:
    """As `82,5 điểm, 4 sao`, or how else it ended."""
    outcome = words.known(words.OUTCOMES, row["outcome"])
    if row["average"] is None or row["outcome"] != "ranked":
        return outcome
    points = words.cut(row["average"])
    return Text(f"{points} điểm, {row['stars']} sao", f"{points} points, {row['stars']} stars")


# --- certification ---


def certified(row: Row) -> Iterator[Happening]:
    """The issue of a certificate, and what became of it until today."""
    link = f"/c/{row['number']}"
    issued = Text(f"Cấp giấy chứng nhận {row['stars']} sao", f"{row['stars']}-star certificate issued")
    said = words.decided(row["decision"])
    told = Text(f"{row['number']} · {said.vi}", f"{row['number']} · {said.en}")
    yield Happening(row["issued_on"], issued, told, link, turn=True)
    for period in row["course"]:
        if period["status"] != "valid":
            state = period["state"]
            why = certificate.reason(row) if period["status"] == "revoked" else None
            yield Happening(
                period["since"], Text(f"Giấy chứng nhận: {state.vi}", f"Certificate: {state.en}"), why, link, turn=True
            )


# --- promotion ---


def promoted(offered: Row) -> Iterator[Happening]:
    """In and out of the catalogue, its story, and where it was shown and sold."""
    for row in offered["listings"]:
        yield Happening(
            row["listed_on"], Text("Sản phẩm vào danh mục quảng bá", "The product is listed in the catalogue")
        )
        if row["off_on"] and row["reason"] != "replaced":
            yield Happening(row["off_on"], Text("Sản phẩm ra khỏi danh mục quảng bá", "No longer in the catalogue"))
    if story := offered["story"]:
        what = Text("Đăng câu chuyện sản phẩm", "The product's story is published")
        yield Happening(story["published_on"], what, Text(story["title"], ""), "#story")
    for row in offered["shelves"]:
        yield Happening(
            row["opened_on"], Text("Lên gian hàng điện tử", "On an e-commerce shelf"), Text(row["platform"], "")
        )
    for row in offered["sales_points"]:
        yield Happening(row["opened_on"], Text("Có mặt tại điểm giới thiệu", "At a sales point"), Text(row["name"], ""))
    for row in offered["fairs"]:
        yield Happening(row["begins_on"], Text("Dự hội chợ", "At a fair"), Text(row["name"], ""))
