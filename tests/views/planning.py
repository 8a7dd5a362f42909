"""A plan of Hà Tĩnh 2025 with one of each, and whoever speaks for it, before the doors of programme."""

from datetime import date
from typing import Any

import httpx

from shared.auth.actors import Role
from shared.bus.listening import Listening
from shared.contracts.envelope import Contract, Envelope, ProductContract
from shared.eventstore.sources import OwnFacts, Source
from shared.eventstore.views import Fact, View
from shared.house import House
from tests.given import about, an_id
from tests.given_facts import Given
from tests.whole import bearer

Who = tuple[Role, str]
CHAIRMAN: Who = ("province_chairman", "42")
AGENCY: Who = ("agency", "42")
PLAN = str(an_id("plan of Hà Tĩnh"))
END = "2025-12-31"
BODIES = [{"id": "dard", "roles": ["standing_agency"]}, {"id": "provincial_pc"}, {"id": "district_pcs"},
          {"id": "hoi-nong-san", "name_vi": "Hội Nông sản sạch"}]  # fmt: skip
BODY: dict[str, Any] = {
    "name": "Kế hoạch OCOP Hà Tĩnh 2025 (minh họa)", "name_en": "OCOP plan of Hà Tĩnh 2025 (sample)", "province": "42",
    "period_from": "2025-01-01", "period_to": END, "agencies": BODIES, "ruleset": "qd-148-2023",
    "targets": [
        {"id": "t1", "metric": "products_recognised_min_star_3", "comparator": ">=", "value": 2, "by": END,
         "statement_vi": "Tối thiểu 2 sản phẩm"},
        {"id": "t2", "metric": "share_products_star_4", "comparator": ">=", "value": 20, "by": END, "part_of": "t1"},
        {"id": "t3", "metric": "radio_tv_reports", "comparator": "between", "value": 8, "upto": 10, "by": END},
        {"id": "t4", "metric": "sales_points_per_district", "comparator": ">=", "value": 1, "by": END,
         "scope": "each_district"},
        {"id": "t5", "metric": "officers_per_commune", "comparator": ">=", "value": 1, "by": "2025-05-31",
         "scope": "each_commune"},
        {"id": "t6", "metric": "share_craft_villages_with_product", "comparator": ">=", "value": 50, "by": END,
         "approximate": True},
        {"id": "t7", "metric": "priority_product_revenue_year_1", "comparator": ">=", "value": 500, "by": END,
         "criterion": True, "scope": "each_product"},
        {"id": "t8", "metric": "training_classes_held", "comparator": "between", "value": 1, "upto": 2, "by": END},
        {"id": "t9", "metric": "news_items", "comparator": ">=", "value": 5, "by": END},
    ],
    "tasks": [
        {"id": "k1", "title_vi": "Hội nghị triển khai", "lead": ["dard"], "supporting": ["district_pcs"], "kind": "launch",
         "starts": "2025-01-01", "ends": "2025-02-28"},
        {"id": "k2", "title_vi": "Kiểm điểm hằng tháng", "lead": ["district_pcs"], "kind": "review", "monthly": True,
         "starts": "2025-01-01", "ends": END},
        {"id": "k3", "title_vi": "Tổng kết", "lead": ["hoi-nong-san"], "kind": "review", "starts": "2025-12-01",
         "ends": END},
    ],
    "rounds": [{"id": "d1", "level": "province", "n": 1, "products": "đợt 1", "finish_before": "2025-06-30"}],
    "reporting": [{"id": "r1", "what": "quarterly report", "every": "quarter", "units": ["dard"], "to": ["provincial_pc"],
                   "due": {"day": 25, "month_of_period": "last", "words": "before the 25th of the last month"}},
                  {"id": "r2", "what": "on request", "every": "ad_hoc", "units": ["dard"], "to": ["provincial_pc"]}],
    "training": [{"id": "h1", "attendants": "officers", "subject": "OCOP", "count": [1, 2]}],
}  # fmt: skip
ISSUE = {
    "number": "15/BC-SNN", "place": "Hà Tĩnh", "agency": "Sở Nông nghiệp và Môi trường", "above": "UBND tỉnh Hà Tĩnh",
    "signs": ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"], "recipients": ["UBND tỉnh", "Bộ Nông nghiệp và Môi trường"], "duty": "r1",
}  # fmt: skip


class Desk:
    """Speaks to the house as whoever it takes, and tells it what other houses say."""

    def __init__(self, house: House, client: httpx.AsyncClient) -> None:
        self.house, self.client, self.last = house, client, "programme:0"
        self.heard: dict[str, list[Fact]] = {}

    async def post(self, path: str, body: dict[str, Any], who: Who, day: str = "") -> httpx.Response:
        if day:
            self.house.clock.play(date.fromisoformat(day))
        answer = await self.client.post(path, json=body, headers=bearer(*who))
        self.last = answer.json().get("position", self.last)
        return answer

    async def done(self, path: str, body: dict[str, Any], who: Who = AGENCY, day: str = "") -> dict[str, Any]:
        answer = await self.post(path, body, who, day)
        assert answer.is_success, answer.text
        return answer.json()

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.client.get(path, params={"after": self.last, **query})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def hear(self, view: View, *contracts: Contract) -> None:
        facts = self.heard.setdefault(view.name, [])
        for contract in contracts:
            fact = Fact(len(facts) + 1, contract, view.source, self.house.clock.now().at)
            facts.append(fact)
            key = contract.product.id if isinstance(contract, ProductContract) else an_id("x")
            envelope = Envelope(
                id=fact.id, type=contract.type_name(), source=f"/ocop/{view.source}", subject="s", time=fact.at,
                dataschema="/x", key=str(key), data=contract.model_dump(mode="json"),
            )  # fmt: skip
            await Listening(view, self.house.store).send(view.source, [envelope], fact.position)

    def source_of(self, view: View) -> Source:
        """What a view is made of."""
        own = view.source == self.house.name
        return OwnFacts(self.house.store, view) if own else Given(self.heard.get(view.name, []))

    async def targets(self, day: str, **query: str) -> dict[str, dict[str, Any]]:
        plan = await self.get(f"/plans/{PLAN}", on=day, **query)
        return {target["id"]: target for target in plan["targets"]}


def of_product(name: str, day: str, **more: Any) -> dict[str, Any]:
    """What a contract about a product of the city of Hà Tĩnh carries (42, 18073 by the map of 2025-05)."""
    a = about(name, code="42-18073-1-2025")
    return {"product": a.product, "producer": a.producer, "province": "42", "commune": "18073", "ruleset": "qd-148-2023",
            "legal_date": date.fromisoformat(day)} | more  # fmt: skip
