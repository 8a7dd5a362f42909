"""The words of the pages: Vietnamese first with English beside it, dates, numbers, and names for codes."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from shared import units
from shared.calendar import HANOI
from shared.regulation.rulesets import Ruleset, available, load


class Text(NamedTuple):
    """A text in both languages."""

    vi: str
    en: str


# --- certificate ---

STATUS = {
    "valid": Text("Đang có hiệu lực", "Valid"),
    "extended": Text("Được kéo dài hiệu lực", "Extended"),
    "not-yet-valid": Text("Chưa có hiệu lực", "Not yet valid"),
    "expired": Text("Đã hết hạn", "Expired"),
    "revoked": Text("Đã bị thu hồi", "Revoked"),
    "replaced": Text("Đã được thay thế", "Replaced"),
    "unknown": Text("Không có trong sổ đăng ký", "Not in the register"),
}
MEANING = {  # of each status, for whoever holds the product in hand
    "valid": Text(
        "Sản phẩm được mang nhãn hiệu OCOP với số sao trên đây.",
        "The product may carry the OCOP mark with these stars.",
    ),
    "extended": Text(
        "Sản phẩm vẫn được mang nhãn hiệu OCOP với số sao trên đây trong lúc chờ kết quả đánh giá lại.",
        "The product may still carry the OCOP mark with these stars while its renewal is being decided.",
    ),
    "not-yet-valid": Text(
        "Vào ngày này giấy chưa được cấp: sản phẩm chưa được mang nhãn hiệu OCOP theo giấy này.",
        "On this day the certificate had not been issued: no OCOP mark by it yet.",
    ),
    "expired": Text(
        "Giấy đã hết hạn: sản phẩm không còn được mang nhãn hiệu OCOP theo giấy này. Hết hạn không phải là thu hồi.",
        "The certificate has run out: no OCOP mark by it any more. Expiry is not revocation.",
    ),
    "revoked": Text(
        "Giấy đã bị thu hồi: sản phẩm không được mang nhãn hiệu OCOP.",
        "The certificate was revoked: the product may not carry the OCOP mark.",
    ),
    "replaced": Text(
        "Giấy này đã được thay bằng giấy mới; số sao hiện nay ghi ở giấy mới.",
        "A new certificate took the place of this one; the stars of today stand on the new one.",
    ),
}
IN_FORCE = frozenset({"valid", "extended"})
RECORDED = Text("Công nhận trước đây, ghi vào sổ", "Earlier recognition taken into the register")
WITHDRAWN = Text(
    "Kết quả đánh giá đã bị hủy, quyết định công nhận sai bị thu hồi (Điều 10.1.b)",
    "The assessment was annulled and the wrong recognition withdrawn (art. 10.1.b)",
)
BASES = {  # what a revocation rests on
    "inspection": Text("Kết luận kiểm tra", "Conclusion of an inspection"),
    "production_stop": Text("UBND xã xác nhận ngừng sản xuất", "The commune confirmed that production stopped"),
    "authority": Text("Kết luận của cơ quan có thẩm quyền", "Conclusion of an authority"),
    "annulment": Text("Hủy kết quả đánh giá", "Annulment of the assessment"),
}

# --- complaint ---

COMPLAINT_STATES = {
    "open": Text("Đang xem xét", "Being looked into"),
    "answered": Text("Đã trả lời", "Answered"),
}

# --- dossier, in the order of its way ---

DOSSIER_STATES = {
    "submitted": Text("Xã đang kiểm tra", "At the commune's check"),
    "returned": Text("Xã trả lại để bổ sung", "Returned by the commune to be completed"),
    "forwarded": Text("Đã chuyển lên cấp đánh giá", "Forwarded to the level that assesses"),
    "in-assessment": Text("Đang đánh giá", "In assessment"),
    "addition-requested": Text("Được yêu cầu bổ sung minh chứng", "Asked for more evidence"),
    "referred": Text("Đã gửi lên cấp trên", "Referred to the level above"),
    "recognised": Text("Được công nhận", "Recognised"),
    "not-recognised": Text("Không được công nhận", "Not recognised"),
    "stopped": Text("Dừng đánh giá", "Assessment stopped"),
    "rejected": Text("Hồ sơ bị loại", "Dossier rejected"),
    "not-assessed": Text("Không đánh giá", "Not assessed"),
    "ranked": Text("Đã phân hạng, không cấp giấy chứng nhận", "Ranked, no certificate under those rules"),
}

# --- assessment ---

LEVELS = {
    "commune": Text("Cấp xã", "Commune"),
    "district": Text("Cấp huyện", "District"),
    "province": Text("Cấp tỉnh", "Province"),
    "national": Text("Cấp Trung ương", "National"),
}
OUTCOMES = {
    "ranked": Text("Đã phân hạng", "Ranked"),
    "stopped": Text("Dừng đánh giá", "Assessment stopped"),
    "rejected": Text("Hồ sơ hoặc sản phẩm bị loại", "Rejected"),
    "not_assessed": Text("Không đánh giá", "Not assessed"),
}

# --- timeline ---

STEPS = {
    "idea-registered": Text("Chủ thể đăng ký ý tưởng sản phẩm", "The producer registered the product idea"),
    "idea-screened": Text("Xã sàng lọc ý tưởng", "The commune screened the idea"),
    "idea-accepted": Text("Tỉnh chấp nhận ý tưởng", "The province accepted the idea"),
    "idea-returned": Text("Ý tưởng được trả lại kèm hướng dẫn", "The idea was returned with guidance"),
    "idea-sent-again": Text("Chủ thể gửi lại ý tưởng", "The producer sent the idea again"),
    "idea-withdrawn": Text("Chủ thể rút ý tưởng", "The producer withdrew the idea"),
    "plan-submitted": Text("Chủ thể nộp phương án sản xuất kinh doanh", "The producer submitted the business plan"),
    "plan-approved": Text("Phương án được phê duyệt", "The business plan was approved"),
    "plan-returned": Text("Phương án được trả lại kèm hướng dẫn", "The business plan was returned with guidance"),
    "plan-submitted-again": Text("Chủ thể nộp lại phương án", "The producer submitted the business plan again"),
    "plan-progress": Text("Báo cáo tiến độ thực hiện phương án", "Progress of the business plan reported"),
    "product-registered": Text("Sản phẩm vào sổ đăng ký", "The product came into the register"),
    "recognition-recorded": Text(
        "Kết quả công nhận trước đây được ghi vào sổ", "An earlier recognition was taken into the register"
    ),
    "product-coded": Text("Sản phẩm được cấp mã", "The product got its code"),
    "product-placed": Text("Địa bàn của sản phẩm theo bản đồ mới", "The product's place on the new map"),
    "product-classified": Text("Sản phẩm được xếp bộ", "The product was put into its set"),
    "dossier-submitted": Text("Chủ thể nộp hồ sơ", "The producer filed the dossier"),
    "dossier-returned": Text("Xã trả lại hồ sơ để bổ sung", "The commune returned the dossier to be completed"),
    "dossier-completed": Text("Chủ thể hoàn thiện hồ sơ", "The producer completed the dossier"),
    "addition-requested": Text("Yêu cầu bổ sung minh chứng", "More evidence was asked for"),
    "addition-supplied": Text("Chủ thể bổ sung minh chứng", "The producer handed in more evidence"),
    "dossier-forwarded": Text(
        "Xã kiểm tra xong và đề nghị tỉnh", "The commune checked and proposed it to the province"
    ),
}


def known(names: Mapping[str, Text], key: str) -> Text:
    """The words for a key; a key that is newer than this page is shown as it is."""
    return names.get(key, Text(key, key))


# --- dates and numbers ---


SIGNS = str.maketrans(",.", ".,")  # of numbers: English to Vietnamese


def day(value: str | date | None) -> str:
    """15/09/2026; "–" for none."""
    if value is None:
        return "–"
    d = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{d.day:02}/{d.month:02}/{d.year:04}"


def moment(at: datetime) -> str:
    """12:38:00, 27/11/2026, by the clocks of Hà Nội."""
    there = at.astimezone(HANOI)
    return f"{there:%H:%M:%S}, {day(there.date())}"


def number(value: int | float | None, places: int | None = None) -> str:
    """1.234,5 – with as many decimals as the value has, or rounded to `places`; "–" for none."""
    if value is None:
        return "–"
    text = f"{value:,}" if places is None else f"{value:,.{places}f}"
    if places is None and text.endswith(".0"):
        text = text[:-2]
    return text.translate(SIGNS)


def dong(value: int | float | None) -> str:
    """1.234.000 đ; "–" for none."""
    return "–" if value is None else f"{number(round(value))} đ"


def cut(exact: str | None) -> str:
    """An exact average (`"n"` or `"n/d"` points) to two decimals, never rounded up: 69.999 is 69,99, not 70."""
    return "–" if exact is None else number(int(Fraction(exact) * 100) / 100)


# --- places, on a day: a code means a place only with its date ---

# An earlier recognition has the date of its decision and the codes of the day on which it was taken into the register,
# and the register knows no older map than this one.
FIRST_MAP = date(2025, 7, 1)
KEPT_PLACES = 8192


@lru_cache(maxsize=KEPT_PLACES)
def province(code: str | None, on: str | date) -> str:
    """As `tỉnh Quảng Ngãi`; the code itself where that day knows none."""
    found = code and units.province(code, _date(on))
    return found.full_name if found else code or "–"


def commune(code: str | None, on: str | date) -> str:
    found = code and units.commune(code, _date(on))
    return found.full_name if found else code or "–"


@lru_cache(maxsize=KEPT_PLACES)
def place(commune_code: str | None, province_code: str, on: str | date) -> str:
    """As `đặc khu Lý Sơn, tỉnh Quảng Ngãi`, by the map of that day, at the earliest the register's first one."""
    day_of_map = max(_date(on), FIRST_MAP)
    names = [commune(commune_code, day_of_map)] if commune_code else []
    return ", ".join([*names, province(province_code, day_of_map)])


