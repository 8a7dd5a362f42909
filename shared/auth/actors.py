"""Who acts: a person's or a system's id, role and place, as a bearer token says them."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal[
    "producer",  # chủ thể
    "commune",  # UBND xã
    "agency",  # cơ quan tham mưu quản lý OCOP cấp tỉnh
    "advisory_team",  # tổ tư vấn
    "secretary",  # thư ký hội đồng
    "member",  # thành viên hội đồng
    "chair",  # chủ tịch hội đồng
    "district_chairman",  # chủ tịch UBND huyện, until 30 June 2025
    "province_chairman",  # chủ tịch UBND tỉnh
    "ministry",  # cơ quan chủ trì ở trung ương
    "minister",  # bộ trưởng
    "inspector",  # người kiểm tra, giám sát
    "public",  # người dân
    "ops",  # vận hành hệ thống
    "clock",  # the system itself: reactions and timers
]
ROLES: tuple[Role, ...] = get_args(Role)
NATIONAL = "TW"  # the place of whoever acts for the whole country
UUID_TEXT = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

PLACE_FORMS: dict[Role, str] = {
    "producer": UUID_TEXT,  # the producer's own id
    "commune": "[0-9]{5}",
    "agency": "[0-9]{2,3}",
    "advisory_team": "[0-9]{2,3}|TW",
    "secretary": "[0-9]{2,3}|TW",
    "member": "[0-9]{2,3}|TW",
    "chair": "[0-9]{2,3}|TW",
    "district_chairman": "[0-9]{3}",
    "province_chairman": "[0-9]{2}",
    "ministry": "TW",
    "minister": "TW",
    "inspector": "[0-9]{2}|TW",
    "public": "TW",
    "ops": "TW",
    "clock": "TW",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """`place` is a code, "TW", or a producer's id; a code is today's, or of the old map where no unit of today has it.

    Three digits are a district's. Raises ValueError where it does not fit the role.
    """

    id: str
    role: Role
    place: str

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an actor needs an id")
        if self.role not in PLACE_FORMS:
            raise ValueError(f"no such role: {self.role!r}")
        if not re.fullmatch(PLACE_FORMS[self.role], self.place):
            raise ValueError(f"{self.place!r} is no place of the role {self.role}")
