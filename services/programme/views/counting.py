"""How each metric of the plans' vocabulary is counted from facts: pure functions of what is known and of a span of days.

A function gives a number, or one for each district or product; None where there is nothing to divide by. "Valid" is a
certificate issued, not expired (or extended), not revoked and not replaced on the day; one withdrawn as a wrong recognition
(26/2026 art. 10.1.b) by that day is as if it had never been.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from services.programme.views.known import KnownFacts, Row, Span, place_of

Number = Fraction | float | None
ByUnit = dict[str, float]
Counting = Callable[[KnownFacts, Span], Number | ByUnit]
COOPERATIVES = frozenset({"cooperative"})
ENTERPRISES = frozenset({"enterprise"})
TAKES_PART = ("ideas", "plans_submitted", "dossiers")


@dataclass(frozen=True, slots=True)
class Counted:
    """How a metric is counted, from which kinds of facts, and with which lists kept by hand."""

    count: Counting
    kinds: tuple[str, ...]
    lists: tuple[str, ...] = ()


COUNTED: dict[str, Counted] = {}


def counts(*names: str, kinds: Iterable[str], lists: Iterable[str] = ()) -> Callable[[Counting], Counting]:
    """Registers how metrics are counted."""

    def register(function: Counting) -> Counting:
        for name in names:
            COUNTED[name] = Counted(function, tuple(kinds), tuple(lists))
        return function

    return register


# --- certificates ---


def stands(row: Row, day: date) -> bool:
    """Decided by the day, and not withdrawn by it as a wrong recognition."""
    return row["decided_on"] <= day and not (row["ended_by"] == "withdrawn" and row["ended_on"] <= day)


def valid(known: KnownFacts, span: Span) -> Iterator[Row]:
    for row in known.of("certificates", span):
        if row["issued_on"] <= span.last <= row["valid_to"]:
            yield row


def firsts(known: KnownFacts, span: Span, *, stars: int | None = None) -> Iterator[Row]:
    """The first certificate of each product anywhere, of this star where one is asked for: those that lie in the area."""
    found: dict[UUID, Row] = {}
    for row in known.facts["certificates"]:
        if stands(row, span.last) and (stars is None or row["stars"] == stars):
            before = found.get(row["product_id"])
            if before is None or (row["decided_on"], row["number"]) < (before["decided_on"], before["number"]):
                found[row["product_id"]] = row
    return (row for row in found.values() if place_of(row, span.area).inside)


def newly(known: KnownFacts, span: Span, *, stars: int | None = None) -> list[Row]:
    return [row for row in firsts(known, span, stars=stars) if row["decided_on"] >= span.first]


def share(part: int, whole: int) -> Number:
    """In percent, exact."""
    return None if whole == 0 else Fraction(100 * part, whole)


@counts("products_recognised_min_star_3", kinds=["certificates"])
def recognised(known: KnownFacts, span: Span) -> Number:
    return len({row["product_id"] for row in valid(known, span)})


@counts("products_newly_recognised_min_star_3", kinds=["certificates"])
def newly_recognised(known: KnownFacts, span: Span) -> Number:
    return len(newly(known, span))


@counts("products_newly_recognised_star_3_or_4", kinds=["certificates"])
def newly_recognised_3_or_4(known: KnownFacts, span: Span) -> Number:
    return sum(row["stars"] < 5 for row in newly(known, span))


@counts("products_certified_star_4", kinds=["certificates"])
def certified_4(known: KnownFacts, span: Span) -> Number:
    return len(newly(known, span, stars=4))


def share_of_star(stars: int) -> Counting:
    def counted(known: KnownFacts, span: Span) -> Number:
        held = {row["product_id"]: row["stars"] for row in valid(known, span)}
        return share(sum(star == stars for star in held.values()), len(held))

    return counted


counts("share_products_star_4", kinds=["certificates"])(share_of_star(4))
counts("share_products_star_5", kinds=["certificates"])(share_of_star(5))


@counts("cooperatives_with_recognised_product", kinds=["certificates"])
def cooperatives_recognised(known: KnownFacts, span: Span) -> Number:
    rows = known.within("certificates", span)
    return len({row["producer_id"] for row in rows if stands(row, span.last) and row["producer_kind"] in COOPERATIVES})


def share_of_kind(kinds: frozenset[str]) -> Counting:
    def counted(known: KnownFacts, span: Span) -> Number:
        held = {row["producer_id"]: row["producer_kind"] for row in valid(known, span)}
        return share(sum(kind in kinds for kind in held.values()), len(held))

    return counted


counts("share_producers_cooperatives", kinds=["certificates"])(share_of_kind(COOPERATIVES))
counts("share_producers_small_medium_enterprises", kinds=["certificates"])(share_of_kind(ENTERPRISES))


# --- with lists kept by hand ---


def ids(known: KnownFacts, name: str, field: str) -> set[UUID]:
    return {UUID(entry[field]) for entry in known.lists[name] if entry[field]}


def of_villages(known: KnownFacts) -> dict[str, set[UUID]]:
    """The producers of each craft village."""
    return {entry["key"]: {UUID(id) for id in entry["producers"]} for entry in known.lists["craft_villages"]}


@counts("craft_village_products_newly_recognised_min_star_3", kinds=["certificates"], lists=["craft_villages"])
def craft_village_products(known: KnownFacts, span: Span) -> Number:
    makers = set().union(*of_villages(known).values())
    return sum(row["producer_id"] in makers for row in newly(known, span))


@counts("share_craft_villages_with_product", kinds=["certificates"], lists=["craft_villages"])
def craft_villages(known: KnownFacts, span: Span) -> Number:
    holders, villages = {row["producer_id"] for row in valid(known, span)}, of_villages(known)
    return share(sum(bool(makers & holders) for makers in villages.values()), len(villages))


@counts("flagship_products_star_aim", kinds=["certificates"], lists=["flagship_products"])
def flagship_star(known: KnownFacts, span: Span) -> Number:
    """The lowest star among them; one without a valid certificate has none."""
    flagships = ids(known, "flagship_products", "product_id")
    stars = {row["product_id"]: row["stars"] for row in valid(known, span)}
    return min((stars.get(id, 0) for id in flagships), default=None)


def founded(kinds: frozenset[str]) -> Counting:
    def counted(known: KnownFacts, span: Span) -> Number:
        on = {UUID(entry["producer_id"]): date.fromisoformat(entry["day"]) for entry in known.lists["founded"]}
        registered = {row["producer_id"] for row in known.of("producers", span) if row["producer_kind"] in kinds}
        return sum(span.first <= day <= span.last for id, day in on.items() if id in registered)

    return counted


counts("enterprises_created", kinds=["producers"], lists=["founded"])(founded(ENTERPRISES))
counts("cooperatives_created", kinds=["producers"], lists=["founded"])(founded(COOPERATIVES))


@counts("producers_advised_share", kinds=["ideas"], lists=["advised_producers"])
def advised(known: KnownFacts, span: Span) -> Number:
    registered = {row["producer_id"] for row in known.within("ideas", span)}
    return share(len(registered & ids(known, "advised_producers", "producer_id")), len(registered))


@counts("producers_in_modern_channels_share", kinds=["certificates", "shelves", "shelves_closed"],
        lists=["modern_channels"])  # fmt: skip
def in_modern_channels(known: KnownFacts, span: Span) -> Number:
    holders = {row["producer_id"] for row in valid(known, span)}
    sells = {row["producer_id"] for row in open_shelves(known, span)} | ids(known, "modern_channels", "producer_id")
    return share(len(holders & sells), len(holders))


def revenue(field: str) -> Counting:
    def counted(known: KnownFacts, _: Span) -> ByUnit:
        return {
            entry["product_id"]: entry[field] for entry in known.lists["linked_products"] if entry[field] is not None
        }

    return counted


counts("priority_product_revenue_year_1", kinds=[], lists=["linked_products"])(revenue("revenue_year_1"))
counts("priority_product_revenue_year_3", kinds=[], lists=["linked_products"])(revenue("revenue_year_3"))


# --- councils, dossiers ---


def scored(known: KnownFacts, span: Span, stars: int) -> set[UUID]:
    """Products that the council of the province itself scored at these stars or more, in the span."""
    rows = known.within("scored_in_province", span)
    return {row["product_id"] for row in rows if row["stars"] >= stars}


@counts("products_potential_star_5", kinds=["scored_in_province"])
def potential_5(known: KnownFacts, span: Span) -> Number:
    return len(scored(known, span, 5))


@counts("products_scored_min_star_3", kinds=["scored_in_province"])
def scored_3(known: KnownFacts, span: Span) -> Number:
    return len(scored(known, span, 3))


def per_district(found: Iterable[tuple[str | None, Any]]) -> ByUnit:
    """How many different things each district has; a district without any is no key."""
    things: dict[str, set[Any]] = defaultdict(set)
    for district, thing in found:
        if district is not None:
            things[district].add(thing)
    return {district: len(of) for district, of in things.items()}


@counts("products_per_district_participating", kinds=["dossiers"])
def participating(known: KnownFacts, span: Span) -> ByUnit:
    rows = known.by_place("dossiers", span)
    return per_district((at.district, row["product_id"]) for row, at in rows if row["day"] >= span.first)


@counts("products_per_district_scored_min_star_3", kinds=["scored"])
def scored_per_district(known: KnownFacts, span: Span) -> ByUnit:
    rows = known.by_place("scored", span)
    return per_district(
        (at.district, row["product_id"]) for row, at in rows if row["day"] >= span.first and row["stars"] >= 3
    )


@counts("organisations_per_district_participating", kinds=TAKES_PART)
def organisations(known: KnownFacts, span: Span) -> ByUnit:
    rows = ((row, at) for kind in TAKES_PART for row, at in known.by_place(kind, span))
    return per_district(
        (at.district, row["producer_id"]) for row, at in rows
        if row["day"] >= span.first and row["producer_kind"] in COOPERATIVES | ENTERPRISES
    )  # fmt: skip


# --- trainings, reviews ---


def takes_part(known: KnownFacts, span: Span) -> set[UUID]:
    """Producers with an idea, a business plan or a dossier in the span."""
    return {row["producer_id"] for kind in TAKES_PART for row in known.within(kind, span)}


@counts("training_classes_held", kinds=["trainings"])
def classes(known: KnownFacts, span: Span) -> Number:
    return sum(row["kind"] == "class" for row in known.within("trainings", span))


@counts("producers_trained_share", kinds=[*TAKES_PART, "trainings"])
def producers_trained(known: KnownFacts, span: Span) -> Number:
    parting = takes_part(known, span)
    trained = {id for row in known.within("trainings", span) for id in row["attended"]}
    return share(len(parting & trained), len(parting))


@counts("producer_leaders_trained_share", kinds=[*TAKES_PART, "trainings"])
def leaders_trained(known: KnownFacts, span: Span) -> Number:
    return share(sum(row["leaders"] for row in known.within("trainings", span)), len(takes_part(known, span)))


def officers_trained(levels: Iterable[str]) -> Counting:
    """Of the levels that a target names, or of all; those in charge stand in a list kept by hand."""
    asked = tuple(levels) or ("province", "district", "commune")

    def counted(known: KnownFacts, span: Span) -> Number:
        charged = sum(entry["count"] for entry in known.lists["officers_in_charge"] if entry["level"] in asked)
        rows = list(known.within("trainings", span))
        return share(sum(row[f"officers_{level}"] for row in rows for level in asked), charged)

    return counted


counts("officials_trained_share", kinds=["trainings"], lists=["officers_in_charge"])(officers_trained(()))


@counts("progress_reviews_per_month", kinds=["reviews"])
def reviews(known: KnownFacts, span: Span) -> ByUnit | None:
    """The fewest reviews that each district held in any whole month of the span; None while no month is over."""
    held = Counter((row["unit"], row["day"].year, row["day"].month) for row in known.facts["reviews"]
                   if span.first <= row["day"] <= span.last)  # fmt: skip
    months = list(whole_months(span.first, span.last))
    if not months:
        return None
    units = {unit for unit, _, _ in held if unit is not None}
    return {unit: min(held[unit, *month] for month in months) for unit in units}


def whole_months(first: date, last: date) -> Iterator[tuple[int, int]]:
    """Those of which every day lies in the span."""
    day = first if first.day == 1 else first.replace(day=monthrange(first.year, first.month)[1]) + timedelta(days=1)
    while (end := day.replace(day=monthrange(day.year, day.month)[1])) <= last:
        yield day.year, day.month
        day = end + timedelta(days=1)


# --- promotion ---


def open_shelves(known: KnownFacts, span: Span) -> Iterator[Row]:
    closed = {row["id"] for row in known.of("shelves_closed", span)}
    return (row for row in known.of("shelves", span) if row["id"] not in closed)


@counts("products_on_ecommerce_share", kinds=["certificates", "shelves", "shelves_closed"])
def on_ecommerce(known: KnownFacts, span: Span) -> Number:
    held = {row["product_id"] for row in valid(known, span)}
    return share(len(held & {row["product_id"] for row in open_shelves(known, span)}), len(held))


@counts("sales_points_per_district", kinds=["sales_points"])
def sales_points(known: KnownFacts, span: Span) -> ByUnit:
    rows = known.by_place("sales_points", span)
    return per_district(
        (at.district, row["id"]) for row, at in rows if row["left_on"] is None or row["left_on"] > span.last
    )


@counts("exhibitions_in_province", kinds=["fairs"])
def fairs(known: KnownFacts, span: Span) -> Number:
    return sum(1 for _ in known.within("fairs", span))


@counts("news_items", kinds=["stories"])
def stories(known: KnownFacts, span: Span) -> Number:
    """The part that is a story of a product; other items are added by hand."""
    return sum(1 for _ in known.within("stories", span))
