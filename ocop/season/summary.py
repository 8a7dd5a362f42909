"""What came of the season, read from the stores: what happened to whom and why, beside what its story told."""

import asyncio
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from ocop.company import Company
from ocop.season.play import product_id
from ocop.season.script import Line, Season
from ocop.season.words import ORDINARY_VI, OUTCOMES_VI, SITUATIONS, STATUS_VI

STARS = (5, 4, 3)
Found = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One product: its situations, what its story told of the end, and what the stores say.

    `status`, `stars` and `certificate` are of the newest certificate on the season's last day, null without one;
    `certificates` are all that it ever had; `reason` says why it has none, or why the last one is not in force.
    """

    key: str
    product: str
    province: str
    set: str
    shows: list[str]
    expected: str
    result: str
    status: str | None
    stars: int | None
    certificate: str | None
    certificates: list[str]
    listed: bool
    dossier: str | None
    reason: str | None
    as_told: bool


@dataclass
class Summary:
    rows: list[Row]
    counts: dict[str, Any]

    @property
    def as_told(self) -> bool:
        """Whether every product ended as its story says."""
        return all(row.as_told for row in self.rows)

    @property
    def example(self) -> str | None:
        return next((row.certificate for row in self.rows if row.status == "valid"), None)


async def summarise(program: Company, season: Season) -> Summary:
    """How every product stands on the season's last day, whatever day it is by now."""
    on = str(season.last)
    certificates = grouped(await rows_of(program, "certification", "/certificates", on=on))
    assessments = grouped(await rows_of(program, "evaluation", "/assessments"))
    dossiers = grouped(await rows_of(program, "registration", "/dossiers"))
    ideas = grouped(await rows_of(program, "registration", "/ideas"))
    rows = []
    for line in season.lines:
        id = product_id(line.product.key)
        listed = any(on_list(row, on) for row in await rows_of(program, "promotion", f"/products/{id}/listings"))
        found = [all_of.get(id, []) for all_of in (certificates, assessments, dossiers, ideas)]
        rows.append(row_of(line, *found, listed=listed))
        await asyncio.sleep(0)
    valid = [row for row in rows if row.status in ("valid", "extended")]
    stars = {str(n): sum(row.stars == n for row in valid) for n in STARS}
    counts = {
        "products": len(rows), "certificates": len(valid), "stars": stars, "none": len(rows) - len(valid),
        "issued": sum(len(row.certificates) for row in rows),
    }  # fmt: skip
    return Summary(rows, counts)


def row_of(
    line: Line, certificates: list[Found], assessments: list[Found], dossiers: list[Found], ideas: list[Found], *,
    listed: bool,
) -> Row:  # fmt: skip
    p, last = line.product, certificates[-1] if certificates else None
    status, stars = (last["status"], last["stars"]) if last else (None, None)
    outcome = outcome_of(assessments, ideas)
    result = result_of(status, stars, outcome)
    numbers, dossier = [c["number"] for c in certificates], dossiers[-1]["state"] if dossiers else None
    ended = {
        "certificate": None if last is None else len(numbers) - (1 if p.earlier else 0), "status": status,
        "stars": stars, "listed": listed, "dossier": dossier,
    }  # fmt: skip
    expected = result_of(line.end.get("status"), line.end.get("stars"), told_outcome(line))
    as_told = result == expected and all(
        ended[fact] == told for fact, told in line.end.items() if fact in ended
    )  # fmt: skip
    return Row(
        p.key, p.name, p.province, p.set, list(line.shows), expected, result, status, stars,
        numbers[-1] if numbers else None, numbers, listed, dossier, reason_of(last, outcome), as_told,
    )  # fmt: skip


def result_of(status: str | None, stars: int | None, outcome: str | None) -> str:
    """In one word: the stars held, how the certificate ended, or how far a product without one came."""
    if status is None:
        return outcome or "none"
    return f"{stars}★" if status in ("valid", "extended") else status


def outcome_of(assessments: list[Found], ideas: list[Found]) -> str | None:
    """How a product without a certificate stands: what its last council said, or where its idea is."""
    decided = [a for a in assessments if a["outcome"]]
    if decided:
        last = decided[-1]
        return last["outcome"] if last["outcome"] != "ranked" else f"{last['stars']}★"
    return f"idea_{ideas[-1]['state']}" if ideas else None


def told_outcome(line: Line) -> str | None:
    """The same as the story tells it."""
    scores = [step.score for step in line.steps if step.do == "council_decided" and step.score]
    if scores:
        return scores[-1].outcome if scores[-1].outcome != "ranked" else f"{scores[-1].star}★"
    return line.steps[-1].do


def reason_of(certificate: Found | None, outcome: str | None) -> str | None:
    if certificate is None:
        return OUTCOMES_VI.get(outcome or "", outcome)
    return certificate["reason"]


def on_list(listing: Found, on: str) -> bool:
    """Whether a product was in the catalogue under this certificate on that day."""
    return listing["listed_on"] <= on and (listing["off_on"] is None or on < listing["off_on"])


def grouped(rows: list[Found]) -> dict[str, list[Found]]:
    """By product, in the order in which they came."""
    found: dict[str, list[Found]] = {}
    for row in rows:
        id = row["product"]["id"] if "product" in row else row["product_id"]
        found.setdefault(id, []).append(row)
    return found


async def rows_of(program: Company, house: str, path: str, **query: str) -> list[Found]:
    response = await program.clients[house].get(path, params={"limit": "1000", **query})
    response.raise_for_status()
    return response.json()


def as_table(summary: Summary) -> Table:
    table = Table(title="Mùa OCOP 2026 – kết quả mô phỏng / simulated results")
    for column in ("Sản phẩm / product", "Tỉnh", "Bộ", "Chuyện gì / what happened", "Kết quả", "Giấy chứng nhận"):
        table.add_column(column, no_wrap=column == "Giấy chứng nhận")
    for row in summary.rows:
        shown = ", ".join(SITUATIONS[what] for what in row.shows) or ORDINARY_VI
        result = row.result if row.result.endswith("★") else STATUS_VI.get(row.result, OUTCOMES_VI.get(row.result, ""))
        if row.reason and row.reason != result:
            shown = f"{shown} – {row.reason}"
        table.add_row(
            row.product, row.province, row.set, shown, result, "\n".join(row.certificates) or "–",
            style=None if row.as_told else "red",
        )  # fmt: skip
    counts = summary.counts
    stars = ", ".join(f"{counts['stars'][str(n)]} × {n}★" for n in STARS)
    table.caption = (
        f"{counts['products']} sản phẩm; ngày cuối mùa {stars}, {counts['none']} không có giấy chứng nhận còn hiệu lực "
        "/ products; certificates valid on the season's last day, and products with none"
    )
    return table


def as_json(summary: Summary) -> dict[str, Any]:
    return {
        "simulated": True,
        "as_told": summary.as_told,
        "counts": summary.counts,
        "products": [vars(row) for row in summary.rows],
    }
