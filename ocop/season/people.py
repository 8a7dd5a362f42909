"""Names and offices of persons who do not exist: made by the program, the same at every run, and marked as made up."""

import hashlib
from typing import Any

MARK = "(minh họa)"
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng", "Bùi", "Hồ", "Đinh")
MIDDLE = ("Thị", "Văn", "Ngọc", "Minh", "Hữu", "Thanh", "Xuân", "Kim")
GIVEN = ("An", "Bình", "Châu", "Dung", "Hà", "Hạnh", "Lan", "Long", "Mai", "Nam", "Phúc", "Quang", "Sơn", "Thảo", "Yến")
ETHNICITIES = ("Kinh", "Kinh", "Kinh", "Hrê", "Cor", "Ca Dong", "Bru - Vân Kiều")

# Art. 7.3.b and 7.4.b: chair, departments or ministries, the OCOP unit, specialised units.
PROVINCE = (
    "Lãnh đạo UBND tỉnh", "Sở Nông nghiệp và Môi trường", "Sở Công Thương", "Sở Y tế", "Sở Khoa học và Công nghệ",
    "Sở Văn hóa, Thể thao và Du lịch", "Đơn vị tham mưu quản lý OCOP cấp tỉnh", "Chi cục Phát triển nông thôn",
    "Chi cục Quản lý chất lượng nông lâm sản và thủy sản",
)  # fmt: skip
MINISTRY = (
    "Lãnh đạo Bộ Nông nghiệp và Môi trường", "Bộ Công Thương", "Bộ Y tế", "Bộ Khoa học và Công nghệ",
    "Bộ Văn hóa, Thể thao và Du lịch", "Cơ quan tham mưu quản lý OCOP của Bộ",
    "Cục Kinh tế hợp tác và Phát triển nông thôn", "Cục Chất lượng, Chế biến và Phát triển thị trường",
    "Cục Trồng trọt và Bảo vệ thực vật", "Cục Chăn nuôi và Thú y", "Cục Thủy sản và Kiểm ngư",
)  # fmt: skip


def drawn(seed: str, choices: tuple[str, ...]) -> str:
    digest = hashlib.sha256(seed.encode()).digest()
    return choices[int.from_bytes(digest[:4]) % len(choices)]


def name(seed: str) -> str:
    """A person's name, marked."""
    parts = (drawn(f"{seed}/{part}", names) for part, names in (("f", FAMILY), ("m", MIDDLE), ("g", GIVEN)))
    return f"{' '.join(parts)} {MARK}"


def representative(seed: str) -> dict[str, str]:
    """A legal representative; phone and e-mail of ranges that reach nobody."""
    number = int.from_bytes(hashlib.sha256(f"{seed}/phone".encode()).digest()[:4]) % 10**6
    return {
        "name": name(seed),
        "gender": drawn(f"{seed}/gender", ("nữ", "nam")),
        "ethnicity": drawn(f"{seed}/ethnicity", ETHNICITIES),
        "phone": f"0000{number:06}",
        "email": f"{seed}@chu-the.example",
    }


def council(place: str) -> list[dict[str, Any]]:
    """The members of a council by office, the chair first."""
    offices = MINISTRY if place == "ministry" else PROVINCE
    return [
        {
            "id": member_id(place, n),
            "office_vi": office,
            "seat": "member" if n else "chair",
            "name": name(f"{place}/{n}"),
        }
        for n, office in enumerate(offices)
    ]


def member_id(place: str, number: int) -> str:
    return f"{place}-thanh-vien-{number + 1}"
