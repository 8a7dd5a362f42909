"""The season as a script: which product takes which step on which day, read from the sample data.

Only the main line is played: a step that belongs to a detour is left out and named, and where a detour would change
the line itself (a withdrawal, an upgrade, an appeal), the product's line ends there.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("data")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAIN_LINE = frozenset(
    """
    producer_registered producer_verified idea_registered idea_screened idea_accepted plan_submitted plan_approved
    product_registered plan_progress dossier_submitted dossier_forwarded dossier_received advisory_report
    council_decided result_approved referred result_returned not_recognised certificate_issued
    """.split()
)
AGAIN = {"plan_returned": "plan_submitted"}  # what a left-out return would have made the producer do again
LINE_ENDS = frozenset({"idea_withdrawn", "appeal_lodged", "redo_demanded"})


@dataclass(frozen=True)
class Product:
    """One row of `products.csv`."""

    key: str
    name: str
    set: str
    group: str
    producer: str
    producer_kind: str
    province: str
    commune: str


@dataclass(frozen=True)
class Step:
    """One act of one product on one day. `key` names it for ever: it is played once, whatever happens meanwhile."""

    key: str
    day: date
    do: str
    by: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def score(self) -> "Score | None":
        return Score.of(self.facts["score"]) if "score" in self.facts else None


@dataclass(frozen=True)
class Score:
    """What a council's ballots are to give."""

    ballots: int
    average: Fraction | None
    star: int | None
    missed: tuple[str, ...]
    missing_for_3: tuple[str, ...]
    spread: int | None
    outcome: str
    at: tuple[str, ...]
    declared: tuple[dict[str, str], ...]

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "Score":
        return cls(
            ballots=facts.get("ballots", 0),
            average=Fraction(str(facts["average"])) if "average" in facts else None,
            star=facts.get("star"),
            missed=tuple(facts.get("missed", ())),
            missing_for_3=tuple(facts.get("missing_for_3", ())),
            spread=facts.get("spread"),
            outcome=facts.get("outcome", "ranked"),
            at=tuple(facts.get("at", ())),
            declared=tuple(facts.get("declared", ())),
        )


@dataclass
class Line:
    """The steps of one product, and the detours that are left out."""

    product: Product
    steps: list[Step] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @property
    def expected(self) -> str:
        """How the played line ends: stars, an outcome, or the last step."""
        for step in reversed(self.steps):
            if step.do == "certificate_issued":
                return f"{step.facts['stars']}★"
            if step.do == "council_decided" and step.score:
                score = step.score
                return score.outcome if score.outcome != "ranked" else f"{score.star}★"
        return self.steps[-1].do if self.steps else "none"


class Season:
    """The whole script."""

    def __init__(self, folder: Path = DATA) -> None:
        self.data = yaml.load((folder / "stories.yaml").read_text(encoding="utf-8"), LOADER)
        with (folder / "products.csv").open(encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        self.products = {
            r["key"]: Product(
                r["key"], r["product"], r["set"], r["group"], r["producer"], r["producer_kind"], r["province"],
                r["commune"],
            )
            for r in rows
        }  # fmt: skip

    @property
    def first(self) -> date:
        return self.data["season"]["from"]

    @property
    def last(self) -> date:
        return self.data["season"]["to"]

    @property
    def councils(self) -> dict[str, dict[str, Any]]:
        return self.data["councils"]

    @property
    def rounds(self) -> dict[str, dict[str, Any]]:
        return self.data["rounds"]

    @cached_property
    def lines(self) -> list[Line]:
        """The products that begin with an idea, each with its main line."""
        stories = self.data["stories"] + self.data["ordinary"]
        lines = [self._line(story) for story in stories]
        return [line for line in lines if any(step.do == "idea_registered" for step in line.steps)]

    @property
    def not_played(self) -> list[str]:
        """The products that do not begin with an idea."""
        played = {line.product.key for line in self.lines}
        return [key for key in self.products if key not in played]

    def _line(self, story: dict[str, Any]) -> Line:
        line = Line(self.products[story["product"]])
        skip: set[str] = set()
        for number, raw in enumerate(self._raw(story, line.product), 1):
            do = raw["do"]
            if do in LINE_ENDS or (do == "dossier_submitted" and raw.get("kind") != "first"):
                line.left_out.append(do if do in LINE_ENDS else raw.get("kind", do))
                break
            if do in skip:
                skip.discard(do)
            elif do in MAIN_LINE:
                line.steps.append(step_of(line.product.key, number, raw))
            else:
                skip |= {AGAIN[do]} if do in AGAIN else set()
                line.left_out.append(do)
        line.steps = list(self._with_sending(line))
        return line

    def _with_sending(self, line: Line) -> Iterator[Step]:
        """Before a council meets, its secretary sends it the dossier: on the round's day, else with the last report."""
        for before, step in zip([None, *line.steps], line.steps, strict=False):
            if step.score and before:
                place = "ministry" if step.by == "ministry" else line.product.province
                name = step.facts.get("round")
                day = self.councils[place][name]["sent"] if name else before.day
                yield Step(f"{step.key}:sent", day, "dossier_sent", "secretary", {"place": place, "round": name})
            yield step

    def _raw(self, story: dict[str, Any], product: Product) -> Iterator[dict[str, Any]]:
        """A story's own beginning, steps and ordinary end."""
        for raw in self.data["parts"][story["begins"]] if story.get("begins") else ():
            yield raw
            if raw["do"] == story.get("until"):
                break
        yield from story.get("steps", ())
        if "session" in story:
            top = story["star"] == 5
            held = self.councils["ministry" if top else product.province][story["round"]]
            score = {k: story[k] for k in ("ballots", "average", "star")}
            yield {"date": story["session"], "by": "ministry" if top else "chair", "do": "council_decided",
                   "round": story["round"], "score": score}  # fmt: skip
            yield {"date": held["decision"], "by": "minister" if top else "province_chairman",
                   "do": "certificate_replaced" if story.get("replaces") else "certificate_issued",
                   "stars": story["star"]}  # fmt: skip


def step_of(product: str, number: int, raw: dict[str, Any]) -> Step:
    facts = {k: v for k, v in raw.items() if k not in {"date", "by", "do"}}
    return Step(f"season:{product}:{number:02}:{raw['do']}", raw["date"], raw["do"], raw["by"], facts)
