"""A plan's product under older rules, through the doors: legal dates of its time, recorded by today's clock.

Persons, producers and products are made up and marked; levels, thresholds, rounds and dates are the plan's own.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from ocop.season.people import name, representative
from ocop.standalone import Program
from shared import units
from shared.auth.actors import Role
from tests.given import an_id
from tests.whole import bearer

PLANS = Path(units.__file__).with_name("data") / "plans"
DAY = timedelta(days=1)
LEVEL = {"central": "national"}  # a plan's word -> the ruleset's
Row = dict[str, Any]


def plan_of(id: str) -> Row:
    return yaml.safe_load((PLANS / f"{id}.yaml").read_text(encoding="utf-8"))


def round_of(plan: Row, id: str) -> Row:
    return next(one for one in plan["rounds"] if one["id"] == id)


def made_up(what: str) -> str:
    return f"{what} (minh họa)"


@dataclass
class Place:
    """Codes of the legal date: province, district (none since July 2025) and commune."""

    province: str
    district: str | None
    commune: str

    def of(self, role: Role, level: str) -> str:
        """Where somebody of a level acts from."""
        if level == "national":
            return "TW"
        return str(self.district if level == "district" else self.province)


@dataclass
class Made:
    """A product on its way, with the ids that the doors gave."""

    key: str
    place: Place
    id: str
    dossier: str = ""
    assessments: dict[str, str] = field(default_factory=dict)


class Elder:
    """Who does what, on which legal date."""

    def __init__(self, program: Program, client: httpx.AsyncClient) -> None:
        self.program, self.client = program, client

    async def ask(
        self, path: str, role: Role, place: str, on: str | date, actor: str | None = None, **body: Any
    ) -> Any:
        """The answer to a command of that legal date."""
        return await self.client.post(path, json={"on": str(on), **body}, headers=bearer(role, place, actor))

    async def do(self, path: str, role: Role, place: str, on: str | date, actor: str | None = None, **body: Any) -> Row:
        answer = await self.ask(path, role, place, on, actor, **body)
        assert answer.is_success, (path, answer.text)
        return answer.json()

    async def refused(self, rule: str, path: str, role: Role, place: str, on: str | date, **body: Any) -> Row:
        answer = await self.ask(path, role, place, on, **body)
        assert not answer.is_success, path
        said = answer.json()
        assert said.get("rule") == rule, said
        return said

    async def get(self, path: str, **query: Any) -> Any:
        await self.program.settled()
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    # --- from the idea to the dossier ---

    async def product(
        self, key: str, place: Place, on: str, *, group: str = "food", kind: str = "cooperative", by: str = "province"
    ) -> Made:
        """A producer and its product, entered with an approved plan; `by`: the level whose agency accepts."""
        producer, idea, plan = (str(an_id(f"{what} {key}")) for what in ("producer", "idea", "plan"))
        agency = place.of("agency", by)
        await self.do(
            "/registration/producers", "producer", producer, on, id=producer, name=made_up(f"Cơ sở {key}"), kind=kind,
            province=place.province, commune=place.commune, registration_number="0", representative=representative(key),
        )  # fmt: skip
        await self.do(f"/registration/producers/{producer}/verification", "commune", place.commune, on)
        summary = {"description": "minh họa", "raw_material": "minh họa", "local_character": "minh họa"}
        found = await self.do(
            "/registration/ideas", "producer", producer, on, id=idea, producer_id=producer, product_name=made_up(key),
            group=group, summary=summary,
        )  # fmt: skip
        await self.do(f"/registration/ideas/{idea}/screening", "commune", place.commune, on, opinion="Phù hợp")
        await self.do(f"/registration/ideas/{idea}/acceptance", "agency", agency, on)
        content = {"situation": "Nhỏ", "means": "Tự có", "revenue_first_year": 1, "revenue_third_year": 2}
        await self.do("/registration/plans", "producer", producer, on, id=plan, idea_id=idea, content=content)
        decision = {"number": "1/QĐ", "date": on, "authority": "Cơ quan thường trực"}
        await self.do(f"/registration/plans/{plan}/approval", "agency", agency, on, decision=decision)
        await self.do("/registration/products", "agency", agency, on, plan_id=plan)
        return Made(key, place, found["product_id"])

    async def file(self, made: Made, on: str, kind: str = "first", **more: Any) -> Made:
        """The producer files a dossier; the papers of those rules are not known, and none is asked for."""
        made.dossier = str(an_id(f"dossier {made.key} {on}"))
        made.assessments = {}
        producer = str(an_id(f"producer {made.key}"))
        await self.do(
            "/registration/dossiers", "producer", producer, on, id=made.dossier, product_id=made.id, kind=kind, **more
        )
        return made

    async def forward(self, made: Made, on: str, level: str, *, form_03: Row | None = None) -> str:
        """By the commune with form 03, else by the agency of the level that assesses; returns the product's code."""
        role: Role = "commune" if form_03 else "agency"
        place = made.place.commune if form_03 else made.place.of("agency", level)
        path = f"/registration/dossiers/{made.dossier}/forwarding"
        done = await self.do(path, role, place, on, **({"form_03": form_03} if form_03 else {}))
        await self.found(made, level)
        return done["code"]

    async def found(self, made: Made, level: str) -> Row:
        """The assessment of a level that a product's dossier has come to."""
        [row] = await self.get("/evaluation/assessments", dossier=made.dossier, level=level)
        made.assessments[level] = row["id"]
        return row

    async def dossier(self, made: Made) -> Row:
        return await self.get(f"/registration/dossiers/{made.dossier}")

    # --- councils and rounds ---

    async def council(self, level: str, place: Place, on: str | date, *, bylaw: Row | None = None) -> str:
        """Of three members, by the authority of that level."""
        id = str(an_id(f"council {level} {place.district} {place.province} {on}"))
        role: Role = {"district": "district_chairman", "national": "minister"}.get(level, "province_chairman")  # type: ignore[assignment]
        at = place.of(role, level)
        where = {} if level == "national" else {"province": place.province}
        if level == "district":
            where["district"] = place.district
        members = [
            {"id": f"{at}-{n}", "office_vi": made_up(f"Đơn vị {n}"), "seat": "member" if n else "chair", "name": name(f"{at}{n}")}
            for n in range(3)
        ]  # fmt: skip
        secretary = {"id": f"{at}-tk", "office_vi": made_up("Thư ký"), "name": name(f"{at}-tk")}
        decision = {"number": "2/QĐ", "date": str(on), "authority": "UBND"}
        await self.do(
            "/evaluation/councils", role, at, on, id=id, level=level, members=members, secretary=secretary, team=3,
            decision=decision, bylaw=bylaw or {}, **where,
        )  # fmt: skip
        return id

    async def round(self, level: str, place: Place, on: str | date, last: date, done: date, **more: Any) -> str:
        id = str(an_id(f"round {level} {place.district} {place.province} {done} {more}"))
        role: Role = "ministry" if level == "national" else "agency"
        where = {} if level == "national" else {"province": place.province}
        if level == "district":
            where["district"] = place.district
        facts = {"name": "Đợt", "year": done.year, "number": "extra", "basis": "Kế hoạch của tỉnh"} | more
        await self.do(
            "/evaluation/rounds", role, place.of(role, level), on, id=id, level=level, proposals_last=str(last),
            done_last=str(done), **facts, **where,
        )  # fmt: skip
        return id

    # --- one level assesses ---

    async def to_council(self, made: Made, level: str, on: str, council: str, **how: Any) -> None:
        """Received, reported on, and sent to the members: `round_id`, or `season` with the reason."""
        at, path = made.place.of("agency", level), f"/evaluation/assessments/{made.assessments[level]}"
        agency: Role = "ministry" if level == "national" else "agency"
        await self.do(f"{path}/receipt", agency, at, on)
        await self.do(f"{path}/advice", "advisory_team", at, on, report="Đủ thành phần", proposal="Đánh giá")
        await self.do(f"{path}/sending", "secretary", at, on, council_id=council, **how)

    async def sit(self, made: Made, level: str, on: str, parts: list[Row] | None = None, **decision: Any) -> Row:
        """The council sits, each member gives part totals (or none where no scale is known), and it decides."""
        at, path = made.place.of("chair", level), f"/evaluation/assessments/{made.assessments[level]}"
        present = [f"{at}-{n}" for n in range(3)]
        await self.do(f"{path}/session", "secretary", at, on, present=present)
        for n, (member, given) in enumerate(zip(present, parts or [], strict=False)):
            role: Role = "member" if n else "chair"
            await self.do(f"{path}/ballots", role, at, on, member, member_id=member, parts=given, simulated=True)
        return await self.do(f"{path}/decision", "chair", at, on, simulated=True, **decision)

    async def refer(self, made: Made, level: str, to: str, on: str) -> Row:
        """Up with the whole file; of older rules no approval is known."""
        at = made.place.of("agency", level)
        await self.do(f"/evaluation/assessments/{made.assessments[level]}/referral", "agency", at, on)
        return await self.found(made, to)

    async def certify(self, made: Made, level: str, by: str, on: str) -> Row:
        """The authority of the stars issues the certificate on the result of a level; `by`: its own level."""
        role: Role = {"district": "district_chairman", "national": "minister"}.get(by, "province_chairman")  # type: ignore[assignment]
        decision = {"number": "9/QĐ-UBND", "date": on, "authority": "Cơ quan có thẩm quyền"}
        await self.program.settled()
        return await self.do(
            "/certification/certificates", role, made.place.of(role, by), on, product_id=made.id,
            assessment_id=made.assessments[level], decision=decision,
        )  # fmt: skip


def ballots(*totals: tuple[float, float, float]) -> list[Row]:
    return [dict(zip("ABC", given, strict=True)) for given in totals]


def all_three(a: float, b: float, c: float) -> list[Row]:
    return ballots((a, b, c), (a, b, c), (a, b, c))
