"""Steps of promotion: stories, shelves, sales points, fairs, partners."""

from datetime import date
from typing import TYPE_CHECKING, Any

from ocop.season.acts.hands import Acts, producer, province
from ocop.season.script import Line, Step
from shared.units import commune

if TYPE_CHECKING:
    from ocop.season.play import Player

ACTS = Acts()
HOUSE = "promotion"
HOME = "51"  # the province of what the season tells without one


def province_of(code: str, day: date) -> str:
    """The province in which a commune lies on a day."""
    found = commune(code, day)
    assert found is not None
    assert found.parent is not None
    return found.parent


# --- story ---


def story(player: "Player", line: Line) -> str:
    return f"/products/{player.product(line.product.key)}/story"


@ACTS.act
async def story_written(player: "Player", line: Line, step: Step) -> None:
    p = line.product
    text = f"{p.name} được làm từ nguyên liệu tại chỗ theo cách làm truyền nhiều đời (câu chuyện minh họa)."
    body = {"title": f"Chuyện về {p.name}", "text": text}
    await producer(player, line, step, story(player, line), body, house=HOUSE)


@ACTS.act
async def story_reviewed(player: "Player", line: Line, step: Step) -> None:
    body = {"opinion": "Câu chuyện đúng với sản phẩm", "accepted": True}
    await province(player, line, step, HOUSE, f"{story(player, line)}/review", body)


@ACTS.act
async def story_published(player: "Player", line: Line, step: Step) -> None:
    await province(player, line, step, HOUSE, f"{story(player, line)}/publication", {})


# --- what belongs to no single product ---


@ACTS.act
async def shelf_opened(player: "Player", _: None, step: Step) -> None:
    product = player.season.products[step.facts["product"]]
    body = {
        "id": player.id_of(f"{product.key}/shelf"), "platform": step.facts["floor_vi"], "link": step.facts["link"]
    }  # fmt: skip
    path, owner = f"/products/{player.product(product.key)}/shelves", player.id_of(product.owner)
    await player.post(HOUSE, path, role="producer", place=owner, key=step.key, body=body)


def sales_point_id(player: "Player", step: Step) -> str:
    return player.id_of(f"sales-point/{step.facts['point']}")


def sales_point(player: "Player", step: Step) -> dict[str, Any]:
    """What is asked for; name and place as at the opening, which a refused one comes before."""
    point = step.facts["point"]
    opened = next(
        s.facts for s in player.season.events if s.do == "sales_point_opened" and s.facts["point"] == point
    )  # fmt: skip
    return {
        "id": sales_point_id(player, step), "name": opened["name_vi"],
        "province": province_of(opened["commune"], step.day), "commune": opened["commune"],
        "area_m2": step.facts["area_m2"], "rules": step.facts["rules"],
        "products": [player.product(key) for key in step.facts["shown"]],
    }  # fmt: skip


@ACTS.act
async def sales_point_opened(player: "Player", _: None, step: Step) -> None:
    body = sales_point(player, step)
    await player.post(HOUSE, "/sales-points", role=step.by, place=body["province"], key=step.key, body=body)


@ACTS.act
async def sales_point_refused(player: "Player", _: None, step: Step) -> None:
    body = sales_point(player, step)
    await player.refused(
        HOUSE, "/sales-points", role=step.by, place=body["province"], key=step.key, body=body,
        rule=f"sales-point-{step.facts['rule']}",
    )  # fmt: skip


@ACTS.act
async def sales_point_closed(player: "Player", _: None, step: Step) -> None:
    opened = next(
        s for s in player.season.events if s.do == "sales_point_opened" and s.facts["point"] == step.facts["point"]
    )  # fmt: skip
    place = province_of(opened.facts["commune"], step.day)
    path = f"/sales-points/{sales_point_id(player, step)}/closing"
    body = {"reason": step.facts["reason_vi"]}
    await player.post(HOUSE, path, role=step.by, place=place, key=step.key, body=body)


@ACTS.act
async def fair_held(player: "Player", _: None, step: Step) -> None:
    facts = step.facts
    place = province_of(facts["commune"], step.day)
    body = {
        "id": player.id_of(f"fair/{step.day}"), "name": facts["name_vi"], "province": place,
        "commune": facts["commune"], "until": str(facts["until"]),
        "products": [player.product(key) for key in facts["participants"]],
    }  # fmt: skip
    await player.post(HOUSE, "/fairs", role=step.by, place=place, key=step.key, body=body)


@ACTS.act
async def partner_joined(player: "Player", _: None, step: Step) -> None:
    kind, name = step.facts["kind"], step.facts["name_vi"]
    body = {"id": player.id_of(f"partner/{kind}"), "kind": kind, "name": name, "province": HOME}
    await player.post(HOUSE, "/partners", role=step.by, place=HOME, key=step.key, body=body)