def _date(on: str | date) -> date:
    return date.fromisoformat(on) if isinstance(on, str) else on


# --- rounds ---

NUMBERS = {"1": Text("Đợt 1", "Round 1"), "2": Text("Đợt 2", "Round 2"), "extra": Text("Đợt bổ sung", "Extra round")}


def round_name(row: Mapping[str, Any]) -> Text:
    """As `Đợt 1 năm 2026, tỉnh Quảng Ngãi`."""
    number = known(NUMBERS, row["number"])
    where = province(row["province"], row["opened_on"]) if row["province"] else "Trung ương"
    return Text(f"{number.vi} năm {row['year']}, {where}", f"{number.en} of {row['year']}, {in_english(row)}")


def in_english(row: Mapping[str, Any]) -> str:
    found = row["province"] and units.province(row["province"], _date(row["opened_on"]))
    return found.name if found else row["province"] or "national"


# --- names of the ruleset ---


def ruleset_of(ruleset_id: str | None) -> Ruleset:
    """The ruleset whose names a fact bears: the newest for a fact that names none, the oldest that has sheets for one whose
    own sheets are not known.
    """
    whole = [found for found in map(load, available()) if not found.is_frame]
    if ruleset_id is None:
        return whole[-1]
    return next((found for found in whole if found.id == ruleset_id), whole[0])


