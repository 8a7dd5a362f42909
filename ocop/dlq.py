"""`ocop dlq`: dead letters from the command line, on the data themselves, whether the program runs or not.

Where the house is at work, its retry loop gives a letter its try; where nothing runs, this process does.
"""

import asyncio
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ocop.inspect import ALL, Opened, console, looking
from ocop.standalone import ROOMS
from shared.auth.actors import NATIONAL, Actor
from shared.auth.permissions import DECIDE_LETTERS
from shared.bus.decisions import Decision, DropLetter, EditLetter, Kind, RetryLetter
from shared.bus.letters import Letters
from shared.bus.reactions import FIRST_PAUSE, Reactions
from shared.clock import Clock
from shared.eventstore.commands import Request
from shared.eventstore.store import EventStore
from shared.house import reactions_of
from shared.problems import VALIDATION_VI, path_of
from shared.values import Refusal

WIDTH = 170  # of a table where no terminal says its own
AT_ONCE = 50  # decisions of `--all`
OUTCOMES = {
    "done": "[green]đã xong / done[/]", "dropped": "đã bỏ / dropped", "dead": "[red]vẫn chết / dead[/]",
    "waiting": "[yellow]còn chờ thử lại / waits to be tried again[/]",
}  # fmt: skip
STATES = {
    "dead": "[red]chết[/]",
    "waiting": "đang thử lại",
    "done": "đã xong",
    "dropped": "đã bỏ",
}
COLUMNS = ("Nhà", "Thư", "Tình trạng", "Vì sao", "Thông điệp", "Khóa", "Chờ sau", "Giữ từ (UTC)", "Lần thử", "Lý do")
Answers = list[dict[str, Any]]


@dataclass
class Desk:
    """The letters of one house and who decides about them."""

    house: str
    letters: Letters
    reactions: Reactions
    store: EventStore
    clock: Clock
    alone: bool  # nothing else is at work for the house
    by: str | None = None

    async def decide(self, decisions: Sequence[Decision]) -> Answers:
        """Some at once; a refusal is an answer, too. What queues behind them follows where nobody else sees to it."""
        answers: Answers = []
        for first in range(0, len(decisions), AT_ONCE):
            answers += await asyncio.gather(*(self._one(decision) for decision in decisions[first : first + AT_ONCE]))
        if self.alone:
            await self._followed()
        return answers

    async def _followed(self) -> None:
        """Tries what is due until nothing is; what was held a moment ago is due within the first pause."""
        for pause in (0, FIRST_PAUSE / 2, FIRST_PAUSE / 2):
            await asyncio.sleep(pause)
            while await self.reactions.retry_due():
                pass

    async def _one(self, decision: Decision) -> dict[str, Any]:
        key, actor = f"dlq {uuid4()}", Actor(self.by or user(), "ops", NATIONAL)
        asked = Request(id=key, actor=actor, action=f"{self.house}:{DECIDE_LETTERS}", correlation=key)
        try:
            answer = await self.letters.commands.execute(decision, asked, self.store, self.clock)
        except Refusal as refusal:
            return self._refused(decision, refusal.rule, f"{refusal.message_vi} / {refusal.message_en}")
        except ValidationError as error:
            return self._refused(decision, "invalid-input", said(error))
        return {"house": self.house, **answer.facts, "position": answer.position}

    def _refused(self, decision: Decision, rule: str, reason: str) -> dict[str, Any]:
        return {"house": self.house, "id": decision.letter_id, "outcome": "refused", "rule": rule, "reason": reason}


async def desk(opened: Opened, house: str, by: str | None = None) -> Desk:
    rooms, store, clock = ROOMS[house], opened.stores[house], await opened.clock()
    reactions, alone = reactions_of(rooms, store, clock), house not in opened.at_work
    work = reactions.retry_due if alone else None
    letters = Letters(store, rooms.policy, rooms.room.foreign, clock, work)
    return Desk(house, letters, reactions, store, clock, alone, by)


# --- looking ---


def print_list(data: Path, house: str | None, kind: Kind | None, *, waiting: bool, as_json: bool) -> int:
    """Those of one house or of all; prints and returns the exit status, as all of these do."""

    async def work(opened: Opened) -> int:
        rows: Answers = []
        for name in [house] if house else ROOMS:
            at = await desk(opened, name)
            rows += await at.letters.listed(kind=kind, waiting=waiting, limit=ALL)
        if as_json:
            put(rows)
        else:
            Console(width=None if sys.stdout.isatty() else WIDTH).print(table(rows))
        return 0

    return looking(data, work)


def print_letter(data: Path, house: str, id: str, *, as_json: bool) -> int:
    async def work(opened: Opened) -> int:
        try:
            letter = await (await desk(opened, house)).letters.shown(id)
        except Refusal as refusal:
            console.print(f"{refusal.message_vi} / {refusal.message_en}")
            return 1
        if as_json:
            put(letter)
        else:
            Console(width=None if sys.stdout.isatty() else WIDTH).print(page(letter))
        return 0

    return looking(data, work)


# --- deciding ---


