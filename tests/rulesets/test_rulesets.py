"""What the program asks of Decision 26/2026, and of a made-up ruleset with three deciding levels."""

import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.regulation import files, rulesets
from shared.regulation.bylaw import Bylaw
from shared.regulation.rulesets import NoRulesetInForce, NotInRuleset, Ruleset, UnknownRuleset, UnknownSheet
from shared.regulation.scoring import score

HERE = Path(__file__).parent
OLDER = ["plan-2018", "qd-1048-2019", "qd-148-2023", "qd-148-2023+1489"]


@pytest.fixture
def law() -> Ruleset:
    return rulesets.load("qd-26-2026")


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Ruleset:
    monkeypatch.setattr(files, "ROOTS", (*files.ROOTS, HERE))
    return rulesets.load("made-up-three-levels")


def test_the_decision_is_in_force_from_its_day_and_not_before(law: Ruleset) -> None:
    assert rulesets.available() == [*OLDER, "qd-26-2026"]
    assert rulesets.in_force(date(2026, 5, 22)) is law
    assert rulesets.in_force(date(2027, 3, 31)) is law
    assert rulesets.in_force(date(2026, 5, 21)) is rulesets.load("qd-148-2023+1489")
    with pytest.raises(NoRulesetInForce):
        rulesets.in_force(date(2017, 12, 31))


def test_the_latest_effective_ruleset_is_in_force(law: Ruleset, made_up: Ruleset) -> None:
    assert rulesets.available() == [*OLDER, "qd-26-2026", "made-up-three-levels"]
    assert rulesets.in_force(date(2099, 1, 31)) is law
    assert rulesets.in_force(date(2099, 2, 1)) is made_up


def test_an_unknown_ruleset_sheet_or_id_is_refused(law: Ruleset) -> None:
    with pytest.raises(UnknownRuleset):
        rulesets.load("../qd-26-2026")
    for wrong in ("1", "27", "", None, 10, ["10"]):
        with pytest.raises(UnknownSheet):
            law.sheet(wrong)  # type: ignore[arg-type]
    for ask in (law.level, law.deadline, law.ground, law.form, law.evidence_kind, law.dossier_kind, law.authority):
        with pytest.raises(NotInRuleset):
            ask("nowhere")


def test_a_ruleset_cannot_be_changed(law: Ruleset) -> None:
    for thing in (law, law.level("province"), law.sheet("10"), law.sheet("10").criteria["1.1"].options[0]):
        with pytest.raises(ValidationError, match="frozen"):
            thing.set = "99"  # type: ignore[attr-defined]


def test_sheets_are_read_one_by_one_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "qd-26-2026"
    shutil.copytree(files.ROOTS[0] / "qd-26-2026", folder)
    read: list[str] = []
    real = files.read_yaml
    monkeypatch.setattr(files, "read_yaml", lambda path: read.append(path.name) or real(path))
    ruleset = rulesets.load_folder(folder)
    assert read == ["index.yaml"]
    assert ruleset.sheet("10") is ruleset.sheet("10")
    assert read == ["index.yaml", "bo-10.yaml"]


def test_a_folder_must_hold_the_ruleset_that_it_is_named_after(tmp_path: Path) -> None:
    folder = tmp_path / "qd-99-2099"
    shutil.copytree(files.ROOTS[0] / "qd-26-2026", folder)
    with pytest.raises(ValueError, match="qd-99-2099"):
        rulesets.load_folder(folder)


def test_points_are_exact_and_half_open_at_every_border(law: Ruleset) -> None:
    hair = Fraction(1, 10**12)
    for border, star in ((30, 2), (50, 3), (70, 4), (90, 5)):
        assert law.band(Fraction(border)) == star
        assert law.band(border - hair) == star - 1
    assert law.band(Fraction(0)) == 1
    assert law.band(Fraction(100)) == 5
    for outside in (Fraction(-1), 100 + hair):
        with pytest.raises(ValueError, match="no star"):
            law.band(outside)


def test_province_certifies_three_and_four_stars_and_sends_on_from_ninety(law: Ruleset) -> None:
    assert law.deciding_levels() == ("province", "national")
    assert [level.id for level in law.levels if level.scores] == ["province", "national"]
    assert law.next_level("commune") == "province"
    assert law.next_level("province", Fraction(90)) == "national"
    assert law.next_level("province", Fraction(8999, 100)) is None
    assert law.next_level("national", Fraction(100)) is None
    with pytest.raises(ValueError, match="by its average"):
        law.next_level("province")
    assert law.level_below("national", Fraction(957, 11)) == "province"
    assert law.level_below("national", Fraction(90)) is None
    assert [law.authority_for(star) for star in (1, 2, 3, 4, 5)] == [
        None,
        None,
        "provincial_chairman",
        "provincial_chairman",
        "minister",
    ]
    assert law.authority("minister").vi == law.revoking_authority(5).vi


def test_three_deciding_levels_need_no_code(made_up: Ruleset) -> None:
    assert made_up.deciding_levels() == ("district", "province", "national")
    assert [made_up.level_for(star) for star in (1, 2, 3, 4, 5)] == [None, None, "district", "province", "national"]
    assert [made_up.authority_for(star) for star in (3, 4, 5)] == [
        "district_chairman",
        "provincial_chairman",
        "minister",
    ]
    sent = {
        average: [made_up.next_level(level, Fraction(average)) for level in made_up.deciding_levels()]
        for average in ("50", "69.999", "70", "89.999", "90", "100")
    }
    assert sent == {
        "50": [None, None, None],
        "69.999": [None, None, None],
        "70": ["province", None, None],
        "89.999": ["province", None, None],
        "90": ["province", "national", None],
        "100": ["province", "national", None],
    }
    assert made_up.next_level("commune") == "district"
    assert made_up.level_below("national", Fraction(89)) == "province"


