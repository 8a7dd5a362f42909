"""Every ruleset file is whole: by the schema, by its sums, its gates, its eliminations and its references."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from shared.regulation import files, rulesets
from shared.regulation.rulesets import Ruleset
from shared.regulation.sheets import Criterion, Sheet

HERE = Path(__file__).parent
FOLDERS = [*files.folders(files.ROOTS).values(), HERE / "made-up-three-levels"]
LOADED = [rulesets.load_folder(folder) for folder in FOLDERS]
WHOLE = [ruleset for ruleset in LOADED if not ruleset.is_frame]
FRAMES = [ruleset for ruleset in LOADED if ruleset.is_frame]
SHEETS = [(ruleset, ruleset.sheet(entry.set)) for ruleset in LOADED for entry in ruleset.sets]
SCHEMA = json.loads((files.ROOTS[0] / "ruleset.schema.json").read_bytes())

every_ruleset = pytest.mark.parametrize("ruleset", LOADED, ids=lambda r: r.id)
every_whole_ruleset = pytest.mark.parametrize("ruleset", WHOLE, ids=lambda r: r.id)
every_frame = pytest.mark.parametrize("ruleset", FRAMES, ids=lambda r: r.id)
every_sheet = pytest.mark.parametrize(("ruleset", "sheet"), SHEETS, ids=[f"{r.id}:{s.set}" for r, s in SHEETS])


class Strict(yaml.CSafeLoader):
    """Refuses a key given twice, of which YAML would silently keep the last."""


def _once(loader: Strict, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    assert len(set(keys)) == len(keys), f"a key is given twice {node.start_mark}"
    return yaml.CSafeLoader.construct_mapping(loader, node, deep=True)


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _once)


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _headings(criteria: tuple[Criterion, ...]) -> Iterator[Criterion]:
    for criterion in criteria:
        yield criterion
        yield from _headings(criterion.criteria)


def _places(sheet: Sheet) -> set[str]:
    sections = [section for part in sheet.parts for section in part.sections]
    return {s.code for s in sections} | {c.code for s in sections for c in _headings(s.criteria)}


@pytest.mark.parametrize("path", [p for f in FOLDERS for p in sorted(f.glob("*.yaml"))], ids=lambda p: p.stem)
def test_a_file_keeps_to_the_schema_and_gives_no_key_twice(path: Path) -> None:
    document = _as_json(yaml.load(path.read_bytes(), Strict))
    validator = Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{document['kind']}"})
    assert [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(document)] == []


def test_the_schema_refuses_what_is_no_ruleset() -> None:
    document = _as_json(files.read_yaml(WHOLE[0].folder / "bo-01.yaml"))
    document["parts"][0]["sections"][0]["criteria"][0]["options"][0]["gate"] = 2
    validator = Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/set"})
    assert not validator.is_valid(document)


@every_sheet
def test_points_add_up_from_options_to_parts(ruleset: Ruleset, sheet: Sheet) -> None:
    scale = {part["code"]: part["max"] for part in files.read_yaml(ruleset.folder / "index.yaml")["scale"]["parts"]}
    assert {part.code: part.max for part in sheet.parts} == scale
    assert sum(part.max for part in sheet.parts) == sheet.max == 100
    for part in sheet.parts:
        assert sum(section.max for section in part.sections) == part.max
        for section in part.sections:
            assert sum(criterion.max for criterion in section.criteria) == section.max, section.code
            for criterion in _headings(section.criteria):
                if criterion.criteria:
                    assert sum(below.max for below in criterion.criteria) == criterion.max, criterion.code


@every_sheet
def test_options_run_from_one_upwards_in_points_to_the_maximum(ruleset: Ruleset, sheet: Sheet) -> None:
    for criterion in sheet.criteria.values():
        assert [option.opt for option in criterion.options] == list(range(1, len(criterion.options) + 1))
        assert {option.case for option in criterion.options} == ({case.code for case in criterion.cases} or {None})
        for case in {option.case for option in criterion.options}:
            points = [option.points for option in criterion.options if option.case == case]
            assert points == sorted(points), criterion.code
            assert points[-1] == criterion.max, criterion.code
        prints_zero = any(option.points == 0 for option in criterion.options)
        assert criterion.blank == ("incomplete" if prints_zero else "zero"), criterion.code


@every_sheet
def test_codes_are_numbered_through_and_used_once(ruleset: Ruleset, sheet: Sheet) -> None:
    sections = [section for part in sheet.parts for section in part.sections]
    assert [section.code for section in sections] == [str(n) for n in range(1, len(sections) + 1)]
    for section in sections:
        if [criterion.code for criterion in section.criteria] != [section.code]:
            _numbered_below(section.code, section.criteria)
    codes = [c.code for section in sections for c in _headings(section.criteria)]
    assert len(set(codes)) == len(codes)


def _numbered_below(code: str, criteria: tuple[Criterion, ...]) -> None:
    assert [criterion.code for criterion in criteria] == [f"{code}.{n}" for n in range(1, len(criteria) + 1)]
    for criterion in criteria:
        if criterion.criteria:
            _numbered_below(criterion.code, criterion.criteria)


@every_sheet
def test_minimum_points_are_the_marks_on_the_options(ruleset: Ruleset, sheet: Sheet) -> None:
    marks: dict[int, dict[str, Any]] = {3: {}, 4: {}, 5: {}}
    for code, criterion in sheet.criteria.items():
        for option in criterion.options:
            if option.gate:
                assert code not in marks[option.gate], f"{code} bears the mark of {option.gate} stars twice"
                # A need is told in points: no box below may give as many without bearing the mark.
                assert option.points > criterion.scale[option.opt - 1]
                marks[option.gate][code] = option.points
    assert {star: dict(minimum) for star, minimum in sheet.gates.minimum.items()} == marks
    assert any(marks.values())


@every_sheet
def test_a_higher_star_never_asks_for_less_and_fits_in_a_hundred_points(ruleset: Ruleset, sheet: Sheet) -> None:
    for lower, higher in ((3, 4), (4, 5), (3, 5)):
        for code in sheet.gates.minimum[lower].keys() & sheet.gates.minimum[higher].keys():
            assert sheet.gates.minimum[lower][code] <= sheet.gates.minimum[higher][code], code
    assert sum(need.need for need in sheet.needs(5)) <= sheet.max


@every_sheet
def test_eliminations_stand_where_the_sheet_names_them(ruleset: Ruleset, sheet: Sheet) -> None:
    known = {elimination.id: elimination for elimination in sheet.eliminations}
    assert list(known) == [f"E{n}" for n in range(1, len(sheet.eliminations) + 1)]
    sections = [section for part in sheet.parts for section in part.sections]
    listed = {one for section in sections for one in section.eliminations}
    for criterion in (c for section in sections for c in _headings(section.criteria)):
        listed.update(criterion.eliminations)
        for option in criterion.options:
            if option.eliminates:
                assert option.eliminates in criterion.eliminations
                assert known[option.eliminates].trigger == "option"
    assert listed <= known.keys()
    for elimination in sheet.eliminations:
        if elimination.at == "dossier":
            assert elimination.kind == "dossier_rejected"
        else:
            assert elimination.at in _places(sheet)
            assert elimination.id in listed


@every_sheet
def test_a_sheet_refers_only_to_what_exists(ruleset: Ruleset, sheet: Sheet) -> None:
    evidence = {kind.id for kind in ruleset.evidence}
    for code, criterion in sheet.criteria.items():
        assert set(criterion.evidence) <= evidence, code
        labels = [criterion.label_vi, criterion.label_en, *(o.label_vi for o in criterion.options)]
        assert not [label for label in labels if "*" in label or "  " in label], code
    for condition in sheet.conditions.values():
        assert condition.points_at_least in sheet.criteria[condition.criterion].scale
    places = _places(sheet) | {part.code for part in sheet.parts} | {"dossier"}
    entry = ruleset.set_entry(sheet.set)
    for doubt in files.read_yaml(ruleset.folder / entry.file)["doubts"]:
        assert set(doubt["at"].split(", ")) <= places
        if "option" in doubt:
            assert sheet.criteria[doubt["at"]].has_option(doubt["option"])


@every_sheet
def test_the_index_tells_the_same_of_a_sheet_as_the_sheet(ruleset: Ruleset, sheet: Sheet) -> None:
    index = files.read_yaml(ruleset.folder / "index.yaml")
    row = next(row for row in index["sets"] if row["set"] == sheet.set)
    assert sheet.ruleset == ruleset.id
    assert (row["name_vi"], row["name_en"], row["gates_apply"]) == (sheet.name_vi, sheet.name_en, sheet.gates.applies)
    options = sum(len(criterion.options) for criterion in sheet.criteria.values())
    assert (row["criteria"], row["options"]) == (len(sheet.criteria), options)
    place = [
        (sector["code"], group["code"], line["code"])
        for sector in index["classification"]
        for group in sector["groups"]
        for line in group["subgroups"]
        if line["set"] == sheet.set
    ]
    assert place == [(sheet.sector, sheet.group, sheet.subgroup)]


@pytest.mark.parametrize("ruleset", [r for r in LOADED if r.scale], ids=lambda r: r.id)
def test_bands_leave_no_gap_and_no_overlap(ruleset: Ruleset) -> None:
    bands = sorted(ruleset.stars, key=lambda band: band.star)
    assert [band.star for band in bands] == [1, 2, 3, 4, 5]
    assert (bands[0].from_, bands[-1].to, bands[-1].to_included) == (0, 100, True)
    for lower, higher in pairwise(bands):
        assert lower.to == higher.from_
        assert not lower.to_included


@every_ruleset
def test_levels_authorities_and_bands_agree(ruleset: Ruleset) -> None:
    for things in (ruleset.evidence, ruleset.deadlines, ruleset.levels, ruleset.authorities, ruleset.forms):
        assert len({thing.id for thing in things}) == len(things)
    levels = {level.id for level in ruleset.levels}
    for level in ruleset.levels:
        assert level.sends_up is None or level.sends_up.to in levels
        assert level.authority in {None, *(authority.id for authority in ruleset.authorities)}
    for band in ruleset.stars:
        assert ruleset.level_for(band.star) == (band.level if band.recognised else None)
        assert (band.star in ruleset.certificate.for_stars) == band.recognised


@every_frame
def test_a_frame_invents_nothing_and_says_what_is_not_known(ruleset: Ruleset) -> None:
    document = files.read_yaml(ruleset.folder / "index.yaml")
    assert [path.name for path in ruleset.folder.iterdir()] == ["index.yaml"]
    assert ruleset.sets == ruleset.evidence == ruleset.forms == ruleset.deadlines == ()
    unknown = {one["at"] for one in document["unknown"]}
    for field in ("rounds", "dossiers", "revocation"):
        assert document[field] is None
        assert field in unknown
    assert (document["scale"] is None) == ("scale" in unknown)
    if document["scale"]:
        assert sum(part["max"] for part in document["scale"]["parts"]) == document["scale"]["total"] == 100
    assert "sheets" in unknown or "scale" in unknown
    assert (ruleset.decision.signed is None) == ("decision.signed" in unknown)
    assert (not ruleset.certifies) == (ruleset.certificate.valid_months is None)


def test_frames_follow_each_other_without_a_gap() -> None:
    frames = sorted(FRAMES, key=lambda r: r.decision.effective)
    following = [*frames[1:], next(r for r in WHOLE if r.id == "qd-26-2026")]
    for frame, after in zip(frames, following, strict=True):
        assert frame.decision.last
        assert (after.decision.effective - frame.decision.last).days == 1


@every_whole_ruleset
def test_the_index_is_of_one_piece(ruleset: Ruleset) -> None:
    sets = [entry.set for entry in ruleset.sets]
    assert sorted(sets) == sorted(set_no for group in ruleset.classification for set_no in group.sets())
    assert len(set(sets)) == len(sets)
    assert {entry.file for entry in ruleset.sets} == {path.name for path in ruleset.folder.glob("bo-*.yaml")}
    ministries = {ministry.id for ministry in ruleset.ministries}
    for group in ruleset.classification:
        assert {m for below in group.groups for line in below.subgroups for m in line.ministries} <= ministries
    papers = {form.id for form in ruleset.forms}
    assert all(set(kind.items) <= papers for kind in ruleset.dossiers.kinds)


@every_ruleset
def test_one_vietnamese_label_has_one_english_one(ruleset: Ruleset) -> None:
    english: dict[str, set[str]] = {}
    for entry in ruleset.sets:
        for criterion in ruleset.sheet(entry.set).criteria.values():
            for option in criterion.options:
                english.setdefault(option.label_vi, set()).add(option.label_en)
    assert [label for label, texts in english.items() if len(texts) > 1] == []
