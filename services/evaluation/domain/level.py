"""At which level a round, a council or an assessment stands, and which place that is for the question who may."""

from shared.auth.actors import NATIONAL as CENTRE
from shared.auth.permissions import Place
from shared.regulation.rulesets import Ruleset
from shared.values import Refusal

NATIONAL = "national"  # the level of the ministry, in every ruleset
DISTRICT = "district"  # until 30 June 2025, in the rulesets of that time


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


class WrongDistrict(Refusal):
    rule = "level-and-district-disagree"
    article = "Điều 4.1"
    vi = "Chỉ cấp huyện có mã huyện, và phải có (cấp {level}, huyện {district})."
    en = "The district level has a district and no other level has one (level {level}, district {district})."


def check_level(ruleset: Ruleset, level: str, province: str | None, district: str | None = None) -> None:
    """A level that decides, with a province unless it is the centre. Raises UnknownLevel, WrongProvince, WrongDistrict."""
    if level not in ruleset.deciding_levels():
        raise UnknownLevel(field="level", level=level, ruleset=ruleset.id)
    if (province is None) != (level == NATIONAL):
        raise WrongProvince(field="province", level=level, province=province or "–")
    if (district is None) == (level == DISTRICT):
        raise WrongDistrict(field="district", level=level, district=district or "–")


def place_of(
    level: str, province: str | None, commune: str = "", producer: str = "", district: str | None = None
) -> Place:
    """The centre for the national level, whatever province a product is from; `producer`: whose it is.

    What a district's council has is the district's alone.
    """
    if level == NATIONAL:
        return Place(province=CENTRE, producer=producer)
    if level == DISTRICT:
        return Place(district=district or "", producer=producer)
    return Place(province=province or "", commune=commune, producer=producer)