def test_the_made_up_sheet_is_scored_by_the_same_function(made_up: Ruleset) -> None:
    ballots = [{"1.1": 3, "1.2": 1, "2": 2, "3.1": 2, "3.2": 2}, {"1.1": 3, "1.2": 1, "2": 2, "3.1": 1, "3.2": 2}]
    result = score(made_up, "01", ballots)
    assert result.ballot_totals == (Fraction(155, 2), Fraction(145, 2))
    assert (result.average, result.star_by_band, result.star_after_gates) == (75, 4, 4)
    held = score(made_up, "01", [{**ballots[0], "1.1": 2, "1.2": 2}])
    assert (held.average, held.star_after_gates) == (75, 3)
    assert [missed.criterion for missed in held.blocking_for_band] == ["1.1"]
    assert score(made_up, "01", [{**ballots[0], "3.2": 1}]).status == "stopped"


def test_groups_producers_and_samples_follow_the_set(law: Ruleset) -> None:
    assert [law.group_of(set_no) for set_no in ("01", "13", "14", "18", "21", "23", "26")] == [
        "food",
        "food",
        "drinks",
        "medicinal",
        "handicraft",
        "ornamental",
        "tourism",
    ]
    assert law.group("tourism").label_en.startswith("Community tourism")
    for kind in ("cooperative", "cooperative_group", "enterprise", "farm", "household"):
        assert law.producer_kind_allowed(kind, "10")
        assert law.producer_kind_allowed(kind, "26")
    for kind in ("association", "operating_centre", "tourism_body"):
        assert not law.producer_kind_allowed(kind, "10")
        assert law.producer_kind_allowed(kind, "26")
    assert not law.producer_kind_allowed("bank", "26")
    assert (law.samples_for("10"), law.samples_for("26")) == (5, 0)


def test_terms_papers_and_grounds_are_those_of_the_decision(law: Ruleset) -> None:
    terms = {term.id: (term.value, term.unit) for term in law.deadlines}
    assert terms["commune_handling"] == (15, "working_day")
    assert terms["reassess_submit_earliest"] == (180, "day")
    assert terms["reassess_submit_latest"] == (120, "day")
    assert law.deadline("revocation").value == law.revocation.within_days == 15
    assert (law.certificate.valid_months, law.certificate.for_stars) == (36, (3, 4, 5))
    assert law.certificate.extension is not None
    assert law.certificate.extension.max_days == 180
    assert law.dossier_kind("upgrade").items == ("form_01", "form_02")
    assert [ground.id for ground in law.revocation.grounds] == ["a", "b", "c", "d", "đ", "e"]
    assert law.revoking_authority(3) is law.revoking_authority(4)
    with pytest.raises(NotInRuleset):
        law.revoking_authority(2)


def test_the_last_day_of_a_round_is_the_day_before_the_printed_one(law: Ruleset, made_up: Ruleset) -> None:
    first, second = law.rounds.by_level["province"].terms
    assert (first.proposals_last(2027), first.finished_last(2027)) == (date(2027, 4, 29), date(2027, 6, 29))
    assert (second.proposals_last(2026), second.finished_last(2026)) == (date(2026, 10, 29), date(2026, 12, 29))
    assert law.rounds.by_level["national"].terms[1].proposals_last(2027) == date(2027, 1, 29)
    over_new_year = made_up.rounds.by_level["district"].terms[0]
    assert (over_new_year.proposals_last(2099), over_new_year.finished_last(2099)) == (
        date(2099, 10, 31),
        date(2100, 1, 31),
    )


def test_needs_are_cumulative_with_the_mark_that_sets_them(law: Ruleset) -> None:
    sheet = law.sheet("10")
    by_star = {star: {n.criterion: (n.mark, n.need) for n in sheet.needs(star)} for star in (2, 3, 4, 5)}
    assert by_star[2] == {}
    assert [by_star[star]["2.3"] for star in (3, 4, 5)] == [(3, 1), (4, 3), (4, 3)]
    assert [by_star[star]["4.1"] for star in (3, 4, 5)] == [(3, 2), (4, 3), (5, 5)]
    assert [need.criterion for need in sheet.needs(5)] == [code for code in sheet.criteria if code in by_star[5]]


def test_the_usual_bylaw_asks_for_three_quarters_and_the_chair() -> None:
    usual = Bylaw()
    assert [usual.quorum(members) for members in (1, 4, 7, 9, 11)] == [1, 3, 6, 7, 9]
    assert usual.has_quorum(7, 9, chair_is_present=True)
    assert not usual.has_quorum(6, 9, chair_is_present=True)
    assert not usual.has_quorum(9, 9, chair_is_present=False)
    assert Bylaw(chair_present=False).has_quorum(7, 9, chair_is_present=False)
    assert not usual.too_far_apart(10)
    assert usual.too_far_apart(11)
    with pytest.raises(ValidationError):
        Bylaw(quorum_percent=0)
