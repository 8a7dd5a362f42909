"""A national year that nobody lived: provinces and communes of today, everything else drawn from a seed.

It has the shape of the season that `ocop.season` plays, so that the same acts play it: councils, rounds, and a line of
steps for each product. Two waves go to the provinces' councils, and what they find worth five stars to the ministry's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from random import Random
from typing import Any, ClassVar

from ocop.season.acts.hands import RULESET
from ocop.season.script import MINISTRY, Earlier, Line, Product, Season, Step
from shared.calendar import add_working_days, certificate_expiry
from shared.regulation.rulesets import load
from shared.units import Unit, communes_of, provinces

COHORTS = 5  # working days over which producers and communes spread what a wave asks of them
SITTINGS = 4  # days of a council in one round
BALLOTS, NATIONAL_BALLOTS = 7, 11  # of 9 members, and of 11
DRAFTS = 3  # different ballots of one sheet and result: making them is the load's work, not the program's
PRODUCTS_OF_A_PRODUCER = 2
PERCENT_NEW = 30  # producers whom the register has not met; the products of others had a certificate that has ended
TAKEN_IN = date(2026, 5, 22)  # before the year begins, the register knows of what was recognised earlier
PERCENT_OF_SECOND_WAVE = 60
RECOGNISED, HIGHEST = 3, 5  # stars from which there is a certificate; those that the ministry decides on
PERCENT_BY_STARS = {2: 3, 5: 1, 4: 36, 3: 60}
AVERAGES = {2: 45, 3: 60, 4: 76, 5: 93}  # points of the council's ballots, by stars
CALLED = ("Chè", "Mật ong", "Gạo", "Nước mắm", "Miến", "Tinh dầu", "Bưởi", "Rượu men lá", "Gốm", "Thổ cẩm")
Raw = tuple[date, str, str, dict[str, Any]]  # day, by whom, what, facts


@dataclass(frozen=True)
class NationalProduct(Product):
    """A product whose producer may have others."""

    @property
    def owner(self) -> str:
        return f"{self.producer}/{self.commune}"


@dataclass(frozen=True)
class Wave:
    """One round in the provinces: the days of its council, and the first day of what is spread over cohorts."""

    round: str
    begins: date  # producers come
    opened: date
    files: date  # dossiers are filed
    advised: date
    sent: date
    sits: date
    decides: date
    closed: date


WAVES = (
    Wave("extra", date(2026, 5, 25), date(2026, 6, 15), date(2026, 7, 6), date(2026, 8, 24), date(2026, 9, 10),
         date(2026, 9, 14), date(2026, 9, 24), date(2026, 9, 30)),
    Wave("second", date(2026, 7, 13), date(2026, 9, 7), date(2026, 9, 28), date(2026, 11, 16), date(2026, 12, 4),
         date(2026, 12, 8), date(2026, 12, 17), date(2026, 12, 29)),
)  # fmt: skip
ROUNDS: dict[str, dict[str, Any]] = {
    "extra": {"by": "bylaw", "proposals_last": date(2026, 7, 31), "done_last": date(2026, 9, 30)},
    "second": {"by": "Điều 5.1", "proposals_last": date(2026, 10, 29), "done_last": date(2026, 12, 29)},
    "national": {"by": "Điều 5.2", "proposals_last": date(2027, 1, 29), "done_last": date(2027, 3, 29)},
}
# Working days from the day on which a cohort's producers come.
ENTERING = (
    (0, "producer", "producer_registered"), (1, "commune", "producer_verified"), (2, "producer", "idea_registered"),
    (5, "commune", "idea_screened"), (8, "agency", "idea_accepted"), (12, "producer", "plan_submitted"),
    (17, "agency", "plan_approved"), (17, "agency", "product_registered"),
)  # fmt: skip
FORWARDED, RECEIVED = 12, 13  # working days after the filing; the commune has 15


class Year(Season):
    """So many dossiers of one year over all communes; the same for the same seed."""

    def __init__(self, dossiers: int, seed: str) -> None:
        self.dossiers, self.seed = dossiers, seed

    first, last = date(2026, 5, 25), date(2027, 3, 31)
    rounds = ROUNDS
    events: ClassVar[list[Step]] = []

    @cached_property
    def councils(self) -> dict[str, dict[str, Any]]:
        waves = {wave.round: {"opened": wave.opened, "closed": wave.closed} for wave in WAVES}
        national = {"opened": date(2027, 1, 4), "closed": date(2027, 3, 29)}
        return {
            **{p.code: {"formed": date(2026, 6, 12), "team": 7, **waves} for p in provinces(self.first)},
            MINISTRY: {"formed": date(2026, 6, 25), "team": 9, "national": national},
        }  # fmt: skip

    @cached_property
    def lines(self) -> list[Line]:
        return list(self._lines())

    @property
    def certificates(self) -> int:
        """How many the councils' results lead to."""
        return sum(line.end["certificate"] for line in self.lines)

    def _lines(self) -> Iterator[Line]:
        """The communes in turn, each time with one more product; a producer's products go the same way together."""
        random = Random(f"national:{self.seed}")
        communes = [(p, c) for p in provinces(self.first) for c in communes_of(p.code, self.first)]
        random.shuffle(communes)
        for number in range(self.dossiers):
            turn, at = divmod(number, len(communes))
            yield self._line(number, *communes[at], *divmod(turn, PRODUCTS_OF_A_PRODUCER))

    def _line(self, number: int, province: Unit, commune: Unit, producer: int, sibling: int) -> Line:
        of_producer = Random(f"{self.seed}:{commune.code}:{producer}")
        new = of_producer.randrange(100) < PERCENT_NEW
        wave = WAVES[of_producer.randrange(100) < PERCENT_OF_SECOND_WAVE]
        cohort = of_producer.randrange(COHORTS)
        own = Random(f"{self.seed}:{number}")
        set_no = own.choice(load(RULESET).sets).set
        [stars] = own.choices(list(PERCENT_BY_STARS), list(PERCENT_BY_STARS.values()))
        product = NationalProduct(
            f"n{number}", f"{own.choice(CALLED)} {commune.name} {number}", set_no, load(RULESET).group_of(set_no),
            f"Hợp tác xã {commune.name} {producer + 1} (mô phỏng)", "cooperative", province.code, commune.code,
            None if new else earlier_of(own),
        )  # fmt: skip
        raw = [*entered(product, wave, cohort, sibling), *assessed(product, wave, cohort, stars, own)]
        told = [
            Step(f"season:{product.key}:{n:02}:{do}", day, do, by, facts) for n, (day, by, do, facts) in enumerate(raw)
        ]
        end = {"certificate": int(stars >= RECOGNISED), "stars": stars}
        return Line(product, (), tuple(self._with_sittings(told, product)), (), end)


