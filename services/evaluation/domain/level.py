"""At which level a round, a council or an assessment stands, and which place that is for the question who may."""

from shared.auth.actors import NATIONAL as CENTRE
from shared.auth.permissions import Place
from shared.regulation.rulesets import Ruleset
from shared.values import Refusal

NATIONAL = "national"  # the level of the ministry, in every ruleset


class UnknownLevel(Refusal):
    rule = "level-does-not-decide"
    article = "Điều 4.1"
    vi = "Cấp {level} không đánh giá, phân hạng theo bộ quy tắc {ruleset}."
    en = "Level {level} does not assess under ruleset {ruleset}."


class WrongProvince(Refusal):
    rule = "level-and-province-disagree"
    article = "Điều 4.1"
    vi = "Cấp tỉnh cần mã tỉnh, cấp trung ương thì không có mã tỉnh (cấp {level}, tỉnh {province})."
    en = "The provincial level needs a province, the national level has none (level {level}, province {province})."


def check_level(ruleset: Ruleset, level: str, province: str | None) -> None:
    """A level that decides, with a province unless it is the centre. Raises UnknownLevel, WrongProvince."""
    if level not in ruleset.deciding_levels():
        raise UnknownLevel(field="level", level=level, ruleset=ruleset.id)
    if (province is None) != (level == NATIONAL):
        raise WrongProvince(field="province", level=level, province=province or "–")


def place_of(level: str, province: str | None, commune: str = "", producer: str = "") -> Place:
    """The centre for the national level, whatever province a product is from; `producer`: whose it is."""
    if level == NATIONAL:
        return Place(province=CENTRE, producer=producer)
    return Place(province=province or "", commune=commune, producer=producer)