def group(group_id: str, ruleset_id: str | None = None) -> Text:
    found = ruleset_of(ruleset_id).group(group_id)
    return Text(found.label_vi, found.label_en)


def groups(ruleset_id: str | None = None) -> dict[str, Text]:
    return {found.id: Text(found.label_vi, found.label_en) for found in ruleset_of(ruleset_id).classification}


def product_set(set_no: str, ruleset_id: str | None = None) -> Text:
    """The name of a set; older rules have none that we know of."""
    if not set_no:
        return Text("Chưa xác định theo quy định của thời kỳ đó", "Not known for the rules of that time")
    entry = ruleset_of(ruleset_id).set_entry(set_no)
    return Text(f"Bộ {entry.set} – {entry.name_vi}", f"Set {entry.set} – {entry.name_en}")


def sets(ruleset_id: str | None = None) -> dict[str, Text]:
    """Every product set of a ruleset by its number."""
    return {
        entry.set: Text(f"{entry.set} – {entry.name_vi}", f"{entry.set} – {entry.name_en}")
        for entry in ruleset_of(ruleset_id).sets
    }


def producer_kind(kind: str, ruleset_id: str | None = None) -> Text:
    producers = ruleset_of(ruleset_id).producers
    names = {one.id: Text(one.vi, one.en) for one in producers.types + producers.tourism_also}
    return known(names, kind)


def dossier_kind(kind: str, ruleset_id: str | None = None) -> Text:
    names = {one.id: Text(one.vi, one.en) for one in ruleset_of(ruleset_id).dossiers.kinds}
    return known(names, kind)


def evidence(kind: str, ruleset_id: str | None = None) -> Text:
    """A kind of evidence (26/2026 annex III, form 02), such as `EV12`."""
    return known({one.id: Text(one.vi, one.en) for one in ruleset_of(ruleset_id).evidence}, kind)


def papers(kinds: list[str], ruleset_id: str | None = None) -> Text:
    """Several kinds of evidence in one line."""
    named = [evidence(kind, ruleset_id) for kind in kinds]
    return Text("; ".join(one.vi for one in named), "; ".join(one.en for one in named))


def certificate_kind(kind: str, ruleset_id: str | None = None) -> Text:
    """On which kind of dossier a certificate was issued."""
    return RECORDED if kind == "recorded" else dossier_kind(kind, ruleset_id)


def ground(ground_id: str, ruleset_id: str | None = None) -> Text:
    """A ground of revocation (26/2026 art. 8.1), or the withdrawal of art. 10.1.b."""
    named = {one.id: Text(f"{one.vi} ({one.ref})", one.en) for one in ruleset_of(ruleset_id).grounds}
    return known({**named, "10.1b": WITHDRAWN}, ground_id)


def decision(given: Mapping[str, Any]) -> str:
    return f"Quyết định số {given['number']} ngày {day(given['date'])} của {given['authority']}"


def decided(given: Mapping[str, Any]) -> Text:
    """A decision in both languages; its number and its authority are as they were printed."""
    return Text(decision(given), f"Decision {given['number']} of {day(given['date'])}")
