"""Recognitions across provinces, counted on any day: each count with its definition, and the list behind it.

A certificate is valid by its dates: from the day of issue through its last day, which an extension (26/2026 art. 12.3)
moves on, and before which a replacement, a revocation or a said expiry ends it.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Literal

from services.programme.views.maps import NOTHING_MOVED, PLACES, moved
from services.programme.views.tables import SQL, Changes
from shared import units
from shared.contracts.certification import (
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateReplaced,
    CertificateRevoked,
)
from shared.eventstore.views import Change, Fact, View
from shared.regulation.rulesets import Ruleset, load, naming
from shared.units import Map

RECOGNITIONS = View("recognitions", ["recognitions"], "certification", remembers={"recognitions": ["number"]})

Dimension = Literal["province", "commune", "group", "set", "stars", "producer_kind"]
Count = Literal["valid", "ever"]
Label = tuple[str, str]  # Vietnamese, English

REGISTER_BEGAN = date(2026, 5, 22)  # the day on which Decision 26/2026, the first of our rulesets, took effect
WRONG = "10.1b"  # what certification says instead of a ground where a wrong recognition is withdrawn (art. 10.1.b)

# --- recognition ---


@RECOGNITIONS.on(CertificateIssued)
def issued(e: CertificateIssued, fact: Fact) -> Changes:
    p, producer = e.product, e.producer
    law, (province, commune, map_on), known = naming_of(e), place_of(e), e.known
    yield Change(
        SQL.issued,
        (e.number, p.id, p.code, p.name, p.set, p.group, producer.id, producer.name, producer.kind, province,
         commune, e.stars, e.decision.date, e.issued_on, e.expires_on, e.simulated, e.ruleset, law, map_on, fact.at,
         known and known.confidence, known and known.source),
    )  # fmt: skip


@RECOGNITIONS.on(CertificateReplaced)
def replaced(e: CertificateReplaced, fact: Fact) -> Changes:
    yield Change(SQL.ended, (e.replaces_number, e.issued_on, "replaced", fact.at))
    yield from issued(e, fact)


@RECOGNITIONS.on(CertificateExtended)
def extended(e: CertificateExtended, fact: Fact) -> Changes:
    yield Change(SQL.extended, (e.number, e.until_at_most, fact.at))


@RECOGNITIONS.on(CertificateExpired)
def expired(e: CertificateExpired, fact: Fact) -> Changes:
    """Its dates say as much, except where an extension ends before its last possible day."""
    yield Change(SQL.ended, (e.number, e.expired_on, "expired", fact.at))


@RECOGNITIONS.on(CertificateRevoked)
def revoked(e: CertificateRevoked, fact: Fact) -> Changes:
    how = "withdrawn" if e.ground == WRONG else "revoked"
    yield Change(SQL.ended, (e.number, e.effective_on, how, fact.at))


def naming_of(e: CertificateIssued) -> str:
    """The ruleset (id) whose names a certificate's group, set and producer's kind bear.

    It is its own; but an earlier recognition, whose ruleset may be an id without data, bears those of the day on which it
    was taken in, and the register took none in before it began.
    """
    return naming(None if e.kind == "recorded" else e.ruleset, max(e.issued_on, REGISTER_BEGAN)).id


def place_of(e: CertificateIssued) -> tuple[str, str, date]:
    """Province and commune, and the day of the map whose codes they are: that of issue, or the last before it that had them.

    Of an earlier recognition, the codes of its own day where they are known; else those of the day of its taking in.
    """
    if e.kind != "recorded":
        return e.province, e.commune, units.day_of_codes(e.province, e.commune, e.issued_on)
    if e.known and e.known.province and e.known.on:
        return e.known.province, e.known.commune or "", e.known.on
    return e.province, e.commune, max(e.issued_on, REGISTER_BEGAN)


# --- by the map of the day of each fact, or carried over to today's ---


def by_map(statement: str, first: int) -> str:
    """A statement over recognitions with their places on the map asked for, whose arguments begin with `$first`."""
    numbers = [f"${n}" for n in range(first, first + 8)]
    kinds = ("date[]", "text[]", "int[]", "text[]", "text[]", "text[]", "int[]", "text[]")
    days, *moved = [f"{number}::{kind}" for number, kind in zip(numbers, kinds, strict=True)]
    carried = SQL.carried.format(
        days=days.removesuffix("::date[]"), communes=", ".join(moved[:4]), provinces=", ".join(moved[4:])
    )
    return statement.format(carried=carried)


COUNTED, BEHIND = by_map(SQL.counted, 5), by_map(SQL.behind, 12)
OVERVIEW, BY_MONTH, ENDING = by_map(SQL.overview, 3), by_map(SQL.months, 5), by_map(SQL.ending, 7)


def places_on(map: Map, since: date | None, today: date) -> tuple[Any, ...]:
    """The arguments of the map; `since`: the earliest day of the map among the recognitions, null where there are none."""
    carried = moved(since, today) if since and map == "today" else NOTHING_MOVED
    return (units.map_days(), *carried.communes, *carried.provinces)


# --- what is counted, said with every count ---

ONCE = {"vi": "Mỗi sản phẩm tính một lần.", "en": "Each product counts once."}
DEFINITIONS: dict[Count, dict[str, str]] = {
    "valid": {
        "vi": "Còn hiệu lực trong ngày: ngày cấp <= ngày hỏi <= ngày hết hạn; được gia hạn (Điều 12.3) thì đến hết ngày gia "
        "hạn; bị thay thế hoặc thu hồi thì đến hết ngày liền trước. " + ONCE["vi"],
        "en": "Valid on the day: issued_on <= on <= expires_on; through the last day of an extension (art. 12.3); until the "
        "day before it is replaced or revoked. " + ONCE["en"],
    },
    "ever": {
        "vi": "Đã từng được công nhận: ngày cấp <= ngày hỏi, kể cả đã hết hạn, bị thay thế hoặc thu hồi; sản phẩm từng có "
        "nhiều hạng sao được tính ở mỗi hạng, nên tổng các dòng có thể lớn hơn tổng số. " + ONCE["vi"],
        "en": "Ever recognised: issued_on <= on, also if expired, replaced or revoked since; a product that had several "
        "stars counts at each of them, so that the rows may add up to more than the total. " + ONCE["en"],
    },
}


def counted(count: Count, by: Dimension, rows: list[dict[str, Any]], map: Map, today: date) -> dict[str, Any]:
    """A total and its parts with labels, from the rows of `counted`; what has no single place on the map is one of them."""
    (total,) = (row for row in rows if row["whole"])
    parts = [row for row in rows if not row["whole"]]
    return {
        "definition": DEFINITIONS[count], "places": PLACES[map], "total": total["count"],
        "simulated": total["simulated"],
        "values": [part(by, row) for row in named_on(parts, map, today)],
    }  # fmt: skip


def named_on(rows: list[dict[str, Any]], map: Map, today: date) -> list[dict[str, Any]]:
    """Rows whose places are named as of the map asked for: today's, or that of the latest certificate of each."""
    return [row | {"map_on": today} for row in rows] if map == "today" else rows


