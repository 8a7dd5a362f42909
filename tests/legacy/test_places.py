"""Which commune an old book means: by name, district and kind, by spelling, and when it is left to a person."""

from datetime import date

import pytest

from shared.legacy.places import Places, province_in
from shared.legacy.text import fold, spelled
from tests.legacy.books import AS_OF, judged, row

FOUND: list[tuple[str, str, str, str | None, str | None]] = [
    # province, commune, address, code said, commune of today
    ("68", "Phường Phan Thiết", "", None, "22945"),
    ("68", "PHAN THIẾT", "", None, "22945"),
    ("68", "P. Phú Thuỷ", "", None, "22924"),
    ("68", "P.Phú Thủy", "", None, "22924"),
    # --- one old commune ---
    ("68", "phường Nghĩa Trung", "", "W-COMMUNE-OLD", "24617"),
    ("40", "Diễn Trung", "", "W-COMMUNE-OLD", "17479"),
    # --- several of one name: first the district with its kind, then the kind ---
    ("68", "xã Bình Thạnh", "xã Bình Thạnh, huyện Đức Trọng, tỉnh Lâm Đồng", "W-COMMUNE-OLD", "24871"),
    ("68", "xã Bình Thạnh", "xã Bình Thạnh, Đức Trọng", "W-COMMUNE-AMBIGUOUS", None),
    ("68", "xã Bình Thạnh", "", "W-COMMUNE-AMBIGUOUS", None),
    ("51", "Đắk Hà", "xã Đắk Hà, huyện Tu Mơ Rông, tỉnh Kon Tum", "W-COMMUNE-OLD", "23425"),
    ("68", "TT. Tân Nghĩa", "", "W-COMMUNE-OLD", None),
    ("68", "xã Tân Nghĩa", "huyện Hàm Tân", "W-COMMUNE-OLD", None),
    ("68", "Tân Nghĩa", "", "W-COMMUNE-AMBIGUOUS", None),
    ("68", "phường 1", "phường 1, thành phố Bảo Lộc", "W-COMMUNE-OLD", None),
    ("68", "phường 1", "phường 1, thành phố Bảo Lộc 2, thành phố Đà Lạt", "W-COMMUNE-AMBIGUOUS", None),
    # --- split ---
    ("68", "xã Phong Phú", "huyện Tuy Phong", "W-COMMUNE-SPLIT", None),
    # --- spelling ---
    ("68", "xã Nam Đong", "", "W-COMMUNE-SPELLING", "24649"),
    ("68", "xã Phong Phúc", "", "W-COMMUNE-SPELLING", None),
    ("68", "xã Không Hề Có Thật", "", "W-COMMUNE-UNKNOWN", None),
    ("40", "phường Phan Thiết", "", "W-COMMUNE-UNKNOWN", None),
]


@pytest.mark.parametrize(("province", "text", "address", "code", "commune"), FOUND)
def test_a_commune_is_found_or_left_to_a_person(
    province: str, text: str, address: str, code: str | None, commune: str | None
) -> None:
    place = Places(province, AS_OF).find(text, address)
    assert place.code == code
    if commune:
        assert place.unit is not None
        assert place.unit.code == commune
    if code in ("W-COMMUNE-AMBIGUOUS", "W-COMMUNE-SPLIT", "W-COMMUNE-UNKNOWN"):
        assert place.unit is None
        assert bool(place.candidates) == (code != "W-COMMUNE-UNKNOWN")


def test_a_split_or_unclear_commune_is_said_and_none_is_stored() -> None:
    verdict = judged(row(commune="xã Phong Phú", address=None), province="68")
    assert verdict.codes == {"W-COMMUNE-SPLIT"}
    assert verdict.read["commune_now"] is verdict.read["commune_code_now"] is None
    assert judged(row(commune="xã Tân Hà", address=None), province="68").codes == {"W-COMMUNE-AMBIGUOUS"}


def test_a_misspelt_old_commune_that_was_split_gives_the_code_and_no_unit() -> None:
    place = Places("68", AS_OF).find("xã Phong Phúu", "")
    assert (place.unit, place.code) == (None, "W-COMMUNE-SPELLING")
    assert {unit.name for unit in place.candidates} == {"Phan Rí Cửa", "Tuy Phong"}


def test_short_names_may_differ_in_one_letter_only() -> None:
    places = Places("40", AS_OF)
    assert places.find("Xã Vinh Lộ", "").code == "W-COMMUNE-SPELLING"
    assert places.find("Xã Abcd", "").code == "W-COMMUNE-UNKNOWN"


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("thuỷ", "thủy"), ("Hoè", "HÒE"), ("quí", "qúi"), ("Phú Thuỷ", "phú  thủy"), ("Số:", "số:")],
)
def test_names_are_equal_wherever_the_tone_mark_stands(one: str, other: str) -> None:
    assert fold(one) == fold(other)
    assert spelled(one) == spelled(other) or one == "quí"


@pytest.mark.parametrize(("one", "other"), [("Đắk", "Đăk"), ("Đăk", "Đak"), ("má", "mà"), ("hòa", "hoa")])
def test_other_letters_stay_other_letters(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("SỔ THEO DÕI SẢN PHẨM OCOP TỈNH LÂM ĐỒNG", "68"),
        ("Uỷ ban nhân dân thành phố Hồ Chí Minh", "79"),
        ("SỞ NÔNG NGHIỆP | (gồm tỉnh Đắk Nông cũ) | tỉnh Lâm Đồng", "68"),
        ("tỉnh Đắk Nông", None),
        ("Thành phố Vinh, tỉnh  NGHỆ\u00a0AN", "40"),
        ("Lâm Đồng", None),
    ],
)
def test_the_title_names_the_province_of_today(title: str, code: str | None) -> None:
    assert province_in(title, AS_OF) == code


def test_by_the_old_map_a_book_has_the_communes_of_its_day() -> None:
    place = Places("68", date(2025, 6, 30)).find("xã Bình Thạnh", "")
    assert place.unit is not None
    assert place.unit.name == "Bình Thạnh"
