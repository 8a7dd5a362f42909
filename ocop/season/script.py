"""The season as a script: which product takes which step on which day, read from the sample data.

Steps of the clock are not acted by anyone: the houses' own timers and policies do them on their day, and the tests see
that they did. Two things are added to what the stories tell: the secretary's sending of a dossier before its council
first takes it up, and what a council's step needs to know of the whole sitting (place, round, mode, ballots).
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("data")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CLOCK = "clock"
MINISTRY = "ministry"
REFUSED = frozenset({"renewal_refused", "sales_point_refused"})  # steps whose whole point is that a house says no
BEFORE_SITTING = frozenset({"conflict_declared", "dossiers_sent"})
SITTING = frozenset({"session_adjourned", "written_opinions", "ballots_counted", "council_decided"})


@dataclass(frozen=True)
class Earlier:
    """The recognition that a product had before the register knew it: stars, decision, last day, who decided."""

    stars: int
    decided: date
    expires: date
    authority: str


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
    earlier: Earlier | None

    @property
    def owner(self) -> str:
        """What names its producer: the products of one recorded producer share it."""
        return f"{self.producer}/{self.commune}" if self.earlier else f"{self.key}/producer"


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


@dataclass(frozen=True)
class Sitting:
    """Of a council's step: whose council, in which round (null: outside), and what this step itself still has to do.

    `holds`: it opens a session, in `mode`; `casts`: ballots are cast in it, which give `score`; `apart`: members who
    differ from the report in writing; `present`: how many take part (null: as many as score).
    """

    place: str
    round: str | None
    mode: str = "meeting"
    holds: bool = False
    casts: bool = False
    score: Score | None = None
    apart: int = 0
    present: int | None = None


@dataclass(frozen=True)
class Step:
    """One act on one day. `key` names it for ever: it is played once, whatever happens meanwhile."""

    key: str
    day: date
    do: str
    by: str
    facts: dict[str, Any] = field(default_factory=dict)
    sitting: Sitting | None = None

    @property
    def acted(self) -> bool:
        """Whether somebody does it; the rest the houses' clocks do."""
        return self.by != CLOCK

    @property
    def leaves_a_mark(self) -> bool:
        """Whether the stores know afterwards that it was done: a refusal is not stored."""
        return self.acted and self.do not in REFUSED

    @property
    def score(self) -> Score | None:
        return Score.of(self.facts["score"]) if "score" in self.facts else None


@dataclass(frozen=True)
class Line:
    """One product's season: its situations, its steps, what its pages answer on chosen days (`at`), and its `end`."""

    product: Product
    shows: tuple[str, ...]
    steps: tuple[Step, ...]
    at: tuple[dict[str, Any], ...]
    end: dict[str, Any]

    def before(self, step: Step, do: str) -> list[Step]:
        """The steps of a kind before this one, the last of them last."""
        return [s for s in self.steps[: self.steps.index(step)] if s.do == do]

    def after(self, step: Step, do: str) -> list[Step]:
        return [s for s in self.steps[self.steps.index(step) + 1 :] if s.do == do]


