"""Made-up facts for the page that shows every part."""

from datetime import date
from typing import Any

from services.portal.views import charts, provinces
from services.portal.views.lists import Rows, province_names
from services.portal.views.timeline import Happening
from services.portal.views.words import Text

ON = date(2026, 10, 1)
MONTHS = [
    {"month": f"{2026 + at // 12}-{at % 12 + 1:02}-01", "valid": 40 + at * 7 - (at % 5) * 6, "ending": (at * 37) % 23}
    for at in range(24)
]
WORTH = {code: (column * 7 + row * 5) % 29 for code, (column, row, _) in provinces.TILES.items()}
TALLY = [{"points": low, "count": count} for low, count in ((55, 2), (65, 7), (70, 11), (75, 9), (85, 4), (90, 3))]


def facts() -> dict[str, Any]:
    rows = [
        {"product_id": "00000000-0000-0000-0000-000000000000", "product_name": name, "product_code": code, "stars": stars,
         "points": points}
        for name, code, stars, points in (
            ("Tỏi cô đơn Lý Sơn", "51-21548-1-2026", 4, 78.5), ("Quế Trà Bồng", "51-21115-2-2026", 3, 66.25)
        )
    ]  # fmt: skip
    sample = {
        "columns": charts.columns(MONTHS, "ending"), "line": charts.line(MONTHS, "valid", ON),
        "histogram": charts.histogram(TALLY), "scale": charts.scale(77.45, [71, 74.5, 77, 78, 78, 79, 81.5], 4),
        "names": provinces.names(ON), "provinces": province_names(ON),
        "worth": WORTH, "shades": provinces.shades(WORTH), "level": provinces.level,
        "rows": rows, "found": Rows(rows, 2, True),
        "happenings": [
            Happening("2026-03-02", Text("Chủ thể đăng ký ý tưởng sản phẩm", "The producer registered the product idea")),
            Happening("2026-09-25", Text("Cấp giấy chứng nhận 4 sao", "4-star certificate issued"),
                      Text("GCN-51-2026-00001", ""), "#lists", True),
        ],
    }  # fmt: skip
    return {"sample": sample}
