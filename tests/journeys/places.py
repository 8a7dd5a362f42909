"""Every page of the portal by a name, on the season's data: with the product, result and round that tell most."""

from typing import Any

import httpx

from tests.views.reading import JSON

FIXED = {
    "home": "/", "catalogue": "/products", "search": "/products?q=tooi+ly+sonn", "nothing": "/products?q=zzzz+qqqq",
    "dossiers": "/dossiers", "dossiers-state": "/dossiers?state=recognised&province=51", "rounds": "/rounds",
    "dashboard": "/dashboard", "province": "/dashboard?province=51", "counted": "/dashboard/list?count=valid&stars=4",
    "expiring": "/expiring", "plans": "/plans", "data": "/data", "developers": "/developers", "parts": "/parts",
    "complaints": "/complaints", "unknown": "/c/GCN-51-1999-00001", "error": "/nowhere",
}  # fmt: skip
CHOSEN = ("product", "held-back", "sheet", "round", "plan", "certificate", "revoked", "replaced")
NAMES = (*FIXED, *CHOSEN)
MISSING = frozenset({"unknown", "error"})  # pages that say so with 404


async def places(program: httpx.AsyncClient) -> dict[str, str]:
    """Name -> path."""

    async def ask(path: str, **query: Any) -> Any:
        answer = await program.get(path, params=query, headers=JSON)
        assert answer.status_code == 200, answer.text
        return answer.json()

    listed = (await ask("/promotion/catalogue", q="tỏi lý sơn"))[0]
    assessments = await ask("/evaluation/assessments", limit=1000)
    held = next(row for row in assessments if row["stars"] == 3 and row["star_by_band"] == 4)
    rounds = await ask("/evaluation/rounds", limit=100)
    certificates = await ask("/certification/certificates", limit=1000)
    return FIXED | {
        "product": f"/products/{listed['product_id']}",
        "held-back": f"/products/{held['product_id']}",
        "sheet": f"/results/{held['id']}",
        "round": f"/rounds/{max(rounds, key=lambda row: row['assessments'])['id']}",
        "plan": f"/plans/{(await ask('/programme/plans'))[0]['id']}",
        "certificate": f"/c/{listed['certificate']}",
        "revoked": f"/c/{next(row['number'] for row in certificates if row['status'] == 'revoked')}",
        "replaced": f"/c/{next(row['number'] for row in certificates if row['status'] == 'replaced')}",
    }  # fmt: skip