class Season:
    """The whole script."""

    def __init__(self, folder: Path = DATA) -> None:
        self.data = yaml.load((folder / "stories.yaml").read_text(encoding="utf-8"), LOADER)
        with (folder / "products.csv").open(encoding="utf-8", newline="") as f:
            self.products = {row["key"]: product_of(row) for row in csv.DictReader(f)}

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
        """Every product with its steps."""
        return [self._line(story) for story in self.data["stories"] + self.data["ordinary"]]

    @cached_property
    def events(self) -> list[Step]:
        """What belongs to no single product: plan, training, tasks, partners, shelf, sales points, fair."""
        return [step_of("event", number, raw) for number, raw in enumerate(self.data["events"], 1)]

    # --- one product ---

    def _line(self, story: dict[str, Any]) -> Line:
        product = self.products[story["product"]]
        told = [step_of(product.key, number, raw) for number, raw in enumerate(self._raw(story, product), 1)]
        return Line(
            product, tuple(story.get("shows", ())), tuple(self._with_sittings(told, product)),
            tuple(story.get("at", ())), story.get("end") or end_of(story, product),
        )  # fmt: skip

    def _raw(self, story: dict[str, Any], product: Product) -> Iterator[dict[str, Any]]:
        """A story's own beginning, steps and ordinary end."""
        for raw in self.data["parts"][story["begins"]] if story.get("begins") else ():
            yield raw
            if raw["do"] == story.get("until"):
                break
        if "recorded" in story:
            yield {"date": story["recorded"], "by": "agency", "do": "recognition_recorded"}
        yield from story.get("steps", ())
        if "session" in story:
            top = story["star"] == 5
            held = self.councils[MINISTRY if top else product.province][story["round"]]
            score = {k: story[k] for k in ("ballots", "average", "star")}
            yield {"date": story["session"], "by": MINISTRY if top else "chair", "do": "council_decided",
                   "round": story["round"], "score": score}  # fmt: skip
            yield {"date": held["decision"], "by": "minister" if top else "province_chairman",
                   "do": "certificate_replaced" if story.get("replaces") else "certificate_issued",
                   "stars": story["star"]}  # fmt: skip

    def _with_sittings(self, told: list[Step], product: Product) -> Iterator[Step]:
        """Each council's steps with its sitting, and before the first of them the sending, where it is not told."""
        sitting: list[Step] = []  # the steps of the sitting so far
        for number, step in enumerate(told):
            if step.do not in SITTING | BEFORE_SITTING:
                yield step
                continue
            decides = next(s for s in told[number:] if s.do == "council_decided")
            place = MINISTRY if decides.by == MINISTRY else product.province
            of_place = Sitting(place, decides.facts.get("round"))
            if step.do in SITTING and not any(s.do in SITTING or s.do == "dossiers_sent" for s in sitting):
                yield self._sending(step, of_place, told[:number])
            yield replace(step, sitting=sitting_of(step, of_place, sitting, decides))
            sitting = [] if step.do == "council_decided" else [*sitting, step]

    def _sending(self, step: Step, sitting: Sitting, before: list[Step]) -> Step:
        """On the round's day of sending, and outside the rounds with the step before."""
        in_round = self.councils[sitting.place][sitting.round]["sent"] if sitting.round else None
        day = in_round or next(s.day for s in reversed(before) if s.acted)
        return Step(f"{step.key}:sent", day, "dossiers_sent", "secretary", sitting=sitting)


def sitting_of(step: Step, place: Sitting, before: list[Step], decides: Step) -> Sitting:
    """What a step of a council does, after the steps of the same sitting before it."""
    done, score = {s.do for s in before}, step.score or decides.score
    disagreed = any(s.facts.get("agree") is False for s in before)
    match step.do:
        case "written_opinions":
            apart = 1 if step.facts.get("agree") is False else 0
            return replace(place, mode="written", holds=True, casts=True, score=score, apart=apart)
        case "ballots_counted":
            return replace(place, holds=True, casts=True, score=score)
        case "session_adjourned":
            return replace(place, present=step.facts["present"])
        case "council_decided" if "ballots_counted" in done:
            return replace(place, casts=True, score=score)
        case "council_decided" if "written_opinions" in done and not disagreed:
            return replace(place, mode="written", score=score)
        case "council_decided":
            return replace(place, holds=True, casts=True, score=score)
        case _:
            return place


def product_of(row: dict[str, str]) -> Product:
    """A product of the table, with its earlier recognition where it has one."""
    earlier = None
    if row["earlier"]:
        stars = int(row["earlier_stars"])
        printed = row["earlier_basis"].rpartition(", ")[2]
        general = "Bộ Nông nghiệp và Phát triển nông thôn" if stars == 5 else "Ủy ban nhân dân"
        authority = printed if printed.startswith(("UBND", "Bộ")) else general
        decided, expires = date.fromisoformat(row["earlier_decided"]), date.fromisoformat(row["earlier_expiry"])
        earlier = Earlier(stars, decided, expires, authority)
    return Product(
        row["key"], row["product"], row["set"], row["group"], row["producer"], row["producer_kind"], row["province"],
        row["commune"], earlier,
    )  # fmt: skip


def step_of(product: str, number: int, raw: dict[str, Any]) -> Step:
    facts = {k: v for k, v in raw.items() if k not in {"date", "by", "do"}}
    return Step(f"season:{product}:{number:02}:{raw['do']}", raw["date"], raw["do"], raw["by"], facts)


def end_of(story: dict[str, Any], product: Product) -> dict[str, Any]:
    """How a product without a story ends: with the certificate that it came for, or the one that was recorded."""
    if "session" in story:
        return {"certificate": 1, "status": "valid", "stars": story["star"], "listed": True}
    assert product.earlier is not None
    return {"certificate": 0, "status": "valid", "stars": product.earlier.stars, "listed": True}
