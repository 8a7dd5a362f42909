"""The national dashboard: every count with its definition and the list behind it, on any day, for the nation or a province."""

from datetime import date
from typing import Any

from services.portal.views import charts, provinces
from services.portal.views.houses import Houses
from services.portal.views.lists import spans
from services.portal.views.words import Text

Row = dict[str, Any]
AHEAD = 24  # months in which certificates end
BY = {
    "group": Text("Theo nhóm sản phẩm", "By product group"),
    "stars": Text("Theo hạng sao", "By stars"),
    "producer_kind": Text("Theo loại chủ thể", "By kind of producer"),
    "year": Text("Theo năm cấp", "By year of issue"),
}


async def dashboard(houses: Houses, on: date | None, province: str | None) -> Row:
    """Recognised products by every dimension; the map always shows the nation."""
    nation = await houses.common("programme", "recognised", "overview", on=on)
    found = nation
    if province:
        found = await houses.common("programme", "recognised", "overview", on=on, province=province)
    day = date.fromisoformat(found["on"])
    months = [row for row in found["months"] if row["month"] >= day.isoformat()[:8] + "01"][:AHEAD]
    counts = {row["value"]: row["valid"] for row in nation["by"]["province"]}
    return {
        "on": day, "valid": found["valid"], "ever": found["ever"], "months_mean": found["months_mean"],
        "by_province": charts.bars(nation["by"]["province"]), "quarter": quarter(months, day),
        "tables": {by: charts.bars(ordered(by, found["by"][by])) for by in BY}, "titles": BY,
        "ending": charts.columns(months, "ending"), "ending_months": months,
        "course": charts.line(found["months"], "valid", day), "course_months": found["months"],
        "worth": counts, "shades": provinces.shades(counts), "names": provinces.names(day), "level": provinces.level,
    }  # fmt: skip


def ordered(by: str, rows: list[Row]) -> list[Row]:
    """Stars and years have an order of their own, from the greatest; the rest stands by how many."""
    return sorted(rows, key=lambda row: -row["value"]) if by in {"stars", "year"} else rows


def quarter(months: list[Row], on: date) -> Row:
    """How many certificates end in the quarter of a day, from that day on."""
    span = next(span for span in spans(on) if span.id == "quarter")
    inside = [row["ending"] for row in months if span.since.isoformat() <= row["month"] <= span.until.isoformat()]
    return {"count": sum(inside), "since": span.since, "until": span.until}
