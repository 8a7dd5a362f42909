"""How long someone has: what a ruleset says, what it leaves to the bylaw, and on which day that ends."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from shared.eventstore import due
from shared.regulation import limits
from shared.regulation.bylaw import Bylaw
from shared.regulation.rulesets import NotInRuleset, UnknownRuleset, available, load
from tests.given import about, an_id

RULESET = "qd-26-2026"
STORIES = Path(__file__).parents[2] / "ocop" / "season" / "data" / "stories.yaml"
START = date(2026, 8, 19)  # Wednesday; 1 and 2 September are days off


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("limit", "value", "unit", "ref"),
    [
        ("commune_handling", 15, "working_day", "Điều 7.2"),
        ("reassess_duration_max", 45, "day", "Điều 7.6.g"),
        ("revocation", 15, "day", "Điều 8.4"),
        ("appeal", 30, "day", "Quy chế Hội đồng"),
        ("complaint", 10, "working_day", "Quy chế Hội đồng"),
        ("addition", 10, "working_day", "Quy chế Hội đồng"),
        ("members_get_dossier", 1, "working_day", "Quy chế Hội đồng"),
    ],
)
def test_a_limit_has_its_length_and_where_it_stands(limit: str, value: int, unit: str, ref: str) -> None:
    assert limits.limit(RULESET, limit) == limits.Limit(limit, value, unit, ref)  # type: ignore[arg-type]


def test_a_limit_that_nobody_set_is_refused_by_name() -> None:
    with pytest.raises(NotInRuleset):
        limits.limit(RULESET, "lunch_break")


def test_a_ruleset_that_is_not_data_is_refused() -> None:
    with pytest.raises(UnknownRuleset):
        limits.limit("qd-0-1999", "commune_handling")


@pytest.mark.parametrize(
    ("limit", "start", "last"),
    [
        ("commune_handling", "2026-08-19", "2026-09-11"),  # over the National Day
        ("commune_handling", "2026-09-21", "2026-10-12"),
        ("addition", "2026-08-05", "2026-08-19"),
        ("complaint", "2026-11-05", "2026-11-19"),
        ("appeal", "2026-10-02", "2026-11-02"),  # the thirtieth day is a Sunday
        ("revocation", "2027-01-18", "2027-02-02"),
        ("members_get_dossier", "2026-09-11", "2026-09-14"),
    ],
)
def test_a_limit_ends_where_the_civil_code_counts_to(limit: str, start: str, last: str) -> None:
    assert limits.due(limit, day(start), RULESET) == day(last)


def test_the_settings_are_those_of_the_usual_bylaw() -> None:
    """Two places name them; a council's own bylaw may say otherwise, the usual one may not."""
    usual = Bylaw()
    assert {id: term.value for id, term in limits.SETTINGS.items()} == {
        "appeal": usual.appeal_days,
        "complaint": usual.complaint_working_days,
        "addition": usual.addition_working_days,
        "members_get_dossier": usual.members_get_dossier_working_days,
    }


def test_the_season_counts_with_the_same_limits() -> None:
    """`limits` of stories.yaml was written apart from the ruleset; both must say the same."""
    told = yaml.safe_load(STORIES.read_text(encoding="utf-8"))["limits"]
    ours = {id: limits.limit(RULESET, id) for id in told}
    assert {id: (term.value, term.unit) for id, term in ours.items()} == {
        id: (term["value"], term["unit"]) for id, term in told.items()
    }


def test_no_ruleset_hides_a_setting_of_another_length() -> None:
    for ruleset in available():
        assert not limits.SETTINGS.keys() & {term.id for term in load(ruleset).deadlines}


# --- as rows ---


def arguments(**more: object) -> dict[str, object]:
    names = (
        "limit_id", "subject", "begun_on", "due_on", "acts", "owner", "ref", "province", "commune", "product_id",
        "product_name", "producer_id", "reminders", "what", "map_on",
    )  # fmt: skip
    change = due.begun(
        "commune_handling", an_id("dossier"), on=START, owner="commune", ruleset=RULESET, about=about(), **more
    )
    return dict(zip(names, change.arguments, strict=True))


def test_a_row_carries_whose_it_is_and_where() -> None:
    row = arguments()
    assert (row["limit_id"], row["begun_on"], row["due_on"]) == ("commune_handling", START, day("2026-09-11"))
    assert (row["owner"], row["ref"], row["province"], row["commune"]) == ("commune", "Điều 7.2", "51", "21548")
    assert (row["product_name"], row["acts"], row["what"]) == ("Tỏi Lý Sơn", False, "{}")


def test_whoever_must_act_is_reminded_five_and_one_working_days_before() -> None:
    assert arguments()["reminders"] == [day("2026-09-04"), day("2026-09-10")]


def opened(due_on: str, **more: object) -> list[date]:
    change = due.opened(
        "x", an_id("x"), begun_on=START, due_on=day(due_on), owner="agency", ref="Điều 9", **more  # type: ignore[arg-type]
    )  # fmt: skip
    return change.arguments[12]


def test_nobody_is_reminded_before_a_limit_has_begun() -> None:
    assert opened("2026-08-21") == [day("2026-08-20")]
    assert opened("2026-08-20") == []


def test_the_clock_needs_no_reminder() -> None:
    assert opened("2026-09-11", acts=True) == []


def test_other_steps_may_be_named() -> None:
    assert opened("2026-09-11", reminders=(2,)) == [day("2026-09-09")]


def test_every_limit_has_a_name_to_be_read() -> None:
    assert {"commune_handling", "reassess_duration_max", "revocation", *limits.SETTINGS} <= limits.NAMES.keys()


# --- the transition of art. 12.2 ---


@pytest.mark.parametrize(
    ("kind", "id", "ref", "last"),
    [
        ("first", "transition_first_or_upgrade", "Điều 12.2.a", "2026-07-21"),
        ("upgrade", "transition_first_or_upgrade", "Điều 12.2.a", "2026-07-21"),
        ("renewal", "transition_reassess", "Điều 12.2.b", "2026-06-22"),  # 21 June is a Sunday
    ],
)
def test_what_was_filed_before_the_decision_has_sixty_or_thirty_days_from_it(
    kind: str, id: str, ref: str, last: str
) -> None:
    runs = limits.transition("qd-148-2023+1489", kind)
    assert runs is not None
    assert (runs.limit.id, runs.limit.ref, runs.begun_on, runs.due_on) == (id, ref, day("2026-05-22"), day(last))


@pytest.mark.parametrize("ruleset", ["plan-2018", "qd-1048-2019", "qd-148-2023", RULESET])
def test_no_other_ruleset_has_a_transition(ruleset: str) -> None:
    assert limits.transition(ruleset, "first") is None


def test_older_rules_state_no_term_for_the_commune_and_the_bylaws_settings_hold() -> None:
    assert not limits.has("commune_handling", "qd-148-2023")
    assert limits.has("commune_handling", RULESET)
    assert limits.has("addition", "qd-148-2023")
