"""What the public page of a certificate and its paper need, asked of the certification house."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import httpx

from services.portal.paper import Paper
from services.portal.views import words
from services.portal.views.houses import Houses, HouseSaid
from services.portal.views.words import Text
from shared.asof import HEADER
from shared.contracts.envelope import as_utc

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which day, null for today, and as it was known at which instant, null for now."""

    on: date | None = None
    known_at: datetime | None = None

    @property
    def params(self) -> dict[str, Any]:
        """As certification is asked."""
        return {"on": self.on, "known_at": self.known_at and as_utc(self.known_at)}

    @property
    def head(self) -> dict[str, str]:
        """What the answer says of it."""
        return {HEADER: as_utc(self.known_at)} if self.known_at else {}


async def public(houses: Houses, number: str, asked: Asked) -> tuple[int, Facts]:
    """Status code and public facts; 404 with status `unknown` where there is none. Raises HouseSaid."""
    status, facts = await houses.ask("certification", "certificates", number, **asked.params)
    if status not in (httpx.codes.OK, httpx.codes.NOT_FOUND):
        raise HouseSaid("certification", status, facts)
    return status, facts


async def details(houses: Houses, number: str, asked: Asked) -> Facts | None:
    """The public facts with place, set and dates besides; None for an unknown number."""
    return await houses.find("certification", "certificates", number, "details", **asked.params)


async def page(houses: Houses, number: str, asked: Asked) -> Facts | None:
    """A certificate in words, with all certificates of its product until that day; None for an unknown number."""
    found = await details(houses, number, asked)
    if found is None:
        return None
    product, wanted = found["product"]["id"], asked.params | {"on": found["on"]}
    rows = await houses.get("certification", "certificates", product=product, **wanted)
    return shown(found) | {"siblings": [shown(row) for row in rows if row["issued_on"] <= found["on"]][::-1]}


def shown(facts: Facts) -> Facts:
    """A certificate in words: its state, since and until when, what it was before, and its names of the day of issue."""
    issued, ruleset = facts["issued_on"], facts["ruleset"]
    return facts | {
        "state": words.known(words.STATUS, facts["status"]),
        "meaning": words.known(words.MEANING, facts["status"]),
        "in_force": facts["status"] in words.IN_FORCE,
        "place": words.place(facts["commune"], facts["province"], issued),
        "set_name": words.product_set(facts["set"], ruleset),
        "group_name": words.group(facts["group"], ruleset),
        "kind_name": words.certificate_kind(facts["kind"], ruleset),
        "term": term(facts),
        "reason_text": reason(facts) if facts["reason"] else None,
        "course": course(facts),
    }


def course(facts: Facts) -> list[Facts]:
    """What it was from its issue until the day of the question, each state with its term."""
    return [
        period | {"state": words.known(words.STATUS, period["status"]), "term": term(period)}
        for period in facts["history"]
        if period["since"] and period["since"] <= facts["on"]
    ]


def term(facts: Facts) -> Text:
    """Since when and until when the state holds."""
    since, until = words.day(facts["since"]), words.day(facts["until"])
    match bool(facts["since"]), bool(facts["until"]):
        case True, True:
            return Text(f"Từ ngày {since} đến hết ngày {until}", f"From {since} through {until}")
        case True, False:
            return Text(f"Từ ngày {since}", f"Since {since}")
        case False, True:
            return Text(f"Đến hết ngày {until}", f"Through {until}")
        case _:
            return Text("Không xác định thời hạn", "No term given")


def paper_of(facts: Facts, url: str, *, simulated: bool) -> Paper:
    """The page to be printed; its state is that of the day of the question. `simulated`: of a register that says so."""
    said = shown(facts)
    state = f"Hiện trạng ngày {words.day(facts['on'])}: {said['state'].vi}"
    if facts["reason"]:
        state += f" – {reason(facts).vi}"
    return Paper(
        number=facts["number"],
        url=url,
        product=facts["product"]["name"],
        code=facts["product"]["code"] or "–",
        producer=facts["producer"]["name"],
        place=said["place"],
        set=said["set_name"].vi,
        stars=facts["stars"],
        decision=words.decision(facts["decision"]),
        authority=facts["decision"]["authority"],
        validity=f"Từ ngày {words.day(facts['issued_on'])} đến hết ngày {words.day(facts['expires_on'])}",
        state=state,
        in_force=said["in_force"],
        simulated=simulated or facts["simulated"],
    )


def reason(facts: Facts) -> Text:
    """The ground of a revocation in the words of the ruleset, or the reason as it was given."""
    revocation = facts["revocation"]
    return words.ground(revocation["ground"], facts["ruleset"]) if revocation else Text(str(facts["reason"]), "")


def path_of(number: str) -> str:
    """Where the public page of a number is, whatever somebody typed as number."""
    return f"/c/{quote(number, safe='')}"