def part(by: Dimension, row: dict[str, Any]) -> dict[str, Any]:
    value: str | None = row["value"] or None
    named = value and LABELS[by](value, load(row["law"]), row["map_on"])
    label_vi, label_en = named or ("chưa rõ", "not known")
    shown = int(value) if value and by == "stars" else value
    return {
        "value": shown, "label_vi": label_vi, "label_en": label_en, "count": row["count"], "simulated": row["simulated"]
    }  # fmt: skip


# --- labels: by the ruleset and the map under which the latest certificate of the row was issued ---

ENGLISH_KINDS = {
    "tỉnh": "province", "thành phố trung ương": "city", "xã": "commune", "phường": "ward", "thị trấn": "township",
    "đặc khu": "special zone",
}  # fmt: skip


def place_label(level: units.Level) -> Callable[[str, Ruleset, date], Label]:
    def label(code: str, _: Ruleset | None, on: date) -> Label:
        place = units.unit(level, code, on)
        return (place.full_name, f"{place.name} {ENGLISH_KINDS[place.kind]}") if place else (code, code)

    return label


def group_label(value: str, ruleset: Ruleset, _: date) -> Label:
    group = ruleset.group(value)
    return group.label_vi, group.label_en


def set_label(value: str, ruleset: Ruleset, _: date) -> Label:
    entry = ruleset.set_entry(value)
    return entry.name_vi, entry.name_en


def stars_label(value: str, _: Ruleset | None, __: date) -> Label:
    return f"{value} sao", f"{value} stars"


def producer_kind_label(value: str, ruleset: Ruleset, _: date) -> Label:
    kinds = ruleset.producers.types + ruleset.producers.tourism_also
    return next(((kind.vi, kind.en) for kind in kinds if kind.id == value), (value, value))


LABELS: dict[Dimension, Callable[[str, Ruleset, date], Label]] = {
    "province": place_label("province"), "commune": place_label("commune"), "group": group_label, "set": set_label,
    "stars": stars_label, "producer_kind": producer_kind_label,
}  # fmt: skip
