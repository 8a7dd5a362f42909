"""The dashboards: one of everything, one of the bus, one of the stores, and one of each house from the same table."""

import json
from pathlib import Path

from deploy.grafana.affairs import AFFAIRS
from deploy.grafana.panels import Board, Panel, Section
from deploy.grafana.sections import APPENDS, AT_A_GLANCE, COMMANDS, HEARING, HELD, HTTP, MACHINE, RELAY, VIEWS
from shared.contracts.topics import HOUSES

FOLDER = Path(__file__).with_name("dashboards")
NAMES = {
    "registration": "Đăng ký",
    "evaluation": "Đánh giá",
    "certification": "Chứng nhận",
    "promotion": "Xúc tiến",
    "programme": "Chương trình",
}
CHOSEN = {
    "of": 'house=~"$house"',
    "consumer": 'consumer=~"($house)[.].*"',
    "process": 'process=~"($house|portal)(-.*)?"',
}
ALERTS = Section("Cảnh báo", "Alerts", (
    Panel(
        "Đang báo", "Firing now", "Mỗi cảnh báo có một sổ tay xử lý trong docs/runbooks.",
        "Each alert has its runbook in docs/runbooks.", "none", kind="alertlist", width=24,
    ),
))  # fmt: skip


def boards() -> list[Board]:
    """All dashboards, complete."""
    return [overview(), bus(), store(), *map(of_house, HOUSES)]


def overview() -> Board:
    sections = (AT_A_GLANCE, ALERTS, HTTP, COMMANDS, first_of(RELAY, HEARING, APPENDS), MACHINE)
    return Board(
        "ocop-overview", "Toàn cảnh", "Overview", "Bắt đầu ở đây: cái gì đỏ, ở nhà nào.",
        "Begin here: what is red, in which house.", about(sections, CHOSEN), (*HOUSES, "portal"),
    )  # fmt: skip


def bus() -> Board:
    return Board(
        "ocop-bus", "Kafka giữa các nhà", "The bus", "Từ kho của nhà này đến hậu quả ở nhà kia.",
        "From the store of one house to the effect in another.", about((RELAY, HEARING, HELD), CHOSEN), HOUSES,
    )  # fmt: skip


def store() -> Board:
    return Board(
        "ocop-store", "Kho sự kiện và khung nhìn", "Stores and views", "Ghi sự kiện và dựng khung nhìn.",
        "Events in, views out.", about((APPENDS, COMMANDS, VIEWS), CHOSEN), HOUSES,
    )  # fmt: skip


def of_house(house: str) -> Board:
    """What every house shows, after what only it knows."""
    own = [AFFAIRS[house]] if house in AFFAIRS else []
    sections = (AT_A_GLANCE, *own, HTTP, COMMANDS, APPENDS, RELAY, HEARING, HELD, VIEWS, MACHINE)
    words = {
        "of": f'house="{house}"',
        "consumer": f'consumer=~"{house}[.].*"',
        "process": f'process=~"{house}-.*"',
    }
    return Board(
        f"ocop-{house}", f"Nhà {NAMES[house]}", f"House {house}", "Mọi thứ về một nhà, theo thứ tự như các nhà khác.",
        "All about one house, in the same order as the others.", about(sections, words),
    )  # fmt: skip


def first_of(*sections: Section) -> Section:
    """The first panel of each, which says most."""
    return Section("Từ kho đến Kafka", "From store to Kafka", tuple(section.panels[0] for section in sections))


def about(sections: tuple[Section, ...], words: dict[str, str]) -> tuple[Section, ...]:
    return tuple(section.about(words) for section in sections)


def files() -> dict[str, str]:
    """The text of each dashboard's file by its name."""
    return {
        f"{board.uid}.json": json.dumps(board.json(), ensure_ascii=False, indent=2) + "\n" for board in boards()
    }  # fmt: skip


def write() -> None:
    """Makes the folder hold exactly the dashboards there are."""
    wanted = files()
    for old in FOLDER.glob("*.json"):
        if old.name not in wanted:
            old.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