# --- one product ---


def entered(product: Product, wave: Wave, cohort: int, sibling: int) -> Iterator[Raw]:
    """Until a product is in the register and its dossier at the commune."""
    if product.earlier:
        yield TAKEN_IN, "agency", "recognition_recorded", {}
    else:
        for days, by, do in ENTERING:
            if not (sibling and do.startswith("producer_")):
                yield working(wave.begins, cohort + days), by, do, {}
    yield working(wave.files, cohort), "producer", "dossier_submitted", {"kind": "first"}
    yield working(wave.files, cohort + FORWARDED), "commune", "dossier_forwarded", {}


def assessed(product: Product, wave: Wave, cohort: int, stars: int, random: Random) -> Iterator[Raw]:
    """From the agency's desk to the chairman's decision, or further up."""
    draft = f"{product.set}/{stars}/{random.randrange(DRAFTS)}"
    yield working(wave.files, cohort + RECEIVED), "agency", "dossier_received", {}
    yield working(wave.advised, cohort), "advisory_team", "advisory_report", {}
    yield wave.sent, "secretary", "dossiers_sent", {}
    sits, decides = working(wave.sits, random.randrange(SITTINGS)), working(wave.decides, cohort % 3)
    yield sits, "chair", "council_decided", {"round": wave.round, "score": score(BALLOTS, stars), "draft": draft}
    if stars < RECOGNISED:
        yield decides, "province_chairman", "not_recognised", {}
    elif stars < HIGHEST:
        yield decides, "province_chairman", "certificate_issued", {}
    else:
        yield decides, "province_chairman", "result_approved", {}
        yield from assessed_above(stars, draft)


def assessed_above(stars: int, draft: str) -> Iterator[Raw]:
    score_above = score(NATIONAL_BALLOTS, stars)
    yield date(2027, 1, 15), "agency", "referred", {}
    yield date(2027, 1, 18), MINISTRY, "dossier_received", {}
    yield date(2027, 2, 23), MINISTRY, "advisory_report", {}
    yield date(2027, 2, 24), "secretary", "dossiers_sent", {}
    yield date(2027, 3, 2), MINISTRY, "council_decided", {"round": "national", "score": score_above, "draft": draft}
    yield date(2027, 3, 8), "minister", "certificate_issued", {}
    yield date(2027, 3, 9), MINISTRY, "result_returned", {}


def score(ballots: int, stars: int) -> dict[str, Any]:
    return {"ballots": ballots, "average": AVERAGES[stars], "star": stars}


def earlier_of(random: Random) -> Earlier:
    """A recognition whose certificate ended in the weeks before the year begins."""
    decided = date(2023, 3, 1 + random.randrange(28))
    return Earlier(random.choice((3, 3, 4)), decided, certificate_expiry(decided), "Ủy ban nhân dân")


@cache
def working(first: date, days: int) -> date:
    """So many working days after `first`; `first` itself for none."""
    return add_working_days(first - timedelta(days=1), days + 1)
