"""Where a producer or a product is, by the map of a day; and what a person decides where its commune was split.

From old to new a whole commune has a rule. A split one has none: all candidates are shown, a person chooses by hamlet or street.
"""

from collections.abc import Sequence
from datetime import date

from shared.values import Refusal, Value


class PlaceToChoose(Refusal):
    rule = "place-to-be-chosen"
    vi = "Xã {commune} (bản đồ ngày {known_on}) đã chia tách, nay thuộc một trong: {candidates}. Người có thẩm quyền chọn trước."
    en = "Commune {commune} (map of {known_on}) was split and is now one of {candidates}: a person has to choose first."


class NotACandidate(Refusal):
    rule = "place-not-a-candidate"
    vi = "Xã {commune} không giữ phần nào của nơi trước đây; chọn một trong: {candidates}."
    en = "Commune {commune} holds no part of the place before; choose one of {candidates}."


class NothingToChoose(Refusal):
    rule = "place-not-split"
    vi = "Xã {commune} không bị chia tách từ ngày {known_on}: không có gì để chọn."
    en = "Commune {commune} has not been split since {known_on}: there is nothing to choose."


class Site(Value):
    """A province and a commune by their codes on the day `known_on`."""

    province: str
    commune: str
    known_on: date


class Became(Value):
    """A place before, and the communes that hold a part of it since: code of the province and of the commune."""

    was: Site
    candidates: tuple[tuple[str, str], ...]

    @property
    def listed(self) -> str:
        return ", ".join(commune for _, commune in self.candidates)

    def by_rule(self) -> tuple[str, str] | None:
        """Where it is now without anybody's decision; null where it has not moved. Raises PlaceToChoose."""
        if len(self.candidates) > 1:
            raise PlaceToChoose(
                field="commune", commune=self.was.commune, known_on=self.was.known_on, candidates=self.listed
            )
        [now] = self.candidates or [(self.was.province, self.was.commune)]
        return None if now == (self.was.province, self.was.commune) else now


def chosen(commune: str, ways: Sequence[Became | None]) -> tuple[Became, tuple[str, str]]:
    """The first of these ways that leaves one, and the place that a person names of it.

    The second is the one decided last, which may be put right. Raises NothingToChoose, NotACandidate.
    """
    open_ = [became for became in ways if became and len(became.candidates) > 1]
    if not open_:
        was = next(became.was for became in ways if became)
        raise NothingToChoose(field="commune", commune=was.commune, known_on=was.known_on)
    became = open_[0]
    for place in became.candidates:
        if place[1] == commune:
            return became, place
    raise NotACandidate(field="commune", commune=commune, candidates=became.listed)
