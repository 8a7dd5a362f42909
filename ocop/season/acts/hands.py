"""What all acts share: by whose hand a step is done, under which id, and the words and numbers that it carries."""

from collections.abc import Awaitable, Callable
from datetime import date
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ocop.season.ballots import make_ballots
from ocop.season.script import MINISTRY, Line, Score, Step
from shared.regulation.rulesets import load
from shared.regulation.sheets import Sheet

if TYPE_CHECKING:
    from ocop.season.play import Player

Act = Callable[["Player", Any, Step], Awaitable[None]]
TW = "TW"
RULESET = "qd-26-2026"


class Acts(dict[str, Act]):
    """How the steps of one house are acted: one function a kind, named after it."""

    def act(self, function: Act) -> Act:
        self[function.__name__] = function
        return function


# --- by whose hand ---


async def producer(
    player: "Player", line: Line, step: Step, path: str, body: dict[str, Any], *, house: str = "registration"
) -> dict[str, Any]:
    owner = player.id_of(line.product.owner)
    return await player.post(house, path, role="producer", place=owner, key=step.key, body=body)


async def commune(
    player: "Player", line: Line, step: Step, path: str, body: dict[str, Any], *, house: str = "registration"
) -> dict[str, Any]:
    place = line.product.commune
    return await player.post(house, path, role="commune", place=place, key=step.key, body=body)


async def province(
    player: "Player", line: Line, step: Step, house: str, path: str, body: dict[str, Any], *, role: str | None = None
) -> dict[str, Any]:
    """Someone of the product's province, by default whom the step names."""
    place = line.product.province
    return await player.post(house, path, role=role or step.by, place=place, key=step.key, body=body)


async def authority(
    player: "Player", line: Line, step: Step, house: str, path: str, body: dict[str, Any]
) -> dict[str, Any]:
    """Whom the step names, of the ministry or of the product's province."""
    place = place_of(step, line)
    return await player.post(house, path, role=step.by, place=place, key=step.key, body=body)


def place_of(step: Step, line: Line) -> str:
    return TW if step.by in (MINISTRY, "minister") else line.product.province


# --- what a step carries ---


def decision(number: str, day: date, by: str) -> dict[str, str]:
    """A decision that nobody took: its number says so (MP: minh họa)."""
    return {"number": f"{number}/MP", "date": str(day), "authority": by}


def authority_name(place: str) -> str:
    return "Bộ trưởng Bộ Nông nghiệp và Môi trường" if place == TW else "Chủ tịch UBND cấp tỉnh"


def signed(step: Step, line: Line, what: str) -> dict[str, str]:
    """The decision of whom the step names, of its day."""
    return decision(f"{what}-{line.product.key}-{step.day:%Y%m%d}", step.day, authority_name(place_of(step, line)))


@cache
def sheet_of(set_no: str) -> Sheet:
    return load(RULESET).sheet(set_no)


def ballots_of(line: Line, step: Step, score: Score) -> list[dict[str, int | None]]:
    """Ballots that give this score; the same for the same step, or for the same `draft` where the step names one."""
    if not score.ballots or score.average is None:
        return []
    ranked = score.star if score.outcome == "ranked" else None
    return made(
        line.product.set, score.ballots, score.average, ranked, score.missed, score.missing_for_3, score.spread,
        score.at, step.facts.get("draft", step.key),
    )  # fmt: skip


@lru_cache(maxsize=512)
def made(
    set_no: str, ballots: int, average: Fraction, star: int | None, missed: tuple[str, ...],
    missing_for_3: tuple[str, ...], spread: int | None, at: tuple[str, ...], seed: str,
) -> list[dict[str, int | None]]:  # fmt: skip
    return make_ballots(
        sheet_of(set_no), ballots=ballots, average=average, star=star, missed=missed, missing_for_3=missing_for_3,
        spread=spread, stopped_at=at, seed=seed,
    )  # fmt: skip


# --- things that the season begins ---


def dossier_id(player: "Player", line: Line, step: Step) -> str:
    """A product's dossiers are counted by their submissions up to this step."""
    number = len(line.before(step, "dossier_submitted")) + (step.do == "dossier_submitted")
    return player.id_of(f"{line.product.key}/dossier/{number}")


def round_id(player: "Player", place: str, name: str) -> str:
    return player.id_of(f"round/{place}/{name}")


def council_id(player: "Player", place: str) -> str:
    return player.id_of(f"council/{place}")


def level_of(place: str) -> tuple[str, str, str]:
    """(level, place of authority, role of the agency) of a council's place."""
    return ("national", TW, MINISTRY) if place == MINISTRY else ("province", place, "agency")