@dataclass(frozen=True)
class Chosen:
    """Which letters of a house a decision is about: one by its id, or all dead ones (of a kind)."""

    house: str
    id: str | None
    kind: Kind | None = None

    async def ids(self, letters: Letters) -> list[str]:
        return [self.id] if self.id else await letters.dead(self.kind)


def retry(data: Path, chosen: Chosen, reason: str, by: str | None, *, as_json: bool) -> int:
    return decided(data, chosen, lambda id: RetryLetter(letter_id=id, reason=reason), by, as_json=as_json)


def edit(
    data: Path, chosen: Chosen, content: dict[str, Any], reason: str, by: str | None, *, whole: bool, again: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """`content`: the data, or with `whole` the envelope of a letter that is unreadable; `again`: retry at once."""
    try:
        given = EditLetter.model_validate(
            {"letter_id": chosen.id, "reason": reason, "retry": again, "envelope" if whole else "data": content}
        )
    except ValidationError as error:
        console.print(said(error))
        return 1
    return decided(data, chosen, lambda _: given, by, as_json=as_json)


def drop(data: Path, chosen: Chosen, reason: str, by: str | None, *, as_json: bool) -> int:
    return decided(data, chosen, lambda id: DropLetter(letter_id=id, reason=reason), by, as_json=as_json)


def decided(
    data: Path, chosen: Chosen, make: Callable[[str], Decision], by: str | None, *, as_json: bool
) -> int:  # fmt: skip
    """0 when all of them are done or dropped (or edited and left), 1 otherwise."""

    async def work(opened: Opened) -> int:
        at = await desk(opened, chosen.house, by)
        decisions = [make(id) for id in await chosen.ids(at.letters)]
        answers = await at.decide(decisions)
        if as_json:
            put(answers)
        for answer in answers:
            tell(answer)
        if not answers:
            console.print(f"{chosen.house}: không có thư chết nào như vậy / no such dead letters")
        left = [isinstance(decision, EditLetter) and not decision.retry for decision in decisions]
        fine = [
            answer["outcome"] in ({"dead"} if stays else {"done", "dropped"})
            for answer, stays in zip(answers, left, strict=True)
        ]
        return 0 if all(fine) else 1

    return looking(data, work)


# --- forms ---


def put(found: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE))


def tell(answer: dict[str, Any]) -> None:
    outcome = OUTCOMES.get(answer["outcome"], "[red]không được / refused[/]")
    console.print(f"{answer['house']} {answer['id']}: {outcome}", highlight=False)
    if answer.get("reason") and answer["outcome"] != "dropped":
        console.print(f"  {escape(answer['reason'])}", highlight=False)
    if answer.get("behind"):
        console.print(f"  sau / behind {answer['behind']}")
    for view in answer.get("views", ()):
        console.print(f"  dựng lại khung nhìn / make the view again: ocop rebuild {answer['house']} {view}")


def said(error: ValidationError) -> str:
    """Every field that is wrong, in both languages."""
    found = [
        f"{path_of(e['loc'])}: {VALIDATION_VI.get(e['type'], 'Giá trị không hợp lệ.')} / {e['msg']}"
        for e in error.errors()
    ]
    return "\n".join(found)


def table(rows: Answers) -> Table:
    shown = Table(*COLUMNS, title=f"Thư chết / dead letters: {sum(row['state'] == 'dead' for row in rows)}")
    for row in rows:
        shown.add_row(
            row["house"], escape(row["id"]), STATES[row["state"]], row["kind"],
            escape((row["type"] or "–").removeprefix("vn.ocop.")), escape(row["key"]), str(row["behind"]),
            f"{row['held_at']:%Y-%m-%d %H:%M:%S}", str(row["attempts"]), escape(row["reason"][:300]),
        )  # fmt: skip
    return shown


def page(letter: dict[str, Any]) -> str:
    """A letter as it is read: facts, headers, content, stack, decisions."""
    lines = [f"[bold]{letter['house']} {escape(letter['id'])}[/]  {STATES[letter['state']]} / {letter['state']}"]
    for name in ("kind", "reason", "key", "source", "position", "attempts", "held_at", "next_at", "behind", "topic",
                 "partition", "offset", "kafka_key"):  # fmt: skip
        if letter.get(name) is not None:
            lines.append(f"{name}: {escape(str(letter[name]))}")
    lines += [f"  {escape(name)}: {escape(str(value))}" for name, value in letter.get("headers", ())]
    if letter.get("envelope"):
        lines.append(escape(orjson.dumps(letter["envelope"]["data"], option=orjson.OPT_INDENT_2).decode()))
    if letter.get("raw") is not None:
        lines.append(f"raw: {escape(str(letter['raw']))}")
    if letter.get("stack"):
        lines.append(escape(letter["stack"]))
    for decision in letter["decisions"]:
        lines.append(escape(f"{decision['at']:%Y-%m-%d %H:%M:%S}Z {decision['what']}: {decision['actor']} "
                            f"({decision['role']}): {decision['reason'] or '–'}"))  # fmt: skip
    return "\n".join(lines)


def user() -> str:
    """Who is at this machine's keyboard, as far as it knows."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user has no name
        return f"cli:{os.getuid()}"
