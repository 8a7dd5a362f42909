"""A report as the document that an office issues (30/2020/NĐ-CP, Phụ lục I): its parts in order, all in words.

Every paper, of whatever format, is this document and says nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from shared.calendar import HANOI

Report = Mapping[str, Any]
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
DRAFT = "DỰ THẢO / DRAFT"
MET = {True: "Đạt", False: "Chưa đạt", None: "Chưa có số liệu"}
STATES = {"valid": "Còn hiệu lực", "expired": "Hết hạn", "revoked": "Đã thu hồi"}
WHAT = {"ever": "Đã từng được công nhận", "valid": "Còn hiệu lực", "expired": "Đã hết hạn", "revoked": "Đã thu hồi"}
COMPARED = {">=": "≥", "<=": "≤", "=": "=", "between": ""}


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: heading in Vietnamese, in English, and share of the width; `rows`: texts, as many as columns."""

    title: str
    title_en: str
    columns: tuple[tuple[str, str, int], ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`above` and `agency`: who issues; `signs`: the lines over the signature; `drafted`: it was not issued."""

    above: str
    agency: str
    number: str
    place_and_date: str
    title: str
    about: str
    about_en: str
    drafted: bool
    simulated: bool
    opening: tuple[str, ...]
    tables: tuple[Table, ...]
    closing: tuple[str, ...]
    recipients: tuple[str, ...]
    signs: tuple[str, ...]


def document(report: Report) -> Document:
    """What the paper of a report says. One that is not issued has blanks where number and signature go."""
    plan, issue, on = report["plan"], report["document"], report["on"]
    issued_on = report["report"] and report["report"]["issued_on"]
    place = issue["place"] if issue else "…………"
    day = f"ngày {issued_on:%d} tháng {issued_on:%m} năm {issued_on:%Y}" if issued_on else "ngày … tháng … năm …"
    return Document(
        above=(issue and issue["above"]) or "", agency=issue["agency"] if issue else "…………",
        number=f"Số: {issue['number']}" if issue else "Số: …/BC-…", place_and_date=f"{place}, {day}", title="BÁO CÁO",
        about=f"Kết quả thực hiện {plan['name_vi']} (số liệu đến ngày {on:%d/%m/%Y})",
        about_en=f"Results of {plan['name_en'] or plan['name_vi']} (figures of {on:%Y-%m-%d})",
        drafted=issue is None, simulated=any(count["simulated"] for count in report["counts"]), opening=opening(report),
        tables=tables(report), closing=closing(report), recipients=tuple(issue["recipients"]) if issue else ("…",),
        signs=tuple(issue["signs"]) if issue else ("…………",),
    )  # fmt: skip


def opening(report: Report) -> tuple[str, ...]:
    plan, of, counted = report["plan"], report["summary"], {one["what"]: one["total"] for one in report["counts"]}
    period, paper = report["period"], plan["document"] or {}
    number = paper.get("number")
    base = f"Thực hiện {plan['name_vi']}" + (f" ({number})" if number else "") + (
        f", kỳ báo cáo từ ngày {period['from']:%d/%m/%Y} đến ngày {period['to']:%d/%m/%Y}, kết quả như sau:")  # fmt: skip
    return (
        base,
        f"Chỉ tiêu: {of['targets']} chỉ tiêu; đạt {of['met']}, chưa đạt {of['missed']}, chưa có số liệu {of['unknown']}.",
        f"Sản phẩm đến ngày {report['on']:%d/%m/%Y}: đã từng được công nhận {counted['ever']}, còn hiệu lực "
        f"{counted['valid']}, đã hết hạn {counted['expired']}, đã thu hồi {counted['revoked']}.",
    )  # fmt: skip


def closing(report: Report) -> tuple[str, ...]:
    known_at = datetime.fromisoformat(report["known_at"]).astimezone(HANOI)
    definitions = tuple(one["definition"]["vi"] for one in report["counts"])
    uncertain = report["counts"][0]["uncertain"]
    apart = (f"Giấy chứng nhận không xác định được địa giới, chưa tính: {uncertain}.",) if uncertain else ()
    return (
        f"Số liệu theo những gì sổ đăng ký ghi nhận đến {known_at:%H:%M:%S} ngày {known_at:%d/%m/%Y} ({report['known_at']}).",
        report["map"]["vi"],
        *apart,
        *definitions,
    )


# --- tables ---


def tables(report: Report) -> tuple[Table, ...]:
    found = (
        of_targets(report), of_counts(report),
        of_products("III. Sản phẩm được công nhận trong kỳ", "Recognised in the period", report["products"]["recognised"]),
        of_products("IV. Sản phẩm hết hiệu lực trong kỳ", "Ended in the period", report["products"]["ended"]),
        of_tasks(report),
    )  # fmt: skip
    return tuple(found)


def of_targets(report: Report) -> Table:
    columns = (("TT", "No.", 4), ("Chỉ tiêu", "Target", 26), ("Kế hoạch", "Planned", 11), ("Thực hiện", "Actual", 11),
               ("Đánh giá", "State", 10), ("Tính đến", "As of", 13), ("Cách tính", "How counted", 25))  # fmt: skip
    rows = [
        (str(n), one["statement_vi"] or one["metric"], planned(one), actual(one), MET[one["met"]],
         day(one["counted_on"]), counted(one))
        for n, one in enumerate(report["targets"], 1)
    ]  # fmt: skip
    return Table("I. Chỉ tiêu của kế hoạch", "Targets", columns, tuple(rows))


def planned(target: Report) -> str:
    value = (
        f"{number(target['value'])}–{number(target['upto'])}" if target["upto"] is not None else number(target["value"])
    )
    about = "khoảng " if target["approximate"] else ""
    return f"{about}{COMPARED[target['comparator']]} {value} {unit(target)}".strip()


def actual(target: Report) -> str:
    if target["actual"] is None:
        return "–"
    shown = f"{number(target['actual'])} {unit(target)}".strip()
    if not target["parts"]:
        return shown
    met = sum(one["met"] is True for one in target["parts"])
    return f"{met}/{len(target['parts'])} đơn vị đạt; thấp nhất {shown}"


def counted(target: Report) -> str:
    texts = [target["how"]["vi"]] if target["how"] else []
    told = target["reported"]
    if told and target["how"] and target["how"]["by"] != "events":
        texts.append(f"{told['office']}, {told['source']}, {day(told['as_of'])}.")
    elif told:
        texts.append(f"Đơn vị báo cáo: {number(told['value'])} ({told['office']}, {told['source']}).")
    if target["uncertain"]:
        texts.append(f"Chưa rõ địa giới: {target['uncertain']}.")
    return " ".join(texts)


def unit(target: Report) -> str:
    return target["unit"]["vi"] if target["unit"] else ""


def of_counts(report: Report) -> Table:
    columns = (("Nội dung", "What", 40), ("Tổng số", "Total", 15), ("3 sao", "3 stars", 15), ("4 sao", "4 stars", 15),
               ("5 sao", "5 stars", 15))  # fmt: skip
    rows = [(WHAT[one["what"]], number(one["total"]), *(number(one["stars"][str(star)]) for star in (3, 4, 5)))
            for one in report["counts"]]  # fmt: skip
    return Table(f"II. Sản phẩm đến ngày {day(report['on'])}", "Products on the day", columns, tuple(rows))


def of_products(title: str, title_en: str, products: Sequence[Report]) -> Table:
    columns = (("TT", "No.", 5), ("Sản phẩm", "Product", 25), ("Chủ thể", "Producer", 22), ("Xã", "Commune", 13),
               ("Sao", "Stars", 5), ("Giấy chứng nhận", "Certificate", 16), ("Từ – đến", "From – until", 14))  # fmt: skip
    rows = [
        (str(n), one["name"] + (" (mô phỏng)" if one["simulated"] else ""), one["producer"], one["commune"],
         str(one["stars"]), one["number"], f"{day(one['issued_on'])} – {day(one['valid_to'])}")
        for n, one in enumerate(products, 1)
    ]  # fmt: skip
    return Table(title, title_en, columns, tuple(rows))


def of_tasks(report: Report) -> Table:
    columns = (("TT", "No.", 5), ("Nhiệm vụ", "Task", 40), ("Chủ trì", "Lead", 25), ("Thời hạn", "Due", 15),
               ("Tiến độ", "Done", 15))  # fmt: skip
    rows = [
        (str(n), one["title_vi"], "; ".join(lead["today"] or lead["name_vi"] for lead in one["lead"]), day(one["ends"]),
         f"{one['done_percent']}%")
        for n, one in enumerate(report["tasks"]["overdue"], 1)
    ]  # fmt: skip
    return Table("V. Nhiệm vụ quá hạn", "Overdue tasks", columns, tuple(rows))


# --- words ---


def day(on: date) -> str:
    return f"{on:%d/%m/%Y}"


def number(value: float) -> str:
    """As written in Vietnamese: 1.234,5."""
    exact = Fraction(value)
    text = f"{exact.numerator:,}" if exact.denominator == 1 else f"{float(value):,.2f}".rstrip("0")
    return text.translate(str.maketrans(",.", ".,"))
