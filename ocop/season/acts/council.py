"""Steps of a council on one dossier: conflicts declared, dossiers sent, sessions, ballots, decision."""

from typing import TYPE_CHECKING

from ocop.season import people
from ocop.season.acts.evaluation import assessment
from ocop.season.acts.hands import Acts, ballots_of, council_id, level_of, round_id
from ocop.season.script import Line, Sitting, Step

if TYPE_CHECKING:
    from ocop.season.play import Player

ACTS = Acts()
DISCUSSION = "Hội đồng thảo luận các tiêu chí có điểm chênh lệch, các thành viên chấm lại"


def sitting_of(step: Step) -> Sitting:
    assert step.sitting is not None
    return step.sitting


async def path_of(player: "Player", line: Line, step: Step) -> tuple[str, str]:
    """(path of the assessment that the council has before it, place of the council's authority)."""
    level, where, _ = level_of(sitting_of(step).place)
    found = await assessment(player, line, step, level)
    return f"/assessments/{found['id']}", where


def members_of(line: Line, step: Step) -> list[str]:
    """Who may take part, the chair first: without those who declared a conflict of interest."""
    place = sitting_of(step).place
    declared = {conflicted.facts["office_vi"] for conflicted in line.before(step, "conflict_declared")}
    return [member["id"] for member in people.council(place) if member["office_vi"] not in declared]


@ACTS.act
async def conflict_declared(player: "Player", line: Line, step: Step) -> None:
    path, where = await path_of(player, line, step)
    place = sitting_of(step).place
    [member] = [m["id"] for m in people.council(place) if m["office_vi"] == step.facts["office_vi"]]
    body = {"council_id": council_id(player, place), "reason": step.facts["reason_vi"]}
    await player.post(
        "evaluation", f"{path}/conflicts", role="member", place=where, key=step.key, body=body, actor=member
    )  # fmt: skip


@ACTS.act
async def dossiers_sent(player: "Player", line: Line, step: Step) -> None:
    path, where = await path_of(player, line, step)
    sitting = sitting_of(step)
    body = {
        "council_id": council_id(player, sitting.place),
        "round_id": round_id(player, sitting.place, sitting.round) if sitting.round else None,
    }  # fmt: skip
    await player.post(
        "evaluation", f"{path}/sending", role="secretary", place=where, key=step.key, body=body,
        actor=f"{sitting.place}-thu-ky",
    )  # fmt: skip


@ACTS.act
async def session_adjourned(player: "Player", line: Line, step: Step) -> None:
    path, where = await path_of(player, line, step)
    there = members_of(line, step)[: sitting_of(step).present]
    body = {"present": there, "to": str(step.facts["to"])}
    await player.post(
        "evaluation", f"{path}/adjournment", role="chair", place=where, key=step.key, body=body, actor=there[0]
    )  # fmt: skip


@ACTS.act
async def written_opinions(player: "Player", line: Line, step: Step) -> None:
    """Every member writes; the last to differ from the team's report, where the story has one."""
    await cast(player, line, step, last_key=step.key)


@ACTS.act
async def ballots_counted(player: "Player", line: Line, step: Step) -> None:
    """Ballots too far apart are opened and discussed."""
    await cast(player, line, step)
    path, where = await path_of(player, line, step)
    body = {"discussion": DISCUSSION}
    await player.post(
        "evaluation", f"{path}/count", role="chair", place=where, key=step.key, body=body,
        actor=people.member_id(sitting_of(step).place, 0),
    )  # fmt: skip


@ACTS.act
async def council_decided(player: "Player", line: Line, step: Step) -> None:
    """What is left of the sitting, and the decision."""
    await cast(player, line, step)
    path, where = await path_of(player, line, step)
    score = step.score
    body = {"declared": [{"id": d["id"]} for d in score.declared] if score else [], "simulated": True}
    await player.post(
        "evaluation", f"{path}/decision", role="chair", place=where, key=step.key, body=body,
        actor=people.member_id(sitting_of(step).place, 0),
    )  # fmt: skip


async def cast(player: "Player", line: Line, step: Step, *, last_key: str | None = None) -> None:
    """Opens the session where this step does, and casts its ballots; the last one under `last_key`, where one is given."""
    sitting, score = sitting_of(step), sitting_of(step).score
    if score is None or not (sitting.holds or sitting.casts):
        return
    path, where = await path_of(player, line, step)
    present = members_of(line, step)
    present = present[: score.ballots or len(present)]
    if sitting.holds:
        await player.post(
            "evaluation", f"{path}/session", role="secretary", place=where, key=f"{step.key}/session",
            body={"present": present, "mode": sitting.mode}, actor=f"{sitting.place}-thu-ky",
        )  # fmt: skip
    ballots = ballots_of(line, step, score)
    for n, (member, options) in enumerate(zip(present, ballots, strict=False)):
        last = n == len(ballots) - 1
        body = {"member_id": member, "options": options, "simulated": True}
        if n >= len(ballots) - sitting.apart:
            body["agree"] = False
        await player.post(
            "evaluation", f"{path}/ballots", role="member" if n else "chair", place=where,
            key=last_key if last and last_key else f"{step.key}/ballot/{member}", body=body, actor=member,
        )  # fmt: skip
