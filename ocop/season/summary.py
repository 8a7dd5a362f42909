"""What came of the season, read from the stores: one line a product, beside what its story told."""

from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from ocop.season.play import product_id
from ocop.season.script import Line, Season
from ocop.standalone import Program

OUTCOMES_VI = {
    "stopped": "dừng đánh giá", "rejected": "bị loại", "not_assessed": "không đánh giá", "idea_registered": "mới có ý tưởng",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One product: what its story told, what the stores say, and which detours were left out."""

    key: str
    product: str
    province: str
    set: str
    expected: str
    result: str
    certificate: str | None
    left_out: list[str]


@dataclass
class Summary:
    rows: list[Row]
    not_played: list[str]
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def as_told(self) -> bool:
        """Whether every product ended as its story says."""
        return all(row.result == row.expected for row in self.rows)

    @property
    def example(self) -> str | None:
        return next((row.certificate for row in self.rows if row.certificate), None)


async def summarise(program: Program, season: Season) -> Summary:
    certificates = await rows_of(program, "certification", "/certificates")
    assessments = await rows_of(program, "evaluation", "/assessments")
    by_product = {c["product"]["id"]: c for c in certificates}
    rows = []
    for line in season.lines:
        product = product_id(line.product.key)
        certificate = by_product.get(product)
        result = f"{certificate['stars']}★" if certificate else outcome(line, assessments, product)
        p = line.product
        rows.append(
            Row(p.key, p.name, p.province, p.set, line.expected, result, certificate and certificate["number"],
                line.left_out)
        )  # fmt: skip
    counts = {str(stars): sum(c["stars"] == stars for c in certificates) for stars in (5, 4, 3)}
    return Summary(rows, season.not_played, {"certificates": len(certificates), "stars": counts})


def outcome(line: Line, assessments: list[dict[str, Any]], product: str) -> str:
    """How a product without a certificate stands."""
    found = [a for a in assessments if a["product_id"] == product and a["outcome"]]
    if not found:
        return line.steps[-1].do
    last = found[-1]
    return last["outcome"] if last["outcome"] != "ranked" else f"{last['stars']}★"


async def rows_of(program: Program, house: str, path: str) -> list[dict[str, Any]]:
    response = await program.clients[house].get(path, params={"limit": 1000})
    response.raise_for_status()
    return response.json()


def as_table(summary: Summary) -> Table:
    table = Table(title="Mùa OCOP 2026 – kết quả mô phỏng / simulated results")
    for column in ("Sản phẩm / product", "Tỉnh", "Bộ", "Kết quả / result", "Giấy chứng nhận", "Để lại sau / left out"):
        table.add_column(column, no_wrap=column == "Giấy chứng nhận")
    for row in summary.rows:
        style = None if row.result == row.expected else "red"
        left = ", ".join(dict.fromkeys(row.left_out))
        shown = OUTCOMES_VI.get(row.result, row.result)
        table.add_row(row.product, row.province, row.set, shown, row.certificate or "–", left, style=style)
    table.caption = (
        f"{len(summary.rows)} sản phẩm đi thẳng chặng chính; {len(summary.not_played)} sản phẩm có công nhận từ trước và "
        "các nhánh rẽ sẽ đến sau / the products go straight along the main line; the rest and all detours come later"
    )
    return table


def as_json(summary: Summary) -> dict[str, Any]:
    return {
        "simulated": True,
        "as_told": summary.as_told,
        "counts": summary.counts,
        "products": [vars(row) for row in summary.rows],
        "not_played": summary.not_played,
    }
