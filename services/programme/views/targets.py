"""Targets of plans: what the numbers of the register say of them on a day, each with its definition.

The names and what they mean are those of the vocabulary of the provincial plans; what is not computed here is null.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import eq, ge, le
from typing import Any

MET: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, "=": eq}


@dataclass(frozen=True, slots=True)
class Metric:
    """What a number counts; `flow`: within the period until the day, otherwise as things stand on the day."""

    flow: bool
    vi: str
    en: str


WITHDRAWN_VI = "Không tính giấy chứng nhận đã bị thu lại vì công nhận sai (Điều 10.1.b)."
WITHDRAWN_EN = "A certificate withdrawn as a wrong recognition (art. 10.1.b) does not count."
METRICS = {
    "products_recognised_min_star_3": Metric(
        False,
        "Sản phẩm có giấy chứng nhận từ 3 sao còn hiệu lực trong ngày (kể cả được gia hạn).",
        "Products with a certificate of 3 stars or more that is valid on the day (or extended).",
    ),
    "products_newly_recognised_min_star_3": Metric(
        True,
        f"Sản phẩm được công nhận từ 3 sao lần đầu, ngày quyết định trong kỳ. {WITHDRAWN_VI}",
        f"Products recognised with 3 stars or more for the first time, decided in the period. {WITHDRAWN_EN}",
    ),
    "products_newly_recognised_star_3_or_4": Metric(
        True,
        f"Sản phẩm được công nhận lần đầu với 3 hoặc 4 sao, ngày quyết định trong kỳ. {WITHDRAWN_VI}",
        f"Products recognised for the first time with 3 or 4 stars, decided in the period. {WITHDRAWN_EN}",
    ),
    "products_certified_star_4": Metric(
        True,
        f"Sản phẩm được cấp giấy chứng nhận 4 sao lần đầu trong kỳ (cấp mới hoặc nâng hạng). {WITHDRAWN_VI}",
        "Products given their first 4-star certificate in the period (first time or by upgrade; no renewals). "
        f"{WITHDRAWN_EN}",
    ),
    "share_products_star_4": Metric(
        False,
        "Tỷ lệ (%) sản phẩm 4 sao trong số sản phẩm từ 3 sao còn hiệu lực trong ngày.",
        "Share (%) of products with 4 stars among those of 3 stars or more valid on the day.",
    ),
    "share_products_star_5": Metric(
        False,
        "Tỷ lệ (%) sản phẩm 5 sao trong số sản phẩm từ 3 sao còn hiệu lực trong ngày.",
        "Share (%) of products with 5 stars among those of 3 stars or more valid on the day.",
    ),
}


def counted_on(target: dict[str, Any], on: date) -> date:
    """The day whose number says how a target stands: the asked one, but not later than the target's own."""
    return min(on, date.fromisoformat(target["by"]))


def stated(target: dict[str, Any], day: date, numbers: dict[str, Any]) -> dict[str, Any]:
    """A target with its actual number on its day, its definition and whether it is met; null where nobody can count it."""
    metric = METRICS.get(target["metric"])
    actual = None if metric is None or numbers[target["metric"]] is None else float(numbers[target["metric"]])
    return target | {
        "actual": actual,
        "counted_on": day if metric else None,
        "met": None if actual is None else MET[target["comparator"]](actual, target["value"]),
        "definition": metric and {"vi": metric.vi, "en": metric.en},
    }
