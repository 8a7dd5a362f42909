"""What can be read across provinces: recognitions counted, each count with its definition, and the list behind it."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal

from shared import units
from shared.contracts.certification import CertificateIssued
from shared.eventstore.views import Change, Room, View
from shared.regulation.rulesets import Ruleset, load

HOUSE = "programme"
RECOGNITIONS = View("recognitions", ["recognitions"], source="certification")
ROOM = Room(HOUSE, Path(__file__).with_name("views.sql"), [RECOGNITIONS])
SQL = ROOM.sql

Dimension = Literal["province", "commune", "group", "set", "stars", "producer_kind"]
Count = Literal["valid", "ever"]
Label = tuple[str, str]  # Vietnamese, English

# --- recognition ---


@RECOGNITIONS.on(CertificateIssued)
def issued(fact: CertificateIssued) -> Iterator[Change]:
    p, producer = fact.product, fact.producer
    yield Change(
        SQL.issued,
        (fact.number, p.id, p.code, p.name, p.set, p.group, producer.id, producer.name, producer.kind, fact.province,
         fact.commune, fact.stars, fact.issued_on, fact.expires_on, fact.simulated, fact.ruleset),
    )  # fmt: skip


# --- what is counted, said with every count ---

PLACES = {
    "vi": "Mỗi sản phẩm tính một lần; địa danh theo bản đồ hành chính của ngày cấp.",
    "en": "Each product counts once; places are those of the map of the day of issue.",
}
DEFINITIONS: dict[Count, dict[str, str]] = {
    "valid": {
        "vi": "Còn hiệu lực trong ngày: ngày cấp <= ngày hỏi <= ngày hết hạn. " + PLACES["vi"],
        "en": "Valid on the day: issued_on <= on <= expires_on. " + PLACES["en"],
    },
    "ever": {
        "vi": "Đã từng được công nhận: ngày cấp <= ngày hỏi, kể cả đã hết hạn; sản phẩm từng có nhiều hạng sao được tính "
        "ở mỗi hạng, nên tổng các dòng có thể lớn hơn tổng số. " + PLACES["vi"],
        "en": "Ever recognised: issued_on <= on, expired or not; a product that had several stars counts at each of them, "
        "so that the rows may add up to more than the total. " + PLACES["en"],
    },
}


def counted(count: Count, by: Dimension, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A total and its parts with labels, from the rows of `counted`; the row without a value is the total."""
    (total,) = (row for row in rows if row["value"] is None)
    parts = [row for row in rows if row["value"] is not None]
    return {
        "definition": DEFINITIONS[count], "total": total["count"], "simulated": total["simulated"],
        "values": [part(by, row) for row in parts],
    }  # fmt: skip


def part(by: Dimension, row: dict[str, Any]) -> dict[str, Any]:
    value: str = row["value"]
    label_vi, label_en = LABELS[by](value, load(row["ruleset"]), row["issued_on"])
    shown = int(value) if by == "stars" else value
    return {
        "value": shown, "label_vi": label_vi, "label_en": label_en, "count": row["count"], "simulated": row["simulated"]
    }  # fmt: skip


# --- labels: by the ruleset and the map under which the latest certificate of the row was issued ---

ENGLISH_KINDS = {
    "tỉnh": "province", "thành phố trung ương": "city", "xã": "commune", "phường": "ward", "thị trấn": "township",
    "đặc khu": "special zone",
}  # fmt: skip


def place_label(level: units.Level) -> Callable[[str, Ruleset, date], Label]:
    def label(code: str, _: Ruleset, on: date) -> Label:
        place = units.unit(level, code, on)
        return (place.full_name, f"{place.name} {ENGLISH_KINDS[place.kind]}") if place else (code, code)

    return label


def group_label(value: str, ruleset: Ruleset, _: date) -> Label:
    group = ruleset.group(value)
    return group.label_vi, group.label_en


def set_label(value: str, ruleset: Ruleset, _: date) -> Label:
    entry = ruleset.set_entry(value)
    return entry.name_vi, entry.name_en


def stars_label(value: str, _: Ruleset, __: date) -> Label:
    return f"{value} sao", f"{value} stars"


def producer_kind_label(value: str, ruleset: Ruleset, _: date) -> Label:
    kinds = ruleset.producers.types + ruleset.producers.tourism_also
    return next(((kind.vi, kind.en) for kind in kinds if kind.id == value), (value, value))


LABELS: dict[Dimension, Callable[[str, Ruleset, date], Label]] = {
    "province": place_label("province"), "commune": place_label("commune"), "group": group_label, "set": set_label,
    "stars": stars_label, "producer_kind": producer_kind_label,
}  # fmt: skip
