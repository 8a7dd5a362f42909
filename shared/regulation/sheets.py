"""A criteria sheet (phiếu đánh giá) of one product set: parts, sections, criteria, options, gates, eliminations."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Literal

from pydantic import Field

from shared.regulation.law import Bilingual, Law, Points

ElimKind = Literal["dossier_rejected", "product_rejected", "assessment_stopped", "not_assessed"]


class Option(Law):
    """A box on the printed sheet: its number from 1, its points, and the star whose minimum it is (gate)."""

    opt: int
    points: Points
    case: str | None = None
    gate: int | None = None
    eliminates: str | None = None
    inferred: bool = False
    label_vi: str
    label_en: str


class Condition(Law):
    """The criterion counts only when another one gives at least these points."""

    criterion: str
    points_at_least: Points


class Case(Law):
    """One of the cases a, b … of a criterion; options are ticked within one case."""

    code: str
    label_vi: str
    label_en: str


class Note(Bilingual):
    """What the sheet adds below a criterion."""

    kind: Literal["requirement", "guidance", "condition", "choice"]


class Criterion(Law):
    """A criterion: a leaf with options, or a heading with criteria below it."""

    code: str
    label_vi: str
    label_en: str
    max: Points
    mode: Literal["one"] | None = None
    blank: Literal["zero", "incomplete"] | None = None
    applies_when: Condition | None = None
    cases: tuple[Case, ...] = ()
    notes: tuple[Note, ...] = ()
    eliminations: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    evidence_vi: str | None = None
    evidence_en: str | None = None
    options: tuple[Option, ...] = ()
    criteria: tuple["Criterion", ...] = ()

    @cached_property
    def scale(self) -> tuple[int | Fraction, ...]:
        """Points by option number; place 0 is the blank."""
        return (0, *(option.points for option in self.options))

    def has_option(self, opt: object) -> bool:
        """Whether the printed sheet has this box: a whole number from 1 (true and 2.0 are none)."""
        return type(opt) is int and 0 < opt < len(self.scale)

    def leaves(self) -> Iterator["Criterion"]:
        if self.options:
            yield self
        for criterion in self.criteria:
            yield from criterion.leaves()


class Section(Law):
    """A numbered section of a part."""

    code: str
    label_vi: str
    label_en: str
    max: Points
    notes: tuple[Note, ...] = ()
    eliminations: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...]


class Part(Law):
    """Part A, B or C."""

    code: str
    label_vi: str
    label_en: str
    max: Points
    sections: tuple[Section, ...]

    def leaves(self) -> Iterator[Criterion]:
        for section in self.sections:
            for criterion in section.criteria:
                yield from criterion.leaves()


class Elimination(Law):
    """A condition that ends the assessment: declared by a person, or met by choosing an option."""

    id: str
    kind: ElimKind
    at: str
    trigger: Literal["declared", "option"]
    label_vi: str
    label_en: str


class Gates(Law):
    """The minimum points by star and criterion; `applies` is false where the marks limit no star."""

    applies: bool = Field(alias="apply")
    minimum: Mapping[int, Mapping[str, Points]]
    note_vi: str | None = None
    note_en: str | None = None


class Need(Law):
    """The least points of a criterion for a star, and the star mark that sets them."""

    criterion: str
    mark: int
    need: Points


class Sheet(Law):
    """The sheet of one product set; its criteria are found by their printed code."""

    ruleset: str
    set: str
    source: str
    name_vi: str
    name_en: str
    sector: str
    group: str
    subgroup: str | None
    max: Points
    gates: Gates
    eliminations: tuple[Elimination, ...]
    parts: tuple[Part, ...]

    @cached_property
    def criteria(self) -> dict[str, Criterion]:
        """Code -> criterion with options, in the order of the sheet."""
        return {criterion.code: criterion for part in self.parts for criterion in part.leaves()}

    @cached_property
    def part_of(self) -> dict[str, str]:
        """Criterion code -> code of its part."""
        return {criterion.code: part.code for part in self.parts for criterion in part.leaves()}

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """Criterion code -> when it counts, for the criteria that do not always."""
        return {code: c.applies_when for code, c in self.criteria.items() if c.applies_when}

    @cached_property
    def needs_by_star(self) -> dict[int, tuple[Need, ...]]:
        """Star with marks -> what it needs, cumulatively; see `needs`."""
        return {star: self._needs(star) for star in self.gates.minimum}

    def needs(self, star: int) -> tuple[Need, ...]:
        """What a star needs in each criterion, marks of lower stars included, in the order of the sheet.

        One entry a criterion: the highest minimum, with the mark that sets it (Annex II, closing notes).
        Whether the gates limit the star at all is `gates.applies`.
        """
        marked = [mark for mark in self.gates.minimum if mark <= star]
        return self.needs_by_star[max(marked)] if marked else ()

    def elimination(self, elimination_id: str) -> Elimination:
        """An elimination by its id on this sheet; raises KeyError."""
        return self._eliminations[elimination_id]

    @cached_property
    def _eliminations(self) -> dict[str, Elimination]:
        return {elimination.id: elimination for elimination in self.eliminations}

    def _needs(self, star: int) -> tuple[Need, ...]:
        highest: dict[str, Need] = {}
        for mark in sorted(mark for mark in self.gates.minimum if mark <= star):
            for code, need in self.gates.minimum[mark].items():
                if code not in highest or need > highest[code].need:
                    highest[code] = Need(criterion=code, mark=mark, need=need)
        return tuple(highest[code] for code in self.criteria if code in highest)
